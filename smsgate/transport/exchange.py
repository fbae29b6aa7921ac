"""The one module that awaits the network: one request out, one response or none back.

Whether a message may have been sent is decided by what happened to its request, never by the kind of error: see
`smsgate.transport.progress`. Which HTTP library it goes through is of no concern here: see
`smsgate.transport.connection`.
"""

import ssl
from typing import TYPE_CHECKING

import anyio
import attrs

from smsgate.model.reason import Reason
from smsgate.transport.checks import check_kind
from smsgate.transport.choice import choose
from smsgate.transport.connection import OutOfTime
from smsgate.transport.failures import address_of, describe_error
from smsgate.transport.pool import ConnectionPool, Lease
from smsgate.transport.progress import Progress
from smsgate.transport.timeouts import Timeouts
from smsgate.wire import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from smsgate.transport.choice import AnyClient, AnyTransport

__all__ = ["Exchange", "NoResponse", "TimeLeft"]


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
        transport: "AnyTransport | None" = None,
        client: "AnyClient | None" = None,
        ssl_context: ssl.SSLContext | None = None,
        max_connections: int = 100,
        keepalive_expiry: float = 45.0,
    ) -> None:
        check_kind("timeouts", timeouts, Timeouts, "a smsgate.Timeouts")
        self.timeouts: Timeouts = timeouts
        self._pool = ConnectionPool(choose(client, transport, ssl_context, max_connections), keepalive_expiry)

    @property
    def max_connections(self) -> int | None:
        """The most connections to each origin; None where it is a matter of the caller's client or transport."""
        return self._pool.max_connections

    async def send(
        self, request: HttpRequest, progress: Progress, left: TimeLeft | None = None
    ) -> HttpResponse | NoResponse:
        """One request, one response. Never raises for anything that the network or the vendor did."""
        began = anyio.current_time() if left else 0.0
        # An adapter of the caller's may have built anything: what is no request fails below, before it is handed over.
        url, body = getattr(request, "url", ""), getattr(request, "body", b"")
        progress.begin(has_body=bool(body))
        try:
            if not isinstance(body, bytes):
                raise TypeError("the body must be bytes")
            lease = await self._pool.acquire(url, min(self.timeouts.pool, left.begin) if left else self.timeouts.pool)
            waited = anyio.current_time() - began if left else 0.0
            if left and waited >= left.begin:
                if lease is not None:
                    await self._pool.release(lease)
                return NoResponse(Reason.EXPIRED, "all connections were in use until it expired", cut_after=0.0)
            if lease is None:
                address = address_of(url, progress)
                return NoResponse(Reason.OVERLOADED, f"all connections to {address} were in use")
            try:
                return await self._attempt(request, lease, progress, left.end - waited if left else None)
            finally:
                await self._pool.release(lease)
        except Exception as error:  # raw ssl and parser errors escape the libraries; none may escape here
            return _no_response(progress, describe_error(error, url, progress))

    async def connect(self, address: str) -> str | None:
        """Import what a request needs, and have an open connection to *address*: scheme, host and port.

        Returns why there is none, and never raises for what the network did. Of a caller's client or transport it opens
        none: they have their own.
        """
        progress = Progress()
        try:
            with anyio.move_on_after(self.timeouts.total):
                await self._pool.open(address, self.timeouts)
                return None
        except Exception as error:
            return describe_error(error, address, progress)
        return f"no connection within {self.timeouts.total:g} seconds ({address_of(address, progress)})"

    async def aclose(self) -> None:
        """Close what was opened."""
        await self._pool.aclose()

    def bind(self) -> None:
        """Begin on the running event loop, and drop the connections of a parent process without touching them.

        Raises `ConfigurationError` if the transport does not run on this event loop.
        """
        self._pool.bind()

    async def _attempt(
        self, request: HttpRequest, lease: Lease, progress: Progress, left: float | None
    ) -> HttpResponse | NoResponse:
        """One try, from the hand-over to the end of the response, within its deadline and the *left* seconds."""
        limit = self.timeouts.total if left is None else min(self.timeouts.total, left)
        try:
            return await lease.connection.send(request, self.timeouts, progress, limit)
        except OutOfTime:
            lease.discard = True
        except anyio.get_cancelled_exc_class():
            lease.discard = True
            raise
        seconds = f"{limit:.3g} seconds"
        cut_after = limit if limit < self.timeouts.total else None
        if progress.may_have_left:
            return NoResponse(Reason.NO_ANSWER, f"no response within {seconds}", cut_after)
        if cut_after is not None:
            return NoResponse(Reason.EXPIRED, f"no connection in the {seconds} that were left", cut_after)
        return _no_response(progress, f"no connection within {seconds} ({address_of(request.url, progress)})")


def _no_response(progress: Progress, error: str) -> NoResponse:
    return NoResponse(Reason.NO_ANSWER if progress.may_have_left else Reason.NETWORK, error)
