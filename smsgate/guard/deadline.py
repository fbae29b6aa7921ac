"""Until when a message is of use."""

import math
from collections.abc import Callable
from datetime import UTC, datetime

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.message import Message

__all__ = ["expiring", "expiry_of", "expiry_text", "pause_that_fits", "read_clock"]


def expiring(message: Message, now: float, within: object) -> Message:
    """*message*, of no use after *within* seconds from *now* (Unix seconds), or sooner if it says so itself.

    Raises `ConfigurationError` for what is no number of seconds.
    """
    if not isinstance(within, int | float) or not math.isfinite(within):
        raise ConfigurationError("within: must be a finite number of seconds")
    own = getattr(message, "expires_at", None)  # whatever it is, it is checked when the message is prepared
    try:
        end = datetime.fromtimestamp(now + within, UTC)
    except (OverflowError, ValueError, OSError):
        raise ConfigurationError("within: that many seconds from now is no date; clock= must be Unix time") from None
    if not isinstance(message, Message) or (own is not None and not _is_later(own, end)):  # pyright: ignore[reportUnnecessaryIsInstance]
        return message
    return attrs.evolve(message, expires_at=end)


def expiry_of(expires_at: datetime | None) -> float:
    """*expires_at* in Unix seconds; infinity for None."""
    return math.inf if expires_at is None else expires_at.timestamp()


def expiry_text(expires: float) -> str:
    """What is said of a message that was of no use after *expires* (Unix seconds)."""
    when = datetime.fromtimestamp(expires, UTC)
    return f"expires_at: it expired at {when:%Y-%m-%d %H:%M:%S} UTC, before a try could begin"


def pause_that_fits(pause: float, longest: float, left: float) -> float:
    """The longest pause from *pause* to *longest* seconds after which some of *left* seconds is left for a try."""
    return max(pause, min(longest, (pause + left) / 2))


def read_clock(clock: Callable[[], float]) -> float:
    """Unix time by *clock*; NaN if it fails."""
    try:
        return clock()
    except Exception:
        return math.nan


def _is_later(expires_at: object, end: datetime) -> bool:
    return isinstance(expires_at, datetime) and expires_at.utcoffset() is not None and expires_at > end
