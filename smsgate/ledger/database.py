"""A database as the ledger needs it: one connection that writes, in transactions that are committed when they end."""

import os
import re
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from smsgate.ledger.statements import run
from smsgate.model.errors import ConfigurationError, LedgerError
from smsgate.model.masking import describe_failure, safe_text

__all__ = ["Database", "as_ledger_error", "may_pass"]

_DRIVERS: Final = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
_NO_URL: Final = (
    "ledger: must be a URL as SQLAlchemy takes it, such as sqlite:///sms.db, with a password's @ as %40, or an Engine"
)
_SUPPORTED: Final = ("sqlite", "postgresql", "mysql", "mariadb")
_BUSY_MILLISECONDS: Final = 5
"""How long SQLite itself waits for another process that writes, before it is asked again."""
_QUOTED_VALUE: Final = re.compile(r"\b(entry|value:?) '.*'(?= for )")
"""Of MySQL: "Duplicate entry '…' for key …", "Incorrect string value: '…' for column …"."""
_MAKE_TABLES: Final = "make the tables with its method create(), or with your tool for migrations"
_ABANDONED: Final[list[object]] = []
_PASSING_SQLITE: Final = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CONSTRAINT")
_PASSING_STATES: Final = ("08", "23", "40", "55P03", "57P")
"""By the standard: connection lost, constraint violated, rolled back; PostgreSQL's for a lock and a shutdown."""
_PASSING_MYSQL: Final = frozenset({1062, 1205, 1213, 1684, 2006, 2013})
"""A copy was written meanwhile; no lock in time; deadlock; table being altered; connection lost."""


class Database:
    """The engine, and the rules of its dialect."""

    def __init__(self, url_or_engine: str | URL | Engine, *, timeout: float, fsync: bool) -> None:
        if not 0 < timeout < float("inf"):
            raise ConfigurationError("timeout: must be above 0 seconds, and finite")
        self._owned = not isinstance(url_or_engine, Engine)
        self.engine: Engine = (
            url_or_engine if isinstance(url_or_engine, Engine) else _make_engine(url_or_engine, timeout)
        )
        self._timeout = timeout
        self._fsync = fsync
        name = self.engine.dialect.name
        if name not in _SUPPORTED:
            raise ConfigurationError(f"ledger: takes {', '.join(_SUPPORTED)}, not {name}")
        self.is_sqlite: bool = name == "sqlite"
        self._file = self.engine.url.database or "" if self.is_sqlite else ""
        self._inode: tuple[int, int] | None = None
        if self.is_sqlite and (self._file in ("", ":memory:") or "mode=memory" in self._file):
            raise ConfigurationError("ledger: SQLite in memory forgets everything: give it a file, sqlite:///sms.db")

    def connect_writer(self) -> Connection:
        """A connection for `transaction`."""
        connection = self._connect()
        if self.is_sqlite:
            try:
                self._set_up(connection)
            except BaseException:
                connection.close()
                raise
            self._inode = self._identity()
        return connection

    def _set_up(self, connection: Connection) -> None:
        # In WAL mode without fsync a commit survives the death of the process, not that of the machine.
        synchronous = "FULL" if self._fsync else "NORMAL"
        for pragma in (
            f"busy_timeout={round(self._timeout * 1000)}",
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "secure_delete=ON",
            # Handles are digests, so that each is written to a page of its own.
            "cache_size=-32000",
            "wal_autocheckpoint=4000",
            f"busy_timeout={_BUSY_MILLISECONDS}",
        ):
            connection.exec_driver_sql(f"PRAGMA {pragma}").close()
        connection.commit()

    @contextmanager
    def transaction(self, connection: Connection) -> Generator[Connection]:
        """Committed when it ends, rolled back if it raises."""
        if self.is_sqlite and self._identity() != self._inode:
            # SQLite goes on to write into a file that nobody can open any more.
            raise LedgerError(f"ledger: the file {os.path.basename(self._file)} was removed or replaced")
        with connection.begin():
            if self.is_sqlite:
                self._begin(connection)
            yield connection

    def _begin(self, connection: Connection) -> None:
        """Wait for the lock of writers.

        SQLite asks for it less and less often, up to every tenth of a second, and would not get it for seconds while a
        busy process takes it again as soon as it has released it.
        """
        until = time.monotonic() + self._timeout
        while True:
            try:
                return run(connection, "BEGIN IMMEDIATE")
            except DBAPIError as error:
                if not may_pass(error) or time.monotonic() > until:
                    raise

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A connection that only reads."""
        with self._connect() as connection:
            yield connection

    def checkpoint(self, connection: Connection) -> None:
        """Let nothing of what was erased stand in SQLite's write-ahead log, unless someone is reading it."""
        if self.is_sqlite:
            try:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()
            except DBAPIError:
                pass  # the next checkpoint does it
            finally:
                connection.rollback()

    def abandon(self, writer: Connection | None) -> None:
        """Leave the connections alone, after a fork: they are the parent's, and not to be closed here either.

        Raises `LedgerError` for SQLite, whose locks are the parent's for this process's whole life (sqlite.org, How To
        Corrupt An SQLite Database File, section 2.6).
        """
        self._keep(writer)
        if self.is_sqlite:
            raise LedgerError(
                "ledger: this SqlLedger was used before this process was forked, which SQLite does not allow. Use it "
                "in the child alone: make it anywhere, and call its first method after the fork"
            )
        self.engine.dispose(close=False)

    def close(self) -> None:
        """Close the connections of an engine that is the ledger's own."""
        if self._owned:
            self.engine.dispose()

    def close_inherited(self, writer: Connection | None) -> None:
        """As `close`, in a process that was forked and has made no connections: see `abandon`."""
        self._keep(writer)
        if self._owned:
            self.engine.dispose(close=False)

    def _keep(self, writer: Connection | None) -> None:
        """Keep connections for as long as this process lives: they would be closed when they are collected."""
        _ABANDONED.append((writer, self.engine.pool))

    def _connect(self) -> Connection:
        # The driver's own transactions would begin as readers, and fail once another process has written.
        level = "AUTOCOMMIT" if self.is_sqlite else "READ COMMITTED"
        return self.engine.connect().execution_options(isolation_level=level)

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self._file.removeprefix("file:").partition("?")[0])
        except OSError:
            return None
        return found.st_dev, found.st_ino


def may_pass(error: BaseException) -> bool:
    """Whether another process may have been in the way, or the connection was lost: the same may work a moment later.

    A full disk does not, nor does a table that is not there.
    """
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    original: Any = error.orig
    name = getattr(original, "sqlite_errorname", None)
    if name is not None:
        return str(name).startswith(_PASSING_SQLITE)
    state = getattr(original, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_PASSING_STATES)
    return bool(original.args) and original.args[0] in _PASSING_MYSQL


def as_ledger_error(error: BaseException) -> BaseException:
    """*error* as what callers of a ledger get: the database's words without the statement's parameters."""
    if isinstance(error, LedgerError | ConfigurationError) or not isinstance(error, Exception):
        return error
    original: Any = getattr(error, "orig", None)
    if original is None:
        return LedgerError(f"ledger: {describe_failure(error)}")
    # Not PostgreSQL's details, nor what MySQL quotes: they have the values of a row.
    words = getattr(getattr(original, "diag", None), "message_primary", None) or " ".join(map(str, original.args))
    said = safe_text(_QUOTED_VALUE.sub(r"\1 '…'", " ".join(words.split())))
    if _is_missing_table(original):
        return LedgerError(f"ledger: {said}: {_MAKE_TABLES}")
    return LedgerError(f"ledger: {describe_failure(error)}: {said}")


def _is_missing_table(original: Any) -> bool:
    """Whether an error of a driver says so: SQLite by its text alone."""
    if getattr(original, "sqlite_errorname", None) is not None:
        return str(original).startswith("no such table")
    return getattr(original, "sqlstate", None) == "42P01" or original.args[:1] == (1146,)


def _make_engine(given: str | URL, timeout: float) -> Engine:
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):  # its text has the URL, or what it takes for a port, and the URL a password
        raise ConfigurationError(_NO_URL) from None
    if "@" in (url.host or ""):  # a part of the password, which a driver would show as the host that it does not find
        raise ConfigurationError(_NO_URL)
    driver = _DRIVERS.get(url.drivername, url.drivername)
    seconds = max(1, round(timeout))
    by_driver: dict[str, dict[str, Any]] = {
        "sqlite": {"timeout": timeout},
        "postgresql+psycopg": {"connect_timeout": seconds},
        "mysql+pymysql": {"connect_timeout": seconds, "read_timeout": seconds, "write_timeout": seconds},
        "mariadb+pymysql": {"connect_timeout": seconds, "read_timeout": seconds, "write_timeout": seconds},
    }
    try:
        return create_engine(url.set(drivername=driver), connect_args=by_driver.get(driver, {}), hide_parameters=True)
    except (ImportError, ArgumentError) as error:
        raise ConfigurationError(f"ledger: {safe_text(str(error))}") from None
