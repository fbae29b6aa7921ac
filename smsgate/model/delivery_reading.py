"""What the reports of one message say together: rules 4 to 9 of `smsgate.model.delivery`. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

import attrs

from smsgate.model.reason import Reason
from smsgate.model.report import Segment, StatusReport
from smsgate.model.states import DeliveryState

__all__ = ["MAX_SEGMENTS", "Order", "Reading", "order", "read_reports"]

MAX_SEGMENTS: Final = 255
"""The most parts a long message can have: its header has one byte for them (3GPP TS 23.040, 9.2.3.24.1)."""

Order = tuple[bool, datetime, str]
_NO_TIME: Final = datetime.max.replace(tzinfo=UTC)
_D = DeliveryState
_FAILURES: Final = (_D.REJECTED, _D.UNDELIVERED, _D.DELETED, _D.EXPIRED)
_ONE_PART: Final = (_D.DELIVERED, *_FAILURES, _D.PENDING)
_ALL_PARTS: Final = (*_FAILURES, _D.PENDING, _D.DELIVERED)
_ALL_COPIES: Final = (_D.DELIVERED, _D.PENDING, *_FAILURES)


@attrs.frozen
class Reading:
    """What the facts about one copy of the message say."""

    state: DeliveryState
    report: StatusReport | None = None
    total: int = 1
    partial: bool = False
    conflict: bool = False
    refused: Reason | None = None

    @property
    def reason(self) -> Reason | None:
        return self.report.reason if self.report else self.refused


def read_reports(reports: Iterable[StatusReport]) -> Reading | None:
    """What *reports* say of the message. None if there are none."""
    copies: dict[tuple[str, str], list[StatusReport]] = {}
    for report in reports:
        copies.setdefault((report.provider, report.message_id), []).append(report)
    readings = [_read_numbers(copies[name]) for name in sorted(copies)]
    if not readings:
        return None
    best = min(readings, key=lambda reading: _ALL_COPIES.index(reading.state))
    return attrs.evolve(best, conflict=any(reading.conflict for reading in readings))


def order(report: StatusReport) -> Order:
    """By time, undated last, then by text: equal only for equal reports of one slot."""
    at = report.reported_at
    rest = (report.code, report.description, report.reason, report.source, report.reference, report.segment)
    more = (report.to and str(report.to), report.meaning, report.remedy, report.carrier, report.carrier_code)
    judged = (report.certainty.value, report.suppress)
    return at is None, at or _NO_TIME, repr((*rest, *more, *judged))


def _read_numbers(reports: list[StatusReport]) -> Reading:
    """Rule 9, for one copy of the message."""
    numbers = sorted({str(report.to) for report in reports if report.to})
    if len(numbers) < 2:
        return _read(reports)
    readings = [_read([each for each in reports if not each.to or str(each.to) == number]) for number in numbers]
    return attrs.evolve(min(readings, key=lambda reading: _ALL_PARTS.index(reading.state)), conflict=True)


def _read(reports: list[StatusReport]) -> Reading:
    """Rules 5 to 7, for one copy of the message."""
    totals = [report.segment.total for report in reports if report.segment]
    total = max((count for count in totals if 1 <= count <= MAX_SEGMENTS), default=1)
    parts: dict[int, list[StatusReport]] = {number: [] for number in range(1, total + 1)}
    for report in reports:
        for number in _parts_of(report.segment, total):
            parts[number].append(report)
    best = [min(found, key=_evidence) if found else None for found in parts.values()]
    states = [report.state if report else _D.PENDING for report in best]
    state = min(states, key=_ALL_PARTS.index)
    decisive = [report for report in best if report and report.state is state]
    last_counts = state in (_D.DELIVERED, _D.PENDING)
    return Reading(
        state,
        (max if last_counts else min)(decisive, key=order, default=None),
        total,
        partial=total > 1 and _D.PENDING in states,
        conflict=any(map(_contradicts, parts.values())) or any(_misplaced(report.segment, total) for report in reports),
    )


def _parts_of(segment: Segment | None, total: int) -> Iterable[int]:
    if segment is None or segment.total <= 1:
        return range(1, total + 1)
    known = segment.total <= MAX_SEGMENTS and 1 <= segment.sequence <= segment.total
    return (segment.sequence,) if known else ()


def _misplaced(segment: Segment | None, total: int) -> bool:
    return segment is not None and not (segment.total == total and 1 <= segment.sequence <= total)


def _contradicts(reports: list[StatusReport]) -> bool:
    return len({report.state for report in reports if report.final}) > 1


def _evidence(report: StatusReport) -> tuple[int, Order]:
    return _ONE_PART.index(report.state), order(report)
