"""Counts through the v5 interface.

Tencent SMS Development Guide 2.0, Delivery Statistics (pullsendstatus), and Tencent SMS API Documentation of 2018,
Delivery Report Statistics (pullcallbackstatus), which the later guide cuts off. Hours are numbers, both included.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from smsgate.model.errors import VendorError
from smsgate.provider.call import Call, unreadable
from smsgate.provider.records import DeliveryStatistics, SendStatistics
from smsgate.tencent.arguments import hour_span
from smsgate.tencent.v5.api import V5Envelope
from smsgate.tencent.v5.calls import V5Calls, object_in
from smsgate.tencent.values import further_counts, read_counts

__all__ = ["V5Statistics"]

_CAUSES: Final[Mapping[str, str]] = {
    "status_fail_0": "carrier",
    "status_fail_1": "invalid_number",
    "status_fail_2": "unreachable",
    "status_fail_3": "blocklisted",
    "status_fail_4": "rate_limited",
}


class V5Statistics(V5Calls):
    """The counts of one application, by hours of China time.

    *begin* and *end* are rounded down to their hours, which are at most 32 days apart.
    """

    def send_statistics(self, *, begin: datetime, end: datetime) -> Call[SendStatistics]:
        """What was sent from the hour of *begin* to that of *end* (pullsendstatus)."""

        def read(envelope: V5Envelope) -> SendStatistics | VendorError:
            counts = read_counts(object_in(envelope), ("request", "success", "bill_number"))
            if isinstance(counts, str):
                return unreadable("pullsendstatus", counts)
            return SendStatistics(requested=counts["request"], accepted=counts["success"], billed=counts["bill_number"])

        return self._call("pullsendstatus", _hours(begin, end), read)

    def delivery_statistics(self, *, begin: datetime, end: datetime) -> Call[DeliveryStatistics]:
        """Its delivery reports (pullcallbackstatus). A cause that smsgate does not know keeps the vendor's name."""

        def read(envelope: V5Envelope) -> DeliveryStatistics | VendorError:
            data = object_in(envelope)
            counts = read_counts(data, ("success", "status", "status_success", "status_fail", *_CAUSES))
            if data is None or isinstance(counts, str):
                return unreadable("pullcallbackstatus", str(counts))
            further = further_counts(data, known=counts, name=lambda key: key.startswith("status_fail_"))
            return DeliveryStatistics(
                accepted=counts["success"],
                reports=counts["status"],
                delivered=counts["status_success"],
                failed=counts["status_fail"],
                causes={cause: counts[key] for key, cause in _CAUSES.items()} | further,
            )

        return self._call("pullcallbackstatus", _hours(begin, end), read)


def _hours(begin: datetime, end: datetime) -> dict[str, object]:
    first, last = hour_span(begin, end)
    return {"begin_date": first, "end_date": last}
