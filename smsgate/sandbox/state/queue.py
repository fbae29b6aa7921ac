"""Delivery reports and replies, and the queue in which a vendor lets them wait to be pulled.

A pull takes them out of the queue, and so does a push; a query by phone number finds them for as long as the sandbox
remembers.
"""

from collections import OrderedDict, deque
from collections.abc import Callable
from itertools import count
from typing import Final, Generic, TypeVar

import attrs

__all__ = ["PullQueue", "SandboxReply", "SandboxReport"]


@attrs.frozen(kw_only=True)
class SandboxReport:
    """What became of one accepted message."""

    to: str = attrs.field(repr=False)
    """The recipient in E.164."""
    message_id: str
    code: str
    """The vendor's code: "DELIVRD" …"""
    sent: float
    """When the message was accepted (Unix seconds)."""
    time: float
    """When the phone got it, or the carrier gave up (Unix seconds)."""
    is_dated: bool = True
    """Whether the vendor reports that time."""
    sequence: int = 1
    """Which part of a long message this is about, counted from 1."""
    total: int = 1
    """How many parts the message has."""
    reference: str | None = attrs.field(default=None, repr=False)
    """What the send wanted echoed."""
    sub_error: str = ""
    """A finer code of a failure, where the vendor has one."""
    sub_error_description: str = ""
    """The vendor's words for it."""

    @property
    def entry(self) -> str:
        """The id under which the sandbox keeps the message."""
        return self.message_id

    @property
    def is_delivered(self) -> bool:
        """Whether the phone got it."""
        return self.code == "DELIVRD"


@attrs.frozen(kw_only=True)
class SandboxReply:
    """What a person texted back."""

    sender: str = attrs.field(repr=False)
    """The person's number in E.164."""
    text: str = attrs.field(repr=False)
    time: float
    """When it came (Unix seconds)."""
    signature: str = ""
    """The signature of the message that it replies to."""
    extend: str = ""
    """The extension of the number that it was sent to."""
    to: str = ""
    """The number that it was sent to, where the vendor gives it."""
    message_id: str = ""
    """The vendor's id of the reply, where it has one."""
    entry: str = ""
    """The id under which the sandbox keeps it."""


T = TypeVar("T")

_REMEMBERED: Final = 100_000


class PullQueue(Generic[T]):
    """The newest 100,000 items in the order in which they came, those to be pulled and those that were."""

    def __init__(self) -> None:
        self._items: deque[T] = deque(maxlen=_REMEMBERED)
        self._waiting: OrderedDict[int, T] = OrderedDict()
        self._serials = count()

    def add(self, item: T) -> int:
        """Let *item* wait to be pulled. Gives the serial number with which it can be withdrawn."""
        serial = next(self._serials)
        self._items.append(item)
        self._waiting[serial] = item
        if len(self._waiting) > _REMEMBERED:
            self._waiting.popitem(last=False)
        return serial

    def take(self, limit: int) -> list[T]:
        """Pull the oldest ones, at most *limit*. They never come again."""
        return [self._waiting.popitem(last=False)[1] for _ in range(min(limit, len(self._waiting)))]

    def withdraw(self, serial: int) -> bool:
        """Take an item out of the queue because it comes in another way. False if it was pulled already."""
        return self._waiting.pop(serial, None) is not None

    def find(self, wanted: Callable[[T], bool]) -> list[T]:
        """All that are *wanted*, pulled or not."""
        return [item for item in self._items if wanted(item)]

    def clear(self) -> None:
        """Forget everything."""
        self._items.clear()
        self._waiting.clear()
