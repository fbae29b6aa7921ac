"""Open, closed, and bound to an event loop."""

from types import TracebackType
from typing import Self

import anyio

from smsgate.model.errors import ClosedError
from smsgate.sending.admission import Admission
from smsgate.sending.coalescing import Coalescing
from smsgate.sending.dispatcher import Dispatcher
from smsgate.transport.exchange import Exchange
from smsgate.transport.loop import BackgroundTasks

__all__ = ["Lifecycle"]


class Lifecycle:
    """What a gateway does when it is entered, used, left and closed, from whatever task."""

    _exchange: Exchange
    _tasks: BackgroundTasks
    _dispatcher: Dispatcher
    _admission: Admission
    _coalescing: Coalescing | None

    async def __aenter__(self) -> Self:
        self._check_open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

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
