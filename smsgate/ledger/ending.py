"""Messages that end without a request: cancelled, given up, too late, or refused before any provider was asked.

What became of one stands in `requests` as that of all others does, in a row without a provider.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

import attrs
from sqlalchemy import Connection, delete

from smsgate.ledger.handles import of_campaign
from smsgate.ledger.holding import check_held, release
from smsgate.ledger.indexing import handles_of, remove_handles
from smsgate.ledger.packing import pack
from smsgate.ledger.privacy import Privacy
from smsgate.ledger.rows import insert_rows, request_id
from smsgate.ledger.schema import Tables
from smsgate.ledger.store import LedgerPart
from smsgate.ledger.stored import StoredRequest
from smsgate.model.message import Message
from smsgate.model.reason import Outcome, Reason
from smsgate.model.result import Attempt, Result
from smsgate.sending.ledger import Claim

__all__ = ["EndsKeys"]

_CANCELLED = "cancelled by its key"


class EndsKeys(LedgerPart):
    """The part of a ledger that ends messages of which no request is made."""

    async def cancel(self, key: str) -> bool:
        """Commit that the message with this key is not to be sent, unless it may have been: whether it is so.

        From now on each send with this key, in any process, has the result `NOT_SENT`, reason `CANCELLED`, and sends
        nothing. False, and nothing is changed, if a send has the key, or it has a result that is final. What was not
        sent and may be tried again can be cancelled; so can a key that nobody has used yet.

        Raises `LedgerError`.
        """
        message = Message("", "", key=key)
        cancelled = Result(message, Outcome.NOT_SENT, reason=Reason.CANCELLED, description=_CANCELLED)
        [claim] = await self._end([cancelled], None)
        return _is_granted(claim) or (claim.result is not None and claim.result.reason is Reason.CANCELLED)

    async def record_unsent(self, results: Sequence[Result], *, campaign: str | None = None) -> int:
        """Commit *results* of messages with keys that no provider was asked to take: how many were.

        They have been refused, were too late, or whoever was to send them has given up. Left out are those whose keys
        another send has, and those with a result that is final. *campaign*: that which they count in.

        Raises `LedgerError`.
        """
        by_key = {result.message.key: result for result in results if result.message.key is not None}
        return sum(map(_is_granted, await self._end(list(by_key.values()), campaign))) if by_key else 0

    async def _end(self, results: Sequence[Result], campaign: str | None) -> Sequence[Claim]:
        """Claim the keys of *results*, and record those that are claimed."""
        now = self._now()
        claims = await self.claim([result.message for result in results])
        ended = [result for result, claim in zip(results, claims, strict=True) if _is_granted(claim)]
        if not ended:
            return claims
        held = self._holding.held_of(result.message for result in ended)
        work = _Ending(self._tables, self._privacy, ended, held, campaign, now)
        try:
            await self._threads.write(work, undo=work.undo, undo_if_cancelled=True)
        except BaseException:
            self._holding.release_later(held)
            raise
        finally:
            self._holding.let_go(ended)
        return claims


def _is_granted(claim: Claim) -> bool:
    return claim.result is None and claim.differs is None and not claim.held


@attrs.define
class _Ending:
    """Records results without a request, and releases their keys. It may be called again."""

    tables: Tables
    privacy: Privacy
    results: Sequence[Result]
    held: Mapping[bytes, bytes]
    campaign: str | None
    now: datetime
    id: str = attrs.field(init=False, factory=lambda: secrets.token_hex(16))

    def __call__(self, connection: Connection) -> None:
        """Do it."""
        check_held(connection, self.tables, self.held)
        self.undo(connection)
        stored = self._stored()
        insert_rows(connection, self.tables.requests, [stored.row()])
        insert_rows(connection, self.tables.handles, handles_of(stored, self.privacy))
        release(connection, self.tables, self.held.items())

    def undo(self, connection: Connection) -> None:
        """Remove what was written."""
        stored, requests = self._stored(), self.tables.requests
        connection.execute(delete(requests).where(requests.c.id == stored.id))
        remove_handles(connection, self.tables, handles_of(stored, self.privacy))

    def _stored(self) -> StoredRequest:
        attempts = [
            Attempt("", each.outcome, each.reason, description=each.description, started_at=self.now)
            for each in self.results
        ]
        return StoredRequest(
            request_id(self.id, self.now),
            "",
            "",
            None,
            self.now,
            pack([result.message for result in self.results], self.privacy),
            pack(attempts, self.privacy),
            None if self.campaign is None else of_campaign(self.campaign),
        )
