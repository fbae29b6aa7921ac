"""What the docstrings of reports, replies and verdicts promise of each field, as assertions."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime

import attrs

from smsgate import Delivery, DeliveryState, Outcome, PhoneNumber, Reason, Reply, StatusReport, Verdict
from smsgate.model.masking import E164
from smsgate.model.report import Segment, Source

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def check_report(report: StatusReport, provider: str) -> None:
    """Every field of *report* satisfies its own docstring, and a `Delivery` can take it."""
    assert report.provider == provider
    assert is_text(report.message_id)
    assert report.to is None or is_e164(report.to)
    assert isinstance(report.state, DeliveryState)
    assert report.reason is None or isinstance(report.reason, Reason)
    assert report.state is not DeliveryState.DELIVERED or report.reason is None
    assert report.state in (DeliveryState.DELIVERED, DeliveryState.PENDING) or report.reason is not None
    assert isinstance(report.code, str)
    assert is_text(report.meaning)
    assert isinstance(report.remedy, str)
    for text in (report.description, report.carrier, report.reference):
        assert text is None or is_text(text)
    if report.segment is not None:
        assert type(report.segment) is Segment
        assert type(report.segment.sequence) is type(report.segment.total) is int
    assert report.source is None or isinstance(report.source, Source)
    check_time(report.reported_at)
    assert isinstance(report.raw, Mapping)
    assert report.tag is None
    check_value(report)
    later = attrs.evolve(report, reported_at=NOON, state=DeliveryState.DELIVERED, reason=None)
    assert Delivery().apply(report).apply(later) == Delivery().apply(later).apply(report)


def check_reply(reply: Reply, provider: str) -> None:
    """Every field of *reply* satisfies its own docstring."""
    assert reply.provider == provider
    assert reply.to is None or is_text(reply.to)
    assert is_e164(reply.sender)
    assert isinstance(reply.text, str)
    check_time(reply.received_at)
    for text in (reply.message_id, reply.signature, reply.extend):
        assert text is None or is_text(text)
    assert isinstance(reply.raw, Mapping)
    check_value(reply)


def check_verdict(verdict: Verdict) -> None:
    """Every field of *verdict* satisfies its own docstring."""
    assert verdict.outcome in (Outcome.ACCEPTED, Outcome.REJECTED, Outcome.UNKNOWN)
    assert (verdict.reason is None) == (verdict.outcome is Outcome.ACCEPTED)
    for text in (verdict.code, verdict.description, verdict.message_id, verdict.request_id):
        assert text is None or is_text(text)
    assert verdict.message_id is None or verdict.outcome is Outcome.ACCEPTED
    assert verdict.outcome is Outcome.ACCEPTED or verdict.description is not None
    assert verdict.description is None or verdict.description.isprintable()
    assert verdict.segments is None or (type(verdict.segments) is int and verdict.segments >= 0)
    assert verdict.retry_after is None or (math.isfinite(verdict.retry_after) and verdict.retry_after >= 0)


def check_time(time: datetime | None) -> None:
    """Aware, in a believable year, and fit for arithmetic in any zone."""
    if time is not None:
        assert time.utcoffset() is not None
        assert 2000 <= time.astimezone(UTC).year < 2100
        assert (time < NOON) in (True, False)


def check_value(event: StatusReport | Reply) -> None:
    """It can be compared, hashed and shown on one line."""
    assert event == attrs.evolve(event)
    assert event in {event}
    assert "\n" not in repr(event)


def is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def is_e164(value: object) -> bool:
    return isinstance(value, PhoneNumber) and E164.fullmatch(str(value)) is not None
