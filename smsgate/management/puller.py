"""Pulls that lose nothing that can be kept.

A vendor's pull empties a queue: what it has returned once it never returns again (Tencent SMS Development Guide 2.0,
Pull SMS Status). So a pull runs in a task of its own, which goes on when its caller is cancelled; the raw answer goes
to `keep` before anything parses it; and a pull that failed after its request left is a `Gap`: something may have been
taken out of the queue and lost.
"""

import inspect
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import anyio
import attrs

from smsgate.management.client import ManagementClient
from smsgate.management.gaps import Gap, KeepError, Kind, Repaired
from smsgate.management.queries import find_each, size_of
from smsgate.model.errors import ConfigurationError, VendorError
from smsgate.model.masking import describe_failure, safe_text
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Outcome, Reason
from smsgate.model.report import Reply, StatusReport
from smsgate.provider.call import Call
from smsgate.provider.callback import EventSink, HandlesMany, sink_problems
from smsgate.provider.management import ReportSource
from smsgate.provider.records import Pulled
from smsgate.transport.progress import Progress
from smsgate.wire import HttpResponse

__all__ = ["Puller"]

logger: Final = logging.getLogger("smsgate")

_CUT_SHORT: Final = "cancelled: the client was closed, or the event loop ended"


@attrs.define(eq=False, repr=False)
class _Pull:
    """One pull, and what came of it."""

    call: Call[Pulled]
    began: float
    progress: Progress = attrs.field(factory=Progress)
    pulled: Pulled | None = None
    error: BaseException | None = None


class Puller:
    """Pulls the delivery reports or replies of one account.

    *keep*: a plain or async callable that stores the raw answer (`FileSpool.keep`); the answer is parsed only after it
    has returned. *on_gap*: a plain or async callable that is called with every `Gap`; what it raises is logged. All
    gaps are in `gaps`, too. *limit*: items requested at a time. *ledger*: whoever stores events, such as a
    `smsgate.ledger.SqlLedger`; it has all that was pulled before `pull` returns. What it raises, `pull` and the
    iteration raise: the answer has been kept by then, so give the ledger what `replay` reads of it.

    A pull whose request has left goes on in a task of its own when its caller is cancelled, and `aclose` of the client
    waits for it: so use the client in `async with`.
    """

    def __init__(
        self,
        source: ReportSource,
        client: ManagementClient,
        *,
        keep: Callable[[bytes], Awaitable[object] | object],
        kind: Kind = "reports",
        on_gap: Callable[[Gap], Awaitable[object] | object] | None = None,
        limit: int = 100,
        ledger: EventSink | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if kind not in ("reports", "replies"):
            raise ConfigurationError('Puller: kind must be "reports" or "replies"')
        for problem in sink_problems(ledger):
            raise ConfigurationError(problem)
        self._source = source
        self._client = client
        self._keep = keep
        self._kind: Kind = kind
        self._on_gap = on_gap
        self._limit = limit
        self._ledger = ledger
        self._clock = clock
        self.gaps: list[Gap] = []

    async def pull(self) -> Pulled:
        """Pull once.

        Raises `VendorError` if it failed; the raw answer, if there was one, has been kept before. Raises `KeepError`,
        with the answer, if it could not be kept.
        """
        pull = _Pull(self._call(), self._clock())
        task = self._client.start(lambda: self._run(pull))
        try:
            await task.done.wait()
        finally:
            if not pull.progress.may_have_left:
                task.scope.cancel()  # nothing has been taken out of the queue yet: there is nothing to wait for
        if pull.error is not None:
            raise pull.error
        if pull.pulled is None:
            left = pull.progress.may_have_left
            outcome, reason = (Outcome.UNKNOWN, Reason.NO_ANSWER) if left else (Outcome.NOT_SENT, Reason.NETWORK)
            raise VendorError(f"{pull.call.name}: {_CUT_SHORT}", outcome=outcome, reason=reason)
        return pull.pulled

    def loop(self, *, interval: float = 5.0, max_interval: float = 300.0) -> AsyncIterator[StatusReport | Reply]:
        """Pull for ever, and return each report or reply.

        A full answer is followed by the next pull at once, a part-filled one after *interval* seconds; failures double
        the wait up to *max_interval*. Leave the loop or cancel it at any point: what was pulled has been kept, or will
        have been when the client is closed.

        The iteration raises `VendorError` for what waiting does not mend, such as wrong credentials, and `KeepError`
        for an answer that could not be kept: to go on would lose the next one as well.
        """
        if not 0 < interval <= max_interval:
            raise ConfigurationError("Puller: interval must be above 0 and at most max_interval")
        return _Loop(self, interval, max_interval, self._limit)

    def replay(self, bodies: Iterable[bytes]) -> Iterator[StatusReport | Reply]:
        """The reports or replies in raw answers that were kept, such as those of `FileSpool.read()`."""
        call = self._call()
        for body in bodies:
            try:
                pulled = call.parse(HttpResponse(200, (), body))
            except VendorError as error:  # a refusal was kept as well; what was pulled after it still counts
                logger.warning("a kept answer has no reports or replies in it: %s", error)
                continue
            yield from pulled.reports
            yield from pulled.replies

    async def repair(
        self, gap: Gap, numbers: Iterable[PhoneNumber | str], *, lookback: timedelta = timedelta(hours=72)
    ) -> Repaired:
        """Query for *numbers*, one by one, what a gap may have lost. A `Delivery` takes copies of what it has.

        *lookback*: how long before the gap its messages may have been sent. A query returns at most *limit* items (see
        `Puller`): the numbers that may have more are in `incomplete`; query these with a shorter *lookback*.
        Raises `VendorError` if a query failed, and `InvalidCallError` if the gap is older than the vendor remembers.
        """
        find = self._source.find_reports if self._kind == "reports" else self._source.find_replies
        span = {"begin": gap.began_at - lookback, "end": gap.ended_at}
        repaired = await find_each(self._client, find, numbers, **span, limit=self._limit)
        if repaired.incomplete:
            count = len(repaired.incomplete)
            logger.warning("repair: of %d numbers there may be more than %d items", count, self._limit)
        return repaired

    def _call(self) -> Call[Pulled]:
        pull = self._source.pull_reports if self._kind == "reports" else self._source.pull_replies
        return pull(limit=self._limit)

    async def _run(self, pull: _Pull) -> None:
        """Request, keep and parse. What came of it is noted in *pull*, because its caller may have gone."""
        kept = False
        try:
            pull.call = await self._client.signed(pull.call)
            answer = await self._client.answer(pull.call, pull.progress)
            kept = True  # or in the gap, with its bytes
            pull.error = await self._store(pull, answer)
            if pull.error is None:
                pulled = pull.call.parse(answer)
                await self._record((*pulled.reports, *pulled.replies))
                pull.pulled = pulled
        except VendorError as error:
            pull.error = error
            if error.outcome is Outcome.UNKNOWN and (kept or pull.progress.may_have_left):
                await self._note_gap(pull, str(error))
        except anyio.get_cancelled_exc_class():
            if pull.progress.may_have_left and not kept:
                await self._note_gap(pull, _CUT_SHORT)
            raise
        except (
            BaseException
        ) as error:  # a parser with a bug, KeyboardInterrupt: the caller's to handle, the answer is kept
            pull.error = error

    async def _store(self, pull: _Pull, answer: HttpResponse) -> KeepError | None:
        """Await `keep`, to its end also while everything is being cancelled: the vendor does not repeat the answer."""
        try:
            with anyio.CancelScope(shield=True):
                returned = self._keep(answer.body)
                if inspect.isawaitable(returned):
                    await returned
        except BaseException as failure:
            why = describe_failure(failure)
            if isinstance(failure, OSError) and failure.strerror:
                why = f"{safe_text(failure.strerror)}, {why}"
            text = f"{pull.call.name}: the answer could not be kept: {why}"
            logger.error("%s", text)
            await self._note_gap(pull, text, answer.body)
            if not isinstance(failure, Exception | anyio.get_cancelled_exc_class()):
                raise  # KeyboardInterrupt and the like go to the caller
            error = KeepError(text, body=answer.body, pulled=_read(pull.call, answer))
            error.__cause__ = failure
            return error
        return None

    async def _record(self, events: Sequence[StatusReport | Reply]) -> None:
        ledger = self._ledger
        if ledger is None:
            return
        if isinstance(ledger, HandlesMany):
            await ledger.handle_all(events)
            return
        for event in events:
            await ledger.handle(event)

    async def _note_gap(self, pull: _Pull, error: str, body: bytes | None = None) -> None:
        times = [datetime.fromtimestamp(seconds, UTC) for seconds in (pull.began, self._clock())]
        gap = Gap(self._source.name, self._kind, times[0], times[1], error, body)
        self.gaps.append(gap)
        if self._on_gap is None:
            return
        try:
            with anyio.CancelScope(shield=True):
                returned = self._on_gap(gap)
                if inspect.isawaitable(returned):
                    await returned
        except (Exception, anyio.get_cancelled_exc_class()) as failure:
            logger.error("on_gap failed: %s; the gap is in Puller.gaps", describe_failure(failure))


def _read(call: Call[Pulled], answer: HttpResponse) -> Pulled | None:
    try:
        return call.parse(answer)
    except Exception:
        return None


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
        self._wait = 0.0 if size_of(pulled) >= self._limit else self._interval
