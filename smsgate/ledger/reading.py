"""Questions to the ledger, and the pages in which long answers come."""

import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Connection, select

from smsgate.data import from_data
from smsgate.ledger.entries import LedgerEntry
from smsgate.ledger.handles import of_key
from smsgate.ledger.matching import load_entries
from smsgate.ledger.rows import Place, since
from smsgate.ledger.schema import Tables
from smsgate.ledger.settling import open_positions
from smsgate.model.report import Reply

__all__ = ["Pages", "Places", "entries_page", "entries_with_key", "replies_page", "unsettled_before", "with_number"]

T = TypeVar("T")
C = TypeVar("C")

Places = Callable[[Connection, Place | None], list[Place]]
"""Gives the places of the next messages after one of them, in the order of time; none at the end."""
_PAGE: Final = 200


class Pages(AsyncIterator[T], Generic[T, C]):
    """The items of pages that are fetched when they are needed: no connection is held between two items."""

    def __init__(self, fetch: Callable[[C | None], Awaitable[tuple[Sequence[T], C | None]]]) -> None:
        self._fetch = fetch
        self._items: deque[T] = deque()
        self._next: C | None = None
        self._ended = False

    async def __anext__(self) -> T:
        while not self._items:
            if self._ended:
                raise StopAsyncIteration
            items, self._next = await self._fetch(self._next)
            self._items.extend(items)
            self._ended = self._next is None
        return self._items.popleft()


def entries_with_key(connection: Connection, tables: Tables, key: str) -> list[LedgerEntry]:
    """The tries of the message with *key*, the first one first."""
    columns = tables.handles.c
    rows = connection.execute(select(columns.request, columns.position).where(columns.handle == of_key(key)))
    return load_entries(
        connection, tables, sorted(Place(row.request, row.position) for row in rows), of_one_message=True
    )


def unsettled_before(tables: Tables, time: datetime | None) -> Places:
    """Messages of requests before *time*, or of all, of which something is still expected."""
    unsettled = tables.unsettled

    def find(connection: Connection, after: Place | None) -> list[Place]:
        query = select(unsettled).order_by(unsettled.c.request).limit(_PAGE)
        if time is not None:
            query = query.where(unsettled.c.request < since(time))
        if after is not None:
            query = query.where(unsettled.c.request > after.request)
        places: list[Place] = []
        for row in connection.execute(query).all():
            places += [Place(row.request, position) for position in open_positions(row.open)]
            if len(places) >= _PAGE:
                break
        return places

    return find


def with_number(tables: Tables, number: bytes) -> Places:
    """Messages to the number with this handle."""
    request, position = tables.handles.c.request, tables.handles.c.position

    def find(connection: Connection, after: Place | None) -> list[Place]:
        query = select(request, position).where(tables.handles.c.handle == number)
        if after is not None:
            query = query.where((request > after.request) | ((request == after.request) & (position > after.position)))
        rows = connection.execute(query.order_by(request, position).limit(_PAGE))
        return [Place(row.request, row.position) for row in rows]

    return find


def entries_page(
    connection: Connection, tables: Tables, places: Places, after: Place | None
) -> tuple[list[LedgerEntry], Place | None]:
    """The entries at *places*, *after* one of them, and the place to go on after; None at the end."""
    found = places(connection, after)
    return load_entries(connection, tables, found), found[-1] if found else None


def replies_page(
    connection: Connection, tables: Tables, number: bytes | None, after: int | None
) -> tuple[list[Reply], int | None]:
    """The replies *after* an id, in the order in which they came, and the id to go on after; None at the end."""
    columns = tables.events.c
    query = select(columns.id, columns.data).where(columns.kind == "reply", columns.id > (after or 0))
    if number is not None:
        query = query.where(columns.number == number)
    rows: Sequence[Any] = connection.execute(query.order_by(columns.id).limit(_PAGE)).all()
    replies = [from_data(json.loads(row.data), Reply) for row in rows]
    return replies, rows[-1].id if len(rows) == _PAGE else None
