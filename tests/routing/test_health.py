"""The health of a provider as a pure state machine, in virtual time."""

import random
from typing import Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import ConfigurationError, Health, HealthState
from smsgate.routing.health import HealthTracker, Ticket

UP, PROBING, DOWN = HealthState.UP, HealthState.PROBING, HealthState.DOWN
HEALTH: Final = Health()


class Patient:
    """A tracker, and every change of its state."""

    def __init__(self, health: Health | None = HEALTH) -> None:
        self.changes: list[tuple[HealthState, str]] = []
        self.tracker = HealthTracker(health, lambda state, why: self.changes.append((state, why)))

    @property
    def states(self) -> list[HealthState]:
        return [state for state, _ in self.changes]

    def request(self, now: float, failed: bool | None, lasts: float = 0.0) -> None:
        ticket = self.tracker.begin(now)
        self.tracker.end(ticket, failed, "NETWORK", now + lasts)


def test_three_in_a_row() -> None:
    """Three failures in a row make it down, with the cause; it is asked last until `down_for` has passed."""
    patient = Patient()
    for second in range(3):
        assert patient.tracker.takes_turn(float(second))
        patient.request(float(second), True)
    assert patient.changes == [(DOWN, "3 requests in a row failed, the last with NETWORK")]
    assert not patient.tracker.takes_turn(16.9)
    assert patient.tracker.takes_turn(17.0)


def test_a_success_ends_the_row() -> None:
    """Failures that successes separate are no outage; what says nothing changes nothing."""
    patient = Patient()
    for second in range(40):
        patient.request(second * 10.0, second % 4 in (0, 1), lasts=1.0)
        patient.request(second * 10.0 + 1, None)
    assert patient.states == []


def test_a_row_is_not_older_than_the_window() -> None:
    """A failure counts if the next request begins within the window, however long that one then takes."""
    patient = Patient()
    for start in (0.0, 31.0, 62.0, 93.0):
        patient.request(start, True)
    assert patient.states == []
    slow = Patient()
    for start in (0.0, 29.0, 58.0):  # each takes 20 seconds, so that the failures are further apart than they began
        slow.request(start, True, lasts=20.0)
    assert slow.states == [DOWN]


def test_half_of_all_requests() -> None:
    """A vendor that fails every other request is down as well, though never twice in a row."""
    patient = Patient()
    for index in range(11):
        patient.request(index * 1.0, index % 2 == 0)
    assert patient.states == [DOWN]
    assert patient.changes[0][1].startswith("6 of 1")


@pytest.mark.parametrize(("scattered", "needed"), [(0, 3), (1, 4), (2, 5), (3, 6), (5, 6)])
def test_one_that_fails_now_and_then_needs_a_longer_row(scattered: int, needed: int) -> None:
    """Each failure that a success followed within the window lengthens the row, up to twice `failures`."""
    patient = Patient()
    for index in range(20):
        patient.request(index * 0.1, index < 2 * scattered and index % 2 == 0)
    for index in range(needed):
        assert patient.states == []
        patient.request(2.0 + index, True)
    assert patient.states == [DOWN]


def test_one_probe_at_a_time_then_a_growing_share() -> None:
    """One message is the probe, nobody else is asked meanwhile; each success lets one more in at once."""
    patient = down()
    probe = patient.tracker.begin(15.0)
    assert (patient.states[-1], probe.trial) == (PROBING, True)
    assert not patient.tracker.takes_turn(100.0)
    patient.tracker.end(probe, False, "", 16.0)
    for share in range(2, 9):
        assert patient.tracker.state is PROBING
        held = [patient.tracker.begin(16.0) for _ in range(share)]
        assert all(each.trial for each in held)
        assert not patient.tracker.takes_turn(16.0)
        for each in held[1:]:
            patient.tracker.end(each, None, "", 16.0)
        patient.tracker.end(held[0], False, "", 16.0)
    assert patient.tracker.state is UP


def test_a_failed_probe() -> None:
    """A failed probe means `down_for` once more, and a probe that says nothing makes room for the next one."""
    patient = down()
    patient.request(15.0, True, lasts=5.0)
    assert patient.states == [DOWN, PROBING, DOWN]
    assert not patient.tracker.takes_turn(34.9)
    patient.request(35.0, None)
    assert patient.tracker.takes_turn(35.0)
    patient.request(36.0, False)
    patient.request(37.0, True)  # of two trials
    assert patient.states == [DOWN, PROBING, DOWN, PROBING, DOWN]


def test_late_results_speak_of_the_state_that_they_began_in() -> None:
    """Of a hundred requests that were in flight when it went down the late ones change nothing, well or not."""
    patient = Patient()
    flight = [patient.tracker.begin(0.0) for _ in range(100)]
    for ticket in flight[:50]:
        patient.tracker.end(ticket, True, "NO_ANSWER", 5.0)
    for ticket in flight[50:75]:
        patient.tracker.end(ticket, False, "", 6.0)
    assert patient.states == [DOWN]
    patient.request(20.0, False)
    for ticket in flight[75:]:
        patient.tracker.end(ticket, True, "NO_ANSWER", 21.0)
    assert patient.states == [DOWN, PROBING]


def test_asked_because_there_is_nobody_else() -> None:
    """One that is down and takes a message which nobody else could take is tried at once; a failure changes nothing."""
    patient = down()
    patient.request(5.0, True)
    assert patient.states == [DOWN]
    patient.request(6.0, False)
    assert patient.states == [DOWN, PROBING]


def test_marks_hold() -> None:
    """Down by hand stays down, whatever a request leads to, until it is up by hand; then it starts anew."""
    patient = Patient()
    patient.tracker.mark(DOWN, "maintenance")
    patient.request(1.0, False)
    assert not patient.tracker.takes_turn(1e9)
    patient.tracker.mark(UP, "done")
    assert patient.changes == [(DOWN, "maintenance"), (UP, "done")]
    patient.request(2.0, True)
    patient.tracker.mark(UP, "again")
    assert len(patient.changes) == 2
    turned_off = Patient(None)
    for second in range(100):
        turned_off.request(float(second), True)
    turned_off.tracker.mark(DOWN, "by hand")
    assert turned_off.states == [DOWN]


def test_a_probe_that_the_parent_process_made() -> None:
    """After a fork the requests in flight are the parent's: the child has a probe of its own."""
    patient = down()
    theirs = patient.tracker.begin(15.0)
    assert not patient.tracker.takes_turn(16.0)
    patient.tracker.drop_inherited()
    assert patient.tracker.takes_turn(16.0)
    patient.tracker.end(theirs, True, "x", 17.0)
    patient.request(18.0, False)
    assert patient.states == [DOWN, PROBING]
    assert patient.tracker.takes_turn(18.0)


@given(
    st.lists(st.tuples(st.floats(0, 20), st.sampled_from([True, False, None]), st.booleans()), max_size=300),
    st.builds(Health, failures=st.integers(1, 5), window=st.floats(0.1, 60), down_for=st.floats(0.1, 60)),
)
def test_every_story(story: list[tuple[float, bool | None, bool]], health: Health) -> None:
    """At most its share is in flight while it is tried; it goes up and down by way of a probe; it never stays down."""
    patient, now = Patient(health), 0.0
    flight: list[Ticket] = []
    for pause, failed, begins in story:
        now += pause
        if begins and patient.tracker.takes_turn(now):
            flight.append(patient.tracker.begin(now))
        elif flight:
            patient.tracker.end(flight.pop(0), failed, "x", now)
        trials = [each for each in flight if each.trial and each.epoch == flight[-1].epoch]
        if patient.tracker.state is not UP:
            assert len(trials) <= 8
        if patient.tracker.state is PROBING and patient.states[-1] is PROBING and not flight:
            assert patient.tracker.takes_turn(now)
    for before, after in zip(patient.states, patient.states[1:], strict=False):
        assert (before, after) in {(DOWN, PROBING), (PROBING, DOWN), (PROBING, UP), (UP, DOWN)}
    for ticket in flight:
        patient.tracker.end(ticket, None, "", now)
    assert patient.tracker.takes_turn(now + health.down_for), "it is never asked again"


@given(st.integers(0, 3), st.floats(0.05, 5.0))
def test_in_use_again_within_down_for_and_a_probe(late: int, every: float) -> None:
    """However long the outage was, the first message after `down_for` finds out that it is over."""
    patient, now = down(), 0.0
    while now < 100.0:
        now += every
        if patient.tracker.takes_turn(now):
            patient.request(now, True, lasts=0.01)
    healed_at = now
    used: list[float] = []
    while len(used) < 10:
        now += every
        if patient.tracker.takes_turn(now):
            patient.request(now, False)
            used.append(now)
    assert used[0] - healed_at <= HEALTH.down_for + 2 * every
    assert used[-1] - used[0] == pytest.approx(9 * every), "it was left alone after a probe that was well"
    assert patient.tracker.state is UP


@pytest.mark.parametrize("rate", [0.1, 1.0, 10.0, 100.0])
def test_an_hour_with_random_faults(rate: float) -> None:
    """With 5 % of all requests failing at random it is down at most once an hour, whatever the traffic."""
    chance = random.Random(20260101)
    hours, downs = (5 if rate < 100 else 1), 0
    for _ in range(hours):
        patient, now = Patient(), 0.0
        while now < 3600.0:
            now += chance.expovariate(rate)
            if patient.tracker.takes_turn(now):
                patient.request(now, chance.random() < 0.05)
        downs += patient.states.count(DOWN)
    assert downs <= hours


def test_bad_settings() -> None:
    """Numbers that make no sense are named."""
    mistakes = [
        ("failures", 0),
        ("failures", 1.5),
        ("failures", True),
        ("window", 0),
        ("down_for", -1),
        ("window", "1"),
    ]
    for name, value in mistakes:
        with pytest.raises(ConfigurationError, match=f"Health: {name} must be"):
            Health(**{name: value})  # type: ignore[arg-type]  # the mistake
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Health().failures = 1  # type: ignore[misc]  # the mistake


def down() -> Patient:
    """One that went down at 0."""
    patient = Patient()
    for _ in range(3):
        patient.request(0.0, True)
    assert patient.states == [DOWN]
    return patient
