"""What Tencent counts: what was sent in a span of time, and what became of it.

Sources: Tencent SMS Development Guide 2.0, "Statistics APIs" (the fields of both counts) and "Error Codes for Status
Report" (which code is whose fault).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.account import VENDOR, account_of

__all__ = ["DeliveryCounts", "SendCounts", "delivery_counts", "send_counts"]

_CAUSES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "9998": 1,
        "00202": 1,
        "BADSIGN": 1,
        "002": 2,
        "904": 2,
        "BLACK0": 2,
        "BLKLIST": 3,
        "MX:0012": 3,
        "1077": 3,
        "XA:0100": 4,
        "145": 4,
    }
)
"""Failure codes by cause: 1 the number, 2 the phone is off or out of service, 3 a blocklist, 4 too many messages."""


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


def send_counts(state: SandboxState, begin: float, end: float) -> SendCounts:
    """The counts of what was sent from *begin* until before *end* (Unix seconds)."""
    requested = sum(count for time, count in account_of(state).submitted if begin <= time < end)
    sent = [each for each in state.messages if each.vendor == VENDOR and begin <= each.time.timestamp() < end]
    return SendCounts(requested, len(sent), sum(message.segments for message in sent))


def delivery_counts(state: SandboxState, begin: float, end: float) -> DeliveryCounts:
    """The counts of what became of what was sent from *begin* until before *end* (Unix seconds)."""
    reports = account_of(state).reports.find(lambda report: begin <= report.sent < end)
    failed = [report for report in reports if not report.is_delivered]
    causes = [0] * 5
    for report in failed:
        causes[_CAUSES.get(report.code, 0)] += 1
    accepted = send_counts(state, begin, end).accepted
    operator, number, phone, blocklist, limit = causes
    counts = (operator, number, phone, blocklist, limit)
    return DeliveryCounts(accepted, len(reports), len(reports) - len(failed), len(failed), counts)
