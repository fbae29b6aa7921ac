"""The places for requests to one provider: so many at once and so many a second, first come, first served."""

import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum, auto
from typing import Final

import anyio
import attrs

from smsgate.provider.protocol import Verdict
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.sending.pacing import Pace, Turn
from smsgate.sending.shared_pace import SharedPace

__all__ = ["Entry", "Gate"]

_AT_ONCE: Final = Turn(-math.inf)


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
    """Lets *limit* requests in at once, and these begin at *pace*.

    Invariant: somebody waits for a place only while every place is taken. A place that comes free is handed to the
    first who waits, in the same step. Whoever has a place has their turn by the pace in the order of asking.
    """

    def __init__(self, limit: float, pace: Pace | SharedPace | None = None) -> None:
        self._free = limit
        self._pace = pace
        self._waiting: deque[_Waiter] = deque()
        self._held: set[anyio.CancelScope] = set()
        """Those who have a place and wait for their turn."""

    @property
    def waiting(self) -> int:
        """How many requests wait here."""
        return len(self._waiting) + len(self._held)

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

    def turn(self, messages: Sequence[OutgoingMessage], now: float, longest: float) -> Turn | None:
        """The turn of the request for *messages*; None if more than *longest* seconds from *now*, or not known yet.

        Only for one that has a place.
        """
        return _AT_ONCE if self._pace is None else self._pace.reserve(messages, now, longest)

    async def obtain(self, messages: Sequence[OutgoingMessage], longest: float) -> Turn | Verdict | Entry:
        """The turn of the request for *messages*, where it takes long to know; or why there is none."""
        pace, answer = self._pace, None
        if not isinstance(pace, SharedPace):
            return Entry.TIMED_OUT

        async def ask() -> None:
            nonlocal answer
            answer = await pace.obtain(messages, longest) or Entry.TIMED_OUT

        entry = await self.hold(ask)
        return answer or entry

    async def hold(self, wait: Callable[[], Awaitable[None]]) -> Entry:
        """Wait for one's turn, or be turned away."""
        with anyio.CancelScope() as scope:
            self._held.add(scope)
            try:
                await wait()
            finally:
                self._held.discard(scope)
        return Entry.TURNED_AWAY if scope.cancelled_caught else Entry.ENTERED

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
        for scope in self._held:
            scope.cancel()
