"""Tencent's own SDK for API 3.0 with every signature and method that it offers, against the sandbox."""

import time
from collections.abc import Iterator

import httpx
import pytest
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20190711 import models as old_models
from tencentcloud.sms.v20190711 import sms_client as old_client
from tencentcloud.sms.v20210111 import models, sms_client

from smsgate.sandbox.server import SandboxServer

NUMBERS = ["+8613788888888", "+8613788888889"]
SIGNATURES = pytest.mark.parametrize("signature", ["TC3-HMAC-SHA256", "HmacSHA256", "HmacSHA1"])
METHODS = pytest.mark.parametrize("method", ["GET", "POST"])


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    """A running sandbox."""
    with SandboxServer() as running:
        yield running


def profile_for(server: SandboxServer, signature: str, method: str) -> ClientProfile:
    """A profile that signs and calls so."""
    endpoint = server.url.removeprefix("http://")
    http = HttpProfile(protocol="http", endpoint=endpoint, reqMethod=method, reqTimeout=10)
    return ClientProfile(signMethod=signature, httpProfile=http)


@SIGNATURES
@METHODS
def test_send_is_taken(server: SandboxServer, signature: str, method: str) -> None:
    """Parameters and numbers arrive as they were given, whichever way they travel."""
    key = credential.Credential("AKIDsandbox", "sandbox-tencent-secret-key")
    client = sms_client.SmsClient(key, "ap-guangzhou", profile_for(server, signature, method))
    request = models.SendSmsRequest()
    request.SmsSdkAppId, request.TemplateId, request.SignName = "1400006666", "19", "腾讯云"
    request.PhoneNumberSet, request.TemplateParamSet = NUMBERS, ["4821", "a b&c=+"]
    rows = client.SendSms(request).SendStatusSet
    assert [(row.PhoneNumber, row.Code) for row in rows] == [(number, "Ok") for number in NUMBERS]
    assert {message.params for message in server.sandbox.messages} == {("4821", "a b&c=+")}


@SIGNATURES
@METHODS
def test_other_parameters_have_their_types(server: SandboxServer, signature: str, method: str) -> None:
    """Numbers, lists of numbers and hours, in both versions."""
    key = credential.Credential("AKIDsandbox", "sandbox-tencent-secret-key")
    profile = profile_for(server, signature, method)
    client = sms_client.SmsClient(key, "ap-guangzhou", profile)
    listing = models.DescribeSmsTemplateListRequest()
    listing.International, listing.TemplateIdSet = 0, [19]
    assert [row.TemplateId for row in client.DescribeSmsTemplateList(listing).DescribeTemplateStatusSet] == [19]
    hour = time.strftime("%Y%m%d%H", time.gmtime(time.time() + 8 * 3600))
    counts = models.SendStatusStatisticsRequest()
    counts.SmsSdkAppId, counts.BeginTime, counts.EndTime, counts.Limit, counts.Offset = "1400006666", hour, hour, 1, 0
    assert client.SendStatusStatistics(counts).SendStatusStatistics.RequestCount == 0
    old = old_client.SmsClient(key, "ap-guangzhou", profile)
    before = old_models.SendStatusStatisticsRequest()
    before.SmsSdkAppid, before.StartDateTime, before.EndDataTime = "1400006666", int(hour), int(hour)
    before.Limit, before.Offset = 1, 0
    assert old.SendStatusStatistics(before).SendStatusStatistics.RequestCount == 0


@SIGNATURES
@METHODS
def test_objects_in_a_list_arrive(server: SandboxServer, signature: str, method: str) -> None:
    """A form or query numbers the objects of a list, their fields and the items of lists in them."""
    key = credential.Credential("AKIDsandbox", "sandbox-tencent-secret-key")
    client = sms_client.SmsClient(key, "ap-guangzhou", profile_for(server, signature, method))
    request = models.SendMultiGlobalSmsRequest()
    request.SmsSdkAppId, request.MultiSmsInfoSet = "1400006666", [info(index) for index in range(12)]
    rows = client.SendMultiGlobalSms(request).SendMultiStatusSet
    assert [(row.PhoneNumber, row.Code, row.SessionContext) for row in rows] == [
        (f"+658123{index:04d}", "Ok", f"key {index}") for index in range(12)
    ]
    assert [message.params for message in server.sandbox.messages] == [(f"{index} &", "5") for index in range(12)]


def info(index: int) -> models.MultiSmsInfo:
    """An entry with parameters of its own."""
    made = models.MultiSmsInfo()
    made.PhoneNumber, made.TemplateId = f"+658123{index:04d}", "1110"
    made.TemplateParamSet, made.SessionContext = [f"{index} &", "5"], f"key {index}"
    return made


@SIGNATURES
@METHODS
@pytest.mark.parametrize(
    ("id", "key", "code"),
    [
        ("AKIDsandbox", "wrong", "AuthFailure.SignatureFailure"),
        ("AKIDother", "sandbox-tencent-secret-key", "AuthFailure.SecretIdNotFound"),
    ],
)
def test_wrong_key_is_refused(server: SandboxServer, signature: str, method: str, id: str, key: str, code: str) -> None:
    """Whatever the signature, it is checked."""
    client = sms_client.SmsClient(
        credential.Credential(id, key), "ap-guangzhou", profile_for(server, signature, method)
    )
    with pytest.raises(TencentCloudSDKException) as caught:
        client.PullSmsSendStatus(models.PullSmsSendStatusRequest())
    assert caught.value.get_code() == code


@pytest.mark.parametrize(
    ("query", "headers", "code"),
    [
        ("?Action=SendSms&Version=2021-01-11&SecretId=x", {}, "MissingParameter"),
        ("", {"X-TC-Action": "SendSms"}, "MissingParameter"),
        ("", {"Authorization": "TC3-HMAC-SHA256 x"}, "MissingParameter"),
        ("?Action=" + "x" * 33_000, {}, "RequestSizeLimitExceeded"),
    ],
    ids=["v1", "action", "authorization", "large"],
)
def test_a_call_never_gets_a_page(server: SandboxServer, query: str, headers: dict[str, str], code: str) -> None:
    """A GET that is a call is refused as a call; only a visitor gets the inbox."""
    answer = httpx.get(f"{server.url}/{query}", headers=headers, trust_env=False, verify=False)
    assert answer.json()["Response"]["Error"]["Code"] == code
    assert httpx.get(f"{server.url}/", trust_env=False, verify=False).headers["content-type"].startswith("text/html")
    put = httpx.put(f"{server.url}/", headers={"X-TC-Action": "SendSms"}, trust_env=False, verify=False)
    assert put.json()["Response"]["Error"]["Code"] == "UnsupportedProtocol"


def test_form_without_a_signature_is_refused_as_v1(server: SandboxServer) -> None:
    """The action in the form is seen."""
    answer = httpx.post(
        f"{server.url}/", data={"Action": "SendSms", "Version": "2021-01-11"}, trust_env=False, verify=False
    )
    error = answer.json()["Response"]["Error"]
    assert (error["Code"], "`Timestamp`" in error["Message"]) == ("MissingParameter", True)
