"""The time of an account that one process has booked and may still use. Pure: the time is an argument."""

import math
from typing import Final

__all__ = ["BookedTime"]

_ROUNDING: Final = 1e-9
"""Seconds by which two ways to the same moment may differ, since both are sums of floats."""
_GRACE_PER_SPAN: Final = 0.1
"""Which part of a long span it may be late: a whole one is not to be lost for a moment."""


class BookedTime:
    """A block of the time of an account, from which requests take their spans one after another.

    A span may be used *spare* seconds before it begins, the span counted: that is the burst after a pause. It may not
    be used later than *grace* seconds after it could have been: what several processes used late would come on top of
    what others use in time.
    """

    def __init__(self, spare: float, grace: float) -> None:
        self._spare = spare
        self._longest_grace = grace
        self._delay = 0.0
        self._next, self._arrived = math.inf, -math.inf
        self.end: float = -math.inf
        """When the block ends."""
        self.taken: float = 0.0
        """Seconds that were taken of the block."""
        self.wasted: bool = False
        """Whether some of the block was not used in time."""

    def add(self, begin: float, seconds: float, arrived: float, delay: float) -> None:
        """Use a block that begins at *begin*, in place of the last one.

        It *arrived* from the store then, *delay* seconds later than usual: it was booked before that.
        """
        self._next, self.end, self._arrived, self._delay = begin, begin + seconds, arrived, delay
        self.taken, self.wasted = 0.0, False

    def holds(self, span: float, now: float) -> bool:
        """Whether a request that takes *span* seconds can have them."""
        begin = now - self._grace(span) + self._early(span)
        if begin > self._next and now > self._arrived + self._grace(span):  # too late for what comes before that
            self._next, self.wasted = begin, True
        return self._next + span <= self.end + _ROUNDING

    def wait(self, span: float, now: float) -> float:
        """The seconds from *now* after which the next *span* may be used."""
        return max(0.0, self._next - self._early(span) - now)

    def take(self, span: float) -> float:
        """Take the next *span*. Returns the last moment at which it may be used."""
        latest = max(self._next - self._early(span), self._arrived) + self._grace(span) + _ROUNDING
        self._next += span
        self.taken += span
        return latest

    def _early(self, span: float) -> float:
        return max(0.0, self._spare - span)

    def _grace(self, span: float) -> float:
        return max(self._longest_grace, span * _GRACE_PER_SPAN) - self._delay
