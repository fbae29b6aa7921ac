"""Connections by vendor address, each in a pool of its own.

httpcore looks at every connection of a pool twice a request, and asks the socket of each idle one, so that a large pool
costs many times what small ones do. With one connection in each, a request pays for its own; `bench_send.py` shows it.
"""

import ssl
from collections import deque
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import attrs

from smsgate.model.errors import ConfigurationError

if TYPE_CHECKING:
    import httpx

__all__ = ["Lease", "Pools"]


@attrs.define(eq=False)
class Lease:
    """One connection, for one request."""

    transport: "httpx.AsyncBaseTransport"
    lane: "_Lane | None"
    tainted: bool = False
    """It is not to be used again."""


@attrs.define(eq=False)
class _Lane:
    """The connections to one address and who waits for one."""

    opened: list["httpx.AsyncBaseTransport"] = attrs.field(factory=list["httpx.AsyncBaseTransport"])
    free: list["httpx.AsyncBaseTransport"] = attrs.field(factory=list["httpx.AsyncBaseTransport"])
    """The last one used is the next one taken, so that the others fall idle and expire."""
    waiting: deque[anyio.Event] = attrs.field(factory=deque[anyio.Event])


class Pools:
    """Hands out connections. Uses the caller's transport for everything if there is one, and never closes that."""

    def __init__(
        self,
        transport: "httpx.AsyncBaseTransport | None",
        ssl_context: ssl.SSLContext | None,
        max_connections: int,
        keepalive_expiry: float,
    ) -> None:
        if max_connections < 1:
            raise ConfigurationError("max_connections: must be at least 1")
        if not 0 <= keepalive_expiry < 90:
            raise ConfigurationError("keepalive_expiry: must be below the 90 seconds after which networks drop it")
        self._transport = transport
        self._ssl_context = ssl_context
        self._max_connections = max_connections
        self._keepalive_expiry = keepalive_expiry
        self._lanes: dict[str, _Lane] = {}
        self._reading = anyio.Lock()

    async def acquire(self, url: str, seconds: float) -> Lease | None:
        """A connection for *url*, or None if none came free within *seconds*."""
        if self._transport is not None:
            return Lease(self._transport, None)
        if self._ssl_context is None and url.startswith("https:"):
            await self._read_certificates()
        lane = self._lanes.setdefault("/".join(url.split("/", 3)[:3]), _Lane())
        transport = self._take(lane) or await self._wait(lane, seconds)
        return None if transport is None else Lease(transport, lane)

    async def release(self, lease: Lease) -> None:
        """Give the connection back, or close it if it is not to be used again."""
        lane = lease.lane
        if lane is None:
            return
        if lease.tainted:
            lane.opened.remove(lease.transport)
        else:
            lane.free.append(lease.transport)
        if lane.waiting:
            lane.waiting.popleft().set()
        if lease.tainted:
            with anyio.CancelScope(shield=True):
                await lease.transport.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        lanes, self._lanes = self._lanes, {}
        for lane in lanes.values():
            for transport in lane.opened:
                await transport.aclose()

    def forget(self) -> None:
        """Drop every connection without closing it: after a fork they are the parent's."""
        self._lanes = {}
        self._reading = anyio.Lock()

    async def _read_certificates(self) -> None:
        """Once, and not on the event loop: it takes tens of milliseconds."""
        async with self._reading:
            if self._ssl_context is None:
                self._ssl_context = await anyio.to_thread.run_sync(_trusting_certifi)

    def _take(self, lane: _Lane) -> "httpx.AsyncBaseTransport | None":
        if lane.free:
            return lane.free.pop()
        if len(lane.opened) >= self._max_connections:
            return None
        lane.opened.append(self._open())
        return lane.opened[-1]

    async def _wait(self, lane: _Lane, seconds: float) -> "httpx.AsyncBaseTransport | None":
        with anyio.move_on_after(seconds):
            while True:
                turn = anyio.Event()
                lane.waiting.append(turn)
                try:
                    await turn.wait()
                except BaseException:
                    if turn.is_set() and lane.waiting:
                        lane.waiting.popleft().set()  # pass the turn on
                    elif turn in lane.waiting:
                        lane.waiting.remove(turn)
                    raise
                transport = self._take(lane)
                if transport is not None:
                    return transport
        return None

    def _open(self) -> "httpx.AsyncBaseTransport":
        import httpx

        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=self._keepalive_expiry)
        return httpx.AsyncHTTPTransport(
            verify=self._ssl_context or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            limits=limits,
            trust_env=False,
            http1=True,
            http2=False,
            retries=0,
        )


def _trusting_certifi() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context(trust_env=False)
