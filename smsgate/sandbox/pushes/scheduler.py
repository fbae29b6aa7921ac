"""Which pushes are due, when, and when again. No clock, no socket: the time comes in, requests go out."""

import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final

import attrs

from smsgate.sandbox.pushes.push import Kind, Push, Way
from smsgate.sandbox.pushes.settings import PushSettings
from smsgate.wire import HttpResponse

__all__ = ["Desk"]

_REMEMBERED: Final = 10_000


@attrs.frozen
class _Waiting:
    """A report or a reply until it is due."""

    kind: Kind
    url: str
    item: Any
    claim: Callable[[], bool]


class Desk:
    """What waits to be pushed, and what was."""

    def __init__(self, ways: Mapping[Kind, Way], settings: PushSettings) -> None:
        self.settings = settings
        self.log: deque[Push] = deque(maxlen=_REMEMBERED)
        """Every try, answered or not, oldest first."""
        self._ways = ways
        self._waiting: list[tuple[float, int, _Waiting]] = []
        self._again: list[tuple[float, int, Push]] = []
        self._serial = count()
        self._random = random.Random(0)  # noqa: S311  # the same disorder in every run, not a secret

    def expect(self, kind: Kind, url: str, item: Any, due: float, *, claim: Callable[[], bool] = lambda: True) -> None:
        """Let *item* be pushed to *url* at *due*. *claim* is asked then whether it is still there to be pushed."""
        heappush(self._waiting, (due, next(self._serial), _Waiting(kind, url, item, claim)))

    def report_due(self, accepted: float) -> float:
        """When the report on a message that was accepted at that time is due."""
        delay = self.settings.report_delay
        return accepted + delay + (self._random.uniform(0.0, delay) if self.settings.shuffle else 0.0)

    def due(self, now: float) -> list[Push]:
        """The pushes to make at *now*, each given out once: `settle()` it, or `put_back()` what could not be made."""
        waiting = [each for each in _ripe(self._waiting, now) if each.claim()] * self.settings.copies
        if self.settings.shuffle:
            self._random.shuffle(waiting)
        groups: dict[tuple[Kind, str], list[Any]] = {}
        for each in waiting:
            groups.setdefault((each.kind, each.url), []).append(each.item)
        pushes = list(_ripe(self._again, now))
        for (kind, url), items in groups.items():
            limit = self._ways[kind].limit
            starts = range(0, len(items), limit)
            pushes += [self._make(kind, url, items[start : start + limit], now) for start in starts]
        return pushes

    def settle(self, push: Push, response: HttpResponse | None, now: float, *, error: str = "") -> Push:
        """Note what came of *push*, and let it be tried again if its vendor would."""
        way = self._ways[push.kind]
        taken = response is not None and way.takes(response)
        status = None if response is None else response.status
        made = attrs.evolve(push, time=now, status=status, acknowledged=taken, error=error)
        self.log.append(made)
        if not taken and push.attempt < way.tries:
            due = now + self.settings.retry_after
            again = attrs.evolve(push, attempt=push.attempt + 1, time=due)
            heappush(self._again, (due, next(self._serial), again))
        return made

    def put_back(self, pushes: Iterable[Push]) -> None:
        """Let these be given out again: they were not made."""
        for push in pushes:
            heappush(self._again, (push.time, next(self._serial), push))

    def clear(self) -> None:
        """Forget everything."""
        self._waiting.clear()
        self._again.clear()
        self.log.clear()

    def _make(self, kind: Kind, url: str, items: Sequence[Any], now: float) -> Push:
        way = self._ways[kind]
        request = way.write(items, url)
        if self.settings.sign and way.seal is not None:
            request = way.seal(request, now)
        return Push(vendor=way.vendor, kind=kind, request=request, time=now)


def _ripe(heap: list[tuple[float, int, Any]], now: float) -> Iterator[Any]:
    while heap and heap[0][0] <= now:
        yield heappop(heap)[2]
