"""The account behind Tencent's two interfaces: what either of them accepts, both report and count.

Sources: Tencent SMS Development Guide 2.0, "Statistics APIs" (the fields of both counts), "Notification of MT SMS
Delivery Status" (times without a zone, which are China's) and "Error Codes for Status Report".
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Final

import attrs

from smsgate.model.phone import PhoneNumber
from smsgate.sandbox.events import follow
from smsgate.sandbox.state.queue import SandboxReply, SandboxReport
from smsgate.sandbox.state.scenarios import Codes, Scenario, report_code, scenario_of
from smsgate.sandbox.state.state import AcceptedMessage, World
from smsgate.sandbox.state.templates import segments

__all__ = [
    "VENDOR",
    "Content",
    "DeliveryCounts",
    "SendCounts",
    "accept",
    "china_time",
    "delivery_counts",
    "find_replies",
    "find_reports",
    "hour",
    "send_counts",
    "split_number",
]

VENDOR: Final = "tencent"
_CHINA: Final = timezone(timedelta(hours=8))
_CAUSES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "9998": 1,
        "00202": 1,
        "BADSIGN": 1,
        "002": 2,
        "904": 2,
        "BLACK0": 2,
        "BLKLIST": 3,
        "1077": 3,
        "XA:0100": 4,
        "145": 4,
    }
)
"""Failure codes by cause: 1 the number, 2 the phone is off or out of service, 3 a blocklist, 4 too many messages."""


@attrs.frozen
class Content:
    """The text of one request, the same for all its numbers."""

    template_id: str | None
    params: tuple[str, ...] = attrs.field(repr=False)
    text: str = attrs.field(repr=False)
    signature: str


@attrs.frozen
class SendCounts:
    """What was sent in a span of time."""

    requested: int
    accepted: int
    billed: int
    """Accepted messages, long ones by their segments."""


@attrs.frozen
class DeliveryCounts:
    """What became of it."""

    accepted: int
    reports: int
    delivered: int
    failed: int
    causes: tuple[int, int, int, int, int]
    """Failed ones: the carrier's fault, the number, the phone, a blocklist, too many messages."""


def accept(
    world: World, codes: Mapping[Scenario, Codes], content: Content, *, api: str, to: str, reference: str, now: float
) -> AcceptedMessage:
    """Take a message to the number *to* (E.164), and let its delivery report come."""
    message = AcceptedMessage(
        vendor=VENDOR,
        api=api,
        to=to,
        template_id=content.template_id,
        params=content.params,
        text=content.text,
        message_id=f"8:{world.new_id().replace('-', '')}",
        time=world.moment(now),
        signature=content.signature,
        reference=reference or None,
        segments=segments(content.text),
        scenario=scenario_of(to),
        report=report_code(codes, to),
    )
    world.accept(message)
    follow(world, message, now)
    return message


def send_counts(world: World, begin: float, end: float) -> SendCounts:
    """The counts of what was sent from *begin* until before *end* (Unix seconds)."""
    requested = sum(count for vendor, time, count in world.submitted if vendor == VENDOR and begin <= time < end)
    sent = [each for each in world.messages if each.vendor == VENDOR and begin <= each.time.timestamp() < end]
    return SendCounts(requested, len(sent), sum(message.segments for message in sent))


def delivery_counts(world: World, begin: float, end: float) -> DeliveryCounts:
    """The counts of what became of what was sent from *begin* until before *end* (Unix seconds)."""
    reports = world.reports.find(lambda report: begin <= report.sent < end)
    failed = [report for report in reports if not report.is_delivered]
    causes = [0] * 5
    for report in failed:
        causes[_CAUSES.get(report.code, 0)] += 1
    accepted = send_counts(world, begin, end).accepted
    operator, number, phone, blocklist, limit = causes
    counts = (operator, number, phone, blocklist, limit)
    return DeliveryCounts(accepted, len(reports), len(reports) - len(failed), len(failed), counts)


def find_reports(world: World, number: str, begin: float, end: float) -> list[SandboxReport]:
    """The reports of messages to *number* (E.164) sent between *begin* and *end*, both included."""
    return world.reports.find(lambda report: report.to == number and begin <= report.sent <= end)


def find_replies(world: World, number: str, begin: float, end: float) -> list[SandboxReply]:
    """The replies from *number* (E.164) that came between *begin* and *end*, both included."""
    return world.replies.find(lambda reply: reply.sender == number and begin <= reply.time <= end)


def hour(text: str) -> float | None:
    """The beginning of the hour `yyyymmddhh`, China time, in Unix seconds; None if it is none."""
    try:
        return datetime.strptime(text, "%Y%m%d%H").replace(tzinfo=_CHINA).timestamp() if _is_hour(text) else None
    except ValueError:
        return None


def china_time(seconds: float) -> str:
    """Unix seconds as Tencent writes them: "2015-10-17 08:03:04", China time."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(_CHINA).strftime("%Y-%m-%d %H:%M:%S")


def split_number(number: str) -> tuple[str, str]:
    """Country code and national digits of a number in E.164."""
    parsed = PhoneNumber(number)
    return parsed.calling_code, parsed.national


def _is_hour(text: str) -> bool:
    return re.fullmatch(r"[0-9]{10}", text, re.ASCII) is not None
