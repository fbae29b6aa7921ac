"""A vendor's text that repeats what it was sent: no secret of an account and no value of a message is shown."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
import pytest

from smsgate import Job, Message, PhoneNumber, Secret, VendorError
from smsgate.huawei import HuaweiManagement, HuaweiSms
from smsgate.huawei.vendor import HUAWEI
from smsgate.provider import Batch, Call
from smsgate.tencent import TencentCloud, TencentCloudManagement, TencentV5, TencentV5Management
from smsgate.tencent.vendor import TENCENT
from smsgate.wire import HttpResponse

APP: dict[str, Any] = {"sdk_app_id": "1400006666"}
PROJECT: dict[str, Any] = {"project_id": "p1", "base_url": "https://msgsms.example.com"}
USER: dict[str, Any] = {"user": "ops", "domain": "acme", "project": "cn-north-4", "iam_url": "https://iam.example.com"}

Says = Callable[[str], Mapping[str, Any]]


def v5(text: str) -> Mapping[str, Any]:
    return {"result": 1001, "errmsg": text}


def cloud(text: str) -> Mapping[str, Any]:
    return {"Response": {"Error": {"Code": "AuthFailure.SecretIdNotFound", "Message": text}, "RequestId": "r"}}


def huawei(text: str) -> Mapping[str, Any]:
    return {"code": "E000503", "description": text}


def gateway(text: str) -> Mapping[str, Any]:
    return {"error_code": "APIG.0301", "error_msg": text, "request_id": "r"}


def senders() -> list[tuple[Any, Says]]:
    callback = "https://app.example.com/sms/huawei/canary-path"
    of_huawei = HuaweiSms(
        "canary-app-key", "canary-secret", sender="isms1", base_url="https://h.example.com", status_callback=callback
    )
    return [
        (TencentV5("1400006666", "canary-key", sign="Acme"), v5),
        (TencentCloud("canary-id", "canary-key", token="canary-token", sign="Acme", **APP), cloud),
        (of_huawei, huawei),
        (of_huawei, gateway),
    ]


def managers() -> list[tuple[Any, Call[Any], Says]]:
    of_v5 = TencentV5Management("1400006666", "canary-key")
    of_cloud = TencentCloudManagement("canary-id", "canary-key", token="canary-token", **APP)
    by_key = HuaweiManagement(access_key="canary-access", secret_key="canary-secret", **PROJECT)
    by_user = HuaweiManagement(password="canary-password", **USER, **PROJECT)
    called = by_user.list_apps()
    assert called.token is not None
    return [
        (of_v5, of_v5.get_template("1"), v5),
        (of_cloud, of_cloud.get_template("1"), cloud),
        (by_key, by_key.list_apps(), gateway),
        (by_user, called, gateway),
        (by_user, called.token.call, gateway),
    ]


def secrets_in(value: Any) -> Iterator[str]:
    """The text of every secret that *value* has, wherever in it."""
    if isinstance(value, Secret):
        yield value.reveal()
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from secrets_in(getattr(value, field.name, None))
    elif type(value).__module__.startswith("smsgate."):
        for part in vars(value).values():
            yield from secrets_in(part)


def job(to: str, *params: str) -> Job:
    return Job(Message(to, "login"), PhoneNumber(to), "19", params)


def test_every_kind_of_account_is_here() -> None:
    """What our vendors can make an account of is looked at below."""
    assert {kind.make for vendor in (TENCENT, HUAWEI) for kind in vendor.accounts.values()} == {
        type(provider) for provider, _ in senders()
    }
    assert {kind.make for vendor in (TENCENT, HUAWEI) for kind in vendor.management.values()} == {
        type(manager) for manager, _, _ in managers()
    }


@pytest.mark.parametrize(("provider", "says"), senders())
def test_no_secret_of_a_provider_is_shown(provider: Any, says: Says) -> None:
    """Each secret that a provider was given is struck out of what its vendor says of a request."""
    secrets = set(secrets_in(provider))
    assert secrets
    for secret in secrets:
        body = json.dumps(says(f"this {secret} is not known")).encode()
        (verdict,) = provider.parse_response(Batch([job("+6581234567")], "t"), HttpResponse(400, {}, body))
        assert secret not in str(verdict)
        assert "this **** is not known" in verdict.description


@pytest.mark.parametrize(("manager", "call", "says"), managers())
def test_no_secret_of_a_management_account_is_shown(manager: Any, call: Call[Any], says: Says) -> None:
    """The same of a management call, and of the one for a user's token."""
    secrets = set(secrets_in(manager))
    assert secrets
    for secret in secrets:
        body = json.dumps(says(f"this {secret} is not known")).encode()
        with pytest.raises(VendorError) as caught:
            call.parse(HttpResponse(401, {}, body))
        assert secret not in str(caught.value)
        assert "this **** is not known" in str(caught.value)


ROWS: list[tuple[Any, Callable[[list[str], list[str]], Mapping[str, Any]]]] = [
    (
        TencentCloud("id", "key", **APP),
        lambda numbers, texts: {
            "Response": {
                "SendMultiStatusSet": [
                    {"PhoneNumber": number, "Code": "FailedOperation.ContainSensitiveWord", "Message": text}
                    for number, text in zip(numbers, texts, strict=True)
                ],
                "RequestId": "r",
            }
        },
    ),
    (
        TencentV5("1400006666", "key", sign="Acme"),
        lambda numbers, texts: {
            "result": 0,
            "detail": [
                {"mobile": number[3:], "nationcode": number[1:3], "result": 1008, "errmsg": text}
                for number, text in zip(numbers, texts, strict=True)
            ],
        },
    ),
    (
        HuaweiSms("key", "secret", sender="isms1", base_url="https://h.example.com"),
        lambda numbers, texts: huawei(", ".join(texts)),
    ),
]


@pytest.mark.parametrize(("provider", "says"), ROWS)
def test_no_value_of_any_message_of_a_request_is_shown(
    provider: Any, says: Callable[[list[str], list[str]], Mapping[str, Any]]
) -> None:
    """Messages that share a request may have values of their own, and a text may repeat those of another one."""
    codes, numbers = ["482193", "917364", "355012"], ["+6581234567", "+6581234568", "+6581234569"]
    jobs = [job(number, code) for number, code in zip(numbers, codes, strict=True)]
    body = json.dumps(says(numbers, [f"the word {code}" for code in codes[1:] + codes[:1]])).encode()
    verdicts = provider.parse_response(Batch(jobs, "t"), HttpResponse(200, {}, body))
    for verdict in verdicts:
        assert "the word ****" in verdict.description
        assert not any(code in str(verdict) for code in codes)
