"""A timer on asyncio and trio that keeps no program running.

On asyncio it is a callback of the loop until it is due, and not a task: a loop that is closed with a task left in it
complains of that task, and gateways may be left unclosed. On trio a system task does, which ends with its loop.
"""

import asyncio
import contextvars
import logging
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import anyio
from anyio.lowlevel import current_token

__all__ = ["Timer"]

logger: Final = logging.getLogger("smsgate")


class Timer:
    """Awaits *work* some seconds after it was started, and again after as many seconds as *work* returns, until None.

    For one event loop. It runs in an empty context, and so keeps nothing of whoever started it alive.
    """

    def __init__(self, work: Callable[[], Awaitable[float | None]]) -> None:
        self._work = work
        self._loop: object = None
        self._ended: anyio.Event | None = None
        """There from its start to its end."""
        self._stopping = anyio.Event()
        self._handle: asyncio.TimerHandle | None = None
        self._task: object = None

    def start(self, seconds: float) -> None:
        """Begin to wait, unless it waits already."""
        if self._ended is not None:
            return
        self._loop, self._ended, self._stopping = current_token().native_token, anyio.Event(), anyio.Event()
        if isinstance(self._loop, asyncio.AbstractEventLoop):
            self._call_later(self._loop, seconds)
        else:
            trio: Any = sys.modules["trio"]
            trio.lowlevel.spawn_system_task(self._repeat, seconds)

    async def stop(self) -> None:
        """Wait no longer. The end of work that has begun is waited for."""
        ended = self._ended
        if ended is None or self._loop is not current_token().native_token:
            return
        self._stopping.set()
        if self._handle is not None:
            self._handle.cancel()
            self._end()
        await ended.wait()

    def _call_later(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._handle = loop.call_later(seconds, self._due, loop, context=contextvars.Context())

    def _due(self, loop: asyncio.AbstractEventLoop) -> None:
        self._handle = None
        self._task = task = loop.create_task(self._once())  # the loop itself keeps weak references only
        task.add_done_callback(partial(self._done, loop))  # called also if the task is cancelled before its first step

    def _done(self, loop: asyncio.AbstractEventLoop, task: "asyncio.Task[float | None]") -> None:
        self._task = None
        again = None if task.cancelled() else task.result()
        if again is None or self._stopping.is_set():
            self._end()
        else:
            self._call_later(loop, again)

    async def _repeat(self, seconds: float) -> None:
        again: float | None = seconds
        try:
            while again is not None and not self._stopping.is_set():
                with anyio.move_on_after(again):
                    await self._stopping.wait()
                again = await self._once()
        finally:
            self._end()

    async def _once(self) -> float | None:
        try:
            return await self._work()
        except Exception as error:  # on trio it would end the whole program
            logger.error("the work of a timer ended in %s", type(error).__name__)
            return None

    def _end(self) -> None:
        self._handle = None
        if self._ended is not None:
            self._ended.set()
            self._ended = None
