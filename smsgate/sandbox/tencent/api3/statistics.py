"""SendStatusStatistics, CallbackStatusStatistics and SmsPackagesStatistics.

Source: Tencent Cloud SMS API 3.0, "SMS Statistics APIs" of both versions: hours `yyyymmddhh` of China time, both
included, and at most 32 days between them for CallbackStatusStatistics.
"""

from typing import Any, Final

from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.api3.call import Call
from smsgate.sandbox.tencent.api3.pulls import bad_limit
from smsgate.sandbox.tencent.api3.refusal import Refusal
from smsgate.sandbox.tencent.counts import delivery_counts, send_counts
from smsgate.sandbox.tencent.formats import china_time, hour

__all__ = ["count_deliveries", "count_packages", "count_sends"]

_HOUR: Final = 3600.0
_DAY: Final = 24 * _HOUR
# CallbackStatusStatistics, `EndTime`: at most 32 days after the begin. SendStatusStatistics has no such limit.
_MAX_DAYS: Final = 32
_PACKAGE: Final = 100_000
"""Messages in the account's one package."""
_MAX_PACKAGES: Final = 500


def count_sends(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """SendStatusStatistics."""
    counts = send_counts(state, *_span(call))
    payload = {
        "FeeCount": counts.billed,
        "RequestCount": counts.requested,
        "RequestSuccessCount": counts.accepted,
    }
    return {"SendStatusStatistics": payload}


def count_deliveries(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """CallbackStatusStatistics."""
    begin, end = _span(call)
    if end - _HOUR - begin > _MAX_DAYS * _DAY:
        raise Refusal("InvalidParameterValue.EndTimeVerifyFail", "more than 32 days between begin and end")
    counts = delivery_counts(state, begin, end)
    operator, number, phone, blocklist, limit = counts.causes
    payload = {
        "CallbackCount": counts.reports,
        "RequestSuccessCount": counts.accepted,
        "CallbackFailCount": counts.failed,
        "CallbackSuccessCount": counts.delivered,
        "InternalErrorCount": operator,
        "InvalidNumberCount": number,
        "ShutdownErrorCount": phone,
        "BlackListCount": blocklist,
        "FrequencyLimitCount": limit,
    }
    return {"CallbackStatusStatistics": payload}


def count_packages(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """SmsPackagesStatistics: the account has one package, bought the day before and good for a year."""
    limit, offset = call.params["limit"], call.params["offset"]
    if limit > _MAX_PACKAGES:
        raise bad_limit(call)
    bought = now - now % _DAY - _DAY
    begin, end = _span(call) if "begin" in call.params and "end" in call.params else (0.0, now)
    rows = [_package(call, bought, send_counts(state, 0.0, now + _DAY).billed)] if begin <= bought < end else []
    return {"SmsPackagesStatisticsSet": rows[offset : offset + limit]}


def _package(call: Call, bought: float, used: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        call.name("AmountOfPackage", "PackageAmount"): _PACKAGE,
        call.name("TypeOfPackage", "PackageType"): 1,
        "PackageId": 1,
        "CurrentUsage": used,
    }
    for name, time in (("Create", bought), ("Effective", bought), ("Expired", bought + 365 * _DAY)):
        row[f"Package{name}Time"] = int(time) if call.is_new else china_time(time)
        if not call.is_new:
            row[f"Package{name}UnixTime"] = int(time)
    return row


def _span(call: Call) -> tuple[float, float]:
    begin, end = hour(str(call.params["begin"])), hour(str(call.params["end"]))
    if begin is None:
        raise Refusal("InvalidParameterValue.BeginTimeVerifyFail", "the begin is not yyyymmddhh")
    if end is None or begin > end:
        raise Refusal("InvalidParameterValue.EndTimeVerifyFail", "the end is not yyyymmddhh, or before the begin")
    return begin, end + _HOUR
