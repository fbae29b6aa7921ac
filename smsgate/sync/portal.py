"""The event loop that blocking code uses: one a process, in a thread of its own, made at its first use."""

import atexit
import logging
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from functools import partial
from typing import Final, Generic, TypeVar, TypeVarTuple
from weakref import WeakSet

import anyio
from anyio.from_thread import BlockingPortal

from smsgate.model.errors import ConfigurationError
from smsgate.sending.gateway import Gateway

__all__ = ["LOOP", "LoopThread"]

logger: Final = logging.getLogger("smsgate")

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_OWN_LOOP: Final = (
    "smsgate.sync was called on its own event loop, which it would block for ever: code that runs there, such as an "
    "async on_result, awaits an smsgate.Gateway"
)
_SECONDS_AT_EXIT: Final = 30.0
"""How long the end of the process waits for what is in flight: what `Gateway.aclose` waits by default."""


class LoopThread:
    """An event loop of asyncio in a daemon thread, which any other thread can call.

    Not anyio's `start_blocking_portal`: what that returns ends the loop when it is collected, which in a forked child,
    that has no such thread, would wait for ever.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._portal: BlockingPortal | None = None
        self._thread: threading.Thread | None = None
        self._gateways: WeakSet[Gateway] = WeakSet()

    def call(self, work: Callable[[*Ts], Awaitable[T]], *args: *Ts) -> T:
        """Run `work(*args)` on the loop and wait for it. Whoever is interrupted meanwhile, by Ctrl-C say, cancels it.

        Raises what *work* raises, and `ConfigurationError` if called on the loop itself.
        """
        if threading.current_thread() is self._thread:
            raise ConfigurationError(_OWN_LOOP)
        portal = self._portal or self._start()
        running = _Running(partial(work, *args))
        try:
            return portal.start_task_soon(running.run).result()
        except BaseException:
            if not running.ended:
                portal.call(running.cancel)
            raise

    def close_at_exit(self, gateway: Gateway) -> None:
        """Close *gateway* when the process ends."""
        self._gateways.add(gateway)

    def stop(self) -> None:
        """Close the gateways, then end the loop and its thread. The next call begins anew."""
        with self._lock:
            portal, thread, self._portal, self._thread = self._portal, self._thread, None, None
        if portal is None or thread is None:
            return
        for gateway in list(self._gateways):
            try:
                portal.call(_close, gateway)
            except Exception as error:  # it belongs to another loop, or the loop has ended
                logger.debug("%r was not closed at the end of the process: %s", gateway, type(error).__name__)
        portal.call(portal.stop)
        thread.join()

    def drop_inherited(self) -> None:
        """After a fork: the thread is the parent's, and its lock may be held by one that does not exist here."""
        self._lock = threading.Lock()
        self._portal = self._thread = None

    def _start(self) -> BlockingPortal:
        with self._lock:
            if self._portal is None:
                ready: Future[BlockingPortal] = Future()
                self._thread = threading.Thread(target=_serve, args=(ready,), name="smsgate", daemon=True)
                self._thread.start()
                self._portal = ready.result()
            return self._portal


class _Running(Generic[T]):
    """A call that can be cancelled from its first moment: Ctrl-C may come before anyio has returned its future."""

    def __init__(self, work: Callable[[], Awaitable[T]]) -> None:
        self.ended = False
        self._work = work
        self._scope: anyio.CancelScope | None = None
        self._cancelled = False

    async def run(self) -> T:
        try:
            if not self._cancelled:
                with anyio.CancelScope() as self._scope:
                    return await self._work()
        finally:
            self.ended = True
        raise InterruptedError("nobody waits any more")

    async def cancel(self) -> None:
        self._cancelled = True
        if self._scope is not None:
            self._scope.cancel()


def _serve(ready: "Future[BlockingPortal]") -> None:
    async def main() -> None:
        async with BlockingPortal() as portal:
            ready.set_result(portal)
            await portal.sleep_until_stopped()

    try:
        anyio.run(main)
    except BaseException as error:
        if ready.done():
            raise
        ready.set_exception(error)  # no event loop could be made: too many open files, say


async def _close(gateway: Gateway) -> None:
    await gateway.aclose(timeout=_SECONDS_AT_EXIT)


LOOP: Final = LoopThread()
"""The one of this process."""
atexit.register(LOOP.stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=LOOP.drop_inherited)
