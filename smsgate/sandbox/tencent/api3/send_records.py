"""DescribeSendRecordList, ReportConversion and DescribePhoneNumberInfo of version 2021-01-11.

Source: the models of Tencent's own SDK (tencentcloud-sdk-python 3.1.195), DescribeSendRecordList: 72 hours back, 1 to
50 rows, 20 by default, newest first, 1,000 at most; `Content` with the parameters masked. What was sent through v5 is
in the list as well, its codes by their names in API 3.0. What was refused is there for the account, the content or the
number; a request that is malformed or not authentic, and one that a fault strikes as a whole, is no send. No document
says which refusals are kept.
"""

from collections.abc import Sequence
from typing import Any, Final

from smsgate.model.phone import PhoneNumber
from smsgate.sandbox.state.message import AcceptedMessage
from smsgate.sandbox.state.queue import SandboxReport
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.account import VENDOR, RefusedSend, account_of
from smsgate.sandbox.tencent.api3.call import Call
from smsgate.sandbox.tencent.api3.codes import NAMES, OK
from smsgate.sandbox.tencent.api3.pulls import bad_limit, number_of, sub_errors
from smsgate.sandbox.tencent.api3.refusal import Refusal
from smsgate.sandbox.tencent.api3.sends import country_of, read_number
from smsgate.sandbox.tencent.formats import split_number

__all__ = ["describe_numbers", "find_sends", "take_conversion"]

_MAX_AGE: Final = 72 * 3600
_MAX_ROWS: Final = 50
_DEFAULT_ROWS: Final = 20
_MOST_KNOWN: Final = 1000
"""Rows of a span that can be read at all, and the highest `Offset`."""
_MAX_NUMBERS: Final = 200
_UNPARSED: Final = "FailedOperation.PhoneNumberParseFail"
_REFUSED, _DELIVERED, _ON_ITS_WAY, _FAILED = 1, 2, 3, 4
"""`SendStatus`."""


def find_sends(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """DescribeSendRecordList: what was sent to one number, accepted or refused, newest first."""
    number, begin, end = number_of(call), call.params["begin"], call.params.get("end", now)
    if begin < now - _MAX_AGE or not begin <= end <= now:
        raise Refusal("InvalidParameterValue.InvalidStartTime", "the span is not within the last 72 hours")
    limit, offset = call.params.get("limit", _DEFAULT_ROWS), call.params.get("offset", 0)
    if not 1 <= limit <= _MAX_ROWS:
        raise bad_limit(call)
    if not 0 <= offset <= _MOST_KNOWN:
        raise bad_limit(call, "Offset")
    account = account_of(state)
    accepted = [each for each in state.messages if each.vendor == VENDOR]
    sent: list[AcceptedMessage | RefusedSend] = [*accepted, *account.refused]
    found = [each for each in sent if each.to == number and begin <= int(each.time.timestamp()) <= end]
    found = sorted(found, key=lambda each: each.time)[: -_MOST_KNOWN - 1 : -1]
    reports = {each.message_id: each for each in account.reports.find(lambda report: report.to == number)}
    rows = [
        _refused(each) if isinstance(each, RefusedSend) else _accepted(each, reports.get(each.message_id))
        for each in found[offset : offset + limit]
    ]
    return {"SendRecordSet": rows, "TotalCount": len(found)}


def take_conversion(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """ReportConversion: thanks for any message, as no document says what is refused."""
    return {"ReportConversionStatus": {"Code": "ok", "Message": "success"}}


def describe_numbers(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """DescribePhoneNumberInfo: what each number is taken for. The names of countries are left empty."""
    written: list[str] = call.params["numbers"]
    if not 1 <= len(written) <= _MAX_NUMBERS:
        raise Refusal("LimitExceeded.PhoneNumberCountLimit", "more than 200 mobile numbers in one request")
    return {"PhoneNumberInfoSet": [_info(text) for text in written]}


def _accepted(message: AcceptedMessage, report: SandboxReport | None) -> dict[str, Any]:
    delivered = report is not None and report.is_delivered
    return {
        "PhoneNumber": message.to,
        "SerialNo": message.message_id,
        "SendStatus": _DELIVERED if delivered else _ON_ITS_WAY if report is None else _FAILED,
        "RequestCode": OK,
        "StatusCode": report.code if report else "",
        "IsoCode": country_of(message.to),
        "Content": _masked(message.text, message.params),
        "SendTime": int(message.time.timestamp()),
        "UserReceiveTime": int(report.time) if report and delivered else 0,
        **(sub_errors(report) if report else {}),
    }


def _refused(refused: RefusedSend) -> dict[str, Any]:
    code, content = refused.code, refused.content
    return {
        "PhoneNumber": refused.to,
        "SerialNo": "",
        "SendStatus": _REFUSED,
        "RequestCode": code if isinstance(code, str) else NAMES[code][0],
        "StatusCode": "",
        "IsoCode": country_of(refused.to),
        "Content": _masked(content.text, content.params) if content else "",
        "SendTime": int(refused.time.timestamp()),
        "UserReceiveTime": 0,
    }


def _masked(text: str, params: Sequence[str]) -> str:
    for param in params:
        text = text.replace(param, f"{param[:1]}****{param[-1:]}")
    return text


def _info(written: str) -> dict[str, Any]:
    # A number that is written with the national 0 as well is put right, which is what the call is for.
    parsed = PhoneNumber(written).parse() if written.startswith("+") else None
    number = read_number(str(parsed) if isinstance(parsed, PhoneNumber) else written)
    if number is None:
        row = {"NationCode": "", "SubscriberNumber": "", "PhoneNumber": written, "IsoCode": "DEF", "IsoName": ""}
        return {"Code": _UNPARSED, "Message": "the mobile number could not be parsed", **row}
    country, subscriber = split_number(number)
    row = {"Code": OK, "Message": "", "NationCode": country, "SubscriberNumber": subscriber, "PhoneNumber": number}
    return {**row, "IsoCode": country_of(number), "IsoName": ""}
