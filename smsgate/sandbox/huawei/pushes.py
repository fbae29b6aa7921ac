"""What Huawei pushes: a report as a form, a batch of reports as JSON, a reply as a form; signed if the settings say so.

Source: Huawei Cloud Message & SMS API Reference, 3.2.5 (Tables 3-66 to 3-68, request example); its online edition of
2024 for `statusDesc` (mainland China), the batch (at most 50), the reply and the signature. `orgCode` comes from other
countries, `to` only with `extend`, and what the platform itself reports has no `updateTime`.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

import attrs

from smsgate.sandbox.huawei.credentials import HUAWEI_PUSH_ACCESS_KEY, HUAWEI_PUSH_SECRET
from smsgate.sandbox.huawei.signing import ALGORITHM, compute_signature
from smsgate.sandbox.pushes.push import PushFormat, post
from smsgate.sandbox.state.queue import SandboxReply, SandboxReport
from smsgate.wire import HttpRequest

__all__ = ["BATCH", "REPLY", "REPORT", "is_platform_code", "sign"]

_FORM: Final = "application/x-www-form-urlencoded"
_SIGNED: Final = ("connection", "content-length", "content-type", "host", "x-sdk-date")
_BY_PLATFORM, _BY_SMSC = "1", "2"
_PLATFORM_CODES: Final = frozenset({"EXPIRED", "LIMIT", "MILIMIT", "BEYONDN", "KEYWORD", "BLACK"})
_DESCRIPTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "DELIVRD": "用户已成功接收短信",
        "EXPIRED": "短信超时",
        "UNDELIV": "短信发送失败",
        "MN:0001": "用户关机",
        "MB:1043": "空号",
        "SC:0003": "黑名单拦截",
        "SC:0006": "禁止关键字拦截",
        "LIMIT": "超出接收次数限制",
    }
)
"""`statusDesc`, where the sandbox has a text for the code."""


def is_platform_code(code: str) -> bool:
    """Whether it is Huawei's platform that says *code*, not the carrier's message centre."""
    return code in _PLATFORM_CODES or code.startswith(("SC:", "E2"))


def sign(request: HttpRequest, now: float) -> HttpRequest:
    """*request* signed over the headers of the guide's sample, in its form: no space after a comma."""
    date = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    dated = attrs.evolve(request, headers=[*request.headers.pairs, ("X-Sdk-Date", date)])
    signature = compute_signature(dated, _SIGNED, dated.headers["host"], HUAWEI_PUSH_SECRET)
    named = f"Access={HUAWEI_PUSH_ACCESS_KEY},SignedHeaders={';'.join(_SIGNED)},Signature={signature}"
    return attrs.evolve(dated, headers=[*dated.headers.pairs, ("Authorization", f"{ALGORITHM} {named}")])


def _report(reports: Sequence[SandboxReport], url: str) -> HttpRequest:
    return post(url, _FORM, urlencode(_fields(reports[0])).encode(), connection="close")


def _batch(reports: Sequence[SandboxReport], url: str) -> HttpRequest:
    value = {"statusReportList": [_fields(report) for report in reports]}
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return post(url, "application/json", body, connection="close")


def _reply(replies: Sequence[SandboxReply], url: str) -> HttpRequest:
    reply = replies[0]
    fields = {"from": reply.sender, "to": reply.to, "body": reply.text, "smsMsgId": reply.message_id}
    return post(url, _FORM, urlencode({**fields, "createTime": _time(reply.time)}).encode(), connection="close")


def _fields(report: SandboxReport) -> dict[str, str]:
    """One report, its fields in the order of the guide's example."""
    is_mainland = report.to.startswith("+86")
    fields = {
        "sequence": str(report.sequence),
        "total": str(report.total),
        "orgCode": "" if is_mainland else "000" if report.is_delivered else report.code[:7],
        "updateTime": _time(report.time) if report.is_dated else "",
        "source": _BY_PLATFORM if is_platform_code(report.code) else _BY_SMSC,
        "smsMsgId": report.message_id,
        "status": report.code,
        "statusDesc": _DESCRIPTIONS.get(report.code, "") if is_mainland else "",
        "extend": report.reference or "",
        "to": report.to if report.reference else "",
    }
    return {name: value for name, value in fields.items() if value}


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


REPORT: Final = PushFormat(name="HUAWEI_REPORT", vendor="huawei", write=_report, sign=sign)
BATCH: Final = PushFormat(name="HUAWEI_BATCH", vendor="huawei", write=_batch, limit=50, sign=sign)
REPLY: Final = PushFormat(name="HUAWEI_REPLY", vendor="huawei", write=_reply, sign=sign)
