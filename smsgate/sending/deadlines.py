"""Which messages of a request are still of use, and what that leaves for the request. Pure: the time is an argument."""

import math

from smsgate.sending.outgoing import OutgoingMessage
from smsgate.transport.exchange import TimeLeft

__all__ = ["first_expiry", "in_time", "time_left"]


def in_time(messages: list[OutgoingMessage], now: float) -> list[OutgoingMessage]:
    """Those of *messages* that are of use at *now* (Unix seconds); *messages* itself if all are.

    One whose caller waits no longer is of no use to anybody.
    """
    late = {message for message in messages if message.expires <= now or message.cancelled}
    return [message for message in messages if message not in late] if late else messages


def first_expiry(messages: list[OutgoingMessage]) -> float:
    """When the first of *messages* is of no use any more, in Unix seconds; infinity if none has a deadline."""
    return min([message.expires for message in messages])


def time_left(messages: list[OutgoingMessage], now: float) -> TimeLeft | None:
    """How long the request for *messages* may take; None if none has a deadline.

    It begins before the first of them is too late. It is not cut short for that one: what becomes of the others would
    not be known.
    """
    first = first_expiry(messages)
    if first == math.inf:
        return None
    return TimeLeft(begin=first - now, end=max([message.expires for message in messages]) - now)
