"""Connections by origin (scheme, host and port), each in an httpcore pool of its own.

httpcore looks at every connection of a pool twice a request, and asks the socket of each idle one, so that a large pool
costs many times what small ones do. With one connection in each, a request pays for its own; `bench_send.py` shows it.

Invariant: somebody waits only while every connection that is allowed is in use. A connection that comes free is
therefore handed to the first who waits, in the same step, and nobody who comes later can take it before.
"""

import ssl
import time
from collections import deque
from typing import TYPE_CHECKING, Any, cast

import anyio
import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.transport.client_check import check_kind
from smsgate.transport.threads import in_own_thread
from smsgate.transport.timer import Timer

if TYPE_CHECKING:
    import httpx

    from smsgate.transport.ready import ReadyTransport

__all__ = ["ConnectionPool", "Lease"]


@attrs.define(eq=False)
class Lease:
    """One connection, in the hands of one request at a time."""

    transport: "httpx.AsyncBaseTransport"
    origin: "_Origin | None"
    discard: bool = False
    """It is not to be used again."""
    idle_since: float = 0.0
    """When it came free, by the monotonic clock."""


@attrs.define(eq=False)
class _Waiter:
    ready: anyio.Event = attrs.field(factory=anyio.Event)
    lease: Lease | None = None


@attrs.define(eq=False)
class _Origin:
    """The connections to one origin and who waits for one."""

    opened: set[Lease] = attrs.field(factory=set[Lease])
    idle: deque[Lease] = attrs.field(factory=deque[Lease])
    """Longest idle first. The last one used is the next one taken, so that the others stay idle and expire."""
    waiting: deque[_Waiter] = attrs.field(factory=deque[_Waiter])
    closed: bool = False


class ConnectionPool:
    """Leases connections. Uses the caller's transport for everything if there is one, and never closes that."""

    def __init__(
        self,
        transport: "httpx.AsyncBaseTransport | None",
        ssl_context: ssl.SSLContext | None,
        max_connections: int,
        keepalive_expiry: float,
    ) -> None:
        if ssl_context is not None:
            check_kind("ssl_context", ssl_context, ssl.SSLContext, "an ssl.SSLContext")
        check_kind("max_connections", max_connections, int, "a whole number")
        check_kind("keepalive_expiry", keepalive_expiry, (int, float), "a number of seconds")
        if max_connections < 1:
            raise ConfigurationError("max_connections: must be at least 1")
        if not 0 <= keepalive_expiry < 90:
            raise ConfigurationError("keepalive_expiry: must be below the 90 seconds after which networks drop it")
        self._transport = transport
        self._ssl_context = ssl_context
        self._max_connections = max_connections
        self._keepalive_expiry = keepalive_expiry
        self._origins: dict[str, _Origin] = {}
        self._reading = anyio.Lock()
        self._expiry = Timer(self._close_expired)

    async def acquire(self, url: str, seconds: float) -> Lease | None:
        """A connection for *url*, or None if none came free within *seconds*. First come, first served."""
        if self._transport is not None:
            return Lease(self._transport, None)
        if self._ssl_context is None and url.startswith("https:"):
            await self._read_certificates()
        key = "/".join(url.split("/", 3)[:3])
        origin = self._origins.get(key) or self._origins.setdefault(key, _Origin())
        if origin.idle:
            return origin.idle.pop()
        if len(origin.opened) < self._max_connections:
            return self._open(origin)
        return await self._wait(origin, seconds)

    async def open(self, url: str, seconds: float, timeout: float) -> None:
        """Have a connection for *url* that is open, unless there is one or none is free within *seconds*.

        Each step of opening it may take *timeout* seconds. Raises what the library raises.
        """
        origin = self._origins.get("/".join(url.split("/", 3)[:3]))
        if self._transport is not None or (origin and origin.opened):
            return
        lease = await self.acquire(url, seconds)
        if lease is None:
            return
        try:
            await cast("ReadyTransport", lease.transport).open(url, timeout)
        except BaseException:
            lease.discard = True
            raise
        finally:
            await self.release(lease)

    async def release(self, lease: Lease) -> None:
        """Give the connection to the first who waits, or keep it; close it if it is not to be used again."""
        origin = lease.origin
        if origin is None:
            return
        if not (lease.discard or origin.closed or _has_unread_bytes(lease.transport)):
            self._hand_over(origin, lease)
            return
        origin.opened.discard(lease)
        if origin.waiting and not origin.closed:
            self._hand_over(origin, self._open(origin))
        with anyio.CancelScope(shield=True):
            await lease.transport.aclose()

    async def aclose(self) -> None:
        """Close every connection. Who still waits for one gets none."""
        await self._expiry.stop()
        origins, self._origins = self._origins, {}
        for origin in origins.values():
            origin.closed = True
            for waiter in origin.waiting:
                waiter.ready.set()
            for lease in list(origin.opened):
                await lease.transport.aclose()

    def drop_inherited(self) -> None:
        """Drop every connection without closing it: after a fork they are the parent's."""
        self._origins = {}
        self._reading = anyio.Lock()
        self._expiry = Timer(self._close_expired)  # the old one waits on the parent's event loop

    async def _read_certificates(self) -> None:
        """Once, and not on the event loop: it takes tens of milliseconds."""
        async with self._reading:
            if self._ssl_context is None:
                self._ssl_context = await in_own_thread(_trusting_certifi)

    def _hand_over(self, origin: _Origin, lease: Lease) -> None:
        if origin.waiting:
            waiter = origin.waiting.popleft()
            waiter.lease = lease
            waiter.ready.set()
        else:
            lease.idle_since = time.monotonic()
            origin.idle.append(lease)
            self._expiry.start(self._keepalive_expiry)

    async def _wait(self, origin: _Origin, seconds: float) -> Lease | None:
        waiter = _Waiter()
        origin.waiting.append(waiter)
        try:
            with anyio.move_on_after(seconds):
                await waiter.ready.wait()
        except BaseException:
            if waiter.lease is not None:  # it was handed over to somebody who is cancelled at that moment
                await self.release(waiter.lease)
            raise
        finally:
            if waiter in origin.waiting:
                origin.waiting.remove(waiter)
        return waiter.lease

    async def _close_expired(self) -> float | None:
        """Close what has been idle for too long; gives back in how many seconds the next will have been.

        httpcore notices an expired connection only when the next request comes to its pool.
        """
        before = time.monotonic() - self._keepalive_expiry
        for origin in list(self._origins.values()):
            while origin.idle and origin.idle[0].idle_since <= before:
                lease = origin.idle.popleft()
                origin.opened.discard(lease)
                with anyio.CancelScope(shield=True):
                    await lease.transport.aclose()
        first = min((origin.idle[0].idle_since for origin in self._origins.values() if origin.idle), default=None)
        return None if first is None else max(0.0, first + self._keepalive_expiry - time.monotonic())

    def _open(self, origin: _Origin) -> Lease:
        lease = Lease(self._new_transport(), origin)
        origin.opened.add(lease)
        return lease

    def _new_transport(self) -> "httpx.AsyncBaseTransport":
        from smsgate.transport.ready import ReadyTransport

        return ReadyTransport(self._ssl_context, self._keepalive_expiry)


def _has_unread_bytes(transport: Any) -> bool:
    """Whether more came over the connection than the response that was read.

    It is never the response to another request (RFC 9112, 6.3), but httpcore 1.0.9 keeps it and reads it as just that:
    another message would seem accepted, or refused. It has no public name for what it keeps. Where its objects are not
    as they are known here, no connection is reused.
    """
    try:
        states = [each._connection._h11_state for each in transport._pool.connections if each._connection]
        return any(state.trailing_data[0] for state in states)
    except AttributeError:
        return True


def _trusting_certifi() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context(trust_env=False)
