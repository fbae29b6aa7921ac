"""What binds an object to an event loop, and the tasks that it owns there, on asyncio and trio.

Whatever must not be lost runs in a task of its own (`BackgroundTasks`): a send, a pull, a record. A caller who is
cancelled then loses nothing, since the request goes on and its outcome is recorded. A shielded cancel scope in the
caller's own task would not do: it does not stop asyncio's native `task.cancel()`.

There is no task group, because one must be left in the task that entered it, and a gateway may be closed from any.
"""

import asyncio
import contextvars
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import anyio
import attrs
from anyio.lowlevel import current_token

from smsgate.model.errors import ConfigurationError, WrongLoopError
from smsgate.model.masking import describe_failure

__all__ = ["BackgroundTasks", "LoopBinding", "Task", "cancelled_natively"]

logger: Final = logging.getLogger("smsgate")

_WRONG_LOOP: Final = (
    "this Gateway is in use on another event loop, and its connections belong to that one. Make one Gateway per loop "
    "(in the application's lifespan, in the test's fixture). For code that is not async, see docs/from-sync-code.md"
)
_NO_LOOP: Final = "no event loop is running: call this from async code, under asyncio or trio"


class LoopBinding:
    """Belongs to the first event loop that uses it, and after a fork to the first one of the new process."""

    def __init__(self) -> None:
        self._loop: Any = None
        self._pid = 0

    def bind(self) -> bool:
        """Check that this is the loop it belongs to; True when it has just been bound (first use, or after a fork).

        Raises `WrongLoopError` on a second loop, and `ConfigurationError` where no loop is running.
        """
        try:
            loop, pid = current_token().native_token, os.getpid()
        except anyio.NoEventLoopError:
            raise ConfigurationError(_NO_LOOP) from None
        if pid == self._pid:
            if loop is not self._loop:
                raise WrongLoopError(_WRONG_LOOP)
            return False
        self._loop, self._pid = loop, pid
        return True

    def on_own_loop(self) -> bool:
        """Whether the calling code runs on the loop that it belongs to."""
        try:
            return current_token().native_token is self._loop
        except anyio.NoEventLoopError:
            return False

    def time(self) -> float:
        """The time of the loop, in seconds since some moment. Only once bound."""
        time: float = self._loop.time() if _is_asyncio(self._loop) else sys.modules["trio"].current_time()
        return time

    def call_soon(self, work: Callable[[], object]) -> None:
        """Let the loop call *work*, from whatever thread this is called in. Nothing happens once the loop is closed."""
        schedule = self._loop.call_soon_threadsafe if _is_asyncio(self._loop) else self._loop.run_sync_soon
        try:
            schedule(work)
        except RuntimeError:  # asyncio's for a closed loop; trio.RunFinishedError is one too
            return


@attrs.define(eq=False)
class Task:
    """A running piece of work. `done` is set when it has ended, however it ended."""

    done: anyio.Event
    scope: anyio.CancelScope
    on_done: Callable[[], None] | None = None
    until_close: bool = False
    native: object = None
    """The event loop's own task, from its first step on."""


class BackgroundTasks(LoopBinding):
    """Starts tasks, and waits for or cancels what is left of them."""

    def __init__(self) -> None:
        super().__init__()
        self._tasks: set[Task] = set()
        self._natives: set[object] = set()

    def bind(self) -> bool:
        """As `LoopBinding.bind`. After a fork the tasks are the parent's."""
        bound = super().bind()
        if bound:
            self._tasks.clear()
            self._natives.clear()
        return bound

    def start(
        self,
        work: Callable[[], Awaitable[object]],
        on_done: Callable[[], None] | None = None,
        *,
        until_close: bool = False,
    ) -> Task:
        """Run *work* in a task of its own and in a copy of the caller's context. What it raises is logged.

        *until_close*: it is not waited for by `drain` but cancelled at once.
        """
        task = Task(anyio.Event(), anyio.CancelScope(), on_done, until_close)
        self._tasks.add(task)
        self._spawn(task, work)
        return task

    def _spawn(self, task: Task, work: Callable[[], Awaitable[object]]) -> None:
        if _is_asyncio(self._loop):
            native = self._loop.create_task(self._run(task, work))
            self._natives.add(native)  # the loop itself keeps weak references only
            native.add_done_callback(partial(self._ended, task, work))
        else:
            trio: Any = sys.modules["trio"]
            trio.lowlevel.spawn_system_task(self._run, task, work, context=contextvars.copy_context())

    def _ended(self, task: Task, work: Callable[[], Awaitable[object]], native: object) -> None:
        self._natives.discard(native)
        if task in self._tasks:
            # asyncio never enters a task that is cancelled before its first step, so nobody has concluded and recorded
            # what it was to do. It is started once more, in a scope that is cancelled: its `finally` blocks run.
            task.scope.cancel()
            self._spawn(task, work)

    async def _run(self, task: Task, work: Callable[[], Awaitable[object]]) -> None:
        task.native = _current_task()
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
            if task.on_done is not None:
                task.on_done()

    async def drain(self, seconds: float) -> None:
        """Wait for every task, for *seconds* at most, then cancel the rest and wait for their end.

        A caller who is cancelled meanwhile cuts the wait short; the rest is cancelled all the same.
        """
        for task in self._tasks:
            if task.until_close:
                task.scope.cancel()
        try:
            with anyio.move_on_after(seconds):
                await self._wait_for_all()
        finally:
            for task in self._others():
                task.scope.cancel()
            with anyio.CancelScope(shield=True):
                await self._wait_for_all()

    async def _wait_for_all(self) -> None:
        while others := self._others():
            for task in others:
                await task.done.wait()

    def _others(self) -> list[Task]:
        """All tasks but the one that this is called in: a gateway may be closed by its own `on_result`.

        Told by the loop's own task. A context variable would be inherited by whatever tasks `on_result` starts.
        """
        running = _current_task()
        return [task for task in self._tasks if task.native is not running]


def cancelled_natively() -> bool:
    """Whether the running task is being cancelled by asyncio's own `task.cancel()`, as when its loop is shut down.

    For code inside a shielded cancel scope: there, anyio and trio deliver no cancellation of their own.
    """
    task = _current_task()
    return isinstance(task, asyncio.Task) and task.cancelling() > 0


def _is_asyncio(loop: object) -> bool:
    return isinstance(loop, asyncio.AbstractEventLoop)


def _current_task() -> object:
    """The event loop's own task. (anyio's `get_current_task` makes a description of it, and its ids are reused.)"""
    if _is_asyncio(current_token().native_token):
        return asyncio.current_task()
    trio: Any = sys.modules["trio"]
    return trio.lowlevel.current_task()
