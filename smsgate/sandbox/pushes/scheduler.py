"""Which pushes are due, when, and when they are retried. No clock, no socket: the time comes in, requests go out."""

import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final
from weakref import WeakValueDictionary

import attrs

from smsgate.sandbox.pushes.push import Push, PushFormat
from smsgate.sandbox.pushes.settings import CommonPushSettings
from smsgate.wire import HttpResponse

__all__ = ["PushScheduler"]

_REMEMBERED: Final = 10_000


@attrs.frozen
class _Waiting:
    """A report or a reply until it is due."""

    format: PushFormat
    url: str
    item: Any
    claim: Callable[[], bool]


class PushScheduler:
    """What waits to be pushed, and what was. *formats*: those of all vendors."""

    def __init__(self, formats: Iterable[PushFormat], settings: CommonPushSettings) -> None:
        self.settings = settings
        self.log: deque[Push] = deque(maxlen=_REMEMBERED)
        """Every try, answered or not, oldest first."""
        self._formats = {each.name: each for each in formats}
        self._waiting: list[tuple[float, int, _Waiting]] = []
        self._retries: list[tuple[float, int, Push]] = []
        self._given_out: WeakValueDictionary[int, Push] = WeakValueDictionary()
        """By `id`, those that are being made."""
        self._serial, self._numbers = count(), count(1)
        self._random = random.Random(0)  # noqa: S311  # the same disorder in every run, not a secret

    def expect(
        self, format: PushFormat, url: str, item: Any, due: float, *, claim: Callable[[], bool] = lambda: True
    ) -> None:
        """Let *item* be pushed to *url* at *due*. *claim* says then whether it is still there to be pushed."""
        heappush(self._waiting, (due, next(self._serial), _Waiting(format, url, item, claim)))

    def report_due(self, accepted: float) -> float:
        """When the report on a message that was accepted at that time is due."""
        delay = self.settings.report_delay
        return accepted + delay + (self._random.uniform(0.0, delay) if self.settings.shuffle else 0.0)

    def next_due(self) -> float | None:
        """When the next push is due, or None if there is none to come. One that was pulled meanwhile still counts."""
        return min((heap[0][0] for heap in (self._waiting, self._retries) if heap), default=None)

    def due(self, now: float) -> list[Push]:
        """The pushes to make at *now*, each given out once: `settle()` it, or `put_back()` what could not be made."""
        waiting = [each for each in _pop_due(self._waiting, now) if each.claim()] * self.settings.copies
        if self.settings.shuffle:
            self._random.shuffle(waiting)
        groups: dict[tuple[PushFormat, str], list[Any]] = {}
        for each in waiting:
            groups.setdefault((each.format, each.url), []).append(each.item)
        pushes = list(_pop_due(self._retries, now))
        for (format, url), items in groups.items():
            starts = range(0, len(items), format.limit)
            pushes += [self._make(format, url, items[start : start + format.limit], now) for start in starts]
        self._given_out.update((id(push), push) for push in pushes)
        return pushes

    def settle(self, push: Push, response: HttpResponse | None, now: float, *, error: str = "") -> Push:
        """Note what came of *push*, and let it be retried if its vendor would.

        Nothing is noted of one that was given out before everything was forgotten: its `number` is 0.
        """
        format = self._formats[push.kind]
        acknowledged = response is not None and format.is_acknowledged(response)
        status = None if response is None else response.status
        made = attrs.evolve(push, time=now, status=status, acknowledged=acknowledged, error=error)
        if self._given_out.pop(id(push), None) is None:
            return made
        made = attrs.evolve(made, number=next(self._numbers))
        self.log.append(made)
        if self.is_tried_again(made):
            due = now + self.settings.retry_after
            retry = attrs.evolve(push, attempt=push.attempt + 1, time=due)
            heappush(self._retries, (due, next(self._serial), retry))
        return made

    def again(self, push: Push, now: float) -> None:
        """Let *push*, which was made, be made once more at *now*."""
        heappush(self._retries, (now, next(self._serial), attrs.evolve(push, attempt=push.attempt + 1, time=now)))

    def count_from(self, number: int) -> None:
        """Give the next push that is made this *number*."""
        self._numbers = count(number)

    def is_tried_again(self, push: Push) -> bool:
        """Whether *push*, which was settled, is made once more."""
        return not push.acknowledged and push.attempt < self._formats[push.kind].tries

    def put_back(self, pushes: Iterable[Push]) -> None:
        """Let these be given out again: they were not made."""
        for push in pushes:
            if self._given_out.pop(id(push), None) is not None:
                heappush(self._retries, (push.time, next(self._serial), push))

    def clear(self) -> None:
        """Forget everything."""
        self._waiting.clear()
        self._retries.clear()
        self._given_out.clear()
        self.log.clear()

    def _make(self, format: PushFormat, url: str, items: Sequence[Any], now: float) -> Push:
        request = format.write(items, url)
        if self.settings.sign and format.sign is not None:
            request = format.sign(request, now)
        about = tuple(item.entry for item in items)
        return Push(vendor=format.vendor, kind=format.name, request=request, time=now, about=about)


def _pop_due(heap: list[tuple[float, int, Any]], now: float) -> Iterator[Any]:
    while heap and heap[0][0] <= now:
        yield heappop(heap)[2]
