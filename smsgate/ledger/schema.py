"""The tables, and what makes an older release's tables into this one's.

- `requests`: one row for each, with all its messages, and later with the outcome of each.
- `handles`: by what a message is found: its key, its number, its tag, the vendor's id. All are digests of 16 bytes:
  neither the length of a key nor a database's idea of letters and trailing blanks matters, and one index serves all.
- `unindexed`: requests, or outcomes of them, whose handles are not written yet (see `indexing.py`).
- `unsettled`: requests with messages of which something is still expected, and which ones: a bit for each.
- `keys`: which process sends the message with a key, or did; digests of what the message says. What became of it
  stands in `requests`, where it is found by its handle.
- `holders`: the processes that send messages with keys, and when each was last alive by the database's clock.
- `events`: reports and replies, as they came. A row of them is never changed.
"""

import hashlib
import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    func,
    inspect,
    select,
)
from sqlalchemy.dialects import mysql

from smsgate.model.errors import ConfigurationError, LedgerError

__all__ = ["MIGRATIONS", "VERSION", "Tables", "alone", "check_prefix", "create_tables"]

VERSION: Final = 1
_LOCK_SECONDS: Final = 60
_PREFIX: Final = re.compile(r"[a-z][a-z0-9_]{0,29}", re.ASCII)

_DIGEST: Final = LargeBinary(16).with_variant(mysql.BINARY(16), "mysql", "mariadb")
_HOLDER: Final = LargeBinary(8).with_variant(mysql.BINARY(8), "mysql", "mariadb")
_CONTENT: Final = LargeBinary(36).with_variant(mysql.VARBINARY(36), "mysql", "mariadb")
_LONG: Final = Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
_SERIAL: Final = BigInteger().with_variant(Integer(), "sqlite")


class Tables:
    """The tables whose names begin with *prefix*."""

    def __init__(self, prefix: str) -> None:
        self.metadata: MetaData = MetaData()
        self._prefix = prefix
        self.version: Table = self._version()
        self.requests: Table = self._requests()
        self.handles: Table = self._handles()
        self.unindexed: Table = self._unindexed()
        self.unsettled: Table = self._unsettled()
        self.keys: Table = self._keys()
        self.holders: Table = self._holders()
        self.events: Table = self._events()

    def _table(self, name: str, *parts: Column[Any] | Index, **options: Any) -> Table:
        return Table(f"{self._prefix}{name}", self.metadata, *parts, **options)

    def _index(self, name: str, *columns: str) -> Index:
        return Index(f"{self._prefix}{name}", *columns)

    def _version(self) -> Table:
        return self._table("version", Column("version", Integer, primary_key=True, autoincrement=False))

    def _requests(self) -> Table:
        return self._table(
            "requests",
            # The time in milliseconds (6 bytes), then 10 random bytes: rows of one time stand together.
            Column("id", _DIGEST, primary_key=True),
            Column("provider", _LONG, nullable=False),
            Column("reference", _LONG, nullable=False),
            # Those of its messages, where they are not that of the request.
            Column("own_references", _LONG),
            Column("started_at", BigInteger, nullable=False),
            Column("messages", _LONG, nullable=False),
            Column("attempts", _LONG),
            # The handle of its name.
            Column("campaign", _DIGEST),
            self._index("requests_campaign", "campaign"),
        )

    def _handles(self) -> Table:
        return self._table(
            "handles",
            Column("handle", _DIGEST, primary_key=True),
            Column("request", _DIGEST, primary_key=True),
            Column("position", Integer, primary_key=True, autoincrement=False),
            sqlite_with_rowid=False,
        )

    def _unindexed(self) -> Table:
        return self._table(
            "unindexed",
            Column("request", _DIGEST, primary_key=True),
            # Whether it is about the outcome: that is written later, and perhaps by a process that others thought dead.
            Column("outcome", SmallInteger, primary_key=True, autoincrement=False),
            Column("messages", Integer, nullable=False),
            sqlite_with_rowid=False,
        )

    def _unsettled(self) -> Table:
        return self._table(
            "unsettled",
            Column("request", _DIGEST, primary_key=True),
            Column("open", LargeBinary, nullable=False),
            sqlite_with_rowid=False,
        )

    def _keys(self) -> Table:
        return self._table(
            "keys",
            Column("handle", _DIGEST, primary_key=True),
            # The id of a holder, then 8 bytes that are one claim's own. None: its result is known.
            Column("holder", _DIGEST),
            Column("content", _CONTENT, nullable=False),
            sqlite_with_rowid=False,
        )

    def _holders(self) -> Table:
        return self._table(
            "holders",
            Column("id", _HOLDER, primary_key=True),
            Column("seen_at", BigInteger, nullable=False),
            sqlite_with_rowid=False,
        )

    def _events(self) -> Table:
        return self._table(
            "events",
            Column("id", _SERIAL, primary_key=True, autoincrement=True),
            Column("digest", _DIGEST, nullable=False, unique=True),
            Column("kind", String(8), nullable=False),
            Column("message_id", _DIGEST),
            Column("reference", _DIGEST),
            Column("number", _DIGEST),
            Column("received_at", BigInteger, nullable=False),
            Column("data", _LONG, nullable=False),
            self._index("events_kind", "kind", "id"),
            self._index("events_message_id", "message_id"),
            self._index("events_reference", "reference"),
            self._index("events_number", "number"),
            self._index("events_received_at", "received_at"),
        )


MIGRATIONS: Final[Mapping[int, Callable[[Connection, Tables], None]]] = {}
"""By version: what makes the tables of that version those of the next one."""


def create_tables(connection: Connection, tables: Tables) -> None:
    """Make the tables, or migrate those that an older release has made. Does nothing if they are as they should be.

    Raises `ConfigurationError` for tables of a later release.
    """
    with alone(connection, tables.version.name):
        _create(connection, tables)


def check_prefix(prefix: str) -> None:
    """Raise `ConfigurationError` for what the names of tables cannot begin with."""
    if not _PREFIX.fullmatch(prefix):
        raise ConfigurationError("prefix: must be up to 30 lower-case letters, digits and '_', a letter first")


@contextmanager
def alone(connection: Connection, name: str) -> Generator[None]:
    """Several processes start at once, and none sees what another is making: make tables alone, by their *name*.

    (SQLite has one that writes at a time.)
    """
    dialect = connection.dialect.name
    if dialect == "postgresql":  # until the transaction ends
        number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
        connection.execute(select(func.pg_advisory_xact_lock(number)))
    if dialect not in ("mysql", "mariadb"):
        yield
        return
    # Its DDL ends a transaction, so that only a lock of the session holds.
    if not connection.scalar(select(func.get_lock(name, _LOCK_SECONDS))):
        raise LedgerError(f"ledger: another process has been making its tables for {_LOCK_SECONDS} seconds")
    try:
        yield
    finally:
        connection.execute(select(func.release_lock(name)))


def _create(connection: Connection, tables: Tables) -> None:
    found = None
    if inspect(connection).has_table(tables.version.name):
        found = connection.scalar(select(tables.version.c.version))
    if found is None:
        tables.metadata.create_all(connection)
        connection.execute(tables.version.insert().values(version=VERSION))
        return
    if found > VERSION:
        raise ConfigurationError(f"ledger: its tables are of version {found}, made by a later release of smsgate")
    for version in range(found, VERSION):
        MIGRATIONS[version](connection, tables)
        connection.execute(tables.version.update().values(version=version + 1))
