"""The tasks of an object on its event loop, on asyncio and trio.

Whatever must not be lost runs in a task of its own: a send, a pull, a record. A caller who is cancelled then loses
nothing, since the request goes on and its outcome is recorded. A shielded cancel scope in the caller's own task would
not do: it does not stop asyncio's native `task.cancel()`. Nor would a task that takes over from a caller when that is
cancelled: `asyncio.run` waits at its end only for those that are there already.

There is no task group, because one must be left in the task that entered it, and a gateway may be closed from any.
"""

import asyncio
import contextvars
import inspect
import logging
import sys
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Final, Protocol

import anyio
import attrs

from smsgate.model.masking import describe_failure
from smsgate.transport.loop import LoopBinding, LoopEvent, native_task

__all__ = ["BackgroundTasks", "Task", "Work"]

logger: Final = logging.getLogger("smsgate")

_SECONDS_FOR_RECORDS: Final = 5.0
"""How much longer than its deadline `drain` waits for records that are being written."""


@attrs.define(eq=False)
class Task:
    """A running piece of work. `done` is set when it has ended, however it ended."""

    done: LoopEvent
    scope: anyio.CancelScope
    on_done: Callable[[], None] | None = None
    until_close: bool = False
    native: object = None
    """The event loop's own task, from its first step on."""
    draining: bool = False
    """It waits for all others to end, so that none of them may wait for it."""


class Work(Protocol):
    """What goes on in several steps, in whatever task."""

    def cancel(self) -> None:
        """Take no further step."""


class _NeverSkipped(Coroutine[Any, Any, None]):
    """A coroutine that takes its first step whatever comes.

    asyncio never enters a task that is cancelled before its first step, and nobody would conclude and record what it
    was to do. Here it is entered all the same, in a scope that is cancelled, so that its `finally` blocks run, in the
    very task that whoever cancelled it (`asyncio.run`, at its end) waits for.
    """

    def __init__(self, inner: Any, scope: anyio.CancelScope) -> None:
        self._inner = inner
        self._scope = scope
        self.__qualname__: str = inner.__qualname__  # for the repr of the task

    def send(self, value: Any) -> Any:
        try:
            return self._inner.send(value)
        except (KeyboardInterrupt, SystemExit):
            _take_exception()
            raise

    def throw(self, error: Any, value: Any = None, traceback: Any = None) -> Any:
        if inspect.getcoroutinestate(self._inner) == inspect.CORO_CREATED:
            self._scope.cancel()
            return self.send(None)
        try:
            return self._inner.throw(error if value is None else value)
        except (KeyboardInterrupt, SystemExit):
            _take_exception()
            raise

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, None]:
        steps: Generator[Any, Any, None] = self._inner.__await__()
        return steps


def _take_exception() -> None:
    """Take what ends this task of asyncio, whose loop raises it too: else it is reported as never retrieved."""
    task: asyncio.Task[Any] | None = asyncio.current_task()
    if task is not None:
        task.add_done_callback(lambda ended: None if ended.cancelled() else ended.exception())


class BackgroundTasks(LoopBinding):
    """Starts tasks, and waits for or cancels what is left of them."""

    def __init__(self) -> None:
        super().__init__()
        self._tasks: set[Task] = set()
        self._shields: set[anyio.CancelScope] = set()
        self._active: set[Work] = set()
        self._changed: LoopEvent | None = None
        """Set when a task has ended, or begins to wait for the others. There once somebody waits for that."""
        self._closed = False

    def close(self) -> None:
        """Begin nothing more: what is `active` is cancelled, and whoever starts tasks asks `is_closed` before."""
        self._closed = True
        for work in self._active:
            work.cancel()

    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def bind(self, begin: Callable[[], object] | None = None) -> bool:
        """As `LoopBinding.bind`. After a fork the tasks are the parent's, and so is all that waits in them.

        On asyncio, to cancel the scope of a task that never runs is tried again in each turn of the loop, for ever.
        """
        bound = super().bind(begin)
        if bound:
            for task in self._tasks:
                task.scope = anyio.CancelScope()  # whoever has the task here may cancel it
            self._tasks, self._shields, self._active, self._changed = set(), set(), set(), None
        return bound

    def active(self) -> set[Work]:
        """What `close` cancels: whoever begins a work adds it, and takes it out of the same set at its end."""
        return self._active

    def start(
        self,
        work: Callable[[], Awaitable[object]],
        on_done: Callable[[], None] | None = None,
        *,
        until_close: bool = False,
        eager: bool = False,
        context: contextvars.Context | None = None,
    ) -> Task:
        """Run *work* in a task of its own. What it and *on_done* raise is logged.

        *until_close*: it is not waited for by `drain` but cancelled at once. *eager*: its first step may be taken
        before this returns, which spares a turn of the loop. *context*: the context variables that it has a copy of, by
        default those of the caller.
        """
        task = Task(self.make_event(), anyio.CancelScope(), on_done, until_close)
        self._tasks.add(task)
        copy = contextvars.copy_context() if context is None else context.copy()
        if self._on_asyncio:
            # Kept here: the loop itself keeps weak references only.
            task.native = self._create_task(_NeverSkipped(self._run(task, work), task.scope), copy, eager=eager)
        else:
            trio: Any = sys.modules["trio"]
            trio.lowlevel.spawn_system_task(self._run, task, work, context=copy)
        return task

    def _create_task(self, work: Coroutine[Any, Any, None], context: contextvars.Context, *, eager: bool) -> object:
        if sys.version_info >= (3, 12) and eager and self._loop.get_task_factory() is None:
            return asyncio.Task(work, loop=self._loop, context=context, eager_start=True)
        return self._loop.create_task(work, context=context)

    async def shielded(self, work: Awaitable[object]) -> bool:
        """Await *work* to its end, whoever is cancelled meanwhile. False if `drain` could not wait for that end."""
        with anyio.CancelScope(shield=True) as scope:
            self._shields.add(scope)
            try:
                await work
            finally:
                self._shields.discard(scope)
        return not scope.cancelled_caught

    async def _run(self, task: Task, work: Callable[[], Awaitable[object]]) -> None:
        task.native = native_task()
        try:
            with task.scope:
                await work()
        except Exception as error:  # a clock or an adapter of the caller's; on trio it would end the whole program
            logger.error("a background task failed with %s", describe_failure(error))
        finally:
            self._end(task)

    def _end(self, task: Task) -> None:
        if task in self._tasks:
            self._tasks.remove(task)
            task.done.set()
            if self._changed is not None:
                self._changed.set()
            if task.on_done is not None:
                try:
                    task.on_done()
                except Exception as error:
                    logger.error("the end of a background task failed with %s", describe_failure(error))

    async def drain(self, seconds: float) -> None:
        """Wait for every task, for *seconds* at most, then cancel the rest and wait for their end.

        What they then still do in `shielded` has a few seconds more. A caller who is cancelled meanwhile cuts the first
        wait short; the rest is cancelled all the same.
        """
        for task in self._tasks:
            if task.until_close:
                task.scope.cancel()
            if task.native is native_task():
                task.draining = True
        if self._changed is not None:
            self._changed.set()
        try:
            with anyio.move_on_after(seconds):
                await self._wait_for_all()
        finally:
            for task in self._others():
                task.scope.cancel()
            with anyio.move_on_after(_SECONDS_FOR_RECORDS, shield=True):
                await self._wait_for_all()
            for scope in list(self._shields):
                scope.cancel()
            with anyio.CancelScope(shield=True):
                await self._wait_for_all()

    async def _wait_for_all(self) -> None:
        while self._others():
            if self._changed is None or self._changed.is_set():
                self._changed = self.make_event()
            await self._changed.wait()

    def _others(self) -> list[Task]:
        """All tasks but those that wait here themselves: a gateway may be closed by its own `on_result`, several times.

        Recognised by the loop's own task. A context variable would be inherited by whatever tasks `on_result` starts.
        """
        return [task for task in self._tasks if not task.draining]
