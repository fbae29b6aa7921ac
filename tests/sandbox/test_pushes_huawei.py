"""What the simulated Huawei pushes and when, without any network."""

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs

import attrs
import pytest
from sandbox_callers import NOW, HuaweiCaller

from smsgate import huawei
from smsgate.provider.callback import CallbackError
from smsgate.sandbox import Push, PushSettings, Sandbox, Scenario
from smsgate.sandbox.huawei.signing import compute_signature
from smsgate.wire import HttpRequest, HttpResponse

URL = "http://127.0.0.1:9330/report"
BATCH = "http://127.0.0.1:8000/sms/huawei/a-token-of-ours"
KEYS = {"sandbox-huawei-push-ak": "sandbox-huawei-push-sk"}


def caller(**settings: Any) -> HuaweiCaller:
    """A caller of a sandbox without delay."""
    return HuaweiCaller(Sandbox(lenient=True, pushes=PushSettings(report_delay=0, **settings)))


def due(huawei: HuaweiCaller) -> list[Push]:
    """What is due now."""
    return huawei.sandbox.due_pushes(now=NOW)


def fields(push: Push) -> dict[str, str]:
    """The form in a push."""
    return {name: value for name, (value,) in parse_qs(push.request.body.decode(), strict_parsing=True).items()}


def test_report_is_the_form_of_the_guide() -> None:
    """The form has the fields in the guide's order and encoding; `statusCallback` says where it goes."""
    huawei = caller()
    row = huawei.form(statusCallback=URL)[1]["result"][0]
    (push,) = due(huawei)
    assert (push.vendor, push.request.method, push.request.url) == ("huawei", "POST", URL)
    assert dict(push.request.headers) == {
        "host": "127.0.0.1:9330",
        "content-type": "application/x-www-form-urlencoded",
        "content-length": str(len(push.request.body)),
        "connection": "close",
    }
    start = b"sequence=1&total=1&updateTime=2025-11-24T16%3A00%3A00Z&source=2&smsMsgId="
    assert push.request.body.startswith(start + row["smsMsgId"].encode() + b"&status=DELIVRD&statusDesc=%E7%94%A8")


def test_number_comes_only_with_extend() -> None:
    """`extend` is echoed, and only then is `to` there."""
    huawei = caller()
    huawei.form(statusCallback=URL, extend="ord1")
    huawei.form(statusCallback=URL)
    first, second = map(fields, due(huawei))
    assert (first["extend"], first["to"]) == ("ord1", "+8613788888888")
    assert not {"extend", "to"} & set(second)


def test_other_countries_have_the_network_s_code() -> None:
    """Reports from outside mainland China have `orgCode`, those from inside words of their own."""
    huawei = caller()
    huawei.form(statusCallback=URL, to="+33612345678")
    huawei.form(statusCallback=URL)
    abroad, mainland = map(fields, due(huawei))
    assert abroad["orgCode"] == "000"
    assert "statusDesc" not in abroad
    assert mainland["statusDesc"] == "用户已成功接收短信"
    assert "orgCode" not in mainland


@pytest.mark.parametrize(
    ("scenario", "code", "source"),
    [
        (Scenario.PHONE_OFF, "MN:0001", "2"),
        (Scenario.NO_SUCH_NUMBER, "MB:1043", "2"),
        (Scenario.BLOCKLISTED, "SC:0003", "1"),
        (Scenario.CONTENT_REFUSED, "SC:0006", "1"),
        (Scenario.NUMBER_LIMIT, "LIMIT", "1"),
        (Scenario.DROP_AFTER, "DELIVRD", "2"),
        (Scenario.UNREADABLE, "DELIVRD", "2"),
    ],
)
def test_magic_number_is_reported_with_its_code(scenario: Scenario, code: str, source: str) -> None:
    """The code is that of the table; what the platform itself reports is not dated."""
    huawei = caller()
    huawei.sandbox.handle(huawei.form_request(to=scenario.number, statusCallback=URL), now=NOW)
    (form,) = map(fields, due(huawei))
    assert (form["status"], form["source"]) == (code, source)
    assert ("updateTime" in form) == (source == "2")


def test_long_message_has_a_report_for_each_part() -> None:
    """200 characters are three parts, and each is reported."""
    huawei = caller()
    huawei.form(statusCallback=URL, templateParas=json.dumps(["x" * 150]))
    forms = [fields(push) for push in due(huawei)]
    assert [(form["sequence"], form["total"]) for form in forms] == [("1", "3"), ("2", "3"), ("3", "3")]
    assert len({form["smsMsgId"] for form in forms}) == 1


def test_without_status_callback_reports_come_in_batches() -> None:
    """With a URL in the console, at most 50 reports share a JSON document."""
    huawei = caller(huawei_callback=BATCH)
    huawei.form(to=",".join(f"+86137{number:08}" for number in range(120)), extend="ord1")
    pushes = due(huawei)
    assert {(push.request.url, push.request.headers["content-type"]) for push in pushes} == {
        (BATCH, "application/json")
    }
    lists = [json.loads(push.request.body)["statusReportList"] for push in pushes]
    assert [len(each) for each in lists] == [50, 50, 20]
    assert [item["to"] for each in lists for item in each] == [f"+86137{number:08}" for number in range(120)]
    first = lists[0][0]
    assert {**first, "smsMsgId": "", "statusDesc": ""} == {
        "sequence": "1",
        "total": "1",
        "updateTime": "2025-11-24T16:00:00Z",
        "source": "2",
        "smsMsgId": "",
        "status": "DELIVRD",
        "statusDesc": "",
        "extend": "ord1",
        "to": "+8613700000000",
    }


def test_status_callback_comes_before_the_console() -> None:
    """A message with `statusCallback` is reported there alone."""
    huawei = caller(huawei_callback=BATCH)
    huawei.form(statusCallback=URL)
    assert [push.request.url for push in due(huawei)] == [URL]


def test_without_any_callback_nothing_is_pushed() -> None:
    """A message that names no URL has no report, also if one is set later."""
    huawei = caller()
    huawei.form()
    huawei.sandbox.push_settings = PushSettings(huawei_callback=BATCH)
    assert due(huawei) == []


@pytest.mark.parametrize("answer", [HttpResponse(500), HttpResponse(404), HttpResponse(200, {}, b"ok"), None])
def test_huawei_does_not_try_again(answer: HttpResponse | None) -> None:
    """Any answer is taken, and none is asked for twice."""
    huawei = caller()
    huawei.form(statusCallback=URL)
    (push,) = due(huawei)
    made = huawei.sandbox.settle_push(push, answer, now=NOW, error="" if answer else "ConnectError")
    assert made.acknowledged == (answer is not None)
    assert huawei.sandbox.due_pushes(now=NOW + 9999) == []


def derived(request: HttpRequest, secret: str) -> str:
    """The signature of a push, by hand from the guide's description."""
    given = {
        name: request.headers[name] for name in ("connection", "content-length", "content-type", "host", "x-sdk-date")
    }
    canonical = "POST\n/report/\n\n" + "".join(f"{name}:{value}\n" for name, value in given.items())
    canonical += f"\nconnection;content-length;content-type;host;x-sdk-date\n{hashlib.sha256(request.body).hexdigest()}"
    text = f"SDK-HMAC-SHA256\n{given['x-sdk-date']}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def test_signed_push_has_the_form_of_the_sample() -> None:
    """The header has no spaces after commas and names the five headers; the signature is the one derived by hand."""
    huawei = caller(sign=True)
    huawei.form(statusCallback=URL)
    (push,) = due(huawei)
    assert push.request.headers["x-sdk-date"] == "20251124T160000Z"
    names = "connection;content-length;content-type;host;x-sdk-date"
    start = f"SDK-HMAC-SHA256 Access=sandbox-huawei-push-ak,SignedHeaders={names},Signature="
    assert push.request.headers["authorization"] == start + derived(push.request, "sandbox-huawei-push-sk")


def test_signature_of_a_known_push() -> None:
    """The push of the guide's sample has the signature that Huawei's own signer verifies."""
    body = (
        b"sequence=1&total=1&orgCode=000&updateTime=2018-04-13T06%3A31%3A46Z&source=2"
        b"&smsMsgId=b9d9b4fe-ad0e-4a2a-a2c7-445505b674ac_6&status=DELIVRD"
    )
    headers = {
        "Connection": "close",
        "Content-Length": str(len(body)),
        "Content-Type": "application/x-www-form-urlencoded",
        "Host": "205.145.111.168:9330",
        "X-Sdk-Date": "20241212T070653Z",
    }
    push = HttpRequest("POST", "http://205.145.111.168:9330/report", headers, body)
    names = ("connection", "content-length", "content-type", "host", "x-sdk-date")
    expected = "0f213909a553ce3c4ad2f4c2f0dec306eb2ea3f93a9a38346d9023c30682c97f"
    assert compute_signature(push, names, "205.145.111.168:9330", "exampleSk*1231d881wd") == expected
    assert derived(push, "exampleSk*1231d881wd") == expected


@pytest.mark.parametrize("url", [URL, "http://[::1]:80", "http://u:p@127.0.0.1/a%20b/ü?q=1+2&p=%2F"])
@pytest.mark.parametrize("is_batch", [False, True])
def test_library_verifies_signed_pushes(url: str, is_batch: bool) -> None:
    """The adapter, which shares no code with the sandbox, takes a signed push, and refuses it changed by one byte."""
    huawei_caller = caller(sign=True, huawei_callback=url)
    huawei_caller.form(**({} if is_batch else {"statusCallback": url}))
    (push,) = due(huawei_caller)
    callback = huawei.parse_callback(push.request, keys=KEYS, now=NOW)
    assert [report.code for report in callback.reports] == ["DELIVRD"]
    changed = attrs.evolve(push.request, body=push.request.body.replace(b"DELIVRD", b"DELIVRE"))
    with pytest.raises(CallbackError, match="Authorization"):
        huawei.parse_callback(changed, keys=KEYS, now=NOW)


def test_tencent_is_never_signed() -> None:
    """Signing is Huawei's alone: Tencent has none."""
    huawei = caller(sign=True, tencent_callback=URL)
    huawei.sandbox.reply("+8613788888888", "T", now=NOW)
    (push,) = due(huawei)
    assert "authorization" not in push.request.headers
