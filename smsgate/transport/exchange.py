"""The one module that awaits the network: one request out, one answer or one silence back.

Whether a message may have been sent is not told by the kind of error but by whether the request's body began to
leave. httpcore's trace extension says so (`http11.send_request_body.started`). Where nothing traces, as with a mock, a
short list of errors counts as "never left", and everything else as "may have left".

httpx is driven at its transport's public `handle_async_request`: its client layer costs more than everything smsgate
does. Every connection has a pool of its own (see `smsgate.transport.pool`); all share one TLS context.
"""

import contextlib
import importlib
import logging
import ssl
import zlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final

import anyio
import anyio.to_thread
import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.masking import safe_text
from smsgate.transport.pool import Pools
from smsgate.wire import HttpRequest, HttpResponse

if TYPE_CHECKING:
    import httpx

__all__ = ["Exchange", "Progress", "Silence", "Timeouts"]

logger: Final = logging.getLogger("smsgate")

MAX_ANSWER: Final = 1024 * 1024
"""The most bytes of an answer that are read, compressed or not."""
MAX_FIELDS: Final = 200
"""The most header fields that an answer may have."""

_BUFFERED: Final = 2**14
"""How many pieces of a body a connection may still hold when it is closed: httpcore reads 64 KiB at a time."""

_OUR_HEADERS: Final = (("Accept", "application/json"), ("Accept-Encoding", "identity"), ("User-Agent", "smsgate"))
_BODY_STARTED: Final = frozenset({"http11.send_request_body.started", "http2.send_request_body.started"})
_TLS_CUT_SHORT: Final = (
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,  # what an end of the stream in the handshake is, depends on the Python version
    ssl.SSLSyscallError,
    ssl.SSLWantReadError,
    ssl.SSLWantWriteError,
)
_NEVER_LEFT: Final = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol", "InvalidURL"})


@attrs.frozen(kw_only=True)
class Timeouts:
    """How long a try may take, in seconds. All are finite; raises `ConfigurationError` if one is not."""

    connect: float = 5.0
    """For the name, the connection and TLS."""
    write: float = 10.0
    """For a write to make progress."""
    read: float = 10.0
    """For the next bytes of the answer."""
    total: float = 20.0
    """For the whole try, whatever trickles in."""

    def __attrs_post_init__(self) -> None:
        for name, seconds in attrs.asdict(self).items():
            if not isinstance(seconds, int | float) or not 0 < seconds <= 3600:
                raise ConfigurationError(f"Timeouts: {name} must be above 0 and at most 3600 seconds")


@attrs.define
class Progress:
    """How far a request got: kept by the caller, so that a cancelled exchange still tells."""

    handed_over: bool = False
    traced: bool = False
    body_started: bool = False
    connecting: Any = None
    """httpcore's stream from when it is connected until a request goes over it."""

    @property
    def may_have_left(self) -> bool:
        """Whether the vendor may have the message."""
        return self.body_started if self.traced else self.handed_over

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        """httpcore's trace callback. On the way through a proxy it also hears of the CONNECT that goes before."""
        self.traced = True
        if event in _BODY_STARTED and getattr(info.get("request"), "method", None) != b"CONNECT":
            self.body_started = True
        elif event == "connection.connect_tcp.complete":
            self.connecting = info.get("return_value")
        elif event.endswith(".send_request_headers.started"):
            self.connecting = None

    async def hang_up(self) -> None:
        """Close a connection that was cut short before it was ready: httpcore 1.0.9 forgets it when it is cancelled."""
        if self.connecting is not None:
            with anyio.CancelScope(shield=True):
                await self.connecting.aclose()


@attrs.frozen
class Silence:
    """No answer that can be read."""

    may_have_left: bool
    error: str
    """What happened, in words fit for a log."""


class _UnreadableError(Exception):
    """The answer is too large or its coding is broken."""


class Exchange:
    """Sends requests and reads answers. Owns its connections, unless the caller gave a client or a transport."""

    def __init__(
        self,
        *,
        timeouts: Timeouts,
        transport: "httpx.AsyncBaseTransport | None" = None,
        client: "httpx.AsyncClient | None" = None,
        ssl_context: ssl.SSLContext | None = None,
        max_connections: int = 100,
        keepalive_expiry: float = 45.0,
    ) -> None:
        if client is not None and transport is not None:
            raise ConfigurationError("Gateway: give client or transport, not both")
        self._timeouts = timeouts
        self._client = client
        self._pools = Pools(transport, ssl_context, max_connections, keepalive_expiry)
        self._loaded = False
        self._timeout_extension = {
            "connect": timeouts.connect,
            "read": timeouts.read,
            "write": timeouts.write,
            "pool": timeouts.connect,
        }

    async def send(self, request: HttpRequest, progress: Progress) -> HttpResponse | Silence:
        """One request, one answer. Never raises for anything that the network or the vendor did."""
        with anyio.move_on_after(self._timeouts.total):
            try:
                return await self._attempt(request, progress)
            except Exception as error:  # raw ssl and h11 errors escape httpx; none may escape here
                return _silence(error, progress, request)
            except anyio.get_cancelled_exc_class():
                await progress.hang_up()
                raise
        return Silence(progress.may_have_left, f"no answer within {self._timeouts.total:g} seconds")

    async def aclose(self) -> None:
        """Close what it opened."""
        await self._pools.aclose()

    def forget(self) -> None:
        """Drop the connections of a parent process without touching them."""
        self._pools.forget()

    async def _attempt(self, request: HttpRequest, progress: Progress) -> HttpResponse | Silence:
        wire = await self._outgoing(request, progress)
        if self._client is not None:
            progress.handed_over = not self._client.is_closed
            return await _read(await self._client.send(wire, stream=True, auth=None, follow_redirects=False))
        lease = await self._pools.acquire(request.url, self._timeouts.connect)
        if lease is None:
            return Silence(False, "PoolTimeout: every connection to this vendor was busy")
        try:
            progress.handed_over = True
            return await _read(await lease.transport.handle_async_request(wire))
        except anyio.get_cancelled_exc_class():
            lease.tainted = True  # httpcore 1.0.9 loses the slot of a request that is cancelled
            raise
        finally:
            await self._pools.release(lease)

    async def _outgoing(self, request: HttpRequest, progress: Progress) -> "httpx.Request":
        if not self._loaded:
            await anyio.to_thread.run_sync(_load)
            self._loaded = True
        from smsgate.transport.httpx_request import outgoing

        return outgoing(request, _OUR_HEADERS, {"timeout": self._timeout_extension, "trace": progress.trace})


def _load() -> None:
    """Import httpx, which takes long enough to be felt: at the first send, and not on the event loop."""
    for name in ("httpcore", "smsgate.transport.httpx_request"):
        importlib.import_module(name)


async def _read(response: "httpx.Response") -> HttpResponse:
    try:
        fields = response.headers.multi_items()
        if len(fields) > MAX_FIELDS:
            raise _UnreadableError(f"the answer has more than {MAX_FIELDS} header fields")
        if response.is_stream_consumed:  # a mock's answer, read when it was made
            return HttpResponse(response.status_code, fields, response.content)
        body = _Body(response.headers.get("content-encoding", "identity").strip().lower())
        chunks = response.aiter_raw()
        try:
            async for chunk in chunks:
                body.take(chunk)
        except _UnreadableError:
            await response.aclose()
            await _run_out(chunks)
            raise
    finally:
        await response.aclose()
    return HttpResponse(response.status_code, fields, body.whole())


async def _run_out(chunks: AsyncIterator[bytes]) -> None:
    """Let the generators of a closed answer come to their end: one that is left half-way is a warning on trio."""
    with contextlib.suppress(Exception):
        for _ in range(_BUFFERED):
            await anext(chunks)


class _Body:
    """An answer's body as it comes in: decoded, and never more than `MAX_ANSWER`."""

    def __init__(self, coding: str) -> None:
        """Identity was asked for; some servers compress all the same."""
        if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise _UnreadableError("the answer has a content coding that was not asked for")
        plain = coding in ("", "identity")
        self._inflate = None if plain else zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, as it begins
        self._received = 0
        self._data = bytearray()

    def take(self, chunk: bytes) -> None:
        self._received += len(chunk)
        try:
            self._data += chunk if self._inflate is None else self._inflate.decompress(chunk, MAX_ANSWER + 1)
        except zlib.error:
            raise _UnreadableError("the answer's compression is broken") from None
        if self._received > MAX_ANSWER or len(self._data) > MAX_ANSWER:
            raise _UnreadableError(f"the answer is larger than {MAX_ANSWER} bytes")

    def whole(self) -> bytes:
        if self._inflate is not None and self._received and not self._inflate.eof:
            raise _UnreadableError("the answer's compression ends too early")
        return bytes(self._data)


def _silence(error: Exception, progress: Progress, request: HttpRequest) -> Silence:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    may_have_left = progress.may_have_left if progress.traced else progress.handed_over and not kinds & _NEVER_LEFT
    if not may_have_left and (tls := _tls_problem(error)) is not None:
        host = request.url.split("/")[2]
        logger.warning("TLS to %s failed, check the address and the certificates of this machine: %s", host, tls)
        return Silence(False, f"TLS: {tls}")
    text = safe_text(str(error)) if isinstance(error, _UnreadableError | OSError) or kinds & _NEVER_LEFT else ""
    return Silence(may_have_left, f"{type(error).__name__}: {text}" if text else type(error).__name__)


def _tls_problem(error: BaseException | None) -> str | None:
    """What TLS could not agree on; None for a peer that fell silent or left, which no configuration mends."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:  # chains of causes and contexts may be circular
        if isinstance(error, ssl.SSLError) and not isinstance(error, _TLS_CUT_SHORT):
            return safe_text(getattr(error, "verify_message", "") or error.reason or str(error))
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None
