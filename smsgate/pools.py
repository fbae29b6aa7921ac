"""Connections by vendor address, each in a pool of its own.

httpcore looks at every connection of a pool twice a request, and asks the socket of each idle one, so that a large pool
costs many times what small ones do. With one connection in each, a request pays for its own; `bench_send.py` shows it.
"""

import ssl
from collections import deque
from typing import TYPE_CHECKING, Final

import anyio
import anyio.to_thread
import attrs

from smsgate.errors import ConfigurationError

if TYPE_CHECKING:
    import httpx

__all__ = ["Lease", "Pools"]

POOL_SIZE: Final = 1
"""Connections in a pool."""


@attrs.define(eq=False)
class Lease:
    """One slot of one pool, for one request."""

    transport: "httpx.AsyncBaseTransport"
    pool: "_Pool | None"
    tainted: bool = False
    """The pool is not to be used again."""


@attrs.define(eq=False)
class _Pool:
    transport: "httpx.AsyncBaseTransport"
    lane: "_Lane"
    size: int
    in_flight: int = 0
    retired: bool = False


@attrs.define(eq=False)
class _Lane:
    """The pools to one address and who waits for a slot."""

    pools: list[_Pool] = attrs.field(factory=list["_Pool"])
    waiting: deque[anyio.Event] = attrs.field(factory=deque[anyio.Event])


class Pools:
    """Hands out slots. Uses the caller's transport for everything if there is one, and never closes that."""

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
        """A slot for *url*, or None if none came free within *seconds*."""
        if self._transport is not None:
            return Lease(self._transport, None)
        if self._ssl_context is None and url.startswith("https:"):
            await self._read_certificates()
        lane = self._lanes.setdefault("/".join(url.split("/", 3)[:3]), _Lane())
        pool = self._free_pool(lane)
        if pool is None:
            pool = await self._wait(lane, seconds)
        return None if pool is None else Lease(pool.transport, pool)

    async def release(self, lease: Lease) -> None:
        """Give the slot back; a pool that is not to be used again is closed with its last slot."""
        pool = lease.pool
        if pool is None:
            return
        pool.in_flight -= 1
        if lease.tainted and not pool.retired:
            pool.retired = True
            pool.lane.pools.remove(pool)
        if pool.lane.waiting:
            pool.lane.waiting.popleft().set()
        if pool.retired and pool.in_flight == 0:
            with anyio.CancelScope(shield=True):
                await pool.transport.aclose()

    async def aclose(self) -> None:
        """Close every pool."""
        lanes, self._lanes = self._lanes, {}
        for lane in lanes.values():
            for pool in lane.pools:
                await pool.transport.aclose()

    def forget(self) -> None:
        """Drop every pool without closing it: after a fork its sockets are the parent's."""
        self._lanes = {}
        self._reading = anyio.Lock()

    async def _read_certificates(self) -> None:
        """Once, and not on the event loop: it takes tens of milliseconds."""
        async with self._reading:
            if self._ssl_context is None:
                self._ssl_context = await anyio.to_thread.run_sync(_trusting_certifi)

    def _free_pool(self, lane: _Lane) -> _Pool | None:
        for pool in lane.pools:  # the first ones fill first, so that the last ones fall idle and expire
            if pool.in_flight < pool.size:
                pool.in_flight += 1
                return pool
        size = min(POOL_SIZE, self._max_connections - sum(pool.size for pool in lane.pools))
        if size < 1:
            return None
        pool = _Pool(self._open(size), lane, size, in_flight=1)
        lane.pools.append(pool)
        return pool

    async def _wait(self, lane: _Lane, seconds: float) -> _Pool | None:
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
                pool = self._free_pool(lane)
                if pool is not None:
                    return pool
        return None

    def _open(self, size: int) -> "httpx.AsyncBaseTransport":
        import httpx

        limits = httpx.Limits(
            max_connections=size,
            max_keepalive_connections=size,
            keepalive_expiry=self._keepalive_expiry,
        )
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
