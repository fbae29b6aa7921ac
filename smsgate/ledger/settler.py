"""`Settler`: asks the vendors what became of messages of which the ledger does not know it."""

import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, NoReturn

import anyio

from smsgate.guard.token_bucket import TokenBucket
from smsgate.ledger.entries import LedgerEntry
from smsgate.ledger.evidence import SKEW, ids_of, record_of, tell_apart, with_tag
from smsgate.ledger.resend import Resend
from smsgate.ledger.settled import Round, Settled, is_unknown
from smsgate.ledger.sql_ledger import SqlLedger
from smsgate.management.client import ManagementClient
from smsgate.management.queries import find_each
from smsgate.model.delivery import WINDOW, MessageStatus
from smsgate.model.errors import ConfigurationError, InvalidCallError, LedgerError, VendorError
from smsgate.model.phone import PhoneNumber
from smsgate.model.report import StatusReport
from smsgate.provider.management import ReportSource, SendRecordSource
from smsgate.provider.records import SendRecord

__all__ = ["Settler"]

logger: Final = logging.getLogger("smsgate")

_MOST_REPORTS: Final = 100
_FAILURES: Final = 3
"""After so many in a row an account is not asked again in the same round."""


class Settler:
    """Asks vendors for what is `UNKNOWN` or overdue in a ledger, and applies to it what they say.

    *sources*: management objects of the accounts, each with the name that its provider has in results. Each must be a
    `smsgate.management.ReportSource`; one that is a `SendRecordSource` too is asked for its records of sends where its
    reports do not tell. *unknown_after*: how old an `UNKNOWN` message must be to be asked for; *overdue_after*: one
    that was accepted and has no final report; *until*: what is older is not asked for. *rate*: queries a second.
    *resend*: sends what is `UNKNOWN` once more if its vendor has nothing about it (see `Resend`); None: nothing does.
    *clock*: Unix seconds; *sleep*: waits for seconds.

    That a vendor has nothing about a message proves nothing, and changes nothing. What it has is applied if it can be
    about one message only: by its tag or the vendor's id, and what has neither by number and time, if no other send to
    that number can be meant. So nothing but this ledger's gateways should send through the account to its numbers.

    Raises `ConfigurationError` for an account that cannot be asked about a number, and for a ledger without numbers.
    """

    def __init__(
        self,
        ledger: SqlLedger,
        client: ManagementClient,
        *sources: ReportSource,
        unknown_after: timedelta = timedelta(minutes=2),
        overdue_after: timedelta = timedelta(hours=1),
        until: timedelta = WINDOW,
        rate: float = 5.0,
        resend: Resend | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        _check(ledger, sources)
        if not 0 < rate < float("inf"):
            raise ConfigurationError("rate: must be above 0 queries a second, and finite")
        if not timedelta() <= min(unknown_after, overdue_after) <= max(unknown_after, overdue_after) < until:
            raise ConfigurationError("unknown_after, overdue_after: must be from 0 to below until")
        if resend is not None:
            resend.check(ledger, until)
        self._ledger = ledger
        self._resend = resend
        self._client = client
        self._sources = {source.name: source for source in sources}
        self._after = {MessageStatus.UNKNOWN: unknown_after, MessageStatus.SENT: overdue_after}
        self._until = until
        self._bucket = TokenBucket(rate, 1.0)
        self._elapsed = self._paced_at = 0.0
        self._clock = clock
        self._sleep = sleep

    async def settle_once(self) -> Settled:
        """Ask once for all that is open and old enough, the oldest first, and return what came of it.

        Errors of vendors are in what it returns. Raises `LedgerError` if the ledger's database fails.
        """
        found = Round()
        async for entry in self._ledger.unsettled(older_than=min(self._after.values())):
            number, age = entry.message.to, self._now() - entry.started_at
            if age < self._after.get(entry.status, timedelta()) or (entry.provider, number) in found.seen:
                continue
            source = self._sources.get(entry.provider)
            if source is None:
                found.unasked[entry.provider] += 1
            elif age > self._until:
                found.counts["too_old"] += 1
            elif found.in_a_row[source.name] < _FAILURES:
                found.seen.add((entry.provider, number))
                await self._settle(source, number, found)
        return found.settled()

    async def run(self, *, interval: float = 600.0) -> NoReturn:
        """Settle for ever, every *interval* seconds. Failures are logged: the next round is another try."""
        if not 0 < interval < float("inf"):
            raise ConfigurationError("interval: must be above 0 seconds, and finite")
        while True:
            try:
                settled = await self.settle_once()
            except LedgerError as failure:
                logger.error("settling: %s", failure)
            else:
                for name, error in settled.failures.items():
                    logger.warning("settling: %s: %s", name, error)
                told = (settled.asked, settled.final, settled.sent, settled.open)
                logger.info("settling: asked for %d numbers: %d messages ended, %d were sent, %d are open", *told)
                if settled.resent:
                    logger.warning("settling: %d messages were sent once more, perhaps twice now", settled.resent)
            await self._sleep(interval)

    async def _settle(self, source: ReportSource, number: PhoneNumber, found: Round) -> None:
        """Ask *source* for one number."""
        before = await self._entries(number)
        mine = [each for each in before if each.provider == source.name and not each.delivery.final]
        if not mine:  # somebody else was quicker
            return
        begin = max(min(each.started_at for each in mine), self._now() - self._until) - SKEW
        try:
            ambiguous, untagged = await self._apply_reports(source, number, mine, begin)
            ambiguous |= await self._apply_records(source, number, begin, untagged or [])
        except InvalidCallError:
            found.counts["too_old"] += len(mine)
            return
        except VendorError as error:
            found.fail(source.name, error)
            return
        now = await self._entries(number)
        found.count(source.name, mine, now, ambiguous)
        if self._resend is not None and untagged is not None:
            asked = {each.id for each in mine} - ambiguous
            for key in {each.message.key: None for each in now if each.id in asked and is_unknown(each)}:
                found.counts["resent"] += key is not None and await self._resend.send(self._ledger, key)

    async def _apply_reports(
        self, source: ReportSource, number: PhoneNumber, mine: list[LedgerEntry], begin: datetime
    ) -> tuple[set[str], list[SendRecord] | None]:
        """Apply the reports that say which of *mine* they are about.

        Returns the ids of those that some of them leave ambiguous, and what the reports without a tag say:
        None if there are more than could be read.
        """
        await self._pause()
        span = {"begin": begin, "end": self._now()}
        pulled = await find_each(self._client, source.find_reports, [number], **span, limit=_MOST_REPORTS)
        ambiguous: set[str] = set()
        untagged: list[SendRecord] = []
        for report in pulled.reports:
            about = [each for each in mine if report.message_id in ids_of(each) or _has_tag_of(report, each)]
            if not about and not report.reference:
                untagged.append(record_of(report))
            elif about and await self._ledger.apply(with_tag(report, about)) is None:
                ambiguous |= {each.id for each in about}
        whole = not pulled.incomplete and not pulled.unreadable
        return ambiguous, untagged if whole else None

    async def _apply_records(
        self, source: ReportSource, number: PhoneNumber, begin: datetime, untagged: list[SendRecord]
    ) -> set[str]:
        """Apply what records of sends, or else reports without a tag, say of what is `UNKNOWN` still.

        Returns the ids that they leave ambiguous.
        """
        entries = await self._entries(number)
        if not any(each.provider == source.name and is_unknown(each) for each in entries):
            return set()
        records = await self._records(source, number, begin)
        dated = {record.message_id for record in records}
        records += [record for record in untagged if record.message_id not in dated]
        evidence = tell_apart(entries, records, source.name)
        for report in evidence.reports:
            await self._ledger.apply(report)
        return set(evidence.ambiguous)

    async def _records(self, source: ReportSource, number: PhoneNumber, begin: datetime) -> list[SendRecord]:
        if not isinstance(source, SendRecordSource):
            return []
        await self._pause()
        try:
            return [each async for each in self._client.each(partial(source.find_sends, number, begin=begin))]
        except InvalidCallError:  # this account has no such records, or not that far back
            return []

    async def _entries(self, number: PhoneNumber) -> list[LedgerEntry]:
        return [entry async for entry in self._ledger.history(number)]

    async def _pause(self) -> None:
        now = self._clock()
        # The time that has passed by any clock that *sleep* goes by; none where it was set back.
        self._elapsed += max(0.0, now - self._paced_at)
        self._paced_at = now
        wait = self._bucket.reserve(1.0, self._elapsed)
        if wait:
            await self._sleep(wait)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _has_tag_of(report: StatusReport, entry: LedgerEntry) -> bool:
    return bool(report.reference) and report.reference == entry.reference


def _check(ledger: SqlLedger, sources: tuple[object, ...]) -> None:
    if ledger.numbers != "full":
        raise ConfigurationError('Settler: needs a ledger with numbers="full": vendors are asked by number')
    if not sources:
        raise ConfigurationError("sources: give the management object of at least one account")
    names: set[str] = set()
    for index, source in enumerate(sources):
        if not isinstance(source, ReportSource):
            kind = type(source).__name__
            raise ConfigurationError(f"sources[{index}]: {kind} cannot be asked about a number: it has no find_reports")
        if source.name in names:
            raise ConfigurationError(f"sources: more than one is named {source.name!r}")
        names.add(source.name)
