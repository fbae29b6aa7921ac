"""Reports and replies that are fetched through API 3.0.

Tencent Cloud SMS API, PullSmsSendStatus and PullSmsReplyStatus (queues, which support must have enabled),
PullSmsSendStatusByPhoneNumber and PullSmsReplyStatusByPhoneNumber (queries, up to seven days back), as Tencent's own
SDK documents them for both versions.
"""

from datetime import datetime
from typing import Any, Final, cast

from smsgate.admin import Pulled
from smsgate.call import Call, Moment
from smsgate.errors import InvalidCallError, VendorError
from smsgate.phone import PhoneNumber
from smsgate.tencent.cloud_answer import CloudAnswer
from smsgate.tencent.cloud_items import read_cloud_reply, read_cloud_report
from smsgate.tencent.management.arguments import check_span, e164, whole_number
from smsgate.tencent.management.calls import unreadable
from smsgate.tencent.management.cloud_part import MOST_ROWS, CloudPart, items_in

__all__ = ["CloudPulls"]

_REPORTS: Final = "PullSmsSendStatus"
_REPLIES: Final = "PullSmsReplyStatus"
_OF_NUMBER: Final = "ByPhoneNumber"
_MOST_DAYS: Final = 7
_DAY: Final = 86_400


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

        def check(moment: Moment) -> None:
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
