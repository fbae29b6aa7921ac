"""What happens to a message after it was accepted: its report comes, a person replies.

Tencent's reports and replies wait to be pulled, and with a callback URL they are also pushed when they are due, unless
they were pulled before. Huawei's are pushed or lost: there is nothing to pull.
"""

import re
from collections.abc import Iterable
from functools import partial
from typing import Final

import attrs

from smsgate.model.phone import PhoneNumber
from smsgate.sandbox.huawei.pushes import is_platform_code
from smsgate.sandbox.pushes.push import Kind
from smsgate.sandbox.state.queue import SandboxReply, SandboxReport
from smsgate.sandbox.state.state import AcceptedMessage, World

__all__ = ["ReportOrder", "add_reply", "add_report", "follow"]

_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_MOST_TIMES: Final = 10_000
_LATEST: Final = 221_845_000_000.0


@attrs.frozen(kw_only=True)
class ReportOrder:
    """A report that somebody asks for."""

    message_id: str | None = None
    to: str | None = attrs.field(default=None, repr=False)
    code: str | None = None
    times: int = 1
    segment: tuple[int, int] | None = None
    reported_at: float | None = None


def follow(world: World, message: AcceptedMessage, now: float) -> None:
    """Let the report on a message that was accepted *now* come when it is due."""
    due = world.desk.report_due(now)
    is_pushed = _report_url(world, message) is not None
    time = due + world.desk.settings.late_by if is_pushed else now
    report = _report(message, message.report, time, is_dated=not is_platform_code(message.report))
    _place(world, message, _parts(message, report), due)


def add_report(world: World, order: ReportOrder, now: float) -> tuple[AcceptedMessage, str | None]:
    """Let a report come now. Gives the message and the URL that it is pushed to; None if it waits to be pulled.

    Raises `LookupError` if no such message was accepted, `ValueError` for an order that makes no sense.
    """
    message = _find(world, order)
    url = _report_url(world, message)
    _check(order, message, url)
    code = order.code or message.report
    if order.reported_at is None:
        time, is_dated = now + world.desk.settings.late_by, not is_platform_code(code)
    else:
        time, is_dated = order.reported_at, True
    parts = _parts(message, _report(message, code, time, is_dated=is_dated))
    if order.segment is not None:
        sequence, total = order.segment
        parts = [attrs.evolve(parts[0], sequence=sequence, total=total)]
    for _ in range(order.times):
        _place(world, message, parts, now)
    return message, url


def add_reply(
    world: World,
    sender: str,
    text: str,
    now: float,
    *,
    vendor: str = "tencent",
    to: str = "",
    signature: str | None = None,
    extend: str = "",
) -> tuple[SandboxReply, str | None]:
    """Let a reply come now. Gives it with the URL that it is pushed to; None if it waits to be pulled.

    Raises `ValueError` for a sender that is no number in E.164, an unknown vendor, or if there is nowhere to push to.
    """
    if not _E164.fullmatch(sender):
        raise ValueError("from: a number in E.164, as in +8613800138000")
    if vendor not in ("tencent", "huawei"):
        raise ValueError(f'vendor: "tencent" or "huawei", not {vendor!r}')
    signature = world.default_signature(vendor) if signature is None else signature
    reply = SandboxReply(sender=sender, text=text, time=now, signature=signature, extend=extend, to=to)
    return _place_tencent_reply(world, reply) if vendor == "tencent" else _place_huawei_reply(world, reply)


def _place_tencent_reply(world: World, reply: SandboxReply) -> tuple[SandboxReply, str | None]:
    ticket, url = world.replies.add(reply), world.desk.settings.tencent_callback
    if url:
        claim = partial(world.replies.withdraw, ticket)
        world.desk.expect(Kind.TENCENT_REPLY, url, reply, reply.time, claim=claim)
    return reply, url


def _place_huawei_reply(world: World, reply: SandboxReply) -> tuple[SandboxReply, str]:
    """To the application whose channel it was sent to, or the first one."""
    application = next((each for each in world.applications if each.channel == reply.to), world.applications[0])
    url = application.up_link_addr or world.desk.settings.huawei_callback
    if not url:
        raise ValueError("huawei has nowhere to push to: set huawei_callback, or the application's up_link_addr")
    made = attrs.evolve(reply, to=reply.to or application.channel, message_id=world.new_id())
    world.desk.expect(Kind.HUAWEI_REPLY, url, made, reply.time)
    return made, url


def _find(world: World, order: ReportOrder) -> AcceptedMessage:
    if (order.message_id is None) == (order.to is None):
        raise ValueError('give either "message_id" or "to"')
    for message in reversed(world.messages):
        if order.message_id == message.message_id or order.to == message.to:
            return message
    wanted = f"id {order.message_id}" if order.to is None else f"number {PhoneNumber(order.to).masked}"
    raise LookupError(f"no message with the {wanted} was accepted")


def _check(order: ReportOrder, message: AcceptedMessage, url: str | None) -> None:
    if message.vendor == "tencent" and order.segment is not None:
        raise ValueError("segment: Tencent reports on whole messages")
    if message.vendor == "huawei" and url is None:
        raise ValueError("huawei has nowhere to push to: the send had no statusCallback, huawei_callback is not set")
    if not 1 <= order.times <= _MOST_TIMES:
        raise ValueError(f"times: 1 to {_MOST_TIMES}")
    if order.reported_at is not None and not 0 <= order.reported_at <= _LATEST:
        raise ValueError("reported_at: a time from 1970 to 9000")


def _report_url(world: World, message: AcceptedMessage) -> str | None:
    settings = world.desk.settings
    if message.vendor == "tencent":
        return settings.tencent_callback
    return message.status_callback or settings.huawei_callback


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


def _parts(message: AcceptedMessage, report: SandboxReport) -> list[SandboxReport]:
    """A report for each part of a long message, which Tencent does not tell apart."""
    total = 1 if message.vendor == "tencent" else message.segments
    return [attrs.evolve(report, sequence=sequence, total=total) for sequence in range(1, total + 1)]


def _place(world: World, message: AcceptedMessage, reports: Iterable[SandboxReport], due: float) -> None:
    url = _report_url(world, message)
    for report in reports:
        if message.vendor == "tencent":
            ticket = world.reports.add(report)
            if url:
                claim = partial(world.reports.withdraw, ticket)
                world.desk.expect(Kind.TENCENT_REPORTS, url, report, due, claim=claim)
        elif url:
            kind = Kind.HUAWEI_REPORT if message.status_callback else Kind.HUAWEI_BATCH
            world.desk.expect(kind, url, report, due)
