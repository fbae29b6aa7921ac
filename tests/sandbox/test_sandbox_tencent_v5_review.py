"""The simulated v5 API beside sends: templates and signatures."""

import base64
from typing import Any

import pytest
from sandbox_callers import TencentCaller
from sandbox_managers import control, v5


def add_template(tencent: TencentCaller, **body: Any) -> int:
    """The id of a new template."""
    answer = v5(tencent, "add_template", **{"text": "Code {1}.", "type": 0, **body})
    assert (answer["result"], answer["errmsg"]) == (0, "")
    id: int = answer["data"]["id"]
    return id


def test_template_is_pending_then_approved_then_gone() -> None:
    """A template can be sent once it is approved, and no more once it is deleted."""
    tencent = TencentCaller()
    answer = v5(tencent, "add_template", text="Code {1}.", type=0, title="login", remark="for logins")
    id = answer["data"]["id"]
    assert answer["data"] == {"id": id, "international": 0, "status": 1, "text": "Code {1}.", "type": 0}
    send = {"tpl_id": id, "params": ["7"]}
    assert tencent.sendsms(**send)["result"] == 1014
    assert control(tencent.sandbox, "/sandbox/review", review(id, "approved"))[0] == 200
    assert tencent.sendsms(**send)["result"] == 0
    assert tencent.sandbox.messages[-1].text == "【Acme】Code 7."
    assert v5(tencent, "del_template", tpl_id=id) == {"result": 0, "errmsg": ""}
    assert tencent.sendsms(**send)["result"] == 1014
    assert v5(tencent, "get_template", tpl_id=id)["count"] == 0


def review(id: int, state: str, kind: str = "template") -> dict[str, Any]:
    """The body of POST /sandbox/review."""
    return {"vendor": "tencent", "kind": kind, "id": id, "state": state, "reason": "because"}


def test_rejected_template_is_changed_and_handed_in_again() -> None:
    """The reason stands in `reply`; a change makes it pending; what was approved cannot be changed."""
    tencent = TencentCaller()
    id = add_template(tencent, title="login", international=1)
    control(tencent.sandbox, "/sandbox/review", review(id, "rejected"))
    (row,) = v5(tencent, "get_template", tpl_id=[id])["data"]
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
    changed = v5(tencent, "mod_template", tpl_id=id, text="Buy {1}!", type=1, title="sale")
    assert changed["data"] == {"id": id, "international": 0, "status": 1, "text": "Buy {1}!", "type": 1}
    assert v5(tencent, "get_template", tpl_id=id)["data"][0]["reply"] == ""
    control(tencent.sandbox, "/sandbox/review", review(id, "approved"))
    assert v5(tencent, "mod_template", tpl_id=id, text="x", type=0)["result"] == 1014
    assert v5(tencent, "mod_template", tpl_id=id + 1, text="x", type=0)["result"] == 1014


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
    answer = v5(tencent, "add_template", **{"text": "Code {1}.", "type": 0, field: mark})
    assert answer["data"]["status"] == 1
    (row,) = v5(tencent, "get_template", tpl_id=answer["data"]["id"])["data"]
    assert (row["status"], row["reply"]) == (status, reply)


def test_templates_are_paged() -> None:
    """A page of all, the built-in ones first; the total stays the same."""
    tencent = TencentCaller()
    ids = [19, 1110, *(add_template(tencent) for _ in range(3))]
    pages = [v5(tencent, "get_template", tpl_page={"offset": offset, "max": 2}) for offset in (0, 2, 4, 6)]
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
    assert v5(TencentCaller(), operation, **body)["result"] == 1004


def test_several_are_deleted_or_none() -> None:
    """One id that is not known spares the others."""
    tencent = TencentCaller()
    first, second = add_template(tencent), add_template(tencent)
    assert v5(tencent, "del_template", tpl_id=[first, 7])["result"] == 1014
    assert v5(tencent, "get_template", tpl_id=[first, second])["count"] == 2
    assert v5(tencent, "del_template", tpl_id=[first, second, second])["result"] == 0
    assert v5(tencent, "get_template", tpl_id=[first, second])["count"] == 0


def test_ids_are_never_used_again() -> None:
    """A new template does not get the id of a deleted one."""
    tencent = TencentCaller()
    first = add_template(tencent)
    v5(tencent, "del_template", tpl_id=first)
    assert add_template(tencent) == first + 1


def test_voice_template_is_for_calls() -> None:
    """It keeps its type, and no message can be sent with it."""
    tencent = TencentCaller()
    id = add_template(tencent, type=2, remark="[approve]")
    assert v5(tencent, "get_template", tpl_id=id)["data"][0]["type"] == 2
    assert tencent.sendsms(tpl_id=id, params=["7"])["result"] == 1014


def test_signature_is_pending_then_approved_then_gone() -> None:
    """A signature can be sent once it is approved, and no more once it is deleted."""
    tencent = TencentCaller()
    picture = base64.b64encode(b"\x89PNG").decode()
    answer = v5(tencent, "add_sign", text="Contoso", pic=picture, remark="ours")
    id = answer["data"]["id"]
    expected = {"id": id, "international": 0, "status": 1, "text": "Contoso"}
    assert answer == {"result": 0, "msg": "", "data": expected}
    assert tencent.sendsms(sign="Contoso")["result"] == 1012
    control(tencent.sandbox, "/sandbox/review", review(id, "approved", "signature"))
    assert tencent.sendsms(sign="Contoso")["result"] == 0
    assert v5(tencent, "get_sign", sign_id=[id, 77]) == {
        "result": 0,
        "msg": "",
        "count": 1,
        "data": [{**expected, "status": 0, "reply": "because", "apply_time": "2025-11-25 00:00:00"}],
    }
    assert v5(tencent, "del_sign", sign_id=id) == {"result": 0, "msg": ""}
    assert tencent.sendsms(sign="Contoso")["result"] == 1012
    assert v5(tencent, "del_sign", sign_id=id)["result"] == 1012


def test_signature_is_changed_unless_approved() -> None:
    """A pending or rejected one can be changed, though not into another that there is."""
    tencent = TencentCaller()
    first = v5(tencent, "add_sign", text="Contoso")["data"]["id"]
    second = v5(tencent, "add_sign", text="Fabrikam", international=1)["data"]["id"]
    assert v5(tencent, "add_sign", text="Contoso")["result"] == 1012
    assert v5(tencent, "mod_sign", sign_id=first, text="Contoso")["result"] == 0
    assert v5(tencent, "mod_sign", sign_id=first, text="Fabrikam")["result"] == 1012
    changed = v5(tencent, "mod_sign", sign_id=second, text="Initech", remark="[approve]")
    assert changed["data"] == {"id": second, "international": 0, "status": 1, "text": "Initech"}
    assert v5(tencent, "mod_sign", sign_id=second, text="Fabrikam")["result"] == 1012
    assert v5(tencent, "mod_sign", sign_id=99, text="Fabrikam")["result"] == 1012


@pytest.mark.parametrize("text", ["A", "x" * 13, "【Acme】", "A c", "a_b"])
def test_signature_has_letters_and_digits(text: str) -> None:
    """2 to 12 of them, without brackets."""
    assert v5(TencentCaller(), "add_sign", text=text)["result"] == 1012


def test_account_without_a_signature_cannot_send() -> None:
    """When the last approved signature is gone, there is none to put in front."""
    tencent = TencentCaller()
    ids = [row["id"] for row in v5(tencent, "get_sign", sign_id=list(range(1, 9)))["data"]]
    assert tencent.sendsms(sign="")["result"] == 0
    assert v5(tencent, "del_sign", sign_id=ids)["result"] == 0
    assert tencent.sendsms(sign="")["result"] == 1012


def test_unknown_call_is_refused() -> None:
    """What v5 does not have is 1011."""
    assert v5(TencentCaller(), "get_weather")["result"] == 1011
