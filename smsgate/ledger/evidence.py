"""Which send a vendor's record or report is of, where it has no tag: number and time are all that it says. Pure.

A record is of a send if it can be of no other send, and the send can have no other record. What is not so stays open:
a wrong match would hide a message that was lost, or have one sent twice.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

import attrs

from smsgate.ledger.entries import LedgerEntry, refusal_of
from smsgate.model.delivery import WINDOW
from smsgate.model.reason import Outcome
from smsgate.model.report import StatusReport
from smsgate.model.states import DeliveryState
from smsgate.provider.records import SendRecord

__all__ = ["SKEW", "Evidence", "ids_of", "record_of", "tell_apart", "with_tag"]

SKEW: Final = timedelta(seconds=60)
"""How far the vendor's clock may be from ours."""
_LONGEST: Final = timedelta(seconds=60)
"""How long a request may have taken whose end was not recorded."""


@attrs.frozen
class Evidence:
    """What records say of open sends."""

    reports: tuple[StatusReport, ...] = ()
    """What to apply."""
    ambiguous: frozenset[str] = frozenset()
    """The ids of entries that a record may be of, and that it does not tell from others."""


def tell_apart(entries: Sequence[LedgerEntry], records: Iterable[SendRecord], provider: str) -> Evidence:
    """What *records* say of those *entries* of *provider* that are `UNKNOWN`. All are of one number.

    *entries*: all that is known to have been sent to it, since any of them may be what a record is of.
    """
    known = {id for entry in entries for id in ids_of(entry)}
    unclaimed = [record for record in records if not record.message_id or record.message_id not in known]
    nameless = [entry for entry in entries if not ids_of(entry) and entry.attempt.outcome is not Outcome.NOT_SENT]
    fitting = {entry.id: [record for record in unclaimed if _fits(entry, record)] for entry in nameless}
    reports: list[StatusReport] = []
    ambiguous: set[str] = set()
    for entry in nameless:
        if entry.provider != provider or entry.attempt.outcome is not Outcome.UNKNOWN or not fitting[entry.id]:
            continue
        record = fitting[entry.id][0]
        alone = len(fitting[entry.id]) == 1 and sum(record in each for each in fitting.values()) == 1
        report = _report(entry, record) if alone else None
        if report is None:
            ambiguous.add(entry.id)
        else:
            reports.append(report)
    return Evidence(tuple(reports), frozenset(ambiguous))


def ids_of(entry: LedgerEntry) -> set[str]:
    """The vendor's ids that are known of it, by the response or by reports."""
    ids = {report.message_id for report in entry.delivery.reports}
    return {id for id in (*ids, entry.attempt.message_id) if id}


def with_tag(report: StatusReport, about: Sequence[LedgerEntry]) -> StatusReport:
    """*report* with the tag of what it is about, if it has none and that is one message: the ledger finds it by it."""
    if report.reference or len(about) != 1:
        return report
    return attrs.evolve(report, reference=about[0].reference, to=about[0].message.to)


def record_of(report: StatusReport) -> SendRecord:
    """What a *report* without a tag says of a send: that there was one, at some time before it."""
    return SendRecord(
        provider=report.provider, message_id=report.message_id, to=report.to, outcome=Outcome.ACCEPTED, report=report
    )


def _fits(entry: LedgerEntry, record: SendRecord) -> bool:
    if entry.attempt.outcome is Outcome.REJECTED and record.outcome is Outcome.ACCEPTED:
        return False
    if record.sent_at is None:  # a report without a tag, or a record that cannot be read
        known = None if record.report is None else record.report.reported_at
        return known is None or entry.started_at - SKEW <= known <= entry.started_at + WINDOW + SKEW
    took = _LONGEST if entry.recorded is None else timedelta(seconds=entry.recorded.duration)
    return entry.started_at - SKEW <= record.sent_at <= entry.started_at + took + SKEW


def _report(entry: LedgerEntry, record: SendRecord) -> StatusReport | None:
    """What *record* says of *entry*; None if it says nothing."""
    if record.outcome is Outcome.REJECTED and record.sent_at is not None:
        return refusal_of(entry, record)
    if record.outcome is not Outcome.ACCEPTED or not record.message_id:
        return None
    if record.report is not None:
        return with_tag(record.report, [entry])
    return StatusReport(
        entry.provider,
        record.message_id,
        entry.message.to,
        DeliveryState.PENDING,
        reference=entry.reference,
        reported_at=record.sent_at,
        raw=record.raw,
    )
