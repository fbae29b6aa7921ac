"""The simulated API 3.0 beside SendSms, in both versions: pulls and statistics."""

from typing import Any

import pytest
from sandbox_callers import NOW, enabled_sandbox
from sandbox_managers import NEW, OLD, CloudCaller

from smsgate.sandbox import Scenario

VERSIONS = pytest.mark.parametrize("version", [OLD, NEW])
APP = "1400006666"


def pull(cloud: CloudCaller, what: str = "Send", limit: int = 100) -> list[dict[str, Any]]:
    """What PullSmsSendStatus or PullSmsReplyStatus gives."""
    name = "SmsSdkAppid" if cloud.version == OLD else "SmsSdkAppId"
    rows: list[dict[str, Any]] = cloud.call(f"PullSms{what}Status", **{name: APP, "Limit": limit})[
        f"PullSms{what}StatusSet"
    ]
    return rows


def test_pulled_report_in_the_old_version() -> None:
    """Times as text and number, the country as NationCode, no session context."""
    cloud = CloudCaller(version=OLD, sandbox=enabled_sandbox())
    row = cloud.send(SessionContext="order-7")[0]
    assert pull(cloud) == [
        {
            "UserReceiveTime": "2025-11-25 00:00:00",
            "UserReceiveUnixTime": 1764000000,
            "NationCode": "86",
            "PurePhoneNumber": "13788888888",
            "PhoneNumber": "+8613788888888",
            "SerialNo": row["SerialNo"],
            "ReportStatus": "SUCCESS",
            "Description": "DELIVRD",
        }
    ]
    assert pull(cloud) == []


def test_pulled_report_in_the_new_version() -> None:
    """The time as a number, the country as CountryCode, the session context."""
    cloud = CloudCaller(sandbox=enabled_sandbox())
    serial = [row["SerialNo"] for row in cloud.send(Scenario.PHONE_OFF.number, "+8613788888888", SessionContext="o")]
    expected = {
        "UserReceiveTime": 1764000000,
        "CountryCode": "86",
        "SubscriberNumber": "13900000001",
        "PhoneNumber": "+8613900000001",
        "SerialNo": serial[0],
        "ReportStatus": "FAIL",
        "Description": "BLACK0",
        "SessionContext": "o",
    }
    assert pull(cloud, limit=1) == [expected]
    assert [row["SerialNo"] for row in pull(cloud)] == serial[1:]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (
            OLD,
            {"NationCode": "44", "Sign": "Acme", "ReplyTime": "2025-11-25 00:00:00", "ReplyUnixTime": 1764000000},
        ),
        (
            NEW,
            {"CountryCode": "44", "SignName": "Acme", "ReplyTime": 1764000000, "SubscriberNumber": "7700900123"},
        ),
    ],
)
def test_pulled_reply(version: str, expected: dict[str, Any]) -> None:
    """A reply comes once, with the names of the version."""
    cloud = CloudCaller(version=version, sandbox=enabled_sandbox())
    cloud.sandbox.reply("+447700900123", "T", now=NOW, extend="7")
    common = {"ExtendCode": "7", "PhoneNumber": "+447700900123", "ReplyContent": "T"}
    assert pull(cloud, "Reply") == [{**common, **expected}]
    assert pull(cloud, "Reply") == []


def by_number(cloud: CloudCaller, what: str, number: str = "+8613788888888", **change: Any) -> dict[str, Any]:
    """The answer to a query by phone number."""
    old = cloud.version == OLD
    params = {
        "SmsSdkAppid" if old else "SmsSdkAppId": APP,
        "SendDateTime" if old else "BeginTime": int(NOW) - 10,
        "Offset": 0,
        "Limit": 10,
        "PhoneNumber": number,
        **change,
    }
    return cloud.call(f"PullSms{what}StatusByPhoneNumber", **params)


@VERSIONS
def test_query_by_number_takes_nothing(version: str) -> None:
    """It finds what was sent to a number, and its replies, pulled or not."""
    cloud = CloudCaller(version=version, sandbox=enabled_sandbox())
    cloud.send("+8613788888888", "+8613788888889")
    cloud.sandbox.reply("+8613788888888", "T", now=NOW)
    for _ in range(2):
        assert len(by_number(cloud, "Send")["PullSmsSendStatusSet"]) == 1
        assert len(by_number(cloud, "Reply")["PullSmsReplyStatusSet"]) == 1
        assert by_number(cloud, "Send", "+447700900123")["PullSmsSendStatusSet"] == []
        pull(cloud)
    end = "EndDateTime" if version == OLD else "EndTime"
    before: dict[str, Any] = {end: int(NOW) - 1}
    now: dict[str, Any] = {end: int(NOW)}
    assert by_number(cloud, "Send", **before)["PullSmsSendStatusSet"] == []
    assert by_number(cloud, "Reply", **now)["PullSmsReplyStatusSet"]


@pytest.mark.parametrize(
    ("version", "change", "code"),
    [
        (NEW, {"Limit": 101}, "InvalidParameterValue.LimitVerifyFail"),
        (OLD, {"Limit": 0}, "InvalidParameter.InvalidParameters"),
        (NEW, {"Offset": 1}, "InvalidParameterValue.OffsetVerifyFail"),
        (NEW, {"PhoneNumber": "12345"}, "InvalidParameterValue.IncorrectPhoneNumber"),
        (NEW, {"BeginTime": int(NOW) - 7 * 86_400 - 1}, "InvalidParameterValue.InvalidStartTime"),
        (NEW, {"EndTime": int(NOW) - 11}, "InvalidParameterValue.InvalidStartTime"),
        (NEW, {"SendDateTime": 1}, "UnknownParameter"),
        (NEW, {"BeginTime": "2025112500"}, "InvalidParameter"),
        (NEW, {"BeginTime": -1}, "InvalidParameter"),
        (NEW, {"BeginTime": True}, "InvalidParameter"),
    ],
    ids=str,
)
def test_wrong_query_is_refused(version: str, change: dict[str, Any], code: str) -> None:
    """Limits, the number, and at most seven days back."""
    assert by_number(CloudCaller(version=version), "Send", **change)["Error"]["Code"] == code


def count(cloud: CloudCaller, what: str, begin: Any, end: Any) -> dict[str, Any]:
    """What a call of statistics says."""
    names = ("SmsSdkAppid", "StartDateTime", "EndDataTime") if cloud.version == OLD else ()
    app, first, last = names or ("SmsSdkAppId", "BeginTime", "EndTime")
    return cloud.call(what, **{app: APP, "Limit": 0, "Offset": 0, first: begin, last: end})


@VERSIONS
def test_counts_follow_what_was_sent(version: str) -> None:
    """Hours are numbers in the old version and text in the new one."""
    cloud = CloudCaller(version=version, sandbox=enabled_sandbox())
    magic = (Scenario.DELIVERED, Scenario.PHONE_OFF, Scenario.NO_SUCH_NUMBER, Scenario.BLOCKLISTED)
    cloud.send(*(scenario.number for scenario in magic))
    hour: Any = 2025112500 if version == OLD else "2025112500"
    assert count(cloud, "SendStatusStatistics", hour, hour)["SendStatusStatistics"] == {
        "FeeCount": 3,
        "RequestCount": 4,
        "RequestSuccessCount": 3,
    }
    assert count(cloud, "CallbackStatusStatistics", hour, hour)["CallbackStatusStatistics"] == {
        "CallbackCount": 3,
        "RequestSuccessCount": 3,
        "CallbackFailCount": 2,
        "CallbackSuccessCount": 1,
        "InternalErrorCount": 0,
        "InvalidNumberCount": 1,
        "ShutdownErrorCount": 1,
        "BlackListCount": 0,
        "FrequencyLimitCount": 0,
    }


@pytest.mark.parametrize(
    ("begin", "end", "code"),
    [
        ("2025112500", "2025112423", "InvalidParameterValue.EndTimeVerifyFail"),
        ("20251125", "2025112500", "InvalidParameterValue.BeginTimeVerifyFail"),
        ("2025112524", "2025112600", "InvalidParameterValue.BeginTimeVerifyFail"),
        ("2025112500", "now", "InvalidParameterValue.EndTimeVerifyFail"),
        ("2025100100", "2025110200", ""),
        ("2025100100", "2025110201", "InvalidParameterValue.EndTimeVerifyFail"),
        (2025112500, "2025112500", "InvalidParameter"),
    ],
)
def test_span_of_statistics_is_checked(begin: Any, end: Any, code: str) -> None:
    """Whole hours, the begin first, at most 32 days apart for reports."""
    answer = count(CloudCaller(), "CallbackStatusStatistics", begin, end)
    assert answer.get("Error", {}).get("Code", "") == code


def test_package_in_both_versions() -> None:
    """One package, of which what was sent is used up."""
    cloud = CloudCaller(sandbox=enabled_sandbox())
    cloud.send()
    (row,) = cloud.call("SmsPackagesStatistics", SmsSdkAppId=APP, Limit=10, Offset=0)["SmsPackagesStatisticsSet"]
    bought = 1763856000  # midnight UTC a day before
    assert row == {
        "PackageCreateTime": bought,
        "PackageEffectiveTime": bought,
        "PackageExpiredTime": bought + 365 * 86_400,
        "PackageAmount": 100_000,
        "PackageType": 1,
        "PackageId": 1,
        "CurrentUsage": 1,
    }
    cloud.version = OLD
    (row,) = cloud.call("SmsPackagesStatistics", SmsSdkAppid=APP, Limit=10, Offset=0)["SmsPackagesStatisticsSet"]
    assert row == {
        "PackageCreateTime": "2025-11-23 08:00:00",
        "PackageCreateUnixTime": bought,
        "PackageEffectiveTime": "2025-11-23 08:00:00",
        "PackageEffectiveUnixTime": bought,
        "PackageExpiredTime": "2026-11-23 08:00:00",
        "PackageExpiredUnixTime": bought + 365 * 86_400,
        "AmountOfPackage": 100_000,
        "TypeOfPackage": 1,
        "PackageId": 1,
        "CurrentUsage": 1,
    }


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"Offset": 1}, 0),
        ({"Limit": 0}, 0),
        ({"BeginTime": "2025112308", "EndTime": "2025112308"}, 1),
        ({"BeginTime": "2025112309", "EndTime": "2025112500"}, 0),
    ],
)
def test_packages_are_paged_and_dated(change: dict[str, Any], found: int) -> None:
    """Limit, offset, and the span in which a package was bought."""
    rows = CloudCaller().call("SmsPackagesStatistics", **{"SmsSdkAppId": APP, "Limit": 10, "Offset": 0, **change})
    assert len(rows["SmsPackagesStatisticsSet"]) == found


def test_too_many_packages_are_refused() -> None:
    """At most 500."""
    code = CloudCaller().code("SmsPackagesStatistics", SmsSdkAppId=APP, Limit=501, Offset=0)
    assert code == "InvalidParameterValue.LimitVerifyFail"
