"""DescribeSendRecordList, ReportConversion and DescribePhoneNumberInfo of version 2021-01-11.

Source: Tencent Cloud SMS API 3.0, DescribeSendRecordList: 72 hours back, 1 to 50 rows, 20 by default; `Content` with
the parameters masked. What was refused is not in the list here, as the sandbox keeps only what was accepted.
"""

from typing import Any, Final

from smsgate.sandbox.state.message import AcceptedMessage
from smsgate.sandbox.state.queue import SandboxReport
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.account import VENDOR, account_of
from smsgate.sandbox.tencent.api3.call import Call
from smsgate.sandbox.tencent.api3.codes import NAMES, OK
from smsgate.sandbox.tencent.api3.pulls import bad_limit, number_of
from smsgate.sandbox.tencent.api3.refusal import Refusal
from smsgate.sandbox.tencent.api3.sends import country_of, read_number
from smsgate.sandbox.tencent.formats import split_number

__all__ = ["describe_numbers", "find_sends", "take_conversion"]

_MAX_AGE: Final = 72 * 3600
_MAX_ROWS: Final = 50
_DEFAULT_ROWS: Final = 20
_MAX_NUMBERS: Final = 200
_DELIVERED, _ON_ITS_WAY, _FAILED = 2, 3, 4
"""`SendStatus`."""


def find_sends(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """DescribeSendRecordList: what was accepted for one number, oldest first."""
    number, begin, end = number_of(call), call.params["begin"], call.params.get("end", now)
    if begin < now - _MAX_AGE or not begin <= end <= now:
        raise Refusal("InvalidParameterValue.InvalidStartTime", "the span is not within the last 72 hours")
    limit, offset = call.params.get("limit", _DEFAULT_ROWS), call.params.get("offset", 0)
    if not 1 <= limit <= _MAX_ROWS:
        raise bad_limit(call)
    found = [
        message
        for message in state.messages
        if message.vendor == VENDOR and message.to == number and begin <= message.time.timestamp() <= end + 1
    ]
    reports = {each.message_id: each for each in account_of(state).reports.find(lambda report: report.to == number)}
    rows = [_row(message, reports.get(message.message_id)) for message in found[offset : offset + limit]]
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


def _row(message: AcceptedMessage, report: SandboxReport | None) -> dict[str, Any]:
    delivered = report is not None and report.is_delivered
    return {
        "PhoneNumber": message.to,
        "SerialNo": message.message_id,
        "SendStatus": _DELIVERED if delivered else _ON_ITS_WAY if report is None else _FAILED,
        "RequestCode": OK,
        "StatusCode": report.code if report else "",
        "IsoCode": country_of(message.to),
        "Content": _masked(message),
        "SendTime": int(message.time.timestamp()),
        "UserReceiveTime": int(report.time) if report and delivered else 0,
    }


def _masked(message: AcceptedMessage) -> str:
    text = message.text
    for param in message.params:
        text = text.replace(param, f"{param[:1]}****{param[-1:]}")
    return text


def _info(written: str) -> dict[str, Any]:
    number = read_number(written)
    if number is None:
        code, text = NAMES[1016]
        row = {"Code": code, "Message": text, "NationCode": "", "SubscriberNumber": "", "PhoneNumber": written}
        return {**row, "IsoCode": "DEF", "IsoName": ""}
    country, subscriber = split_number(number)
    row = {"Code": OK, "Message": "", "NationCode": country, "SubscriberNumber": subscriber, "PhoneNumber": number}
    return {**row, "IsoCode": country_of(number), "IsoName": ""}
