"""Reports and replies, as they come in."""

from datetime import datetime

import attrs
from sqlalchemy import Connection, insert, select

from smsgate.ledger.entries import LedgerEntry
from smsgate.ledger.handles import of_event, of_message_id, of_number, of_reference
from smsgate.ledger.indexing import index_some
from smsgate.ledger.matching import load_entries, places_of
from smsgate.ledger.packing import dump
from smsgate.ledger.privacy import Privacy
from smsgate.ledger.rows import to_micros
from smsgate.ledger.schema import Tables
from smsgate.ledger.settling import settle
from smsgate.ledger.stored import StoredReport
from smsgate.model.report import Reply, StatusReport

__all__ = ["Apply"]


@attrs.define
class Apply:
    """Writes an event, once, and returns what is known of the message that it is about.

    Events are rows of their own that are never changed, so that two processes that write at once lose nothing.
    """

    tables: Tables
    privacy: Privacy
    event: StatusReport | Reply
    received_at: datetime
    _written: str = attrs.field(init=False)
    _digest: bytes = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._written = dump(self.privacy.write(self.event))
        self._digest = of_event(self._written)

    def __call__(self, connection: Connection) -> tuple[bool, LedgerEntry | None]:
        """Write it, and say so. Not if messages are still to be indexed, by which the one is found: call it again."""
        report = isinstance(self.event, StatusReport)
        if report and index_some(connection, self.tables, self.privacy):
            return False, None
        self._write(connection)
        return True, self._entry(connection) if report else None

    def _write(self, connection: Connection) -> None:
        events, own = self.tables.events, self._digest
        if connection.scalar(select(events.c.id).where(events.c.digest == own)) is None:
            row = {"digest": own, "received_at": to_micros(self.received_at), "data": self._written, **self._found_by()}
            connection.execute(insert(events), row)

    def _found_by(self) -> dict[str, object]:
        event = self.event
        number = event.sender if isinstance(event, Reply) else event.to
        found: dict[str, object] = {"kind": "reply", "message_id": None, "reference": None, "number": None}
        if number is not None and self.privacy.finds_numbers:
            found["number"] = of_number(self.privacy.write_numbers([number])[0])
        if isinstance(event, StatusReport):
            found["kind"] = "report"
            found["message_id"] = of_message_id(event.provider, event.message_id) if event.message_id else None
            found["reference"] = of_reference(event.reference) if event.reference else None
        return found

    def _entry(self, connection: Connection) -> LedgerEntry | None:
        events, unsettled = self.tables.events, self.tables.unsettled
        stored = StoredReport.of(connection.execute(select(events).where(events.c.digest == self._digest)).one())
        places = places_of(connection, self.tables, [stored])[stored.id]
        if len(places) != 1:
            return None
        [place] = places
        # Whoever else has a report about it waits here, and then sees this one.
        connection.execute(select(unsettled).where(unsettled.c.request == place.request).with_for_update())
        [entry] = load_entries(connection, self.tables, [place])
        if entry.delivery.final:
            settle(connection, self.tables, [place])
        return entry
