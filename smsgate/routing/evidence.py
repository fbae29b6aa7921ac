"""What a request says of its provider's health. Pure: reads outcomes and reasons."""

from collections.abc import Sequence
from typing import Final, Protocol

from smsgate.model.reason import Outcome, Reason

__all__ = ["Told", "cause_of", "failed"]

_OF_A_SICK_VENDOR: Final = frozenset({Reason.NETWORK, Reason.NO_ANSWER, Reason.PLATFORM_FAULT, Reason.UNKNOWN})
_OF_NOBODY: Final = frozenset({Reason.TRY_LATER, Reason.CARRIER_FAULT})
"""What a vendor says of the traffic or of a carrier: not that it is sick, and not that it is well."""


class Told(Protocol):
    """What a request led to for one message."""

    @property
    def outcome(self) -> Outcome: ...
    @property
    def reason(self) -> Reason | None: ...
    @property
    def description(self) -> str | None: ...


def failed(told: Sequence[Told]) -> bool | None:
    """Whether a request failed by its vendor's fault, by what was told of its messages; None if that says neither.

    It failed if the vendor cannot be reached, if there is no readable response, or if that has nothing for any message
    but a fault of the platform. A response that accepts or refuses one message is a vendor's that works.
    """
    found: bool | None = None
    for each in told:
        sick = _failed(each)
        if sick is False:  # as the first of nearly all
            return False
        found = found or sick
    return found


def cause_of(told: Sequence[Told]) -> str:
    """The first failure in words, for a log. Numbers in it are masked."""
    first = next(each for each in told if _failed(each))
    return f"{first.reason}: {first.description}" if first.description else str(first.reason)


def _failed(told: Told) -> bool | None:
    if told.outcome is Outcome.ACCEPTED:
        return False
    if told.reason in _OF_A_SICK_VENDOR:
        return True
    # What was not sent for another reason never came as far as the vendor: our own limits, a ledger, an adapter.
    if told.outcome is Outcome.NOT_SENT or told.reason in _OF_NOBODY:
        return None
    return told.outcome is Outcome.UNKNOWN
