"""What a ledger knows of a message: `LedgerEntry` for one try of it, and what several of them add up to."""

from collections.abc import Sequence
from datetime import datetime

import attrs

from smsgate.model.delivery import Delivery, MessageStatus
from smsgate.model.masking import safe_repr
from smsgate.model.message import Message
from smsgate.model.reason import Outcome, Reason
from smsgate.model.report import StatusReport
from smsgate.model.result import Attempt, Result
from smsgate.model.states import DeliveryState
from smsgate.provider.records import SendRecord
from smsgate.sending.failover import deciding_attempt, possible_duplicate

__all__ = ["LedgerEntry", "delivery_of", "is_refusal", "refusal_of", "result_of"]

_NO_OUTCOME = "no outcome is recorded: its request is in progress, or its process has died"
_PROVEN = "a delivery report shows that it was sent; the response to the send was lost"


@attrs.frozen(kw_only=True)
class LedgerEntry:
    """One message in one request, and what was reported of it. A message that failed over has an entry for each try."""

    id: str
    """Unique for each entry, and in the order of time."""
    message: Message
    """What was sent, without what the ledger does not write: see `numbers` and `params` of `SqlLedger`."""
    provider: str
    """The name of the provider. Empty if none was asked: it ended without a request (`SqlLedger.record_unsent`)."""
    reference: str = attrs.field(repr=safe_repr)
    """The tag that its reports carry."""
    started_at: datetime
    """When the request began (aware, UTC)."""
    recorded: Attempt | None
    """The outcome as it was recorded after the request, or `REJECTED` where only the vendor's own record tells
    (`Settler`). None if its process has died before, or is not done yet."""
    delivery: Delivery
    """The request's outcome and the reports about this message."""

    @property
    def attempt(self) -> Attempt:
        """The outcome as far as it is known: `UNKNOWN` without a recorded one, `ACCEPTED` if a report shows it."""
        attempt = self.recorded or Attempt(
            self.provider,
            Outcome.UNKNOWN,
            Reason.NO_ANSWER,
            description=_NO_OUTCOME,
            started_at=self.started_at,
            reference=self.reference,
        )
        if attempt.outcome is not Outcome.UNKNOWN or not self.delivery.reports:
            return attempt
        proof = self.delivery.reports[0].message_id or None
        return attrs.evolve(
            attempt, outcome=Outcome.ACCEPTED, reason=None, message_id=attempt.message_id or proof, description=_PROVEN
        )

    @property
    def status(self) -> MessageStatus:
        """What became of it so far, in one word. `UNKNOWN` if it may have been sent and nothing tells."""
        return self.delivery.status


def result_of(entries: Sequence[LedgerEntry]) -> Result:
    """What the tries of one message add up to."""
    attempts = tuple(entry.attempt for entry in entries)
    decided = deciding_attempt(attempts) or attempts[0]
    tried = tuple(attempt for attempt in attempts if attempt.provider)
    return Result(
        entries[attempts.index(decided)].message,
        decided.outcome,
        decided.provider or None,
        decided.message_id,
        decided.reason,
        decided.code,
        decided.description,
        tried,
        decided.reference,
        possible_duplicate=possible_duplicate(attempts),
        remedy=decided.remedy,
    )


def delivery_of(entries: Sequence[LedgerEntry]) -> Delivery:
    """What the tries of one message and their reports add up to."""
    merged = Delivery()
    for entry in entries:
        merged = merged.merge(entry.delivery)
    return merged


def refusal_of(entry: LedgerEntry, record: SendRecord) -> StatusReport:
    """What is applied to the ledger if *record* shows that the vendor refused the send of *entry*."""
    return StatusReport(
        entry.provider,
        "",  # what was refused has no id
        entry.message.to,
        DeliveryState.REJECTED,
        record.reason,
        record.code or "",
        record.description or "",
        reference=entry.reference,
        reported_at=record.sent_at,
        raw=record.raw,
    )


def is_refusal(report: StatusReport) -> bool:
    """Whether *report* is what `refusal_of` makes: the send was refused, and no message is reported on."""
    return not report.message_id and report.state is DeliveryState.REJECTED
