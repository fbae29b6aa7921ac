"""Warm, open, closed, and bound to an event loop."""

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from smsgate.model.errors import ClosedError
from smsgate.provider.protocol import SmsProvider
from smsgate.sending.part_options import PartOptions
from smsgate.transport.forks import MAKING

if TYPE_CHECKING:
    from smsgate.sending.parts import Parts
    from smsgate.transport.tasks import BackgroundTasks

__all__ = ["Lifecycle"]


class Lifecycle:
    """What a gateway does when it is entered, used, left and closed, from whatever task.

    The parts that have to do with an event loop are made when they are first used: a program that makes a gateway when
    it starts does not wait for asyncio, anyio and all that is built on them.
    """

    _providers: dict[str, SmsProvider]

    def __init__(self, options: PartOptions) -> None:
        self._part_options = options
        self._made: Parts | None = None
        if options.network.from_caller:
            self._make_parts()  # they check it; and whoever made it has imported asyncio or will at once

    @property
    def _parts(self) -> "Parts":
        return self._make_parts() if self._made is None else self._made

    def _make_parts(self) -> "Parts":
        with MAKING:  # metrics may be read from another thread while the first message is sent
            from smsgate.sending.parts import Parts

            if self._made is None:
                self._made = Parts(self._part_options, self._make_tasks(), self._limit_in_flight)
            return self._made

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
        from smsgate.sending.warming import warm_up

        return await warm_up(self._parts.exchange, self._providers.values(), self._parts.numbering)

    async def aclose(self, *, timeout: float = 30.0) -> None:
        """Begin nothing more, wait up to *timeout* seconds for what is in flight, then close the connections.

        No retry and no next provider is begun either. What is still in flight by then is recorded as `UNKNOWN`; records
        that are then being written have five seconds more. Call it from any task of the gateway's event loop, and
        as often as you like. Raises `WrongLoopError` on another loop, where it closes nothing.
        """
        self._bind()
        await self._parts.aclose(timeout)

    def _limit_in_flight(self, max_connections: int) -> float:
        """How many requests to one provider are made at once; infinity: nobody waits, nor for a rate."""
        return max_connections

    def _make_tasks(self) -> "BackgroundTasks":
        from smsgate.transport.tasks import BackgroundTasks

        return BackgroundTasks()

    def _use(self) -> None:
        self._check_open()
        self._bind()

    def _check_open(self) -> None:
        if self._parts.tasks.is_closed():
            raise ClosedError("this Gateway has been closed: make a new one")

    def _bind(self) -> None:
        self._parts.tasks.bind(self._parts.begin_on_loop)
