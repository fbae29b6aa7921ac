"""Counts and packages through API 3.0.

Tencent Cloud SMS API, SendStatusStatistics, CallbackStatusStatistics, SmsPackagesStatistics, as Tencent's own SDK
documents them for both versions. Hours `yyyymmddhh` are taken to be China's, as the v5 interface's; both are included.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from smsgate.model.errors import InvalidCallError, VendorError
from smsgate.provider.call import Call, unreadable
from smsgate.provider.reading import objects_in, read_int, read_text
from smsgate.provider.records import DeliveryStatistics, Page, SendStatistics
from smsgate.tencent.arguments import hour_span, whole_number
from smsgate.tencent.cloud.api import CloudEnvelope
from smsgate.tencent.cloud.calls import CloudCalls, items_in, object_in
from smsgate.tencent.cloud.records import Package
from smsgate.tencent.values import china_time, further_counts, read_counts

__all__ = ["CloudStatistics"]

_SENDS: Final = "SendStatusStatistics"
_REPORTS: Final = "CallbackStatusStatistics"
_PACKAGES: Final = "SmsPackagesStatistics"
_MOST_PACKAGES: Final = 500
_CAUSES: Final[Mapping[str, str]] = {
    "InternalErrorCount": "carrier",
    "InvalidNumberCount": "invalid_number",
    "ShutdownErrorCount": "unreachable",
    "BlackListCount": "blocklisted",
    "FrequencyLimitCount": "rate_limited",
}
_GIVEN: Final[Mapping[int | None, bool]] = {0: True, 1: False}
"""The type of a package: 0 given, 1 bought."""


class CloudStatistics(CloudCalls):
    """The counts of one application, by hours of China time.

    *begin* and *end* are rounded down to their hours, which are at most 32 days apart.
    """

    def send_statistics(self, *, begin: datetime, end: datetime) -> Call[SendStatistics]:
        """What was sent from the hour of *begin* to that of *end* (SendStatusStatistics)."""

        def read(envelope: CloudEnvelope) -> SendStatistics | VendorError:
            counts = read_counts(object_in(envelope, _SENDS), ("RequestCount", "RequestSuccessCount", "FeeCount"))
            if isinstance(counts, str):
                return unreadable(_SENDS, counts, request_id=envelope.request_id)
            return SendStatistics(
                requested=counts["RequestCount"], accepted=counts["RequestSuccessCount"], billed=counts["FeeCount"]
            )

        return self._call(_SENDS, self._span(begin, end), read)

    def delivery_statistics(self, *, begin: datetime, end: datetime) -> Call[DeliveryStatistics]:
        """Its delivery reports (CallbackStatusStatistics).

        A cause that smsgate does not know keeps the vendor's name.
        """
        keys = ("RequestSuccessCount", "CallbackCount", "CallbackSuccessCount", "CallbackFailCount", *_CAUSES)

        def read(envelope: CloudEnvelope) -> DeliveryStatistics | VendorError:
            data = object_in(envelope, _REPORTS)
            counts = read_counts(data, keys)
            if data is None or isinstance(counts, str):
                return unreadable(_REPORTS, str(counts), request_id=envelope.request_id)
            further = further_counts(data, known=counts, name=lambda key: key.endswith("Count"))
            return DeliveryStatistics(
                accepted=counts["RequestSuccessCount"],
                reports=counts["CallbackCount"],
                delivered=counts["CallbackSuccessCount"],
                failed=counts["CallbackFailCount"],
                causes={cause: counts[key] for key, cause in _CAUSES.items()} | further,
            )

        return self._call(_REPORTS, self._span(begin, end), read)

    def list_packages(
        self, *, offset: int = 0, limit: int = 50, begin: datetime | None = None, end: datetime | None = None
    ) -> Call[Page[Package]]:
        """One page of the account's packages of messages (SmsPackagesStatistics): at most 500.

        *begin* and *end* (not in version 2019-07-11) narrow it to those that were created between the two hours.
        """
        names = self._names
        fields: dict[str, object] = {
            names.app_id: self._account.sdk_app_id,
            "Limit": whole_number("limit", limit, 1, _MOST_PACKAGES),
            "Offset": whole_number("offset", offset, 0, 10**9),
        }
        if begin is not None or end is not None:
            fields |= self._package_span(begin, end)

        def read(envelope: CloudEnvelope) -> Page[Package] | VendorError:
            rows = objects_in(items_in(envelope, f"{_PACKAGES}Set"))
            if rows is None:
                return unreadable(_PACKAGES, "the response has no list of packages", request_id=envelope.request_id)
            return Page(tuple(self._package(row) for row in rows))

        return self._call(_PACKAGES, fields, read)

    def _span(self, begin: datetime, end: datetime) -> dict[str, object]:
        names, (first, last) = self._names, hour_span(begin, end)
        return {
            names.count_begin: self._hour(first),
            names.count_end: self._hour(last),
            names.app_id: self._account.sdk_app_id,
            "Limit": 0,  # "at present fixed at 0", both
            "Offset": 0,
        }

    def _package_span(self, begin: datetime | None, end: datetime | None) -> dict[str, object]:
        names = self._names
        if names.package_begin is None or names.package_end is None:
            raise InvalidCallError(f"begin, end: version {names.version} lists all packages only")
        if begin is None or end is None:
            raise InvalidCallError("begin, end: give both or neither")
        first, last = hour_span(begin, end, most_days=None)
        return {names.package_begin: self._hour(first), names.package_end: self._hour(last)}

    def _hour(self, hour: int) -> int | str:
        return str(hour) if self._names.hours_as_text else hour

    def _package(self, row: Mapping[str, Any]) -> Package:
        created, begins, ends = self._names.package_times
        return Package(
            id=read_text(row.get("PackageId")) or "",
            amount=read_int(row.get(self._names.package_amount)),
            used=read_int(row.get("CurrentUsage")),
            given=_GIVEN.get(read_int(row.get(self._names.package_type))),
            created_at=china_time(row.get(created)),
            begins_at=china_time(row.get(begins)),
            ends_at=china_time(row.get(ends)),
            raw=row,
        )
