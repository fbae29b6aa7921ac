"""Delivery reports and replies that wait to be pulled, which Tencent alone of the vendors offers.

A pull takes them out of the queue; a query by phone number finds them for as long as the sandbox remembers.
"""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

__all__ = ["SandboxReply", "SandboxReport", "Tray"]


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
    reference: str | None = attrs.field(default=None, repr=False)
    """What the send wanted echoed."""

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
    """The signature of the message that it answers."""
    extend: str = ""
    """The extension of the number that it was sent to."""


T = TypeVar("T")


class Tray(Generic[T]):
    """Items in the order in which they came, those to be pulled and those that were."""

    def __init__(self) -> None:
        self._items: list[T] = []
        self._waiting: deque[T] = deque()

    def add(self, item: T) -> None:
        """Let *item* wait to be pulled."""
        self._items.append(item)
        self._waiting.append(item)

    def take(self, limit: int) -> list[T]:
        """Pull the oldest ones, at most *limit*. They never come again."""
        return [self._waiting.popleft() for _ in range(min(limit, len(self._waiting)))]

    def find(self, wanted: Callable[[T], bool]) -> list[T]:
        """All that are *wanted*, pulled or not."""
        return [item for item in self._items if wanted(item)]

    def clear(self) -> None:
        """Forget everything."""
        self._items.clear()
        self._waiting.clear()
