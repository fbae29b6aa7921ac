"""The health of one provider: a state machine. Pure: the time is an argument, in seconds since some moment.

Rule 1: it is down once `failures` requests in a row have failed, or half of all requests within `window`.
Rule 2: a provider that fails now and then needs a longer row: one more for each failure within `window` that a success
        followed, up to twice `failures`.
Rule 3: after `down_for` seconds one request is its probe. If that one is well, the provider gets a share of the
        messages, which each success enlarges and each failure reduces, until it is up, or down again.
Rule 4: a request speaks of the state in which it began: what comes late says nothing of another one.
"""

import math
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.routing.counts import SlidingCounts

__all__ = ["Health", "HealthState", "HealthTracker", "Ticket"]

_FULL_SHARE: Final = 8
"""How many requests at once a provider is trusted with before it is up."""
_FAILURE_WEIGHT: Final = 2
"""How many successes a failure outweighs while a provider is being tried."""


class HealthState(StrEnum):
    """Whether a provider is asked in its turn."""

    UP = "up"
    """It is asked in its turn."""
    PROBING = "probing"
    """It was down, and is tried with one message, then with a growing share of them."""
    DOWN = "down"
    """It is asked last."""


def _count(_: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1000:
        raise ConfigurationError(f"Health: {attribute.name} must be a whole number from 1 to 1000")


def _seconds(_: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if not isinstance(value, int | float) or not 0 < value <= 86400:
        raise ConfigurationError(f"Health: {attribute.name} must be seconds, above 0 and at most 86400")


@attrs.frozen(kw_only=True)
class Health:
    """When a provider is down, and for how long. Raises `ConfigurationError` for a value out of range.

    A request fails if the vendor cannot be reached, does not respond, or responds with nothing but an error of its own
    platform. A refusal is no failure: it comes from a vendor that works.
    """

    failures: int = attrs.field(default=3, validator=_count)
    """How many requests in a row must have failed. Up to twice as many for one that also failed shortly before."""
    window: float = attrs.field(default=30.0, validator=_seconds)
    """Seconds for which a failure counts: the next request of the row has begun by then."""
    down_for: float = attrs.field(default=15.0, validator=_seconds)
    """Seconds that a provider is asked last before one message is its probe."""


@attrs.frozen
class Ticket:
    """A request that began, and in which state of its provider."""

    epoch: int
    began: float
    trial: bool = False
    """It is a probe, or belongs to the share that follows one."""


class HealthTracker:
    """The state of one provider. *health*: None: only `mark` changes it. *on_change* is called with each new state."""

    def __init__(self, health: Health | None, on_change: Callable[[HealthState, str], object]) -> None:
        self.state: HealthState = HealthState.UP
        self._health = health
        self._on_change = on_change
        self._counts = SlidingCounts(health.window if health else 1.0)
        self._row = 0
        """How many requests have failed without a success between them."""
        self._failed_at = -math.inf
        self._down_until = math.inf
        self._share = 0
        """How many requests at once it is tried with."""
        self._trials = 0
        """How many of them are in flight."""
        self._epoch = 0

    def takes_turn(self, now: float) -> bool:
        """Whether a message that prefers this provider is to go there: it is up, or has a place for a trial."""
        match self.state:
            case HealthState.UP:
                return True
            case HealthState.PROBING:
                return self._trials < self._share
            case _:
                return now >= self._down_until

    def begin(self, now: float) -> Ticket:
        """Note that a request begins. Also of a provider that is down: somebody may have no other."""
        if self.state is HealthState.UP:
            return Ticket(self._epoch, now)
        if not self.takes_turn(now):
            return Ticket(self._epoch, now)
        if self.state is HealthState.DOWN:
            self._share = 1
            self._change(HealthState.PROBING, "tried with one message")
        self._trials += 1
        return Ticket(self._epoch, now, trial=True)

    def end(self, ticket: Ticket, failed: bool | None, cause: str, now: float) -> None:
        """Note what a request led to. *failed*: None if it says nothing of the provider. *cause*: why it failed."""
        if ticket.epoch != self._epoch:
            return
        self._trials -= ticket.trial
        if failed is None or self._health is None or self._is_down_by_hand:
            return
        if self.state is HealthState.UP:
            self._count(self._health, ticket, failed, cause, now)
        elif self.state is HealthState.PROBING:
            self._judge_trial(self._health, failed, cause, now)
        elif not failed:  # nobody else could be asked, and it was well
            self._share = 2
            self._change(HealthState.PROBING, "it took a message that had no other provider")

    def drop_inherited(self) -> None:
        """Forget the requests that are in flight: after a fork they are the parent's, and end there."""
        self._epoch += 1
        self._trials = 0

    def mark(self, state: HealthState, why: str) -> None:
        """Set the state by hand. Down stays so until it is marked up."""
        self._down_until = math.inf
        if state is not self.state or state is HealthState.DOWN:
            self._change(state, why)

    @property
    def _is_down_by_hand(self) -> bool:
        return self.state is HealthState.DOWN and self._down_until == math.inf

    def _count(self, health: Health, ticket: Ticket, failed: bool, cause: str, now: float) -> None:
        self._counts.add(failed, now)
        if not failed:
            self._row = 0
            return
        self._row = self._row + 1 if ticket.began - self._failed_at <= health.window else 1
        self._failed_at = now
        scattered = max(0, self._counts.failed - self._row)
        if self._row >= health.failures + min(health.failures, scattered):
            self._go_down(health, f"{self._row} requests in a row failed, the last with {cause}", now)
        elif self._counts.failed >= max(2 * health.failures, self._counts.well):
            total = self._counts.failed + self._counts.well
            self._go_down(health, f"{self._counts.failed} of {total} requests failed, the last with {cause}", now)

    def _judge_trial(self, health: Health, failed: bool, cause: str, now: float) -> None:
        self._share += -_FAILURE_WEIGHT if failed else 1
        if self._share <= 0:
            self._go_down(health, f"the trial failed with {cause}", now)
        elif self._share > _FULL_SHARE:
            self._change(HealthState.UP, f"{_FULL_SHARE} requests more were well than failed")

    def _go_down(self, health: Health, why: str, now: float) -> None:
        self._down_until = now + health.down_for
        self._change(HealthState.DOWN, why)

    def _change(self, state: HealthState, why: str) -> None:
        self.state = state
        self._epoch += 1
        self._trials = 0
        self._row, self._failed_at = 0, -math.inf
        self._counts.clear()
        self._on_change(state, why)
