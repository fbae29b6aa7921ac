"""The record of a request: written before it leaves, and its outcome after it."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Self

import attrs
from sqlalchemy import Connection, delete

from smsgate.ledger.packing import pack
from smsgate.ledger.privacy import Privacy
from smsgate.ledger.rows import Place, delete_in, insert_rows, request_id, update_rows
from smsgate.ledger.schema import Tables
from smsgate.ledger.stored import Handle, StoredRequest, places_over, vendor_handles
from smsgate.ledger.threads import GroupedWork
from smsgate.model.message import Attempt
from smsgate.sending.ledger import SendRequest

__all__ = ["Leaving", "Left", "remove_handles", "settle"]


@attrs.define
class Leaving(GroupedWork):
    """Writes that a request is about to leave. It may be called again: its transaction may have failed, or not."""

    tables: Tables
    privacy: Privacy
    request: SendRequest
    called: bool = False

    @classmethod
    def run_all(cls, connection: Connection, works: Sequence[Self]) -> None:
        """Write all of *works*."""
        tables = works[0].tables
        stored = [work.prepare(connection) for work in works]
        insert_rows(connection, tables.requests, [each.row() for each in stored])
        places = [(each.id, position) for each in stored for position in range(len(each.messages))]
        insert_rows(connection, tables.unsettled, places)
        insert_rows(connection, tables.handles, [handle for each in stored for handle in works[0].handles(each)])

    def prepare(self, connection: Connection) -> StoredRequest:
        """What is to be written, once nothing of it is there."""
        if self.called:
            self.undo(connection)
        self.called = True
        return self._stored()

    def undo(self, connection: Connection) -> None:
        """Remove what was written."""
        stored, tables = self._stored(), self.tables
        connection.execute(delete(tables.requests).where(tables.requests.c.id == stored.id))
        connection.execute(delete(tables.unsettled).where(tables.unsettled.c.request == stored.id))
        remove_handles(connection, tables, self.handles(stored))

    def handles(self, stored: StoredRequest) -> list[Handle]:
        """By what its messages are found before there is a response."""
        return stored.sent_handles(with_numbers=self.privacy.finds_numbers)

    def _stored(self) -> StoredRequest:
        request = self.request
        shared = request.references.count(request.reference) == len(request.references)
        return StoredRequest(
            request_id(request.id, request.started_at),
            request.provider,
            request.reference,
            None if shared else list(request.references),
            request.started_at,
            pack(request.messages, self.privacy),
            None,
        )


@attrs.define
class Left(GroupedWork):
    """Writes what a request led to. It may be called again."""

    rank: ClassVar[int] = 1

    tables: Tables
    privacy: Privacy
    request: SendRequest
    attempts: Sequence[Attempt]
    called: bool = False

    @classmethod
    def run_all(cls, connection: Connection, works: Sequence[Self]) -> None:
        """Write all of *works*."""
        tables = works[0].tables
        outcomes: list[tuple[str, bytes]] = []
        handles: list[Handle] = []
        over: list[Place] = []
        for work in works:
            own = request_id(work.request.id, work.request.started_at)
            attempts = pack(work.attempts, work.privacy)
            outcomes.append((attempts.dump(), own))
            found = vendor_handles(own, work.request.provider, attempts)
            if work.called:
                remove_handles(connection, tables, found)
            work.called = True
            handles += found
            over += places_over(own, attempts)
        update_rows(connection, tables.requests, "attempts", outcomes)
        insert_rows(connection, tables.handles, handles)
        settle(connection, tables, over)


def settle(connection: Connection, tables: Tables, places: Iterable[Place]) -> None:
    """Note that nothing more is expected of the messages at *places*."""
    by_request: dict[bytes, list[int]] = {}
    for place in places:
        by_request.setdefault(place.request, []).append(place.position)
    for request, positions in by_request.items():
        query = delete(tables.unsettled).where(tables.unsettled.c.request == request)
        delete_in(connection, query, tables.unsettled.c.position, positions)


def remove_handles(connection: Connection, tables: Tables, handles: Iterable[Handle]) -> None:
    """Remove rows of `handles`."""
    by_request: dict[bytes, list[bytes]] = {}
    for handle, request, _ in handles:
        by_request.setdefault(request, []).append(handle)
    for request, each in by_request.items():
        query = delete(tables.handles).where(tables.handles.c.request == request)
        delete_in(connection, query, tables.handles.c.handle, each)
