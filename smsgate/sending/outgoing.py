"""An outgoing message: its candidates, its attempts, and the result that they add up to. Pure."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import attrs

from smsgate.model.errors import ConfigurationError, MessageError
from smsgate.model.message import Attempt, Message, Result, keep_only_try
from smsgate.model.reason import Outcome, Reason
from smsgate.model.template import Template
from smsgate.provider.protocol import Job, SmsProvider, Verdict
from smsgate.sending.assigning import Assignment, assign, no_provider
from smsgate.sending.failover import Policy, deciding_attempt, next_step, possible_duplicate
from smsgate.sending.resolve import KnownTexts, Problem, Text, resolve
from smsgate.sending.templates import check_senders, templates_by_name

__all__ = ["Course", "OutgoingMessage", "Preparer", "refusal"]


@attrs.define(eq=False, weakref_slot=False)
class Course:
    """What has happened to a message that was not accepted at its first try."""

    candidates: list[SmsProvider]
    """The providers that have not been tried, in order."""
    attempts: list[Attempt] = attrs.field(factory=list[Attempt])
    pause: float = 0.0
    """Seconds to wait before its next request."""
    part: object = None
    """Which part of a batch that was split it belongs to: parts do not share a request."""
    search: object = None
    """The search for the message that its batch was refused for (see `halving`)."""


@attrs.define(eq=False, weakref_slot=False)
class OutgoingMessage:
    """A message, the provider that it is assigned to, and what has been tried.

    Many wait at a time: nearly all of what is known of one is in its assignment, which it shares with others.
    """

    message: Message
    assigned: Assignment
    _course: Course | None = None
    result: Result | None = None
    """The result, once it is over."""

    @property
    def provider(self) -> SmsProvider:
        """The provider that its next request goes to."""
        return self.assigned.provider

    @property
    def job(self) -> Job:
        """The job for that provider. Made when it is asked for."""
        return self.assigned.job(self.message)

    @property
    def course(self) -> Course:
        """What has happened to it."""
        if self._course is None:
            self._course = Course(list(self.assigned.later))
        return self._course

    @property
    def is_new(self) -> bool:
        """Whether nothing has happened to it yet."""
        return self._course is None

    @property
    def attempts(self) -> Sequence[Attempt]:
        """Every try so far."""
        return self._course.attempts if self._course else self.result.attempts if self.result else ()

    @property
    def pause(self) -> float:
        """Seconds to wait before its next request."""
        return self._course.pause if self._course else 0.0

    def request_key(self) -> Hashable:
        """Messages with equal keys may share their next request."""
        key, course = self.assigned.key, self._course
        return self if key is None else key if course is None else (key, course.pause, course.part)

    def advance(self, policy: Policy) -> bool:
        """Assign the provider that `next_step` names after a try that was no acceptance. False if there is none."""
        course, tried_last = self.course, self.provider.name
        while True:
            names = [provider.name for provider in course.candidates]
            step = next_step(policy, names, course.attempts, on_unknown=self.message.on_unknown)
            course.pause = step.pause
            if step.provider is None:
                return False
            if step.provider == tried_last:
                return True
            assigned = assign(self.message, self.assigned.text, [course.candidates.pop(names.index(step.provider))])
            if not isinstance(assigned, str):
                self.assigned = assigned
                return True

    def add_attempt(self, verdict: Verdict, reference: str, times: tuple[datetime, float]) -> None:
        """Add what one request led to for this message. An acceptance is its end.

        *times*: when the request began, and how many seconds it took.
        """
        if verdict.outcome is Outcome.ACCEPTED and self._course is None:
            self.result = _make_result(self.message, self.provider.name, verdict, reference)
            keep_only_try(self.result, verdict.request_id, verdict.retry_after, times)
            return
        attempt = Attempt(
            self.provider.name,
            verdict.outcome,
            verdict.reason,
            verdict.code,
            verdict.description,
            verdict.message_id,
            verdict.request_id,
            started_at=times[0],
            duration=times[1],
            retry_after=verdict.retry_after,
            reference=reference,
            remedy=verdict.remedy,
        )
        self.course.attempts.append(attempt)
        if verdict.outcome is Outcome.ACCEPTED:
            self.result = _make_result(self.message, attempt.provider, verdict, reference, tuple(self.attempts))

    def conclude(self) -> Result:
        """Make the result that the attempts add up to."""
        if self.result is None:
            tried = tuple(self.attempts)
            attempt = deciding_attempt(tried)
            if attempt is None:
                text = "cancelled before any request began"
                self.result = Result(self.message, Outcome.NOT_SENT, reason=Reason.NETWORK, description=text)
            else:
                self.result = _make_result(self.message, attempt.provider, attempt, attempt.reference, tried)
        return self.result


def _make_result(
    message: Message,
    provider: str,
    deciding: Verdict | Attempt,
    reference: str | None,
    tried: tuple[Attempt, ...] = (),
) -> Result:
    """The result that *deciding* gives: the attempt, or of an acceptance the verdict, which says more."""
    accepted = deciding if isinstance(deciding, Verdict) else _SAYS_NO_MORE
    return Result(
        message,
        deciding.outcome,
        provider,
        deciding.message_id,
        deciding.reason,
        deciding.code,
        deciding.description,
        tried,
        reference,
        accepted.segments,
        len(tried) > 1 and possible_duplicate(tried),
        country=accepted.country,
        sender=accepted.sender,
        accepted_at=accepted.accepted_at,
        remedy=deciding.remedy,
    )


_SAYS_NO_MORE: Final = Verdict(Outcome.UNKNOWN)


class Preparer:
    """Makes messages ready: number, template and parameters checked, and the first provider that can take each."""

    def __init__(self, templates: Iterable[Template], providers: Collection[str], default_region: str | None) -> None:
        self.default_region: str | None = _checked_region(default_region)
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
        self, message: Message, providers: Sequence[SmsProvider], known: KnownTexts | None = None
    ) -> OutgoingMessage | Problem:
        """*message* for the first of *providers* that can take it, or why none can.

        *known*: texts that were prepared before, for these providers. Raises `MessageError` for what is not a `Message`
        at all.
        """
        resolved = self.resolve(message, known)
        if isinstance(resolved, Problem):
            return resolved
        message, text = resolved
        assigned = assign(message, text, providers)
        problems: list[str] = []
        while isinstance(assigned, str):
            problems.append(f"{providers[len(problems)].name}: {assigned}")
            if len(problems) == len(providers):
                return no_provider(problems)
            assigned = assign(message, text, providers, len(problems))
        return OutgoingMessage(message, assigned)

    def resolve(self, message: Message, known: KnownTexts | None = None) -> tuple[Message, Text] | Problem:
        """*message* with its number in E.164, and its text; or what is wrong with number, template or parameters.

        Raises `MessageError` for what is not a `Message` at all.
        """
        if not isinstance(message, Message):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise MessageError(f"message: must be a Message, not {type(message).__name__}. Nothing was sent.")
        try:
            templates = self.templates_for(message)
            return resolve(message, templates, self.default_region, {} if known is None else known)
        except Exception as error:  # a text or mapping of the caller's own that fails when it is read
            return Problem(Reason.INVALID_REQUEST, f"it cannot be read: {type(error).__name__}")

    def templates_for(self, message: Message) -> Mapping[str, Template]:
        """The templates by name that *message* may use."""
        return self._templates

    def _check(self, template: Template) -> None:
        check_senders(template, self._providers)


def refusal(message: Message, problem: Problem) -> Result:
    """The result of a message that no provider was asked to take."""
    return Result(message, Outcome.REJECTED, reason=problem.reason, description=problem.text)


def _checked_region(region: str | None) -> str | None:
    if region is None or region == "CN":
        return region
    import phonenumbers  # only those who send to national numbers abroad pay for its metadata

    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise ConfigurationError(f"default_region: {region!r} is not a region; use an ISO 3166 code such as 'CN'")
    return region
