"""A connection of our own over httpcore or httpcore2, which httpx and httpx2 send over.

Neither a client nor a pool is above it: they have nothing to do for one connection, and take a fifth of a send for it.
Whoever puts something around the library's transport, to mock or to trace it, is given the requests all the same.
"""

import ssl
import sys
from types import FunctionType, ModuleType
from typing import Any, Final
from urllib.parse import urlsplit

import anyio

from smsgate.transport.connection import OutOfTime
from smsgate.transport.httpcore_stream import OneWriteBackend
from smsgate.transport.httpx_connection import CallersConnection, limits_of, read_response
from smsgate.transport.progress import Progress
from smsgate.transport.ready import ReadyBackend
from smsgate.transport.request_body import ObservedBody
from smsgate.transport.request_bytes import ascii_host, head_of
from smsgate.transport.response_body import decoded_fields
from smsgate.transport.timeouts import Timeouts
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["CoreConnection"]

_CODING: Final = "content-encoding"


class CoreConnection:
    """A connection of *core* to *origin*. *library*: the name of the one that sends over *core*.

    It need not be there: to import httpx too takes half as long again, and makes a quarter of the objects that the
    garbage collector walks in a small program.
    """

    def __init__(self, library: str, core: ModuleType, ssl_context: ssl.SSLContext | None, origin: str) -> None:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise core.UnsupportedProtocol("the URL needs http:// or https:// and a host")
        self._library, self._core, self._ssl_context = library, core, ssl_context
        self._written_origin = origin
        host = ascii_host(parts.hostname)
        self._origin = core.URL(scheme=parts.scheme, host=host, port=parts.port, target="/").origin
        self._backend = ReadyBackend(core)
        self._connection = self._renew()
        self._is_proven = False
        """The connection that there is has told how far a request got."""
        self._transport: Any = None
        """One of the library's around the connection, once there is something around that."""

    async def open(self, timeouts: Timeouts) -> None:
        """See `Connection.open`."""
        host = self._origin.host.decode("ascii")
        await self._backend.open(host, self._origin.port, self._ssl_context, timeouts.connect)

    async def send(self, request: HttpRequest, timeouts: Timeouts, progress: Progress, seconds: float) -> HttpResponse:
        """See `Connection.send`."""
        with anyio.move_on_after(seconds):
            if self._connection.is_closed() or self._connection.has_expired():
                await self._connection.aclose()
                self._connection = self._renew()
            module = sys.modules.get(self._library)
            if module is not None and _is_wrapped(module):
                return await self._through_transport(module).send(request, timeouts, progress, seconds)
            return await self._send(request, timeouts, progress)
        raise OutOfTime

    async def _send(self, request: HttpRequest, timeouts: Timeouts, progress: Progress) -> HttpResponse:
        outgoing = self._outgoing(request, timeouts, progress)
        if self._is_proven and request.body:
            # What happens before the body is read is over, and the body tells of the rest.
            progress.traced = True
        else:
            outgoing.extensions["trace"] = progress.trace
        progress.handed_over = True
        try:
            response = await self._connection.handle_async_request(outgoing)
            fields = decoded_fields(response.headers)
            coding = ", ".join([value for name, value in fields if name.lower() == _CODING])
            found = await read_response(response, response.status, fields, coding)
        except anyio.get_cancelled_exc_class():
            await progress.close_unfinished()
            raise
        self._is_proven = progress.traced
        return found

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
        await self._connection.aclose()

    def _outgoing(self, request: HttpRequest, timeouts: Timeouts, progress: Progress) -> Any:
        head, origin = head_of(request, self._written_origin), self._origin
        return self._core.Request(
            head.method,
            self._core.URL(scheme=origin.scheme, host=origin.host, port=origin.port, target=head.target),
            headers=[(name.encode("ascii"), value.encode("ascii")) for name, value in head.fields],
            content=ObservedBody(request.body, progress.body_read),
            extensions={"timeout": limits_of(timeouts)},
        )

    def _renew(self) -> Any:
        self._is_proven = False
        return self._core.AsyncHTTPConnection(
            self._origin,
            ssl_context=self._ssl_context,
            network_backend=OneWriteBackend(self._backend),
        )

    def _through_transport(self, module: ModuleType) -> CallersConnection:
        """Send over this very connection, through all that is around the library's transport."""
        if self._transport is None:
            context = self._ssl_context or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._transport = module.AsyncHTTPTransport(verify=context, trust_env=False)
        self._transport._pool = self._connection  # which has no public name; of a mock it is no matter
        return CallersConnection(module, transport=self._transport)


def _is_wrapped(module: ModuleType) -> bool:
    """Whether something is in the place of the transport of *module*, or around it: pytest-httpx, or OpenTelemetry.

    Whatever is not known to be the library's own is: else a test that mocks it would send messages.
    """
    transport = getattr(module, "AsyncHTTPTransport", None)
    if transport is None:  # it is just being imported, in another thread
        return False
    send = getattr(transport, "handle_async_request", None)
    return not (
        type(send) is FunctionType  # and no object that looks like one
        and send.__qualname__ == "AsyncHTTPTransport.handle_async_request"
        and send.__globals__.get("__name__") == f"{module.__name__}._transports.default"
        and (transport.__module__, transport.__qualname__) == (module.__name__, "AsyncHTTPTransport")
    )
