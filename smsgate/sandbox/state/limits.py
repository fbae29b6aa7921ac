"""What an account's limits count: messages that a vendor has accepted, by day, by number and by text."""

from collections.abc import Callable, Iterator
from datetime import timedelta, timezone
from enum import Enum, auto
from typing import Final

from smsgate.sandbox.state.account import AccountSettings
from smsgate.sandbox.state.message import AcceptedMessage
from smsgate.sandbox.state.state import SandboxState

__all__ = ["Limit", "broken_limit", "sent_today"]

_CHINA: Final = timezone(timedelta(hours=8))


class Limit(Enum):
    """A limit of frequency for one number."""

    THIRTY_SECONDS = auto()
    HOUR = auto()
    DAY = auto()
    SAME_TEXT = auto()


def sent_today(
    state: SandboxState, vendor: str, now: float, counts: Callable[[AcceptedMessage], bool] = lambda _: True
) -> int:
    """How many messages that *counts* accepts the vendor has taken on the China day of *now* (Unix seconds)."""
    return sum(counts(message) for message in _since(state, vendor, _midnight(state, now)))


def broken_limit(state: SandboxState, vendor: str, to: str, text: str, now: float) -> Limit | None:
    """The limit of frequency that one more message of *text* to the number *to* would break, or None."""
    account = state.accounts[vendor]
    if to in account.exempt_numbers or not _is_limited(account):
        return None
    sent = [message for message in _since(state, vendor, _midnight(state, now) - 3600.0) if message.to == to]
    today = [message for message in sent if message.time.timestamp() >= _midnight(state, now)]
    recent = [message for message in sent if message.time.timestamp() > now - 30.0]
    hour = [message for message in sent if message.time.timestamp() > now - 3600.0]
    for limit, most, found in (
        (Limit.THIRTY_SECONDS, account.per_30_seconds, sum(message.text == text for message in recent)),
        (Limit.HOUR, account.per_hour, len(hour)),
        (Limit.DAY, account.per_day, len(today)),
        (Limit.SAME_TEXT, account.same_text_per_day, sum(message.text == text for message in today)),
    ):
        if most is not None and found >= most:
            return limit
    return None


def _is_limited(account: AccountSettings) -> bool:
    limits = (account.per_30_seconds, account.per_hour, account.per_day, account.same_text_per_day)
    return any(limit is not None for limit in limits)


def _since(state: SandboxState, vendor: str, begin: float) -> Iterator[AcceptedMessage]:
    return (each for each in state.messages if each.vendor == vendor and each.time.timestamp() >= begin)


def _midnight(state: SandboxState, now: float) -> float:
    day = state.moment(now).astimezone(_CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return day.timestamp()
