"""Before a request begins: who goes to another provider, since this one is down by now, and a place for the rest."""

from collections.abc import Iterable, Sequence

import attrs

from smsgate.model.reason import Outcome, Reason
from smsgate.provider.protocol import Verdict
from smsgate.routing.health import HealthState, Ticket
from smsgate.sending.gate import Entry, Gate
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.sending.recording import log_health
from smsgate.sending.router import ProviderHealth, Router

__all__ = ["Admission", "Admitted"]


@attrs.define
class Admitted:
    """What became of a batch that is to have a request."""

    staying: list[OutgoingMessage]
    """The messages of the request: their provider is the same."""
    rerouted: list[OutgoingMessage] = attrs.field(factory=list[OutgoingMessage])
    """They have another provider now, and were not tried."""
    ticket: Ticket | None = None
    """Of a request that may begin, and has not ended. None: there is no place for it."""
    verdicts: Sequence[Verdict] | None = None
    """What the request led to, if it was made to its end."""


class Admission:
    """Lets requests begin: *limit* at once to each of *providers*, and none waits longer than *patience* seconds."""

    def __init__(self, providers: Iterable[str], router: Router, *, limit: float, patience: float) -> None:
        self._router = router
        router.on_change = self._on_health
        self._patience = patience
        text = f"{limit} requests to it were in flight, as many as max_connections allows"
        self.refused: Verdict = Verdict(Outcome.NOT_SENT, Reason.OVERLOADED, description=text)
        """What is said of a message for which there was no place."""
        self._limit = limit
        self._gates = {name: Gate(limit) for name in providers}

    def try_enter(self, admitted: Admitted) -> bool:
        """Take a place if one is free and every provider is up: nothing need be looked at, and nobody waits."""
        name = admitted.staying[0].provider.name
        entered = self._router.all_up and self._gates[name].try_enter()
        if entered:
            admitted.ticket = self._router.begin(name)
        return entered

    async def enter(self, admitted: Admitted) -> None:
        """Wait for a place, unless all of the messages go to other providers in place of this one."""
        name = admitted.staying[0].provider.name
        gate, router = self._gates[name], self._router
        give_up_at = router.now() + self._patience
        self._reroute(name, admitted)
        while admitted.staying:
            entry = Entry.ENTERED if gate.try_enter() else await gate.enter(give_up_at - router.now())
            if entry is Entry.TIMED_OUT:
                return
            self._reroute(name, admitted)  # it may have gone down meanwhile, or another message is its trial
            if entry is Entry.ENTERED and admitted.staying:
                admitted.ticket = router.begin(name)
                return
            if entry is Entry.ENTERED:
                gate.leave()

    def leave(self, admitted: Admitted) -> None:
        """Give back the place of a request, if it has one still, and note what the request led to."""
        if admitted.ticket is not None:
            name, ticket = admitted.staying[0].provider.name, admitted.ticket
            admitted.ticket = None
            self._router.end(name, ticket, admitted.verdicts)  # before its place is given to one that should not go
            self._gates[name].leave()

    def drop_inherited(self) -> None:
        """Forget who has a place and who waits for one: after a fork they are the parent's."""
        self._gates = {name: Gate(self._limit) for name in self._gates}
        self._router.drop_inherited()

    def _on_health(self, health: ProviderHealth, before: HealthState) -> None:
        """The one place that learns of a change: whoever waits for this provider looks for another one."""
        log_health(health, before)
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
