"""One message on its way: the providers still open to it, the tries so far, and the result they add up to. Pure."""

from collections.abc import Hashable, Sequence
from datetime import datetime

import attrs

from smsgate.model.message import Attempt, Message, Result
from smsgate.model.reason import Outcome, Reason
from smsgate.provider.protocol import Job, SmsProvider, Verdict
from smsgate.sending.failover import Policy, deciding_attempt, next_step, possible_duplicate
from smsgate.sending.resolve import Problem, Resolved, make_job

__all__ = ["Journey", "refusal"]


@attrs.define(eq=False)
class Journey:
    """A message, whom it can still be given to, and what has been tried."""

    message: Message
    resolved: Resolved
    pending: list[SmsProvider]
    provider: SmsProvider | None = None
    """Whom it goes to next."""
    job: Job | None = None
    key: Hashable | None = None
    """What the provider says of whom the job may share a request with."""
    pause: float = 0.0
    """Seconds to wait before it goes there."""
    attempts: list[Attempt] = attrs.field(factory=list[Attempt])
    segments: int | None = None
    result: Result | None = None

    @property
    def chosen(self) -> SmsProvider:
        """The provider that `depart()` or `advance()` has chosen."""
        assert self.provider is not None  # noqa: S101  # nobody asks before one was chosen
        return self.provider

    @property
    def ready(self) -> Job:
        """The job made for that provider."""
        assert self.job is not None  # noqa: S101  # made with the choice
        return self.job

    def request_key(self) -> Hashable:
        """Journeys with equal keys may share their next request."""
        return self if self.key is None else (self.chosen.name, self.key, self.pause)

    def depart(self) -> str | None:
        """Find the first provider that can take the message; or say, for each, why it cannot."""
        problems = [f"{name}: {problem}" for name, problem in self._take_next()]
        return None if self.provider else "; ".join(problems)

    def advance(self, policy: Policy) -> bool:
        """Choose the next provider after a try; False if the journey is over."""
        names = [provider.name for provider in self.pending]
        step = next_step(policy, names, self.attempts, on_unknown=self.message.on_unknown)
        self.pause = step.pause
        if step.provider is None:
            return False
        if self.provider is None or step.provider != self.provider.name:
            self._take_next()
        return self.provider is not None

    def note(self, verdict: Verdict, *, reference: str, started_at: datetime, duration: float) -> None:
        """Write down one try."""
        if verdict.outcome is Outcome.ACCEPTED:
            self.segments = verdict.segments
        self.attempts.append(
            Attempt(
                self.chosen.name,
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
        )

    def conclude(self) -> Result:
        """The result that the tries add up to."""
        attempt = deciding_attempt(self.attempts)
        if attempt is None:
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
                attempt.description,
                tuple(self.attempts),
                attempt.reference,
                self.segments,
                possible_duplicate(self.attempts),
                remedy=attempt.remedy,
            )
        return self.result

    def _take_next(self) -> Sequence[tuple[str, str]]:
        problems: list[tuple[str, str]] = []
        self.provider = self.job = None
        while self.pending and self.provider is None:
            provider = self.pending.pop(0)
            problem = self._offer_to(provider)
            if problem:
                problems.append((provider.name, problem))
        return problems

    def _offer_to(self, provider: SmsProvider) -> str | None:
        """Choose *provider*, or say why it cannot take the message. One that raises over it cannot."""
        try:
            job = make_job(self.message, self.resolved, provider)
            if isinstance(job, str):
                return job
            key = provider.batch_key(job)
            hash(key)
        except Exception as error:
            return f"its adapter raised {type(error).__name__}"
        self.provider, self.job, self.key = provider, job, key
        return None


def refusal(message: Message, problem: Problem) -> Result:
    """The result of a message that nobody was asked to take."""
    return Result(message, Outcome.REJECTED, reason=problem.reason, description=problem.text)
