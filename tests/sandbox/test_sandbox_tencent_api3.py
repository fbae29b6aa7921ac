"""The simulated API 3.0: the gateway in front, and SendSms."""

import json
import re
from typing import Any

import attrs
import pytest
from sandbox_callers import NOW, TencentCaller, enabled_sandbox, read
from sandbox_managers import NEW, OLD, CloudCaller

from smsgate.sandbox import Sandbox, Scenario
from smsgate.wire import HttpRequest

VERSIONS = pytest.mark.parametrize("version", [OLD, NEW])


@VERSIONS
def test_right_request_is_accepted_and_kept(version: str) -> None:
    """Each number has a row; the message is that of the account which v5 sends for as well."""
    cloud = CloudCaller(version=version)
    rows = cloud.send("+8613788888888", "8613788888889", SessionContext="order-7")
    messages = cloud.sandbox.messages
    assert rows[0] == {
        "SerialNo": messages[0].message_id,
        "PhoneNumber": "+8613788888888",
        "Fee": 1,
        "SessionContext": "order-7",
        "IsoCode": "CN",
        "Code": "Ok",
        "Message": "send success",
    }
    assert [message.to for message in messages] == ["+8613788888888", "+8613788888889"]
    assert {(message.vendor, message.api, message.reference) for message in messages} == {
        ("tencent", "SendSms", "order-7")
    }
    assert messages[0].text == "【Acme】Your code is 4821, valid for 5 minutes."


def test_answer_is_what_the_sdks_can_read() -> None:
    """HTTP 200, a content type without charset and a request id, for refusals as well."""
    for secret_key in ("sandbox-tencent-secret-key", "wrong"):
        cloud = CloudCaller(secret_key=secret_key)
        answer = cloud.answer("SendSms", **cloud.sms())
        assert answer.response is not None
        assert (answer.response.status, answer.response.headers["content-type"]) == (200, "application/json")
        assert re.fullmatch(r"[0-9a-f-]{36}", json.loads(answer.response.body)["Response"]["RequestId"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, ""),
        ({"secret_key": "wrong"}, "AuthFailure.SignatureFailure"),
        ({"secret_id": "AKIDnobody"}, "AuthFailure.SecretIdNotFound"),
        ({"now": NOW - 300}, ""),
        ({"now": NOW + 301}, "AuthFailure.SignatureExpire"),
        ({"now": NOW - 301}, "AuthFailure.SignatureExpire"),
        ({"signed_host": "127.0.0.1"}, ""),
        ({"signed_host": "sms.tencentcloudapi.com"}, "AuthFailure.SignatureFailure"),
        ({"host": "sms.tencentcloudapi.com"}, ""),
        ({"service": "127"}, ""),
        ({"content_type": "application/json; charset=utf-8"}, ""),
        ({"extra": {"x-tc-action": "sendsms"}, "unsigned": {"X-TC-Action": ""}}, "InvalidAction"),
        ({"unsigned": {"X-TC-Content-SHA256": "UNSIGNED-PAYLOAD"}}, ""),
        ({"unsigned": {"X-TC-Token": "any", "X-TC-Language": "en-US"}}, ""),
        ({"unsigned": {"X-TC-Region": ""}}, "MissingParameter"),
        ({"unsigned": {"X-TC-Region": "eu-mars"}}, "UnsupportedRegion"),
        ({"unsigned": {"X-TC-Action": ""}}, "MissingParameter"),
        ({"unsigned": {"X-TC-Version": ""}}, "MissingParameter"),
        ({"unsigned": {"X-TC-Version": "2017-03-12"}}, "NoSuchVersion"),
        ({"unsigned": {"X-TC-Timestamp": ""}}, "MissingParameter"),
        ({"unsigned": {"X-TC-Timestamp": "soon"}}, "AuthFailure.InvalidAuthorization"),
        ({"unsigned": {"X-TC-Timestamp": str(int(NOW) + 1)}}, "AuthFailure.SignatureFailure"),
        ({"unsigned": {"Authorization": ""}}, "AuthFailure.InvalidAuthorization"),
        ({"unsigned": {"Authorization": "Bearer x"}}, "AuthFailure.InvalidAuthorization"),
        ({"unsigned": {"host": ""}}, "AuthFailure.SignatureFailure"),
    ],
    ids=str,
)
def test_gateway_checks_who_calls(change: dict[str, Any], code: str) -> None:
    """Key, clock, Host, scope and the headers that tell what is called."""
    cloud = CloudCaller(**change)
    assert cloud.code("SendSms", **cloud.sms()) == code
    assert len(cloud.sandbox.messages) == (code == "")


def test_further_headers_may_be_signed() -> None:
    """The action is signed as it is sent, or in lower case as Tencent's own example does."""
    for value in ("SendSms", "sendsms"):
        cloud = CloudCaller(extra={"x-tc-action": value}, unsigned={"x-tc-action": "SendSms", "X-TC-Action": ""})
        assert cloud.code("SendSms", **cloud.sms()) == ""


def test_scope_has_the_day_of_the_timestamp() -> None:
    """A credential scope of another day is a signature failure, as is one without the Host."""
    cloud = CloudCaller()
    request = cloud.request("SendSms", json.dumps(cloud.sms()).encode())
    for change in (("2025-11-24/sms", "2025-11-25/sms"), ("content-type;host", "content-type")):
        headers = {**dict(request.headers.pairs), "Authorization": request.headers["authorization"].replace(*change)}
        answer = read(cloud.sandbox.handle(attrs.evolve(request, headers=headers), now=NOW))
        assert answer["Response"]["Error"]["Code"] == "AuthFailure.SignatureFailure"


def test_other_requests_to_the_root_are_not_claimed() -> None:
    """GET / is nobody's."""
    answer = Sandbox().handle(HttpRequest("GET", "http://vendor/"), now=NOW)
    assert answer.response is not None
    assert answer.response.status == 404


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'"x"', b'{"Limit":"\\ud800"}', b"[" * 100_000])
def test_body_is_an_object(body: bytes) -> None:
    """Anything else than a JSON object is an invalid parameter."""
    cloud = CloudCaller()
    answer = read(cloud.sandbox.handle(cloud.request("SendSms", body), now=NOW))
    assert answer["Response"]["Error"]["Code"] == "InvalidParameter"


@pytest.mark.parametrize(
    ("version", "change", "code"),
    [
        (NEW, {"TemplateID": "19"}, "UnknownParameter"),
        (OLD, {"SignName": "Acme"}, "UnknownParameter"),
        (NEW, {"Sign": "Acme"}, "UnknownParameter"),
        (NEW, {"TemplateId": None}, "MissingParameter"),
        (OLD, {"SmsSdkAppid": None}, "MissingParameter"),
        (NEW, {"TemplateId": 19}, "InvalidParameter"),
        (NEW, {"PhoneNumberSet": "+8613788888888"}, "InvalidParameter"),
        (NEW, {"PhoneNumberSet": [13788888888]}, "InvalidParameter"),
        (NEW, {"SmsSdkAppId": "1400000000"}, "UnauthorizedOperation.SmsSdkAppIdVerifyFail"),
        (OLD, {"SmsSdkAppid": "1400000000"}, "UnauthorizedOperation.SmsSdkAppidVerifyFail"),
        (NEW, {"PhoneNumberSet": []}, "MissingParameter.EmptyPhoneNumberSet"),
        (NEW, {"PhoneNumberSet": ["+8613788888888"] * 201}, "LimitExceeded.PhoneNumberCountLimit"),
        (
            NEW,
            {"PhoneNumberSet": ["13788888888", "+447700900123"]},
            "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber",
        ),
        (NEW, {"PhoneNumberSet": ["+8613788888888", Scenario.BUSY.number]}, "RequestLimitExceeded"),
        (NEW, {"SenderId": "x", "ExtendCode": "1"}, ""),
    ],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)
def test_whole_request_is_refused(version: str, change: dict[str, Any], code: str) -> None:
    """Names and types are those of the version; what concerns no single number is an error of the request."""
    cloud = CloudCaller(version=version)
    assert cloud.code("SendSms", **cloud.sms(**change)) == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"TemplateId": "20"}, "FailedOperation.TemplateIncorrectOrUnapproved"),
        ({"TemplateId": "nineteen"}, "FailedOperation.TemplateIncorrectOrUnapproved"),
        ({"TemplateParamSet": ["1"]}, "FailedOperation.TemplateIncorrectOrUnapproved"),
        ({"TemplateParamSet": None}, "FailedOperation.TemplateIncorrectOrUnapproved"),
        ({"TemplateParamSet": ["1", "www.x.y"]}, "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter"),
        ({"SignName": "Nobody"}, "FailedOperation.SignatureIncorrectOrUnapproved"),
        ({"SignName": None}, "FailedOperation.SignatureIncorrectOrUnapproved"),
        ({"PhoneNumberSet": ["+8613788888888", "123"]}, "InvalidParameterValue.IncorrectPhoneNumber"),
        ({"PhoneNumberSet": ["+8613788888888", "+8612345"]}, "InvalidParameterValue.IncorrectPhoneNumber"),
        ({"PhoneNumberSet": [Scenario.BLOCKLISTED.number]}, "FailedOperation.PhoneNumberInBlacklist"),
    ],
    ids=str,
)
def test_refused_row_has_no_serial_number(change: dict[str, Any], code: str) -> None:
    """What concerns a number is a row, with the code in place of Ok and nothing charged."""
    cloud = CloudCaller()
    row = cloud.send(**change)[-1]
    assert (row["Code"], row["SerialNo"], row["Fee"], row["IsoCode"]) == (code, "", 0, "")
    assert len(cloud.sandbox.messages) == len(change.get("PhoneNumberSet", [1])) - 1


@pytest.mark.parametrize("number", ["+8613788888888", "8613788888888", "008613788888888", "13788888888"])
def test_mainland_number_in_four_forms(number: str) -> None:
    """All mean the same number, which comes back in E.164."""
    cloud = CloudCaller()
    assert [row["PhoneNumber"] for row in cloud.send(number)] == ["+8613788888888"]


def test_other_numbers_need_no_signature() -> None:
    """The row has the country; a code shared by several is that of the largest, one of none is DEF."""
    cloud = CloudCaller()
    numbers = ("+447700900123", "+12025550123", "+88213300655")
    rows = cloud.send(*numbers, SignName=None, TemplateId="1110")
    assert [row["IsoCode"] for row in rows] == ["GB", "US", "DEF"]
    assert cloud.sandbox.messages[0].text == "Your code is 4821, valid for 5 minutes."


def test_template_is_for_its_own_region() -> None:
    """A template for mainland China is not sent elsewhere, nor the other way round."""
    cloud = CloudCaller()
    ids = {
        region: cloud.call(
            "AddSmsTemplate",
            TemplateName="login",
            TemplateContent="Code {1}.",
            SmsType=2,
            International=region,
            Remark="[approve]",
        )["AddTemplateStatus"]["TemplateId"]
        for region in (0, 1)
    }
    found = {
        (region, number): cloud.send(number, TemplateId=id, TemplateParamSet=["7"])[0]["Code"]
        for region, id in ids.items()
        for number in ("+8613788888888", "+447700900123")
    }
    assert found == {
        (0, "+8613788888888"): "Ok",
        (0, "+447700900123"): "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone",
        (1, "+8613788888888"): "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone",
        (1, "+447700900123"): "Ok",
    }


def test_verification_template_takes_digits() -> None:
    """SmsType 3 is a verification code: six digits at most."""
    cloud = CloudCaller()
    names = {"TemplateName": "login", "TemplateContent": "Code {1}.", "Remark": "[approve]"}
    id = cloud.call("AddSmsTemplate", **names, SmsType=3, International=0)["AddTemplateStatus"]["TemplateId"]
    codes = [cloud.send(TemplateId=id, TemplateParamSet=[code])[0]["Code"] for code in ("123456", "12a")]
    assert codes == ["Ok", "InvalidParameterValue.TemplateParameterFormatError"]


def test_lenient_takes_any_content() -> None:
    """Template, parameters and signature are not checked, numbers and names are."""
    cloud = CloudCaller(sandbox=Sandbox(lenient=True))
    assert cloud.send(TemplateId="any", TemplateParamSet=["a", "b", "c"], SignName="Nobody")[0]["Code"] == "Ok"
    assert cloud.code("SendSms", **cloud.sms(TemplateID="19")) == "UnknownParameter"


def test_slow_answer_is_slow() -> None:
    """Scenarios of the connection hold for this API as well."""
    cloud = CloudCaller()
    assert cloud.answer("SendSms", **cloud.sms(Scenario.SLOW.number)).delay == 5
    assert cloud.answer("SendSms", **cloud.sms(Scenario.DROP_BEFORE.number)).response is None


def test_both_interfaces_are_one_account() -> None:
    """A template added through v5 is sent through API 3.0, and what either sends is in one queue and one count."""
    tencent = TencentCaller(enabled_sandbox())
    cloud = CloudCaller(sandbox=tencent.sandbox)
    added = read(tencent.handle("add_template", {"text": "Code {1}.", "type": 0, "remark": "[approve]"}, ""))
    assert cloud.send(TemplateId=str(added["data"]["id"]), TemplateParamSet=["7"])[0]["Code"] == "Ok"
    tencent.sendsms()
    assert len(cloud.call("PullSmsSendStatus", SmsSdkAppId="1400006666", Limit=10)["PullSmsSendStatusSet"]) == 2
    assert read(tencent.handle("pullstatus", {"type": 0, "max": 10}, ""))["count"] == 0
    tencent.sandbox.review("tencent", "template", "19", "rejected")
    assert cloud.send()[0]["Code"] == "FailedOperation.TemplateIncorrectOrUnapproved"
