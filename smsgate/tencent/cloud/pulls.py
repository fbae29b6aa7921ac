"""Reports and replies that are fetched through API 3.0.

Tencent Cloud SMS API, PullSmsSendStatus and PullSmsReplyStatus (queues, which support must have enabled),
PullSmsSendStatusByPhoneNumber and PullSmsReplyStatusByPhoneNumber (queries, up to seven days back), as Tencent's own
SDK documents them for both versions.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from smsgate.model.errors import InvalidCallError, VendorError
from smsgate.model.phone import PhoneNumber
from smsgate.model.report import Reply, StatusReport
from smsgate.provider.call import Call, RequestContext, pulled_items, unreadable
from smsgate.provider.callback import BadItem, ParsedItems
from smsgate.provider.reading import read_number, read_text
from smsgate.provider.records import Pulled
from smsgate.tencent.arguments import check_span, e164, whole_number
from smsgate.tencent.cloud.api import CloudEnvelope
from smsgate.tencent.cloud.calls import MOST_ROWS, CloudCalls, items_in
from smsgate.tencent.cloud.field_names import FieldNames
from smsgate.tencent.reports import classify
from smsgate.tencent.values import first_time

__all__ = ["CloudPulls", "read_cloud_reply", "read_cloud_report"]

_REPORTS: Final = "PullSmsSendStatus"
_REPLIES: Final = "PullSmsReplyStatus"
_OF_NUMBER: Final = "ByPhoneNumber"
_MOST_DAYS: Final = 7
_DAY: Final = 86_400


class CloudPulls(CloudCalls):
    """The delivery reports and replies of one application. One bad item does not spoil the others."""

    def pull_reports(self, *, limit: int = 100) -> Call[Pulled]:
        """Take up to *limit* delivery reports, at most 100, out of the queue (PullSmsSendStatus).

        They never come again.
        """
        return self._pull(_REPORTS, limit)

    def pull_replies(self, *, limit: int = 100) -> Call[Pulled]:
        """Take up to *limit* replies, at most 100, out of the queue (PullSmsReplyStatus). They never come again."""
        return self._pull(_REPLIES, limit)

    def find_reports(self, to: PhoneNumber | str, *, begin: datetime, end: datetime, limit: int = 100) -> Call[Pulled]:
        """The delivery reports of one number between two aware times (PullSmsSendStatusByPhoneNumber), at most 100.

        Running the call raises `InvalidCallError` if *begin* is more than seven days ago by then.
        """
        to = PhoneNumber.wrap(to)
        return self._find(_REPORTS, e164("to", to), begin, end, limit)

    def find_replies(
        self, sender: PhoneNumber | str, *, begin: datetime, end: datetime, limit: int = 100
    ) -> Call[Pulled]:
        """The replies of one number between two aware times (PullSmsReplyStatusByPhoneNumber), at most 100.

        Running the call raises `InvalidCallError` if *begin* is more than seven days ago by then.
        """
        sender = PhoneNumber.wrap(sender)
        return self._find(_REPLIES, e164("sender", sender), begin, end, limit)

    def _pull(self, queue: str, limit: int) -> Call[Pulled]:
        fields = {"Limit": whole_number("limit", limit, 1, MOST_ROWS), self._names.app_id: self._account.sdk_app_id}
        return self._call(queue, fields, lambda envelope: self._read(queue, queue, envelope), lenient=True)

    def _find(self, queue: str, number: PhoneNumber, begin: datetime, end: datetime, limit: int) -> Call[Pulled]:
        most, (first, last) = whole_number("limit", limit, 1, MOST_ROWS), check_span(begin, end)
        action, names = queue + _OF_NUMBER, self._names
        fields = {
            names.find_begin: first,
            names.find_end: last,
            "Offset": 0,
            "Limit": most,
            "PhoneNumber": str(number),
            names.app_id: self._account.sdk_app_id,
        }

        def check(context: RequestContext) -> None:
            if first < context.now - _MOST_DAYS * _DAY:
                raise InvalidCallError(f"begin: must be at most {_MOST_DAYS} days ago")

        return self._call(
            action, fields, lambda envelope: self._read(action, queue, envelope), check=check, lenient=True
        )

    def _read(self, action: str, queue: str, envelope: CloudEnvelope) -> Pulled | VendorError:
        name, names, found = f"{queue}Set", self._names, ParsedItems()
        items = items_in(envelope, name)
        if items is None:
            return unreadable(action, f"the response has no list {name}", request_id=envelope.request_id)
        read = read_cloud_report if queue == _REPORTS else read_cloud_reply
        for index, item in enumerate(items):
            found.read(item, lambda each: read(each, names, self.name), f"[{index}]")
        return pulled_items(action, name, found, request_id=envelope.request_id)


def read_cloud_report(item: Mapping[str, Any], names: FieldNames, provider: str) -> StatusReport:
    """A delivery report. Raises `BadItem` if *item* does not say of which message, or its status."""
    message_id, status = read_text(item.get("SerialNo")), item.get("ReportStatus")
    if message_id is None:
        raise BadItem("SerialNo", "is missing, or is not text")
    if not isinstance(status, str):
        raise BadItem("ReportStatus", "is missing, or is not text")
    # The carrier's code stands in Description here, which callbacks call errmsg.
    code = read_text(item.get("Description")) or ""
    meaning, state = classify(status, code)
    return StatusReport(
        provider=provider,
        message_id=message_id,
        to=_number(item, names),
        state=state,
        reason=meaning.reason,
        code=code,
        meaning=meaning.text,
        remedy=meaning.remedy,
        carrier=meaning.carrier,
        reference=read_text(item.get("SessionContext")),
        reported_at=first_time(item, names.report_times),
        raw=item,
        certainty=meaning.certainty,
        sub_error=read_text(item.get("SubError")),
        sub_error_description=read_text(item.get("SubErrorDesc")),
        suppress=meaning.suppress,
    )


def read_cloud_reply(item: Mapping[str, Any], names: FieldNames, provider: str) -> Reply:
    """A reply. Raises `BadItem` if *item* does not say who sent it, or what."""
    sender, text = _number(item, names), item.get("ReplyContent")
    if sender is None:
        raise BadItem("PhoneNumber", "is missing, or is not a phone number")
    if not isinstance(text, str):
        raise BadItem("ReplyContent", "is missing, or is not text")
    return Reply(
        provider=provider,
        to=None,
        sender=sender,
        text=text,
        received_at=first_time(item, names.reply_times),
        signature=read_text(item.get(names.reply_sign)),
        extend=read_text(item.get("ExtendCode")),
        raw=item,
    )


def _number(item: Mapping[str, Any], names: FieldNames) -> PhoneNumber | None:
    """The whole number if it has a plus, else the digits after the country code, which go with that code."""
    whole = read_text(item.get("PhoneNumber")) or ""
    if whole.strip().startswith("+"):
        return read_number(whole)
    return read_number(item.get(names.subscriber) or whole, item.get(names.country))
