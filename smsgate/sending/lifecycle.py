"""Warm, open, closed, and bound to an event loop."""

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

import anyio

from smsgate.model.errors import ClosedError
from smsgate.provider.protocol import SmsProvider
from smsgate.sending.admission import Admission
from smsgate.sending.dispatcher import Dispatcher
from smsgate.sending.numbering import NumberingLoader
from smsgate.sending.warming import warm_up
from smsgate.transport.exchange import Exchange
from smsgate.transport.loop import BackgroundTasks

if TYPE_CHECKING:
    from smsgate.sending.coalescing import Coalescing

__all__ = ["Lifecycle"]


class Lifecycle:
    """What a gateway does when it is entered, used, left and closed, from whatever task."""

    _providers: dict[str, SmsProvider]
    _numbering: NumberingLoader
    _exchange: Exchange
    _tasks: BackgroundTasks
    _dispatcher: Dispatcher
    _admission: Admission
    _coalescing: "Coalescing | None"

    async def __aenter__(self) -> Self:
        self._check_open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def warm(self) -> Mapping[str, str]:
        """Do what the first send of a process takes longer for, so that it takes no longer than others. Sends nothing.

        Imports what is imported late, reads certificates, and opens a connection to each provider that says its address
        (`smsgate.provider.HasAddress`); none over a client or transport of yours. Returns what went wrong, by the name
        of the provider, and logs it: the first send then tries for itself. A connection that is not used within
        `keepalive_expiry` is closed. Raises `ConfigurationError` only if the gateway is closed or on another loop.
        """
        self._use()
        return await warm_up(self._exchange, self._providers.values(), self._numbering)

    async def aclose(self, *, timeout: float = 30.0) -> None:
        """Begin nothing more, wait up to *timeout* seconds for what is in flight, then close the connections.

        No retry and no next provider is begun either. What is still in flight by then is recorded as `UNKNOWN`; records
        that are then being written have five seconds more. Call it from any task of the gateway's event loop, and
        as often as you like. Raises `WrongLoopError` on another loop, where it closes nothing.
        """
        self._bind()
        self._dispatcher.stop()
        try:
            await self._tasks.drain(timeout)
        finally:
            with anyio.CancelScope(shield=True):
                await self._exchange.aclose()

    def _coalesce(self, window: float | None) -> None:
        """Let sends share requests, if *window* says for how long they may wait for each other."""
        self._coalescing = None
        if window is not None:
            from smsgate.sending.coalescing import Coalescing

            self._coalescing = Coalescing(window, self._dispatcher)

    def _make_tasks(self) -> BackgroundTasks:
        return BackgroundTasks()

    def _use(self) -> None:
        self._check_open()
        self._bind()

    def _check_open(self) -> None:
        if self._tasks.is_closed():
            raise ClosedError("this Gateway has been closed: make a new one")

    def _bind(self) -> None:
        self._tasks.bind(self._begin_on_loop)

    def _begin_on_loop(self) -> None:
        """On the first use on a loop, and in a child process: what a parent had in flight is not ours."""
        self._exchange.bind()
        self._admission.drop_inherited()
        if self._coalescing is not None:
            self._coalescing.begin_on_loop()
