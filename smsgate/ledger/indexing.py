"""The handles by which messages are found. They are written before they are first needed, and not while one sends.

Each is a row at a random place of an index: while sending, three of them a message would cost more than the rest.
Written later, for many requests at once and in their order, they cost a fraction; most are never needed before that.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, delete, select

from smsgate.ledger.handles import ALL_OF_REQUEST, of_key, of_message_id, of_number, of_reference
from smsgate.ledger.privacy import Privacy
from smsgate.ledger.rows import delete_in, insert_rows
from smsgate.ledger.schema import Tables
from smsgate.ledger.stored import StoredRequest, load_requests

__all__ = ["Handle", "handles_of", "index_some", "is_indexed", "outcome_handles", "remove_handles"]

Handle = tuple[bytes, bytes, int]
"""One row of `handles`."""
_MESSAGES: Final = 5000
"""How many are indexed in one transaction: sends wait for it."""
_REQUESTS: Final = 1000


def is_indexed(connection: Connection, tables: Tables) -> bool:
    """Whether all handles are there."""
    return connection.execute(select(tables.unindexed.c.request).limit(1)).first() is None


def index_some(connection: Connection, tables: Tables, privacy: Privacy, *, messages: int = _MESSAGES) -> bool:
    """Write the handles of the oldest requests that have none. Whether there may be more of them.

    *messages*: how many, about.
    """
    columns = tables.unindexed.c
    query = select(tables.unindexed).order_by(columns.request, columns.outcome).limit(_REQUESTS).with_for_update()
    found = connection.execute(query).all()
    if not found:
        return False
    rows = _first(found, messages)
    stored = load_requests(connection, tables, [row.request for row in rows])
    handles: list[Handle] = []
    for row in rows:
        request = stored.get(row.request)
        if request is not None:
            handles += outcome_handles(request) if row.outcome else _of_messages(request, privacy)
    insert_rows(connection, tables.handles, handles)
    for outcome in (0, 1):
        done = delete(tables.unindexed).where(columns.outcome == outcome)
        delete_in(connection, done, columns.request, [row.request for row in rows if row.outcome == outcome])
    return len(rows) < len(found) or len(found) == _REQUESTS


def _first(rows: Sequence[Any], most: int) -> Sequence[Any]:
    """Those of *rows* that have *most* messages together, and one at least."""
    messages = 0
    for index, row in enumerate(rows):
        messages += row.messages
        if messages >= most:
            return rows[: index + 1]
    return rows


def handles_of(request: StoredRequest, privacy: Privacy) -> list[Handle]:
    """All handles of its messages."""
    return [*_of_messages(request, privacy), *outcome_handles(request)]


def _of_messages(request: StoredRequest, privacy: Privacy) -> list[Handle]:
    own, messages = request.id, request.messages
    handles: list[Handle] = []
    if request.reference:  # none was sent with what ended without a request
        handles += [(of_reference(request.reference), own, 0 if len(messages) == 1 else ALL_OF_REQUEST)]
    handles += [(of_key(key), own, index) for index, key in enumerate(messages.column("key")) if key is not None]
    if privacy.finds_numbers:
        handles += [(of_number(number), own, index) for index, number in enumerate(messages.column("to")) if number]
    if request.own_references is not None:
        handles += [(of_reference(each), own, index) for index, each in enumerate(request.own_references)]
    return list(dict.fromkeys(handles))


def outcome_handles(request: StoredRequest) -> list[Handle]:
    """Those that the response gave to its messages."""
    if request.attempts is None:
        return []
    ids = enumerate(request.attempts.column("message_id"))
    return [(of_message_id(request.provider, each), request.id, index) for index, each in ids if each]


def remove_handles(connection: Connection, tables: Tables, handles: Iterable[Handle]) -> None:
    """Remove rows of `handles`."""
    by_request: dict[bytes, list[bytes]] = {}
    for handle, request, _ in handles:
        by_request.setdefault(request, []).append(handle)
    for request, each in by_request.items():
        query = delete(tables.handles).where(tables.handles.c.request == request)
        delete_in(connection, query, tables.handles.c.handle, each)
