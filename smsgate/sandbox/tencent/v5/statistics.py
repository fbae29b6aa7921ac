"""pullsendstatus and pullcallbackstatus.

Source: Tencent SMS API Documentation (2018), "Delivery Statistics" and "Delivery Report Statistics": hours as numbers
`yyyymmddhh`, both included.
"""

from typing import Any, Final

from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.counts import delivery_counts, send_counts
from smsgate.sandbox.tencent.formats import hour
from smsgate.sandbox.tencent.v5.refusal import Refusal
from smsgate.sandbox.tencent.v5.verify import V5Call, read_number

__all__ = ["count_deliveries", "count_sends"]

# Both hours are included ("Delivery Statistics"): the span ends with the end of the last one.
_HOUR: Final = 3600.0


def count_sends(state: SandboxState, call: V5Call, now: float) -> dict[str, Any]:
    """pullsendstatus."""
    counts = send_counts(state, *_span(call))
    return {"data": {"request": counts.requested, "success": counts.accepted, "bill_number": counts.billed}}


def count_deliveries(state: SandboxState, call: V5Call, now: float) -> dict[str, Any]:
    """pullcallbackstatus."""
    counts = delivery_counts(state, *_span(call))
    data = {
        "success": counts.accepted,
        "status": counts.reports,
        "status_success": counts.delivered,
        "status_fail": counts.failed,
    }
    return {"data": {**data, **{f"status_fail_{cause}": count for cause, count in enumerate(counts.causes)}}}


def _span(call: V5Call) -> tuple[float, float]:
    begin, end = (hour(str(read_number(call.body, name))) for name in ("begin_date", "end_date"))
    if begin is None or end is None or begin > end:
        raise Refusal(1004, "package format error, begin_date or end_date error")
    return begin, end + _HOUR
