"""`SqlRates`: the rates that processes share, in a SQL database."""

import math
from functools import partial
from typing import Final

import attrs
from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    case,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import mysql

from smsgate.ledger.database import Database
from smsgate.ledger.holding import database_time
from smsgate.ledger.schema import alone, check_prefix
from smsgate.ledger.store import SqlStore
from smsgate.ledger.threads import Threads

__all__ = ["SqlRates"]

_MICROS: Final = 1_000_000
_ACCOUNT: Final = String(190).with_variant(mysql.VARCHAR(190, collation="utf8mb4_bin"), "mysql", "mariadb")
_LONGEST: Final = 365 * 86400.0
"""Seconds: for the database, infinity."""
_NEW: Final = 1_000_000
"""How much of the time of an account counts as booked when the account is new here: see `SharedRates.book`."""
_SET_BACK: Final = 10_000
"""By how many milliseconds the database's clock must be behind the last booking to have been set back. If it is less, a
booking that waited for another one has read it before, or another host of a cluster answers now."""


class SqlRates(SqlStore):
    """A `smsgate.SharedRates` in SQLite, PostgreSQL, MySQL or MariaDB, by the database's clock.

    *url_or_engine*, *prefix* and *timeout* are those of `SqlLedger`: a URL or an `Engine` of SQLAlchemy, what the name
    of its table begins with, and how many seconds a call waits for the database. It can be the ledger's own database.
    Processes that share rates have the same *prefix*.

    It works on asyncio and trio, and after a fork, as `SqlLedger` does. Make the table with `create`, or from
    `metadata` with a tool for migrations. A booking is one transaction, and a gateway makes about twenty of them a
    second for each provider at most.

    Its methods raise `LedgerError` if the database does not do what it should. The constructor raises
    `ConfigurationError`, and connects to nothing.
    """

    def __init__(self, url_or_engine: str | URL | Engine, *, prefix: str = "smsgate_", timeout: float = 5.0) -> None:
        check_prefix(prefix)
        self._table = _table(prefix)
        self._make_tables = partial(_create, table=self._table)
        self._database = Database(url_or_engine, timeout=timeout, fsync=False)
        self._threads = Threads(self._database, timeout, pulses=(), every=60.0)

    @property
    def metadata(self) -> MetaData:
        """The table, for a tool for migrations."""
        return self._table.metadata

    async def book(self, account: str, seconds: float, *, longest: float) -> float | None:
        """Book the next *seconds* of the time of *account*. See `smsgate.SharedRates`."""
        booking = _Booking(
            self._table,
            account,
            seconds=math.ceil(seconds * _MICROS),
            longest=math.floor(min(longest, _LONGEST) * _MICROS),
        )
        return await self._threads.write(booking)


def _table(prefix: str) -> Table:
    return Table(
        f"{prefix}rates",
        MetaData(),
        Column("account", _ACCOUNT, primary_key=True),
        # Microseconds that were booked and had not passed at the time of the last booking.
        Column("booked", BigInteger, nullable=False),
        # That time: milliseconds since 1970 by the database's clock.
        Column("at", BigInteger, nullable=False),
    )


def _create(connection: Connection, table: Table) -> None:
    with alone(connection, table.name):
        table.metadata.create_all(connection)


@attrs.frozen
class _Booking:
    """Books time, in microseconds. It may be called again, and books too much if it was committed before."""

    table: Table
    account: str
    seconds: int
    longest: int

    def __call__(self, connection: Connection) -> float | None:
        """Do it."""
        booked = self._update(connection)
        if booked is None:
            if self._is_new(connection):
                new = insert(self.table).values(account=self.account, booked=_NEW, at=database_time(connection))
                connection.execute(new)  # raises if another process is quicker; then it is called again
            booked = self._update(connection)  # also where another process has made it between two statements
        return None if booked is None else (booked - self.seconds) / _MICROS

    def _is_new(self, connection: Connection) -> bool:
        known = select(self.table.c.account).where(self.table.c.account == self.account)
        return connection.scalar(known) is None

    def _update(self, connection: Connection) -> int | None:
        """What is booked now; None if the account is not there, or if the time would begin too late."""
        now, at = database_time(connection), self.table.c.at
        left = self.table.c.booked - case((now > at, (now - at) * 1000), else_=0)
        begins = case((left > 0, left), else_=0)
        seen = case((or_(now > at, now < at - _SET_BACK), now), else_=at)
        query = update(self.table).where(self.table.c.account == self.account, begins <= self.longest)
        if connection.dialect.name in ("sqlite", "postgresql"):
            booked = self.table.c.booked
            updated: int | None = connection.scalar(
                query.values(booked=begins + self.seconds, at=seen).returning(booked)
            )
            return updated
        # These have no RETURNING here, but the number that a statement gives to this function comes with its answer.
        # They assign in this order, each with what was assigned before.
        total = func.last_insert_id(begins + self.seconds)
        done = connection.execute(query.ordered_values((self.table.c.booked, total), (at, seen)))
        return int(done.lastrowid) if done.rowcount else None
