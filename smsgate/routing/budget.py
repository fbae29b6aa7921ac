"""A token bucket for repeats: requests for messages that had one already. Pure: the time is an argument."""

from typing import Final

__all__ = ["RetryBudget"]

_PER_SECOND: Final = 10.0


class RetryBudget:
    """Limits how many requests are made again while a vendor is in trouble.

    *share* of a token comes with each message, and ten tokens each second; *reserve* tokens are there from the start
    and at most. A repeat takes one. *share* None: no limit.
    """

    def __init__(self, share: float | None, reserve: float) -> None:
        self.messages: int = 0
        """How many messages have come since the bucket was filled. Whoever prepares one adds it."""
        self._share = share
        self._reserve = self._tokens = float(reserve)
        self._filled_at: float | None = None

    def allows_failover(self, now: float) -> bool:
        """Whether another provider may be asked."""
        return self._share is None or self._fill(self._share, now) >= 1.0

    def allows_retry(self, now: float) -> bool:
        """Whether the same provider may be asked again: only while half of the tokens are left for failovers."""
        return self._share is None or self._fill(self._share, now) >= max(1.0, self._reserve / 2)

    def take(self, requests: int) -> None:
        """Take the tokens of repeats that were allowed. The last ones may be borrowed from later messages."""
        self._tokens -= requests

    def _fill(self, share: float, now: float) -> float:
        seconds = 0.0 if self._filled_at is None else max(0.0, now - self._filled_at)
        self._tokens = min(self._reserve, self._tokens + share * self.messages + _PER_SECOND * seconds)
        self._filled_at, self.messages = now, 0
        return self._tokens
