"""Statements in a database's own SQL, on the way that every send takes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

__all__ = ["fetch_all", "run", "run_many", "run_with"]


def run(connection: Connection, statement: str) -> None:
    """Run *statement*, which gives nothing."""
    _execute(connection, statement, (), many=False)


def run_with(connection: Connection, statement: str, values: Sequence[Any]) -> int:
    """Run *statement* with *values*: how many rows it has changed."""
    return _execute(connection, statement, tuple(values), many=False)[0]


def run_many(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """Run *statement* with each of *rows*: how many it has changed."""
    # One by itself does not need the driver's series of statements.
    values, many = (rows, True) if len(rows) > 1 else (rows[0], False)
    return _execute(connection, statement, values, many=many)[0]


def fetch_all(connection: Connection, statement: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
    """The rows that *statement* gives with *values*."""
    return _execute(connection, statement, tuple(values), many=False)[1]


def _execute(
    connection: Connection, statement: str, values: Sequence[Any], *, many: bool
) -> tuple[int, Sequence[Sequence[Any]]]:
    """Run *statement* with *values*, or with each of them. Returns how many it has changed, and its rows."""
    if connection.dialect.name != "sqlite":  # beside a network, what SQLAlchemy adds is little
        result = connection.exec_driver_sql(statement, list(values) if many else tuple(values))
        return result.rowcount, result.all() if result.returns_rows else ()
    driver: Any = connection.dialect.dbapi
    cursor = connection.connection.cursor()
    try:
        (cursor.executemany if many else cursor.execute)(statement, values)
        return cursor.rowcount, cursor.fetchall()
    except driver.Error as error:
        raise _as_raised(connection, error, driver.Error, statement) from None
    finally:
        cursor.close()


def _as_raised(connection: Connection, error: Exception, of: type[Exception], statement: str) -> BaseException:
    """*error* of the driver, as SQLAlchemy raises it."""
    dialect = connection.dialect
    return DBAPIError.instance(statement, None, error, of, hide_parameters=True, dialect=dialect)
