"""The events of a request, made only where an observer wants them. Pure."""

from collections import Counter
from collections.abc import Sequence

from smsgate.observers.attempts import RequestAttempts
from smsgate.observers.events import FailedOver, HealthChanged, RequestEnded, RequestStarted
from smsgate.observers.observer import Emitter
from smsgate.routing.health import HealthState
from smsgate.sending.ledger import SendRequest
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.sending.router import ProviderHealth

__all__ = ["tell_ended", "tell_failover", "tell_health", "tell_started"]


def tell_started(events: Emitter, request: SendRequest) -> None:
    """*request* is about to leave."""
    if events.wants(RequestStarted):
        to = tuple([message.to.masked for message in request.messages])
        events.emit(RequestStarted(id=request.id, provider=request.provider, messages=len(to), to=to))


def tell_ended(events: Emitter, request: SendRequest, messages: Sequence[OutgoingMessage], duration: float) -> None:
    """*request* led to the last attempt of each of *messages*."""
    if events.wants(RequestEnded):
        events.emit(
            RequestEnded(
                id=request.id,
                provider=request.provider,
                started_at=request.started_at,
                duration=duration,
                attempts=RequestAttempts([message.result or message.attempts[-1] for message in messages]),
                failed=tuple([message.attempts[-1] for message in messages if message.result is None]),
            )
        )


def tell_failover(events: Emitter, onward: Sequence[OutgoingMessage]) -> None:
    """One event for each provider that messages leave for another one, and for each reason."""
    tried = [message for message in onward if message.attempts]  # all but those that another one took the place of
    left = [message for message in tried if message.attempts[-1].provider != message.provider.name]
    ways = Counter((each.attempts[-1].provider, each.provider.name, each.attempts[-1].reason) for each in left)
    for (failed, following, reason), count in ways.items():
        events.emit(FailedOver(left=failed, provider=following, reason=reason, messages=count))


def tell_health(events: Emitter, health: ProviderHealth, before: HealthState) -> None:
    """A provider is in another state of health."""
    if events.wants(HealthChanged):
        events.emit(HealthChanged(provider=health.name, state=health.state, previous=before, why=health.why))
