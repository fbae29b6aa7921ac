"""The simulated v5 API beside sends: pulls, statistics, templates, signatures."""

import base64
from typing import Any

import pytest
from sandbox_callers import NOW, TencentCaller, read
from sandbox_managers import control

from smsgate.sandbox import Scenario

HOUR = 2025112500  # NOW is 00:00 on 25 November 2025 in China


def call(caller: TencentCaller, operation: str, **body: Any) -> dict[str, Any]:
    """The answer to a call that signs no number."""
    return read(caller.handle(operation, body, ""))


def test_number_is_not_signed() -> None:
    """A sig over a number is wrong for these calls, and the words stand in the key that the call uses."""
    tencent = TencentCaller()
    body = {"type": 0, "max": 1, "begin_time": 0, "end_time": 1, "nationcode": "86", "mobile": "13788888888"}
    answer = read(tencent.handle("pullstatus4mobile", body, "&mobile=13788888888"))
    assert answer == {"result": 1001, "errmsg": "sig check failed"}
    tencent.key = "wrong"
    assert call(tencent, "get_sign", sign_id=1) == {"result": 1001, "msg": "sig check failed"}


def test_clock_is_checked() -> None:
    """Ten minutes, as for sends."""
    assert call(TencentCaller(now=NOW - 601), "pullstatus", type=0, max=1)["result"] == 1021


def test_pull_empties_the_queue() -> None:
    """Each accepted message has one report, oldest first, which never comes again."""
    tencent = TencentCaller()
    sent = [tencent.sendsms(number.removeprefix("+86"))["sid"] for number in ("13788888888", Scenario.PHONE_OFF.number)]
    tencent.sendsms(Scenario.BLOCKLISTED.number.removeprefix("+86"))
    tencent.sendisms("+447700900123")
    first = call(tencent, "pullstatus", type=0, max=2)
    assert first == {
        "result": 0,
        "errmsg": "ok",
        "count": 2,
        "data": [
            {
                "user_receive_time": "2025-11-25 00:00:00",
                "nationcode": "86",
                "mobile": "13788888888",
                "report_status": "SUCCESS",
                "errmsg": "DELIVRD",
                "description": "用户短信送达成功",
                "sid": sent[0],
            },
            {
                "user_receive_time": "2025-11-25 00:00:00",
                "nationcode": "86",
                "mobile": "13900000001",
                "report_status": "FAIL",
                "errmsg": "BLACK0",
                "description": "用户短信送达失败",
                "sid": sent[1],
            },
        ],
    }
    rest = call(tencent, "pullstatus", type=0, max=100)["data"]
    assert [(row["nationcode"], row["mobile"]) for row in rest] == [("44", "7700900123")]
    assert call(tencent, "pullstatus", type=0, max=100)["count"] == 0


def test_replies_are_pulled() -> None:
    """A reply waits in a queue of its own, with or without an extension."""
    tencent = TencentCaller()
    tencent.sandbox.reply("+8613788888888", "T", now=NOW)
    tencent.sandbox.reply("+447700900123", "yes", now=NOW + 1.5, signature="腾讯云", extend="12")
    assert call(tencent, "pullstatus", type=0, max=10)["count"] == 0
    assert call(tencent, "pullstatus", type=1, max=10)["data"] == [
        {"nationcode": "86", "mobile": "13788888888", "text": "T", "sign": "Acme", "time": 1764000000},
        {
            "nationcode": "44",
            "mobile": "7700900123",
            "text": "yes",
            "sign": "腾讯云",
            "time": 1764000001,
            "extend": "12",
        },
    ]
    assert call(tencent, "pullstatus", type=1, max=10)["count"] == 0


def test_query_by_number_takes_nothing() -> None:
    """The items of one number in a span of time, as often as wanted, pulled or not."""
    tencent = TencentCaller()
    for mobile in ("13788888888", "13788888888", "13788888889"):
        tencent.sendsms(mobile)
    tencent.sandbox.reply("+8613788888888", "T", now=NOW)
    span = {"begin_time": int(NOW), "end_time": int(NOW), "nationcode": "86", "mobile": "13788888888"}
    for _ in range(2):
        assert call(tencent, "pullstatus4mobile", type=0, max=10, **span)["count"] == 2
        assert call(tencent, "pullstatus4mobile", type=1, max=10, **span)["count"] == 1
        call(tencent, "pullstatus", type=0, max=10)
    assert call(tencent, "pullstatus4mobile", type=0, max=1, **span)["count"] == 1
    later = {**span, "begin_time": int(NOW) + 1, "end_time": int(NOW) + 1}
    assert call(tencent, "pullstatus4mobile", type=0, max=10, **later)["count"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {"type": 2, "max": 1},
        {"type": 0, "max": 101},
        {"type": 0, "max": 0},
        {"type": "0", "max": 1},
        {"type": True, "max": 1},
        {"max": 1},
        {"type": 0, "max": 1, "begin_time": 2, "end_time": 1},
        {"type": 0, "max": 1, "begin_time": -1, "end_time": 1},
    ],
)
def test_wrong_pull_is_refused(body: dict[str, Any]) -> None:
    """What is missing, of the wrong type or out of range is 1004."""
    full = {"begin_time": 0, "end_time": 1, "nationcode": "86", "mobile": "13788888888", **body}
    assert call(TencentCaller(), "pullstatus4mobile", **full)["result"] == 1004


def test_counts_follow_what_was_sent() -> None:
    """Requested counts every number of an authentic request, billed counts segments, failures have causes."""
    tencent = TencentCaller()
    tencent.sandbox.review("tencent", "template", str(add_template(tencent, text="{1}" + "x" * 70)), "approved")
    tencent.sendsms(tpl_id=1000001, params=["1"])
    magic = (Scenario.PHONE_OFF, Scenario.NO_SUCH_NUMBER, Scenario.BLOCKLISTED, Scenario.BUSY)
    for scenario in magic:
        tencent.sendsms(scenario.number.removeprefix("+86"))
    tencent.sendmultisms2([("86", "13788888888"), ("86", "123")])
    tencent.sendsms(sig="0" * 64)
    sends = call(tencent, "pullsendstatus", begin_date=HOUR, end_date=HOUR)
    assert sends == {"result": 0, "msg": "OK", "data": {"request": 7, "success": 4, "bill_number": 5}}
    reports = call(tencent, "pullcallbackstatus", begin_date=HOUR, end_date=HOUR)
    assert reports == {
        "result": 0,
        "errmsg": "OK",
        "data": {
            "success": 4,
            "status": 4,
            "status_success": 2,
            "status_fail": 2,
            "status_fail_0": 0,
            "status_fail_1": 1,
            "status_fail_2": 1,
            "status_fail_3": 0,
            "status_fail_4": 0,
        },
    }
    assert call(tencent, "pullsendstatus", begin_date=HOUR + 1, end_date=HOUR + 1)["data"]["request"] == 0
    tencent.sandbox.clear()
    assert call(tencent, "pullsendstatus", begin_date=HOUR, end_date=HOUR)["data"]["request"] == 0
    assert call(tencent, "pullstatus", type=0, max=10)["count"] == 0


@pytest.mark.parametrize(
    ("begin", "end"),
    [(HOUR + 1, HOUR), ("2025112500", HOUR), (20251125, HOUR), (HOUR, 2025113200), (HOUR, 20251125001), (HOUR, None)],
)
def test_wrong_span_is_refused(begin: Any, end: Any) -> None:
    """Hours are numbers yyyymmddhh, the begin not after the end."""
    assert call(TencentCaller(), "pullsendstatus", begin_date=begin, end_date=end)["result"] == 1004


def add_template(tencent: TencentCaller, **body: Any) -> int:
    """The id of a new template."""
    answer = call(tencent, "add_template", **{"text": "Code {1}.", "type": 0, **body})
    assert (answer["result"], answer["errmsg"]) == (0, "")
    id: int = answer["data"]["id"]
    return id


def test_template_is_pending_then_approved_then_gone() -> None:
    """A template can be sent once it is approved, and no more once it is deleted."""
    tencent = TencentCaller()
    answer = call(tencent, "add_template", text="Code {1}.", type=0, title="login", remark="for logins")
    id = answer["data"]["id"]
    assert answer["data"] == {"id": id, "international": 0, "status": 1, "text": "Code {1}.", "type": 0}
    send = {"tpl_id": id, "params": ["7"]}
    assert tencent.sendsms(**send)["result"] == 1014
    assert control(tencent.sandbox, "/sandbox/review", review(id, "approved"))[0] == 200
    assert tencent.sendsms(**send)["result"] == 0
    assert tencent.sandbox.messages[-1].text == "【Acme】Code 7."
    assert call(tencent, "del_template", tpl_id=id) == {"result": 0, "errmsg": ""}
    assert tencent.sendsms(**send)["result"] == 1014
    assert call(tencent, "get_template", tpl_id=id)["count"] == 0


def review(id: int, state: str, kind: str = "template") -> dict[str, Any]:
    """The body of POST /sandbox/review."""
    return {"vendor": "tencent", "kind": kind, "id": id, "state": state, "reason": "because"}


def test_rejected_template_is_changed_and_handed_in_again() -> None:
    """The reason stands in `reply`; a change makes it pending; what was approved cannot be changed."""
    tencent = TencentCaller()
    id = add_template(tencent, title="login", international=1)
    control(tencent.sandbox, "/sandbox/review", review(id, "rejected"))
    (row,) = call(tencent, "get_template", tpl_id=[id])["data"]
    assert row == {
        "id": id,
        "international": 1,
        "status": 2,
        "text": "Code {1}.",
        "type": 0,
        "title": "login",
        "reply": "because",
        "apply_time": "2025-11-25 00:00:00",
    }
    changed = call(tencent, "mod_template", tpl_id=id, text="Buy {1}!", type=1, title="sale")
    assert changed["data"] == {"id": id, "international": 0, "status": 1, "text": "Buy {1}!", "type": 1}
    assert call(tencent, "get_template", tpl_id=id)["data"][0]["reply"] == ""
    control(tencent.sandbox, "/sandbox/review", review(id, "approved"))
    assert call(tencent, "mod_template", tpl_id=id, text="x", type=0)["result"] == 1014
    assert call(tencent, "mod_template", tpl_id=id + 1, text="x", type=0)["result"] == 1014


@pytest.mark.parametrize(
    ("field", "mark", "status", "reply"),
    [
        ("text", "[approve]", 0, ""),
        ("title", "[Reject]", 2, "does not meet the review standards"),
        ("remark", "please [reject: too vague ] it", 2, "too vague"),
        ("remark", "[approved]", 1, ""),
    ],
)
def test_mark_decides_the_review(field: str, mark: str, status: int, reply: str) -> None:
    """The answer to the application says pending, the next call sees the verdict."""
    tencent = TencentCaller()
    answer = call(tencent, "add_template", **{"text": "Code {1}.", "type": 0, field: mark})
    assert answer["data"]["status"] == 1
    (row,) = call(tencent, "get_template", tpl_id=answer["data"]["id"])["data"]
    assert (row["status"], row["reply"]) == (status, reply)


def test_templates_are_paged() -> None:
    """A page of all, the built-in one first; the total stays the same."""
    tencent = TencentCaller()
    ids = [19, *(add_template(tencent) for _ in range(4))]
    pages = [call(tencent, "get_template", tpl_page={"offset": offset, "max": 2}) for offset in (0, 2, 4, 6)]
    assert [[row["id"] for row in page["data"]] for page in pages] == [ids[:2], ids[2:4], ids[4:], []]
    assert {page["total"] for page in pages} == {5}
    assert [page["count"] for page in pages] == [2, 2, 1, 0]


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("get_template", {}),
        ("get_template", {"tpl_id": 19, "tpl_page": {"offset": 0, "max": 10}}),
        ("get_template", {"tpl_page": {"offset": 0, "max": 51}}),
        ("get_template", {"tpl_page": {"offset": 0}}),
        ("get_template", {"tpl_page": 10}),
        ("get_template", {"tpl_id": []}),
        ("get_template", {"tpl_id": ["19"]}),
        ("get_template", {"tpl_id": True}),
        ("add_template", {"type": 0}),
        ("add_template", {"text": "", "type": 0}),
        ("add_template", {"text": "x", "type": 3}),
        ("add_template", {"text": "x", "type": 0, "international": 2}),
        ("add_template", {"text": "x", "type": 0, "title": 7}),
        ("mod_template", {"tpl_id": [19], "text": "x", "type": 0}),
        ("get_sign", {}),
        ("add_sign", {"text": ["Contoso"]}),
        ("add_sign", {"text": "Contoso", "pic": "no base64"}),
    ],
)
def test_wrong_fields_are_refused(operation: str, body: dict[str, Any]) -> None:
    """What is missing, of the wrong type or out of range is 1004."""
    assert call(TencentCaller(), operation, **body)["result"] == 1004


def test_several_are_deleted_or_none() -> None:
    """One id that is not known spares the others."""
    tencent = TencentCaller()
    first, second = add_template(tencent), add_template(tencent)
    assert call(tencent, "del_template", tpl_id=[first, 7])["result"] == 1014
    assert call(tencent, "get_template", tpl_id=[first, second])["count"] == 2
    assert call(tencent, "del_template", tpl_id=[first, second, second])["result"] == 0
    assert call(tencent, "get_template", tpl_id=[first, second])["count"] == 0


def test_ids_are_never_used_again() -> None:
    """A new template does not get the id of a deleted one."""
    tencent = TencentCaller()
    first = add_template(tencent)
    call(tencent, "del_template", tpl_id=first)
    assert add_template(tencent) == first + 1


def test_voice_template_is_for_calls() -> None:
    """It keeps its type, and no message can be sent with it."""
    tencent = TencentCaller()
    id = add_template(tencent, type=2, remark="[approve]")
    assert call(tencent, "get_template", tpl_id=id)["data"][0]["type"] == 2
    assert tencent.sendsms(tpl_id=id, params=["7"])["result"] == 1014


def test_signature_is_pending_then_approved_then_gone() -> None:
    """A signature can be sent once it is approved, and no more once it is deleted."""
    tencent = TencentCaller()
    picture = base64.b64encode(b"\x89PNG").decode()
    answer = call(tencent, "add_sign", text="Contoso", pic=picture, remark="ours")
    id = answer["data"]["id"]
    expected = {"id": id, "international": 0, "status": 1, "text": "Contoso"}
    assert answer == {"result": 0, "msg": "", "data": expected}
    assert tencent.sendsms(sign="Contoso")["result"] == 1012
    control(tencent.sandbox, "/sandbox/review", review(id, "approved", "signature"))
    assert tencent.sendsms(sign="Contoso")["result"] == 0
    assert call(tencent, "get_sign", sign_id=[id, 77]) == {
        "result": 0,
        "msg": "",
        "count": 1,
        "data": [{**expected, "status": 0, "reply": "because", "apply_time": "2025-11-25 00:00:00"}],
    }
    assert call(tencent, "del_sign", sign_id=id) == {"result": 0, "msg": ""}
    assert tencent.sendsms(sign="Contoso")["result"] == 1012
    assert call(tencent, "del_sign", sign_id=id)["result"] == 1012


def test_signature_is_changed_unless_approved() -> None:
    """A pending or rejected one can be changed, though not into another that there is."""
    tencent = TencentCaller()
    first = call(tencent, "add_sign", text="Contoso")["data"]["id"]
    second = call(tencent, "add_sign", text="Fabrikam", international=1)["data"]["id"]
    assert call(tencent, "add_sign", text="Contoso")["result"] == 1012
    assert call(tencent, "mod_sign", sign_id=first, text="Contoso")["result"] == 0
    assert call(tencent, "mod_sign", sign_id=first, text="Fabrikam")["result"] == 1012
    changed = call(tencent, "mod_sign", sign_id=second, text="Initech", remark="[approve]")
    assert changed["data"] == {"id": second, "international": 0, "status": 1, "text": "Initech"}
    assert call(tencent, "mod_sign", sign_id=second, text="Fabrikam")["result"] == 1012
    assert call(tencent, "mod_sign", sign_id=99, text="Fabrikam")["result"] == 1012


@pytest.mark.parametrize("text", ["A", "x" * 13, "【Acme】", "A c", "a_b"])
def test_signature_has_letters_and_digits(text: str) -> None:
    """2 to 12 of them, without brackets."""
    assert call(TencentCaller(), "add_sign", text=text)["result"] == 1012


def test_account_without_a_signature_cannot_send() -> None:
    """When the last approved signature is gone, there is none to put in front."""
    tencent = TencentCaller()
    ids = [row["id"] for row in call(tencent, "get_sign", sign_id=list(range(1, 9)))["data"]]
    assert tencent.sendsms(sign="")["result"] == 0
    assert call(tencent, "del_sign", sign_id=ids)["result"] == 0
    assert tencent.sendsms(sign="")["result"] == 1012


def test_unknown_call_is_refused() -> None:
    """What v5 does not have is 1011."""
    assert call(TencentCaller(), "get_weather")["result"] == 1011
