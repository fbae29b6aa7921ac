"""The simulated API 3.0 beside SendSms, in both versions: pulls, statistics, templates, signatures."""

import base64
from typing import Any

import pytest
from sandbox_callers import NOW
from sandbox_managers import NEW, OLD, CloudCaller

from smsgate.sandbox import Scenario

VERSIONS = pytest.mark.parametrize("version", [OLD, NEW])
APP = "1400006666"
PICTURE = base64.b64encode(b"\x89PNG").decode()


def pull(cloud: CloudCaller, what: str = "Send", limit: int = 100) -> list[dict[str, Any]]:
    """What PullSmsSendStatus or PullSmsReplyStatus gives."""
    name = "SmsSdkAppid" if cloud.version == OLD else "SmsSdkAppId"
    rows: list[dict[str, Any]] = cloud.call(f"PullSms{what}Status", **{name: APP, "Limit": limit})[
        f"PullSms{what}StatusSet"
    ]
    return rows


def test_pulled_report_in_the_old_version() -> None:
    """Times as text and number, the country as NationCode, no session context."""
    cloud = CloudCaller(version=OLD)
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
    cloud = CloudCaller()
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
    cloud = CloudCaller(version=version)
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
    cloud = CloudCaller(version=version)
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
    cloud = CloudCaller(version=version)
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
    cloud = CloudCaller()
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


TEMPLATE = {
    "TemplateName": "login",
    "TemplateContent": "Code {1}.",
    "SmsType": 2,
    "International": 0,
    "Remark": "for logins",
}


@VERSIONS
def test_template_is_pending_then_approved_then_gone(version: str) -> None:
    """Status 1, then 0; the id of the first answer is text, later ones are numbers."""
    cloud = CloudCaller(version=version)
    id = cloud.call("AddSmsTemplate", **TEMPLATE)["AddTemplateStatus"]["TemplateId"]
    assert isinstance(id, str)
    send = {"TemplateID" if version == OLD else "TemplateId": id, "TemplateParamSet": ["7"]}
    refused = "FailedOperation.TemplateIncorrectOrUnapproved"
    assert describe(cloud, int(id))["StatusCode"] == 1
    assert cloud.send(**send)[0]["Code"] == refused
    cloud.sandbox.review("tencent", "template", id, "approved", "fine")
    content = {"TemplateContent": "Code {1}."} if version == NEW else {}
    assert describe(cloud, int(id)) == {
        "TemplateId": int(id),
        "International": 0,
        "StatusCode": 0,
        "ReviewReply": "fine",
        "TemplateName": "login",
        "CreateTime": 1764000000,
        **content,
    }
    assert cloud.send(**send)[0]["Code"] == "Ok"
    deleted = cloud.call("DeleteSmsTemplate", TemplateId=int(id))
    assert deleted == {"DeleteTemplateStatus": {"DeleteStatus": "return successfully!", "DeleteTime": 1764000000}}
    assert cloud.send(**send)[0]["Code"] == refused
    assert cloud.code("DeleteSmsTemplate", TemplateId=int(id)) == "FailedOperation.TemplateIdNotExist"
    assert cloud.code("DescribeSmsTemplateList", International=0, TemplateIdSet=[int(id)]) == (
        "FailedOperation.TemplateIdNotExist"
    )


def describe(cloud: CloudCaller, id: int, international: int = 0) -> dict[str, Any]:
    """The row of one template."""
    answer = cloud.call("DescribeSmsTemplateList", International=international, TemplateIdSet=[id])
    (row,) = answer["DescribeTemplateStatusSet"]
    told: dict[str, Any] = row
    return told


def test_rejected_template_is_changed() -> None:
    """-1 and the reason, then pending again; what was approved cannot be changed."""
    cloud = CloudCaller()
    id = int(
        cloud.call("AddSmsTemplate", **{**TEMPLATE, "Remark": "[reject: vague]"})["AddTemplateStatus"]["TemplateId"]
    )
    row = describe(cloud, id)
    assert (row["StatusCode"], row["ReviewReply"]) == (-1, "vague")
    changed = {**TEMPLATE, "SmsType": 1, "International": 1, "TemplateName": "sale"}
    assert cloud.call("ModifySmsTemplate", TemplateId=id, **changed) == {"ModifyTemplateStatus": {"TemplateId": id}}
    row = describe(cloud, id, international=1)
    assert (row["StatusCode"], row["ReviewReply"], row["TemplateName"]) == (1, "", "sale")
    cloud.sandbox.review("tencent", "template", str(id), "approved")
    assert cloud.code("ModifySmsTemplate", TemplateId=id, **TEMPLATE) == "FailedOperation.TemplateAlreadyPassedCheck"
    assert cloud.code("ModifySmsTemplate", TemplateId=7, **TEMPLATE) == "FailedOperation.MissingTemplateToModify"


@pytest.mark.parametrize(
    ("action", "change", "code"),
    [
        ("AddSmsTemplate", {"SmsType": 4}, "InvalidParameterValue.InvalidSmsType"),
        ("AddSmsTemplate", {"International": 2}, "InvalidParameterValue.InvalidInternational"),
        ("AddSmsTemplate", {"Remark": None}, "MissingParameter"),
        ("AddSmsTemplate", {"TemplateId": 7}, "UnknownParameter"),
        ("DescribeSmsTemplateList", {"International": 3}, "InvalidParameterValue.InvalidInternational"),
        ("DescribeSmsTemplateList", {"TemplateIdSet": list(range(101))}, "InvalidParameter.InvalidParameters"),
        ("DescribeSmsTemplateList", {"TemplateIdSet": ["19"]}, "InvalidParameter"),
        ("DescribeSmsTemplateList", {"Limit": 101}, "InvalidParameterValue.LimitVerifyFail"),
    ],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)
def test_wrong_template_call_is_refused(action: str, change: dict[str, Any], code: str) -> None:
    """What is missing, unknown or out of range."""
    params = TEMPLATE if action == "AddSmsTemplate" else {"International": 0}
    given = {name: value for name, value in {**params, **change}.items() if value is not None}
    assert CloudCaller().code(action, **given) == code


def test_lists_are_paged_in_the_new_version_only() -> None:
    """The old one wants ids; without a limit the new one lists no template and ten signatures."""
    cloud = CloudCaller()
    for _ in range(3):
        cloud.call("AddSmsTemplate", **TEMPLATE)
    pages = [
        cloud.call("DescribeSmsTemplateList", International=0, Limit=2, Offset=offset)["DescribeTemplateStatusSet"]
        for offset in (0, 2, 4)
    ]
    assert [[row["TemplateId"] for row in page] for page in pages] == [[19, 1000001], [1000002, 1000003], []]
    assert pages[0][0]["International"] == 3  # the built-in template is for all
    assert cloud.call("DescribeSmsTemplateList", International=0)["DescribeTemplateStatusSet"] == []
    assert len(cloud.call("DescribeSmsSignList", International=0)["DescribeSignListStatusSet"]) == 2
    cloud.version = OLD
    assert cloud.code("DescribeSmsTemplateList", International=0) == "FailedOperation.MissingTemplateList"
    assert cloud.code("DescribeSmsSignList", International=0) == "FailedOperation.MissingSignatureList"
    assert cloud.code("DescribeSmsTemplateList", International=0, Limit=10) == "UnknownParameter"


def sign(cloud: CloudCaller, **change: Any) -> dict[str, Any]:
    """The parameters of a signature in the caller's version."""
    params = {
        "SignName": "Contoso",
        "SignType": 0,
        "DocumentType": 0,
        "International": 0,
        "UsedMethod" if cloud.version == OLD else "SignPurpose": 0,
        "ProofImage": PICTURE,
        **change,
    }
    return {name: value for name, value in params.items() if value is not None}


@VERSIONS
def test_signature_is_pending_then_approved_then_gone(version: str) -> None:
    """The old version also tells the id of the application, as a number and later as text."""
    cloud = CloudCaller(version=version)
    status = cloud.call("AddSmsSign", **sign(cloud, QualificationId=7))["AddSignStatus"]
    id = status["SignId"]
    assert status == ({"SignId": id, "SignApplyId": id} if version == OLD else {"SignId": id})
    changed = cloud.call("ModifySmsSign", SignId=id, **sign(cloud, Remark="ours"))["ModifySignStatus"]
    assert changed == ({"SignId": id, "SignApplyId": str(id)} if version == OLD else {"SignId": id})
    name = {"Sign" if version == OLD else "SignName": "Contoso"}
    assert cloud.send(**name)[0]["Code"] == "FailedOperation.SignatureIncorrectOrUnapproved"
    cloud.sandbox.review("tencent", "signature", str(id), "approved")
    assert cloud.send(**name)[0]["Code"] == "Ok"
    assert cloud.call("DescribeSmsSignList", International=0, SignIdSet=[id])["DescribeSignListStatusSet"] == [
        {
            "SignId": id,
            "International": 0,
            "StatusCode": 0,
            "ReviewReply": "",
            "SignName": "Contoso",
            "CreateTime": 1764000000,
            "QualificationId": 7,
            "QualificationName": "qualification 7",
            "QualificationStatusCode": 1,
        }
    ]
    assert cloud.code("ModifySmsSign", SignId=id, **sign(cloud)) == "InvalidParameterValue.SignAlreadyPassedCheck"
    assert cloud.call("DeleteSmsSign", SignId=id)["DeleteSignStatus"]["DeleteTime"] == 1764000000
    assert cloud.send(**name)[0]["Code"] == "FailedOperation.SignatureIncorrectOrUnapproved"
    assert cloud.code("DeleteSmsSign", SignId=id) == "FailedOperation.SignIdNotExist"
    assert cloud.code("ModifySmsSign", SignId=id, **sign(cloud)) == "FailedOperation.MissingSignatureToModify"


@pytest.mark.parametrize(
    ("version", "change", "code"),
    [
        (NEW, {"SignName": "x" * 13}, "InvalidParameterValue.SignNameLengthTooLong"),
        (NEW, {"SignName": "[Acme]"}, "FailedOperation.SignatureIncorrectOrUnapproved"),
        (NEW, {"International": 2}, "InvalidParameterValue.InvalidInternational"),
        (NEW, {"DocumentType": 9}, "InvalidParameterValue.InvalidDocumentType"),
        (NEW, {"SignType": 7}, "InvalidParameterValue.InvalidDocumentType"),
        (NEW, {"SignPurpose": 2}, "InvalidParameterValue.InvalidSignPurpose"),
        (OLD, {"UsedMethod": 2}, "InvalidParameterValue.InvalidUsedMethod"),
        (OLD, {"SignPurpose": 0}, "UnknownParameter"),
        (NEW, {"ProofImage": "data:image/png;base64,AAAA"}, "InvalidParameterValue.ImageInvalid"),
        (NEW, {"CommissionImage": "AAA"}, "InvalidParameterValue.ImageInvalid"),
        (NEW, {"ProofImage": None}, "MissingParameter"),
        (NEW, {"SignName": "Acme"}, "InvalidParameterValue.SignAlreadyPassedCheck"),
        (NEW, {"SignName": "Fabrikam"}, "InvalidParameterValue.SignExistAndUnapproved"),
    ],
    ids=str,
)
def test_wrong_signature_is_refused(version: str, change: dict[str, Any], code: str) -> None:
    """Length, types, pictures, and what there is already."""
    cloud = CloudCaller(version=version)
    assert cloud.code("AddSmsSign", **sign(cloud, SignName="Fabrikam")) == ""
    assert cloud.code("AddSmsSign", **sign(cloud, **change)) == code


def test_signature_is_not_changed_into_another() -> None:
    """A pending signature can be changed into itself and not into one that is pending."""
    cloud = CloudCaller()
    ids = [
        cloud.call("AddSmsSign", **sign(cloud, SignName=name))["AddSignStatus"]["SignId"]
        for name in ("Contoso", "Fabrikam")
    ]
    assert cloud.code("ModifySmsSign", SignId=ids[1], **sign(cloud)) == "InvalidParameterValue.SignExistAndUnapproved"
    assert cloud.code("ModifySmsSign", SignId=ids[0], **sign(cloud)) == ""


def test_unknown_action_is_refused() -> None:
    """What the sandbox does not simulate is an invalid action."""
    assert CloudCaller().code("SendMultiGlobalSms") == "InvalidAction"
