"""Reports and replies, as they come in: each is written once, and what they settle is noted later.

Events are rows of their own that are never changed, so that two processes that write at once lose nothing. Whoever
pushes them is answered once they are committed. Which messages they are about is found afterwards, for many at a time:
that takes longer, and after a large campaign there may be many messages to index first. Until then `unsettled` finds
out for itself, also where a process has died in between.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar, Final, Self

import attrs
from sqlalchemy import Connection

from smsgate.ledger.entries import LedgerEntry
from smsgate.ledger.handles import of_event, of_message_id, of_number, of_reference
from smsgate.ledger.indexing import index_some
from smsgate.ledger.jobs import GroupedWork
from smsgate.ledger.matching import entries_at, places_of
from smsgate.ledger.packing import dump
from smsgate.ledger.privacy import Privacy
from smsgate.ledger.rows import Place, insert_missing, to_micros
from smsgate.ledger.schema import Tables
from smsgate.ledger.settling import settle
from smsgate.ledger.stored import Loaded
from smsgate.model.report import Reply, StatusReport

__all__ = ["StoreEvents", "Unapplied", "entry_about"]

Event = StatusReport | Reply

_COLUMNS: Final = ("digest", "kind", "message_id", "reference", "number", "received_at", "data")
_AT_A_TIME: Final = 50
_INDEXED_AT_A_TIME: Final = 500
"""How many are applied, and how many messages indexed, in one transaction: whoever pushes meanwhile waits for it."""
_MOST_WAITING: Final = 1000
"""How many reports may wait to be applied while there is something else to do."""


class Unapplied:
    """The reports that this process has stored, and of which it has not looked yet what they settle."""

    def __init__(self, tables: Tables, privacy: Privacy) -> None:
        self._tables = tables
        self._privacy = privacy
        self._digests: dict[bytes, None] = {}

    def add(self, digests: Iterable[bytes]) -> None:
        """Add the reports with *digests*. Called by the thread that writes, as are all of these."""
        self._digests.update(dict.fromkeys(digests))

    def pulse(self, busy: bool) -> "Apply | None":
        """What is to be done about some of them; None if there are none, or others are *busy*."""
        if not self._digests or (busy and len(self._digests) < _MOST_WAITING):
            return None
        count = max(_AT_A_TIME, len(self._digests) - _MOST_WAITING)  # in a flood, pushes wait for what is too much
        return Apply(self, self._tables, self._privacy, list(islice(self._digests, count)))

    def applied(self, digests: Iterable[bytes]) -> bool:
        """Note that *digests* are done. Whether there are more."""
        for digest in digests:
            self._digests.pop(digest, None)
        return bool(self._digests)


@attrs.define
class Apply:
    """Notes what reports settle."""

    unapplied: Unapplied
    tables: Tables
    privacy: Privacy
    digests: Sequence[bytes]
    _done: bool = attrs.field(init=False, default=False)

    def __call__(self, connection: Connection) -> None:
        """Do it. Not if messages are still to be indexed, by which theirs are found: then some of these are."""
        self._done = not index_some(connection, self.tables, self.privacy, messages=_INDEXED_AT_A_TIME)
        if self._done:
            entries = _entries_about(connection, self.tables, self.digests)
            settle(connection, self.tables, [Place.parse(entry.id) for entry in entries if entry.delivery.final])

    def committed(self) -> bool:
        """Note that it is done. Whether there is more to do."""
        return self.unapplied.applied(self.digests if self._done else ())


def entry_about(connection: Connection, tables: Tables, digest: bytes) -> LedgerEntry | None:
    """What is known of the message that the report with *digest* is about, if it is about one."""
    return next(iter(_entries_about(connection, tables, [digest])), None)


def _entries_about(connection: Connection, tables: Tables, digests: Iterable[bytes]) -> list[LedgerEntry]:
    loaded = Loaded(connection, tables)
    about = places_of(loaded, loaded.reports(tables.events.c.digest, digests))
    return entries_at(loaded, list({min(places) for places in about.values() if len(places) == 1}))


@attrs.define
class StoreEvents(GroupedWork):
    """Writes events that are not there. It may be called again."""

    rank: ClassVar[int] = 3

    tables: Tables
    privacy: Privacy
    events: Sequence[Event]
    received_at: datetime
    unapplied: Unapplied
    rows: list[tuple[Any, ...]] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.rows = [self._row(event) for event in self.events]

    @property
    def digests(self) -> list[bytes]:
        """By which they are found, in their order."""
        return [row[0] for row in self.rows]

    @classmethod
    def run_all(cls, connection: Connection, works: Sequence[Self]) -> None:
        """Write those of all *works*."""
        table = works[0].tables.events
        reports = [row for work in works for row in work.rows if row[1] == "report"]
        replies = [row for work in works for row in work.rows if row[1] == "reply"]
        # Two processes may write the same ones at once: in one order, so that neither waits for the other. Replies are
        # asked for in the order in which they came: if two do wait for each other, one of them is run again.
        insert_missing(connection, table, sorted(reports), _COLUMNS)
        insert_missing(connection, table, replies, _COLUMNS)
        works[0].unapplied.add(row[0] for row in reports)

    def _row(self, event: Event) -> tuple[Any, ...]:
        written = dump(self.privacy.write(event))
        kind, message_id, reference, number = (
            "reply",
            None,
            None,
            event.sender if isinstance(event, Reply) else event.to,
        )
        if isinstance(event, StatusReport):
            kind = "report"
            message_id = of_message_id(event.provider, event.message_id) if event.message_id else None
            reference = of_reference(event.reference) if event.reference else None
        found = of_number(self.privacy.write_numbers([number])[0]) if number and self.privacy.finds_numbers else None
        return of_event(written), kind, message_id, reference, found, to_micros(self.received_at), written
