"""What every store in a SQL database has, and what the parts of a ledger share."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol, Self

from sqlalchemy import Connection

from smsgate.ledger.claims import Claiming, Concluding
from smsgate.ledger.database import Database
from smsgate.ledger.holding import Holding
from smsgate.ledger.privacy import Privacy
from smsgate.ledger.schema import Tables
from smsgate.ledger.threads import Threads
from smsgate.model.message import Message
from smsgate.model.result import Result
from smsgate.sending.ledger import Claim

__all__ = ["LedgerPart", "SqlStore"]


class SqlStore:
    """The part of a store that begins and ends."""

    _database: Database
    _threads: Threads
    _make_tables: Callable[[Connection], None]

    async def create(self) -> None:
        """Make the tables, or bring those of an older release up to date. Does nothing if they are as they should be.

        Raises `ConfigurationError` for tables of a later release.
        """
        await self._threads.write(self._make_tables, limited=False)

    async def aclose(self) -> None:
        """Commit what waits, end the threads, and close the connections of an engine that is not the caller's."""
        await self._threads.aclose()

    async def __aenter__(self) -> Self:
        """Make the tables."""
        await self.create()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self.aclose()


class ClaimingWork(Protocol):
    """Work that claims keys. It is to be called again while it is unfinished."""

    unfinished: bool
    marked_at: float | None

    def __call__(self, connection: Connection) -> object:
        """Do it."""
        ...

    def undo(self, connection: Connection) -> None:
        """Give back what was claimed."""
        ...

    def claimed(self) -> dict[bytes, bytes]:
        """The claims of keys that it may have, by handle."""
        ...


class LedgerPart(SqlStore):
    """The part of a ledger that has keys, which others end or open again."""

    _tables: Tables
    _privacy: Privacy
    _holding: Holding
    _clock: Callable[[], float]

    async def claim(self, messages: Sequence[Message]) -> Sequence[Claim]:
        """Commit that this process sends *messages*, but those whose keys somebody has sent or is sending.

        See `smsgate.ClaimsKeys`.
        """
        work = Claiming(self._tables, self._privacy, self._holding, messages)
        await self._claim(work)
        self._holding.hold(work.claim, work.granted())
        return work.answers

    async def _claim(self, work: ClaimingWork) -> None:
        """Commit *work*, in as many transactions as it takes. If this fails or is cancelled, the keys are nobody's."""
        work.unfinished = True
        try:
            while work.unfinished:
                await self._threads.write(work, undo=work.undo, undo_if_cancelled=True)
        except BaseException:
            # Those of an earlier transaction of it, and those of one of which it is not known if it was committed.
            self._holding.release_later(work.claimed())
            raise
        self._holding.marked(work.marked_at)

    async def concluded(self, results: Sequence[Result]) -> None:
        """Commit that the keys of *results* are this process's no longer. See `smsgate.ClaimsKeys`."""
        await self._release(*self._holding.let_go(results))

    async def _release(self, held: dict[bytes, bytes], unsent: Sequence[bytes] = ()) -> None:
        """Let others claim the keys of *held*; if the database fails to do it, with the next mark."""
        if not held:
            return
        try:
            await self._threads.write(Concluding(self._tables, held, unsent))
        except BaseException:
            self._holding.release_later(held)
            raise

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)
