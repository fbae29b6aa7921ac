"""An outgoing message: its candidates, its attempts, and the result that they add up to. Pure."""

import math
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import attrs

from smsgate.guard.deadline import expiry_of, expiry_text
from smsgate.guard.guard import Guard
from smsgate.guard.regions import check_region
from smsgate.model.errors import MessageError
from smsgate.model.message import Attempt, Message, Result
from smsgate.model.reason import Outcome, Reason
from smsgate.model.template import Template
from smsgate.provider.protocol import Job, SmsProvider, Verdict
from smsgate.sending.failover import Policy, deciding_attempt, may_have_been_sent, next_step, possible_duplicate
from smsgate.sending.resolve import Problem, Resolved, make_job, resolve
from smsgate.sending.templates import check_senders, templates_by_name

__all__ = ["OutgoingMessage", "Preparer", "ReadyJob", "no_provider", "ready_job", "refusal"]

_OVER_BUDGET: Final = " (not tried again: the retry budget of the gateway is used up)"


@attrs.define(eq=False)
class OutgoingMessage:
    """A message, the providers that it can still be given to, and what has been tried."""

    message: Message
    resolved: Resolved
    candidates: list[SmsProvider]
    """The providers that have not been tried, in order."""
    assigned: SmsProvider | None = None
    _job: Job | None = None
    _batch_key: Hashable | None = None
    batch_limit: int = 1
    """How many messages may share its next request."""
    pause: float = 0.0
    """Seconds to wait before its next request."""
    part: object = None
    """Which part of a batch that was split it belongs to: parts do not share a request."""
    search: object = None
    """The search for the message that its batch was refused for (see `halving`)."""
    attempts: list[Attempt] = attrs.field(factory=list[Attempt])
    accepted: Verdict | None = None
    """What the vendor that accepted it said."""
    over_budget: bool = False
    """It goes no further only because there is no retry budget left."""
    result: Result | None = None
    expires: float = math.inf
    """`Message.expires_at` in Unix seconds; infinity if it has none."""
    expired: bool = False
    """It goes no further because it is too late."""
    cancelled: bool = False
    """Its caller waits no longer: nothing more is begun for it, whatever else of its batch goes on."""

    @property
    def provider(self) -> SmsProvider:
        """The provider that its next request goes to. Only after `assign_first()` or `advance()` has assigned one."""
        assert self.assigned is not None  # noqa: S101  # callers have checked what these return
        return self.assigned

    @property
    def job(self) -> Job:
        """The job made for that provider."""
        assert self._job is not None  # noqa: S101  # made with the assignment
        return self._job

    def request_key(self) -> Hashable:
        """Messages with equal keys may share their next request."""
        return self if self._batch_key is None else (self.provider.name, self._batch_key, self.pause, self.part)

    def assign_first(self) -> Problem | None:
        """Assign the first provider that can take the message. Returns why none can, or None."""
        problems: list[str] = []
        while self.candidates:
            provider = self.candidates.pop(0)
            problem = self._assign(provider)
            if problem is None:
                return None
            problems.append(f"{provider.name}: {problem}")
        return no_provider(problems)

    def advance(self, policy: Policy, now: float, *, may_retry: bool = True, may_fail_over: bool = True) -> bool:
        """Assign the provider that `next_step` names at *now* (Unix seconds). False if it names none."""
        tried_last, left = self.provider.name, self.expires - now
        while True:
            names = [provider.name for provider in self.candidates]
            step = next_step(
                policy,
                names,
                self.attempts,
                on_unknown=self.message.on_unknown,
                may_retry=may_retry,
                may_fail_over=may_fail_over,
                left=left,
            )
            self.pause = step.pause
            if step.provider is None:
                self.over_budget = step.over_budget
                return False
            if left <= 0:
                self.expired = True
                return False
            if step.provider == tried_last:
                return True
            if self._assign(self.candidates.pop(names.index(step.provider))) is None:
                return True

    def reroute(self, takes_turn: Callable[[str], bool]) -> bool:
        """Assign the first untried provider that takes its turn, in place of one that no longer does.

        That one has not been asked, and is asked last from now on. False if there is none: the message stays.
        """
        left = self.provider
        for provider in list(self.candidates):
            if not takes_turn(provider.name):
                continue
            self.candidates.remove(provider)
            if self._assign(provider) is None:
                if all(attempt.provider != left.name for attempt in self.attempts):
                    self.candidates.append(left)
                self.pause = 0.0
                return True
        return False

    def add_attempt(self, verdict: Verdict, reference: str, started_at: datetime, duration: float) -> Attempt:
        """Add what one request led to for this message."""
        if verdict.outcome is Outcome.ACCEPTED:
            self.accepted = verdict
        attempt = Attempt(
            self.provider.name,
            verdict.outcome,
            verdict.reason,
            verdict.code,
            verdict.description,
            verdict.message_id,
            verdict.request_id,
            started_at=started_at,
            duration=duration,
            retry_after=verdict.retry_after,
            reference=reference,
            remedy=verdict.remedy,
        )
        self.attempts.append(attempt)
        return attempt

    def conclude(self) -> Result:
        """Make the result that the attempts add up to."""
        attempt, accepted = deciding_attempt(self.attempts), self.accepted
        if self.expired and not may_have_been_sent(attempt):
            told = refusal(self.message, Problem(Reason.EXPIRED, expiry_text(self.expires)))
            self.result = attrs.evolve(told, attempts=tuple(self.attempts))
        elif attempt is None:
            text = "cancelled before any request began"
            self.result = Result(self.message, Outcome.NOT_SENT, reason=Reason.NETWORK, description=text)
        else:
            self.result = Result(
                self.message,
                attempt.outcome,
                attempt.provider,
                attempt.message_id,
                attempt.reason,
                attempt.code,
                f"{attempt.description or ''}{_OVER_BUDGET}".strip() if self.over_budget else attempt.description,
                tuple(self.attempts),
                attempt.reference,
                accepted.segments if accepted else None,
                possible_duplicate(self.attempts),
                country=accepted.country if accepted else None,
                sender=accepted.sender if accepted else None,
                accepted_at=accepted.accepted_at if accepted else None,
                remedy=attempt.remedy,
            )
        return self.result

    def _assign(self, provider: SmsProvider) -> str | None:
        """Assign *provider*, or return why it cannot take the message."""
        ready = ready_job(self.message, self.resolved, provider)
        if isinstance(ready, str):
            return ready
        self.assigned, self._job, self._batch_key = provider, ready.job, ready.batch_key
        self.batch_limit, self.part, self.search = ready.batch_limit, None, None
        return None


@attrs.define
class ReadyJob:
    """A job that its provider takes, and what it may share a request with."""

    job: Job
    batch_key: Hashable | None
    batch_limit: int


def ready_job(message: Message, resolved: Resolved, provider: SmsProvider) -> ReadyJob | str:
    """The job for *provider*, or why it cannot take the message. One whose adapter raises cannot."""
    try:
        job = make_job(message, resolved, provider)
        if isinstance(job, str):
            return job
        key, limit = provider.batch_key(job), provider.batch_limit
        hash(key)
    except Exception as error:
        return f"its adapter raised {type(error).__name__}"
    return ReadyJob(job, key, limit)


def no_provider(problems: Iterable[str]) -> Problem:
    """What is wrong with a message that none of its providers can take, each for its own reason."""
    return Problem(Reason.INVALID_REQUEST, f"no provider can take it: {'; '.join(problems)}")


class Preparer:
    """Makes messages ready: number, template and parameters checked, and the first provider that can take each."""

    def __init__(
        self,
        templates: Iterable[Template],
        providers: Collection[str],
        default_region: str | None,
        guard: Guard | None = None,
    ) -> None:
        if default_region is not None:
            check_region("default_region", default_region)
        self.default_region: str | None = default_region
        self._guard = None if guard is None or guard.allows_all else guard
        self._providers = providers
        self._templates: Mapping[str, Template] = {}
        self.replace_templates(templates)

    @property
    def templates(self) -> tuple[Template, ...]:
        """The templates that it was given."""
        return tuple(self._templates.values())

    def replace_templates(self, templates: Iterable[Template]) -> None:
        """Take *templates* in place of all others, or raise `ConfigurationError` and keep those that it has."""
        found = templates_by_name(templates)
        for template in found.values():
            self._check(template)
        self._templates = found

    def prepare(
        self,
        message: Message,
        providers: Sequence[SmsProvider],
        now: float,
        order: Callable[[Resolved], list[SmsProvider]] | None = None,
    ) -> OutgoingMessage | Problem:
        """*message* for the first of *providers* that can take it, or why none can. *now*: Unix seconds.

        *order* gives those that are asked, in their order, once it is known what the message is. Raises `MessageError`
        for what is not a `Message` at all.
        """
        resolved = self.resolve(message, now)
        if isinstance(resolved, Problem):
            return resolved
        if resolved.to is not message.to:  # results and records have the number that is sent to
            message = attrs.evolve(message, to=resolved.to)
        outgoing = OutgoingMessage(message, resolved, list(providers) if order is None else order(resolved))
        outgoing.expires = expiry_of(message.expires_at)
        return outgoing.assign_first() or outgoing

    def resolve(self, message: Message, now: float) -> Resolved | Problem:
        """Number, template and parameters of *message*, or what is wrong with one of them, or why it is not sent.

        Raises `MessageError` for what is not a `Message` at all.
        """
        if not isinstance(message, Message):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise MessageError(f"message: must be a Message, not {type(message).__name__}. Nothing was sent.")
        try:
            resolved = resolve(message, self.templates_for(message), self.default_region)
            if isinstance(resolved, Problem):
                return resolved
            return self._forbidden(message, resolved, now) or resolved
        except Exception as error:  # a text or mapping of the caller's own that fails when it is read
            return Problem(Reason.INVALID_REQUEST, f"it cannot be read: {type(error).__name__}")

    def _forbidden(self, message: Message, resolved: Resolved, now: float) -> Problem | None:
        if self._guard is not None and (refused := self._guard.refusal(resolved.to, resolved.kind, now)):
            return Problem(refused.reason, refused.text, forbidden=True)
        expires = expiry_of(message.expires_at)
        return Problem(Reason.EXPIRED, expiry_text(expires), forbidden=True) if expires <= now else None

    def templates_for(self, message: Message) -> Mapping[str, Template]:
        """The templates by name that *message* may use."""
        return self._templates

    def _check(self, template: Template) -> None:
        check_senders(template, self._providers)


def refusal(message: Message, problem: Problem) -> Result:
    """The result of a message that no provider was asked to take."""
    outcome = Outcome.NOT_SENT if problem.reason is Reason.EXPIRED else Outcome.REJECTED
    return Result(message, outcome, reason=problem.reason, description=problem.text)
