"""In which order the providers of a message are asked, and why. Pure: it is given its clocks.

Four steps, each of which only reorders, but for the first: the route that fits (or the providers that the caller
names), whose turn it is by its weights, the other way for a second message, and health, which has the last word.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.masking import safe_text
from smsgate.model.message import Message
from smsgate.model.reason import Outcome
from smsgate.model.result import Result
from smsgate.model.suggestion import did_you_mean
from smsgate.provider.protocol import SmsProvider
from smsgate.routing.budget import RetryBudget
from smsgate.routing.evidence import Told, cause_of, failed
from smsgate.routing.health import HealthState, HealthTracker, Ticket
from smsgate.routing.memory import LastProviders
from smsgate.routing.routes import Route, Turns, needs_region
from smsgate.sending.failover import Policy
from smsgate.sending.resolve import Text

__all__ = ["ProviderChoice", "ProviderHealth", "Router"]

Reasons = dict[str, list[str]]
"""Why each provider has its place."""


@attrs.frozen
class ProviderHealth:
    """The state of one provider of a gateway."""

    name: str
    """The name of the provider."""
    state: HealthState
    """Whether it is asked in its turn."""
    since: datetime | None = None
    """When it changed to this state (aware, UTC). None if it has been up since the gateway was made."""
    why: str = ""
    """What changed it. Empty if nothing has."""


@attrs.frozen
class ProviderChoice:
    """What the caller of a send said of its providers."""

    providers: tuple[SmsProvider, ...]
    given: bool = False
    """The caller named them, in this order: routes do not apply, nor does what the gateway remembers."""
    after: str | None = None
    """The provider of an earlier result, which is to be asked after the others."""


@attrs.define
class _Lane:
    provider: SmsProvider
    health: ProviderHealth
    tracker: HealthTracker


class Router:
    """The order of a gateway's providers, and all that it depends on.

    *now*: seconds since some moment, which no clock that is set changes. *clock*: Unix time, for what people read.
    *reserve*: how many repeats are allowed at once.
    """

    def __init__(
        self,
        providers: Mapping[str, SmsProvider],
        routes: Iterable[Route],
        policy: Policy,
        *,
        reserve: float,
        now: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self.now: Callable[[], float] = now
        self.budget: RetryBudget = RetryBudget(policy.retry_budget, reserve)
        self.all_up: bool = True
        self.on_change: Callable[[ProviderHealth, HealthState], object] = lambda health, before: None
        """Called with each change of a provider's health, and the state before."""
        self._clock = clock
        self._routes = [(route, Turns(route) if route.weights else None) for route in _checked(routes, providers)]
        self._needs_region = needs_region([route for route, _ in self._routes])
        self._memory = LastProviders(policy.alternate_within)
        self._lanes: dict[str, _Lane] = {}
        for name, provider in providers.items():
            tracker = HealthTracker(policy.health, partial(self._changed, name))
            self._lanes[name] = _Lane(provider, ProviderHealth(name, HealthState.UP), tracker)

    def order(self, choice: ProviderChoice, message: Message, text: Text) -> Sequence[SmsProvider]:
        """The providers of *message*, which has *text*, in the order in which they are to be asked."""
        self.budget.messages += 1
        return self.usual_order(choice) or self._plan(choice, message, text)

    def usual_order(self, choice: ProviderChoice) -> Sequence[SmsProvider] | None:
        """The order of every message at this moment; None if it depends on the message."""
        if self.all_up and not (self._routes or self._memory.entries or choice.after):
            return choice.providers
        return None

    def explain(self, choice: ProviderChoice, message: Message, text: Text) -> tuple[list[SmsProvider], dict[str, str]]:
        """What `order` would give next, and why by the name of each provider that it puts somewhere."""
        why: Reasons = {name: [] for name in self._lanes}
        return self._plan(choice, message, text, why), {name: "; ".join(told) for name, told in why.items()}

    def takes_turn(self, name: str) -> bool:
        """Whether the provider of that name is up, or has a place for a message that is its trial."""
        return self._lanes[name].tracker.takes_turn(self.now())

    def rank(self, providers: Sequence[SmsProvider]) -> list[SmsProvider]:
        """*providers* with those that do not take their turn behind the others."""
        if self.all_up:
            return list(providers)
        now = self.now()
        return sorted(providers, key=lambda each: not self._lanes[each.name].tracker.takes_turn(now))

    def begin(self, name: str) -> Ticket:
        """Note that a request to this provider begins."""
        return self._lanes[name].tracker.begin(self.now())

    def end(self, name: str, ticket: Ticket, told: Sequence[Told] | None) -> None:
        """Note what the request led to; None: it was cut short, which says nothing of the provider."""
        sick = None if told is None else failed(told)
        cause = cause_of(told) if told and sick else ""
        self._lanes[name].tracker.end(ticket, sick, cause, self.now())

    def note(self, results: Sequence[Result]) -> None:
        """Remember who had the messages of a request, for the next ones to the same numbers."""
        if self._memory.ignores(Outcome.ACCEPTED):
            results = [result for result in results if result.outcome is not Outcome.ACCEPTED]
        for result in results:
            self._memory.note(_key_of(result.message), result.provider, result.outcome, self.now())

    def drop_inherited(self) -> None:
        """Forget the requests that are in flight: after a fork they are the parent's."""
        for lane in self._lanes.values():
            lane.tracker.drop_inherited()

    def mark(self, name: str, state: HealthState, why: str) -> None:
        """Set the state of a provider by hand."""
        self._lanes[name].tracker.mark(state, why)

    def health(self) -> dict[str, ProviderHealth]:
        """The state of each provider by its name."""
        return {name: lane.health for name, lane in self._lanes.items()}

    def _plan(
        self, choice: ProviderChoice, message: Message, text: Text, why: Reasons | None = None
    ) -> list[SmsProvider]:
        now = self.now()
        turns: Turns | None = None
        names = [provider.name for provider in choice.providers]
        if not choice.given:
            names, turns = self._route_of(message, text, names, why)
        up = [name for name in names if self._lanes[name].tracker.takes_turn(now)]
        if turns is not None:
            first = turns.next(up or names, peek=why is not None)
            _move(names, names.index(first), 0)
            _tell(why, first, "its turn by the weights of the route")
        last = choice.after
        if last is None and not choice.given and self._memory.entries:
            last = self._memory.last(_key_of(message), now)
        if last in names and len(names) > 1:
            _move(names, names.index(last), len(names))
            _tell(why, last, "after the others: it had the last message of this template to this number")
        for name in names:
            health = self._lanes[name].health
            if name not in up:
                since = f" since {health.since:%Y-%m-%d %H:%M:%S} UTC" if health.since else ""
                _tell(why, name, f"asked last: it is {health.state}{since}: {health.why}")
        return [self._lanes[name].provider for name in sorted(names, key=lambda name: name not in up)]

    def _route_of(
        self, message: Message, text: Text, names: list[str], why: Reasons | None
    ) -> tuple[list[str], Turns | None]:
        """The providers of the first route that fits; without one, all *names*."""
        kind, region = text.kind_of(message), message.to.region if self._needs_region else None
        for index, (route, turns) in enumerate(self._routes, 1):
            if route.fits(kind, region):
                for name in route.providers:
                    _tell(why, name, f"route {index}")
                return list(route.providers), turns
        return names, None

    def _changed(self, name: str, state: HealthState, why: str) -> None:
        lane = self._lanes[name]
        before = lane.health.state
        lane.health = ProviderHealth(name, state, self._wall_time(), why)
        self.all_up = all(each.tracker.state is HealthState.UP for each in self._lanes.values())
        self.on_change(lane.health, before)

    def _wall_time(self) -> datetime | None:
        try:
            return datetime.fromtimestamp(self._clock(), UTC)
        except Exception:  # a clock of the caller's that fails must not cost a result
            return None


def _checked(routes: Iterable[Route], providers: Mapping[str, SmsProvider]) -> list[Route]:
    if not isinstance(routes, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(f"routes: must be a list of routes, not {type(routes).__name__}")
    listed = list(routes)
    for index, route in enumerate(listed, 1):
        if not isinstance(route, Route):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"routes: {type(route).__name__} is not a smsgate.Route")
        for name in route.providers:
            if name not in providers:
                known, hint = ", ".join(providers), did_you_mean(name, providers)
                raise ConfigurationError(
                    f"routes: route {index} names {safe_text(name)!r}; this Gateway has {known}{hint}"
                )
    return listed


def _key_of(message: Message) -> Hashable:
    return message.template, message.to


def _move(names: list[str], source: int, target: int) -> None:
    name = names.pop(source)
    names.insert(target, name)


def _tell(why: Reasons | None, name: str, text: str) -> None:
    if why is not None:
        why[name].append(text)
