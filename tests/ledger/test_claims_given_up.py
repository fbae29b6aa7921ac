"""Claims that do not return: their callers are cancelled, or the database fails. Their keys are nobody's."""

import asyncio
import math
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from enum import Enum, auto
from functools import partial
from typing import Any

import anyio
import attrs
import pytest
from fake_vendors import login
from sql_ledgers import GRANTED, HELD, Place, attempts_for, claim, request_for
from sqlalchemy import Connection

from smsgate import LedgerError, Outcome, Reason, Result
from smsgate.ledger import SqlLedger
from smsgate.ledger.jobs import Job
from smsgate.transport.loop import LoopBinding

pytestmark = pytest.mark.anyio

AT_ONCE = timedelta()
LONG = 3600.0
"""A lease that no test waits for."""


class Moment(Enum):
    """When the caller of a transaction is cancelled."""

    QUEUED = auto()
    RUNNING = auto()
    COMMITTED = auto()
    WOKEN = auto()


@attrs.define
class Cut:
    """Cancels whoever waits for one of the transactions of *ledger*, that with this *number*."""

    ledger: SqlLedger
    number: int
    moment: Moment
    patch: pytest.MonkeyPatch
    cancel: Callable[[], object] = attrs.field(init=False)
    write: Callable[..., Awaitable[Any]] = attrs.field(init=False)
    indexed: bool = False
    count: int = 0
    go: threading.Event = attrs.field(factory=threading.Event)
    loop: LoopBinding = attrs.field(factory=LoopBinding)

    def __attrs_post_init__(self) -> None:
        self.loop.bind()
        self.write = self.ledger._threads.write
        self.patch.setattr(self.ledger._threads, "write", self._write)
        for module in ("claims", "reopening"):
            self.patch.setattr(f"smsgate.ledger.{module}.index_some", self._index_some)

    @property
    def reached(self) -> bool:
        return self.count >= self.number

    def _index_some(self, *_: object, **__: object) -> bool:
        """As if there had been more than one transaction's worth of messages to index."""
        self.indexed, more = True, not self.indexed
        return more

    async def _write(self, work: Callable[[Connection], object], **options: Any) -> Any:
        self.count += 1
        if self.count != self.number:
            return await self.write(work, **options)
        try:
            return await self.write(await self._prepared(work), **options)
        finally:
            self.go.set()

    async def _prepared(self, work: Callable[[Connection], object]) -> Callable[[Connection], object]:
        if self.moment is Moment.QUEUED:
            begun = threading.Event()

            def occupy(connection: Connection) -> None:
                begun.set()
                self.go.wait()

            self.ledger._threads._jobs.put(Job(occupy, self.loop))
            await anyio.to_thread.run_sync(begun.wait)
            self.cancel()
            return work
        if self.moment is Moment.RUNNING:
            return partial(self._run, work)
        self.patch.setattr("smsgate.ledger.threads.finish", partial(self._finish, work))
        return work

    def _run(self, work: Callable[[Connection], object], connection: Connection) -> object:
        value = work(connection)
        self.loop.call_soon(self.cancel)
        self.go.wait()
        return value

    def _finish(self, work: Callable[[Connection], object], jobs: Sequence[Job]) -> None:
        events = [job.done.set for job in jobs if job.done is not None]
        if not any(job.work is work for job in jobs):
            self._call(events)
        elif self.moment is Moment.COMMITTED:
            self.loop.call_soon(self.cancel)
            self.go.wait()
            self._call(events)
        else:
            self._call([*events, self.cancel])

    def _call(self, calls: Sequence[Callable[[], object]]) -> None:
        self.loop.call_soon(lambda: [call() for call in calls])


async def by_scope(cut: Cut, work: Callable[[], Awaitable[object]]) -> bool:
    """Whether *work* was cancelled, by a scope around it."""
    with anyio.CancelScope() as scope:
        cut.cancel = scope.cancel
        await work()
        return False
    return True


async def by_task(cut: Cut, work: Callable[[], Awaitable[object]]) -> bool:
    """Whether *work* was cancelled, by asyncio itself."""
    task = asyncio.ensure_future(work())
    cut.cancel = task.cancel
    await asyncio.wait([task])
    if task.cancelled():
        return True
    task.result()
    return False


def given_up(key: str) -> Result:
    return Result(login(key=key), Outcome.NOT_SENT, reason=Reason.GIVEN_UP)


async def claims(ledger: SqlLedger, key: str) -> None:
    await ledger.claim([login(key=key), login(key=f"{key}-new")])


async def cancels(ledger: SqlLedger, key: str) -> None:
    await ledger.cancel(key)


async def records(ledger: SqlLedger, key: str) -> None:
    await ledger.record_unsent([given_up(key), given_up(f"{key}-new")])


async def reopens(ledger: SqlLedger, key: str) -> None:
    async with ledger.reopen(key, quiet_for=AT_ONCE):
        pass


async def lose(ledger: SqlLedger, key: str) -> None:
    """Let the message with *key* be one that may have been sent."""
    request = request_for(key)
    await ledger.claim(request.messages)
    await ledger.leaving(request)
    attempts = attempts_for(request, Outcome.UNKNOWN)
    await ledger.left(request, attempts)
    await ledger.concluded([Result(request.messages[0], Outcome.UNKNOWN, attempts=tuple(attempts))])


async def mark(ledger: SqlLedger) -> None:
    """Let its writer do all that it has to do, and mark that its process is alive."""
    for _ in range(2):  # it marks after the first of them
        ledger._holding._marked_at = -math.inf
        await ledger._threads.write(lambda connection: None)


@asynccontextmanager
async def two(place: Place) -> AsyncIterator[tuple[SqlLedger, SqlLedger]]:
    """The ledgers of two processes. The first one holds a key, and so goes on to mark that it is alive."""
    options: dict[str, Any] = {**place.arguments, "params": True, "lease": LONG}
    async with SqlLedger(**options) as ledger, SqlLedger(**options) as other:
        assert await claim(ledger, login(key="held")) == [GRANTED]
        yield ledger, other
        assert await claim(other, login(key="held")) == [HELD]


@pytest.mark.parametrize("work", [claims, cancels, records, reopens])
async def test_cancelled_at_any_moment(
    place: Place, work: Callable[[SqlLedger, str], Awaitable[None]], anyio_backend: str
) -> None:
    """Whichever transaction its caller waits for, another process can claim the keys at once, without the lease."""
    ways = [by_scope, by_task] if anyio_backend == "asyncio" else [by_scope]
    async with two(place) as (ledger, other):
        for way in ways:
            for moment in Moment:
                number, reached = 0, True
                while reached:
                    number += 1
                    key = f"{way.__name__}-{moment.name}-{number}"
                    await (lose(other, key) if work is reopens else other.record_unsent([given_up(key)]))
                    with pytest.MonkeyPatch.context() as patch:
                        cut = Cut(ledger, number, moment, patch)
                        cancelled, reached = await way(cut, partial(work, ledger, key)), cut.reached
                    if not cancelled:
                        assert moment is Moment.WOKEN or not reached
                        continue
                    await mark(ledger)
                    if work is reopens:
                        async with other.reopen(key, quiet_for=AT_ONCE) as message:
                            assert message is not None, key
                    else:
                        assert await claim(other, login(key=key), login(key=f"{key}-new")) == [GRANTED] * 2, key
                assert number > 2


async def test_a_later_transaction_that_fails(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first one has claimed is given back, whoever has tried to claim it once more meanwhile."""
    async with two(place) as (ledger, other):
        await other.record_unsent([given_up("known")])
        for _ in range(2):
            answers = iter([True])  # then it raises
            with monkeypatch.context() as patch:
                patch.setattr("smsgate.ledger.claims.index_some", lambda *_, answers=answers: next(answers))
                with pytest.raises(LedgerError):
                    await ledger.claim([login(key="new"), login(key="known")])
        assert await claim(other, login(key="new")) == [HELD]
        await mark(ledger)
        assert await claim(other, login(key="new"), login(key="known")) == [GRANTED] * 2
