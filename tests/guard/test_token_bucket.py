"""The token bucket: never faster than its rate, in the order of asking, and not slower than it must be."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate.guard.token_bucket import TokenBucket

RATES = st.floats(0.1, 5000)
BURSTS = st.floats(1, 500)
ASKED = st.lists(st.tuples(st.floats(0, 3), st.integers(1, 600)), max_size=60)
"""Seconds since the one before, and what it costs."""
SLOTS = st.sampled_from([0.0, 0.005, 0.25])


@given(RATES, BURSTS, SLOTS, ASKED)
def test_no_span_of_time_has_more_than_its_share(
    rate: float, burst: float, slot: float, asked: list[tuple[float, int]]
) -> None:
    """In any span of t seconds at most `burst + rate * t` is used, and beyond that one request larger than a burst.

    With slots a slot's worth more: they put a request off, and another one not.
    """
    bucket, now, used = TokenBucket(rate, burst, slot), 0.0, list[tuple[float, int]]()
    for pause, cost in asked:
        now += pause
        wait = bucket.reserve(cost, now)
        assert wait is not None
        used.append((now + wait, cost))
    assert used == sorted(used, key=lambda each: each[0]), "in the order of asking"
    for first in range(len(used)):
        total = 0
        for last in range(first, len(used)):
            total += used[last][1]
            over = max(0.0, used[last][1] - burst)
            allowed = burst + rate * (used[last][0] - used[first][0] + slot) + over
            assert total <= allowed * (1 + 1e-9) + 1e-6 + max(0.0, used[first][1] - burst)


@given(RATES, BURSTS, SLOTS, st.integers(1, 200), st.floats(0, 1e6))
def test_it_is_no_slower_than_its_rate(rate: float, burst: float, slot: float, count: int, now: float) -> None:
    """Those that ask at once all go within the time that the rate gives them, the first ones of a burst at once.

    With slots each that waits goes at the first one after its time.
    """
    bucket = TokenBucket(rate, burst, slot)
    for index in range(count):
        wait, least = bucket.reserve(1, now), max(0.0, (index + 1 - burst) / rate)
        assert wait is not None
        assert least - 1e-6 <= wait <= least + slot + 1e-6
        if wait > 0 and slot:
            assert (now + wait) / slot == pytest.approx(round((now + wait) / slot), abs=1e-6)


@given(RATES, BURSTS, SLOTS, st.lists(st.tuples(st.floats(0, 1), st.integers(1, 50)), min_size=1, max_size=40))
def test_who_will_not_wait_takes_nothing(
    rate: float, burst: float, slot: float, asked: list[tuple[float, int]]
) -> None:
    """A reservation that would take too long changes nothing for those that come after."""
    one, other, now = TokenBucket(rate, burst, slot), TokenBucket(rate, burst, slot), 0.0
    for pause, cost in asked:
        now += pause
        wait = one.reserve(cost, now)
        assert wait is not None
        if wait > 0:
            assert other.reserve(cost, now, wait / 2) is None
        assert other.reserve(cost, now, math.inf) == wait


def test_idle_time_fills_no_more_than_a_burst() -> None:
    """After an hour without requests a burst goes at once, and not an hour's worth."""
    bucket = TokenBucket(10, 5)
    assert [bucket.reserve(1, 3600.0) for _ in range(7)] == [0, 0, 0, 0, 0, pytest.approx(0.1), pytest.approx(0.2)]


def test_a_request_larger_than_a_burst_is_paid_for_afterwards() -> None:
    """A batch of 500 at 450 a second goes when the bucket is full, and the next one 500/450 seconds later."""
    bucket = TokenBucket(450, 45)
    assert bucket.reserve(500, 0.0) == 0
    assert bucket.reserve(500, 0.0) == pytest.approx(500 / 450)
    assert bucket.reserve(1, 0.0) == pytest.approx((1000 - 44) / 450)
