"""What became of a campaign so far."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

import attrs
from sqlalchemy import Connection, select

from smsgate.ledger.packing import Packed
from smsgate.ledger.schema import Tables
from smsgate.model.reason import Outcome

__all__ = ["CampaignCount", "CampaignProgress"]

_PAGE: Final = 100
_WEIGHT: Final[Mapping[str | None, int]] = {Outcome.ACCEPTED: 3, Outcome.UNKNOWN: 2, None: 2}
"""Which of two tries decides: the heavier one, else the later one."""


@attrs.define(kw_only=True)
class CampaignProgress:
    """The messages of a campaign of which a request was made, by what became of them."""

    accepted: int = 0
    """A vendor took them."""
    rejected: int = 0
    """Vendors refused them."""
    not_sent: int = 0
    """Their requests did not leave."""
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
    undecided: dict[str, str | None] = attrs.field(factory=dict[str, str | None])
    """The outcomes of messages that were not accepted so far, by key."""
    accepted: int = 0

    def add_page(self, connection: Connection) -> bool:
        """Count the next requests. Returns whether there may be more."""
        columns = self.tables.requests.c
        query = select(columns.id, columns.messages, columns.attempts)
        query = query.where(columns.campaign == self.campaign, columns.id > self.after)
        rows = connection.execute(query.order_by(columns.id).limit(_PAGE)).all()
        for row in rows:
            self._add(Packed.load(row.messages), Packed.load(row.attempts) if row.attempts else None)
            self.after = row.id
        return len(rows) == _PAGE

    def _add(self, messages: Packed, attempts: Packed | None) -> None:
        outcomes: list[str | None] = [None] * len(messages) if attempts is None else attempts.column("outcome")
        for key, outcome in zip(messages.column("key"), outcomes, strict=True):
            if outcome == Outcome.ACCEPTED:
                self.accepted += 1
                self.undecided.pop(key, None)
            elif _WEIGHT.get(outcome, 1) >= _WEIGHT.get(self.undecided.get(key, ""), 1):
                self.undecided[key] = outcome

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
