"""What an observer is told: frozen values without parameters, and with every number masked."""

from collections.abc import Sequence
from datetime import datetime

import attrs

from smsgate.model.kind import MessageKind
from smsgate.model.masking import safe_repr, safe_text
from smsgate.model.message import Message
from smsgate.model.reason import Outcome, Reason
from smsgate.model.result import Attempt, Result

__all__ = [
    "Event",
    "FailedOver",
    "HealthChanged",
    "MessageRefused",
    "RequestEnded",
    "RequestStarted",
    "ResultRecorded",
]


@attrs.frozen(kw_only=True)
class RequestStarted:
    """A request is about to leave: one try of one provider for each message in it."""

    id: str
    """Unique for each request: 32 hex digits, those of its `RequestEnded` too."""
    provider: str
    """The name of the provider."""
    messages: int
    """How many messages are in it."""
    to: tuple[str, ...]
    """Their numbers, masked."""


@attrs.frozen(kw_only=True)
class RequestEnded:
    """A request has ended, however it did: what it led to for each message in it."""

    id: str
    """That of its `RequestStarted`."""
    provider: str
    """The name of the provider."""
    started_at: datetime
    """When it began (aware, UTC)."""
    duration: float
    """How long it took, in seconds."""
    attempts: Sequence[Attempt]
    """What it led to for each message, in the order of `RequestStarted.to`."""
    failed: tuple[Attempt, ...]
    """Those of the messages that were not accepted."""


@attrs.frozen(kw_only=True)
class FailedOver:
    """Messages leave one provider for another one, all for one reason."""

    left: str
    """The provider that did not accept them."""
    provider: str
    """The one that they go to."""
    reason: Reason | None
    """Why the provider that they leave did not accept them."""
    messages: int
    """How many."""


@attrs.frozen(kw_only=True)
class MessageRefused:
    """A message was refused before any request was made for it. Its `ResultRecorded` follows."""

    to: str
    """Its number, masked."""
    template: str
    """The name of its template."""
    key: str | None = attrs.field(repr=safe_repr)
    """Its key."""
    kind: MessageKind | None
    """What it is for."""
    reason: Reason | None
    """Why."""
    description: str | None
    """Why, in words; numbers masked."""


@attrs.frozen(kw_only=True)
class ResultRecorded:
    """A message has its result. There is one such event for each message."""

    to: str
    """Its number, masked."""
    template: str
    """The name of its template."""
    key: str | None = attrs.field(repr=safe_repr)
    """Its key."""
    kind: MessageKind | None
    """`Message.kind`; None if only its template has one."""
    outcome: Outcome
    """The outcome."""
    provider: str | None
    """That of the deciding try; None if there was none."""
    reason: Reason | None
    """Why, when it was not accepted."""
    code: str | None
    """The vendor's code of the deciding try. None if it was accepted."""
    segments: int | None
    """How many messages the vendor charges for, if it said so."""
    possible_duplicate: bool
    """More than one vendor may have sent it."""
    attempts: tuple[Attempt, ...]
    """Each try, in order."""


@attrs.frozen(kw_only=True)
class HealthChanged:
    """A provider is in another state of health."""

    provider: str
    """The name of the provider."""
    state: str
    """"up", "down" or "probing"."""
    previous: str
    """The state that it was in."""
    why: str
    """In words: what it was that changed it."""


Event = RequestStarted | RequestEnded | FailedOver | MessageRefused | ResultRecorded | HealthChanged
"""Whatever an observer is told."""


def result_recorded(result: Result) -> ResultRecorded:
    """The event of *result*."""
    message = result.message
    return ResultRecorded(
        to=message.to.masked,
        template=_template_of(message),
        key=message.key,
        kind=message.kind,
        outcome=result.outcome,
        provider=result.provider,
        reason=result.reason,
        code=result.code,
        segments=result.segments,
        possible_duplicate=result.possible_duplicate,
        attempts=result.attempts,
    )


def message_refused(result: Result) -> MessageRefused:
    """The event of *result*, of a message that no request was made for."""
    message = result.message
    return MessageRefused(
        to=message.to.masked,
        template=_template_of(message),
        key=message.key,
        kind=message.kind,
        reason=result.reason,
        description=result.description,
    )


def _template_of(message: Message) -> str:
    return safe_text(str(message.template))
