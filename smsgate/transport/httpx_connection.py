"""A connection over httpx or httpx2, which have the same interface: one of our own, or a caller's client or transport.

The library is driven at its transport's public `handle_async_request`: its client layer costs more than everything
smsgate does.
"""

import contextlib
import ssl
from collections.abc import AsyncIterator
from types import ModuleType
from typing import Any, Final

import anyio
import attrs

from smsgate.transport.connection import OutOfTime
from smsgate.transport.httpcore_stream import OneWriteBackend
from smsgate.transport.httpx_request import to_httpx_request
from smsgate.transport.progress import Progress
from smsgate.transport.ready import ReadyBackend
from smsgate.transport.response_body import ResponseBody, UnreadableError, check_fields
from smsgate.transport.timeouts import Timeouts
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["CallersConnection", "OwnConnection"]

_BUFFERED: Final = 2**14
"""How many chunks of a body a connection may still hold when it is closed: httpcore reads 64 KiB at a time."""


class OwnConnection:
    """A transport of the library's with one connection of httpcore in the place of a pool.

    The pool has nothing to do for one connection, and takes a tenth of a send for it. It is a private attribute of the
    transport: if that is no longer there, each request has a pool and a connection of its own.
    """

    def __init__(self, module: ModuleType, core: ModuleType, ssl_context: ssl.SSLContext, origin: str) -> None:
        self._module, self._core, self._ssl_context = module, core, ssl_context
        url = module.URL(origin)
        self._origin = core.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=b"/").origin
        self._transport: Any = module.AsyncHTTPTransport(verify=ssl_context, trust_env=False)
        self._backend = ReadyBackend(core)
        self._connection = self._renew()
        self._is_proven = False
        """The connection that there is has told how far a request got."""

    async def open(self, timeouts: Timeouts) -> None:
        """See `Connection.open`."""
        origin, is_secure = self._origin, self._origin.scheme == b"https"
        port = origin.port or (443 if is_secure else 80)
        context = self._ssl_context if is_secure else None
        await self._backend.open(origin.host.decode("ascii"), port, context, timeouts.connect)

    async def send(self, request: HttpRequest, timeouts: Timeouts, progress: Progress, seconds: float) -> HttpResponse:
        """See `Connection.send`."""
        with anyio.move_on_after(seconds):
            return await self._send(request, timeouts, progress)
        raise OutOfTime

    async def _send(self, request: HttpRequest, timeouts: Timeouts, progress: Progress) -> HttpResponse:
        if self._connection.is_closed() or self._connection.has_expired():
            await self._connection.aclose()
            self._connection = self._renew()
        outgoing = _prepared(self._module, request, timeouts, progress)
        if self._is_proven and request.body:
            # What happens before the body is read is over, and the body tells of the rest.
            del outgoing.extensions["trace"]
            progress.traced = True
        progress.handed_over = True
        try:
            response = await _read(await self._transport.handle_async_request(outgoing))
        except anyio.get_cancelled_exc_class():
            await progress.close_unfinished()
            raise
        self._is_proven = progress.traced
        return response

    def is_reusable(self) -> bool:
        """Not if more came over the connection than the response that was read.

        It is never the response to another request (RFC 9112, 6.3), but httpcore 1.0.9 keeps it and reads it as just
        that: another message would seem accepted, or refused. It has no public name for what it keeps. Where its
        objects are not as they are known here, no connection is reused.
        """
        try:
            return not self._connection._connection._h11_state.trailing_data[0]
        except AttributeError:
            return False

    async def aclose(self) -> None:
        """See `Connection.aclose`."""
        await self._backend.drop()
        await self._transport.aclose()

    def _renew(self) -> Any:
        self._is_proven = False
        self._transport._pool = connection = self._core.AsyncHTTPConnection(
            self._origin,
            ssl_context=self._ssl_context,
            network_backend=OneWriteBackend(self._backend),
        )
        return connection


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
        outgoing = _prepared(self.module, request, timeouts, progress)
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


def _prepared(module: ModuleType, request: HttpRequest, timeouts: Timeouts, progress: Progress) -> Any:
    limits = {
        "connect": timeouts.connect,
        "read": timeouts.read,
        "write": timeouts.write,
        # Of a caller's client: it has only so many connections itself. Ours have a queue of their own before them.
        "pool": timeouts.connect,
    }
    extensions = {"timeout": limits, "trace": progress.trace}
    return to_httpx_request(module, request, extensions, progress.body_read)


async def _read(response: Any) -> HttpResponse:
    """The whole of *response*, which is closed whatever happens. Raises `UnreadableError`, and what httpx raises."""
    try:
        fields: list[tuple[str, str]] = response.headers.multi_items()
        check_fields(len(fields))
        if response.is_stream_consumed:  # a mock's response, read when it was made
            return HttpResponse(response.status_code, fields, response.content)
        body = ResponseBody(response.headers.get("content-encoding", "identity"))
        chunks = aiter(response.stream)  # `aiter_raw` is two layers more around it
        try:
            async for chunk in chunks:
                body.add(chunk)
        except UnreadableError:
            await response.aclose()
            await _exhaust(chunks)
            raise
    finally:
        await response.aclose()
    return HttpResponse(response.status_code, fields, body.complete())


async def _exhaust(chunks: AsyncIterator[bytes]) -> None:
    """Let the generators of a closed response end: trio warns of one that is collected while it is suspended."""
    with contextlib.suppress(Exception):
        for _ in range(_BUFFERED):
            await anext(chunks)
