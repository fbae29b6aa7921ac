"""Which provider is tried next, and what the attempts add up to. Pure: reads reasons, never a vendor's codes.

Rule 1: a message that may have been sent (`UNKNOWN`) goes to no other provider unless the caller opted in.
Rule 2: an acceptance ends it; so does a reason whose `rule` says stop, for what was refused and for what was not sent.
Rule 3: the attempt that ends it decides the outcome, but an earlier `UNKNOWN` is never forgotten.
"""

import math
from collections.abc import Sequence
from typing import Any, Final, Literal

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.reason import Fault, Next, Outcome, Reason
from smsgate.model.result import Attempt
from smsgate.routing.health import Health

__all__ = [
    "STOP",
    "Policy",
    "Step",
    "deciding_attempt",
    "may_have_been_sent",
    "next_step",
    "possible_duplicate",
    "takes_of_budget",
]

Choice = Literal["stop", "failover"]


def _choice(_: object, attribute: "attrs.Attribute[Choice]", value: object) -> None:
    if value not in ("stop", "failover"):
        raise ConfigurationError(f'Policy: {attribute.name} must be "stop" or "failover"')


def _amount(_: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if not isinstance(value, int | float) or not 0 <= value < 3600:
        raise ConfigurationError(f"Policy: {attribute.name} must be from 0 to 3600")


def _amount_or_none(_: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if value is not None:
        _amount(_, attribute, value)


def _health(_: object, __: object, value: object) -> None:
    if value is not None and not isinstance(value, Health):
        raise ConfigurationError(f"Policy: health must be a smsgate.Health or None, not {type(value).__name__}")


@attrs.frozen(kw_only=True)
class Policy:
    """What a gateway does when a provider did not accept. The defaults never send twice.

    Raises `ConfigurationError` for a value out of range.
    """

    on_unknown: Choice = attrs.field(default="stop", validator=_choice)
    """After an attempt that may have sent the message: stop, or try the next provider and risk a second copy."""
    on_rate_limited: Choice = attrs.field(default="stop", validator=_choice)
    """After a per-number frequency limit: stop, or circumvent it with the next provider."""
    retries: int = attrs.field(default=1, validator=_amount)
    """How many times a busy provider is retried before the next one is tried."""
    pause: float = attrs.field(default=0.5, validator=_amount)
    """Seconds to wait before a busy provider is retried, if it does not say how long; up to half as much is added."""
    max_pause: float = attrs.field(default=2.0, validator=_amount)
    """The longest wait, in seconds. A provider that asks for more is not retried: the next one is tried at once."""
    health: Health | None = attrs.field(factory=Health, validator=_health)
    """When a provider counts as down, and is asked last. None: never, unless `Gateway.mark` says so."""
    alternate_within: float | None = attrs.field(default=None, validator=_amount_or_none)
    """A new message of the same template to the same number within so many seconds starts with another provider.

    None: only if one may have been sent without an answer (`UNKNOWN`) within 120 seconds: not with that provider.
    0: never."""
    retry_budget: float | None = attrs.field(default=0.1, validator=_amount_or_none)
    """How many requests may be repeated for each message, on average, while vendors are in trouble: 0.1 is one for ten
    messages. Beside these, ten a second and as many at once as the gateway has connections to a vendor. None: no limit.

    A refusal that concerns the account or the request is not counted: the next provider is asked all the same."""


@attrs.frozen
class Step:
    """Try *provider* after *pause* seconds; None: the message goes no further."""

    provider: str | None
    pause: float = 0.0
    over_budget: bool = False
    """It goes no further only because there is no retry budget left."""


_OVER_BUDGET: Final = Step(None, over_budget=True)
STOP: Final = Step(None)


def next_step(
    policy: Policy,
    candidates: Sequence[str],
    tried: Sequence[Attempt],
    *,
    on_unknown: Choice | None = None,
    may_retry: bool = True,
    may_fail_over: bool = True,
    left: float = math.inf,
) -> Step:
    """The next step for a message.

    *candidates*: the providers that have not been tried, in order. *tried*: every attempt so far. *on_unknown*: the
    message's own choice. *may_retry*, *may_fail_over*: whether the retry budget has a request for the same provider,
    and for another one. *left*: seconds in which a try may still begin; a pause fits in or is not made.
    """
    other = Step(candidates[0]) if candidates else STOP
    if not tried:
        return other
    step = _unlimited(policy, tried, other, on_unknown or policy.on_unknown, left)
    if step.provider is None or not takes_of_budget(tried[-1]):
        return step
    if step.provider == tried[-1].provider and not may_retry:
        step = other if other.provider else _OVER_BUDGET
    return step if may_fail_over or step.provider in (None, tried[-1].provider) else _OVER_BUDGET


def takes_of_budget(last: Attempt) -> bool:
    """Whether a request after *last* takes of the retry budget: a vendor, a carrier or the network is in trouble.

    Not after a refusal that concerns the account or the request: an account in arrears would use up the budget of all
    messages, and the next provider has no more of them than if it had been the first.
    """
    return last.reason is None or last.reason.rule.fault in (Fault.VENDOR, Fault.CARRIER, Fault.NOBODY)


def _unlimited(policy: Policy, tried: Sequence[Attempt], other: Step, on_unknown: Choice, left: float) -> Step:
    """The step if there were no budget."""
    last = tried[-1]
    if last.outcome is Outcome.ACCEPTED:
        return STOP
    if last.outcome is Outcome.UNKNOWN:
        return other if on_unknown == "failover" else STOP
    if last.reason is None:
        return other if last.outcome is Outcome.NOT_SENT else STOP
    return _after(policy, last, last.reason, tried, other, left)


def _after(policy: Policy, last: Attempt, reason: Reason, tried: Sequence[Attempt], other: Step, left: float) -> Step:
    """The step after a try that did not send the message: what the reason's row says."""
    earlier = sum(1 for attempt in tried if attempt.provider == last.provider and attempt.reason is reason)
    match reason.rule.next:
        case Next.PAUSE if earlier <= policy.retries and not (last.retry_after or 0.0) > policy.max_pause:
            # A request before the time that the vendor states is sure to be refused, and may prolong its limit: one
            # that wants more than `max_pause` is not retried.
            wanted = policy.pause if last.retry_after is None else last.retry_after
            pause = max(0.0, min(wanted, policy.max_pause))
            return Step(last.provider, pause) if pause < left else other
        case Next.RESYNC if earlier == 1:
            return Step(last.provider)
        case Next.OTHER_PROVIDER | Next.PAUSE | Next.RESYNC:
            return other
        case Next.RATE_LIMIT_OPT_IN if policy.on_rate_limited == "failover":
            return other
        case Next.UNKNOWN_OPT_IN if last.outcome is Outcome.NOT_SENT:
            return other  # whatever the cause was, it struck before the first byte
        case _:
            return STOP


def deciding_attempt(tried: Sequence[Attempt]) -> Attempt | None:
    """The attempt that gives a message its outcome: an acceptance, else one that may have sent it, else the last."""
    for outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN):
        for attempt in tried:
            if attempt.outcome is outcome:
                return attempt
    return tried[-1] if tried else None


def may_have_been_sent(attempt: Attempt | None) -> bool:
    """Whether *attempt* sent the message, or may have."""
    return attempt is not None and attempt.outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN)


def possible_duplicate(tried: Sequence[Attempt]) -> bool:
    """Whether more than one attempt may have sent the message."""
    return sum(map(may_have_been_sent, tried)) > 1
