"""The one module that awaits the network: one request out, one answer or one silence back.

Whether a message may have been sent is not told by the kind of error but by whether the request's body began to
leave. httpcore's trace extension says so (`http11.send_request_body.started`). Where nothing traces, as with a mock, a
short list of errors counts as "never left", and everything else as "may have left".

httpx is driven at its transport's public `handle_async_request`: its client layer costs more than everything smsgate
does. Each vendor address has pools of at most ten connections, above which httpcore's bookkeeping grows steeply; all
pools share one TLS context.
"""

import logging
import ssl
import zlib
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Final

import anyio
import attrs

from smsgate.errors import ConfigurationError
from smsgate.phone import safe_words
from smsgate.pools import Lease, Pools
from smsgate.wire import HttpRequest, HttpResponse

if TYPE_CHECKING:
    import httpx

__all__ = ["Exchange", "Progress", "Silence", "Timeouts"]

logger = logging.getLogger("smsgate")

MAX_ANSWER: Final = 1024 * 1024
"""The most bytes of an answer that are read, compressed or not."""

_OUR_HEADERS: Final = (("Accept", "application/json"), ("Accept-Encoding", "identity"), ("User-Agent", "smsgate"))
_BODY_STARTED: Final = frozenset({"http11.send_request_body.started", "http2.send_request_body.started"})
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
            if not 0 < seconds <= 3600:
                raise ConfigurationError(f"Timeouts: {name} must be above 0 and at most 3600 seconds")


@attrs.define
class Progress:
    """How far a request got: kept by the caller, so that a cancelled exchange still tells."""

    handed_over: bool = False
    traced: bool = False
    body_started: bool = False

    @property
    def may_have_left(self) -> bool:
        """Whether the vendor may have the message."""
        return self.body_started if self.traced else self.handed_over

    async def trace(self, event: str, _: dict[str, Any]) -> None:
        """httpcore's trace callback."""
        self.traced = True
        if event in _BODY_STARTED:
            self.body_started = True


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
        return Silence(progress.may_have_left, f"no answer within {self._timeouts.total:g} seconds")

    async def aclose(self) -> None:
        """Close what it opened."""
        await self._pools.aclose()

    def forget(self) -> None:
        """Drop the connections of a parent process without touching them."""
        self._pools.forget()

    async def _attempt(self, request: HttpRequest, progress: Progress) -> HttpResponse | Silence:
        if self._client is not None:
            return await self._through_client(self._client, request, progress)
        lease = await self._pools.acquire(request.url, self._timeouts.connect)
        if lease is None:
            return Silence(False, "PoolTimeout: every connection to this vendor was busy")
        try:
            return await self._over(lease, request, progress)
        except anyio.get_cancelled_exc_class():
            lease.tainted = True  # httpcore 1.0.9 loses the slot of a request that is cancelled
            raise
        finally:
            await self._pools.release(lease)

    async def _over(self, lease: Lease, request: HttpRequest, progress: Progress) -> HttpResponse:
        import httpx

        wire = httpx.Request(
            request.method,
            request.url,
            headers=[*request.headers.pairs, *_OUR_HEADERS],
            content=request.body,
            extensions={"timeout": self._timeout_extension, "trace": progress.trace},
        )
        progress.handed_over = True
        return await _read(await lease.transport.handle_async_request(wire))

    async def _through_client(
        self, client: "httpx.AsyncClient", request: HttpRequest, progress: Progress
    ) -> HttpResponse:
        wire = client.build_request(
            request.method,
            request.url,
            headers=[*request.headers.pairs, *_OUR_HEADERS],
            content=request.body,
            extensions={"timeout": self._timeout_extension, "trace": progress.trace},
        )
        progress.handed_over = True
        return await _read(await client.send(wire, stream=True, auth=None, follow_redirects=False))


async def _read(response: "httpx.Response") -> HttpResponse:
    try:
        if response.is_stream_consumed:  # a mock's answer, read when it was made
            return HttpResponse(response.status_code, response.headers.multi_items(), response.content)
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        body = await _read_body(_decoder(coding), response.aiter_raw())
    finally:
        await response.aclose()
    return HttpResponse(response.status_code, response.headers.multi_items(), body)


async def _read_body(decode: Callable[[bytes], bytes], chunks: AsyncIterator[bytes]) -> bytes:
    body = bytearray()
    received = 0
    async for chunk in chunks:
        received += len(chunk)
        body += decode(chunk)
        if received > MAX_ANSWER or len(body) > MAX_ANSWER:
            raise _UnreadableError(f"the answer is larger than {MAX_ANSWER} bytes")
    return bytes(body)


def _decoder(coding: str) -> Callable[[bytes], bytes]:
    """Undoes a content coding within `MAX_ANSWER`: identity was asked for, some servers compress all the same."""
    if coding in ("", "identity"):
        return bytes
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise _UnreadableError("the answer has a content coding that was not asked for")
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, whichever its first bytes say
    return lambda chunk: inflate.decompress(chunk, MAX_ANSWER + 1)


def _silence(error: Exception, progress: Progress, request: HttpRequest) -> Silence:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    may_have_left = progress.may_have_left if progress.traced else progress.handed_over and not kinds & _NEVER_LEFT
    if not may_have_left and (tls := _tls_problem(error)) is not None:
        host = request.url.split("/")[2]
        logger.warning("TLS to %s failed, check the address and the certificates of this machine: %s", host, tls)
        return Silence(False, f"TLS: {tls}")
    text = safe_words(str(error)) if isinstance(error, _UnreadableError | OSError) or kinds & _NEVER_LEFT else ""
    return Silence(may_have_left, f"{type(error).__name__}: {text}" if text else type(error).__name__)


def _tls_problem(error: BaseException | None) -> str | None:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return safe_words(getattr(error, "verify_message", "") or error.reason or str(error))
        error = error.__cause__ or error.__context__
    return None
