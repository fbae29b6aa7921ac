"""The tasks that a gateway owns, on asyncio and trio, without a task group that must be left where it was entered.

A send runs in a task of its own, so that a caller who is cancelled loses nothing: the wire call goes on, and its
outcome is recorded. A shielded scope would not do: it does not stop asyncio's own `task.cancel()`.
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

from smsgate.model.errors import WrongLoopError

__all__ = ["Task", "TaskKeeper"]

logger: Final = logging.getLogger("smsgate")

_WRONG_LOOP: Final = (
    "this Gateway is in use on another event loop, and its connections belong to that one. Make one Gateway per loop "
    "(in the application's lifespan, in the test's fixture)"
)


@attrs.define(eq=False)
class Task:
    """A running piece of work. `done` is set when it has ended, however it ended."""

    done: anyio.Event
    scope: anyio.CancelScope
    on_done: Callable[[], None] | None = None
    until_close: bool = False


_running: Final[contextvars.ContextVar[Task | None]] = contextvars.ContextVar("smsgate_task", default=None)


class TaskKeeper:
    """Starts tasks, and waits for or cancels what is left of them. It belongs to the first event loop that uses it."""

    def __init__(self) -> None:
        self._tasks: set[Task] = set()
        self._natives: set[object] = set()
        self._loop: object = None
        self._pid = 0

    def bind(self) -> bool:
        """Check that this is the loop it belongs to; True when it has just been bound (first use, or after a fork).

        Raises `WrongLoopError` on a second loop.
        """
        loop, pid = current_token().native_token, os.getpid()
        if pid == self._pid:
            if loop is not self._loop:
                raise WrongLoopError(_WRONG_LOOP)
            return False
        self._loop, self._pid = loop, pid
        self._tasks.clear()
        self._natives.clear()
        return True

    def is_here(self) -> bool:
        """Whether the calling code runs on the loop that it belongs to."""
        try:
            return current_token().native_token is self._loop
        except anyio.NoEventLoopError:
            return False

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
        if isinstance(self._loop, asyncio.AbstractEventLoop):
            native = self._loop.create_task(self._run(task, work))
            self._natives.add(native)  # the loop itself keeps weak references only
            native.add_done_callback(partial(self._ended, task, work))
        else:
            trio: Any = sys.modules["trio"]
            trio.lowlevel.spawn_system_task(self._run, task, work, context=contextvars.copy_context())

    def _ended(self, task: Task, work: Callable[[], Awaitable[object]], native: object) -> None:
        self._natives.discard(native)
        if task in self._tasks:  # asyncio never enters a task that is cancelled before its first step
            task.scope.cancel()
            self._spawn(task, work)

    async def _run(self, task: Task, work: Callable[[], Awaitable[object]]) -> None:
        _running.set(task)
        try:
            with task.scope:
                await work()
        except Exception as error:  # a clock or an adapter of the caller's; on trio it would end the whole program
            logger.error("a task of the Gateway ended in %s", type(error).__name__)
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
        """All tasks but the one that this is called in: a gateway may be closed by its own `on_result`."""
        running = _running.get()
        return [task for task in self._tasks if task is not running]
