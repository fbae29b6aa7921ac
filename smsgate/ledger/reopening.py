"""Keys of messages that may have been sent, which their caller wants to send once more: claimed if nothing tells."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import attrs
from sqlalchemy import Connection, select, update

from smsgate.ledger.claims import lock_keys
from smsgate.ledger.content import content_of, stored_difference
from smsgate.ledger.entries import LedgerEntry
from smsgate.ledger.handles import of_key
from smsgate.ledger.holding import HOLDER_BYTES, Holding, database_time, release
from smsgate.ledger.indexing import index_some
from smsgate.ledger.privacy import Privacy
from smsgate.ledger.rows import Place
from smsgate.ledger.schema import Tables
from smsgate.ledger.store import LedgerPart
from smsgate.ledger.tries import Tries
from smsgate.model.message import Message
from smsgate.model.reason import Outcome
from smsgate.sending.failover import may_have_been_sent

__all__ = ["ReopensKeys"]


class ReopensKeys(LedgerPart):
    """The part of a ledger that lets a message be sent once more."""

    @asynccontextmanager
    async def reopen(self, key: str, *, quiet_for: timedelta) -> AsyncGenerator[Message | None]:
        """Let the message with this key, which may have been sent, be sent once more by a gateway with this ledger.

            async with ledger.reopen("order-1", quiet_for=timedelta(minutes=30)) as message:
                if message is not None:
                    await gateway.send(message)  # this may send it twice

        None, and nothing is changed, unless all of this holds: exactly one try of it may have been sent (`UNKNOWN`) and
        none was refused after that; no report is about it; no process has its key; no try of it began within
        *quiet_for*, by the database's clock and this ledger's; it has not expired; it is stored as it was sent, with
        its parameters and its number. For all others the key is held until the block ends. If the message was not sent
        in it, or this process dies before its request leaves, the key has its result as before.

        Raises `LedgerError`.
        """
        work = _Reopening(self._tables, self._privacy, self._holding, key, quiet_for, self._now())
        await self._claim(work)
        if work.message is not None:
            self._holding.reopen(work.handle, work.claim)
        try:
            yield work.message
        finally:
            await self._release(self._holding.close_reopened(work.handle, work.claim))


@attrs.define
class _Reopening:
    """Claims a key that may be reopened. It may be called again: its transaction may have failed, or not."""

    tables: Tables
    privacy: Privacy
    holding: Holding
    key: str
    quiet_for: timedelta
    now: datetime
    handle: bytes = attrs.field(init=False)
    claim: bytes = attrs.field(init=False)
    message: Message | None = attrs.field(init=False, default=None)
    """What may be sent."""
    unfinished: bool = attrs.field(init=False, default=False)
    """What was done with the key is to be found first: it is to be called again."""
    marked_at: float | None = attrs.field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self.handle = of_key(self.key)
        self.claim = self.holding.new_claim()

    def __call__(self, connection: Connection) -> None:
        """Do it."""
        self.message, self.unfinished = None, False
        self.marked_at = self.holding.mark_if_due(connection)
        if not self.claim.startswith(self.holding.id):  # it counted as dead meanwhile
            self.claim = self.holding.new_claim()
        row = lock_keys(connection, self.tables, [self.handle]).get(self.handle)
        if row is None or self._is_held(connection, row.holder):
            return
        # What a dead process had begun before it was removed counts.
        self.unfinished = index_some(connection, self.tables, self.privacy)
        if self.unfinished:
            return
        self.message = self._found(connection, row.content)
        if self.message is None:
            self.undo(connection)  # it may have taken it when it was called before
        else:
            keys = self.tables.keys
            connection.execute(update(keys).where(keys.c.handle == self.handle).values(holder=self.claim))

    def undo(self, connection: Connection) -> None:
        """Give the key back."""
        release(connection, self.tables, self.claimed().items())

    def claimed(self) -> dict[bytes, bytes]:
        """The claim of the key, by its handle: it may have it."""
        return {self.handle: self.claim}

    def _is_held(self, connection: Connection, holder: bytes | None) -> bool:
        if holder is None or holder == self.claim:  # the latter by this work, when it was called before
            return False
        return bool(self.holding.living_of(connection, [holder[:HOLDER_BYTES]]))

    def _found(self, connection: Connection, content: bytes) -> Message | None:
        """The message, if it may be sent once more."""
        tries = Tries.load(connection, self.tables, [self.handle])
        places = tries.places.get(self.handle, [])
        entry = _open_entry(tries.entries(self.handle))
        began = [tries.requests[place.request].started_at for place in places]
        if entry is None or not self._is_quiet(connection, began):
            return None
        message, place = entry.message, Place.parse(entry.id)
        is_late = message.expires_at is not None and message.expires_at <= self.now
        if is_late or isinstance(message.to.parse(), str):
            return None
        own = content_of(message, self.privacy.secret)
        request = tries.requests[place.request]
        return None if stored_difference(message, own, self.privacy, request, place.position, content) else message

    def _is_quiet(self, connection: Connection, tried_at: Sequence[datetime]) -> bool:
        # Two hosts' clocks may differ: whichever is behind counts.
        stored: int = connection.scalar(select(database_time(connection))) or 0
        now = min(self.now, datetime.fromtimestamp(stored / 1000, UTC))
        return all(began + self.quiet_for <= now for began in tried_at)


def _open_entry(entries: Sequence[LedgerEntry]) -> LedgerEntry | None:
    """The one try among *entries* that may have sent their message, if all that is known of it is that."""
    if any(entry.delivery.reports for entry in entries):
        return None
    tried = [entry for entry in entries if entry.attempt.outcome is not Outcome.NOT_SENT]
    sent = [entry for entry in tried if may_have_been_sent(entry.attempt)]
    is_last = len(sent) == 1 and sent[0] is tried[-1]
    return sent[0] if is_last and sent[0].attempt.outcome is Outcome.UNKNOWN else None
