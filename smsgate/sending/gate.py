"""The places for requests to one provider: so many at once, first come, first served."""

from collections import deque
from enum import Enum, auto

import anyio
import attrs

__all__ = ["Entry", "Gate"]


class Entry(Enum):
    """What became of a wait."""

    ENTERED = auto()
    TIMED_OUT = auto()
    TURNED_AWAY = auto()
    """The provider is down now: another one may be asked at once."""


@attrs.define(eq=False)
class _Waiter:
    decided: anyio.Event = attrs.field(factory=anyio.Event)
    entry: Entry = Entry.TIMED_OUT

    def decide(self, entry: Entry) -> None:
        self.entry = entry
        self.decided.set()


class Gate:
    """Lets *limit* requests in at once.

    Invariant: somebody waits only while every place is taken. A place that comes free is handed to the first who
    waits, in the same step.
    """

    def __init__(self, limit: float) -> None:
        self._free = limit
        self._waiting: deque[_Waiter] = deque()

    def try_enter(self) -> bool:
        """Take a place if one is free."""
        if self._free < 1:
            return False
        self._free -= 1
        return True

    async def enter(self, seconds: float) -> Entry:
        """Wait up to *seconds* for a place."""
        waiter = _Waiter()
        self._waiting.append(waiter)
        try:
            with anyio.move_on_after(seconds):
                await waiter.decided.wait()
        except BaseException:
            if waiter.entry is Entry.ENTERED:  # a place was handed to somebody who is cancelled at that moment
                self.leave()
            raise
        finally:
            if not waiter.decided.is_set():
                self._waiting.remove(waiter)
        return waiter.entry

    def leave(self) -> None:
        """Give the place to the first who waits, or keep it free."""
        if self._waiting:
            self._waiting.popleft().decide(Entry.ENTERED)
        else:
            self._free += 1

    def turn_away(self) -> None:
        """Wake all who wait, so that they look for another provider."""
        waiting, self._waiting = self._waiting, deque()
        for waiter in waiting:
            waiter.decide(Entry.TURNED_AWAY)
