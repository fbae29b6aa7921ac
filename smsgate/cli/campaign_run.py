"""Sending a campaign: paced, stopped cleanly, and counted."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial
from types import FrameType
from typing import Final, Self

import anyio
import attrs
import click

from smsgate.cli.campaign_plan import known_result, why_refused
from smsgate.cli.campaign_progress import Bar
from smsgate.cli.campaign_rows import BadRows, People, Row
from smsgate.guard.token_bucket import TokenBucket
from smsgate.ledger.sql_ledger import SqlLedger
from smsgate.model.message import Message
from smsgate.model.reason import Outcome, Reason
from smsgate.model.result import Result
from smsgate.sending.gateway import Gateway
from smsgate.sending.idempotency import may_try_again

__all__ = ["CampaignRun", "Stop"]

_MOST_NAMED: Final = 20


class Stop:
    """Ctrl+C: the first one ends the campaign when what is in progress has ended, the second one at once."""

    def __init__(self) -> None:
        self.wanted: bool = False
        self._wake: Callable[[], object] = bool

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    async def wait(self) -> None:
        """Wait for it."""
        event = anyio.Event()
        # A signal's handler runs at any point of the loop's own code, and a loop that waits does not see it.
        self._wake = partial(asyncio.get_running_loop().call_soon_threadsafe, event.set)
        if not self.wanted:
            await event.wait()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.wanted = True
        self._wake()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        click.echo("Interrupted: waiting for what is in progress. Ctrl+C again stops waiting.", err=True)


@attrs.define(kw_only=True)
class CampaignRun:
    """One run of a campaign, and what has come of it."""

    people: People
    providers: tuple[str, ...] | None
    rate: float | None
    """Messages a second."""
    bad: BadRows
    bar: Bar
    stop: Stop
    began: datetime = attrs.field(factory=lambda: datetime.now(UTC))
    outcomes: Counter[str] = attrs.field(factory=Counter[str])
    segments: Counter[str] = attrs.field(factory=Counter[str])
    """What was charged in this run, by provider, as far as the vendors say it."""
    reasons: Counter[str] = attrs.field(factory=Counter[str])
    """Why messages were not sent that the same command sends again. Those that were not begun are in none of these."""
    examples: dict[str, Result] = attrs.field(factory=dict[str, Result])
    """The first result with each of these reasons."""
    earlier: int = 0
    """Were accepted in earlier runs."""
    unknown: list[Result] = attrs.field(factory=list[Result])
    """The first of those that may have been sent."""
    _waiting: dict[str, Row] = attrs.field(factory=dict[str, Row])

    async def run(self, gateway: Gateway, ledger: SqlLedger) -> None:
        """Send what has not been sent. `gateway` must call `note` with its results."""
        resumed = (await ledger.progress(self.people.campaign)).total > 0
        source = self._source(ledger if resumed else None)
        failure: Exception | None = None
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._cancel_when_wanted, tasks.cancel_scope)
            try:
                await self._send_all(gateway, source)
            except Exception as error:  # a group would have it inside an ExceptionGroup
                failure = error
            tasks.cancel_scope.cancel()
        if failure is not None:
            raise failure

    async def _send_all(self, gateway: Gateway, source: AsyncIterator[Message]) -> None:
        async with gateway.send_many(source, providers=self.providers, campaign=self.people.campaign) as results:
            async for result in results:
                self.note(result)

    def note(self, result: Result) -> None:
        """Count the result of a row, once."""
        row = self._waiting.pop(result.message.key or "", None)
        if row is None:
            return
        self.bar.advance()
        if result.outcome is Outcome.UNKNOWN:
            self.unknown += [result] if len(self.unknown) < _MOST_NAMED else []
        elif may_try_again(result) and (result.attempts or result.outcome is Outcome.NOT_SENT):
            self._count_unsent(result)
        elif not result.accepted:
            self.bad.add(row, why_refused(result))
        if result.accepted and result.attempts[-1].started_at < self.began:
            self.earlier += 1
            return
        self.outcomes[result.outcome] += 1
        if result.accepted and result.provider:
            self.segments[result.provider] += result.segments or 0

    def _count_unsent(self, result: Result) -> None:
        if self.stop.wanted and not result.attempts and result.reason is Reason.NETWORK:
            return  # Ctrl+C came before its request began: it is as those rows that were not read any more
        reason = result.reason or Reason.UNKNOWN
        self.reasons[reason] += 1
        self.examples.setdefault(reason, result)

    async def _source(self, ledger: SqlLedger | None) -> AsyncIterator[Message]:
        """The messages, at their pace: what an earlier run has finished need not wait for it."""
        bucket = None if self.rate is None else TokenBucket(self.rate, max(1.0, self.rate / 10))
        for row in self.people.rows():
            if row.message is None:
                self.bad.add(row, row.problem)
                self.bar.advance()
                continue
            key = row.message.key or ""
            if bucket is not None and (ledger is None or await known_result(ledger, key) is None):
                await anyio.sleep(bucket.reserve(1.0, time.monotonic()) or 0.0)
            self._waiting[key] = row
            yield row.message

    async def _cancel_when_wanted(self, scope: anyio.CancelScope) -> None:
        await self.stop.wait()
        scope.cancel()
