"""What the docstrings of reports, replies and verdicts promise of each field, to be checked whatever a vendor sent."""
# Whether a vendor's author keeps to the annotations is what is checked.
# pyright: reportUnnecessaryIsInstance=false

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import attrs

from smsgate.model.delivery import Delivery
from smsgate.model.masking import E164
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Outcome, Reason, outcome_of
from smsgate.model.report import Reply, Segment, Source, StatusReport
from smsgate.model.states import DeliveryState
from smsgate.provider.protocol import Verdict

__all__ = ["check_reply", "check_report", "check_verdict", "expect"]

_NOON: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
_WITHOUT_REASON: Final = (DeliveryState.DELIVERED, DeliveryState.PENDING)


def expect(holds: object, problem: str) -> None:
    """Raise `AssertionError` with *problem* unless it *holds*."""
    if not holds:
        raise AssertionError(problem)


def check_report(report: StatusReport, provider: str) -> None:
    """Every field of *report* satisfies its own docstring, and a `Delivery` can take it."""
    what = f"a report of the code {report.code!r}"
    expect(report.provider == provider, f"{what}: provider must be the name that parse_callback was given")
    expect(_is_text(report.message_id), f"{what}: message_id must be a text that is not empty")
    expect(
        report.to is None or _is_e164(report.to), f"{what}: to must be a PhoneNumber in E.164, or None (read_number)"
    )
    expect(isinstance(report.state, DeliveryState), f"{what}: state must be a DeliveryState (state_of)")
    expect(report.reason is None or isinstance(report.reason, Reason), f"{what}: reason must be a Reason or None")
    is_final_failure = report.state not in _WITHOUT_REASON
    expect(
        report.state is not DeliveryState.DELIVERED or report.reason is None, f"{what}: a delivered one has no reason"
    )
    expect(not is_final_failure or report.reason is not None, f"{what}: a failure needs a reason")
    expect(isinstance(report.code, str), f"{what}: code must be the vendor's, as text")
    expect(_is_text(report.meaning), f"{what}: meaning must say what the code means")
    for name in ("description", "carrier", "reference"):
        value = getattr(report, name)
        expect(
            value is None or _is_text(value), f"{what}: {name} must be a text that is not empty, or None (read_text)"
        )
    expect(isinstance(report.remedy, str), f"{what}: remedy must be a text")
    if report.segment is not None:
        counts = (report.segment.sequence, report.segment.total)
        is_segment = type(report.segment) is Segment and all(type(each) is int for each in counts)
        expect(is_segment, f"{what}: segment must be a Segment of two whole numbers")
    expect(report.source is None or isinstance(report.source, Source), f"{what}: source must be a Source or None")
    expect(_is_time(report.reported_at), f"{what}: reported_at must be an aware time between 2000 and 2099 (read_time)")
    expect(isinstance(report.raw, Mapping), f"{what}: raw must be the item as it came")
    expect(report.tag is None, f"{what}: tag is set by whoever reads tags, and None here")
    _check_value(report, what)
    later = attrs.evolve(report, reported_at=_NOON, state=DeliveryState.DELIVERED, reason=None)
    orders = Delivery().apply(report).apply(later), Delivery().apply(later).apply(report)
    expect(orders[0] == orders[1], f"{what}: a Delivery depends on the order of its reports")


def check_reply(reply: Reply, provider: str) -> None:
    """Every field of *reply* satisfies its own docstring."""
    expect(reply.provider == provider, "a reply: provider must be the name that parse_callback was given")
    expect(reply.to is None or _is_text(reply.to), "a reply: to must be a text that is not empty, or None")
    expect(_is_e164(reply.sender), "a reply: sender must be a PhoneNumber in E.164 (read_number)")
    expect(isinstance(reply.text, str), "a reply: text must be a text")
    expect(_is_time(reply.received_at), "a reply: received_at must be an aware time between 2000 and 2099 (read_time)")
    for name in ("message_id", "signature", "extend"):
        value = getattr(reply, name)
        expect(value is None or _is_text(value), f"a reply: {name} must be a text that is not empty, or None")
    expect(isinstance(reply.raw, Mapping), "a reply: raw must be the item as it came")
    _check_value(reply, "a reply")


def check_verdict(verdict: Verdict) -> None:
    """Every field of *verdict* satisfies its own docstring."""
    what = f"a verdict of the code {verdict.code!r}"
    accepted = verdict.outcome is Outcome.ACCEPTED
    known = (Outcome.ACCEPTED, Outcome.REJECTED, Outcome.UNKNOWN)
    expect(verdict.outcome in known, f"{what}: a response says ACCEPTED, REJECTED or UNKNOWN, not {verdict.outcome}")
    expect((verdict.reason is None) == accepted, f"{what}: has a reason unless it is ACCEPTED (Verdict.refused)")
    expect(
        verdict.outcome is not Outcome.REJECTED or outcome_of(verdict.reason) is Outcome.REJECTED,
        f"{what}: is REJECTED with the reason {verdict.reason}, with which it is {outcome_of(verdict.reason)} "
        "(Verdict.refused gives each reason its outcome)",
    )
    for name in ("code", "description", "message_id", "request_id"):
        value = getattr(verdict, name)
        expect(
            value is None or _is_text(value), f"{what}: {name} must be a text that is not empty, or None (short_text)"
        )
    expect(verdict.message_id is None or accepted, f"{what}: only an accepted message has a message_id")
    expect(accepted or verdict.description is not None, f"{what}: description must say what it means")
    printable = verdict.description is None or verdict.description.isprintable()
    expect(printable, f"{what}: description must be one printable line (Verdict.refused makes it so)")
    segments, pause = verdict.segments, verdict.retry_after
    expect(
        segments is None or (type(segments) is int and segments >= 0), f"{what}: segments must be 0 or more (read_int)"
    )
    expect(pause is None or (math.isfinite(pause) and pause >= 0), f"{what}: retry_after must be seconds (retry_after)")


def _check_value(event: StatusReport | Reply, what: str) -> None:
    expect(event == attrs.evolve(event) and event in {event}, f"{what}: must be equal to its copy, and hashable")
    expect("\n" not in repr(event), f"{what}: its repr must be one line")


def _is_time(time: datetime | None) -> bool:
    if time is None:
        return True
    return time.utcoffset() is not None and 2000 <= time.astimezone(UTC).year < 2100


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_e164(value: object) -> bool:
    return isinstance(value, PhoneNumber) and E164.fullmatch(str(value)) is not None
