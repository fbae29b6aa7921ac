"""How fast requests to one provider may follow each other. Pure: the time is an argument."""

import math
from collections.abc import Sequence
from typing import Final, overload

import attrs

from smsgate.guard.token_bucket import TokenBucket
from smsgate.model.errors import ConfigurationError
from smsgate.provider.checks import rate_problem
from smsgate.provider.protocol import Job, PacesRequests, SmsProvider
from smsgate.sending.outgoing import OutgoingMessage

__all__ = ["Pace", "Turn", "cost_of", "pace_of", "slot_of"]

_BURST_SECONDS: Final = 0.1
"""How many seconds' worth may be sent at once after a pause: in no second is it more than a tenth above the rate."""
_SLOT_SECONDS: Final = 0.005
"""Turns of a high rate begin together so often. To wake up for each alone costs as much as the rest of its request."""


@attrs.frozen
class Turn:
    """When a request may begin."""

    at: float
    latest: float = math.inf
    """After that it has lost its turn."""


class Pace:
    """The rate of one provider, and what of it is taken."""

    def __init__(self, provider: PacesRequests) -> None:
        self.provider: PacesRequests = provider
        slot = slot_of(provider.rate)
        self._bucket = TokenBucket(provider.rate, max(1.0, provider.rate * (_BURST_SECONDS - slot)), slot)

    def reserve(self, messages: Sequence[OutgoingMessage], now: float, longest: float) -> Turn | None:
        """The turn of the request for *messages*; None, and nothing is taken, if more than *longest* seconds off."""
        wait = self._bucket.reserve(cost_of(self.provider, messages), now, longest)
        return None if wait is None else Turn(now + wait)


def slot_of(rate: float) -> float:
    """At which multiple of seconds those who wait for *rate* have their turns; 0 if each has one of its own."""
    return _SLOT_SECONDS if rate * _SLOT_SECONDS > 1 else 0.0


class _Examples(Sequence[Job]):
    """The examples of *messages*. Most providers ask for their number at most, and some would have to be made."""

    __slots__ = ("_messages",)

    def __init__(self, messages: Sequence[OutgoingMessage]) -> None:
        self._messages = messages

    def __len__(self) -> int:
        return len(self._messages)

    @overload
    def __getitem__(self, index: int) -> Job: ...
    @overload
    def __getitem__(self, index: slice) -> "_Examples": ...
    def __getitem__(self, index: int | slice) -> "Job | _Examples":
        if isinstance(index, slice):
            return _Examples(self._messages[index])
        return self._messages[index].example


def cost_of(provider: PacesRequests, messages: Sequence[OutgoingMessage]) -> float:
    """What the request for *messages* costs of the rate of *provider*."""
    try:
        cost = provider.rate_cost(_Examples(messages))
        return cost if 0 <= cost < math.inf else 1.0
    except Exception:  # its adapter is at fault
        return 1.0


def pace_of(provider: SmsProvider) -> Pace | None:
    """The pace of *provider*; None if it has no rate. Raises `ConfigurationError` for a rate that is none."""
    if not isinstance(provider, PacesRequests):
        return None
    problem = rate_problem(provider.rate)
    if problem is not None:
        raise ConfigurationError(f"providers: {provider.name!r}: {problem}")
    return None if provider.rate == math.inf else Pace(provider)
