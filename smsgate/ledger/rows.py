"""Rows of the tables: their ids and times, and many of them in one statement."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, Delete, Row, Select, Table

from smsgate.ledger.statements import fetch_all, run_many, run_with

__all__ = [
    "Place",
    "chunks",
    "delete_in",
    "fetch_in",
    "from_micros",
    "insert_missing",
    "insert_rows",
    "lock_rows",
    "request_id",
    "since",
    "to_micros",
    "update_rows",
]

T = TypeVar("T")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_IGNORING: Final = {
    "sqlite": ("OR IGNORE", ""),
    "postgresql": ("", "ON CONFLICT DO NOTHING"),
    "mysql": ("IGNORE", ""),
    "mariadb": ("IGNORE", ""),
}
_CHUNK: Final = 500
"""How many values one statement names: every database takes that many."""


class Place(NamedTuple):
    """Where a message stands: the id of its request's row, and its position in the request."""

    request: bytes
    position: int

    def __str__(self) -> str:
        return f"{self.request.hex()}-{self.position}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """The place that was written as *text*."""
        request, _, position = text.partition("-")
        return cls(bytes.fromhex(request), int(position))


def to_micros(time: datetime) -> int:
    """*time* (aware) in microseconds since 1970."""
    return (time - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The time of `to_micros` (aware, UTC)."""
    return _EPOCH + micros * _MICROSECOND


def since(time: datetime) -> bytes:
    """The least id of a request that began at *time* or later."""
    return max(0, to_micros(time) // 1000).to_bytes(6, "big") + bytes(10)


def request_id(id: str, started_at: datetime) -> bytes:
    """The id of the row of a request: its time, then what is random in its own *id*."""
    return since(started_at)[:6] + bytes.fromhex(id)[:10]


def insert_rows(connection: Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert *rows*, each with a value for every column."""
    # The driver's own SQL: SQLAlchemy takes longer for a row than SQLite. Sorted, neighbours are written together.
    if ordered := sorted(rows):
        values = ", ".join([_mark(connection)] * len(table.c))
        run_many(connection, f"INSERT INTO {table.name} VALUES ({values})", ordered)  # noqa: S608  # our names


def insert_missing(
    connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], columns: Sequence[str] = ()
) -> int:
    """Insert those of *rows* whose keys nobody has inserted: how many.

    *columns*: those that they have values for, if not for all. In the order of *rows*, which is that of their keys if
    others may insert the same ones at that time: so nobody waits in a circle.
    """
    before, after = _IGNORING[connection.dialect.name]
    named, inserted = f"({', '.join(columns)})" if columns else "", 0
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        # In one statement: beside a busy event loop, each return from the driver waits for its turn.
        values = ", ".join([f"({', '.join([_mark(connection)] * len(part[0]))})"] * len(part))
        query = f"INSERT {before} INTO {table.name} {named} VALUES {values} {after}"  # noqa: S608  # our names
        inserted += run_with(connection, query, [value for row in part for value in row])
    return inserted


def lock_rows(connection: Connection, table: Table, values: Iterable[Any]) -> list[Sequence[Any]]:
    """The rows whose primary keys are among *values*, which nobody else changes until the transaction ends.

    Each is the values of its columns in their order.
    """
    mark = _mark(connection)
    # SQLite has one transaction that writes at a time. Others lock in one order, so that nobody waits in a circle.
    end = "" if connection.dialect.name == "sqlite" else f" ORDER BY {table.c[0].name} FOR UPDATE"
    found: list[Sequence[Any]] = []
    for part in chunks(sorted(values)):
        marks = ", ".join([mark] * len(part))
        query = f"SELECT * FROM {table.name} WHERE {table.c[0].name} IN ({marks}){end}"  # noqa: S608  # our names
        found += fetch_all(connection, query, part)
    return found


def update_rows(
    connection: Connection, table: Table, column: str, rows: Iterable[tuple[Any, Any]], where: str = ""
) -> int:
    """Set *column* where the first column has a value, by *rows* of both: the new value, and that one. How many.

    *where*: SQL that the row must meet, too.
    """
    ordered = list(rows)
    if not ordered:
        return 0
    mark, key = _mark(connection), table.c[0].name
    end = f" AND {where}" if where else ""
    query = f"UPDATE {table.name} SET {column} = {mark} WHERE {key} = {mark}{end}"  # noqa: S608  # our names
    return run_many(connection, query, ordered)


def _mark(connection: Connection) -> str:
    return "?" if connection.dialect.name == "sqlite" else "%s"


def chunks(values: Iterable[T]) -> Iterator[Sequence[T]]:
    """*values*, once each, in lists that one statement may name."""
    listed = list(dict.fromkeys(values))
    for start in range(0, len(listed), _CHUNK):
        yield listed[start : start + _CHUNK]


def fetch_in(
    connection: Connection, query: Select[Any], column: ColumnElement[Any], values: Iterable[Any]
) -> list[Row[Any]]:
    """The rows of *query* whose *column* has one of *values*."""
    found: list[Row[Any]] = []
    for part in chunks(values):
        found += connection.execute(query.where(column.in_(part))).all()
    return found


def delete_in(connection: Connection, query: Delete, column: ColumnElement[Any], values: Iterable[Any]) -> int:
    """Delete the rows of *query* whose *column* has one of *values*: how many."""
    return sum(connection.execute(query.where(column.in_(part))).rowcount for part in chunks(values))
