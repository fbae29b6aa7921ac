"""What became of a campaign so far."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

import attrs
from sqlalchemy import Connection, select

from smsgate.ledger.handles import of_key
from smsgate.ledger.packing import Packed
from smsgate.ledger.rows import Place
from smsgate.ledger.schema import Tables
from smsgate.ledger.tries import Tries
from smsgate.model.reason import Outcome

__all__ = ["CampaignCount", "CampaignProgress"]

_PAGE: Final = 100
_WEIGHT: Final[Mapping[str | None, int]] = {Outcome.ACCEPTED: 3, Outcome.UNKNOWN: 2, None: 2}
"""Which of two tries decides: the heavier one, else the later one."""
_MAYBE_SENT: Final = (Outcome.UNKNOWN, None)


@attrs.define(kw_only=True)
class CampaignProgress:
    """The messages of a campaign that have left or ended, by what became of them."""

    accepted: int = 0
    """A vendor took them."""
    rejected: int = 0
    """Vendors refused them."""
    not_sent: int = 0
    """Their requests did not leave, or none was made: `SqlLedger.record_unsent`."""
    unknown: int = 0
    """They may have been sent: their requests have no readable response."""
    open: int = 0
    """They have no outcome: their requests are in progress, or the process that made them has died."""

    @property
    def total(self) -> int:
        """All of them."""
        return self.accepted + self.rejected + self.not_sent + self.unknown + self.open


@attrs.define
class CampaignCount:
    """Counts the messages of requests, a page at a time. A message that has several tries counts once."""

    tables: Tables
    campaign: bytes
    after: bytes = b""
    """The id of the last request that was counted."""
    undecided: dict[str | Place, str | None] = attrs.field(factory=dict[str | Place, str | None])
    """The outcomes of messages that were not accepted so far, by key. Those that were erased have none, but a place."""
    accepted: int = 0
    _unsure: Iterator[str] | None = None
    """Those that may have been sent, and whose other tries are still to be looked at."""

    def add_page(self, connection: Connection) -> bool:
        """Count the next requests. Returns whether there may be more."""
        columns = self.tables.requests.c
        query = select(columns.id, columns.messages, columns.attempts)
        query = query.where(columns.campaign == self.campaign, columns.id > self.after)
        rows = connection.execute(query.order_by(columns.id).limit(_PAGE)).all()
        for row in rows:
            self._add(row.id, Packed.load(row.messages), Packed.load(row.attempts) if row.attempts else None)
            self.after = row.id
        return len(rows) == _PAGE

    def add_other_tries(self, connection: Connection) -> bool:
        """Count what was sent once more, outside of the campaign, for some that may have been sent. As `add_page`."""
        if self._unsure is None:
            unsure = (key for key, outcome in self.undecided.items() if outcome in _MAYBE_SENT)
            self._unsure = iter([key for key in unsure if isinstance(key, str)])
        keys = {of_key(key): key for key in islice(self._unsure, _PAGE)}
        tries = Tries.load(connection, self.tables, keys)
        for handle, key in keys.items():
            if tries.is_taken(handle):
                self.accepted += 1
                del self.undecided[key]
        return bool(keys)

    def _add(self, request: bytes, messages: Packed, attempts: Packed | None) -> None:
        outcomes: list[str | None] = [None] * len(messages) if attempts is None else attempts.column("outcome")
        for position, (key, outcome) in enumerate(zip(messages.column("key"), outcomes, strict=True)):
            own = Place(request, position) if key is None else key  # it was erased
            if outcome == Outcome.ACCEPTED:
                self.accepted += 1
                self.undecided.pop(own, None)
            elif _WEIGHT.get(outcome, 1) >= _WEIGHT.get(self.undecided.get(own, ""), 1):
                self.undecided[own] = outcome

    def progress(self) -> CampaignProgress:
        """What it comes to."""
        found = Counter(self.undecided.values())
        return CampaignProgress(
            accepted=self.accepted,
            rejected=found[Outcome.REJECTED],
            not_sent=found[Outcome.NOT_SENT],
            unknown=found[Outcome.UNKNOWN],
            open=found[None],
        )
