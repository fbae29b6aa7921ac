"""The gateway of a worker: made on first use, one for each event loop, again after a fork."""

import os
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, Protocol, Self, runtime_checkable

from smsgate.model.errors import ConfigurationError
from smsgate.model.result import Result
from smsgate.sending.gateway import Gateway
from smsgate.sending.ledger import ClaimsKeys, Ledger
from smsgate.transport.loop import LoopBinding

__all__ = ["ClosesGateways", "Gateways", "TaskLedger", "ledger_of"]

_WANTED: Final = (
    "gateway: its gateway needs a ledger that keeps keys, such as smsgate.ledger.SqlLedger: without one a job that is "
    "run twice is sent twice"
)


@runtime_checkable
class TaskLedger(Ledger, ClaimsKeys, Protocol):
    """What a ledger has for messages that are sent by workers."""

    async def cancel(self, key: str) -> bool:
        """See `smsgate.ledger.SqlLedger.cancel`."""
        ...

    async def record_unsent(self, results: Sequence[Result], *, campaign: str | None = None) -> int:
        """See `smsgate.ledger.SqlLedger.record_unsent`."""
        ...


def ledger_of(gateway: Gateway) -> TaskLedger:
    """The ledger of *gateway*. Raises `ConfigurationError` if it has none, or one that does not do for workers."""
    ledger = gateway.ledger
    if not isinstance(ledger, TaskLedger):
        raise ConfigurationError(_WANTED)
    return ledger


class Gateways:
    """The gateways that *make* makes, one for each event loop that uses them."""

    def __init__(self, make: Callable[[], Gateway]) -> None:
        if not callable(make) or isinstance(make, Gateway):
            raise ConfigurationError("gateway: must be a function that makes one, which each worker process calls")
        self._make = make
        self._made: list[tuple[LoopBinding, Gateway]] = []
        self._pid = 0

    def get(self) -> Gateway:
        """The one of the running event loop. Raises `ConfigurationError`, and what making one raises."""
        return self._found() or self._make_one()

    async def warmed(self) -> Gateway:
        """As `get`. Whoever makes it warms it, too.

        A request is recorded before it has a connection: of a worker that dies in between nobody knows whether it left.
        """
        found = self._found()
        if found is None:
            found = self._make_one()
            await found.warm()
        return found

    async def aclose(self) -> None:
        """Close the gateway of the running event loop, if it has one. Its ledger stays the caller's to close."""
        self._drop_inherited()
        for loop, gateway in list(self._made):
            if loop.on_own_loop():
                self._made.remove((loop, gateway))
                await gateway.aclose()

    def _found(self) -> Gateway | None:
        self._drop_inherited()
        return next((gateway for loop, gateway in self._made if loop.on_own_loop()), None)

    def _make_one(self) -> Gateway:
        gateway = self._make()
        if not isinstance(gateway, Gateway):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"gateway: must make a smsgate.Gateway, not {type(gateway).__name__}")
        ledger_of(gateway)
        loop = LoopBinding()
        loop.bind()
        self._made.append((loop, gateway))
        return gateway

    def _drop_inherited(self) -> None:
        if self._pid != os.getpid():  # what the parent has made is its own
            self._pid, self._made = os.getpid(), []


class ClosesGateways:
    """The part of an engine's `SmsTasks` that ends with its gateways."""

    _gateways: Gateways

    async def aclose(self) -> None:
        """Close the gateway that was made for the running event loop, if one was. Its ledger is yours to close."""
        await self._gateways.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()
