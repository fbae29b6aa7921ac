"""The record of a request: written before it leaves, and its outcome after it."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

import attrs
from sqlalchemy import Connection, delete

from smsgate.ledger.handles import of_campaign
from smsgate.ledger.holding import check_held
from smsgate.ledger.indexing import handles_of, outcome_handles, remove_handles
from smsgate.ledger.jobs import GroupedWork
from smsgate.ledger.packing import Packed, pack
from smsgate.ledger.privacy import Privacy
from smsgate.ledger.rows import delete_in, insert_rows, lock_rows, request_id, update_rows
from smsgate.ledger.schema import Tables
from smsgate.ledger.settling import all_open, settle
from smsgate.ledger.stored import ERASED, NOT_ERASED, StoredRequest, load_requests, places_over
from smsgate.model.result import Attempt
from smsgate.sending.ledger import SendRequest

__all__ = ["Leaving", "Left"]


@attrs.define
class Leaving(GroupedWork):
    """Writes that a request is about to leave. It may be called again: its transaction may have failed, or not."""

    tables: Tables
    privacy: Privacy
    request: SendRequest
    held: Mapping[bytes, bytes]
    """The keys that were claimed for it, by handle."""
    called: bool = False

    @classmethod
    def run_all(cls, connection: Connection, works: Sequence[Self]) -> None:
        """Write all of *works*."""
        tables = works[0].tables
        check_held(connection, tables, {handle: claim for work in works for handle, claim in work.held.items()})
        stored = [work.prepare(connection) for work in works]
        insert_rows(connection, tables.requests, [each.row() for each in stored])
        insert_rows(connection, tables.unsettled, [(each.id, all_open(len(each.messages))) for each in stored])
        insert_rows(connection, tables.unindexed, [(each.id, 0, len(each.messages)) for each in stored])

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
        for table in (tables.unsettled, tables.unindexed):
            connection.execute(delete(table).where(table.c.request == stored.id))
        remove_handles(connection, tables, handles_of(stored, self.privacy))

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
            None if request.campaign is None else of_campaign(request.campaign),
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
        tables, requests = works[0].tables, works[0].tables.requests
        outcomes = [(work.prepare(connection), pack(work.attempts, work.privacy)) for work in works]
        rows = [(attempts.dump(), own) for own, attempts in outcomes]
        if update_rows(connection, requests, "attempts", rows, NOT_ERASED) != len(rows):
            outcomes = _without_erased(connection, tables, outcomes)
            update_rows(connection, requests, "attempts", [(attempts.dump(), own) for own, attempts in outcomes])
        insert_rows(connection, tables.unindexed, [(own, 1, len(attempts)) for own, attempts in outcomes])
        settle(connection, tables, [place for own, attempts in outcomes for place in places_over(own, attempts)])

    def prepare(self, connection: Connection) -> bytes:
        """The id of the row of its request, once nothing of the outcome is there."""
        own = request_id(self.request.id, self.request.started_at)
        if self.called:
            unindexed = self.tables.unindexed
            query = delete(unindexed).where(unindexed.c.outcome == 1)
            delete_in(connection, query, unindexed.c.request, [own])
            for stored in load_requests(connection, self.tables, [own]).values():
                remove_handles(connection, self.tables, outcome_handles(stored))
        self.called = True
        return own


def _without_erased(
    connection: Connection, tables: Tables, outcomes: Sequence[tuple[bytes, Packed]]
) -> list[tuple[bytes, Packed]]:
    """*outcomes* by request, without what is about messages that were erased, or removed, while they were sent."""
    ids = [own for own, _ in outcomes]
    lock_rows(connection, tables.requests, ids)
    messages = {own: request.messages for own, request in load_requests(connection, tables, ids).items()}
    kept: list[tuple[bytes, Packed]] = []
    for own, attempts in outcomes:
        if own not in messages:
            continue
        left = attempts
        for position, to in enumerate(messages[own].column("to")):
            if to == ERASED["to"]:
                left = left.without(position, ERASED)
        kept.append((own, left))
    return kept
