"""A token bucket that reserves: who asks is told how long to wait, in the order of asking."""

import math

from smsgate.guard.slots import Slots

__all__ = ["TokenBucket"]


class TokenBucket:
    """At most *rate* tokens a second over time, and *burst* at once after a pause.

    What costs more than *burst* goes when the bucket is full, and what comes after it waits until it is paid for. So
    in any span of t seconds at most `burst + rate * t` tokens are taken, and once the cost of the largest beyond that.

    Waits end in `Slots` of *slot* seconds. Up to `rate * slot` tokens more are used in a span by that.
    """

    def __init__(self, rate: float, burst: float, slot: float = 0.0) -> None:
        self._rate = rate
        self._burst = burst
        self._slots = Slots(slot)
        self._full_at = -math.inf
        """When the bucket will be full again if nothing more is taken."""

    def reserve(self, cost: float, now: float, longest: float = math.inf) -> float | None:
        """Take *cost* tokens. Returns the seconds from *now* after which they may be used.

        None if that were more than *longest*: nothing is taken then.
        """
        full_at = max(self._full_at, now)
        # The tokens at the moment t are burst - (full_at - t) * rate, and min(cost, burst) must be there.
        wait = max(0.0, full_at - now - max(0.0, self._burst - cost) / self._rate)
        moment = self._slots.moment(now, wait)
        if moment - now > longest:
            return None
        self._slots.take(moment)
        self._full_at = full_at + cost / self._rate
        return moment - now
