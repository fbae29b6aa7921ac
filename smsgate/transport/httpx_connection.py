"""A caller's client or transport of httpx or httpx2, which have the same interface.

A transport is driven at its public `handle_async_request`: the client layer costs more than everything smsgate does.
"""

import contextlib
from collections.abc import AsyncIterator
from types import ModuleType
from typing import Any, Final

import anyio
import attrs

from smsgate.transport.connection import OutOfTime
from smsgate.transport.httpx_request import to_httpx_request
from smsgate.transport.progress import Progress
from smsgate.transport.response_body import ResponseBody, UnreadableError, check_fields
from smsgate.transport.timeouts import Timeouts
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["CallersConnection", "limits_of", "read_response"]

_BUFFERED: Final = 2**14
"""How many chunks of a body a connection may still hold when it is closed: httpcore reads 64 KiB at a time."""


@attrs.frozen
class CallersConnection:
    """A client or a transport of the caller's, of *module*, for all requests. It has its own connections."""

    module: ModuleType
    client: Any = None
    transport: Any = None

    async def open(self, timeouts: Timeouts) -> None:
        """It opens its connections itself."""

    async def send(self, request: HttpRequest, timeouts: Timeouts, progress: Progress, seconds: float) -> HttpResponse:
        """See `Connection.send`."""
        extensions = {"timeout": limits_of(timeouts), "trace": progress.trace}
        outgoing = to_httpx_request(self.module, request, extensions, progress.body_read)
        with anyio.move_on_after(seconds):
            try:
                return await _read(await self._hand_over(outgoing, progress))
            except anyio.get_cancelled_exc_class():
                await progress.close_unfinished()
                raise
        raise OutOfTime

    async def _hand_over(self, outgoing: Any, progress: Progress) -> Any:
        if self.transport is not None:
            progress.handed_over = True
            return await self.transport.handle_async_request(outgoing)
        progress.handed_over = not self.client.is_closed  # a closed one raises before its transport has the request
        return await self.client.send(outgoing, stream=True, auth=None, follow_redirects=False)

    def is_reusable(self) -> bool:
        """It is the caller's to judge that."""
        return True

    async def aclose(self) -> None:
        """It is the caller's to close."""


def limits_of(timeouts: Timeouts) -> dict[str, float]:
    """The timeouts of single steps, as the libraries take them."""
    return {
        "connect": timeouts.connect,
        "read": timeouts.read,
        "write": timeouts.write,
        # Of a caller's client: it has only so many connections itself. Ours have a queue of their own before them.
        "pool": timeouts.connect,
    }


async def _read(response: Any) -> HttpResponse:
    """The whole of *response*, one of the library's. As `read_response`."""
    fields: list[tuple[str, str]] = response.headers.multi_items()
    if response.is_stream_consumed:  # a mock's, read when it was made
        await response.aclose()
        check_fields(len(fields))
        return HttpResponse(response.status_code, fields, response.content)
    coding = response.headers.get("content-encoding", "identity")
    return await read_response(response, response.status_code, fields, coding)


async def read_response(response: Any, status: int, fields: list[tuple[str, str]], coding: str) -> HttpResponse:
    """The whole of *response*, which is closed whatever happens. Raises `UnreadableError`, and what the library raises.

    *response* has a stream to read and can be closed, the rest of it is given.
    """
    try:
        check_fields(len(fields))
        body = ResponseBody(coding)
        chunks = aiter(response.stream)
        try:
            async for chunk in chunks:
                body.add(chunk)
        except UnreadableError:
            with anyio.CancelScope(shield=True):  # a deadline that passes now would leave them as they are
                await response.aclose()
                await _exhaust(chunks)
            raise
    finally:
        await response.aclose()
    return HttpResponse(status, fields, body.complete())


async def _exhaust(chunks: AsyncIterator[bytes]) -> None:
    """Let the generators of a closed response end: trio warns of one that is collected while it is suspended."""
    with contextlib.suppress(Exception):
        for _ in range(_BUFFERED):
            await anext(chunks)
