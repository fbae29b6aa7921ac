"""How the vendors write, for the checks of `smsgate.testing.conformance`: our own, and the one of the documentation."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal
from urllib.parse import urlencode

from smsgate import DeliveryState, HttpRequest, HttpResponse, Message, PhoneNumber, Reason, huawei, tencent
from smsgate.provider import Batch, Job
from smsgate.sandbox.huawei.pushes import BATCH, REPORT
from smsgate.sandbox.huawei.signing import find_flaw
from smsgate.sandbox.state.queue import SandboxReport
from smsgate.sandbox.tencent.api3.refusal import Refusal
from smsgate.sandbox.tencent.api3.signature import authenticate
from smsgate.sandbox.tencent.credentials import TENCENT_SECRET_ID, TENCENT_SECRET_KEY
from smsgate.sandbox.tencent.pushes import REPORTS
from smsgate.testing.conformance import Adapter, SampleReport, SampleRow, Vector
from smsgate.testing.conformance.adapter import NOW

__all__ = ["KEY", "OURS", "heron", "heron_adapter", "heron_source"]

PAGE: Final = Path(__file__).parents[2] / "docs" / "adding-a-vendor.md"
KEY: Final = "the-key-of-heron"


def answer(value: object, status: int = 200) -> HttpResponse:
    return HttpResponse(status, {"Content-Type": "application/json"}, json.dumps(value).encode())


def heron() -> ModuleType:
    """The vendor of the documentation, as its page says it up to where it is tried."""
    made = ModuleType("heron_sms")
    exec(compile(heron_source(), str(PAGE), "exec"), made.__dict__)
    return made


def heron_source() -> str:
    """The package that the page makes."""
    text = PAGE.read_text("utf-8").partition("## Trying it")[0]
    return "".join(part.partition("```")[0] for part in text.split("```python\n")[1:])


def heron_adapter(module: Any, **changes: Any) -> Adapter:
    """What the checks are told of Heron."""

    def respond(batch: Batch, rows: Sequence[SampleRow]) -> HttpResponse:
        return answer(
            {
                "code": "OK",
                "rows": [{"to": row.to[1:], "code": row.code or "OK", "id": row.id, "text": row.text} for row in rows],
            }
        )

    def push(reports: Sequence[SampleReport]) -> HttpRequest:
        items = [
            {
                "id": each.id,
                "to": each.to[1:],
                "state": each.code,
                "echo": each.reference,
                "at": each.reported_at and each.reported_at.isoformat(),
            }
            for each in reports
        ]
        return HttpRequest("POST", "/heron", {}, json.dumps(items).encode())

    job = Job(Message("+8613800138000", "hello"), PhoneNumber("+8613800138000"), "7", ("Ann",))
    body = b'{"to": ["+8613800138000"], "text": "7", "with": ["Ann"], "echo": "sgu.abc"}'
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    known = HttpRequest("POST", "https://api.heron.example/send", headers, body)
    settings = {
        "make": lambda: module.Heron(KEY),
        "secrets": [KEY],
        "respond": respond,
        "refuse": lambda batch, code, text: answer({"code": code, "text": text}),
        "refusals": {"STOP": Reason.UNSUBSCRIBED},
        "request_refusals": {"AUTH": Reason.AUTH_FAILED, "BUSY": Reason.TRY_LATER},
        "parse_callback": module.parse_callback,
        "push": push,
        "states": {
            "DELIVRD": DeliveryState.DELIVERED, "QUEUED": DeliveryState.PENDING, "NET:17": DeliveryState.UNDELIVERED
        },
        "unused": ["signature", "sender", "extend", "expires_at"],
        "families": [],
        "vectors": [Vector(batch=Batch((job,), "sgu.abc"), now=0.0, nonce="0" * 32, request=known)],
    }  # fmt: skip
    return Adapter(**{**settings, **changes})


def v5_response(batch: Batch, rows: Sequence[SampleRow]) -> HttpResponse:
    def row(each: SampleRow) -> dict[str, Any]:
        taken = {"sid": each.id, "fee": 1} if each.code is None else {}
        return {"result": int(each.code or 0), "errmsg": "OK" if each.code is None else each.text or "refused", **taken}

    if len(batch.jobs) == 1:
        return answer({"ext": "", **(row(rows[0]) if rows else {"result": 0, "errmsg": "OK"})})
    detail = [{**row(each), "mobile": each.to[3:], "nationcode": "86"} for each in rows]
    return answer({"result": 0, "errmsg": "OK", "ext": "", "detail": detail})


def cloud_response(batch: Batch, rows: Sequence[SampleRow]) -> HttpResponse:
    statuses = [
        {
            "SerialNo": each.id or "", "PhoneNumber": each.to, "Fee": 1, "SessionContext": "", "IsoCode": "CN",
            "Code": each.code or "Ok", "Message": "send success" if each.code is None else each.text or "refused",
        }
        for each in rows
    ]  # fmt: skip
    return answer({"Response": {"SendStatusSet": statuses, "RequestId": "r1"}})


def huawei_response(batch: Batch, rows: Sequence[SampleRow]) -> HttpResponse:
    items = [
        {
            "originTo": each.to, "createTime": "2018-05-25T16:34:34Z", "from": "1069", "smsMsgId": each.id or "m",
            "status": each.code or "000000",
        }
        for each in rows
    ]  # fmt: skip
    code = "000000" if not rows or any(each.code is None for each in rows) else "E000510"
    return answer({"result": items, "code": code, "description": "Success"}, 200 if code == "000000" else 400)


def sandbox_report(each: SampleReport) -> SandboxReport:
    at = 1.7e9 if each.reported_at is None else each.reported_at.timestamp()
    return SandboxReport(to=each.to, message_id=each.id, code=each.code, sent=at, time=at, reference=each.reference)


def huawei_push(reports: Sequence[SampleReport]) -> HttpRequest:
    kind = REPORT if len(reports) == 1 else BATCH
    request = kind.write([sandbox_report(each) for each in reports], "https://app.example.com/sms")
    # A form leaves empty fields out, and a report as a form has its number only with `extend`.
    if kind is REPORT and reports[0].reference is None:
        fields = f"{request.body.decode()}&{urlencode({'to': reports[0].to})}".encode()
        return HttpRequest(request.method, request.url, request.headers, fields)
    if kind is REPORT:
        return request
    value = json.loads(request.body)
    for item, each in zip(value["statusReportList"], reports, strict=True):
        item["to"] = each.to
    return HttpRequest(request.method, request.url, request.headers, json.dumps(value).encode())


def tencent_push(reports: Sequence[SampleReport]) -> HttpRequest:
    return REPORTS.write([sandbox_report(each) for each in reports], "https://app.example.com/sms")


_STATES: Final = {"DELIVRD": DeliveryState.DELIVERED, "MK:0001": DeliveryState.UNDELIVERED}
# Tencent SMS Development Guide 2.0, the request example of "Templated Single SMS": its signature over key, random, time
# and mobile is printed there.
_V5_JOB: Final = Job(Message("+8613788888888", "t"), PhoneNumber("+8613788888888"), "19", ("a",))
_V5_VECTOR: Final = Vector(
    batch=Batch((_V5_JOB,), ""),
    now=1457336869.0,
    nonce="7226249334",
    request=HttpRequest(
        "POST",
        "https://yun.tim.qq.com/v5/tlssmssvr/sendsms?sdkappid=1400006666&random=7226249334",
        {"Content-Type": "application/json"},
        b'{"ext":"","extend":"","params":["a"],"sign":"Acme","tel":{"mobile":"13788888888","nationcode":"86"},'
        b'"tpl_id":19,"sig":"ecab4881ee80ad3d76bb1da68387428ca752eb885e52621a3129dcf4d9bc4fd4","time":1457336869}',
    ),
)
_HUAWEI_KEY: Final = "the-app-key"
_HUAWEI_SECRET: Final = "the-app-secret"


def has_tc3_signature(request: HttpRequest) -> bool:
    """As the sandbox finds it, which shares no code with the adapter."""
    try:
        authenticate(request, NOW)
    except Refusal:
        return False
    return True


def has_aksk_signature(request: HttpRequest) -> bool:
    """As the sandbox finds it."""
    return find_flaw(request, {_HUAWEI_KEY: _HUAWEI_SECRET}, NOW) is None


def has_wsse_digest(request: HttpRequest) -> bool:
    """Message & SMS API Reference, Table 3-51, and Huawei's samples, which encode the hash as hex text."""
    found = dict(re.findall(r'(\w+)="([^"]*)"', request.headers.get("x-wsse", "")))
    text = f"{found.get('Nonce')}{found.get('Created')}{_HUAWEI_SECRET}".encode()
    return found.get("PasswordDigest") == base64.b64encode(hashlib.sha256(text).hexdigest().encode()).decode()


def huawei_adapter(auth: Literal["aksk", "wsse"], **settings: Any) -> Adapter:
    """What the checks are told of Huawei, with either way to sign."""
    return Adapter(
        make=lambda: huawei.HuaweiSms(
            _HUAWEI_KEY, _HUAWEI_SECRET, sender="isms1", base_url="https://h.example", auth=auth
        ),
        secrets=[_HUAWEI_SECRET],
        respond=huawei_response,
        refuse=lambda batch, code, text: answer({"code": code, "description": text}, 400),
        refusals={"E200041": Reason.DUPLICATE},
        request_refusals={"E000105": Reason.AUTH_FAILED},
        unlisted="E299999",
        template_id="8ff55eac1d0b478ab3c06c3c6a492300",
        parse_callback=huawei.parse_callback,
        push=huawei_push,
        states=_STATES,
        unused=["extend", "expires_at"],  # its own `extend` is the reference
        **settings,
    )


OURS: Final[dict[str, Adapter]] = {
    "tencent-v5": Adapter(
        make=lambda: tencent.TencentV5("1400006666", "5f03a35d00ee52a21327ab048186a2c4", sign="Acme"),
        secrets=["5f03a35d00ee52a21327ab048186a2c4"],
        respond=v5_response,
        refuse=lambda batch, code, text: answer({"result": int(code), "errmsg": text}),
        refusals={"1015": Reason.BLOCKLISTED, "1016": Reason.INVALID_NUMBER},
        request_refusals={"1001": Reason.AUTH_FAILED, "1031": Reason.INSUFFICIENT_BALANCE},
        parse_callback=tencent.parse_callback,
        push=tencent_push,
        states=_STATES,
        unused=["expires_at"],
        vectors=[_V5_VECTOR],
    ),
    "tencent": Adapter(
        make=lambda: tencent.TencentCloud(TENCENT_SECRET_ID, TENCENT_SECRET_KEY, sdk_app_id="1400006666", sign="A"),
        secrets=[TENCENT_SECRET_KEY],
        respond=cloud_response,
        refuse=lambda batch, code, text: answer(
            {"Response": {"Error": {"Code": code, "Message": text}, "RequestId": "r"}}
        ),
        refusals={"FailedOperation.PhoneNumberInBlacklist": Reason.BLOCKLISTED},
        request_refusals={"AuthFailure.SignatureFailure": Reason.AUTH_FAILED},
        unlisted="FailedOperation.NewlyInvented",
        families=["AuthFailure"],
        parse_callback=tencent.parse_callback,
        push=tencent_push,
        states=_STATES,
        unused=["expires_at"],
        uses_nonce=False,
        verify=has_tc3_signature,
    ),
    "huawei": huawei_adapter("aksk", uses_nonce=False, verify=has_aksk_signature),
    "huawei-wsse": huawei_adapter("wsse", verify=has_wsse_digest),
}
