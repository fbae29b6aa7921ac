"""What takes long and knows nothing of an event loop runs in a thread: imports, certificates."""

from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread

from smsgate.transport.forks import IMPORTING

__all__ = ["import_in_own_thread", "in_own_thread"]

T = TypeVar("T")


async def in_own_thread(function: Callable[[], T], *, abandon: bool = False) -> T:
    """Call *function* in a thread that does not count among anyio's 40. *abandon*: leave it alone when cancelled.

    Those may all be taken by sync views that wait for a send, as Starlette runs them in the same threads: a send that
    needed one of them would never begin.
    """
    return await anyio.to_thread.run_sync(function, abandon_on_cancel=abandon, limiter=anyio.CapacityLimiter(1))


async def import_in_own_thread(function: Callable[[], T]) -> T:
    """As `in_own_thread`, for a *function* that imports."""

    def call() -> T:
        with IMPORTING:
            return function()

    return await in_own_thread(call)
