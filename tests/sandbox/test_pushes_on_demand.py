"""Reports and replies that somebody makes happen now: requests to the sandbox, and calls in Python."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from sandbox_callers import NOW, HuaweiCaller, TencentCaller, enabled_sandbox, read
from sandbox_managers import control

from smsgate import huawei, tencent
from smsgate.sandbox import PushSettings, Sandbox
from smsgate.wire import HttpRequest

TENCENT = "http://127.0.0.1:8000/tencent"
HUAWEI = "http://127.0.0.1:8000/huawei"
NUMBER = "+8613788888888"
SETTINGS = PushSettings(report_delay=60, tencent_callback=TENCENT, huawei_callback=HUAWEI)


@pytest.fixture
def sandbox() -> Sandbox:
    """With both callbacks, and reports that take a minute by themselves."""
    made = Sandbox(lenient=True, pushes=SETTINGS)
    made.change_account("tencent", pulls=True)
    return made


def bodies(sandbox: Sandbox) -> list[Any]:
    """What is pushed now: JSON, or the fields of a form."""
    made: list[Any] = []
    for push in sandbox.due_pushes(now=NOW):
        text = push.request.body.decode()
        made.append(json.loads(text) if text[:1] in "[{" else {name: v for name, (v,) in parse_qs(text).items()})
    return made


def test_tencent_report_by_id(sandbox: Sandbox) -> None:
    """The message's own code comes, or the one that is asked for; the report that was to come is not lost."""
    sandbox.change_account("tencent", echo_ext=True)
    sid = TencentCaller(sandbox).sendsms(ext="ord1")["sid"]
    status, payload = control(sandbox, "/sandbox/reports", {"message_id": sid})
    assert (status, payload) == (200, {"vendor": "tencent", "message_id": sid, "to": NUMBER, "pushed_to": TENCENT})
    control(sandbox, "/sandbox/reports", {"message_id": sid, "code": "MK:0001"})
    ((first, second),) = bodies(sandbox)
    assert (first["sid"], first["errmsg"], first["report_status"], first["ext"]) == (sid, "DELIVRD", "SUCCESS", "ord1")
    assert (second["sid"], second["errmsg"], second["report_status"]) == (sid, "MK:0001", "FAIL")
    assert len(sandbox.due_pushes(now=NOW + 60)) == 1


def test_report_by_number_is_on_the_newest_message(sandbox: Sandbox) -> None:
    """`to` means the last message that was accepted for it, whoever accepted it."""
    TencentCaller(sandbox).sendsms()
    row = HuaweiCaller(sandbox).form()[1]["result"][0]
    payload = control(sandbox, "/sandbox/reports", {"to": NUMBER, "code": "UNDELIV"})[1]
    assert payload == {"vendor": "huawei", "message_id": row["smsMsgId"], "to": NUMBER, "pushed_to": HUAWEI}
    ((report,),) = [body["statusReportList"] for body in bodies(sandbox)]
    assert (report["smsMsgId"], report["status"]) == (row["smsMsgId"], "UNDELIV")


def test_report_many_times(sandbox: Sandbox) -> None:
    """`times` makes copies, in as few pushes as the vendor makes."""
    TencentCaller(sandbox).sendsms()
    control(sandbox, "/sandbox/reports", {"to": NUMBER, "times": 150})
    assert [len(body) for body in bodies(sandbox)] == [100, 50]


def test_report_of_any_date(sandbox: Sandbox) -> None:
    """`reported_at` dates it: ISO 8601, UTC unless it says otherwise; also what is not dated by itself."""
    TencentCaller(sandbox).sendsms()
    control(sandbox, "/sandbox/reports", {"to": NUMBER, "reported_at": "2026-01-01T00:00:00+08:00"})
    assert bodies(sandbox)[0][0]["user_receive_time"] == "2026-01-01 00:00:00"
    HuaweiCaller(sandbox).form(statusCallback=HUAWEI)
    control(sandbox, "/sandbox/reports", {"to": NUMBER, "code": "EXPIRED", "reported_at": "2026-01-01T00:00:00"})
    control(sandbox, "/sandbox/reports", {"to": NUMBER, "code": "EXPIRED"})
    dated, undated = bodies(sandbox)
    assert dated["updateTime"] == "2026-01-01T00:00:00Z"
    assert "updateTime" not in undated


def test_report_on_any_part(sandbox: Sandbox) -> None:
    """`segment` may be a part that cannot be; without it all parts are reported."""
    HuaweiCaller(sandbox).form(statusCallback=HUAWEI, templateParas=json.dumps(["x" * 70]))
    control(sandbox, "/sandbox/reports", {"to": NUMBER, "segment": {"sequence": 7, "total": 3}})
    control(sandbox, "/sandbox/reports", {"to": NUMBER})
    assert [(body["sequence"], body["total"]) for body in bodies(sandbox)] == [("7", "3"), ("1", "2"), ("2", "2")]


def test_report_without_a_callback_waits_to_be_pulled() -> None:
    """Tencent's can be pulled; Huawei's has nowhere to go, and that is an error."""
    caller = TencentCaller(enabled_sandbox())
    caller.sendsms()
    assert control(caller.sandbox, "/sandbox/reports", {"to": NUMBER, "code": "ACCEPTD"})[1]["pushed_to"] is None
    rows = read(caller.handle("pullstatus", {"type": 0, "max": 10}, ""))["data"]
    assert [row["errmsg"] for row in rows] == ["DELIVRD", "ACCEPTD"]
    HuaweiCaller(caller.sandbox).form()
    status, payload = control(caller.sandbox, "/sandbox/reports", {"to": NUMBER})
    assert (status, "statusCallback" in payload["error"]) == (400, True)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"to": NUMBER, "message_id": "8:1"}, 400),
        ({"to": "+8613788880000"}, 404),
        ({"message_id": "8:1"}, 404),
        ({"to": 1}, 400),
        ({"to": NUMBER, "times": 0}, 400),
        ({"to": NUMBER, "times": 10**9}, 400),
        ({"to": NUMBER, "times": True}, 400),
        ({"to": NUMBER, "segment": {"sequence": 1, "total": 2}}, 400),
        ({"to": NUMBER, "segment": 1}, 400),
        ({"to": NUMBER, "reported_at": "yesterday"}, 400),
        ({"to": NUMBER, "reported_at": "1969-12-31T00:00:00Z"}, 400),
        ({"to": NUMBER, "reported_at": "9999-12-31T23:59:59Z"}, 400),
        ({"to": NUMBER, "reported_at": 5}, 400),
    ],
    ids=str,
)
def test_wrong_report_is_an_error(sandbox: Sandbox, body: dict[str, Any], status: int) -> None:
    """400 for what makes no sense, 404 for a message that is not there; no number in the words."""
    TencentCaller(sandbox).sendsms()
    found, payload = control(sandbox, "/sandbox/reports", body)
    assert (found, set(payload)) == (status, {"error"})
    assert "8888" not in payload["error"]
    assert sandbox.due_pushes(now=NOW) == []


def test_report_in_python(sandbox: Sandbox) -> None:
    """The same as a call, with the same errors."""
    HuaweiCaller(sandbox).form(statusCallback=HUAWEI)
    sandbox.report(now=NOW, to=NUMBER, code="MK:0001", times=2, segment=(1, 2), reported_at=NOW - 5)
    assert [(body["status"], body["updateTime"]) for body in bodies(sandbox)] == [
        ("MK:0001", "2025-11-24T15:59:55Z")
    ] * 2
    with pytest.raises(LookupError, match=r"number \+86\*+0000 was accepted"):
        sandbox.report(now=NOW, to="+8613788880000")
    with pytest.raises(ValueError, match="either"):
        sandbox.report(now=NOW)


def test_tencent_reply(sandbox: Sandbox) -> None:
    """A reply is the guide's object, and the adapter reads it; what was pushed cannot be pulled."""
    given = {"from": NUMBER, "text": "退订", "extend": "12"}
    assert control(sandbox, "/sandbox/replies", given)[1]["pushed_to"] == TENCENT
    (push,) = sandbox.due_pushes(now=NOW)
    assert json.loads(push.request.body) == {
        "nationcode": "86",
        "mobile": "13788888888",
        "text": "退订",
        "sign": "Acme",
        "time": int(NOW),
        "extend": "12",
    }
    (reply,) = tencent.parse_callback(push.request).replies
    assert (str(reply.sender), reply.text, reply.signature, reply.to) == (NUMBER, "退订", "Acme", None)
    assert read(TencentCaller(sandbox).handle("pullstatus", {"type": 1, "max": 10}, ""))["data"] == []


def test_tencent_text_that_answers_nothing(sandbox: Sandbox) -> None:
    """With `to` it is the other shape: a port, and no country code or signature."""
    control(sandbox, "/sandbox/replies", {"vendor": "tencent", "from": NUMBER, "text": "hi", "to": "106901333914"})
    (push,) = sandbox.due_pushes(now=NOW)
    assert set(json.loads(push.request.body)) == {"mobile", "time", "text", "port", "extend"}
    (reply,) = tencent.parse_callback(push.request).replies
    assert (str(reply.sender), reply.to, reply.text) == (NUMBER, "106901333914", "hi")


def test_huawei_reply(sandbox: Sandbox) -> None:
    """A reply is Huawei's form with an id of its own; it goes to the application's address where that is set."""
    control(sandbox, "/sandbox/replies", {"vendor": "huawei", "from": NUMBER, "text": "a&b=c"})
    (push,) = sandbox.due_pushes(now=NOW)
    assert push.request.url == HUAWEI
    (reply,) = huawei.parse_callback(push.request).replies
    assert (str(reply.sender), reply.to, reply.text) == (NUMBER, "isms100000001", "a&b=c")
    assert reply.message_id
    assert reply.received_at is not None
    assert reply.received_at.timestamp() == NOW
    sandbox._state.of("huawei").applications[0].up_link_addr = f"{HUAWEI}/up"
    sandbox.reply(NUMBER, "hi", now=NOW, vendor="huawei", to="isms100000001")
    assert [push.request.url for push in sandbox.due_pushes(now=NOW)] == [f"{HUAWEI}/up"]


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000, b"[]", b"5"])
@pytest.mark.parametrize("path", ["reports", "replies"])
def test_what_is_no_json_object_is_an_error(path: str, body: bytes) -> None:
    """Whatever comes is answered, with 400."""
    answer = Sandbox().handle(HttpRequest("POST", f"http://127.0.0.1:8025/sandbox/{path}", body=body), now=NOW)
    assert answer.response is not None
    assert answer.response.status == 400


@pytest.mark.parametrize("change", [{"vendor": "nobody"}, {"vendor": "huawei"}, {"to": 5}, {"from": "137"}])
def test_wrong_reply_is_an_error(change: dict[str, Any]) -> None:
    """An unknown vendor, a number that is none, or nowhere to push to."""
    status, payload = control(Sandbox(), "/sandbox/replies", {"from": NUMBER, "text": "hi", **change})
    assert (status, set(payload)) == (400, {"error"})
