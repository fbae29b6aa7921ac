"""Pulls that lose nothing that can be kept.

A vendor's pull empties a queue: what it gives out once it never gives out again (Tencent SMS Development Guide 2.0,
Pull SMS Status). So the raw answer goes to the caller's `keep` before anything parses it, and a pull that failed or was
cancelled after its request left is a `Gap`: something may have been taken out of the queue and lost on the way.
"""

import inspect
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import anyio
import attrs

from smsgate.management.client import ManagementClient
from smsgate.model.errors import ConfigurationError, VendorError
from smsgate.model.phone import PhoneNumber, resolve_number
from smsgate.model.reason import Outcome
from smsgate.model.report import Reply, StatusReport
from smsgate.provider.call import Call
from smsgate.provider.management import ReportSource
from smsgate.provider.records import Pulled
from smsgate.transport.progress import Progress
from smsgate.wire import HttpResponse

__all__ = ["Gap", "Puller"]

logger: Final = logging.getLogger("smsgate")

Kind = Literal["reports", "replies"]


@attrs.frozen
class Gap:
    """A pull whose answer was lost: what the queue held between these times may be gone."""

    provider: str
    kind: Kind
    began_at: datetime
    """When the request left (aware, UTC)."""
    ended_at: datetime
    error: str


class Puller:
    """Pulls the delivery reports or replies of one account.

    *keep*: a plain or async callable that stores the raw answer (`FileSpool.keep`); the answer is parsed only after it
    has returned. *on_gap*: is told of every `Gap`, which is also kept in `gaps`. *limit*: items asked for at a time.
    """

    def __init__(
        self,
        source: ReportSource,
        client: ManagementClient,
        *,
        keep: Callable[[bytes], Awaitable[object] | object],
        kind: Kind = "reports",
        on_gap: Callable[[Gap], object] | None = None,
        limit: int = 100,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if kind not in ("reports", "replies"):
            raise ConfigurationError('Puller: kind must be "reports" or "replies"')
        self._source = source
        self._client = client
        self._keep = keep
        self._kind: Kind = kind
        self._on_gap = on_gap
        self._limit = limit
        self._clock = clock
        self.gaps: list[Gap] = []

    async def pull(self) -> Pulled:
        """Pull once. Raises `VendorError` if it failed; the raw answer, if there was one, has been kept before."""
        call, began = self._call(), self._clock()
        answer = await self._answer(call, began)
        try:
            return call.parse(answer)
        except VendorError as error:
            if error.outcome is Outcome.UNKNOWN:
                self._note_gap(began, str(error))
            raise

    def loop(self, *, interval: float = 5.0, max_interval: float = 300.0) -> AsyncIterator[StatusReport | Reply]:
        """Pull for ever, and give out each report or reply.

        A full answer is followed by the next pull at once, a part-filled one after *interval* seconds; failures double
        the wait up to *max_interval*. Leave the loop or cancel it at any point: what was pulled has been kept.

        The iteration raises `VendorError` for what waiting cannot mend, such as wrong credentials.
        """
        if not 0 < interval <= max_interval:
            raise ConfigurationError("Puller: interval must be above 0 and at most max_interval")
        return _Loop(self, interval, max_interval, self._limit)

    def replay(self, bodies: Iterable[bytes]) -> Iterator[StatusReport | Reply]:
        """The reports or replies in raw answers that were kept, such as `FileSpool.read()`."""
        call = self._call()
        for body in bodies:
            try:
                pulled = call.parse(HttpResponse(200, (), body))
            except VendorError as error:  # a refusal was kept as well; what was pulled after it still counts
                logger.warning("a kept answer holds nothing to give out: %s", error)
                continue
            yield from pulled.reports
            yield from pulled.replies

    async def repair(
        self, gap: Gap, numbers: Iterable[PhoneNumber | str], *, lookback: timedelta = timedelta(hours=72)
    ) -> Pulled:
        """Ask for *numbers* one by one what a gap may have lost. Copies of what is known do no harm to a `Delivery`.

        *lookback*: how long before the gap its messages may have been sent.
        Raises `VendorError` if a query failed, and `InvalidCallError` if the gap is older than the vendor remembers.
        """
        find = self._source.find_reports if self._kind == "reports" else self._source.find_replies
        reports: list[StatusReport] = []
        replies: list[Reply] = []
        for number in numbers:
            to = resolve_number(number)
            found = await self._client.run(find(to, begin=gap.began_at - lookback, end=gap.ended_at, limit=self._limit))
            reports += found.reports
            replies += found.replies
        return Pulled(tuple(reports), tuple(replies))

    def _call(self) -> Call[Pulled]:
        pull = self._source.pull_reports if self._kind == "reports" else self._source.pull_replies
        return pull(limit=self._limit)

    async def _answer(self, call: Call[Pulled], began: float) -> HttpResponse:
        """The raw answer, kept; or a gap if it may be lost."""
        progress, lost = Progress(), "cancelled"
        try:
            answer = await self._client.answer(call, progress)
            lost = "the answer could not be kept"
            with anyio.CancelScope(shield=True):  # the vendor will not say it again
                returned = self._keep(answer.body)
                if inspect.isawaitable(returned):
                    await returned
            lost = ""
        except VendorError as error:
            lost = "" if error.outcome is Outcome.NOT_SENT else str(error)
            raise
        finally:
            if lost and progress.may_have_left:
                self._note_gap(began, lost)
        return answer

    def _note_gap(self, began: float, error: str) -> None:
        times = [datetime.fromtimestamp(seconds, UTC) for seconds in (began, self._clock())]
        gap = Gap(self._source.name, self._kind, times[0], times[1], error)
        self.gaps.append(gap)
        if self._on_gap is not None:
            self._on_gap(gap)


class _Loop(AsyncIterator[StatusReport | Reply]):
    def __init__(self, puller: Puller, interval: float, max_interval: float, limit: int) -> None:
        self._puller = puller
        self._interval = interval
        self._max_interval = max_interval
        self._limit = limit
        self._wait = 0.0
        self._failures = 0
        self._items: deque[StatusReport | Reply] = deque()

    async def __anext__(self) -> StatusReport | Reply:
        while not self._items:
            await anyio.sleep(self._wait)
            await self._pull()
        return self._items.popleft()

    async def _pull(self) -> None:
        try:
            pulled = await self._puller.pull()
        except VendorError as error:
            if error.reason is not None and error.reason.rule.permanent:
                raise
            self._failures = min(self._failures + 1, 16)
            self._wait = min(self._interval * 2**self._failures, self._max_interval)
            logger.warning("a pull failed, the next one is in %.0f seconds: %s", self._wait, error)
            return
        self._items.extend((*pulled.reports, *pulled.replies))
        if pulled.unreadable:
            logger.warning("%d pulled items could not be read; their bytes have been kept", pulled.unreadable)
        self._failures = 0
        self._wait = 0.0 if len(self._items) >= self._limit else self._interval
