"""Which messages of a request are still of use, and what that leaves for the request. Pure: the time is an argument."""

import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol, TypeVar

from smsgate.guard.deadline import expiry_of
from smsgate.model.message import Message
from smsgate.provider.jobs import AlikeJobs
from smsgate.transport.exchange import TimeLeft

__all__ = ["first_expiry", "in_time", "time_left"]


class _OfMessage(Protocol):
    @property
    def message(self) -> Message: ...


T = TypeVar("T", bound=_OfMessage)
"""Outgoing messages, or jobs."""


def in_time(those: Sequence[T], now: float, unwanted: AbstractSet[int] = frozenset()) -> Sequence[T]:
    """Those of *those* that are of use at *now* (Unix seconds); *those* itself if all are.

    *unwanted*: the ids of messages whose callers wait no longer (`Dispatch.unwanted`): they are of no use to anybody.
    """
    if not unwanted and not first_expiry(those) <= now:
        return those
    kept = [each for each in those if not (expiry_of(each.message.expires_at) <= now or id(each.message) in unwanted)]
    return kept if len(kept) < len(those) else those


def first_expiry(those: Sequence[_OfMessage]) -> float:
    """When the first of *those* is of no use any more, in Unix seconds; infinity if none has a deadline."""
    if isinstance(those, AlikeJobs):  # they have one
        return expiry_of(those.example.message.expires_at)
    limited = [each.message.expires_at for each in those if each.message.expires_at is not None]
    return min(map(expiry_of, limited)) if limited else math.inf


def time_left(those: Sequence[_OfMessage], now: float) -> TimeLeft | None:
    """How long the request for *those* may take; None if none has a deadline.

    It begins before the first of them is too late. It is not cut short for that one: what becomes of the others would
    not be known.
    """
    first = first_expiry(those)
    if first == math.inf:
        return None
    return TimeLeft(begin=first - now, end=max([expiry_of(each.message.expires_at) for each in those]) - now)
