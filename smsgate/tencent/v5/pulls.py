"""Reports and replies that are fetched through the v5 interface.

Tencent SMS Development Guide 2.0, Pull SMS Status (pullstatus: a queue, which support must have enabled) and Pull SMS
Status of a Single Mobile No. (pullstatus4mobile: a query). Their items are those of the callbacks.
"""

from datetime import datetime
from typing import Final

from smsgate.model.errors import VendorError
from smsgate.model.phone import PhoneNumber
from smsgate.provider.call import Call, pulled_items, unreadable
from smsgate.provider.records import Pulled
from smsgate.tencent.arguments import check_span, e164, whole_number
from smsgate.tencent.reports import read_items
from smsgate.tencent.v5.api import V5Envelope
from smsgate.tencent.v5.calls import V5Calls, items_in

__all__ = ["V5Pulls"]

_REPORTS: Final = 0
_REPLIES: Final = 1
_MOST: Final = 100


class V5Pulls(V5Calls):
    """The delivery reports and replies of one application. One bad item does not spoil the others."""

    def pull_reports(self, *, limit: int = 100) -> Call[Pulled]:
        """Take up to *limit* delivery reports, at most 100, out of the queue (pullstatus). They never come again."""
        return self._pull(_REPORTS, limit)

    def pull_replies(self, *, limit: int = 100) -> Call[Pulled]:
        """Take up to *limit* replies, at most 100, out of the queue (pullstatus). They never come again."""
        return self._pull(_REPLIES, limit)

    def find_reports(self, to: PhoneNumber | str, *, begin: datetime, end: datetime, limit: int = 100) -> Call[Pulled]:
        """The delivery reports of one number between two aware times (pullstatus4mobile), at most 100."""
        to = PhoneNumber.wrap(to)
        return self._find(_REPORTS, e164("to", to), begin, end, limit)

    def find_replies(
        self, sender: PhoneNumber | str, *, begin: datetime, end: datetime, limit: int = 100
    ) -> Call[Pulled]:
        """The replies of one number between two aware times (pullstatus4mobile), at most 100."""
        sender = PhoneNumber.wrap(sender)
        return self._find(_REPLIES, e164("sender", sender), begin, end, limit)

    def _pull(self, kind: int, limit: int) -> Call[Pulled]:
        fields = {"type": kind, "max": whole_number("limit", limit, 1, _MOST)}
        return self._call("pullstatus", fields, lambda envelope: self._read("pullstatus", envelope), lenient=True)

    def _find(self, kind: int, number: PhoneNumber, begin: datetime, end: datetime, limit: int) -> Call[Pulled]:
        most, (first, last) = whole_number("limit", limit, 1, _MOST), check_span(begin, end)
        fields = {
            "type": kind,
            "max": most,
            "begin_time": first,
            "end_time": last,
            "nationcode": number.calling_code,
            "mobile": number.national,
        }
        operation = "pullstatus4mobile"
        return self._call(operation, fields, lambda envelope: self._read(operation, envelope), lenient=True)

    def _read(self, operation: str, envelope: V5Envelope) -> Pulled | VendorError:
        items = items_in(envelope)
        if items is None:
            return unreadable(operation, "the response counts items but has no list of them")
        return pulled_items(operation, "data", read_items(items, self.name))
