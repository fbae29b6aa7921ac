"""Reports and replies that are fetched through API 3.0.

Tencent Cloud SMS API, PullSmsSendStatus and PullSmsReplyStatus (queues, which support must have enabled),
PullSmsSendStatusByPhoneNumber and PullSmsReplyStatusByPhoneNumber (queries, up to seven days back), as Tencent's own
SDK documents them for both versions.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from smsgate.model.errors import InvalidCallError, VendorError
from smsgate.model.phone import PhoneNumber
from smsgate.model.report import Reply, StatusReport
from smsgate.provider.call import Call, RequestContext, unreadable
from smsgate.provider.records import Pulled
from smsgate.tencent.arguments import check_span, e164, whole_number
from smsgate.tencent.cloud.api import CloudAnswer
from smsgate.tencent.cloud.calls import MOST_ROWS, CloudPart, items_in
from smsgate.tencent.cloud.field_names import Names
from smsgate.tencent.reports import judge
from smsgate.tencent.values import first_moment, text_of

__all__ = ["CloudPulls", "read_cloud_reply", "read_cloud_report"]

_REPORTS: Final = "PullSmsSendStatus"
_REPLIES: Final = "PullSmsReplyStatus"
_OF_NUMBER: Final = "ByPhoneNumber"
_MOST_DAYS: Final = 7
_DAY: Final = 86_400
_MAINLAND: Final = "86"


class CloudPulls(CloudPart):
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
        return self._call(queue, fields, lambda answer: self._read(queue, queue, answer), patient=True)

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

        def check(moment: RequestContext) -> None:
            if first < moment.now - _MOST_DAYS * _DAY:
                raise InvalidCallError(f"begin: must be at most {_MOST_DAYS} days ago")

        return self._call(action, fields, lambda answer: self._read(action, queue, answer), check=check, patient=True)

    def _read(self, action: str, queue: str, answer: CloudAnswer) -> Pulled | VendorError:
        items = items_in(answer, f"{queue}Set")
        if items is None:
            return unreadable(action, f"the answer has no list {queue}Set", request_id=answer.request_id)
        objects = [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]
        if queue == _REPORTS:
            reports = tuple(filter(None, (read_cloud_report(item, self._names, self.name) for item in objects)))
            found = Pulled(reports, (), len(items) - len(reports))
        else:
            replies = tuple(filter(None, (read_cloud_reply(item, self._names, self.name) for item in objects)))
            found = Pulled((), replies, len(items) - len(replies))
        if found.unreadable and found.unreadable == len(items):
            return unreadable(action, f"none of its {len(items)} items can be read", request_id=answer.request_id)
        return found


def read_cloud_report(item: Mapping[str, Any], names: Names, provider: str) -> StatusReport | None:
    """A delivery report, or None if *item* does not tell of which message, or what became of it. Never raises."""
    message_id, status = text_of(item.get("SerialNo")), item.get("ReportStatus")
    if message_id is None or not isinstance(status, str):
        return None
    code = text_of(item.get("Description")) or ""
    meaning, state = judge(status, code)
    return StatusReport(
        provider=provider,
        message_id=message_id,
        to=_number(item, names),
        state=state,
        reason=meaning.reason,
        code=code,
        meaning=meaning.text,
        remedy=meaning.remedy,
        description=text_of(item.get("SubErrorDesc")),
        carrier=meaning.carrier,
        reference=text_of(item.get("SessionContext")),
        reported_at=first_moment(item, names.report_times),
        raw=item,
        certainty=meaning.certainty,
        suppress=meaning.suppress,
    )


def read_cloud_reply(item: Mapping[str, Any], names: Names, provider: str) -> Reply | None:
    """A reply, or None if *item* does not tell who sent it, or what. Never raises."""
    sender, text = _number(item, names), item.get("ReplyContent")
    if sender is None or not isinstance(text, str):
        return None
    return Reply(
        provider=provider,
        to=None,
        sender=sender,
        text=text,
        received_at=first_moment(item, names.reply_times),
        signature=text_of(item.get(names.reply_sign)),
        extend=text_of(item.get("ExtendCode")),
        raw=item,
    )


def _number(item: Mapping[str, Any], names: Names) -> PhoneNumber | None:
    told = [text for key in ("PhoneNumber", names.subscriber) if (text := text_of(item.get(key)))]
    whole = next((text for text in told if text.startswith("+")), None)
    if whole or not told:
        return PhoneNumber(whole) if whole else None
    country = text_of(item.get(names.country)) or _MAINLAND
    return PhoneNumber(f"+{country.removeprefix('+')}{told[-1]}")
