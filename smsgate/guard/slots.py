"""When those who wait go on together."""

import math

__all__ = ["Slots"]


class Slots:
    """Moments that are multiples of *seconds*: whoever waits goes on at one, and nobody before those who asked earlier.

    With 0 *seconds* each goes on at a moment of its own.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last = -math.inf

    def moment(self, now: float, wait: float) -> float:
        """When one goes on who must wait at least *wait* seconds from *now*."""
        moment = now + wait
        if wait > 0 and self._seconds > 0:
            moment = max(moment, math.ceil(moment / self._seconds) * self._seconds)
        return max(moment, self._last)

    def take(self, moment: float) -> None:
        """Note that somebody goes on at *moment*."""
        self._last = moment
