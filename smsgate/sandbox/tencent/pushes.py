"""What Tencent pushes: an array of reports, or one reply.

Source: Tencent SMS Development Guide 2.0, "Notification of MT SMS Delivery Status" and "SMS Reply" (by POST and GET);
SMS API, "Event Notifications" (at most 100 reports, two more tries, `ext`); Tencent's announcement of `sub_error` and
`sub_error_desc` for reports of other countries, from 2026-12-01. A reply to no message of ours has `port`, the number
that it was sent to, and neither country code nor signature (mainland edition, "Uplink SMS").
"""

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, cast
from urllib.parse import urlencode

from smsgate.sandbox.pushes.push import PushFormat, get, post
from smsgate.sandbox.state.queue import SandboxReply, SandboxReport
from smsgate.sandbox.tencent.formats import split_number
from smsgate.sandbox.tencent.items import reply_item, status_item
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["REPLIES", "REPORTS"]

# Tencent Cloud SMS API, "Event Notifications": pushed again twice.
_TRIES: Final = 3


def _reports(reports: Sequence[SandboxReport], url: str) -> HttpRequest:
    return _post_json([_report(report) for report in reports], url)


def _report(report: SandboxReport) -> dict[str, Any]:
    added = {
        "ext": report.reference,
        "sub_error": report.sub_error,
        "sub_error_desc": report.sub_error_description,
    }
    return {**status_item(report), **{name: value for name, value in added.items() if value}}


def _reply(reply: SandboxReply) -> dict[str, Any]:
    if not reply.to:
        return reply_item(reply)
    mobile = split_number(reply.sender)[1]
    return {"mobile": mobile, "time": int(reply.time), "text": reply.text, "port": reply.to, "extend": reply.extend}


def _post_json(value: Any, url: str) -> HttpRequest:
    return post(url, "application/json", json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _post_form(value: Mapping[str, Any], url: str) -> HttpRequest:
    return post(url, "application/x-www-form-urlencoded", urlencode(value).encode())


def _get(value: Mapping[str, Any], url: str) -> HttpRequest:
    return get(url, urlencode(value))


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


def _replies(name: str, write: Callable[[dict[str, Any], str], HttpRequest]) -> PushFormat:
    return PushFormat(
        name=name,
        vendor="tencent",
        write=lambda replies, url: write(_reply(replies[0]), url),
        tries=_TRIES,
        is_acknowledged=_is_acknowledged,
    )


REPLIES: Final[Mapping[str, PushFormat]] = MappingProxyType(
    {
        "json": _replies("TENCENT_REPLY", _post_json),
        "form": _replies("TENCENT_REPLY_FORM", _post_form),
        "get": _replies("TENCENT_REPLY_GET", _get),
    }
)
"""By `PushSettings.tencent_replies`."""
