"""What Tencent knows of sends and numbers beside its reports, through API 3.0.

Tencent Cloud SMS API, DescribeSendRecordList (382/137245), ReportConversion and DescribePhoneNumberInfo, as Tencent's
own SDKs document them. Version 2019-07-11 has none of them.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from smsgate.model.errors import InvalidCallError, VendorError
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Outcome, outcome_of
from smsgate.model.report import StatusReport
from smsgate.provider.call import Call, RequestContext, refusal, unreadable
from smsgate.provider.reading import objects_in, read_int, read_number, read_text, read_time, short_text
from smsgate.provider.records import Page, SendRecord
from smsgate.tencent.arguments import check_span, e164, plain_text, whole_number
from smsgate.tencent.cloud.api import LONGEST_CODE, CloudEnvelope
from smsgate.tencent.cloud.calls import CloudCalls, items_in, object_in
from smsgate.tencent.cloud.codes import CLOUD_CODES
from smsgate.tencent.cloud.records import NumberInfo
from smsgate.tencent.reports import classify

__all__ = ["CloudSendRecords"]

_RECORDS: Final = "DescribeSendRecordList"
_CONVERSION: Final = "ReportConversion"
_NUMBERS: Final = "DescribePhoneNumberInfo"
_MOST_HOURS: Final = 72
_MOST_RECORDS: Final = 50
_MOST_NUMBERS: Final = 200
_MOST_OFFSET: Final = 1000
_REFUSED, _DELIVERED, _ON_ITS_WAY, _FAILED = 1, 2, 3, 4
"""`SendStatus`."""


class CloudSendRecords(CloudCalls):
    """What was sent to a number, whether a code was used, and what a number is."""

    def find_sends(
        self,
        to: PhoneNumber | str,
        *,
        begin: datetime,
        end: datetime | None = None,
        offset: int = 0,
        limit: int = _MOST_RECORDS,
    ) -> Call[Page[SendRecord]]:
        """What was sent to one number between two aware times (DescribeSendRecordList), newest first, refused too.

        It takes nothing out of a queue. A record that cannot be read is `UNKNOWN`, with `raw` alone: it may be that of
        the message that you look for. Tencent has at most 1,000 records of a span. *end*: the vendor's present by
        default; it must not be later. *limit*: at most 50. Running the call raises `InvalidCallError` if *begin* is
        more than 72 hours ago by then.
        """
        number = e164("to", PhoneNumber.wrap(to))
        first, _ = check_span(begin, begin if end is None else end)
        fields: dict[str, object] = {
            "PhoneNumber": str(number),
            self._names.app_id: self._account.sdk_app_id,
            "BeginTime": first,
            "Limit": whole_number("limit", limit, 1, _MOST_RECORDS),
            "Offset": whole_number("offset", offset, 0, _MOST_OFFSET),
        }
        if end is not None:
            fields["EndTime"] = int(end.timestamp())  # rounded down: a time to come is refused

        def check(context: RequestContext) -> None:
            if first < context.now - _MOST_HOURS * 3600:
                raise InvalidCallError(f"begin: must be at most {_MOST_HOURS} hours ago")

        self._require_newer(_RECORDS)
        return self._call(_RECORDS, fields, self._read_sends, check=check, lenient=True)

    def report_conversion(self, message_id: str, *, at: datetime) -> Call[None]:
        """Tell Tencent that the person used the code of a message, and when (ReportConversion).

        *message_id*: `Result.message_id`. Tencent counts such reports as the conversion of verification codes.
        """
        moment, _ = check_span(at, at)
        fields = {
            self._names.app_id: self._account.sdk_app_id,
            "SerialNo": plain_text("message_id", message_id),
            "ConversionTime": moment,
        }
        self._require_newer(_CONVERSION)
        return self._call(_CONVERSION, fields, _read_conversion)

    def describe_numbers(self, numbers: Iterable[PhoneNumber | str]) -> Call[tuple[NumberInfo, ...]]:
        """What Tencent takes each number for: its country, and its form in E.164 (DescribePhoneNumberInfo).

        At most 200. They are those that the vendor's response has, in its order.
        """
        if isinstance(numbers, str | PhoneNumber):
            raise InvalidCallError("numbers: must be a list of numbers, not one")
        wanted = [str(e164(f"numbers[{index}]", PhoneNumber.wrap(each))) for index, each in enumerate(numbers)]
        if not 1 <= len(wanted) <= _MOST_NUMBERS:
            raise InvalidCallError(f"numbers: must be 1 to {_MOST_NUMBERS} numbers, not {len(wanted)}")
        self._require_newer(_NUMBERS)
        return self._call(_NUMBERS, {"PhoneNumberSet": wanted}, _read_numbers)

    def _require_newer(self, action: str) -> None:
        if not self._names.newer_calls:
            raise InvalidCallError(f"version: {self._names.version} has no {action}: use 2021-01-11")

    def _read_sends(self, envelope: CloudEnvelope) -> Page[SendRecord] | VendorError:
        rows = objects_in(items_in(envelope, "SendRecordSet"))
        if rows is None:
            return unreadable(_RECORDS, "the response has no list SendRecordSet", request_id=envelope.request_id)
        return Page(tuple(_send_record(row, self.name) for row in rows), read_int(envelope.body.get("TotalCount"), 0))


def _send_record(row: Mapping[str, Any], provider: str) -> SendRecord:
    status, code = read_int(row.get("SendStatus")), short_text(row.get("RequestCode"), LONGEST_CODE)
    refused = CLOUD_CODES[code] if status == _REFUSED and code else None
    if refused:
        outcome = outcome_of(refused.reason)
    else:
        outcome = Outcome.ACCEPTED if status in (_DELIVERED, _ON_ITS_WAY, _FAILED) else Outcome.UNKNOWN
    return SendRecord(
        provider=provider,
        message_id=read_text(row.get("SerialNo")),
        to=read_number(row.get("PhoneNumber")),
        outcome=outcome,
        reason=refused.reason if refused else None,
        code=code if refused else None,
        description=refused.text if refused else None,
        country=short_text(row.get("IsoCode"), LONGEST_CODE),
        text=read_text(row.get("Content")),
        sent_at=read_time(row.get("SendTime")),
        report=_report(row, status, provider),
        raw=row,
    )


def _report(row: Mapping[str, Any], status: int | None, provider: str) -> StatusReport | None:
    message_id = read_text(row.get("SerialNo"))
    if message_id is None or status not in (_DELIVERED, _FAILED):
        return None
    code = read_text(row.get("StatusCode")) or ""
    meaning, state = classify("SUCCESS" if status == _DELIVERED else "FAIL", code)
    return StatusReport(
        provider=provider,
        message_id=message_id,
        to=read_number(row.get("PhoneNumber")),
        state=state,
        reason=meaning.reason,
        code=code,
        meaning=meaning.text,
        remedy=meaning.remedy,
        carrier=meaning.carrier,
        reported_at=read_time(row.get("UserReceiveTime")) if status == _DELIVERED else None,  # else it is 0
        raw=row,
        certainty=meaning.certainty,
        sub_error=read_text(row.get("SubError")),
        sub_error_description=read_text(row.get("SubErrorDesc")),
        suppress=meaning.suppress,
    )


def _read_conversion(envelope: CloudEnvelope) -> VendorError | None:
    code = short_text((object_in(envelope, "ReportConversionStatus") or {}).get("Code"), LONGEST_CODE)
    if code is None:
        return unreadable(_CONVERSION, "the response does not say what was done", request_id=envelope.request_id)
    if code.lower() == "ok":
        return None
    return refusal(_CONVERSION, code, CLOUD_CODES[code], request_id=envelope.request_id)


def _read_numbers(envelope: CloudEnvelope) -> tuple[NumberInfo, ...] | VendorError:
    rows = objects_in(items_in(envelope, "PhoneNumberInfoSet"))
    if rows is None:
        return unreadable(_NUMBERS, "the response has no list PhoneNumberInfoSet", request_id=envelope.request_id)
    return tuple(map(_number_info, rows))


def _number_info(row: Mapping[str, Any]) -> NumberInfo:
    code = short_text(row.get("Code"), LONGEST_CODE)
    known = code is not None and code.lower() == "ok"
    return NumberInfo(
        number=read_number(row.get("PhoneNumber")) if known else None,
        country=short_text(row.get("IsoCode"), LONGEST_CODE) if known else None,
        country_name=read_text(row.get("IsoName")) if known else None,
        code=None if known else code,
        reason=None if known or code is None else CLOUD_CODES[code].reason,
        raw=row,
    )
