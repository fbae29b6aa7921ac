"""PullSmsSendStatus, PullSmsReplyStatus, and both by phone number.

Source: Tencent Cloud SMS API 3.0, "Status Pull APIs" of both versions: at most 100 items; by phone number with `Offset`
0 and at most seven days back. The carrier's code stands in `Description`. `SubError` and `SubErrorDesc` are announced
for reports of other countries, from 2026-12-01.
"""

from typing import Any, Final

from smsgate.sandbox.state.queue import SandboxReply, SandboxReport
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.account import find_replies, find_reports, take_replies, take_reports
from smsgate.sandbox.tencent.api3.call import Call
from smsgate.sandbox.tencent.api3.codes import NAMES
from smsgate.sandbox.tencent.api3.refusal import Refusal
from smsgate.sandbox.tencent.api3.sends import read_number
from smsgate.sandbox.tencent.conditions import pull_refusal
from smsgate.sandbox.tencent.formats import china_time, split_number

__all__ = [
    "bad_limit",
    "number_of",
    "pull_replies",
    "pull_replies_of_number",
    "pull_reports",
    "pull_reports_of_number",
    "sub_errors",
]

# PullSmsSendStatus, `Limit`: at most 100.
_MAX_ITEMS: Final = 100
# PullSmsSendStatusByPhoneNumber, `BeginTime`: at most seven days back.
_MAX_AGE: Final = 7 * 86_400


def pull_reports(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """PullSmsSendStatus: take delivery reports out of the queue."""
    limit = _limit(call)
    _check_enabled(state)
    return {"PullSmsSendStatusSet": [_report(call, each) for each in take_reports(state, limit)]}


def pull_replies(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """PullSmsReplyStatus: take replies out of the queue."""
    limit = _limit(call)
    _check_enabled(state)
    return {"PullSmsReplyStatusSet": [_reply(call, each) for each in take_replies(state, limit)]}


def pull_reports_of_number(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """PullSmsSendStatusByPhoneNumber: the delivery reports of one number, which stay where they are."""
    found = find_reports(state, number_of(call), *_span(call, now))[: _limit(call)]
    return {"PullSmsSendStatusSet": [_report(call, each) for each in found]}


def pull_replies_of_number(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """PullSmsReplyStatusByPhoneNumber: the replies from one number, which stay where they are."""
    found = find_replies(state, number_of(call), *_span(call, now))[: _limit(call)]
    return {"PullSmsReplyStatusSet": [_reply(call, each) for each in found]}


def bad_limit(call: Call, name: str = "Limit") -> Refusal:
    """The refusal of a `Limit` or `Offset` out of range, for which the old version has no code of its own."""
    code = call.name("InvalidParameter.InvalidParameters", f"InvalidParameterValue.{name}VerifyFail")
    return Refusal(code, f"parameter {name} error")


def _check_enabled(state: SandboxState) -> None:
    code = pull_refusal(state)
    if code is not None:
        raise Refusal(*NAMES[code])


def _limit(call: Call) -> int:
    limit: int = call.params["limit"]
    if not 1 <= limit <= _MAX_ITEMS:
        raise bad_limit(call)
    return limit


def number_of(call: Call) -> str:
    """The `PhoneNumber` of *call* in E.164."""
    number = read_number(call.params["number"])
    if number is None:
        raise Refusal("InvalidParameterValue.IncorrectPhoneNumber", "incorrect phone number")
    return number


def _span(call: Call, now: float) -> tuple[float, float]:
    begin: float = call.params["begin"]
    end: float = call.params.get("end", now)
    # PullSmsSendStatusByPhoneNumber, `Offset`: fixed at 0.
    if call.params["offset"] != 0:
        raise bad_limit(call, "Offset")
    if begin > end or begin < now - _MAX_AGE:
        raise Refusal("InvalidParameterValue.InvalidStartTime", "the start is after the end or over seven days ago")
    return begin, end


def _report(call: Call, report: SandboxReport) -> dict[str, Any]:
    country, subscriber = split_number(report.to)
    row: dict[str, Any] = {
        "PhoneNumber": report.to,
        "SerialNo": report.message_id,
        "ReportStatus": "SUCCESS" if report.is_delivered else "FAIL",
        "Description": report.code,
        call.name("NationCode", "CountryCode"): country,
        call.name("PurePhoneNumber", "SubscriberNumber"): subscriber,
    }
    if call.is_new:
        context = report.reference or ""
        return {**row, "UserReceiveTime": int(report.time), "SessionContext": context, **sub_errors(report)}
    return {**row, "UserReceiveTime": china_time(report.time), "UserReceiveUnixTime": int(report.time)}


def sub_errors(report: SandboxReport) -> dict[str, str]:
    """The finer code of a failure and its words, where the report has them."""
    found = {"SubError": report.sub_error, "SubErrorDesc": report.sub_error_description}
    return {name: value for name, value in found.items() if value}


def _reply(call: Call, reply: SandboxReply) -> dict[str, Any]:
    country, subscriber = split_number(reply.sender)
    row: dict[str, Any] = {
        "ExtendCode": reply.extend,
        "PhoneNumber": reply.sender,
        "ReplyContent": reply.text,
        call.name("NationCode", "CountryCode"): country,
        call.name("Sign", "SignName"): reply.signature,
    }
    if call.is_new:
        return {**row, "SubscriberNumber": subscriber, "ReplyTime": int(reply.time)}
    return {**row, "ReplyTime": china_time(reply.time), "ReplyUnixTime": int(reply.time)}
