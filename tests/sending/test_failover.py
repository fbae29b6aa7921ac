"""The next step as a pure function: no reason, no policy and no story makes it send twice."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Attempt, Outcome, Policy, Reason
from smsgate.model.reason import Next, outcome_of
from smsgate.sending.failover import STOP, Step, deciding_attempt, next_step, possible_duplicate

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def attempt(reason: Reason | None, provider: str = "a", *, retry_after: float | None = None) -> Attempt:
    outcome = Outcome.ACCEPTED if reason is None else outcome_of(reason)
    return Attempt(provider, outcome, reason, started_at=NOW, retry_after=retry_after)


def test_before_the_first_try() -> None:
    """Without a try the first provider is asked; without a provider nobody is."""
    assert next_step(Policy(), ["a", "b"], []) == Step("a")
    assert next_step(Policy(), [], []) == STOP


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("pending", [[], ["b", "c"]])
def test_after_one_try(reason: Reason, pending: list[str]) -> None:
    """The row of the reason says what follows the first try."""
    other = Step("b") if pending else STOP
    expected = {
        Next.STOP: STOP,
        Next.RATE_LIMIT_OPT_IN: STOP,
        Next.UNKNOWN_OPT_IN: STOP,
        Next.OTHER_PROVIDER: other,
        Next.PAUSE: Step("a", 0.5),
        Next.RESYNC: Step("a"),
    }[reason.rule.next]
    assert next_step(Policy(), pending, [attempt(reason)]) == expected


@pytest.mark.parametrize("reason", list(Reason))
def test_with_everything_opted_in(reason: Reason) -> None:
    """Opting in moves the two kinds of reasons that ask for it, and no other."""
    policy = Policy(on_unknown="failover", on_rate_limited="failover")
    opted = reason.rule.next in (Next.UNKNOWN_OPT_IN, Next.RATE_LIMIT_OPT_IN)
    plain = next_step(Policy(), ["b"], [attempt(reason)])
    assert next_step(policy, ["b"], [attempt(reason)]) == (Step("b") if opted else plain)


@pytest.mark.parametrize(
    ("policy", "tried", "expected"),
    [
        (Policy(), [attempt(Reason.TRY_LATER)] * 2, Step("b")),
        (Policy(retries=0), [attempt(Reason.TRY_LATER)], Step("b")),
        (Policy(retries=2), [attempt(Reason.TRY_LATER)] * 2, Step("a", 0.5)),
        (Policy(retries=2), [attempt(Reason.TRY_LATER)] * 3, Step("b")),
        (Policy(), [attempt(Reason.CLOCK_SKEW)] * 2, Step("b")),
        (Policy(), [attempt(Reason.CLOCK_SKEW), attempt(Reason.TRY_LATER)], Step("a", 0.5)),
        (Policy(), [attempt(Reason.TRY_LATER, "z"), attempt(Reason.TRY_LATER)], Step("a", 0.5)),
        (Policy(), [attempt(Reason.TRY_LATER, retry_after=0.1)], Step("a", 0.1)),
        (Policy(), [attempt(Reason.TRY_LATER, retry_after=0)], Step("a", 0)),
        (Policy(), [attempt(Reason.TRY_LATER, retry_after=10**9)], Step("a", 2.0)),
        (Policy(), [attempt(Reason.TRY_LATER, retry_after=-1)], Step("a", 0)),
        (Policy(pause=9, max_pause=3), [attempt(Reason.TRY_LATER)], Step("a", 3)),
    ],
)
def test_retries_and_pauses(policy: Policy, tried: list[Attempt], expected: Step) -> None:
    """A busy vendor is asked again as often as the policy says, after a capped pause; a clock is set right once."""
    assert next_step(policy, ["b"], tried) == expected


def test_refused_without_a_reason() -> None:
    """A refusal that names no reason stops: nothing says that another provider may be asked."""
    refused = Attempt("a", Outcome.REJECTED, started_at=NOW)
    assert next_step(Policy(), ["b"], [refused]) == STOP


policies = st.builds(
    Policy,
    on_unknown=st.sampled_from(["stop", "failover"]),
    on_rate_limited=st.sampled_from(["stop", "failover"]),
    retries=st.integers(0, 3),
    pause=st.floats(0, 100),
    max_pause=st.floats(0, 100),
)
answers = st.lists(
    st.tuples(
        st.sampled_from([None, *Reason]),
        st.none() | st.floats(allow_nan=True, allow_infinity=True),
    ),
    min_size=1,
)
choices = st.sampled_from([None, "stop", "failover"])


def journey(
    policy: Policy, names: list[str], given_answers: list[tuple[Reason | None, float | None]], choice: object
) -> list[Attempt]:
    """A whole journey: each try is answered by the next of the answers, the last one again and again."""
    pending, tried = list(names), list[Attempt]()
    step = next_step(policy, pending, tried, on_unknown=choice)  # type: ignore[arg-type]  # drawn
    while step.provider is not None:
        assert 0 <= step.pause <= policy.max_pause
        if step.provider in pending:
            assert step.provider == pending.pop(0)
        else:
            assert step.provider == tried[-1].provider
        reason, pause = given_answers[min(len(tried), len(given_answers) - 1)]
        tried.append(attempt(reason, step.provider, retry_after=pause))
        step = next_step(policy, pending, tried, on_unknown=choice)  # type: ignore[arg-type]
        assert len(tried) <= len(names) * (policy.retries + 2), "it goes on for ever"
    return tried


@given(policies, st.lists(st.sampled_from("abcdef"), unique=True), answers, choices)
def test_every_journey(
    policy: Policy, names: list[str], given_answers: list[tuple[Reason | None, float | None]], choice: str | None
) -> None:
    """Any journey ends, asks each provider in its order, and leaves a provider only for a reason that allows it."""
    tried = journey(policy, names, given_answers, choice)
    unknown_opted_in = (choice or policy.on_unknown) == "failover"
    for before, after in pairwise(tried):
        assert before.outcome is not Outcome.ACCEPTED
        if before.outcome is Outcome.UNKNOWN:
            assert unknown_opted_in
            assert before.provider != after.provider
        if before.reason is Reason.RATE_LIMITED:
            assert policy.on_rate_limited == "failover"
        assert before.reason is not Reason.DUPLICATE
        assert before.reason is None or before.reason.rule.next is not Next.STOP
    charged = sum(each.outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN) for each in tried)
    assert possible_duplicate(tried) is (charged > 1)
    if not unknown_opted_in:
        assert charged <= 1


@given(policies, st.lists(st.sampled_from("abcdef"), unique=True), answers, choices)
def test_every_outcome(
    policy: Policy, names: list[str], given_answers: list[tuple[Reason | None, float | None]], choice: str | None
) -> None:
    """An acceptance decides, else the first open outcome, else the last try."""
    tried = journey(policy, names, given_answers, choice)
    deciding = deciding_attempt(tried)
    outcomes = [each.outcome for each in tried]
    if not tried:
        assert deciding is None
    elif Outcome.ACCEPTED in outcomes:
        assert deciding is tried[-1]
    elif Outcome.UNKNOWN in outcomes:
        assert deciding is tried[outcomes.index(Outcome.UNKNOWN)]
    else:
        assert deciding is tried[-1]
