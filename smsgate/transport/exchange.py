"""The one module that awaits the network: one request out, one response or none back.

Whether a message may have been sent is decided by what happened to its request, never by the kind of error: see
`smsgate.transport.progress`.

httpx is driven at its transport's public `handle_async_request`: its client layer costs more than everything smsgate
does. Every connection has a pool of its own (see `smsgate.transport.pool`); all share one TLS context.
"""

import importlib
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, cast

import anyio
import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.reason import Reason
from smsgate.transport.client_check import check_client, check_kind, check_transport
from smsgate.transport.failures import address_of, describe_error
from smsgate.transport.pool import ConnectionPool, Lease
from smsgate.transport.progress import Progress
from smsgate.transport.response_body import read_response
from smsgate.transport.threads import in_own_thread
from smsgate.wire import HttpRequest, HttpResponse

if TYPE_CHECKING:
    import httpx

__all__ = ["Exchange", "NoResponse", "TimeLeft", "Timeouts"]

_OUR_HEADERS: Final = (("Accept", "application/json"), ("Accept-Encoding", "identity"), ("User-Agent", "smsgate"))


@attrs.frozen(kw_only=True)
class Timeouts:
    """How long a try may take, in seconds. All are finite; raises `ConfigurationError` if one is not."""

    pool: float = 20.0
    """For a connection to come free while `max_connections` are in use. It comes before the try, and is not counted
    in `total`."""
    connect: float = 5.0
    """For the name, the connection and TLS."""
    write: float = 10.0
    """For a write to make progress."""
    read: float = 10.0
    """For the next bytes of the response."""
    total: float = 20.0
    """For the whole try, however slowly bytes come in. A source of credentials has as long before the try."""

    def __attrs_post_init__(self) -> None:
        for name, seconds in attrs.asdict(self).items():
            if not isinstance(seconds, int | float) or not 0 < seconds <= 3600:
                raise ConfigurationError(f"Timeouts: {name} must be above 0 and at most 3600 seconds")


@attrs.frozen(kw_only=True)
class TimeLeft:
    """How long a request may take because of the deadlines of what is in it, in seconds."""

    begin: float
    """Until it must have a connection."""
    end: float
    """Until it is given up, if `Timeouts.total` is not sooner."""


@attrs.frozen
class NoResponse:
    """No response that can be read."""

    reason: Reason
    """`NO_ANSWER`: the vendor may have the request. `NETWORK`: it never left. `OVERLOADED`: it never left, because all
    of our own connections were in use, which says nothing of the vendor. `EXPIRED`: it never left, in the time that was
    left for it."""
    error: str
    """What happened, in words fit for a log; with the address if the vendor was not reached."""
    cut_after: float | None = None
    """The seconds that it had, if the deadlines of what was in it ended it, and no timeout."""

    @property
    def may_have_left(self) -> bool:
        """Whether the vendor may have the request."""
        return self.reason is Reason.NO_ANSWER


class Exchange:
    """Sends requests and reads responses. Owns its connections, unless the caller gave a client or a transport."""

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
        if client is not None:
            check_client(client)
        if transport is not None:
            check_transport(transport)
        check_kind("timeouts", timeouts, Timeouts, "a smsgate.Timeouts")
        self.timeouts: Timeouts = timeouts
        self._client = client
        self._has_own_connections = client is None and transport is None
        self._pool = ConnectionPool(transport, ssl_context, max_connections, keepalive_expiry)
        self._loading = anyio.Lock()
        self._to_httpx_request: Callable[..., httpx.Request] | None = None
        self._timeout_extension = {
            "connect": timeouts.connect,
            "read": timeouts.read,
            "write": timeouts.write,
            # Of a caller's client: it has only so many connections itself. Ours have a queue of their own before them.
            "pool": timeouts.connect,
        }

    async def send(
        self, request: HttpRequest, progress: Progress, left: TimeLeft | None = None
    ) -> HttpResponse | NoResponse:
        """One request, one response. Never raises for anything that the network or the vendor did."""
        began = anyio.current_time() if left else 0.0
        # An adapter of the caller's may have built anything: what is no request fails below, before it is handed over.
        url, has_body = getattr(request, "url", ""), bool(getattr(request, "body", b""))
        progress.begin(has_body=has_body)
        try:
            outgoing = await self._prepare(request, progress)
            if self._client is not None:
                return await self._attempt(outgoing, None, url, progress, left.end if left else None)
            wait = min(self.timeouts.pool, left.begin) if left else self.timeouts.pool
            lease = await self._pool.acquire(url, wait)
            waited = anyio.current_time() - began if left else 0.0
            if left and waited >= left.begin:
                if lease is not None:
                    await self._pool.release(lease)
                return NoResponse(Reason.EXPIRED, "all connections were in use until it expired", cut_after=0.0)
            if lease is None:
                address = address_of(url, progress)
                return NoResponse(Reason.OVERLOADED, f"all connections to {address} were in use")
            try:
                return await self._attempt(outgoing, lease, url, progress, left.end - waited if left else None)
            finally:
                await self._pool.release(lease)
        except Exception as error:  # raw ssl and h11 errors escape httpx; none may escape here
            return _no_response(progress, describe_error(error, url, progress))

    async def connect(self, address: str) -> str | None:
        """Import what a request needs, and have an open connection to *address*: scheme, host and port.

        Returns why there is none, and never raises for what the network did. Of a caller's client or transport it opens
        none: they have their own.
        """
        progress = Progress()
        try:
            with anyio.move_on_after(self.timeouts.total):
                await self._load()
                if self._client is None:
                    await self._pool.open(address, self.timeouts.pool, self.timeouts.connect)
                return None
        except Exception as error:
            return describe_error(error, address, progress)
        return f"no connection within {self.timeouts.total:g} seconds ({address_of(address, progress)})"

    async def aclose(self) -> None:
        """Close what it opened."""
        await self._pool.aclose()

    def drop_inherited(self) -> None:
        """Drop the connections of a parent process without touching them."""
        self._loading = anyio.Lock()
        self._pool.drop_inherited()

    async def _attempt(
        self, outgoing: "httpx.Request", lease: Lease | None, url: str, progress: Progress, left: float | None
    ) -> HttpResponse | NoResponse:
        """One try, from the hand-over to the end of the response, within its deadline and the *left* seconds."""
        limit = self.timeouts.total if left is None else min(self.timeouts.total, left)
        with anyio.move_on_after(limit):
            try:
                return await read_response(await self._hand_over(outgoing, lease, progress))
            except anyio.get_cancelled_exc_class():
                if lease is not None:
                    lease.discard = True  # httpcore 1.0.9 loses the slot of a request that is cancelled
                await progress.close_unfinished()
                raise
        seconds = f"{limit:.3g} seconds"
        cut_after = limit if limit < self.timeouts.total else None
        if progress.may_have_left:
            return NoResponse(Reason.NO_ANSWER, f"no response within {seconds}", cut_after)
        if cut_after is not None:
            return NoResponse(Reason.EXPIRED, f"no connection in the {seconds} that were left", cut_after)
        return _no_response(progress, f"no connection within {seconds} ({address_of(url, progress)})")

    async def _hand_over(self, outgoing: "httpx.Request", lease: Lease | None, progress: Progress) -> "httpx.Response":
        if lease is not None:
            progress.handed_over = True
            return await lease.transport.handle_async_request(outgoing)
        client = cast("httpx.AsyncClient", self._client)
        progress.handed_over = not client.is_closed  # a closed one raises before its transport has the request
        return await client.send(outgoing, stream=True, auth=None, follow_redirects=False)

    async def _prepare(self, request: HttpRequest, progress: Progress) -> "httpx.Request":
        to_httpx_request = self._to_httpx_request or await self._load()
        extensions = {"timeout": self._timeout_extension, "trace": progress.trace}
        return to_httpx_request(request, _OUR_HEADERS, extensions, progress.body_read)

    async def _load(self) -> "Callable[..., httpx.Request]":
        """Import httpx, which takes long enough to be felt: at the first send, and not on the event loop."""
        if self._has_own_connections:
            async with self._loading:
                if self._to_httpx_request is None:
                    await in_own_thread(_import_httpx)
        # Else a caller's client or transport has brought httpx. It may be used on several loops, the lock may not.
        from smsgate.transport.httpx_request import to_httpx_request

        self._to_httpx_request = to_httpx_request
        return to_httpx_request


def _import_httpx() -> None:
    for name in ("smsgate.transport.ready", "smsgate.transport.httpx_request"):
        importlib.import_module(name)


def _no_response(progress: Progress, error: str) -> NoResponse:
    return NoResponse(Reason.NO_ANSWER if progress.may_have_left else Reason.NETWORK, error)
