"""The ledger's own statements: whatever the database, they give and raise what SQLAlchemy gives and raises."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from smsgate.ledger.statements import fetch_all, run, run_many


@contextmanager
def closed_at_end(engine: Engine) -> Iterator[Connection]:
    """A transaction of *engine*, whose connections are closed after it."""
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def test_rows_that_were_written_are_counted_and_read(tmp_path: Path) -> None:
    """One row and several are written, counted and read alike."""
    with closed_at_end(create_engine(f"sqlite:///{tmp_path}/l.db")) as connection:
        run(connection, "CREATE TABLE t (a BLOB PRIMARY KEY, b INTEGER)")
        assert run_many(connection, "INSERT INTO t VALUES (?, ?)", [(b"1", 1)]) == 1
        assert run_many(connection, "INSERT OR IGNORE INTO t VALUES (?, ?)", [(b"1", 9), (b"2", 2), (b"3", 3)]) == 2
        assert run_many(connection, "UPDATE t SET b = ? WHERE a = ?", [(4, b"3"), (5, b"none")]) == 1
        found = fetch_all(connection, "SELECT * FROM t WHERE a IN (?, ?, ?) ORDER BY a", [b"1", b"3", b"2"])
    assert [tuple(row) for row in found] == [(b"1", 1), (b"2", 2), (b"3", 4)]


@pytest.mark.parametrize(
    ("statement", "expected", "name"),
    [
        ("INSERT INTO t VALUES (?)", IntegrityError, "SQLITE_CONSTRAINT_PRIMARYKEY"),
        ("INSERT INTO nothing VALUES (?)", OperationalError, "SQLITE_ERROR"),
    ],
)
@pytest.mark.parametrize("count", [1, 2])
def test_an_error_of_the_driver_is_raised_as_sqlalchemy_raises_it(
    tmp_path: Path, statement: str, expected: type[DBAPIError], name: str, count: int
) -> None:
    """Both raise the same type around the driver's own error, and neither shows the values that were written."""
    with closed_at_end(create_engine(f"sqlite:///{tmp_path}/l.db", hide_parameters=True)) as connection:
        run(connection, "CREATE TABLE t (a TEXT PRIMARY KEY)")
        run_many(connection, "INSERT INTO t VALUES (?)", [("canary-1",)])
        with pytest.raises(expected) as ours:
            run_many(connection, statement, [("canary-1",)] * count)
        with pytest.raises(expected) as theirs:
            connection.exec_driver_sql(statement, ("canary-1",))
    assert type(ours.value) is type(theirs.value)
    assert (getattr(ours.value.orig, "sqlite_errorname", None), ours.value.connection_invalidated) == (name, False)
    assert str(ours.value.orig) == str(theirs.value.orig)
    assert "canary" not in str(ours.value)
