"""The results of `send_many`, as its caller reads them."""

import warnings
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from smsgate.model.result import Result
from smsgate.sending.bulk import BulkSend
from smsgate.transport.loop import LoopBinding

__all__ = ["Results"]


class Results(AsyncIterator[Result]):
    """The results of one `send_many` call: `async for result in results`, from one task or several.

    Sending ends early, and nothing more is begun, when `async with results` is left, when `aclose()` is called, or when
    the object is dropped, as it is by a `break` out of a loop over `gateway.send_many(…)` itself. Cancelling one wait
    for a result, with a timeout say, ends nothing: read on.

    Not an async generator: one that is left half-way is closed late on asyncio and with a warning on trio.
    """

    def __init__(self, bulk: BulkSend, loop: LoopBinding) -> None:
        self._bulk = bulk
        self._loop = loop
        self._used = False

    async def __aenter__(self) -> Self:
        self._used = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def __anext__(self) -> Result:
        self._used = True
        result = self._bulk.take() or await self._bulk.next()
        if result is None:
            raise StopAsyncIteration
        return result

    def take(self) -> Result | None:
        """The next result if it is known by now, else None. For a reader who takes several at once."""
        return self._bulk.take()

    async def aclose(self) -> None:
        """Begin nothing more. What was read and has not been dispatched is recorded as not sent, soon after."""
        self._used = True
        self._end()

    def _end(self) -> None:
        if self._loop.on_own_loop():
            self._bulk.end()
        else:  # on another loop, by another thread's garbage collection, or after the loop's end
            self._loop.call_soon(self._bulk.end)

    def __del__(self) -> None:
        self._end()
        if not self._used:
            text = "the results of send_many() were dropped unread, which ends it: iterate over them"
            warnings.warn(text, RuntimeWarning, stacklevel=2)
