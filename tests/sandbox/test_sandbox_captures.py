"""Requests captured from the vendors' own SDKs, and published signatures, against the sandbox's verification.

`samples/*.http` are raw HTTP/1.1 requests as they went over the wire, with the keys that they were signed with below.
"""

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from sandbox_captures import captured

from smsgate.sandbox import Sandbox, SandboxConfig, SandboxTemplate
from smsgate.sandbox.huawei import account as applications
from smsgate.sandbox.huawei.signing import SignatureFlaw, find_flaw
from smsgate.sandbox.huawei.sms import auth
from smsgate.sandbox.tencent.v5 import verify
from smsgate.sandbox.tencent.v5.refusal import Refusal
from smsgate.wire import HttpRequest

HERE = Path(__file__).parent
VECTORS = json.loads((HERE.parent / "vectors" / "huawei.json").read_text("utf-8"))
V5_VECTORS = json.loads((HERE.parent / "vectors" / "tencent_v5.json").read_text("utf-8"))
CAPTURED_AT = 1_795_308_062.0  # 2026-11-22T00:41:02Z
V5_KEY = "5f03a35d00ee52a21327ab048186a2c4"


def flip(request: HttpRequest) -> HttpRequest:
    """The same with one bit of its body changed, still readable."""
    return attrs.evolve(
        request, body=request.body.replace(b"1551234567", b"1551234566").replace(b"1378888", b"1378889")
    )


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("qcloudsms_py_sendsms_unpatched", "{1} is {2}, valid for {3} minutes."),
        ("qcloudsms_py_sendsms_msg", "您的验证码是{1}"),
    ],
)
def test_captured_v5_request_is_accepted(monkeypatch: pytest.MonkeyPatch, name: str, template: str) -> None:
    """A request of Tencent's SDK goes through unchanged, and is refused with 1001 if its number is changed."""
    monkeypatch.setattr(verify, "TENCENT_SDK_APP_ID", "1400000001")
    monkeypatch.setattr(verify, "TENCENT_APP_KEY", V5_KEY)
    config = SandboxConfig(templates=(SandboxTemplate("tencent", "19", template),))
    sandbox = Sandbox(config)
    results = []
    for request in (captured(name), flip(captured(name))):
        answer = sandbox.handle(request, now=json.loads(request.body)["time"])
        assert answer.response is not None
        results.append(json.loads(answer.response.body)["result"])
    assert results == [0, 1001]
    assert [message.to for message in sandbox.messages] == ["+8613788888888"]


@pytest.mark.parametrize(
    ("name", "key", "secret", "code"),
    [
        ("huawei_smsapi_batchSendSms", "appkeyEXAMPLE", "appsecretEXAMPLE", "000000"),
        ("huawei_apig_signer_form", "appkeyEXAMPLE", "appsecretEXAMPLE", "E000045"),
        ("huawei_wsse_python_demo", "c8RWg3ggEXAMPLE", "secretEXAMPLE", "000000"),
    ],
)
def test_captured_huawei_request_is_accepted(
    monkeypatch: pytest.MonkeyPatch, name: str, key: str, secret: str, code: str
) -> None:
    """Requests of Huawei's SDK, signer and demo go through unchanged.

    With another number they do so only where the body is not signed: *code* is what comes back then.
    """
    request = captured(name)
    monkeypatch.setattr(applications, "HUAWEI_APP_KEY", key)
    monkeypatch.setattr(applications, "HUAWEI_APP_SECRET", secret)
    sender = request.body.partition(b"from=")[2].partition(b"&")[0].decode()
    monkeypatch.setattr(applications, "HUAWEI_SENDER", sender)
    sandbox = Sandbox(lenient=True)
    codes = []
    for each in (request, flip(request)):
        answer = sandbox.handle(each, now=CAPTURED_AT)
        assert answer.response is not None
        codes.append(json.loads(answer.response.body)["code"])
    assert codes == ["000000", code]
    assert sandbox.messages[0].to == "+8615512345678"


@pytest.mark.parametrize("vector", V5_VECTORS, ids=lambda vector: vector["id"])
def test_v5_vector_is_verified(monkeypatch: pytest.MonkeyPatch, vector: dict[str, Any]) -> None:
    """Published signatures and those of Tencent's SDKs verify, and do not with one character changed."""
    monkeypatch.setattr(verify, "TENCENT_APP_KEY", vector["app_key"])
    subject = f"&{vector['signed']}={','.join(vector['numbers'])}" if vector["signed"] else ""
    body = {"sig": vector["sig"], "time": vector["time"]}
    verify.check_sig(verify.V5Call("any", vector["random"], body), subject, vector["time"] + 600)
    with pytest.raises(Refusal, match="1001"):
        verify.check_sig(verify.V5Call("any", vector["random"], {**body, "sig": twist(vector["sig"])}), subject, 0)


@pytest.mark.parametrize("vector", VECTORS["wsse"], ids=lambda vector: vector["id"])
def test_wsse_vector_is_verified(monkeypatch: pytest.MonkeyPatch, vector: dict[str, Any]) -> None:
    """X-WSSE headers made by the formula of Huawei's samples get past the authentication."""
    monkeypatch.setattr(applications, "HUAWEI_APP_KEY", vector["app_key"])
    monkeypatch.setattr(applications, "HUAWEI_APP_SECRET", vector["app_secret"])
    request = HttpRequest("POST", "http://sandbox/sms/batchSendSms/v1", vector["headers"])
    auth.authenticate(Sandbox()._state, request, datetime.fromisoformat(vector["created"]).timestamp())


@pytest.mark.parametrize("vector", VECTORS["aksk"], ids=lambda vector: vector["id"])
def test_huawei_vector_is_verified(vector: dict[str, Any]) -> None:
    """Signatures of Huawei's signing SDKs verify, with any query, and do not with one character changed."""
    secrets = {vector["access_key"]: vector["secret_key"]}
    now = sdk_time(vector["x_sdk_date"])
    for authorization, flaw in (
        (vector["authorization"], None),
        (twist(vector["authorization"]), SignatureFlaw.BAD_SIGNATURE),
    ):
        request = from_vector(vector, authorization)
        assert find_flaw(request, secrets, now) is flaw


def from_vector(vector: dict[str, Any], authorization: str) -> HttpRequest:
    """The request of a vector, its query as a client writes it."""
    query = vector["canonical_request"].split("\n")[2]
    url = f"https://{vector['host']}{vector['path']}{'?' if query else ''}{query}"
    headers = {**vector["headers"], "Authorization": authorization}
    return HttpRequest(vector["method"], url, headers, base64.b64decode(vector["body_b64"]))


def sdk_time(text: str) -> float:
    """X-Sdk-Date as Unix seconds."""
    return datetime.fromisoformat(text).timestamp()


def twist(text: str) -> str:
    """The same with another last character."""
    return text[:-1] + ("0" if text[-1] != "0" else "1")
