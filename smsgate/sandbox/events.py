"""What happens to a message after it was accepted: its report comes, a person replies.

How, each vendor knows: whether a report can be pulled, where it is pushed to, in which format.
"""

import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from smsgate.model.phone import PhoneNumber
from smsgate.sandbox.state.e164 import E164_EXAMPLE, is_e164
from smsgate.sandbox.state.message import AcceptedMessage
from smsgate.sandbox.state.queue import SandboxReply, SandboxReport
from smsgate.sandbox.state.report_plans import PlannedReport
from smsgate.sandbox.state.scenarios import LATE_SECONDS, Scenario
from smsgate.sandbox.state.state import SandboxState, SimulatedVendor

__all__ = ["ReportOrder", "add_reply", "add_report", "follow", "note_opt_out"]

# What texts in mainland China ask people to reply who want no more of them.
_OPT_OUTS: Final = frozenset({"t", "td", "退订"})

_USUAL: Final[Mapping[Scenario | None, Sequence[PlannedReport]]] = {
    Scenario.REPORTED_LATE: (PlannedReport(after=LATE_SECONDS),),
    Scenario.REPORTED_TWICE: (PlannedReport(times=2),),
}
"""The reports on a message to a magic number, where they are other than one on time."""
_MOST_TIMES: Final = 10_000
_LATEST: Final = 221_845_000_000.0
"""A day in the year 9000: what is later, `datetime` cannot write in every zone."""


@attrs.frozen(kw_only=True)
class ReportOrder:
    """A report that a person or a test wants."""

    message_id: str | None = None
    to: str | None = attrs.field(default=None, repr=False)
    code: str | None = None
    times: int = 1
    segment: tuple[int, int] | None = None
    reported_at: float | None = None
    sub_error: str = ""
    sub_error_description: str = ""


def follow(state: SandboxState, message: AcceptedMessage, now: float) -> None:
    """Let come what follows a message that was accepted *now*: its report, and what its number adds to that."""
    due = state.pushes.report_due(now)
    planned = state.report_plans.take(message, now)
    for each in _USUAL.get(message.scenario, (PlannedReport(),)) if planned is None else planned:
        _place(state, message, each, due, now)
    if message.scenario is not None and message.scenario.reply is not None:
        _reply_to(state, message, message.scenario.reply, due)


def _place(state: SandboxState, message: AcceptedMessage, planned: PlannedReport, due: float, now: float) -> None:
    """Let a report come, as *planned*, where others are *due* (Unix seconds)."""
    vendor = state.vendors[message.vendor]
    code, due = planned.code or message.report, due + planned.after
    url = vendor.report_url(state.pushes.settings, message)
    is_pushed = url is not None
    time = due + state.pushes.settings.late_by if is_pushed else now
    report = _report(message, code, time, is_dated=vendor.is_dated(code))
    _note_report(state, message, code, due if is_pushed else now, url)
    for _ in range(planned.times):
        for part in _parts(vendor, message, report):
            vendor.place_report(state, message, part, due)


def _reply_to(state: SandboxState, message: AcceptedMessage, text: str, due: float) -> None:
    try:
        add_reply(
            state,
            message.to,
            text,
            due,
            vendor=message.vendor,
            to=message.sender or "",
            signature=message.signature,
        )
    except ValueError:
        note_opt_out(state, message.vendor, message.to, text)  # nobody to push to, but the person did reply


def add_report(state: SandboxState, order: ReportOrder, now: float) -> tuple[AcceptedMessage, str | None]:
    """Let a report come now. Gives the message and the URL that it is pushed to; None if it waits to be pulled.

    Raises `LookupError` if no such message was accepted, `ValueError` for an order that makes no sense.
    """
    message = _find(state, order)
    vendor = state.vendors[message.vendor]
    url = vendor.report_url(state.pushes.settings, message)
    code = order.code or message.report
    if order.reported_at is None:
        time, is_dated = now + state.pushes.settings.late_by, vendor.is_dated(code)
    else:
        time, is_dated = order.reported_at, True
    report = _report(message, code, time, is_dated=is_dated)
    report = attrs.evolve(report, sub_error=order.sub_error, sub_error_description=order.sub_error_description)
    _check(order, report, vendor, url)
    parts = _parts(vendor, message, report)
    if order.segment is not None:
        sequence, total = order.segment
        parts = [attrs.evolve(parts[0], sequence=sequence, total=total)]
    _note_report(state, message, code, now, url)
    for _ in range(order.times):
        for part in parts:
            vendor.place_report(state, message, part, now)
    return message, url


def add_reply(
    state: SandboxState,
    sender: str,
    text: str,
    now: float,
    *,
    vendor: str | None = None,
    to: str = "",
    signature: str | None = None,
    extend: str | None = None,
) -> tuple[SandboxReply, str | None]:
    """Let a reply come now. Gives it with the URL that it is pushed to; None if it waits to be pulled.

    *vendor*: the first of the registry unless given. *extend*: that of the vendor's last message to *sender* unless
    given. Raises `ValueError` for a sender that is no number in E.164, an
    unknown vendor, or if there is nowhere to push to.
    """
    if not is_e164(sender):
        raise ValueError(f"from: {E164_EXAMPLE}")
    vendor = next(iter(state.vendors)) if vendor is None else vendor
    if vendor not in state.vendors:
        known = " or ".join(f'"{name}"' for name in state.vendors)
        raise ValueError(f"vendor: {known}, not {vendor!r}")
    note_opt_out(state, vendor, sender, text)
    signature = state.default_signature(vendor) if signature is None else signature
    if extend is None:
        sent = (each for each in reversed(state.messages) if each.to == sender and each.vendor == vendor)
        extend = next((message.extend for message in sent), "")
    reply = SandboxReply(
        sender=sender, text=text, time=now, signature=signature, extend=extend, to=to, entry=uuid.uuid4().hex
    )
    placed = state.vendors[vendor].place_reply(state, reply)
    state.history.add_reply(vendor, placed[0])
    return placed


def _note_report(state: SandboxState, message: AcceptedMessage, code: str, due: float, url: str | None) -> None:
    waits = not state.vendors[message.vendor].missing_url
    state.history.add_report(message.message_id, code, due, url=url or "", waits=waits)


def note_opt_out(state: SandboxState, vendor: str, sender: str, text: str) -> None:
    """Let the vendor send nothing more to *sender* if their reply says so."""
    if unicodedata.normalize("NFKC", text).strip(" .。!").casefold() in _OPT_OUTS:
        state.opted_out.add((vendor, sender))


def _find(state: SandboxState, order: ReportOrder) -> AcceptedMessage:
    if (order.message_id is None) == (order.to is None):
        raise ValueError('give either "message_id" or "to"')
    for message in reversed(state.messages):
        if order.message_id == message.message_id or order.to == message.to:
            return message
    wanted = f"id {order.message_id}" if order.to is None else f"number {PhoneNumber(order.to).masked}"
    raise LookupError(f"no message with the {wanted} was accepted")


def _check(order: ReportOrder, report: SandboxReport, vendor: SimulatedVendor, url: str | None) -> None:
    if order.segment is not None and not vendor.reports_segments:
        raise ValueError(f"segment: {vendor.name} reports on whole messages")
    if order.sub_error_description and not order.sub_error:
        raise ValueError("sub_error_description: goes with a sub_error")
    if order.sub_error and not vendor.has_sub_error(report):
        raise ValueError(f"sub_error: {vendor.name} has none in a report of this code from this country")
    if url is None and vendor.missing_url:
        raise ValueError(f"{vendor.name} has nowhere to push to: {vendor.missing_url}")
    if not 1 <= order.times <= _MOST_TIMES:
        raise ValueError(f"times: 1 to {_MOST_TIMES}")
    if order.reported_at is not None and not 0 <= order.reported_at <= _LATEST:
        raise ValueError("reported_at: a time from 1970 to 9000")


def _report(message: AcceptedMessage, code: str, time: float, *, is_dated: bool) -> SandboxReport:
    return SandboxReport(
        to=message.to,
        message_id=message.message_id,
        code=code,
        sent=message.time.timestamp(),
        time=time,
        is_dated=is_dated,
        reference=message.reference,
    )


def _parts(vendor: SimulatedVendor, message: AcceptedMessage, report: SandboxReport) -> list[SandboxReport]:
    """A report for each part of a long message, where the vendor reports on each."""
    total = message.segments if vendor.reports_segments else 1
    return [attrs.evolve(report, sequence=sequence, total=total) for sequence in range(1, total + 1)]
