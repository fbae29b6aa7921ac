"""One connection of aiohttp's client. Apart from `aiohttp`, so that aiohttp is imported when it is first used.

Nothing of a request leaves before its body is read, however small, over TLS or not: aiohttp keeps the headers back and
writes them with the first piece of the body, in one write. So the body tells: until it is read nothing has left, and
one that raises instead prevents the write. (aiohttp's own announcement of a chunk comes just after that, for the price
of eight more calls a request.)
"""

import asyncio
import contextvars
import re
import select
import ssl
import weakref
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from aiohttp import hdrs, payload
from aiohttp.abc import AbstractStreamWriter
from aiohttp.client_middlewares import ClientHandlerType
from aiohttp.client_proto import ResponseHandler
from yarl import URL

from smsgate.transport.connection import OUR_HEADERS
from smsgate.transport.progress import Progress
from smsgate.transport.response_body import MAX_FIELDS, ResponseBody, UnreadableError, check_fields
from smsgate.transport.timeouts import Timeouts
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["AiohttpConnection"]

_ENCODED: Final = re.compile(r"[!-~]+")
"""A URL that is sent as it is, which is how it was signed. aiohttp would encode it anew."""
_TICKET_SECONDS: Final = 0.2
"""How long the tickets of TLS 1.3 are waited for: vendors send them with the end of the handshake."""
_AT_ONCE: Final = 2**16
"""aiohttp waits only while more bytes than these are being written."""


class AiohttpConnection:
    """A session of its own with one connection in it, so that it is known which connection a request goes over."""

    def __init__(self, ssl_context: ssl.SSLContext | None, origin: str) -> None:
        self._ssl_context = ssl_context
        self._origin = origin
        self._session: aiohttp.ClientSession | None = None
        self._current: _Body | None = None
        """The body that goes over it, or went over it last."""
        self._last: _Body | None = None
        """The body that went over it last, if its response came whole."""
        self._guard: _Guard | None = None
        """There while it is idle."""
        self._letting_go: weakref.finalize[..., Any] | None = None

    async def open(self, timeouts: Timeouts) -> None:
        """See `Connection.open`."""
        await asyncio.create_task(self._connect(self._start(timeouts)), context=contextvars.Context())

    async def send(self, request: HttpRequest, timeouts: Timeouts, progress: Progress) -> HttpResponse:
        """See `Connection.send`."""
        if self._guard is not None and not self._guard.step_aside():
            await self.aclose()
        self._guard = self._last = None
        body = self._current = _Body(request.body, progress, timeouts.write)
        progress.handed_over = progress.traced = True  # the body tells
        if self._session is not None:
            response = await self._begin(self._session, request, body)
        else:
            # In an empty context: the event loop keeps the one in which a connection was opened as long as that lives.
            opening = self._begin(self._start(timeouts), request, body)
            response = await asyncio.create_task(opening, context=contextvars.Context())
        try:
            complete = await _read(response)
        finally:
            if not response.closed:
                response.close()
        self._last = body
        return complete

    def is_reusable(self) -> bool:
        """Not if more came than the response, nor if the body has not been written to its end."""
        protocol = None if self._last is None or not self._last.written else self._last.protocol
        if protocol is None or protocol.should_close or not protocol.is_connected():
            return False
        self._guard = _Guard(protocol)
        return True

    async def aclose(self) -> None:
        """See `Connection.aclose`."""
        session, self._session = self._session, None
        if self._current is not None:
            self._current.stop_writing()
        if session is not None:
            if self._letting_go is not None:
                self._letting_go.detach()
            await session.close()

    async def _connect(self, session: aiohttp.ClientSession) -> None:
        """A connection of the session's, given back unused, which its first request takes."""
        assert session.connector is not None  # noqa: S101  # `_start` has given it one
        request = aiohttp.ClientRequest("POST", URL(self._origin), session=session)
        connection = await session.connector.connect(request, [], session.timeout)
        protocol = connection.protocol
        connection.release()
        if protocol is not None:
            self._guard = _Guard(protocol)
        if self._origin.startswith("https:"):
            await asyncio.sleep(_TICKET_SECONDS)  # the event loop takes those for itself meanwhile

    async def _begin(
        self, session: aiohttp.ClientSession, request: HttpRequest, body: "_Body"
    ) -> aiohttp.ClientResponse:
        return await session.request(
            request.method,
            URL(request.url, encoded=_ENCODED.fullmatch(request.url) is not None),
            headers=[*request.headers.pairs, *OUR_HEADERS],
            data=body,
            allow_redirects=False,
            middlewares=() if _has_length(request) else (_without_length,),
        )

    def _start(self, timeouts: Timeouts) -> aiohttp.ClientSession:
        """A session, which can be made only where an event loop runs."""
        connector = _Connector(
            ssl=True if self._ssl_context is None else self._ssl_context,
            resolver=aiohttp.ThreadedResolver(),  # the system's, as for everything else in the program
            use_dns_cache=False,
            limit=0,
            keepalive_timeout=None,  # whoever keeps this connection closes it in time
        )
        self._session = session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=None, connect=timeouts.connect, sock_read=timeouts.read, ceil_threshold=2 * timeouts.connect
            ),
            auto_decompress=False,
            trust_env=False,
            skip_auto_headers=[hdrs.CONTENT_TYPE],
            max_headers=MAX_FIELDS,
        )
        # One that is dropped without being closed, as after a fork, shall say nothing and touch no socket.
        self._letting_go = weakref.finalize(self, session.detach)
        return session


class _Connector(aiohttp.TCPConnector):
    def __del__(self, *_: Any) -> None:
        """Nothing. aiohttp would close connections here, which after a fork are the parent's."""


class _RepeatedError(Exception):
    """aiohttp would send a request a second time, as it does with GET, PUT and DELETE if a connection breaks."""


class _Body(payload.Payload):
    """A body that tells when it is read, which is for the first time just before the request begins to leave."""

    def __init__(self, data: bytes, progress: Progress, seconds: float) -> None:
        super().__init__(data)
        self._data = data
        self._progress = progress
        self._seconds = seconds
        self.protocol: ResponseHandler | None = None
        """That of the connection which it is written to."""
        self.written = False
        self._transport: asyncio.WriteTransport | None = None

    def stop_writing(self) -> None:
        """Drop what the vendor has not read: a connection that is closed waits for it, for ever if nobody reads."""
        if self._transport is not None and self._transport.get_write_buffer_size():
            self._transport.abort()

    @property
    def size(self) -> int:
        return len(self._data)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        self._progress.body_read()
        return self._data.decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        if self._progress.left:
            raise _RepeatedError
        self.protocol = getattr(writer, "protocol", None)
        self._transport = getattr(writer, "transport", None)
        self._progress.body_read()
        if len(self._data) <= _AT_ONCE:
            await writer.write(self._data)
        else:
            async with asyncio.timeout(self._seconds):
                await writer.write(self._data)
        self.written = True

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        await self.write(writer)


class _Guard(asyncio.Protocol):
    """In the place of aiohttp's protocol while a connection is idle: what comes then is a response to nothing.

    aiohttp would keep it, and read it as the response to the next request (RFC 9112, 6.3 says to close instead).
    """

    def __init__(self, protocol: ResponseHandler) -> None:
        self._protocol = protocol
        if protocol.transport is not None:
            protocol.transport.set_protocol(self)

    def step_aside(self) -> bool:
        """Let the next request go over the connection; False if that is not fit for one."""
        transport = self._protocol.transport
        if transport is None or self._protocol.should_close or not self._protocol.is_connected():
            return False
        if _has_unread(transport):  # what the event loop has not come to read
            return False
        transport.set_protocol(self._protocol)
        return True

    def data_received(self, data: bytes) -> None:
        self._protocol.close()

    def eof_received(self) -> None:
        self._protocol.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._protocol.connection_lost(exc)


def _has_unread(transport: asyncio.BaseTransport) -> bool:
    poll = select.poll()
    poll.register(transport.get_extra_info("socket"), select.POLLIN)
    return bool(poll.poll(0))


def _has_length(request: HttpRequest) -> bool:
    """RFC 9110, 8.6: also a length of 0, where the method defines a meaning for content."""
    return bool(request.body) or request.method.upper() in ("POST", "PUT", "PATCH")


async def _without_length(request: aiohttp.ClientRequest, handler: ClientHandlerType) -> aiohttp.ClientResponse:
    request.headers.pop(hdrs.CONTENT_LENGTH, None)
    return await handler(request)


async def _read(response: aiohttp.ClientResponse) -> HttpResponse:
    if response.status == HTTPStatus.SWITCHING_PROTOCOLS:
        raise UnreadableError("the vendor changed to another protocol")
    check_fields(len(response.raw_headers))
    body = ResponseBody(response.headers.get(hdrs.CONTENT_ENCODING, "identity"))
    async for chunk in response.content.iter_any():
        body.add(chunk)
    fields = [(_text(name), _text(value)) for name, value in response.raw_headers]
    return HttpResponse(response.status, fields, body.complete())


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
