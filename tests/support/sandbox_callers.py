"""Callers of the simulated vendors that sign by themselves: neither smsgate's signing nor the sandbox's own."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import attrs

from smsgate.sandbox import Answer, PushSettings, Sandbox, SandboxConfig
from smsgate.wire import HttpRequest

__all__ = ["FORM", "FORM_TYPE", "NOW", "HuaweiCaller", "TencentCaller", "enabled_sandbox", "read"]

NOW = 1_764_000_000.0
JSON = {"Content-Type": "application/json"}


def enabled_sandbox(pushes: PushSettings | None = None) -> Sandbox:
    """A sandbox whose account has all that Tencent's support enables but the echo of `ext`."""
    account = {"pulls": True, "extend": True, "sender_id": True}
    return Sandbox(SandboxConfig.parse({"tencent": {"account": account}}), pushes=pushes)


def read(answer: Answer) -> dict[str, Any]:
    """The JSON of an answer that came."""
    assert answer.response is not None
    value: dict[str, Any] = json.loads(answer.response.body)
    return value


@attrs.define
class TencentCaller:
    """Calls of the v5 API."""

    sandbox: Sandbox = attrs.field(factory=Sandbox)
    key: str = "sandbox-tencent-app-key"
    app_id: str = "1400006666"
    now: float = NOW

    def request(self, operation: str, body: Mapping[str, Any], subject: str) -> HttpRequest:
        """A signed request. *subject*: "&mobile=…" or "&tel=…"."""
        time = body.get("time", int(self.now))
        plain = f"appkey={self.key}&random=0042&time={time}{subject}"
        full = {"time": time, "sig": hashlib.sha256(plain.encode()).hexdigest(), "ext": "", "extend": "", **body}
        url = f"http://127.0.0.1:8025/v5/tlssmssvr/{operation}?sdkappid={self.app_id}&random=0042"
        return HttpRequest("POST", url, JSON, json.dumps(full).encode())

    def handle(self, operation: str, body: Mapping[str, Any], subject: str) -> Answer:
        """The answer to a signed request."""
        return self.sandbox.handle(self.request(operation, body, subject), now=NOW)

    def sendsms(self, mobile: str = "13788888888", nationcode: Any = "86", **body: Any) -> dict[str, Any]:
        """One number, template 19 unless *body* says otherwise."""
        return read(self.single(mobile, nationcode, **body))

    def single(self, mobile: str = "13788888888", nationcode: Any = "86", **body: Any) -> Answer:
        """The answer of sendsms with what happens on the wire."""
        full = {"tel": {"mobile": mobile, "nationcode": nationcode}, **({} if "msg" in body else TEMPLATED), **body}
        return self.handle("sendsms", full, f"&mobile={mobile}")

    def sendmultisms2(self, tels: Sequence[tuple[str, str]], **body: Any) -> dict[str, Any]:
        """Pairs of nationcode and mobile."""
        rows = [{"nationcode": nationcode, "mobile": mobile} for nationcode, mobile in tels]
        subject = "&mobile=" + ",".join(mobile for _, mobile in tels)
        return read(self.handle("sendmultisms2", {"tel": rows, **TEMPLATED, **body}, subject))

    def sendisms(self, tel: str, **body: Any) -> dict[str, Any]:
        """One number in E.164."""
        return read(self.handle("sendisms", {"tel": tel, **TEMPLATED, **body}, f"&tel={tel}"))


TEMPLATED = {"tpl_id": 19, "params": ["4821", "5"], "sign": "Acme"}
FORM = {
    "from": "isms100000001",
    "to": "+8613788888888",
    "templateId": "8ff55eac1d0b478ab3c06c3c6a492300",
    "templateParas": '["4821","5"]',
}
FORM_TYPE = "application/x-www-form-urlencoded"


@attrs.define
class HuaweiCaller:
    """Calls of Huawei's sending APIs, signed with the application's key unless `wsse()` is asked for."""

    sandbox: Sandbox = attrs.field(factory=Sandbox)
    key: str = "sandbox-huawei-app-key"
    secret: str = "sandbox-huawei-app-secret"
    now: float = NOW
    host: str = "127.0.0.1:8025"
    signed_host: str | None = None

    def signed(self, path: str, body: bytes, content_type: str, extra: Mapping[str, str] | None = None) -> HttpRequest:
        """A request signed over content type, host, date and the *extra* headers."""
        date = datetime.fromtimestamp(self.now, UTC).strftime("%Y%m%dT%H%M%SZ")
        headers = {"content-type": content_type, "host": self.signed_host or self.host, "x-sdk-date": date}
        headers |= {name.lower(): value for name, value in (extra or {}).items()}
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
        digest = headers.get("x-sdk-content-sha256") or hashlib.sha256(body).hexdigest()
        canonical = f"POST\n{quote(path)}/\n\n{lines}\n{names}\n{digest}"
        plain = f"SDK-HMAC-SHA256\n{date}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.new(self.secret.encode(), plain.encode(), hashlib.sha256).hexdigest()
        authorization = f"SDK-HMAC-SHA256 Access={self.key}, SignedHeaders={names}, Signature={signature}"
        sent = {**headers, "host": self.host, "Authorization": authorization}
        return HttpRequest("POST", f"http://{self.host}{path}", sent, body)

    def wsse(
        self, path: str, body: bytes, content_type: str, change: Mapping[str, str] | None = None, *, raw: bool = False
    ) -> HttpRequest:
        """A request with an X-WSSE header; *change* replaces or (empty) leaves out one of its parts."""
        change = change or {}
        created = datetime.fromtimestamp(self.now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        hashed = hashlib.sha256(f"ac1c911c{change.get('Created', created)}{self.secret}".encode())
        digest = base64.b64encode(hashed.digest() if raw else hashed.hexdigest().encode()).decode()
        parts = {"Username": self.key, "PasswordDigest": digest, "Nonce": "ac1c911c", "Created": created, **change}
        token = ",".join(f'{name}="{value}"' for name, value in parts.items() if value)
        headers = {
            "Host": self.host,
            "Content-Type": content_type,
            "Authorization": 'WSSE realm="SDP",profile="UsernameToken",type="Appkey"',
            "X-WSSE": f"UsernameToken {token}",
        }
        return HttpRequest("POST", f"http://{self.host}{path}", headers, body)

    def handle(self, request: HttpRequest) -> tuple[int, dict[str, Any]]:
        """Status and JSON of the answer."""
        answer = self.sandbox.handle(request, now=NOW)
        assert answer.response is not None
        return answer.response.status, read(answer)

    def form(self, **fields: str | None) -> tuple[int, dict[str, Any]]:
        """batchSendSms with *fields* changed; None leaves one out. `sender` stands for `from`."""
        return self.handle(self.form_request(**fields))

    def form_request(self, **fields: str | None) -> HttpRequest:
        """The request of `form()`."""
        if "sender" in fields:
            fields["from"] = fields.pop("sender")
        full = {name: value for name, value in {**FORM, **fields}.items() if value is not None}
        return self.signed("/sms/batchSendSms/v1", urlencode(full).encode(), FORM_TYPE)

    def diff(self, *rows: Any, **fields: Any) -> tuple[int, dict[str, Any]]:
        """batchSendDiffSms."""
        value = {"from": FORM["from"], "smsContent": list(rows), **fields}
        return self.handle(self.signed("/sms/batchSendDiffSms/v1", json.dumps(value).encode(), "application/json"))
