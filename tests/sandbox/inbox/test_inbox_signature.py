"""The signature check spelled out: it agrees with what the vendor decides, and shows no secret."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_callers import FORM, FORM_TYPE, NOW, HuaweiCaller, TencentCaller
from sandbox_managers import CloudCaller, ManagementCaller

from smsgate.sandbox import Sandbox
from smsgate.sandbox.core import SIMULATORS, simulator_for
from smsgate.sandbox.signature_steps import SignatureStep
from smsgate.wire import HttpRequest

SENDS: Final = "/sms/batchSendSms/v1"


def v5(now: float, secret: str | None) -> HttpRequest:
    caller = TencentCaller(now=now, key=secret or "sandbox-tencent-app-key")
    body = {"tel": {"mobile": "13788888888", "nationcode": "86"}, "tpl_id": 19, "params": ["4821", "5"], "sign": "Acme"}
    return caller.request("sendsms", body, "&mobile=13788888888")


def v5_abroad(now: float, secret: str | None) -> HttpRequest:
    caller = TencentCaller(now=now, key=secret or "sandbox-tencent-app-key")
    body = {"tel": "+14155550123", "tpl_id": 1110, "params": ["4821", "5"], "sign": "Acme"}
    return caller.request("sendisms", body, "&tel=+14155550123")


def v5_status(now: float, secret: str | None) -> HttpRequest:
    caller = TencentCaller(now=now, key=secret or "sandbox-tencent-app-key")
    return caller.request("get_template", {"tpl_page": {"max": 10, "offset": 0}}, "")


def tc3(now: float, secret: str | None) -> HttpRequest:
    caller = CloudCaller(now=now, secret_key=secret or "sandbox-tencent-secret-key")
    return caller.request("SendSms", json.dumps(caller.sms()).encode())


def tc3_without_port(now: float, secret: str | None) -> HttpRequest:
    caller = CloudCaller(now=now, secret_key=secret or "sandbox-tencent-secret-key", signed_host="127.0.0.1")
    return caller.request("SendSms", json.dumps(caller.sms()).encode())


def signature_v1(now: float, secret: str | None) -> HttpRequest:
    params = {
        "Action": "SendSms",
        "Version": "2021-01-11",
        "Region": "ap-guangzhou",
        "Timestamp": str(int(now)),
        "Nonce": "11886",
        "SecretId": "AKIDsandbox",
        "PhoneNumberSet.0": "+8613788888888",
        "SmsSdkAppId": "1400006666",
        "TemplateId": "19",
        "SignName": "Acme",
        "TemplateParamSet.0": "4821",
        "TemplateParamSet.1": "5",
    }
    plain = "POSTlocalhost/?" + "&".join(f"{name}={params[name]}" for name in sorted(params))
    digest = hmac.new((secret or "sandbox-tencent-secret-key").encode(), plain.encode(), hashlib.sha1).digest()
    body = urlencode({**params, "Signature": base64.b64encode(digest).decode()}).encode()
    return HttpRequest("POST", "http://localhost/", {"Host": "localhost", "Content-Type": FORM_TYPE}, body)


def access_key(now: float, secret: str | None) -> HttpRequest:
    return HuaweiCaller(now=now, secret=secret or "sandbox-huawei-app-secret").form_request()


def wsse(now: float, secret: str | None) -> HttpRequest:
    caller = HuaweiCaller(now=now, secret=secret or "sandbox-huawei-app-secret")
    return caller.wsse(SENDS, urlencode(FORM).encode(), FORM_TYPE)


def management(now: float, secret: str | None) -> HttpRequest:
    return ManagementCaller(now=now, secret=secret or "sandbox-huawei-sk").request("GET", "apps")


WAYS: Final[Sequence[Callable[[float, str | None], HttpRequest]]] = (
    v5,
    v5_abroad,
    v5_status,
    tc3,
    tc3_without_port,
    signature_v1,
    access_key,
    wsse,
    management,
)


def steps_of(sandbox: Sandbox, request: HttpRequest) -> Sequence[SignatureStep]:
    simulator = simulator_for(request)
    assert simulator is not None
    return simulator.explain(sandbox._state, request, NOW)


def wrong(steps: Sequence[SignatureStep]) -> list[str]:
    """The titles of the steps that are wrong."""
    return [step.title for step in steps if step.is_right is False]


@pytest.mark.parametrize("way", WAYS)
def test_right_request_is_right_at_every_step(way: Callable[[float, str | None], HttpRequest]) -> None:
    """What a vendor accepts has no wrong step, and what was signed is there to read."""
    sandbox = Sandbox()
    refused: list[Any] = []
    sandbox.on_request = lambda record: refused.append(record) if record.refused else None
    request = way(NOW, None)
    sandbox.handle(request, now=NOW)
    steps = steps_of(sandbox, request)
    assert (refused, wrong(steps)) == ([], [])
    assert any(step.is_right is None and len(step.text) > 20 for step in steps)


@pytest.mark.parametrize("way", WAYS)
def test_wrong_key_is_wrong_at_the_signature(way: Callable[[float, str | None], HttpRequest]) -> None:
    """Signed with another secret: the vendor refuses, and the expected signature stands beside the one that came."""
    sandbox = Sandbox()
    records: list[Any] = []
    sandbox.on_request = records.append
    request = way(NOW, "another-secret")
    sandbox.handle(request, now=NOW)
    assert records[0].refused
    (step,) = [each for each in steps_of(sandbox, request) if each.is_right is False]
    assert step.title == "Signature"
    right = next(each for each in steps_of(sandbox, way(NOW, None)) if each.title == "Signature")
    # Of several forms that are right the usual one is shown, with the whole Host.
    assert way is tc3_without_port or step.expected == right.got
    assert step.expected != step.got


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("off", [-90_000.0, 90_000.0])
def test_wrong_clock_is_wrong_at_the_clock(way: Callable[[float, str | None], HttpRequest], off: float) -> None:
    """A clock that is 25 hours off is what is wrong, and by how much."""
    sandbox = Sandbox()
    records: list[Any] = []
    sandbox.on_request = records.append
    request = way(NOW + off, None)
    sandbox.handle(request, now=NOW)
    assert records[0].refused
    (step,) = [each for each in steps_of(sandbox, request) if each.is_right is False]
    assert step.title in ("Clock", "Created")
    assert f"90000 s {'ahead' if off > 0 else 'behind'}" in step.got


@pytest.mark.parametrize("way", [tc3, access_key, management])
def test_changed_request_has_a_wrong_signature(way: Callable[[float, str | None], HttpRequest]) -> None:
    """One byte of the body more, and the signature is not that of this request."""
    request = way(NOW, None)
    assert wrong(steps_of(Sandbox(), attrs.evolve(request, body=request.body + b" "))) == ["Signature"]


@pytest.mark.parametrize("way", WAYS)
def test_no_secret_is_shown(way: Callable[[float, str | None], HttpRequest]) -> None:
    """Neither a right nor a wrong check has a secret of the account in it."""
    secrets = (
        "sandbox-tencent-app-key",
        "sandbox-tencent-secret-key",
        "sandbox-huawei-app-secret",
        "sandbox-huawei-sk",
    )
    for secret in (None, "another-secret"):
        shown = json.dumps([step.as_json() for step in steps_of(Sandbox(), way(NOW, secret))])
        assert not [each for each in secrets if each in shown]


HEADERS = (
    "Authorization",
    "Host",
    "X-Sdk-Date",
    "X-TC-Timestamp",
    "X-TC-Action",
    "X-WSSE",
    "Content-Type",
    "X-Auth-Token",
)
VALUES = st.text('TC3-HMACSDKSHA256WSE CredentialAccessSignedHeadersSignature=/,;0123456789abTZ"\u00e9', max_size=120)


@given(
    url=st.sampled_from(
        ["/", "/v5/tlssmssvr/sendsms?sdkappid=1&random=", SENDS, "/v2/1/msgsms/apps", "/v3/auth/tokens"]
    ),
    headers=st.dictionaries(st.sampled_from(HEADERS), VALUES, max_size=6),
    body=st.binary(max_size=60) | st.sampled_from([b'{"tel": 1, "time": 1e300}', b'{"time": 99999999999, "sig": 1}']),
)
def test_never_raises(url: str, headers: dict[str, str], body: bytes) -> None:
    """Whatever the request is, its check can be spelled out."""
    request = HttpRequest("POST", f"http://127.0.0.1:8025{url}", headers, body)
    for simulator in SIMULATORS:
        for step in simulator.explain(Sandbox()._state, request, NOW):
            json.dumps(step.as_json())
