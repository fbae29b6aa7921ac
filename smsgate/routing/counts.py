"""How many requests were well and how many failed within the last seconds. Pure: the time is an argument."""

from collections import deque
from typing import Final

import attrs

__all__ = ["SlidingCounts"]

_SLICES: Final = 10


@attrs.define
class _Slice:
    ends_at: float
    well: int = 0
    failed: int = 0


class SlidingCounts:
    """Counts of the last *span* seconds, to a tenth of it, in a fixed amount of memory whatever the traffic."""

    def __init__(self, span: float) -> None:
        self.well: int = 0
        self.failed: int = 0
        self._span = span
        self._slices: deque[_Slice] = deque()

    def add(self, failed: bool, now: float) -> None:
        """Count one request that ended at *now*, and forget those before the span."""
        while self._slices and self._slices[0].ends_at <= now - self._span:
            old = self._slices.popleft()
            self.well -= old.well
            self.failed -= old.failed
        if not self._slices or self._slices[-1].ends_at <= now:
            self._slices.append(_Slice(now + self._span / _SLICES))
        if failed:
            self._slices[-1].failed += 1
            self.failed += 1
        else:
            self._slices[-1].well += 1
            self.well += 1

    def clear(self) -> None:
        """Forget all."""
        self._slices.clear()
        self.well = self.failed = 0
