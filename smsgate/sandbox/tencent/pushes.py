"""What Tencent pushes: an array of reports, or one reply.

Source: Tencent SMS Development Guide 2.0, "Notification of MT SMS Delivery Status" and "SMS Reply"; SMS API, "Event
Notifications" (at most 100 reports, two more tries, `ext`). A reply to no message of ours has `port`, the number that
it was sent to, and neither country code nor signature (mainland edition, "Uplink SMS").
"""

import json
from collections.abc import Sequence
from typing import Any, Final, cast

from smsgate.sandbox.pushes.push import PushFormat, post
from smsgate.sandbox.state.queue import SandboxReply, SandboxReport
from smsgate.sandbox.tencent.formats import split_number
from smsgate.sandbox.tencent.items import reply_item, status_item
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["REPLY", "REPORTS"]

# Tencent Cloud SMS API, "Event Notifications": pushed again twice.
_TRIES: Final = 3


def _reports(reports: Sequence[SandboxReport], url: str) -> HttpRequest:
    items = [
        {**status_item(report), "ext": report.reference} if report.reference else status_item(report)
        for report in reports
    ]
    return _post(items, url)


def _reply(replies: Sequence[SandboxReply], url: str) -> HttpRequest:
    reply = replies[0]
    if not reply.to:
        return _post(reply_item(reply), url)
    mobile = split_number(reply.sender)[1]
    item = {"mobile": mobile, "time": int(reply.time), "text": reply.text, "port": reply.to, "extend": reply.extend}
    return _post(item, url)


def _post(value: Any, url: str) -> HttpRequest:
    return post(url, "application/json", json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _is_acknowledged(response: HttpResponse) -> bool:
    """Anything but HTTP 200 with a `result` of 0 is retried ("Event Notifications")."""
    try:
        value: object = json.loads(response.body)
    except (ValueError, RecursionError):
        return False
    fields = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    return response.status == 200 and fields.get("result") == 0


REPORTS: Final = PushFormat(
    name="TENCENT_REPORTS",
    vendor="tencent",
    write=_reports,
    limit=100,
    tries=_TRIES,
    is_acknowledged=_is_acknowledged,
)
REPLY: Final = PushFormat(
    name="TENCENT_REPLY", vendor="tencent", write=_reply, tries=_TRIES, is_acknowledged=_is_acknowledged
)
