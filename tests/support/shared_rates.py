"""Stores of shared rates, and what a rate allows."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import attrs
from redis import Redis
from sqlalchemy import create_engine, text

from smsgate.ledger import RedisRates, SqlRates

__all__ = ["BURST", "MemoryRates", "RateStore", "excess"]

BURST = 0.1
"""Seconds' worth of a rate that may leave at once, what is used late counted."""


@attrs.define(slots=False)
class MemoryRates:
    """The time of accounts, by the clock *now*. Each call takes as long as *travel* does, half of it each way."""

    now: Callable[[], float]
    travel: Callable[[], Awaitable[None]]
    booked_until: dict[str, float] = attrs.field(factory=dict[str, float])
    calls: list[float] = attrs.field(factory=list[float])
    """The seconds that were asked for."""
    error: Exception | None = None

    async def book(self, account: str, seconds: float, *, longest: float) -> float | None:
        await self.travel()
        self.calls.append(seconds)
        if self.error is not None:
            raise self.error
        now = self.now()
        begins = max(now, self.booked_until.get(account, now + 1.0))
        if begins - now <= longest:
            self.booked_until[account] = begins + seconds
        await self.travel()
        return begins - now if begins - now <= longest else None


@attrs.frozen
class RateStore:
    """Where a test's rates are: for another process too."""

    url: str
    prefix: str

    def rates(self, **options: Any) -> SqlRates | RedisRates:
        """A new object that uses it."""
        kind = RedisRates if self.url.startswith("unix") else SqlRates
        return kind(self.url, prefix=self.prefix, **options)

    def move_last_booking(self, seconds: int) -> None:
        """Let the last booking of "alpha" be *seconds* later than it was: as if the store's clock had been set back."""
        if self.url.startswith("unix"):
            with Redis.from_url(self.url) as client:
                client.hincrby(f"{self.prefix}alpha", "at", seconds * 1_000_000)
            return
        engine = create_engine(self.url)
        with engine.begin() as connection:
            connection.execute(text(f"UPDATE {self.prefix}rates SET at = at + ({seconds * 1000})"))
        engine.dispose()


def excess(times: Sequence[float], rate: float, costs: Sequence[float] | None = None) -> float:
    """By how many tokens that were taken at *times* the busiest span has more than *rate* tokens a second."""
    # The most that any span has above the rate: the highest rise of a sum, as in Kadane's algorithm.
    worst = height = 0.0
    last = -float("inf")
    for time, cost in sorted(zip(times, costs or [1.0] * len(times), strict=True)):
        height = max(0.0, height - (time - last) * rate) + cost
        worst, last = max(worst, height), time
    return worst
