"""Tencent's own SDK for API 3.0, tencentcloud-sdk-python-sms, against the sandbox over a real socket.

Both versions, every action that the sandbox simulates. The SDK's endpoint carries the port, and its scheme is http;
otherwise it is as it comes.
"""

import base64
import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from sandbox_callers import enabled_sandbox
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20190711 import models as old_models
from tencentcloud.sms.v20190711 import sms_client as old_client
from tencentcloud.sms.v20210111 import models as new_models
from tencentcloud.sms.v20210111 import sms_client as new_client

from smsgate.sandbox import Scenario
from smsgate.sandbox.server import SandboxServer

APP, PICTURE = "1400006666", base64.b64encode(b"\x89PNG").decode()
OLD, NEW = (old_client, old_models), (new_client, new_models)
VERSIONS = pytest.mark.parametrize("sdk", [OLD, NEW], ids=["2019-07-11", "2021-01-11"])
Sdk = tuple[ModuleType, ModuleType]


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    """A running sandbox."""
    with SandboxServer(enabled_sandbox()) as running:
        yield running


def run(
    server: SandboxServer,
    sdk: Sdk,
    action: str,
    id: str = "AKIDsandbox",
    key: str = "sandbox-tencent-secret-key",
    token: str | None = None,
    region: str = "ap-guangzhou",
    language: str = "zh-CN",
    unsigned: bool = False,
    **params: Any,
) -> Any:
    """One call of the SDK."""
    client, models = sdk
    profile = ClientProfile()
    profile.httpProfile = HttpProfile(protocol="http", endpoint=server.url.removeprefix("http://"), reqTimeout=10)
    profile.language = language
    profile.unsignedPayload = unsigned
    request = getattr(models, f"{action}Request")()
    for name, value in params.items():
        assert hasattr(request, name), name
        setattr(request, name, value)
    caller = client.SmsClient(credential.Credential(id, key, token), region if sdk is NEW else "", profile)
    return getattr(caller, action)(request)


def sms(sdk: Sdk, *numbers: str, **change: Any) -> dict[str, Any]:
    """The parameters of SendSms as the version calls them."""
    old = sdk is OLD
    return {
        "PhoneNumberSet": list(numbers) or ["+8613788888888"],
        "SmsSdkAppid" if old else "SmsSdkAppId": APP,
        "TemplateID" if old else "TemplateId": "19",
        "Sign" if old else "SignName": "腾讯云",
        "TemplateParamSet": ["4821", "5"],
        "SessionContext": "order-7",
        **change,
    }


def app(sdk: Sdk) -> dict[str, Any]:
    """The application as the version calls it."""
    return {"SmsSdkAppid" if sdk is OLD else "SmsSdkAppId": APP}


@VERSIONS
def test_send_is_accepted(server: SandboxServer, sdk: Sdk) -> None:
    """The SDK's own signature is right for the sandbox, and what the sandbox answers is what the SDK reads."""
    numbers = ("+8613788888888", Scenario.BLOCKLISTED.number)
    answer = run(server, sdk, "SendSms", **sms(sdk, *numbers))
    (message,) = server.sandbox.messages
    assert message.text == "【腾讯云】Your code is 4821, valid for 5 minutes."
    assert [(row.Code, row.SerialNo, row.Fee, row.IsoCode) for row in answer.SendStatusSet] == [
        ("Ok", message.message_id, 1, "CN"),
        ("FailedOperation.PhoneNumberInBlacklist", "", 0, ""),
    ]
    assert {row.SessionContext for row in answer.SendStatusSet} == {"order-7"}
    assert answer.RequestId


@VERSIONS
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"key": "wrong"}, "AuthFailure.SignatureFailure"),
        ({"id": "AKIDnobody"}, "AuthFailure.SecretIdNotFound"),
        ({"token": "any"}, None),
        ({"language": "en-US"}, None),
        ({"unsigned": True}, None),
    ],
    ids=str,
)
def test_wrong_key_is_refused(server: SandboxServer, sdk: Sdk, change: dict[str, Any], code: str | None) -> None:
    """With the code that the SDK raises; a token, a language and an unsigned payload are tolerated."""
    if code is None:
        run(server, sdk, "SendSms", **change, **sms(sdk))
    else:
        with pytest.raises(TencentCloudSDKException) as caught:
            run(server, sdk, "SendSms", **change, **sms(sdk))
        assert caught.value.get_code() == code
        assert caught.value.get_request_id()
    assert len(server.sandbox.messages) == (code is None)


@VERSIONS
@pytest.mark.parametrize("shift", [-330, 330])
def test_clock_that_is_off_is_refused(sdk: Sdk, shift: int) -> None:
    """Five minutes and a bit, either way."""
    with SandboxServer(clock=lambda: time.time() + shift) as server, pytest.raises(TencentCloudSDKException) as caught:
        run(server, sdk, "SendSms", **sms(sdk))
    assert caught.value.get_code() == "AuthFailure.SignatureExpire"


@pytest.mark.parametrize(("region", "code"), [("", "MissingParameter"), ("eu-mars", "UnsupportedRegion")])
def test_new_version_wants_a_region(server: SandboxServer, region: str, code: str) -> None:
    """Version 2019-07-11 does not."""
    with pytest.raises(TencentCloudSDKException) as caught:
        run(server, NEW, "SendSms", region=region, **sms(NEW))
    assert caught.value.get_code() == code


@VERSIONS
def test_whole_request_is_refused(server: SandboxServer, sdk: Sdk) -> None:
    """201 numbers, and mainland China beside others."""
    for numbers, code in (
        (["+8613788888888"] * 201, "LimitExceeded.PhoneNumberCountLimit"),
        (
            ["+8613788888888", "+447700900123"],
            "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber",
        ),
    ):
        with pytest.raises(TencentCloudSDKException) as caught:
            run(server, sdk, "SendSms", **sms(sdk, *numbers))
        assert caught.value.get_code() == code


@VERSIONS
def test_reports_and_replies_are_pulled(server: SandboxServer, sdk: Sdk) -> None:
    """Once each; a query by phone number finds them again."""
    sent = run(server, sdk, "SendSms", **sms(sdk, "+8613788888888", Scenario.PHONE_OFF.number)).SendStatusSet
    server.sandbox.reply("+8613788888888", "退订", now=time.time())
    reports = run(server, sdk, "PullSmsSendStatus", Limit=100, **app(sdk)).PullSmsSendStatusSet
    assert [(row.SerialNo, row.ReportStatus) for row in reports] == [
        (sent[0].SerialNo, "SUCCESS"),
        (sent[1].SerialNo, "FAIL"),
    ]
    assert reports[0].Description == "DELIVRD"
    assert run(server, sdk, "PullSmsSendStatus", Limit=100, **app(sdk)).PullSmsSendStatusSet == []
    (reply,) = run(server, sdk, "PullSmsReplyStatus", Limit=100, **app(sdk)).PullSmsReplyStatusSet
    assert (reply.PhoneNumber, reply.ReplyContent) == ("+8613788888888", "退订")
    begin: dict[str, Any] = {"SendDateTime" if sdk is OLD else "BeginTime": int(time.time()) - 60}
    query: dict[str, Any] = {**app(sdk), **begin, "Offset": 0, "Limit": 10, "PhoneNumber": "+8613788888888"}
    assert len(run(server, sdk, "PullSmsSendStatusByPhoneNumber", **query).PullSmsSendStatusSet) == 1
    assert len(run(server, sdk, "PullSmsReplyStatusByPhoneNumber", **query).PullSmsReplyStatusSet) == 1


@VERSIONS
def test_statistics(server: SandboxServer, sdk: Sdk) -> None:
    """They count what was sent; hours are China's, numbers in the old version and text in the new one."""
    run(server, sdk, "SendSms", **sms(sdk, "+8613788888888", Scenario.NO_SUCH_NUMBER.number))
    now = time.time() + 8 * 3600
    hours = [time.strftime("%Y%m%d%H", time.gmtime(now + shift)) for shift in (-3600, 3600)]
    names = ("StartDateTime", "EndDataTime") if sdk is OLD else ("BeginTime", "EndTime")
    values: list[Any] = [int(hour) for hour in hours] if sdk is OLD else list(hours)
    span: dict[str, Any] = {**app(sdk), "Limit": 0, "Offset": 0, **dict(zip(names, values, strict=True))}
    sends = run(server, sdk, "SendStatusStatistics", **span).SendStatusStatistics
    assert (sends.RequestCount, sends.RequestSuccessCount, sends.FeeCount) == (2, 2, 2)
    reports = run(server, sdk, "CallbackStatusStatistics", **span).CallbackStatusStatistics
    assert (reports.CallbackCount, reports.CallbackSuccessCount, reports.InvalidNumberCount) == (2, 1, 1)
    (package,) = run(server, sdk, "SmsPackagesStatistics", Limit=10, Offset=0, **app(sdk)).SmsPackagesStatisticsSet
    assert (package.AmountOfPackage if sdk is OLD else package.PackageAmount, package.CurrentUsage) == (100_000, 2)


@VERSIONS
def test_template_lives_and_dies(server: SandboxServer, sdk: Sdk) -> None:
    """Added, changed, approved, sent, deleted."""
    fields: dict[str, Any] = {
        "TemplateName": "login",
        "TemplateContent": "验证码{1}。",
        "SmsType": 0,
        "International": 0,
        "Remark": "x",
    }
    id = run(server, sdk, "AddSmsTemplate", **fields).AddTemplateStatus.TemplateId
    changed = run(server, sdk, "ModifySmsTemplate", TemplateId=int(id), **{**fields, "Remark": "[approve]"})
    assert changed.ModifyTemplateStatus.TemplateId == int(id)
    listed = run(server, sdk, "DescribeSmsTemplateList", International=0, TemplateIdSet=[int(id)])
    (row,) = listed.DescribeTemplateStatusSet
    assert (row.StatusCode, row.TemplateName) == (0, "login")
    send: dict[str, Any] = {"TemplateID" if sdk is OLD else "TemplateId": id, "TemplateParamSet": ["7"]}
    assert run(server, sdk, "SendSms", **sms(sdk, **send)).SendStatusSet[0].Code == "Ok"
    assert run(server, sdk, "DeleteSmsTemplate", TemplateId=int(id)).DeleteTemplateStatus.DeleteTime
    refused = run(server, sdk, "SendSms", **sms(sdk, **send)).SendStatusSet[0].Code
    assert refused == "FailedOperation.TemplateIncorrectOrUnapproved"


@VERSIONS
def test_signature_lives_and_dies(server: SandboxServer, sdk: Sdk) -> None:
    """Added, rejected, changed, approved, sent, deleted."""
    fields: dict[str, Any] = {
        "SignName": "Contoso",
        "SignType": 0,
        "DocumentType": 0,
        "International": 0,
        "UsedMethod" if sdk is OLD else "SignPurpose": 0,
        "ProofImage": PICTURE,
    }
    id = run(server, sdk, "AddSmsSign", Remark="[reject: blurred]", **fields).AddSignStatus.SignId
    listed = run(server, sdk, "DescribeSmsSignList", International=0, SignIdSet=[id])
    (row,) = listed.DescribeSignListStatusSet
    assert (row.StatusCode, row.ReviewReply) == (-1, "blurred")
    assert run(server, sdk, "ModifySmsSign", SignId=id, Remark="[approve]", **fields).ModifySignStatus.SignId == id
    name: dict[str, Any] = {"Sign" if sdk is OLD else "SignName": "Contoso"}
    assert run(server, sdk, "SendSms", **sms(sdk, **name)).SendStatusSet[0].Code == "Ok"
    assert run(server, sdk, "DeleteSmsSign", SignId=id).DeleteSignStatus.DeleteStatus
    refused = run(server, sdk, "SendSms", **sms(sdk, **name)).SendStatusSet[0].Code
    assert refused == "FailedOperation.SignatureIncorrectOrUnapproved"


def test_texts_of_their_own_to_other_countries(server: SandboxServer) -> None:
    """SendMultiGlobalSms, which only the newer version has: a template, parameters and a context for each number."""
    infos: list[Any] = []
    for index, number in enumerate(("+14155552671", "+6581234567", "+651")):
        info = new_models.MultiSmsInfo()
        info.PhoneNumber, info.TemplateId, info.TemplateParamSet = number, "1110", [f"482{index}", "5"]
        info.SessionContext = f"order-{index}"
        infos.append(info)
    rows = run(server, NEW, "SendMultiGlobalSms", SmsSdkAppId=APP, MultiSmsInfoSet=infos).SendMultiStatusSet
    assert [(row.PhoneNumber, row.SessionContext, row.IsoCode, row.Code == "Ok") for row in rows] == [
        ("+14155552671", "order-0", "US", True),
        ("+6581234567", "order-1", "SG", True),
        ("+651", "order-2", "", False),
    ]
    assert [message.params for message in server.sandbox.messages] == [("4820", "5"), ("4821", "5")]
    assert [message.message_id for message in server.sandbox.messages] == [row.SerialNo for row in rows[:2]]


def test_conversion_and_numbers(server: SandboxServer) -> None:
    """ReportConversion and DescribePhoneNumberInfo, which only the newer version has."""
    (sent,) = run(server, NEW, "SendSms", **sms(NEW)).SendStatusSet
    done = run(server, NEW, "ReportConversion", **app(NEW), SerialNo=sent.SerialNo, ConversionTime=int(time.time()))
    assert done.ReportConversionStatus.Code == "ok"
    numbers = ["+8613788888888", "+6581234567", "+651"]
    rows = run(server, NEW, "DescribePhoneNumberInfo", PhoneNumberSet=numbers).PhoneNumberInfoSet
    assert [(row.PhoneNumber, row.NationCode, row.SubscriberNumber, row.IsoCode) for row in rows] == [
        ("+8613788888888", "86", "13788888888", "CN"),
        ("+6581234567", "65", "81234567", "SG"),
        ("+651", "", "", "DEF"),
    ]
    assert [row.Code == "Ok" for row in rows] == [True, True, False]
