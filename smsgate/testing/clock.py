"""`VirtualClock`: one time for a gateway and its simulated vendors, which a test moves."""

import threading
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from itertools import count
from typing import Final, Protocol

import anyio
import anyio.lowlevel
import attrs

from smsgate.sandbox.watch import waker

__all__ = ["Driven", "VirtualClock"]

__tracebackhide__ = True
"""pytest leaves this module out of its tracebacks, and shows the line of the test and the text of the error."""

_IDLE_PASSES: Final = 50
"""How many turns of the event loop without a move make everybody else wait, too. In process, a request takes fewer."""


class Driven(Protocol):
    """What has something to do at moments of its own."""

    def next_at(self) -> float | None:
        """The next such moment (Unix seconds); None if there is none."""
        ...

    def run(self) -> Awaitable[object]:
        """Do what is due by now."""
        ...


@attrs.define(eq=False)
class _Sleeper:
    due: float
    order: int
    wake: Callable[[], None]
    is_awake: bool = False


class VirtualClock:
    """Unix time that only a test moves: pass it as `clock` to gateways and to the sandbox.

    It is the time of signatures, deadlines, quiet hours and health, of the pauses before a retry, of the waits for
    others (`linger`, `coalesce`, a rate), and of the vendors: their limits, tokens, reports and pushes. It is never the
    time of the network: timeouts are those of real responses. *start*: Unix seconds; now unless given. *auto*: a pause
    or a wait moves the clock to its end as soon as nothing else can go on, so that no test hangs. Set `auto` to False
    to go step by step with `advance`. Works on asyncio and trio, and across threads.
    """

    def __init__(self, start: float | None = None, *, auto: bool = True) -> None:
        self.auto: bool = auto
        """Whether a pause ends by itself, and moves the clock."""
        self._now = time.time() if start is None else start
        self._sleepers: list[_Sleeper] = []
        self._driven: list[Driven] = []
        self._order = count()
        self._advancing = 0
        self._moves = 0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        """The time, in Unix seconds."""
        return self._now

    def __repr__(self) -> str:
        return f"VirtualClock({self._now!r}, auto={self.auto})"

    async def advance(self, seconds: float) -> None:
        """Move the clock by *seconds*, and let happen what falls due meanwhile, at its moment and in its order.

        Pauses and waits end, and pushes are made: to the application that `SandboxGateway.push_to` was given, and by a
        server of `SandboxGateway.serve`, whose pushes are waited for in real time. Comes back when what that sets off
        has come to rest in this event loop. Raises `ValueError` for a negative number.
        """
        if not seconds >= 0:
            raise ValueError("advance: seconds must be 0 or more: time does not go back")
        end = self._now + seconds
        with self._moved_by_hand():
            await _settle()
            while (due := self._next_at()) is not None and due <= end:
                await self._go_to(max(due, self._now))
            await self._go_to(end)

    async def simulated_sleep(self, seconds: float) -> None:
        """Sleep for *seconds* of this time. Gateways call it for their pauses and waits."""
        if seconds <= 0:
            await anyio.lowlevel.checkpoint()
            return
        event = anyio.Event()
        sleeper = _Sleeper(self._now + seconds, next(self._order), waker(event))
        with self._lock:
            self._sleepers.append(sleeper)
        try:
            while not sleeper.is_awake:
                if self.auto:
                    await self._until_idle(sleeper)
                    self._jump_to(sleeper)
                else:
                    await event.wait()
        finally:
            with self._lock:
                if sleeper in self._sleepers:
                    self._sleepers.remove(sleeper)

    def drive(self, driven: Driven) -> None:
        """Let *driven* do what it has to do whenever `advance` comes to one of its moments."""
        if driven not in self._driven:
            self._driven.append(driven)

    @contextmanager
    def _moved_by_hand(self) -> Generator[None]:
        self._advancing += 1
        try:
            yield
        finally:
            self._advancing -= 1

    async def _go_to(self, moment: float) -> None:
        self._move(moment)
        for each in self._driven:
            at = each.next_at()
            if at is not None and at <= moment:
                await each.run()
        await _settle()

    def _next_at(self) -> float | None:
        with self._lock:
            moments = [sleeper.due for sleeper in self._sleepers]
        moments += [at for each in self._driven if (at := each.next_at()) is not None]
        return min(moments, default=None)

    async def _until_idle(self, sleeper: _Sleeper) -> None:
        """Wait until nothing has moved the clock for so long that everybody else must be waiting, too."""
        moves, passes = self._moves, 0
        while passes < _IDLE_PASSES and not sleeper.is_awake:
            await anyio.lowlevel.checkpoint()
            passes += 1
            if moves != self._moves:
                moves, passes = self._moves, 0

    def _jump_to(self, sleeper: _Sleeper) -> None:
        """Move to the end of this sleep, if no other ends before, and no test is moving the clock by hand."""
        with self._lock:
            first = min(self._sleepers, key=lambda each: (each.due, each.order), default=None)
        if self.auto and not self._advancing and first is sleeper:
            self._move(max(sleeper.due, self._now))

    def _move(self, moment: float) -> None:
        with self._lock:
            self._now = moment
            self._moves += 1
            awake = [sleeper for sleeper in self._sleepers if sleeper.due <= moment]
            self._sleepers = [sleeper for sleeper in self._sleepers if sleeper.due > moment]
        for sleeper in sorted(awake, key=lambda each: (each.due, each.order)):
            sleeper.is_awake = True
            sleeper.wake()


async def _settle() -> None:
    for _ in range(_IDLE_PASSES):
        await anyio.lowlevel.checkpoint()
