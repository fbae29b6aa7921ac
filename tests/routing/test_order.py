"""Routes and weights, who had the last message, and the retry budget: pure, in virtual time."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import ConfigurationError, Outcome, Route
from smsgate.routing.budget import RetryBudget
from smsgate.routing.memory import LastProviders
from smsgate.routing.routes import Turns

NAMES = ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("route", "kind", "region", "fits"),
    [
        (Route(["a"]), None, None, True),
        (Route(["a"], kinds={"marketing"}), "marketing", "SG", True),
        (Route(["a"], kinds={"marketing"}), None, "SG", False),
        (Route(["a"], regions={"CN"}), "code", "CN", True),
        (Route(["a"], regions={"CN"}), "code", None, False),
        (Route(["a"], kinds={"code"}, regions={"CN", "SG"}), "code", "SG", True),
        (Route(["a"], kinds={"code"}, regions={"CN", "SG"}), "notification", "SG", False),
    ],
)
def test_what_fits(route: Route, kind: str | None, region: str | None, fits: bool) -> None:
    """A route is for its kinds and its countries, both if it has both; for all if it has none."""
    assert route.fits(kind, region) is fits


@pytest.mark.parametrize(
    ("arguments", "options", "text"),
    [
        (("huawei",), {}, "providers must be a list of texts, not str"),
        (([],), {}, "at least one text"),
        ((["a", ""],), {}, "none of them empty"),
        ((["a", "a"],), {}, "comes twice in a, a"),
        ((["a"],), {"kinds": "code"}, "kinds must be a list of texts, not str"),
        ((["a"],), {"kinds": ["codes"]}, "did you mean 'code'"),
        ((["a"],), {"regions": ["cn"]}, "'cn' is no ISO 3166 code of two capital letters"),
        ((["a"],), {"weights": 3}, "one number for each of its providers"),
        ((["a", "b"],), {"weights": (1,)}, "one number for each of its providers"),
        ((["a", "b"],), {"weights": (1, -1)}, "0 or more"),
        ((["a", "b"],), {"weights": (0, 0)}, "one of them above 0"),
        ((["a", "b"],), {"weights": (1, float("nan"))}, "0 or more"),
    ],
)
def test_routes_that_cannot_be(arguments: Any, options: Any, text: str) -> None:
    """What can fit no message, or names what is none, is refused with the field's name."""
    with pytest.raises(ConfigurationError, match=f"^Route: .*{text}"):
        Route(*arguments, **options)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4).filter(any), st.integers(1, 5))
def test_weights_are_exact(weights: list[int], rounds: int) -> None:
    """Any stretch of as many messages as the weights add up to is shared out by them; a peek takes no turn."""
    route = Route(NAMES[: len(weights)], weights=weights)
    turns, names = Turns(route), list(route.providers)
    for _ in range(rounds):
        told = Counter[str]()
        for _ in range(sum(weights)):
            expected = turns.next(names, peek=True)
            assert turns.next(names) == expected
            told[expected] += 1
        assert [told[name] for name in names] == weights


def test_turns_are_spread_and_given_up() -> None:
    """Turns of one provider are not bunched; those of one that is down are shared by the weights of the others."""
    turns = Turns(Route(["a", "b"], weights=(3, 1)))
    assert "".join(turns.next(["a", "b"]) for _ in range(8)) == "aabaaaba"
    three = Turns(Route(["a", "b", "c"], weights=(6, 2, 1)))
    assert Counter(three.next(["b", "c"]) for _ in range(9)) == {"b": 6, "c": 3}
    assert Turns(Route(["a", "b"], weights=(1, 0))).next(["b"]) == "b"


def test_who_had_the_last_one() -> None:
    """By default only who left a message without an answer is remembered, for 120 seconds or until it has answered."""
    last = LastProviders(None)
    assert last.ignores(Outcome.ACCEPTED)
    last.note("k", "a", Outcome.UNKNOWN, 0.0)
    assert (last.last("k", 119.0), last.last("k", 120.0), last.last("other", 0.0)) == ("a", None, None)
    last.note("k", "b", Outcome.ACCEPTED, 1.0)
    assert last.last("k", 1.0) == "a"
    last.note("k", "a", Outcome.REJECTED, 1.0)
    assert last.last("k", 1.0) is None
    always, never = LastProviders(60.0), LastProviders(0.0)
    for memory in (always, never):
        memory.note("k", "a", Outcome.ACCEPTED, 0.0)
        memory.note("n", None, Outcome.NOT_SENT, 0.0)
    assert (always.last("k", 59.0), always.last("k", 60.0), always.last("n", 0.0)) == ("a", None, None)
    assert never.ignores(Outcome.UNKNOWN)


def test_the_memory_is_bounded() -> None:
    """Ten thousand are remembered at most, the oldest is forgotten first."""
    last = LastProviders(60.0)
    for index in range(10_002):
        last.note(index, "a", Outcome.ACCEPTED, 0.0)
        last.note(1, "a", Outcome.ACCEPTED, 0.0)
    assert [last.last(index, 0.0) for index in (0, 1, 2, 3, 10_001)] == [None, "a", None, "a", "a"]


@given(
    st.lists(st.tuples(st.integers(0, 50), st.floats(0, 3), st.booleans()), max_size=200),
    st.floats(0, 1),
    st.integers(1, 200),
)
def test_the_budget_is_kept(story: list[tuple[int, float, bool]], share: float, reserve: int) -> None:
    """Never more repeats than the reserve, the share of the messages, and ten a second."""
    budget, now, messages, repeats = RetryBudget(share, reserve), 0.0, 0, 0
    for arrived, pause, is_retry in story:
        now += pause
        messages += arrived
        budget.messages += arrived
        allowed = budget.allows_retry(now) if is_retry else budget.allows_failover(now)
        if allowed:
            budget.take(1)
            repeats += 1
        assert repeats <= reserve + share * messages + 10 * now + 1e-6


def test_what_is_never_denied() -> None:
    """As many failovers at once as the reserve, then ten a second; retries stop while half of it is left for these."""
    budget = RetryBudget(0.1, 100)
    retries = 0
    while budget.allows_retry(0.0):
        budget.take(1)
        retries += 1
    failovers = 0
    while budget.allows_failover(0.0):
        budget.take(1)
        failovers += 1
    assert (retries, failovers) == (51, 49)
    assert not budget.allows_failover(0.05)
    for second in range(1, 100):
        for _ in range(10):
            assert budget.allows_failover(float(second) + 0.1)
            budget.take(1)
    unlimited = RetryBudget(None, 1)
    unlimited.take(1000)
    assert unlimited.allows_retry(0.0)
    assert unlimited.allows_failover(0.0)
