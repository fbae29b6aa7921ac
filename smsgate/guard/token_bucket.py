"""A token bucket that reserves: who asks is told how long to wait, in the order of asking."""

import math

__all__ = ["TokenBucket"]


class TokenBucket:
    """At most *rate* tokens a second over time, and *burst* at once after a pause.

    What costs more than *burst* goes when the bucket is full, and what comes after it waits until it is paid for. So
    in any span of t seconds at most `burst + rate * t` tokens are taken, and once the cost of the largest beyond that.
    """

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._full_at = -math.inf
        """When the bucket will be full again if nothing more is taken."""

    def reserve(self, cost: float, now: float, longest: float = math.inf) -> float | None:
        """Take *cost* tokens. Returns the seconds from *now* after which they may be used.

        None if that were more than *longest*: nothing is taken then.
        """
        full_at = max(self._full_at, now)
        # The tokens at the moment t are burst - (full_at - t) * rate, and min(cost, burst) must be there.
        wait = max(0.0, full_at - now - max(0.0, self._burst - cost) / self._rate)
        if wait > longest:
            return None
        self._full_at = full_at + cost / self._rate
        return wait
