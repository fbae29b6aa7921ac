"""The parts of a gateway that have to do with an event loop, put together."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import anyio

from smsgate.observers.log import LogObserver
from smsgate.observers.observer import Emitter
from smsgate.sending.admission import Admission
from smsgate.sending.claiming import Claiming
from smsgate.sending.dispatcher import Dispatcher
from smsgate.sending.keys import Keys
from smsgate.sending.numbering import NumberingLoader
from smsgate.sending.pacing import Pace
from smsgate.sending.part_options import NetworkOptions, PartOptions
from smsgate.sending.recording import Recorder
from smsgate.sending.setup import Timing, timing_of
from smsgate.sending.shared_pace import SharedPace
from smsgate.transport.checks import inner_transport
from smsgate.transport.exchange import Exchange
from smsgate.transport.tasks import BackgroundTasks

if TYPE_CHECKING:
    from smsgate.sending.coalescing import Coalescing

__all__ = ["Parts"]


class Parts:
    """Connections, tasks, and whoever sends over the ones in the others.

    *limit_in_flight* says how many requests to one provider are made at once, of the most connections to an address.
    """

    def __init__(self, options: PartOptions, tasks: BackgroundTasks, limit_in_flight: Callable[[int], float]) -> None:
        network, records = options.network, options.records
        events = Emitter(LogObserver()) if records.observers is None else records.observers
        timing = timing_of(inner_transport(network.transport or network.client), options.clock, anyio.sleep)
        self.tasks: BackgroundTasks = tasks
        self.exchange: Exchange = _exchange(network)
        self.max_in_flight: float = limit_in_flight(self.exchange.max_connections or network.max_connections)
        self.numbering: NumberingLoader = NumberingLoader(
            options.preparer.default_region, looked_up=options.preparer.looks_up
        )
        self.admission: Admission = Admission(
            partial(_paces_of_process, options, timing),
            options.router,
            limit=self.max_in_flight,
            patience=network.timeouts.pool,
            most_waiting=options.max_waiting,
            sleep=timing.pause,
            events=events,
        )
        key_record = records.key_record(options.router.now)
        keys = None if key_record is None else Keys(key_record, tasks)
        recorder = Recorder(tasks, records.on_result, records.ledger, events, keys)
        patience = network.timeouts.pool + network.timeouts.total  # as long as one try may take
        self.claiming: Claiming | None = (
            None if keys is None else Claiming(keys, tasks, recorder, options.preparer.default_region, patience)
        )
        self.dispatcher: Dispatcher = Dispatcher(
            self.exchange,
            tasks,
            recorder=recorder,
            events=events,
            policy=options.policy,
            router=options.router,
            admission=self.admission,
            clock=options.clock,
            tag_secret=options.tag_secret,
            timing=timing,
        )
        self.coalescing: Coalescing | None = _coalescing(options.coalesce, self.dispatcher)

    def begin_on_loop(self) -> None:
        """On the first use on a loop, and in a child process: what a parent had in flight is not ours."""
        self.exchange.bind()
        self.admission.drop_inherited()
        if self.claiming is not None:
            self.claiming.keys.drop_inherited()
        if self.coalescing is not None:
            self.coalescing.begin_on_loop()

    async def aclose(self, timeout: float) -> None:
        """Begin nothing more, wait up to *timeout* seconds for what is in flight, then close the connections."""
        self.tasks.close()
        try:
            await self.tasks.drain(timeout)
        finally:
            with anyio.CancelScope(shield=True):
                await self.exchange.aclose()


def _paces_of_process(options: PartOptions, timing: Timing) -> Mapping[str, Pace | SharedPace | None]:
    """The pace of each provider in this process: the same after a fork, or a new one that it shares with others."""
    rates = options.rates
    if rates is None:
        return options.paces
    return {
        name: None
        if pace is None
        else SharedPace(pace.provider, name, rates, now=options.router.now, sleep=timing.pause)
        for name, pace in options.paces.items()
    }


def _exchange(network: NetworkOptions) -> Exchange:
    return Exchange(
        timeouts=network.timeouts,
        transport=network.transport,
        client=network.client,
        ssl_context=network.ssl_context,
        max_connections=network.max_connections,
        keepalive_expiry=network.keepalive_expiry,
    )


def _coalescing(window: float | None, dispatcher: Dispatcher) -> "Coalescing | None":
    if window is None:
        return None
    from smsgate.sending.coalescing import Coalescing

    return Coalescing(window, dispatcher)
