"""Callers of Tencent Cloud API 3.0 and of both vendors' management APIs that sign by themselves.

Neither smsgate's signing nor the sandbox's own is used.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import attrs
from sandbox_callers import NOW, TencentCaller, read

from smsgate.sandbox import Answer, Sandbox
from smsgate.wire import HttpRequest, HttpResponse

__all__ = [
    "HUAWEI_APP",
    "HUAWEI_SIGNATURE",
    "HUAWEI_TEMPLATE",
    "NEW",
    "OLD",
    "PROJECT",
    "CloudCaller",
    "ManagementCaller",
    "control",
    "v5",
]

OLD, NEW = "2019-07-11", "2021-01-11"
PROJECT = "845ada5bc7444f1295cd517af0123da1"
HUAWEI_APP = "9e61f59c-1a6b-4ee5-9651-5bca450694b3"
HUAWEI_TEMPLATE = {
    "app_id": HUAWEI_APP,
    "region": "intl",
    "template_name": "login",
    "template_content": "Code ${NUM_6} for ${TXT_10}.",
    "template_type": "VERIFY_CODE_TYPE",
}
HUAWEI_SIGNATURE = {"app_id": HUAWEI_APP, "signature_name": "Contoso", "signature_type": "NOTIFY_TYPE"}


def control(sandbox: Sandbox, path: str, body: object = None) -> tuple[int, Any]:
    """Status and JSON of a POST to one of the sandbox's own paths."""
    data = b"" if body is None else json.dumps(body).encode()
    answer = sandbox.handle(HttpRequest("POST", f"http://127.0.0.1:8025{path}", body=data), now=NOW)
    assert answer.response is not None
    return answer.response.status, json.loads(answer.response.body) if answer.response.body else None


def v5(caller: TencentCaller, operation: str, **body: Any) -> dict[str, Any]:
    """The answer to a v5 call that is no send, and so signs no number."""
    return read(caller.handle(operation, body, ""))


@attrs.define(kw_only=True)
class CloudCaller:
    """Calls of Tencent Cloud API 3.0."""

    sandbox: Sandbox = attrs.field(factory=Sandbox)
    version: str = NEW
    secret_id: str = "AKIDsandbox"
    secret_key: str = "sandbox-tencent-secret-key"
    now: float = NOW
    host: str = "127.0.0.1:8025"
    signed_host: str | None = None
    service: str = "sms"
    content_type: str = "application/json"
    extra: dict[str, str] = attrs.field(factory=dict[str, str])
    """Further headers, which are signed as well."""
    unsigned: dict[str, str] = attrs.field(factory=dict[str, str])
    """Further headers that are not; an empty one is not sent."""

    def request(self, action: str, body: bytes) -> HttpRequest:
        """A signed request."""
        date = datetime.fromtimestamp(self.now, UTC).strftime("%Y-%m-%d")
        signed = {"content-type": self.content_type, "host": self.signed_host or self.host, **self.extra}
        names = ";".join(sorted(signed))
        lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
        unsigned = self.unsigned.get("X-TC-Content-SHA256") == "UNSIGNED-PAYLOAD"
        digest = hashlib.sha256(b"UNSIGNED-PAYLOAD" if unsigned else body).hexdigest()
        canonical = hashlib.sha256(f"POST\n/\n\n{lines}\n{names}\n{digest}".encode()).hexdigest()
        scope = f"{date}/{self.service}/tc3_request"
        key = f"TC3{self.secret_key}".encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        plain = f"TC3-HMAC-SHA256\n{int(self.now)}\n{scope}\n{canonical}"
        signature = hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()
        credential = f"Credential={self.secret_id}/{scope}"
        headers = {
            **signed,
            "host": self.host,
            "X-TC-Action": action,
            "X-TC-Version": self.version,
            "X-TC-Timestamp": str(int(self.now)),
            "X-TC-Region": "ap-guangzhou" if self.version == NEW else "",
            "Authorization": f"TC3-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={signature}",
            **self.unsigned,
        }
        sent = {name: value for name, value in headers.items() if value}
        return HttpRequest("POST", f"http://{self.host}/", sent, body)

    def answer(self, action: str, **params: Any) -> Answer:
        """The answer to a signed call with what happens on the wire."""
        return self.sandbox.handle(self.request(action, json.dumps(params).encode()), now=NOW)

    def call(self, action: str, **params: Any) -> dict[str, Any]:
        """What stands in `Response`, without the request id."""
        payload: dict[str, Any] = read(self.answer(action, **params))["Response"]
        assert payload.pop("RequestId")
        return payload

    def code(self, action: str, **params: Any) -> str:
        """The error code, or "" if there is none."""
        return str(self.call(action, **params).get("Error", {}).get("Code", ""))

    def send(self, *numbers: str, **change: Any) -> list[dict[str, Any]]:
        """The rows of SendSms with the built-in template; a *change* to None leaves a parameter out."""
        rows: list[dict[str, Any]] = self.call("SendSms", **self.sms(*numbers, **change))["SendStatusSet"]
        return rows

    def sms(self, *numbers: str, **change: Any) -> dict[str, Any]:
        """The parameters of SendSms in the caller's version."""
        old = self.version == OLD
        params = {
            "PhoneNumberSet": list(numbers) or ["+8613788888888"],
            "SmsSdkAppid" if old else "SmsSdkAppId": "1400006666",
            "TemplateID" if old else "TemplateId": "19",
            "Sign" if old else "SignName": "Acme",
            "TemplateParamSet": ["4821", "5"],
            **change,
        }
        return {name: value for name, value in params.items() if value is not None}


@attrs.define(kw_only=True)
class ManagementCaller:
    """Calls of Huawei's management APIs, by access key unless there is a token."""

    sandbox: Sandbox = attrs.field(factory=Sandbox)
    key: str = "sandbox-huawei-ak"
    secret: str = "sandbox-huawei-sk"
    token: str | None = None
    now: float = NOW
    project: str = PROJECT
    headers: Mapping[str, str] = attrs.field(factory=lambda: {"x-project-id": PROJECT})
    """Sent, and signed if there is a signature."""

    def request(self, method: str, path: str, body: bytes = b"", content_type: str = "application/json") -> HttpRequest:
        """An authentic request. *path*: what follows `/v2/{project_id}/msgsms/`, with its query."""
        target = f"/v2/{self.project}/msgsms/{path}"
        host = "127.0.0.1:8025"
        headers = {"content-type": content_type, "host": host, **self.headers}
        if self.token is not None:
            headers["X-Auth-Token"] = self.token
            return HttpRequest(method, f"http://{host}{target}", headers, body)
        date = datetime.fromtimestamp(self.now, UTC).strftime("%Y%m%dT%H%M%SZ")
        headers["x-sdk-date"] = date
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        bare, _, query = target.partition("?")
        canonical = f"{method}\n{quote(bare)}/\n{query}\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        plain = f"SDK-HMAC-SHA256\n{date}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.new(self.secret.encode(), plain.encode(), hashlib.sha256).hexdigest()
        signed = f"SDK-HMAC-SHA256 Access={self.key}, SignedHeaders={names}, Signature={signature}"
        return HttpRequest(method, f"http://{host}{target}", {**headers, "Authorization": signed}, body)

    def call(self, method: str, path: str, body: object = None, **query: str) -> tuple[int, Any]:
        """Status and JSON (None if there is none) of the answer."""
        data = b"" if body is None else json.dumps(body).encode()
        target = f"{path}?{urlencode(sorted(query.items()), quote_via=quote)}" if query else path
        return self.payload(self.request(method, target, data))

    def payload(self, request: HttpRequest) -> tuple[int, Any]:
        """Status and JSON of the answer to *request*."""
        response = self.response(request)
        return response.status, json.loads(response.body) if response.body else None

    def response(self, request: HttpRequest) -> HttpResponse:
        """The answer to *request*."""
        answer = self.sandbox.handle(request, now=NOW)
        assert answer.response is not None
        return answer.response

    def code(self, method: str, path: str, body: object = None, **query: str) -> str:
        """The error code of the answer."""
        return str(self.call(method, path, body, **query)[1]["error_code"])
