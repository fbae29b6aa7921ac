"""The keys that this process has claimed, and the proof that it is alive.

Every process of a ledger has a row in `holders`, which it marks while it has keys, by the database's clock: the clocks
of two hosts may differ by minutes. A process whose row was not marked for as long as the lease counts as dead.
Whoever takes a key of it removes that row first. So whether it is dead or not, it sends nothing with the keys that it
had: that the row is there is looked at in the transaction which records that a request leaves.
"""

import os
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import count
from typing import Final

import attrs
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from smsgate.ledger.handles import of_key
from smsgate.ledger.rows import delete_in, fetch_in, lock_rows
from smsgate.ledger.schema import Tables
from smsgate.model.errors import LedgerError
from smsgate.model.message import Message
from smsgate.model.reason import Outcome
from smsgate.model.result import Result

__all__ = [
    "HOLDER_BYTES",
    "Holding",
    "check_held",
    "database_time",
    "forget_holders",
    "forget_keys",
    "release",
]

HOLDER_BYTES: Final = 8
_MARKS_PER_LEASE: Final = 4

_CLOCKS: Final = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "postgresql": "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
    "mysql": "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000",
    "mariadb": "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000",
}


class Holding:
    """What this process holds, and when it has to mark that it is alive."""

    def __init__(self, tables: Tables, lease: float) -> None:
        self.lease: float = lease
        self._tables = tables
        self.every: float = lease / _MARKS_PER_LEASE
        """Seconds between two marks."""
        self._held: dict[bytes, bytes] = {}
        self._doubtful: dict[bytes, bytes] = {}
        self._unreleased: set[tuple[bytes, bytes]] = set()
        """Handles with claims: there may be several claims of one key that each failed."""
        self._reopened: dict[bytes, bytes] = {}
        self._pid = 0
        self._id = b""
        self._marked_at = float("-inf")
        self._is_known = False
        self._claims = count()

    @property
    def id(self) -> bytes:
        """The id of this process."""
        if self._pid != os.getpid():  # after a fork, what the parent has is not ours
            self._pid, self._id = os.getpid(), secrets.token_bytes(HOLDER_BYTES)
            self._held, self._doubtful, self._reopened = {}, {}, {}
            self._unreleased = set()
            self._marked_at, self._is_known = float("-inf"), False
        return self._id

    def new_claim(self) -> bytes:
        """What tells the keys of one claim from all others."""
        return self.id + next(self._claims).to_bytes(16 - HOLDER_BYTES, "big")

    def hold(self, claim: bytes, handles: Sequence[bytes]) -> None:
        """Note that the keys with *handles* are this process's, by *claim*."""
        self._held.update(dict.fromkeys(handles, claim))
        if self._reopened:
            for handle in handles:
                self._reopened.pop(handle, None)

    def reopen(self, handle: bytes, claim: bytes) -> None:
        """Note that the key with *handle* is this process's, by *claim*, for the first send here that asks for it."""
        self._held[handle] = self._reopened[handle] = claim

    def is_reopened(self, handle: bytes, holder: bytes | None) -> bool:
        """Whether the key with *handle*, which *holder* has, is for the first send here that asks for it."""
        return holder is not None and self._reopened.get(handle) == holder

    def close_reopened(self, handle: bytes, claim: bytes) -> dict[bytes, bytes]:
        """What to release of the key that was reopened by *claim*: nothing if a send has asked for it."""
        if not self.is_reopened(handle, claim):
            return {}
        del self._reopened[handle], self._held[handle]
        return {handle: claim}

    def held_of(self, messages: Iterable[Message]) -> dict[bytes, bytes]:
        """The claims of those keys of *messages* that are held, by handle."""
        if not self._held:
            return {}
        handles = [of_key(message.key) for message in messages if message.key is not None]
        return {handle: claim for handle in handles if (claim := self._held.get(handle)) is not None}

    def doubt(self, messages: Iterable[Message]) -> None:
        """Note that it is not recorded what *messages* led to."""
        self._doubtful.update(self.held_of(messages))

    def let_go(self, results: Iterable[Result]) -> tuple[dict[bytes, bytes], list[bytes]]:
        """Hold the keys of *results* no longer. Returns those to release, with their claims, and the unsent among them.

        What is recorded as accepted is over, whoever has its key: nearly all are, and need not be written.
        """
        held: dict[bytes, bytes] = {}
        unsent: list[bytes] = []
        for result in results:
            handle = of_key(result.message.key or "")
            claim, doubtful = self._held.pop(handle, None), self._doubtful.pop(handle, None)
            if claim is None or (result.outcome is Outcome.ACCEPTED and doubtful is None):
                continue
            held[handle] = claim
            if not result.attempts:
                unsent.append(handle)
        return held, unsent

    def release_later(self, held: Mapping[bytes, bytes]) -> None:
        """Release those of *held* that this process has with the next mark: the database has failed to do it now."""
        self._unreleased.update(held.items())

    def mark_if_due(self, connection: Connection) -> float | None:
        """Mark that it is alive, in a transaction that claims keys. Returns the time for `marked`, once committed."""
        now = time.monotonic()
        # It may have counted as dead, or the tables are new ones: nothing would leave with keys that it claims now.
        if now < self._marked_at + self.every and lock_rows(connection, self._tables.holders, [self.id]):
            return None
        self.mark(connection)
        return now

    def mark(self, connection: Connection) -> None:
        """Mark that this process is alive. If it counted as dead meanwhile, it goes on as another one."""
        holders, now = self._tables.holders, database_time(connection)
        if connection.execute(update(holders).where(holders.c.id == self.id).values(seen_at=now)).rowcount:
            return
        if self._is_known:
            self._id, self._is_known = secrets.token_bytes(HOLDER_BYTES), False
        connection.execute(insert(holders).values(id=self._id, seen_at=now))

    def living_of(self, connection: Connection, ids: Iterable[bytes]) -> set[bytes]:
        """Those processes among *ids* that were alive within the lease. The others are removed: they send no more.

        In a transaction that began with `mark_if_due`: however long ago this process has marked that it is alive, by
        the database's clock, it is, and has its row.
        """
        suspects = set(ids)
        own = suspects & {self.id}
        holders = self._tables.holders
        stale = holders.c.seen_at <= database_time(connection) - round(self.lease * 1000)
        others = sorted(suspects - own)
        delete_in(connection, delete(holders).where(stale), holders.c.id, others)
        return own | {row.id for row in fetch_in(connection, select(holders.c.id), holders.c.id, others)}

    def marked(self, at: float | None) -> None:
        """Note that a mark is committed."""
        if at is not None:
            self._is_known = True
            self._marked_at = max(self._marked_at, at)

    def pulse(self, busy: bool) -> "Mark | None":
        """What is to be written from time to time; None if it is not time, or nothing is held."""
        if self._pid != os.getpid() or not (self._held or self._unreleased):
            return None
        now = time.monotonic()
        if now < self._marked_at + self.every:
            return None
        return Mark(self, self._tables, frozenset(self._unreleased), now)

    def released(self, held: Iterable[tuple[bytes, bytes]]) -> None:
        """Note that *held*, handles with claims, are released."""
        self._unreleased.difference_update(held)


@attrs.frozen
class Mark:
    """Marks that a process is alive, and releases what could not be released before."""

    holding: Holding
    tables: Tables
    unreleased: Set[tuple[bytes, bytes]]
    began_at: float

    def __call__(self, connection: Connection) -> None:
        """Do it."""
        self.holding.mark(connection)
        release(connection, self.tables, self.unreleased)

    def committed(self) -> bool:
        """Note that it is done."""
        self.holding.marked(self.began_at)
        self.holding.released(self.unreleased)
        return False


def check_held(connection: Connection, tables: Tables, held: Mapping[bytes, bytes]) -> None:
    """Raise `LedgerError` if others may have got keys of *held*. None can until the transaction ends."""
    own = {claim[:HOLDER_BYTES] for claim in held.values()}
    if len(lock_rows(connection, tables.holders, own)) != len(own):
        raise LedgerError(
            "ledger: this process had given no sign of life for as long as the lease: others may send with its keys"
        )


def release(connection: Connection, tables: Tables, held: Iterable[tuple[bytes, bytes]]) -> None:
    """Let others claim the keys of *held*, handles with claims, if they are still this process's."""
    keys = tables.keys
    rows: Sequence[dict[str, bytes]] = [{"own": handle, "claim": claim} for handle, claim in sorted(held)]
    if rows:
        query = update(keys).where(keys.c.handle == bindparam("own"), keys.c.holder == bindparam("claim"))
        connection.execute(query.values(holder=None), rows)


def forget_keys(connection: Connection, tables: Tables, handles: Iterable[bytes], *, also_held: bool = False) -> None:
    """Remove those of which no try is recorded. *also_held*: those that a process has, too."""
    keys, holders = tables.keys, tables.holders
    unused = delete(keys).where(_is_untried(tables))
    if not also_held:  # it is about to send with them
        is_there = exists().where(holders.c.id == func.substr(keys.c.holder, 1, HOLDER_BYTES))
        unused = unused.where(or_(keys.c.holder.is_(None), ~is_there))
    delete_in(connection, unused, keys.c.handle, handles)


def forget_holders(connection: Connection, tables: Tables, before: int, lease: float) -> None:
    """Remove dead processes, last alive *before* (milliseconds since 1970), with keys that they never used."""
    holders, keys = tables.holders, tables.keys
    stale = holders.c.seen_at <= database_time(connection) - round(lease * 1000)
    dead = list(connection.scalars(select(holders.c.id).where(holders.c.seen_at < before, stale)))
    if dead:
        own = func.substr(keys.c.holder, 1, HOLDER_BYTES)
        delete_in(connection, delete(keys).where(_is_untried(tables)), own, dead)
        delete_in(connection, delete(holders), holders.c.id, dead)


def _is_untried(tables: Tables) -> ColumnElement[bool]:
    return ~exists().where(tables.handles.c.handle == tables.keys.c.handle)


def database_time(connection: Connection) -> ColumnElement[int]:
    """Milliseconds since 1970 by the database's clock."""
    return literal_column(_CLOCKS[connection.dialect.name], BigInteger)
