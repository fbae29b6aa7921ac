"""Captured requests that are no sends, and the TC3 vectors, against the sandbox's verification."""

import json
from pathlib import Path
from typing import Any

import attrs
import pytest
from sandbox_callers import enabled_sandbox
from sandbox_captures import captured

from smsgate.sandbox import Sandbox, SandboxConfig, SandboxTemplate
from smsgate.sandbox.huawei import iam as huawei_iam
from smsgate.sandbox.huawei.management import auth
from smsgate.sandbox.tencent.api3 import signature
from smsgate.sandbox.tencent.api3.refusal import Refusal
from smsgate.sandbox.tencent.v5 import verify
from smsgate.wire import HttpRequest

VECTORS = Path(__file__).parents[1] / "vectors"
TC3_VECTORS = json.loads((VECTORS / "tencent_tc3.json").read_text("utf-8"))
CAPTURED_AT = 1_795_308_062.0  # 2026-11-22T00:41:02Z


def payload(sandbox: Sandbox, request: HttpRequest, now: float) -> Any:
    """The JSON of the answer."""
    answer = sandbox.handle(request, now=now)
    assert answer.response is not None
    return json.loads(answer.response.body)


@pytest.mark.parametrize("name", ["qcloudsms_py_pullstatus", "qcloudsms_py_pullstatus4mobile"])
def test_captured_v5_pull_is_answered(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The pulls of Tencent's SDK sign no number."""
    monkeypatch.setattr(verify, "TENCENT_SDK_APP_ID", "1400000001")
    monkeypatch.setattr(verify, "TENCENT_APP_KEY", "5f03a35d00ee52a21327ab048186a2c4")
    request = captured(name)
    now = json.loads(request.body)["time"]
    assert payload(enabled_sandbox(), request, now) == {"result": 0, "errmsg": "ok", "count": 0, "data": []}
    assert payload(Sandbox(), attrs.evolve(request, url=f"{request.url}7"), now)["result"] == 1001


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("tencentcloud_2019_SendSms", ""),
        ("tencentcloud_node_SendSms", ""),
        ("tencentcloud_2021_DescribeSmsTemplateList", "FailedOperation.TemplateIdNotExist"),
        ("tencentcloud_2019_PullSmsReplyStatusByPhoneNumber", "InvalidParameterValue.InvalidStartTime"),
    ],
)
def test_captured_api3_request_is_authentic(monkeypatch: pytest.MonkeyPatch, name: str, code: str) -> None:
    """Requests of Tencent's SDKs get past the authentication, and do not with one bit of the body changed.

    The SDK for Python signs the Host as it sends it, the one for Node without its port.
    """
    monkeypatch.setattr(signature, "TENCENT_SECRET_ID", "AKIDEXAMPLE")
    monkeypatch.setattr(signature, "TENCENT_SECRET_KEY", "SECRETEXAMPLE")
    template = SandboxTemplate("tencent", "1110", "Your code is {1}.")
    sandbox = Sandbox(SandboxConfig(templates=(template,) if "SendSms" in name else ()))
    request = captured(name)
    now = int(request.headers["x-tc-timestamp"])
    answer = payload(sandbox, request, now)["Response"]
    assert answer.get("Error", {}).get("Code", "") == code
    assert [row["Code"] for row in answer.get("SendStatusSet", [])] == ["Ok"] * ("SendSms" in name)
    twisted = attrs.evolve(request, body=request.body.replace(b"0", b"1", 1))
    assert payload(sandbox, twisted, now)["Response"]["Error"]["Code"] == "AuthFailure.SignatureFailure"


def test_captured_huawei_list_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Huawei's SDK signs its user agent and the project id as well; a changed query is refused."""
    monkeypatch.setattr(auth, "HUAWEI_MANAGEMENT_AK", "AKEXAMPLE")
    monkeypatch.setattr(auth, "HUAWEI_MANAGEMENT_SK", "SKEXAMPLE")
    request = captured("huawei_msgsms_list_app")
    assert payload(Sandbox(), request, CAPTURED_AT) == {"results": [], "total": 0}
    twisted = attrs.evolve(request, url=request.url.replace("limit=10", "limit=11"))
    assert payload(Sandbox(), twisted, CAPTURED_AT)["error_code"] == "APIGW.0301"


def test_captured_iam_request_gets_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Huawei's SDK signs this request too, which needs no signature."""
    assert payload(Sandbox(), captured("huawei_iam_token"), CAPTURED_AT)["error"]["code"] == 401
    for name, value in (("DOMAIN", "domainname"), ("USER", "username"), ("PASSWORD", "pw"), ("PROJECT", "cn-north-4")):
        monkeypatch.setattr(huawei_iam, f"HUAWEI_{name}", value)
    token = payload(Sandbox(), captured("huawei_iam_token"), CAPTURED_AT)["token"]
    assert token["expires_at"] == "2026-11-23T00:41:02.000000Z"
    assert token["project"]["id"] == "845ada5bc7444f1295cd517af0123da1"


@pytest.mark.parametrize("vector", TC3_VECTORS, ids=lambda vector: vector["id"])
def test_tc3_vector_is_verified(monkeypatch: pytest.MonkeyPatch, vector: dict[str, Any]) -> None:
    """Signatures of Tencent's SDKs, on both sides of midnight UTC; not a byte more, nor a second over five minutes."""
    monkeypatch.setattr(signature, "TENCENT_SECRET_ID", vector["secret_id"])
    monkeypatch.setattr(signature, "TENCENT_SECRET_KEY", vector["secret_key"])
    stamp = {"X-TC-Timestamp": str(vector["time"])}
    headers = {**vector["headers"], **stamp, "Authorization": vector["authorization"]}
    request = HttpRequest("POST", "https://sms.tencentcloudapi.com/", headers, vector["body"].encode())
    signature.authenticate(request, vector["time"] + 300)
    with pytest.raises(Refusal, match=r"AuthFailure\.SignatureExpire"):
        signature.authenticate(request, vector["time"] + 301)
    twisted = attrs.evolve(request, body=request.body + b" ")
    with pytest.raises(Refusal, match=r"AuthFailure\.SignatureFailure"):
        signature.authenticate(twisted, vector["time"])
