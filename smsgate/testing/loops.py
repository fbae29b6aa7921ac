"""Tasks for a gateway that belongs to no event loop."""

from collections.abc import Awaitable, Callable
from contextvars import Context

import anyio
from anyio.lowlevel import current_token

from smsgate.transport.loop import LoopEvent
from smsgate.transport.tasks import BackgroundTasks, Task, Work

__all__ = ["TasksPerLoop"]


class TasksPerLoop(BackgroundTasks):
    """Tasks on whatever loop asks: a web framework's test client may open one for each request.

    What is closed is closed on the loop where it was closed, until it is opened again there.
    """

    def __init__(self) -> None:
        super().__init__()
        self._by_loop: dict[object, BackgroundTasks] = {}

    def close(self) -> None:
        self._here().close()

    def is_closed(self) -> bool:
        try:
            return self._here().is_closed()
        except anyio.NoEventLoopError:  # `bind` has the error for this
            return False

    def open_again(self) -> None:
        """Be open on this loop."""
        if self._here().is_closed():
            del self._by_loop[current_token().native_token]

    def bind(self, begin: Callable[[], object] | None = None) -> bool:
        try:
            return self._here().bind(begin)
        except anyio.NoEventLoopError:
            return super().bind(begin)

    def active(self) -> set[Work]:
        return self._here().active()

    def on_own_loop(self) -> bool:
        return any(tasks.on_own_loop() for tasks in self._by_loop.values())

    def clock(self) -> Callable[[], float]:
        return self._here().clock()

    def time(self) -> float:
        return self._here().time()

    def make_event(self) -> LoopEvent:
        return self._here().make_event()

    def call_soon(self, work: Callable[[], object]) -> None:
        """What another thread drops is of no loop in particular: a test that needs it closes what it reads."""

    def start(
        self,
        work: Callable[[], Awaitable[object]],
        on_done: Callable[[], None] | None = None,
        *,
        until_close: bool = False,
        eager: bool = False,
        context: Context | None = None,
    ) -> Task:
        return self._here().start(work, on_done, until_close=until_close, eager=eager, context=context)

    async def shielded(self, work: Awaitable[object]) -> bool:
        return await self._here().shielded(work)

    async def drain(self, seconds: float) -> None:
        await self._here().drain(seconds)

    def _here(self) -> BackgroundTasks:
        return self._by_loop.setdefault(current_token().native_token, BackgroundTasks())
