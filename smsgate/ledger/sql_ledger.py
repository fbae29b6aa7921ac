"""`SqlLedger`: the ledger that comes with smsgate."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, MetaData

from smsgate.data import Numbers
from smsgate.ledger.campaigns import CampaignCount, CampaignProgress
from smsgate.ledger.database import Database
from smsgate.ledger.ending import EndsKeys
from smsgate.ledger.entries import LedgerEntry, delivery_of, result_of
from smsgate.ledger.events import StoreEvents, Unapplied, entry_about
from smsgate.ledger.handles import of_campaign
from smsgate.ledger.holding import Holding
from smsgate.ledger.indexing import index_some, is_indexed
from smsgate.ledger.privacy import Privacy
from smsgate.ledger.reading import (
    Pages,
    Places,
    entries_page,
    entries_with_key,
    replies_page,
    unsettled_before,
    with_number,
)
from smsgate.ledger.reopening import ReopensKeys
from smsgate.ledger.retention import erase_number, export_number, purge_some
from smsgate.ledger.rows import Place
from smsgate.ledger.schema import Tables, check_prefix, create_tables
from smsgate.ledger.sends import Leaving, Left
from smsgate.ledger.settling import settle
from smsgate.ledger.threads import Threads
from smsgate.model.delivery import Delivery
from smsgate.model.errors import ConfigurationError
from smsgate.model.phone import PhoneNumber, resolve_number
from smsgate.model.report import Reply, StatusReport
from smsgate.model.result import Attempt, Result
from smsgate.model.secret import Secret
from smsgate.sending.ledger import SendRequest

__all__ = ["SqlLedger"]

T = TypeVar("T")


class SqlLedger(ReopensKeys, EndsKeys):
    """A `smsgate.Ledger` in SQLite, PostgreSQL, MySQL or MariaDB, that also keeps delivery reports and replies.

    *url_or_engine*: a URL or an `Engine` of SQLAlchemy, with a driver that is not async: `sqlite:///sms.db`,
    `postgresql://…` (psycopg), `mysql://…` (pymysql). *prefix*: of the names of its tables. *numbers*: how numbers are
    written, "full", "masked" or "hashed", the last with *secret* as key (see `smsgate.data.to_data`). Masked ones are
    not found by number. *params*: whether the parameters of messages are written; they may be codes. *timeout*: how
    many seconds a call waits for the database. *lease*: after how many seconds without a sign of life a process that
    sends messages with keys counts as dead. *fsync*: whether SQLite commits to the disk itself, so that a commit
    survives a loss of power too, at the price of a few milliseconds. *clock*: Unix seconds.

    It works on asyncio and trio, with any number of event loops. Its database is used in threads of its own. After a
    fork the child has connections of its own, but SQLite must not have been used before. Make the tables with `create`,
    or from `metadata` with a tool for migrations.

    Its methods raise `LedgerError` if the database does not do what it should. The constructor raises
    `ConfigurationError`, and connects to nothing.
    """

    def __init__(
        self,
        url_or_engine: str | URL | Engine,
        *,
        prefix: str = "smsgate_",
        numbers: Numbers = "full",
        params: bool = False,
        secret: str | Secret | None = None,
        timeout: float = 5.0,
        lease: float = 15.0,
        fsync: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        # Rebound before anything is checked, so that no traceback's locals hold the raw value.
        secret = None if secret is None else Secret.wrap(secret)
        privacy = Privacy.checked(numbers, params, secret)
        check_prefix(prefix)
        if not 0.1 <= lease < float("inf"):
            raise ConfigurationError("lease: must be 0.1 seconds or more, and finite")
        self.numbers: Numbers = numbers
        """How it writes numbers."""
        self.params: bool = params
        """Whether it writes the parameters of messages."""
        self._tables = Tables(prefix)
        self._make_tables = partial(create_tables, tables=self._tables)
        self._privacy = privacy
        self._database = Database(url_or_engine, timeout=timeout, fsync=fsync)
        self._holding = Holding(self._tables, lease)
        self._unapplied = Unapplied(self._tables, privacy)
        pulses = (self._holding.pulse, self._unapplied.pulse)
        self._threads = Threads(self._database, timeout, pulses=pulses, every=self._holding.every)
        self._clock = clock

    @property
    def metadata(self) -> MetaData:
        """The tables, for a tool for migrations (Alembic's `target_metadata`)."""
        return self._tables.metadata

    async def leaving(self, request: SendRequest) -> None:
        """Commit that *request* is about to leave. See `smsgate.Ledger`."""
        leaving = Leaving(self._tables, self._privacy, request, self._holding.held_of(request.messages))
        await self._threads.write(leaving, undo=leaving.undo)

    async def left(self, request: SendRequest, attempts: Sequence[Attempt]) -> None:
        """Commit what *request* led to. See `smsgate.Ledger`."""
        try:
            await self._threads.write(Left(self._tables, self._privacy, request, attempts))
        except BaseException:
            self._holding.doubt(request.messages)
            raise

    async def apply(self, event: StatusReport | Reply) -> LedgerEntry | None:
        """Commit a report or a reply, and return what is known of the message that it is about.

        None for a reply, and for a report that is about no message that the ledger knows: it is kept, and counts for
        its message once that is known. A copy of an event that is there changes nothing.
        """
        [digest] = await self._store([event])
        if isinstance(event, Reply):
            return None
        return await self._look_up(lambda connection: entry_about(connection, self._tables, digest))

    async def handle(self, event: StatusReport | Reply, /) -> None:
        """Commit a report or a reply: a ledger is a `smsgate.provider.EventSink`."""
        await self._store([event])

    async def handle_all(self, events: Sequence[StatusReport | Reply], /) -> None:
        """Commit *events*, all or none of them. See `smsgate.provider.HandlesMany`."""
        await self._store(events)

    async def _store(self, events: Sequence[StatusReport | Reply]) -> list[bytes]:
        store = StoreEvents(self._tables, self._privacy, events, self._now(), self._unapplied)
        if events:
            await self._threads.write(store)
        return store.digests

    async def result(self, key: str) -> Result | None:
        """The result of the message with this key, by its tries and its reports. None if it is not in the ledger.

        `UNKNOWN` while a try of it has no recorded outcome: it is in progress somewhere, or its process has died.
        Without parameters, number of segments, country, sender and the vendor's time: they are not recorded.
        """
        entries = await self._look_up(lambda connection: entries_with_key(connection, self._tables, key))
        return result_of(entries) if entries else None

    async def progress(self, campaign: str) -> CampaignProgress:
        """What became of the messages of `send_many(…, campaign=…)` so far, in all processes.

        Of those without a request, only what `record_unsent` has recorded: the others are not begun, or the gateway
        refused them. By the responses to requests, not by reports; one that was sent once more (`reopen`) counts with
        that try, too.
        """
        count = CampaignCount(self._tables, of_campaign(campaign))
        while await self._threads.read(count.add_page):
            pass
        while await self._look_up(count.add_other_tries):
            pass
        return count.progress()

    async def delivery(self, key: str) -> Delivery | None:
        """The delivery of the message with this key. None if it is not in the ledger."""
        entries = await self._look_up(lambda connection: entries_with_key(connection, self._tables, key))
        return delivery_of(entries) if entries else None

    def unsettled(self, *, older_than: timedelta = timedelta()) -> AsyncIterator[LedgerEntry]:
        """Messages of which something is still expected, and whose request began at least *older_than* ago.

        They may have been sent (`UNKNOWN`), or were sent and have no final report. The oldest comes first. A request
        began when the clock of its process said so: it does not matter how far that is ahead, without *older_than*.
        """
        places = unsettled_before(self._tables, self._now() - older_than if older_than else None)

        async def fetch(after: Place | None) -> tuple[list[LedgerEntry], Place | None]:
            entries, following = await self._page(places, after)
            # Its report came before the response that has the vendor's id, so that nobody has noted it yet.
            over = [Place.parse(entry.id) for entry in entries if entry.delivery.final]
            if over:
                await self._threads.write(lambda connection: settle(connection, self._tables, over))
            return [entry for entry in entries if not entry.delivery.final], following

        return Pages(fetch)

    def history(self, number: str | PhoneNumber) -> AsyncIterator[LedgerEntry]:
        """What was sent to *number* (E.164), the oldest first.

        Raises `ConfigurationError` if numbers are masked.
        """
        places = with_number(self._tables, self._find(number, "history"))
        return Pages[LedgerEntry, Place](lambda after: self._page(places, after))

    def replies(self, number: str | PhoneNumber | None = None) -> AsyncIterator[Reply]:
        """The replies of *number* (E.164), or all of them, in the order in which they came.

        Raises `ConfigurationError` for a number if numbers are masked.
        """
        found = None if number is None else self._find(number, "replies")
        return Pages[Reply, int](
            lambda after: self._threads.read(lambda connection: replies_page(connection, self._tables, found, after))
        )

    async def purge(self, older_than: timedelta) -> int:
        """Remove requests, reports and replies older than that, open ones too; how many messages and events.

        In small transactions, so that sends go on.
        """
        before, removed, more = self._now() - older_than, 0, True
        remove = partial(
            purge_some, tables=self._tables, privacy=self._privacy, before=before, lease=self._holding.lease
        )
        while more:
            some, more = await self._threads.write(remove, limited=False)
            removed += some
        return removed

    async def erase(self, number: str | PhoneNumber) -> int:
        """Remove everything about *number* (E.164): how many messages, reports and replies.

        Of a message in a request with others its number, key, parameters and ids are removed; how it ended stays.
        Raises `ConfigurationError` if numbers are masked.
        """
        found = self._find(number, "erase")
        await self._index()
        return await self._threads.write(
            lambda connection: erase_number(connection, self._tables, self._privacy, found), limited=False, erases=True
        )

    async def export(self, number: str | PhoneNumber) -> dict[str, list[dict[str, Any]]]:
        """All that is stored about *number* (E.164), in JSON types: "messages", "reports" and "replies".

        Raises `ConfigurationError` if numbers are masked.
        """
        found = self._find(number, "export")
        return await self._look_up(lambda connection: export_number(connection, self._tables, found))

    async def _page(self, places: Places, after: Place | None) -> tuple[list[LedgerEntry], Place | None]:
        return await self._look_up(lambda connection: entries_page(connection, self._tables, places, after))

    async def _look_up(self, work: Callable[[Connection], T]) -> T:
        """Read with *work* what is found by handles."""
        if not await self._threads.read(lambda connection: is_indexed(connection, self._tables)):
            await self._index()
        return await self._threads.read(work)

    async def _index(self) -> None:
        """Write what handles are missing: in several transactions, between which others send."""
        while await self._threads.write(lambda connection: index_some(connection, self._tables, self._privacy)):
            pass

    def _find(self, number: str | PhoneNumber, method: str) -> bytes:
        return self._privacy.find_number(resolve_number(number), method)
