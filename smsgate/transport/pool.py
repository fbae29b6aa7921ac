"""Connections by origin (scheme, host and port), each for one request at a time.

httpcore looks at every connection of a pool of its own twice a request, and asks the socket of each idle one, so that a
large pool costs many times what small ones do. No library hands connections out in the order of asking, closes one that
has expired before it is asked for, and counts the wait for one apart from the time to connect. So they are kept here,
alike for all libraries.

Invariant: somebody waits only while every connection that is allowed is in use. A connection that comes free is
therefore handed to the first who waits, in the same step, and nobody who comes later can take it before.
"""

import re
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

import anyio
import attrs

from smsgate.model.errors import ClosedError
from smsgate.transport.checks import check_keepalive_expiry
from smsgate.transport.connection import Connection, Opener, Transport
from smsgate.transport.threads import import_in_own_thread
from smsgate.transport.timeouts import Timeouts
from smsgate.transport.timer import Timer

__all__ = ["ConnectionPool", "Lease"]


@attrs.define(eq=False)
class Lease:
    """One connection, in the hands of one request at a time."""

    connection: Connection
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

    open: Callable[[], Connection]
    most: int
    opened: set[Lease] = attrs.field(factory=set[Lease])
    idle: deque[Lease] = attrs.field(factory=deque[Lease])
    """Longest idle first. The last one used is the next one taken, so that the others stay idle and expire."""
    waiting: deque[_Waiter] = attrs.field(factory=deque[_Waiter])
    opening: set[anyio.CancelScope] = attrs.field(factory=set[anyio.CancelScope])
    """Those who open a connection that no request waits for."""
    closed: bool = False


_ORIGIN: Final = re.compile(r"([A-Za-z]+)(://[^/?#]*)")
_LARGE: Final = 2**20


def _origin_of(url: str) -> str:
    """What *url* begins with: scheme, host and port. All of it if it is no URL, which the library says."""
    found = _ORIGIN.match(url)
    return url if found is None else found[1].lower() + found[2]


def _free_a_large_block() -> None:
    """asyncio takes 256 KiB for each read, and gives nearly all of it back.

    In a small process glibc maps and unmaps that each time, which takes an eighth of a send, until a block as large has
    been freed once (mallopt(3), M_MMAP_THRESHOLD).
    """
    bytearray(_LARGE)


class ConnectionPool:
    """Leases connections: those that *source* opens, or *source* itself if it is one, which is then never closed."""

    def __init__(self, source: Transport | Connection, keepalive_expiry: float) -> None:
        check_keepalive_expiry(keepalive_expiry)
        self._source = source
        self._keepalive_expiry = keepalive_expiry
        self._openers: dict[bool, Opener] = {}
        self._origins: dict[str, _Origin] = {}
        self._closed = False
        self._loading = anyio.Lock()
        self._expiry = Timer(self._close_expired)

    @property
    def max_connections(self) -> int | None:
        """The most connections to each origin; None where all requests share one that is the caller's."""
        return self._source.max_connections if isinstance(self._source, Transport) else None

    async def acquire(self, url: str, seconds: float) -> Lease | None:
        """A connection for *url*, or None if none came free within *seconds*. First come, first served."""
        source = self._source
        if not isinstance(source, Transport):
            return Lease(source, None)
        key = _origin_of(url)
        origin = self._origins.get(key) or await self._add_origin(source, key)
        if origin is None:
            return None
        if origin.idle:
            lease = origin.idle.pop()
            if not self._has_expired(lease):  # a timer that is late, as after a suspended machine, has left it there
                return lease
            origin.opened.discard(lease)
            await self._close(lease)
        if len(origin.opened) < origin.most:
            return self._open(origin)
        return await self._wait(origin, seconds)

    async def open(self, url: str, timeouts: Timeouts) -> None:
        """Have a connection for *url* that is open, unless there is one.

        None is opened where all requests share one that is the caller's. Raises what the library raises, and
        `ClosedError` if everything is closed meanwhile.
        """
        source = self._source
        if not isinstance(source, Transport):
            return
        key = _origin_of(url)
        origin = self._origins.get(key) or await self._add_origin(source, key)
        if origin is None:
            raise ClosedError("it was closed meanwhile")
        if origin.opened:
            return
        lease = self._open(origin)
        try:
            with anyio.CancelScope() as scope:
                origin.opening.add(scope)
                try:
                    await lease.connection.open(timeouts)
                finally:
                    origin.opening.discard(scope)
        except BaseException:
            lease.discard = True
            raise
        finally:
            if lease.discard or origin.closed:
                lease.discard = True
                await self.release(lease)
            else:
                self._hand_over(origin, lease)
        if origin.closed:
            raise ClosedError("it was closed meanwhile")

    async def release(self, lease: Lease) -> None:
        """Give the connection to the first who waits, or keep it; close it if it is not to be used again."""
        origin = lease.origin
        if origin is None:
            return
        if not (lease.discard or origin.closed) and lease.connection.is_reusable():
            self._hand_over(origin, lease)
            return
        origin.opened.discard(lease)
        if origin.waiting and not origin.closed:
            self._hand_over(origin, self._open(origin))
        await self._close(lease)

    async def aclose(self) -> None:
        """Close every connection. Who still waits for one gets none."""
        self._closed = True
        await self._expiry.stop()
        origins, self._origins = self._origins, {}
        for origin in origins.values():
            origin.closed = True
            for waiter in origin.waiting:
                waiter.ready.set()
            for scope in origin.opening:
                scope.cancel()
            for lease in list(origin.opened):
                await self._close(lease)

    def bind(self) -> None:
        """Begin anew on the running event loop: nothing is closed, for after a fork all of it is the parent's.

        Raises `ConfigurationError` if the transport does not run on this event loop.
        """
        self._origins, self._closed = {}, False
        self._loading = anyio.Lock()
        self._expiry = Timer(self._close_expired)  # the old one waits on the parent's event loop
        if isinstance(self._source, Transport):
            self._source.check_loop()

    async def _add_origin(self, transport: Transport, key: str) -> _Origin | None:
        """Libraries and certificates are read once, and not on the event loop: it takes tens of milliseconds.

        None if everything is closed by then.
        """
        secure = key.startswith("https:")
        if secure not in self._openers:
            async with self._loading:
                if secure not in self._openers:
                    _free_a_large_block()
                    self._openers[secure] = await import_in_own_thread(partial(transport.load, secure=secure))
        if self._closed:
            return None
        return self._origins.setdefault(key, _Origin(partial(self._openers[secure], key), transport.max_connections))

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
        """Close what has been idle for too long; gives back in how many seconds the next will have been."""
        for origin in list(self._origins.values()):
            while origin.idle and self._has_expired(origin.idle[0]):
                lease = origin.idle.popleft()
                origin.opened.discard(lease)
                await self._close(lease)
        first = min((origin.idle[0].idle_since for origin in self._origins.values() if origin.idle), default=None)
        return None if first is None else max(0.0, first + self._keepalive_expiry - time.monotonic())

    def _has_expired(self, lease: Lease) -> bool:
        return lease.idle_since <= time.monotonic() - self._keepalive_expiry

    def _open(self, origin: _Origin) -> Lease:
        lease = Lease(origin.open(), origin)
        origin.opened.add(lease)
        return lease

    async def _close(self, lease: Lease) -> None:
        # What fails to close is of no concern to the response that came over it.
        with anyio.CancelScope(shield=True), suppress(Exception):
            await lease.connection.aclose()
