"""Before a request begins: who goes to another provider, since this one is down by now, and a place for the rest."""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

import attrs

from smsgate.model.reason import Outcome, Reason
from smsgate.observers.observer import Emitter
from smsgate.provider.protocol import Verdict
from smsgate.routing.health import HealthState, Ticket
from smsgate.sending.deadlines import first_expiry
from smsgate.sending.gate import Entry, Gate
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.sending.pacing import Pace, Turn
from smsgate.sending.router import ProviderHealth, Router
from smsgate.sending.shared_pace import SharedPace
from smsgate.sending.telling import tell_health

__all__ = ["Admission", "Admitted"]


@attrs.define
class Admitted:
    """What became of a batch that is to have a request."""

    staying: Sequence[OutgoingMessage]
    """The messages of the request: their provider is the same."""
    rerouted: list[OutgoingMessage] = attrs.field(factory=list[OutgoingMessage])
    """They have another provider now, and were not tried."""
    ticket: Ticket | None = None
    """Of a request that may begin, and has not ended. None: there is no place for it."""
    evidence: Sequence[Verdict] | None = None
    """What the request says of its provider's health, if it was made to its end."""
    refused: Verdict | None = None
    """What is said of the messages, if there was no place for their request."""
    hurried: bool = False
    """The wait for a place was as short as it was for the sake of the first deadline among them."""

    def split_off_hurried(self) -> list[OutgoingMessage]:
        """Take out those for whose deadline the wait was too short, if the others can wait for longer."""
        if self.refused is None or not self.hurried:
            return []
        first, messages = first_expiry(self.staying), self.staying
        others = [message for message in messages if message.expires > first]
        if not others:
            return []
        self.staying = others
        return [message for message in messages if message.expires <= first]


class Admission:
    """Lets requests begin: *limit* at once to each provider, at the pace that *paces* gives for it in this process.

    If the limit is infinity, all begin. None waits longer than *patience* seconds, and at most *most_waiting* do for
    each provider, but for patient ones.
    """

    def __init__(
        self,
        paces: Callable[[], Mapping[str, Pace | SharedPace | None]],
        router: Router,
        *,
        limit: float,
        patience: float,
        most_waiting: int,
        sleep: Callable[[float], Awaitable[None]],
        events: Emitter,
    ) -> None:
        self._router = router
        router.on_change = self._on_health
        self._patience = patience
        self._most_waiting = most_waiting
        self._sleep = sleep
        self._events = events
        self._no_place = _overloaded(f"{limit} requests to it were in flight, as many as max_connections allows")
        self._crowded = _overloaded(f"{most_waiting} requests to it wait already, as many as max_waiting allows")
        self._no_turn = _overloaded("the rate of its provider has no room for it in time")
        self._limit = limit
        self._paces = paces
        self._gates = self._new_gates()

    def give_up_at(self, *, patient: bool) -> float:
        """When a request that begins to wait now has waited too long, by the router's clock."""
        return math.inf if patient else self._router.now() + self._patience

    def try_enter(self, admitted: Admitted) -> bool:
        """Take a place if one is free and every provider is up: nothing need be looked at, and nobody waits."""
        router, name = self._router, admitted.staying[0].provider.name
        gate = self._gates[name]
        if not (router.all_up and gate.try_enter()):
            return False
        if gate.turn(admitted.staying, router.now(), 0.0) is None:
            gate.leave()
            return False
        admitted.ticket = router.begin(name)
        return True

    async def enter(self, admitted: Admitted, give_up_at: float, left: float, *, patient: bool) -> None:
        """Wait for a place and one's turn, unless all of the messages go to other providers in place of this one.

        No longer than until *give_up_at*, and than *left* seconds.
        """
        name = admitted.staying[0].provider.name
        gate, router = self._gates[name], self._router
        crowded = gate.waiting >= self._most_waiting and not patient
        admitted.refused, admitted.hurried = None, not crowded and router.now() + left < give_up_at
        give_up_at = min(give_up_at, router.now() + left)
        self._reroute(name, admitted)
        while admitted.staying:
            if gate.try_enter():
                entry = Entry.ENTERED
            elif crowded:
                admitted.refused = self._crowded
                return
            else:
                entry = await gate.enter(give_up_at - router.now())
            if entry is Entry.TIMED_OUT:
                admitted.refused = self._no_place
                return
            if entry is Entry.ENTERED:
                await self._begin(gate, admitted, router.now() if crowded else give_up_at, crowded)
                return
            self._reroute(name, admitted)

    async def _begin(self, gate: Gate, admitted: Admitted, give_up_at: float, crowded: bool) -> None:
        """Wait for the turn of a request that has a place, and begin it; else give the place back."""
        router, name = self._router, admitted.staying[0].provider.name
        try:
            self._reroute(name, admitted)  # it may have gone down meanwhile, or another message is its trial
            while admitted.staying and admitted.ticket is None and admitted.refused is None:
                turn = await self._turn(gate, name, admitted, give_up_at)
                if isinstance(turn, Verdict):
                    admitted.refused = turn
                elif turn is Entry.TIMED_OUT:
                    admitted.refused = self._crowded if crowded else self._no_turn
                elif isinstance(turn, Turn):
                    await self._wait_for_turn(gate, name, admitted, turn.at)
                    if admitted.staying and router.now() <= turn.latest:
                        admitted.ticket = router.begin(name)
        finally:
            if admitted.ticket is None:
                gate.leave()

    async def _turn(self, gate: Gate, name: str, admitted: Admitted, give_up_at: float) -> Turn | Verdict | Entry:
        now = self._router.now()
        longest = max(0.0, give_up_at - now)
        turn = gate.turn(admitted.staying, now, longest)
        if turn is not None or not longest:
            return turn or Entry.TIMED_OUT
        answer = await gate.obtain(admitted.staying, longest)
        self._reroute(name, admitted)
        return answer

    async def _wait_for_turn(self, gate: Gate, name: str, admitted: Admitted, turn_at: float) -> None:
        wait = turn_at - self._router.now()
        while admitted.staying and wait > 0:
            if await gate.hold(partial(self._sleep, wait)) is Entry.ENTERED:
                self._reroute(name, admitted)
                return
            self._reroute(name, admitted)
            wait = turn_at - self._router.now()

    def leave(self, admitted: Admitted) -> None:
        """Give back the place of a request, if it has one still, and note what the request led to."""
        if admitted.ticket is not None:
            name, ticket = admitted.staying[0].provider.name, admitted.ticket
            admitted.ticket = None
            self._router.end(name, ticket, admitted.evidence)  # before its place is given to one that should not go
            self._gates[name].leave()

    def drop_inherited(self) -> None:
        """Forget who has a place and who waits for one: after a fork they are the parent's."""
        self._gates = self._new_gates()
        self._router.drop_inherited()

    def mark(self, name: str, state: HealthState, why: str) -> None:
        """Set the state of a provider by hand."""
        self._router.mark(name, state, why)

    def _new_gates(self) -> dict[str, Gate]:
        limited = self._limit < math.inf
        return {name: Gate(self._limit, pace if limited else None) for name, pace in self._paces().items()}

    def _on_health(self, health: ProviderHealth, before: HealthState) -> None:
        """The one place that learns of a change: whoever waits for this provider looks for another one."""
        tell_health(self._events, health, before)
        if health.state is not HealthState.UP:
            self._gates[health.name].turn_away()

    def _reroute(self, name: str, admitted: Admitted) -> None:
        router = self._router
        if router.all_up or router.takes_turn(name):
            return
        rerouted = [message for message in admitted.staying if message.reroute(router.takes_turn)]
        if rerouted:
            admitted.rerouted += rerouted
            admitted.staying = [message for message in admitted.staying if message.provider.name == name]


def _overloaded(description: str) -> Verdict:
    return Verdict(Outcome.NOT_SENT, Reason.OVERLOADED, description=description)
