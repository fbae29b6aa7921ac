"""Which provider is asked next, and what the tries add up to. Pure: reads reasons, never a vendor's codes.

Rule 1: a message that may have been sent (`UNKNOWN`) goes to nobody else unless the caller opted in.
Rule 2: an acceptance ends it; so does a reason whose row in `reason.RULES` says stop.
Rule 3: what ends it decides the outcome, but an earlier `UNKNOWN` is never forgotten.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.message import Attempt
from smsgate.model.reason import Next, Outcome, Reason

__all__ = ["STOP", "Policy", "Step", "deciding_attempt", "next_step", "possible_duplicate"]

Choice = Literal["stop", "failover"]


def _choice(_: object, attribute: "attrs.Attribute[Choice]", value: object) -> None:
    if value not in ("stop", "failover"):
        raise ConfigurationError(f'Policy: {attribute.name} must be "stop" or "failover"')


def _amount(_: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if not isinstance(value, int | float) or not 0 <= value < 3600:
        raise ConfigurationError(f"Policy: {attribute.name} must be from 0 to 3600")


@attrs.frozen(kw_only=True)
class Policy:
    """What a gateway does when a provider did not accept. The defaults never send twice.

    Raises `ConfigurationError` for a value out of range.
    """

    on_unknown: Choice = attrs.field(default="stop", validator=_choice)
    """After a try that may have sent the message: stop, or ask the next provider and risk a second copy."""
    on_rate_limited: Choice = attrs.field(default="stop", validator=_choice)
    """After a per-number frequency limit: stop, or get around it with the next provider."""
    retries: int = attrs.field(default=1, validator=_amount)
    """How often a busy provider is asked again before the next one is."""
    pause: float = attrs.field(default=0.5, validator=_amount)
    """Seconds to wait before asking a busy provider again, if it does not say how long."""
    max_pause: float = attrs.field(default=2.0, validator=_amount)
    """The longest wait, in seconds, whatever the provider says."""


@attrs.frozen
class Step:
    """Ask *provider* after *pause* seconds; None: ask nobody any more."""

    provider: str | None
    pause: float = 0.0


STOP: Final = Step(None)


def next_step(
    policy: Policy, pending: Sequence[str], tried: Sequence[Attempt], *, on_unknown: Choice | None = None
) -> Step:
    """The next step for a message.

    *pending*: the providers not yet asked, in order. *tried*: every try so far. *on_unknown*: the message's choice.
    """
    other = Step(pending[0]) if pending else STOP
    if not tried:
        return other
    last = tried[-1]
    if last.outcome is Outcome.ACCEPTED:
        return STOP
    if last.outcome is Outcome.UNKNOWN:
        return other if (on_unknown or policy.on_unknown) == "failover" else STOP
    if last.outcome is Outcome.NOT_SENT or last.reason is None:
        return other if last.outcome is Outcome.NOT_SENT else STOP
    return _after_refusal(policy, last, last.reason, tried, other)


def _after_refusal(policy: Policy, last: Attempt, reason: Reason, tried: Sequence[Attempt], other: Step) -> Step:
    again = sum(1 for attempt in tried if attempt.provider == last.provider and attempt.reason is reason)
    match reason.rule.next:
        case Next.PAUSE if again <= policy.retries:
            wanted = policy.pause if last.retry_after is None else last.retry_after
            return Step(last.provider, max(0.0, min(wanted, policy.max_pause)))
        case Next.RESYNC if again == 1:
            return Step(last.provider)
        case Next.OTHER_PROVIDER | Next.PAUSE | Next.RESYNC:
            return other
        case Next.RATE_LIMIT_OPT_IN if policy.on_rate_limited == "failover":
            return other
        case _:
            return STOP


def deciding_attempt(tried: Sequence[Attempt]) -> Attempt | None:
    """The try that gives a message its outcome: an acceptance, else one that may have sent it, else the last."""
    for outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN):
        for attempt in tried:
            if attempt.outcome is outcome:
                return attempt
    return tried[-1] if tried else None


def possible_duplicate(tried: Sequence[Attempt]) -> bool:
    """Whether more than one try may have sent the message."""
    return sum(1 for attempt in tried if attempt.outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN)) > 1
