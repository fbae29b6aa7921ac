"""pullstatus and pullstatus4mobile.

Source: Tencent SMS Development Guide 2.0, "Pull SMS Status" (a queue: what was pulled never comes again) and "Pull SMS
Status of a Single Mobile No." (a query); the items are those of the two notifications.
"""

from typing import Any, Final

from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.account import find_replies, find_reports, take_replies, take_reports
from smsgate.sandbox.tencent.conditions import pull_refusal
from smsgate.sandbox.tencent.items import reply_item, status_item
from smsgate.sandbox.tencent.v5.refusal import Refusal
from smsgate.sandbox.tencent.v5.verify import V5Call, read_number

__all__ = ["pull", "pull_of_number"]

_STATUS: Final = 0
# Tencent SMS Development Guide 2.0, "Pull SMS Status": `max` is at most 100.
_MAX_ITEMS: Final = 100


def pull(state: SandboxState, call: V5Call, now: float) -> dict[str, Any]:
    """pullstatus: take items out of the queue. `type` 0 for delivery reports, 1 for replies."""
    is_status = read_number(call.body, "type", high=1) == _STATUS
    limit = read_number(call.body, "max", low=1, high=_MAX_ITEMS)
    code = pull_refusal(state)
    if code is not None:
        raise Refusal(code)
    if is_status:
        return _payload([status_item(report) for report in take_reports(state, limit)])
    return _payload([reply_item(reply) for reply in take_replies(state, limit)])


def pull_of_number(state: SandboxState, call: V5Call, now: float) -> dict[str, Any]:
    """pullstatus4mobile: the items of one number in a span of time, which stay where they are."""
    is_status = read_number(call.body, "type", high=1) == _STATUS
    limit = read_number(call.body, "max", low=1, high=_MAX_ITEMS)
    begin, end = read_number(call.body, "begin_time"), read_number(call.body, "end_time")
    if begin > end:
        raise Refusal(1004, "package format error, begin_time after end_time")
    number = f"+{call.body.get('nationcode')}{call.body.get('mobile')}"
    if is_status:
        return _payload([status_item(report) for report in find_reports(state, number, begin, end)[:limit]])
    return _payload([reply_item(reply) for reply in find_replies(state, number, begin, end)[:limit]])


def _payload(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"count": len(items), "data": items}
