"""What is removed from the ledger: what is old, and what is about one number. And all that is about one number."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import attrs
from sqlalchemy import Connection, delete, select, update

from smsgate.data import to_data
from smsgate.ledger.entries import LedgerEntry
from smsgate.ledger.holding import forget_holders, forget_keys
from smsgate.ledger.indexing import handles_of, index_some, remove_handles
from smsgate.ledger.privacy import Privacy
from smsgate.ledger.reading import entries_page, with_number
from smsgate.ledger.rows import Place, delete_in, since, to_micros
from smsgate.ledger.schema import Tables
from smsgate.ledger.settling import settle
from smsgate.ledger.stored import ERASED, StoredRequest, load_requests

__all__ = ["erase_number", "export_number", "purge_some"]

_AT_A_TIME: Final = 100


def purge_some(
    connection: Connection, tables: Tables, privacy: Privacy, before: datetime, lease: float
) -> tuple[int, bool]:
    """Remove some of what is older than *before*: how many messages and events, and whether there may be more."""
    if index_some(connection, tables, privacy):  # whether a key has a later try is to be found
        return 0, True
    requests, events = tables.requests, tables.events
    old = list(connection.scalars(select(requests.c.id).where(requests.c.id < since(before)).limit(_AT_A_TIME)))
    removed = _remove_requests(connection, tables, privacy, load_requests(connection, tables, old).values())
    forget_holders(connection, tables, to_micros(before) // 1000, lease)
    query = select(events.c.id).where(events.c.received_at < to_micros(before)).limit(_AT_A_TIME)
    stale = list(connection.scalars(query))
    removed += delete_in(connection, delete(events), events.c.id, stale)
    return removed, _AT_A_TIME in (len(old), len(stale))


def erase_number(connection: Connection, tables: Tables, privacy: Privacy, number: bytes) -> int:
    """Remove what is about the number with this handle: how many messages, reports and replies."""
    while index_some(connection, tables, privacy):
        pass
    messages, handles = 0, list[bytes]()
    while places := with_number(tables, number)(connection, None):  # those that were erased are found no more
        messages += len(places)
        handles += [handle for place in places for handle in _erase_message(connection, tables, privacy, place)]
    events = tables.events.c
    removed = connection.execute(delete(tables.events).where(events.number == number)).rowcount
    unnumbered = delete(tables.events).where(events.number.is_(None))
    for column in (events.message_id, events.reference):
        removed += delete_in(connection, unnumbered, column, handles)
    return messages + removed


def export_number(connection: Connection, tables: Tables, number: bytes) -> dict[str, list[dict[str, Any]]]:
    """What is stored about the number with this handle, as it is written."""
    found: dict[str, list[dict[str, Any]]] = {"messages": [], "reports": [], "replies": []}
    after: Place | None = None
    while True:
        page, after = entries_page(connection, tables, with_number(tables, number), after)
        found["messages"] += [_exported(entry) for entry in page]
        if after is None:
            break
    columns = tables.events.c
    for kind, data in connection.execute(
        select(columns.kind, columns.data).where(columns.number == number).order_by(columns.id)
    ):
        found["reports" if kind == "report" else "replies"].append(json.loads(data))
    return found


def _exported(entry: LedgerEntry) -> dict[str, Any]:
    exported = {"message": to_data(entry.message, params=True), "provider": entry.provider}
    return {**exported, "started_at": entry.started_at.isoformat(), "delivery": to_data(entry.delivery)}


def _remove_requests(
    connection: Connection, tables: Tables, privacy: Privacy, requests: Iterable[StoredRequest]
) -> int:
    listed = list(requests)
    ids = [request.id for request in listed]
    handles = [handle for each in listed for handle in handles_of(each, privacy)]
    remove_handles(connection, tables, handles)
    # Of what was not accepted, a process may have the key now, and be about to send it.
    forget_keys(connection, tables, [handle for handle, _, _ in handles])
    accepted = [handle for each in listed for handle in _accepted(each, privacy)]
    forget_keys(connection, tables, accepted, also_held=True)
    for table in (tables.unsettled, tables.unindexed):
        delete_in(connection, delete(table), table.c.request, ids)
    delete_in(connection, delete(tables.requests), tables.requests.c.id, ids)
    return sum(len(request.messages) for request in listed)


def _erase_message(connection: Connection, tables: Tables, privacy: Privacy, place: Place) -> list[bytes]:
    """Erase it, and return its handles. The row of its request stays for the messages of others, where they stand."""
    requests = tables.requests
    row = connection.execute(select(requests).where(requests.c.id == place.request).with_for_update()).one()
    request = StoredRequest.of(row)
    rows = [each for each in handles_of(request, privacy) if each[2] == place.position]
    handles = [handle for handle, _, _ in rows]
    remove_handles(connection, tables, rows)
    forget_keys(connection, tables, handles, also_held=True)
    if len(request.messages) == 1:
        _remove_requests(connection, tables, privacy, [request])
        return handles
    references = request.own_references
    if references is not None:
        references = [*references[: place.position], "", *references[place.position + 1 :]]
    attempts = None if request.attempts is None else request.attempts.without(place.position, ERASED)
    messages = request.messages.without(place.position, ERASED)
    erased = attrs.evolve(request, own_references=references, messages=messages, attempts=attempts)
    values = dict(zip(requests.c.keys(), erased.row(), strict=True))
    connection.execute(update(requests).where(requests.c.id == place.request).values(values))
    settle(connection, tables, [place])
    return handles


def _accepted(request: StoredRequest, privacy: Privacy) -> list[bytes]:
    """The handles of its messages that the vendor accepted: whoever had their keys has sent them."""
    taken = request.taken()
    return [handle for handle, _, position in handles_of(request, privacy) if position in taken]
