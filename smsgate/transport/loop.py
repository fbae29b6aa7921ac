"""What binds an object to an event loop, on asyncio and trio, and which of the loop's tasks is running."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

import anyio
from anyio.lowlevel import current_token

from smsgate.model.errors import ConfigurationError, WrongLoopError

__all__ = ["LoopBinding", "LoopEvent", "cancelled_natively", "native_task", "raise_if_cancelled_natively"]

_WRONG_LOOP: Final = (
    "this Gateway is in use on another event loop, and its connections belong to that one. Make one Gateway per loop "
    "(in the application's lifespan, in the test's fixture). Code that is not async, and async code "
    "on a loop that lasts for one call or request, has smsgate.sync.Gateway: see docs/from-sync-code.md"
)
_NONE: Final = object()
_NO_LOOP: Final = "no event loop is running: call this from async code, under asyncio or trio"


class LoopEvent(Protocol):
    """An event of the event loop's own: anyio's takes several times as long to be made, set and waited for."""

    def set(self) -> None:
        """It has happened."""

    def is_set(self) -> bool:
        """Whether it has happened."""
        ...

    async def wait(self) -> object:
        """Wait until it has happened."""
        ...


class LoopBinding:
    """Belongs to the first event loop that uses it, and after a fork to the first one of the new process."""

    def __init__(self) -> None:
        self._loop: Any = None
        self._on_asyncio = False
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
        self._on_asyncio = isinstance(loop, asyncio.AbstractEventLoop)
        self._clock = loop.time if self._on_asyncio else sys.modules["trio"].current_time
        return True

    def on_own_loop(self) -> bool:
        """Whether the calling code runs on the loop that it belongs to. Never raises, also while Python shuts down."""
        try:
            return _running_asyncio_loop() is self._loop or current_token().native_token is self._loop
        except Exception:  # no loop is running, or there is not enough left of the interpreter to ask
            return False

    def clock(self) -> Callable[[], float]:
        """What gives the time of the loop, in seconds since some moment. Only once bound."""
        return self._clock

    def time(self) -> float:
        """The time by `clock`."""
        return self._clock()

    def make_event(self) -> LoopEvent:
        """An event for tasks of this loop. Only once bound."""
        made: LoopEvent = asyncio.Event() if self._on_asyncio else sys.modules["trio"].Event()
        return made

    def call_soon(self, work: Callable[[], object]) -> None:
        """Let the loop call *work*, from whatever thread this is called in. Nothing happens once the loop is closed."""
        schedule = self._loop.call_soon_threadsafe if self._on_asyncio else self._loop.run_sync_soon
        try:
            schedule(work)
        except RuntimeError:  # asyncio's for a closed loop; trio.RunFinishedError is one too
            return


def cancelled_natively() -> bool:
    """Whether the running task is being cancelled by asyncio's own `task.cancel()`, as when its loop is shut down.

    anyio calls that too, and takes it back only when the scope that it cancels is left. So this is for code that passes
    on either: never for what concludes after a cancellation, in a `finally` inside that scope.
    """
    task = _asyncio_task()
    return task is not None and task.cancelling() > 0


def raise_if_cancelled_natively() -> None:
    """Go on with a cancellation that code which is let finish has absorbed. See `cancelled_natively` for where."""
    if cancelled_natively():
        raise asyncio.CancelledError


def _running_asyncio_loop() -> object:
    """The event loop that asyncio runs in this thread; something that is none if it runs none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return _NONE


def native_task() -> object:
    """The event loop's own task that is running. (anyio's `get_current_task` describes it, by an id that is reused.)"""
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
