"""pullstatus and pullstatus4mobile.

Source: Tencent SMS Development Guide 2.0, "Pull SMS Status" (a queue: what was pulled never comes again) and "Pull SMS
Status of a Single Mobile No." (a query); the items are those of the two notifications.
"""

from typing import Any, Final

from smsgate.sandbox.state.queue import SandboxReply, SandboxReport
from smsgate.sandbox.state.state import World
from smsgate.sandbox.tencent.account import china_time, find_replies, find_reports, split_number
from smsgate.sandbox.tencent.v5.refusal import Refusal
from smsgate.sandbox.tencent.v5.verify import V5Call, read_number

__all__ = ["pull", "pull_of_number", "reply_item", "status_item"]

_STATUS: Final = 0
_MAX_ITEMS: Final = 100


def pull(world: World, call: V5Call, now: float) -> dict[str, Any]:
    """pullstatus: take items out of the queue. `type` 0 for delivery reports, 1 for replies."""
    is_status = read_number(call.body, "type", high=1) == _STATUS
    limit = read_number(call.body, "max", low=1, high=_MAX_ITEMS)
    if is_status:
        return _told([status_item(report) for report in world.reports.take(limit)])
    return _told([reply_item(reply) for reply in world.replies.take(limit)])


def pull_of_number(world: World, call: V5Call, now: float) -> dict[str, Any]:
    """pullstatus4mobile: the items of one number in a span of time, which stay where they are."""
    is_status = read_number(call.body, "type", high=1) == _STATUS
    limit = read_number(call.body, "max", low=1, high=_MAX_ITEMS)
    begin, end = read_number(call.body, "begin_time"), read_number(call.body, "end_time")
    if begin > end:
        raise Refusal(1004, "package format error, begin_time after end_time")
    number = f"+{call.body.get('nationcode')}{call.body.get('mobile')}"
    if is_status:
        return _told([status_item(report) for report in find_reports(world, number, begin, end)[:limit]])
    return _told([reply_item(reply) for reply in find_replies(world, number, begin, end)[:limit]])


def status_item(report: SandboxReport) -> dict[str, Any]:
    """A delivery report as it is pulled or pushed."""
    nationcode, mobile = split_number(report.to)
    return {
        "user_receive_time": china_time(report.time),
        "nationcode": nationcode,
        "mobile": mobile,
        "report_status": "SUCCESS" if report.is_delivered else "FAIL",
        "errmsg": report.code,
        "description": "用户短信送达成功" if report.is_delivered else "用户短信送达失败",
        "sid": report.message_id,
    }


def reply_item(reply: SandboxReply) -> dict[str, Any]:
    """A reply as it is pulled or pushed."""
    nationcode, mobile = split_number(reply.sender)
    item = {
        "nationcode": nationcode,
        "mobile": mobile,
        "text": reply.text,
        "sign": reply.signature,
        "time": int(reply.time),
    }
    return {**item, "extend": reply.extend} if reply.extend else item


def _told(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"count": len(items), "data": items}
