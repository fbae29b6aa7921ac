"""Requests and reports as they stand in the tables."""

import json
from collections.abc import Container, Iterable
from datetime import datetime
from typing import Any, Final

import attrs
from sqlalchemy import ColumnElement, Connection, Row, select

from smsgate.data import from_data
from smsgate.ledger.packing import Packed, dump
from smsgate.ledger.rows import Place, fetch_in, from_micros, to_micros
from smsgate.ledger.schema import Tables
from smsgate.model.message import Message
from smsgate.model.reason import Outcome
from smsgate.model.report import StatusReport
from smsgate.model.result import Attempt

__all__ = ["ERASED", "NOT_ERASED", "Loaded", "StoredReport", "StoredRequest", "load_requests", "places_over"]

ERASED: Final[dict[str, Any]] = {
    "to": "erased",
    "key": None,
    "params": {},
    "extend": None,
    "message_id": None,
    "reference": None,
}
"""In place of what tells whose message it was."""
NOT_ERASED: Final = f"""messages NOT LIKE '%%"to":"{ERASED["to"]}"%%'"""
"""SQL: the row of a request has no message in whose place that stands. Drivers that take `%s` read `%%` as `%`."""
_OVER: Final = (Outcome.REJECTED, Outcome.NOT_SENT)


@attrs.frozen
class StoredRequest:
    """One row of `requests`."""

    id: bytes
    provider: str
    reference: str
    own_references: list[str] | None
    started_at: datetime
    messages: Packed
    attempts: Packed | None
    campaign: bytes | None = None

    @classmethod
    def of(cls, row: Row[Any]) -> "StoredRequest":
        """The request that *row* is of."""
        return cls(
            row.id,
            row.provider,
            row.reference,
            json.loads(row.own_references) if row.own_references else None,
            from_micros(row.started_at),
            Packed.load(row.messages),
            Packed.load(row.attempts) if row.attempts else None,
            row.campaign,
        )

    def row(self) -> tuple[object, ...]:
        """The row that it is read from."""
        return (
            self.id,
            self.provider,
            self.reference,
            None if self.own_references is None else dump(self.own_references),
            to_micros(self.started_at),
            self.messages.dump(),
            None if self.attempts is None else self.attempts.dump(),
            self.campaign,
        )

    def message(self, position: int) -> Message:
        """The message at *position*."""
        return self.messages.value(position, Message)

    def attempt(self, position: int) -> Attempt | None:
        """The outcome of the message at *position*, if it was recorded."""
        return None if self.attempts is None else self.attempts.value(position, Attempt)

    def taken(self) -> Container[int]:
        """The positions of the messages that the vendor accepted, by what is recorded."""
        if self.attempts is None:
            return ()
        return {index for index, each in enumerate(self.attempts.column("outcome")) if each == Outcome.ACCEPTED}

    def reference_of(self, position: int) -> str:
        """The tag that the reports of the message at *position* carry."""
        return self.reference if self.own_references is None else self.own_references[position]


def places_over(request: bytes, attempts: Packed) -> list[Place]:
    """Where messages of *request* stand that were refused or not sent."""
    return [Place(request, index) for index, each in enumerate(attempts.column("outcome")) if each in _OVER]


@attrs.frozen
class StoredReport:
    """One row of `events` that is a report."""

    id: int
    message_id: bytes | None
    """The handle of the vendor's id in it."""
    reference: bytes | None
    """The handle of the tag that it echoes."""
    received_at: datetime
    report: StatusReport

    @classmethod
    def of(cls, row: Row[Any]) -> "StoredReport":
        """The report that *row* is of."""
        report = from_data(json.loads(row.data), StatusReport)
        return cls(row.id, row.message_id, row.reference, from_micros(row.received_at), report)


def load_requests(connection: Connection, tables: Tables, ids: Iterable[bytes]) -> dict[bytes, StoredRequest]:
    """The requests with *ids*, by id."""
    rows = fetch_in(connection, select(tables.requests), tables.requests.c.id, ids)
    return {row.id: StoredRequest.of(row) for row in rows}


class Loaded:
    """Requests and reports of one transaction, each read once: it asks for the same ones several times."""

    def __init__(self, connection: Connection, tables: Tables) -> None:
        self.connection: Connection = connection
        self.tables: Tables = tables
        self._requests: dict[bytes, StoredRequest] = {}
        self._reports: dict[int, StoredReport] = {}
        self._found: dict[tuple[str, Any], list[StoredReport]] = {}
        """By column and value."""

    def requests(self, ids: Iterable[bytes]) -> dict[bytes, StoredRequest]:
        """The requests with *ids*, by id."""
        asked = set(ids)
        if missing := asked - self._requests.keys():
            self._requests.update(load_requests(self.connection, self.tables, missing))
        return {id: self._requests[id] for id in asked if id in self._requests}

    def reports(self, column: ColumnElement[Any], values: Iterable[Any]) -> list[StoredReport]:
        """The reports that have one of *values* in *column* of `events`."""
        events, name, asked = self.tables.events, str(column.key), list(dict.fromkeys(values))
        missing = [value for value in asked if (name, value) not in self._found]
        self._found.update({(name, value): [] for value in missing})
        # To make a query takes longer than all the rest: there is often none to make.
        query = select(events).where(events.c.kind == "report") if missing else None
        for row in () if query is None else fetch_in(self.connection, query, column, missing):
            if row.id not in self._reports:
                self._reports[row.id] = StoredReport.of(row)
            self._found[name, getattr(row, name)].append(self._reports[row.id])
        return [report for value in asked for report in self._found[name, value]]
