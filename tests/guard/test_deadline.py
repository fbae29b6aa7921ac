"""Deadlines as numbers: what a pause may take, and when a message is of use."""

import math
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from smsgate import Attempt, Outcome, Policy, Reason
from smsgate.guard.deadline import expiry_of, expiry_text, pause_that_fits
from smsgate.sending.failover import STOP, Step, next_step

SECONDS = st.floats(0, 100)
STARTED = datetime(2026, 11, 25, tzinfo=UTC)


@given(SECONDS, SECONDS, SECONDS)
def test_a_pause_leaves_time_for_a_try(pause: float, more: float, left: float) -> None:
    """A pause that is shorter than what is left stays shorter with its jitter, and is never shorter than asked for."""
    if not pause < left:
        return
    longest = pause_that_fits(pause, pause + more, left)
    assert pause <= longest <= pause + more
    assert longest < left or left - pause < 1e-9


@given(SECONDS, st.one_of(st.just(math.inf), SECONDS), st.booleans(), st.one_of(st.none(), st.floats(0, 5)))
def test_no_pause_that_does_not_fit(pause: float, left: float, other: bool, retry_after: float | None) -> None:
    """A retry whose pause would end after the deadline is not made: the next provider is asked at once, if any."""
    policy = Policy(pause=min(pause, 3), max_pause=5)
    tried = [Attempt("a", Outcome.REJECTED, Reason.TRY_LATER, started_at=STARTED, retry_after=retry_after)]
    step = next_step(policy, ["b"] if other else [], tried, left=left)
    wanted = policy.pause if retry_after is None else retry_after
    if wanted < left:
        assert step == Step("a", wanted)
    else:
        assert step == (Step("b") if other else STOP)


def test_expiry() -> None:
    """A time is a time in any zone; its text is in UTC."""
    moment = datetime(2026, 11, 25, 20, 0, tzinfo=timezone(timedelta(hours=8)))
    assert expiry_of(moment) == datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()
    assert expiry_of(None) == math.inf
    assert "2026-11-25 12:00:00 UTC" in expiry_text(expiry_of(moment))
