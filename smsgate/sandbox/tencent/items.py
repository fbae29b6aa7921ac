"""Delivery reports and replies as the v5 interface gives them when they are pulled, and as both interfaces push them.

Source: Tencent SMS Development Guide 2.0, "Notification of MT SMS Delivery Status" and "SMS Reply".
"""

from typing import Any

from smsgate.sandbox.state.queue import SandboxReply, SandboxReport
from smsgate.sandbox.tencent.formats import china_time, split_number

__all__ = ["reply_item", "status_item"]


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
