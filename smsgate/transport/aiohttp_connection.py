"""One connection of aiohttp's client. Apart from `aiohttp`, so that aiohttp is imported when it is first used.

It is driven at aiohttp's protocol, which reads responses with a parser in C: the session, the request and the response
above it take longer than all that smsgate does, repeat a request by themselves if a connection breaks, and do not say
over which connection. A request is written here, head and body at once. So what has left is known: nothing before that
write.
"""

import asyncio
import contextlib
import contextvars
import math
import socket
import ssl
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from aiohappyeyeballs import start_connection  # pyright: ignore[reportUnknownVariableType]
from aiohttp import hdrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_writer import StreamWriter
from yarl import URL

from smsgate.transport.connection import OutOfTime
from smsgate.transport.progress import Progress
from smsgate.transport.readable import readable
from smsgate.transport.request_bytes import RequestBytes, written
from smsgate.transport.response_body import MAX_FIELDS, ResponseBody, UnreadableError, check_fields, decoded_fields
from smsgate.transport.timeouts import Timeouts
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["AiohttpConnection"]

_TICKET_SECONDS: Final = 0.2
"""How long the tickets of TLS 1.3 are waited for: vendors send them with the end of the handshake."""
_NEXT_ADDRESS_SECONDS: Final = 0.25
"""How long the first address of a host is tried alone (RFC 8305, 5)."""
_AT_ONCE: Final = 2**16
"""The most bytes of a body that the event loop takes without a wait."""
_INTERIM: Final = range(100, 200)


class AiohttpConnection:
    """One connection to *origin*, for one request at a time."""

    def __init__(self, ssl_context: ssl.SSLContext | None, origin: str) -> None:
        self._ssl_context = ssl_context
        self._origin = origin
        self._protocol: _Protocol | None = None
        self._is_complete = False
        """The last request was written to its end, and its response came whole."""

    async def open(self, timeouts: Timeouts) -> None:
        """See `Connection.open`."""
        await self._connect(timeouts)
        if self._ssl_context is not None:
            await asyncio.sleep(_TICKET_SECONDS)  # the event loop takes those for itself meanwhile

    async def send(self, request: HttpRequest, timeouts: Timeouts, progress: Progress, seconds: float) -> HttpResponse:
        """See `Connection.send`."""
        until = asyncio.get_running_loop().time() + seconds
        self._is_complete = False
        outgoing = written(request, self._origin)
        protocol = self._protocol
        if protocol is None or not protocol.is_fit():
            await self.aclose()
            protocol = await self._connect(timeouts, until)
        progress.handed_over = progress.traced = True  # what has left is told below
        protocol.expect(outgoing, timeouts.read, until)
        progress.body_read()
        writing = protocol.write(outgoing, timeouts.write)
        try:
            response = await _read(protocol)
        except Exception:
            protocol.raise_if_given_up()
            raise
        finally:
            if writing is not None:
                writing.cancel()
        protocol.raise_if_given_up()  # else the end of the stream is taken for the end of the response
        self._is_complete = writing is None or writing.done()
        return response

    def is_reusable(self) -> bool:
        """Not if more came than the response, nor if the body has not been written to its end."""
        return self._is_complete and self._protocol is not None and self._protocol.rest()

    async def aclose(self) -> None:
        """See `Connection.aclose`."""
        protocol, self._protocol = self._protocol, None
        if protocol is not None:
            await protocol.stop(abort=self._ssl_context is not None)

    async def _connect(self, timeouts: Timeouts, until: float = math.inf) -> "_Protocol":
        """In an empty context: the event loop keeps the one in which a connection was opened as long as that lives."""
        loop = asyncio.get_running_loop()
        self._protocol = protocol = _Protocol(loop)
        seconds = min(timeouts.connect, until - loop.time())
        try:
            await asyncio.create_task(self._connect_to(protocol, seconds), context=contextvars.Context())
        except TimeoutError:
            if loop.time() < until:
                raise
            raise OutOfTime from None
        return protocol

    async def _connect_to(self, protocol: "_Protocol", seconds: float) -> None:
        url = URL(self._origin)
        host, port, scheme = url.raw_host, url.port, "http" if self._ssl_context is None else "https"
        if url.scheme != scheme or not host or port is None:
            raise ValueError("the URL needs http:// or https:// and a host")
        loop, context = asyncio.get_running_loop(), self._ssl_context
        async with asyncio.timeout(seconds):
            addresses = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            # As aiohttp does: asyncio's own loses a socket that is connected when it is cancelled.
            connected = await start_connection(addresses, happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS, interleave=1)
            try:
                name = None if context is None else host
                await loop.create_connection(lambda: protocol, sock=connected, ssl=context, server_hostname=name)
            except BaseException:
                connected.close()
                raise


class _Protocol(ResponseHandler):
    """aiohttp's protocol, which is told when a response is waited for. What comes at other times is one to nothing.

    aiohttp would keep that, and read it as the response to the next request (RFC 9112, 6.3 says to close instead).
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._is_resting = True
        self._heard = 0.0
        """When bytes last came, or the request was written, by the time of the loop."""
        self._watching: asyncio.TimerHandle | None = None
        self._given_up: Exception | None = None
        """Why it was closed before the response was complete."""
        self._readable: Callable[[], bool] | None = None

    def is_fit(self) -> bool:
        """Whether a request may go over it."""
        transport = self.transport
        if transport is None or self.should_close or transport.is_closing():
            return False
        if self._readable is None:
            self._readable = readable(transport.get_extra_info("socket"))
        return not self._readable()  # what the event loop has not come to read

    def expect(self, outgoing: RequestBytes, seconds: float, until: float) -> None:
        """Wait for the response to a request from now on: at most *seconds* for each of its parts, and for none later.

        *until*: by the time of the loop.
        """
        self._is_resting = False
        # No timeout of aiohttp's, which makes a timer for each part.
        self.set_response_params(
            skip_payload=outgoing.method == hdrs.METH_HEAD,
            read_until_eof=True,
            auto_decompress=False,
            max_headers=MAX_FIELDS,
        )
        self._heard = self._loop.time()
        self._watch(seconds, until)

    def write(self, outgoing: RequestBytes, seconds: float) -> "asyncio.Task[None] | None":
        """Write all of it; a task that waits, *seconds* at most, for a large body to be written, and is then done."""
        assert self.transport is not None  # noqa: S101  # `is_fit` has looked
        self.transport.write(outgoing.data)
        return None if len(outgoing.data) <= _AT_ONCE else self._loop.create_task(self._drain(seconds))

    def rest(self) -> bool:
        """Wait for no response from now on. False if no other request may go over it."""
        self._is_resting = True
        self._stop_watching()
        return self.transport is not None and not (self.should_close or self.transport.is_closing())

    def raise_if_given_up(self) -> None:
        """Raises `OutOfTime`, or `TimeoutError` if nothing came for too long."""
        if self._given_up is not None:
            raise self._given_up

    async def stop(self, *, abort: bool) -> None:
        """Close it, and wait for that. *abort*: without the end of TLS, for which a vendor may let wait."""
        transport = self.transport
        self._stop_watching()
        if transport is None:
            return
        closed = self.closed
        # What the vendor has not read is dropped: a connection that is closed waits for it, for ever if nobody reads.
        if abort or transport.get_write_buffer_size():
            self.abort()
        else:
            self.close()
        if closed is not None:
            with contextlib.suppress(Exception):
                await closed

    def data_received(self, data: bytes) -> None:
        if self._is_resting:
            self.close()
        else:
            self._heard = self._loop.time()
            super().data_received(data)

    async def _drain(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await StreamWriter(self, self._loop).drain()
        except Exception as error:
            self.set_exception(error)  # which the connection is closed for

    def _watch(self, seconds: float, until: float) -> None:
        """Close it in time. One timer is enough for a response, in however many parts it comes."""
        due, now = min(self._heard + seconds, until), self._loop.time()
        if now < due:
            self._watching = self._loop.call_at(due, self._watch, seconds, until, context=contextvars.Context())
        else:
            self._given_up = OutOfTime() if now >= until else TimeoutError(f"nothing came for {seconds:g} seconds")
            if self.transport is not None:
                self.transport.abort()  # aiohttp's own `abort` forgets who reads the body

    def _stop_watching(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None


async def _read(protocol: _Protocol) -> HttpResponse:
    while True:
        message, payload = await protocol.read()
        if message.code == HTTPStatus.SWITCHING_PROTOCOLS:
            raise UnreadableError("the vendor changed to another protocol")
        if message.code not in _INTERIM:
            break
    check_fields(len(message.raw_headers))
    body = ResponseBody(message.headers.get(hdrs.CONTENT_ENCODING, "identity"))
    if payload.is_eof():
        body.add(payload.read_nowait())
    else:
        async for chunk in payload.iter_any():
            body.add(chunk)
    return HttpResponse(message.code, decoded_fields(message.raw_headers), body.complete())
