"""What binds an object to an event loop, and the tasks that it owns there, on asyncio and trio.

Whatever must not be lost runs in a task of its own (`BackgroundTasks`): a send, a pull, a record. A caller who is
cancelled then loses nothing, since the request goes on and its outcome is recorded. A shielded cancel scope in the
caller's own task would not do: it does not stop asyncio's native `task.cancel()`.

There is no task group, because one must be left in the task that entered it, and a gateway may be closed from any.
"""

import asyncio
import contextvars
import inspect
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Final

import anyio
import attrs
from anyio.lowlevel import current_token

from smsgate.model.errors import ConfigurationError, WrongLoopError
from smsgate.model.masking import describe_failure

__all__ = ["BackgroundTasks", "LoopBinding", "Task", "cancelled_natively", "raise_if_cancelled_natively"]

logger: Final = logging.getLogger("smsgate")

_WRONG_LOOP: Final = (
    "this Gateway is in use on another event loop, and its connections belong to that one. Make one Gateway per loop "
    "(in the application's lifespan, in the test's fixture). Code that is not async, and async code "
    "on a loop that lasts for one call or request, has smsgate.sync.Gateway: see docs/from-sync-code.md"
)
_SECONDS_FOR_RECORDS: Final = 5.0
"""How much longer than its deadline `drain` waits for records that are being written."""
_NONE: Final = object()
_NO_LOOP: Final = "no event loop is running: call this from async code, under asyncio or trio"


class LoopBinding:
    """Belongs to the first event loop that uses it, and after a fork to the first one of the new process."""

    def __init__(self) -> None:
        self._loop: Any = None
        self._pid = 0
        self._clock: Callable[[], float] = time.monotonic

    def bind(self, begin: Callable[[], object] | None = None) -> bool:
        """Check that this is the loop it belongs to; True when it has just been bound (first use, or after a fork).

        *begin* is called before it is bound: what that raises leaves it unbound. Raises `WrongLoopError` on a second
        loop, and `ConfigurationError` where no loop is running.
        """
        pid = os.getpid()
        if pid == self._pid and _running_asyncio_loop() is self._loop:  # the usual case, for a tenth of the price
            return False
        try:
            loop: Any = current_token().native_token
        except anyio.NoEventLoopError:
            raise ConfigurationError(_NO_LOOP) from None
        if pid == self._pid:
            if loop is not self._loop:
                raise WrongLoopError(_WRONG_LOOP)
            return False
        if begin is not None:
            begin()
        self._loop, self._pid = loop, pid
        self._clock = loop.time if _is_asyncio(loop) else sys.modules["trio"].current_time
        return True

    def on_own_loop(self) -> bool:
        """Whether the calling code runs on the loop that it belongs to. Never raises, also while Python shuts down."""
        try:
            return current_token().native_token is self._loop
        except Exception:  # no loop is running, or there is not enough left of the interpreter to ask
            return False

    def clock(self) -> Callable[[], float]:
        """What gives the time of the loop, in seconds since some moment. Only once bound."""
        return self._clock

    def time(self) -> float:
        """The time by `clock`."""
        return self._clock()

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
    draining: bool = False
    """It waits for all others to end, so that none of them may wait for it."""


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
        return self._inner.send(value)

    def throw(self, error: Any, value: Any = None, traceback: Any = None) -> Any:
        if inspect.getcoroutinestate(self._inner) == inspect.CORO_CREATED:
            self._scope.cancel()
            return self._inner.send(None)
        return self._inner.throw(error if value is None else value)

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, None]:
        steps: Generator[Any, Any, None] = self._inner.__await__()
        return steps


class BackgroundTasks(LoopBinding):
    """Starts tasks, and waits for or cancels what is left of them."""

    def __init__(self) -> None:
        super().__init__()
        self._tasks: set[Task] = set()
        self._natives: set[object] = set()
        self._shields: set[anyio.CancelScope] = set()
        self._changed = anyio.Event()
        """Set when a task has ended, or begins to wait for the others."""
        self._closed = False

    def close(self) -> None:
        """Note that nothing more is to be begun. Whoever starts tasks asks `is_closed` before."""
        self._closed = True

    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def bind(self, begin: Callable[[], object] | None = None) -> bool:
        """As `LoopBinding.bind`. After a fork the tasks are the parent's."""
        bound = super().bind(begin)
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
        context: contextvars.Context | None = None,
    ) -> Task:
        """Run *work* in a task of its own. What it and *on_done* raise is logged.

        *until_close*: it is not waited for by `drain` but cancelled at once. *context*: the context variables that it
        has a copy of, by default those of the caller.
        """
        task = Task(anyio.Event(), anyio.CancelScope(), on_done, until_close)
        self._tasks.add(task)
        copy = contextvars.copy_context() if context is None else context.copy()
        if _is_asyncio(self._loop):
            native = self._loop.create_task(_NeverSkipped(self._run(task, work), task.scope), context=copy)
            if not native.done():  # an eager task may be over by now
                self._natives.add(native)  # the loop itself keeps weak references only
                native.add_done_callback(self._natives.discard)
        else:
            trio: Any = sys.modules["trio"]
            trio.lowlevel.spawn_system_task(self._run, task, work, context=copy)
        return task

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
            if task.native is _current_task():
                task.draining = True
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
            if self._changed.is_set():
                self._changed = anyio.Event()
            await self._changed.wait()

    def _others(self) -> list[Task]:
        """All tasks but those that wait here themselves: a gateway may be closed by its own `on_result`, several times.

        Recognised by the loop's own task. A context variable would be inherited by whatever tasks `on_result` starts.
        """
        return [task for task in self._tasks if not task.draining]


def cancelled_natively() -> bool:
    """Whether the running task is being cancelled by asyncio's own `task.cancel()`, as when its loop is shut down.

    For code inside a shielded cancel scope: there, anyio and trio deliver no cancellation of their own.
    """
    task = _asyncio_task()
    return task is not None and task.cancelling() > 0


def raise_if_cancelled_natively() -> None:
    """Go on with a native cancellation that code inside a shielded scope has absorbed."""
    if cancelled_natively():
        raise asyncio.CancelledError


def _is_asyncio(loop: object) -> bool:
    return isinstance(loop, asyncio.AbstractEventLoop)


def _running_asyncio_loop() -> object:
    """The event loop that asyncio runs in this thread; something that is none if it runs none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return _NONE


def _current_task() -> object:
    """The event loop's own task. (anyio's `get_current_task` makes a description of it, and its ids are reused.)"""
    task = _asyncio_task()
    if task is not None:
        return task
    trio: Any = sys.modules["trio"]
    return trio.lowlevel.current_task()


def _asyncio_task() -> "asyncio.Task[Any] | None":
    """asyncio's task; None on trio, also where trio runs as a guest of asyncio."""
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None
