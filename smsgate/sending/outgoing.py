"""An outgoing message: its candidates, its attempts, and the result that they add up to. Pure."""

from collections.abc import Callable, Hashable, Sequence
from typing import Final

import attrs

from smsgate.guard.deadline import expiry_of, expiry_text
from smsgate.model.lazy import Try
from smsgate.model.message import Message
from smsgate.model.reason import Outcome, Reason
from smsgate.model.result import Attempt, Result, result_of_only_try
from smsgate.provider.protocol import Job, SmsProvider, Verdict
from smsgate.provider.verdicts import AlikeVerdicts
from smsgate.sending.assigning import Assignment, assign
from smsgate.sending.failover import Policy, deciding_attempt, may_have_been_sent, next_step, possible_duplicate
from smsgate.sending.resolve import Problem, Text

__all__ = ["Course", "OutgoingMessage", "add_attempts", "jobs_of", "refusal"]

_NOT_AGAIN: Final = "{} (not sent again: {})"
_OVER_BUDGET: Final = " (not tried again: the retry budget of the gateway is used up)"


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
    over_budget: bool = False
    """It goes no further only because there is no retry budget left."""
    expired: bool = False
    """It goes no further because it is too late."""


@attrs.define(eq=False, weakref_slot=False)
class OutgoingMessage:
    """A message, the provider that it is assigned to, and what has been tried.

    Many wait at a time: nearly all of what is known of one is in its assignment, which it shares with others.
    """

    message: Message
    assigned: Assignment
    _course: Course | Sequence[SmsProvider]
    """Nothing has happened to it while it has its providers here, of which the assigned one is the first that takes it.
    One field for both: a message that waits is to take little."""
    result: Result | None = None
    """The result, once it is over."""

    @property
    def provider(self) -> SmsProvider:
        """The provider that its next request goes to."""
        return self.assigned.provider

    @property
    def text(self) -> Text:
        """Its template and values."""
        return self.assigned.text

    @property
    def example(self) -> Job:
        """A job that differs from its own in message and number at most."""
        return self.assigned.example

    @property
    def job(self) -> Job:
        """The job for that provider. Made when it is asked for."""
        example = self.assigned.example
        return example if example.message is self.message else self.assigned.jobs([self.message])[0]

    @property
    def course(self) -> Course:
        """What has happened to it."""
        course = self._course
        if not isinstance(course, Course):
            names = [provider.name for provider in course]
            self._course = course = Course(list(course[names.index(self.provider.name) + 1 :]))
        return course

    @property
    def _begun(self) -> Course | None:
        """What has happened to it, if anything has."""
        return self._course if isinstance(self._course, Course) else None

    @property
    def is_new(self) -> bool:
        """Whether nothing has happened to it yet."""
        return type(self._course) is not Course

    @property
    def order(self) -> Sequence[SmsProvider] | None:
        """Its providers, while nothing has happened to it yet."""
        return None if isinstance(self._course, Course) else self._course

    @property
    def attempts(self) -> Sequence[Attempt]:
        """Every try so far."""
        course = self._begun
        return course.attempts if course else self.result.attempts if self.result else ()

    @property
    def pause(self) -> float:
        """Seconds to wait before its next request."""
        course = self._begun
        return course.pause if course else 0.0

    @property
    def expires(self) -> float:
        """`Message.expires_at` in Unix seconds; infinity if it has none."""
        return expiry_of(self.message.expires_at)

    def request_key(self) -> Hashable:
        """Messages with equal keys may share their next request."""
        key, course = self.assigned.key, self._begun
        if key is None:
            return self
        return (key, course.pause, course.part) if course and (course.pause or course.part is not None) else key

    def advance(self, policy: Policy, now: float, *, may_retry: bool = True, may_fail_over: bool = True) -> bool:
        """Assign the provider that `next_step` names at *now* (Unix seconds). False if it names none."""
        course, tried_last, left = self.course, self.provider.name, self.expires - now
        while True:
            names = [provider.name for provider in course.candidates]
            step = next_step(
                policy,
                names,
                course.attempts,
                on_unknown=self.message.on_unknown,
                may_retry=may_retry,
                may_fail_over=may_fail_over,
                left=left,
            )
            course.pause = step.pause
            if step.provider is None:
                course.over_budget = step.over_budget
                return False
            if left <= 0:
                course.expired = True
                return False
            if step.provider == tried_last or self._assign(course.candidates.pop(names.index(step.provider))):
                return True

    def reroute(self, takes_turn: Callable[[str], bool]) -> bool:
        """Assign the first untried provider that takes its turn, in place of one that no longer does.

        That one has not been asked, and is asked last from now on. False if there is none: the message stays.
        """
        left, course = self.provider, self.course
        for provider in list(course.candidates):
            if not takes_turn(provider.name):
                continue
            course.candidates.remove(provider)
            if self._assign(provider):
                if all(attempt.provider != left.name for attempt in course.attempts):
                    course.candidates.append(left)
                course.pause = 0.0
                return True
        return False

    def add_attempt(self, verdict: Verdict, reference: str, tried: Try) -> None:
        """Add what one request, *tried*, led to for this message. An acceptance is its end."""
        if verdict.outcome is Outcome.ACCEPTED and type(self._course) is not Course:
            self.result = result_of_only_try(self.message, verdict.message_id, verdict, reference, tried)
            return
        attempt = Attempt(
            tried.provider,
            verdict.outcome,
            verdict.reason,
            verdict.code,
            verdict.description,
            verdict.message_id,
            verdict.request_id,
            started_at=tried.started_at,
            duration=tried.duration,
            retry_after=verdict.retry_after,
            reference=reference,
            remedy=verdict.remedy,
        )
        self.course.attempts.append(attempt)
        if verdict.outcome is Outcome.ACCEPTED:
            self.result = _make_result(self.message, attempt.provider, verdict, reference, tuple(self.attempts))

    def conclude(self) -> Result:
        """Make the result that the attempts add up to."""
        if self.result is not None:
            return self.result
        course, tried = self._begun, tuple(self.attempts)
        attempt = deciding_attempt(tried)
        if course is not None and course.expired and not may_have_been_sent(attempt):
            told = refusal(self.message, Problem(Reason.EXPIRED, expiry_text(self.expires)))
            self.result = attrs.evolve(told, attempts=tried)
        elif course is None or attempt is None:
            text = "cancelled before any request began"
            self.result = Result(self.message, Outcome.NOT_SENT, reason=Reason.NETWORK, description=text)
        else:
            self.result = _make_result(self.message, attempt.provider, attempt, attempt.reference, tried)
            if course.over_budget:
                self.result.description = f"{attempt.description or ''}{_OVER_BUDGET}".strip()
        return self.result

    def _assign(self, provider: SmsProvider) -> bool:
        """Assign *provider*. False if it cannot take the message."""
        assigned = assign(self.message, self.text, provider)
        if isinstance(assigned, str):
            return False
        self.assigned = assigned
        self.course.part = self.course.search = None
        return True


def jobs_of(messages: Sequence[OutgoingMessage]) -> Sequence[Job]:
    """The jobs of *messages*, which share a request."""
    assigned = messages[0].assigned
    if assigned.names is None and len({message.assigned for message in messages}) == 1:
        return assigned.jobs([message.message for message in messages])
    return [message.job for message in messages]


def add_attempts(
    messages: Sequence[OutgoingMessage], verdicts: Sequence[Verdict], references: Sequence[str], tried: Try
) -> None:
    """Add to each of *messages* what one request, *tried*, led to for it. *references*: their tags."""
    begun = {type(message._course) for message in messages}  # pyright: ignore[reportPrivateUsage]
    if isinstance(verdicts, AlikeVerdicts) and Course not in begun:
        said = verdicts.example
        for message, id, reference in zip(messages, verdicts.ids, references, strict=True):
            message.result = result_of_only_try(message.message, id, said, reference, tried)
        return
    for message, verdict, reference in zip(messages, verdicts, references, strict=True):
        message.add_attempt(verdict, reference, tried)


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


def refusal(message: Message, problem: Problem) -> Result:
    """The result of a message that no provider was asked to take; that of earlier tries, if there were any."""
    if attempt := deciding_attempt(problem.tried):
        result = _make_result(message, attempt.provider, attempt, attempt.reference, tuple(problem.tried))
        result.description = _NOT_AGAIN.format(attempt.description or "", problem.text).strip()
        return result
    outcome = Outcome.NOT_SENT if problem.reason in (Reason.EXPIRED, Reason.NOT_RECORDED) else Outcome.REJECTED
    return Result(message, outcome, reason=problem.reason, description=problem.text)
