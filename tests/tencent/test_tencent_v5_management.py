"""Templates, signatures and counts through the v5 interface: what is asked, and what is made of the responses."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest

from smsgate.model.errors import ConfigurationError, VendorError
from smsgate.model.reason import Outcome, Reason
from smsgate.provider import Call, RequestContext
from smsgate.provider.management import ReportSource, SignatureAdmin, SignatureList, Statistics, TemplateAdmin
from smsgate.provider.records import Page, ReviewState, TemplateKind, TemplateRecord
from smsgate.tencent import TencentV5, TencentV5Management
from smsgate.wire import HttpResponse

T = TypeVar("T")

KEY: Final = "5f03a35d00ee52a21327ab048186a2c4"
VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "tencent_v5.json").read_text(encoding="utf-8")
)
SAMPLES: Final = Path(__file__).parent / "samples" / "v5-management"
PNG: Final = b"\x89PNG\r\n\x1a\n rest"
JPEG: Final = b"\xff\xd8\xff\xe0 rest"
ACCOUNT: Final = TencentV5Management("1400006666", KEY)
CHINA: Final = timezone(timedelta(hours=8))
BEGIN, END = datetime(2016, 9, 8, 0, 59, tzinfo=CHINA), datetime(2016, 9, 8, 15, 30, tzinfo=UTC)
CALLS: Final[dict[str, Call[Any]]] = {
    "pullstatus": ACCOUNT.pull_reports(),
    "pullstatus4mobile": ACCOUNT.find_reports("+8613788888888", begin=BEGIN, end=END),
    "add_template": ACCOUNT.add_template(name="login", text="Your code is {1}."),
    "mod_template": ACCOUNT.modify_template("123", name="login", text="Your code is {1}."),
    "del_template": ACCOUNT.delete_template("123"),
    "get_template": ACCOUNT.get_template("123"),
    "add_sign": ACCOUNT.add_signature(text="Acme"),
    "mod_sign": ACCOUNT.modify_signature("123", text="Acme"),
    "del_sign": ACCOUNT.delete_signature("123"),
    "get_sign": ACCOUNT.get_signature("123"),
    "pullsendstatus": ACCOUNT.send_statistics(begin=BEGIN, end=END),
    "pullcallbackstatus": ACCOUNT.delivery_statistics(begin=BEGIN, end=END),
}


def fields(call: Call[Any]) -> dict[str, Any]:
    """The body of the request, without what signs it."""
    body: dict[str, Any] = json.loads(call.build(RequestContext(1457336869.9, "7226249334")).body)
    del body["sig"], body["time"]
    return body


def replay(call: Call[T], case: str) -> T:
    return call.parse(HttpResponse(200, {}, (SAMPLES / call.name / f"{case}.json").read_bytes()))


def parse(call: Call[T], body: object, *, status: int = 200) -> T:
    return call.parse(HttpResponse(status, {}, json.dumps(body).encode()))


@pytest.mark.parametrize(
    ("operation", "vector"),
    [(operation, vector) for vector in VECTORS if not vector["numbers"] for operation in vector["operations"]],
    ids=str,
)
def test_calls_carry_the_published_sig(operation: str, vector: dict[str, Any]) -> None:
    """With the vector's clock and random each call has its sig: nothing of the body is signed, no number either."""
    call = CALLS[operation]
    request = call.build(RequestContext(vector["time"] + 0.9, vector["random"]))
    body = json.loads(request.body)
    assert call.name == operation
    assert (body["sig"], body["time"]) == (vector["sig"], vector["time"])
    query = f"sdkappid=1400006666&random={vector['random']}"
    assert (request.method, request.url) == ("POST", f"https://yun.tim.qq.com/v5/tlssmssvr/{operation}?{query}")
    assert request.headers.pairs == (("Host", "yun.tim.qq.com"), ("Content-Type", "application/json"))


def test_every_vector_operation_has_a_call() -> None:
    """The published vector names twelve operations, and each is served."""
    assert {name for vector in VECTORS for name in vector["operations"] if not vector["numbers"]} == set(CALLS)


def test_drafts_of_templates() -> None:
    """add_template and mod_template send title, text, remark, type and international, types as the guide's table."""
    draft = {"title": "login", "remark": "", "text": "Your code is {1}.", "type": 0, "international": 0}
    assert fields(CALLS["add_template"]) == draft
    assert fields(CALLS["mod_template"]) == draft | {"tpl_id": 123}
    other = ACCOUNT.add_template(
        name="", text="Sale", kind=TemplateKind.MARKETING, remark="for autumn", international=True
    )
    assert fields(other) == {
        "title": "", "remark": "for autumn", "text": "Sale", "type": 1, "international": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (TemplateKind.NOTIFICATION, 0),
        (TemplateKind.VERIFICATION, 0),
        (TemplateKind.MARKETING, 1),
        (TemplateKind.VOICE, 2),
    ],
)
def test_kinds_of_templates(kind: TemplateKind, number: int) -> None:
    """The interface has three kinds: common ones carry codes and notifications, then marketing and voice."""
    assert fields(ACCOUNT.add_template(name="t", text="x", kind=kind))["type"] == number


def test_templates_are_named_or_paged_never_both() -> None:
    """`tpl_id` and `tpl_page` do not go together; ids are numbers."""
    assert fields(CALLS["get_template"]) == {"tpl_id": [123]}
    assert fields(ACCOUNT.get_templates(["124", "123"])) == {"tpl_id": [124, 123]}
    assert fields(ACCOUNT.get_templates(str(id) for id in range(1, 51)))["tpl_id"] == list(range(1, 51))
    assert fields(ACCOUNT.list_templates()) == {"tpl_page": {"offset": 0, "max": 50}}
    assert fields(ACCOUNT.list_templates(offset=10, limit=5)) == {"tpl_page": {"offset": 10, "max": 5}}
    assert fields(CALLS["del_template"]) == {"tpl_id": [123]}
    assert fields(ACCOUNT.delete_templates(["1", "2"])) == {"tpl_id": [1, 2]}


def test_drafts_of_signatures() -> None:
    """The picture goes as Base64 in `pic`, and is left out if there is none."""
    plain: dict[str, object] = {"text": "Acme", "remark": "", "international": 0}
    assert fields(CALLS["add_sign"]) == plain
    assert fields(CALLS["mod_sign"]) == plain | {"sign_id": 123}
    for picture in (PNG, JPEG):
        call = ACCOUNT.add_signature(text="腾讯云", picture=picture, remark="ours", international=True)
        assert fields(call) == {
            "text": "腾讯云", "remark": "ours", "international": 1, "pic": base64.b64encode(picture).decode(),
        }  # fmt: skip
        assert fields(ACCOUNT.modify_signature("9", text="Acme", picture=picture))["sign_id"] == 9
    assert fields(CALLS["get_sign"]) == {"sign_id": [123]}
    assert fields(ACCOUNT.get_signatures(["1", "2"])) == {"sign_id": [1, 2]}
    assert fields(CALLS["del_sign"]) == {"sign_id": [123]}
    assert fields(ACCOUNT.delete_signatures(["1", "2"])) == {"sign_id": [1, 2]}


def test_a_picture_of_two_mebibytes_is_taken() -> None:
    """The limit itself is allowed."""
    fields(ACCOUNT.add_signature(text="Acme", picture=PNG + bytes(2 * 1024 * 1024 - len(PNG))))


def test_hours_are_numbers_of_china_time() -> None:
    """Both ends are hours `yyyymmddhh` as JSON numbers, in China time whatever zone they were given in."""
    assert fields(CALLS["pullsendstatus"]) == {"begin_date": 2016090800, "end_date": 2016090823}
    assert fields(CALLS["pullcallbackstatus"]) == {"begin_date": 2016090800, "end_date": 2016090823}
    new_year = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert fields(ACCOUNT.send_statistics(begin=new_year, end=new_year)) == {
        "begin_date": 2027010100,
        "end_date": 2027010100,
    }


@pytest.mark.parametrize("case", ["printed", "later-edition", "as-text", "id-only"])
def test_an_added_template_is_pending(case: str) -> None:
    """What the response leaves out is what was handed in; numbers may come as text; new keys are kept."""
    record = replay(ACCOUNT.add_template(name="login", text="xxxxx"), case)
    assert (record.provider, record.id, record.send_id, record.name) == ("tencent-v5", "123", "123", "login")
    assert (record.text, record.state, record.kind) == ("xxxxx", ReviewState.PENDING, TemplateKind.NOTIFICATION)
    assert (record.international, record.created_at, record.review) == (False, None, None)
    assert record.raw["id"] in (123, "123")
    assert "title" not in record.raw


@pytest.mark.parametrize("case", ["printed", "without-data"])
def test_a_modified_template_is_pending(case: str) -> None:
    """A template that was changed is under review again, also where the response only says that all went well."""
    record = replay(ACCOUNT.modify_template("123", name="new", text="xxxxx", international=True), case)
    assert (record.id, record.name, record.state) == ("123", "new", ReviewState.PENDING)
    assert record.international is True


def test_printed_templates() -> None:
    """get_template's printed response, whose `count` is wrong, gives its one template, and a page its total."""
    page = replay(ACCOUNT.list_templates(), "printed")
    (record,) = page.items
    assert page.total == 100
    assert (record.id, record.text, record.review, record.state) == ("123", "xxxxx", "xxxxx", ReviewState.APPROVED)
    assert replay(CALLS["get_template"], "printed") == record
    assert replay(ACCOUNT.get_templates(["123", "124"]), "printed") == (record,)


def test_states_and_kinds() -> None:
    """0 is approved, 1 pending, 2 rejected, anything else unknown; a row without an id is a row still."""
    one, two, three, four, five = replay(ACCOUNT.list_templates(), "all-states").items
    assert [row.state for row in (one, two, three, four, five)] == [
        ReviewState.APPROVED, ReviewState.PENDING, ReviewState.REJECTED, ReviewState.UNKNOWN, ReviewState.UNKNOWN,
    ]  # fmt: skip
    assert [row.kind for row in (one, two, three, four)] == [
        TemplateKind.NOTIFICATION, TemplateKind.MARKETING, TemplateKind.VOICE, TemplateKind.UNKNOWN,
    ]  # fmt: skip
    assert [row.international for row in (one, two, three, four)] == [False, True, None, None]
    assert (one.name, one.created_at) == ("login", datetime(2019, 7, 11, 8, 3, 4, tzinfo=CHINA))
    assert (two.id, three.review, three.created_at) == ("2", "模板内容不符合规范", None)
    assert (five.id, five.send_id, five.text) == ("", None, "no id")


def test_no_templates() -> None:
    """An application without templates has an empty page."""
    assert replay(ACCOUNT.list_templates(), "empty-without-data") == Page((), 0)


def test_a_list_that_is_one_object() -> None:
    """A list of one that comes as the object alone, and an object that comes as a list of one, are understood."""
    row = {"id": 123, "text": "x", "status": 0, "type": 0}
    assert parse(CALLS["get_template"], {"result": 0, "data": row}).id == "123"
    assert parse(CALLS["add_template"], {"result": 0, "data": [row]}).state is ReviewState.APPROVED


@pytest.mark.parametrize("data", [None, {}, [], "x", {"id": None}, {"id": []}, [7]], ids=repr)
@pytest.mark.parametrize("operation", ["add_template", "add_sign"])
def test_an_addition_without_an_id_is_open(operation: str, data: object) -> None:
    """Tencent says that it was added and not as what: that may have been done."""
    with pytest.raises(VendorError, match="does not have") as caught:
        parse(CALLS[operation], {"result": 0, "data": data})
    assert (caught.value.outcome, caught.value.reason) == (Outcome.UNKNOWN, Reason.NO_ANSWER)


@pytest.mark.parametrize("call", [ACCOUNT.list_templates(), ACCOUNT.get_template("1"), ACCOUNT.get_signature("1")])
@pytest.mark.parametrize("body", [{"count": 3}, {"data": "x"}, {"data": 5}], ids=repr)
def test_a_list_that_cannot_be_read(call: Call[object], body: dict[str, object]) -> None:
    """A response whose list is missing or no list is an error, not an empty list."""
    with pytest.raises(VendorError, match="no list") as caught:
        parse(call, {"result": 0, **body})
    assert caught.value.outcome is Outcome.UNKNOWN


def test_signatures() -> None:
    """add_sign, mod_sign and get_sign give neutral records, a rejected one with the reviewer's words."""
    for case in ("printed", "later-edition"):
        added = replay(ACCOUNT.add_signature(text="xxxxx", international=True), case)
        assert (added.provider, added.id, added.text) == ("tencent-v5", "123", "xxxxx")
        assert (added.state, added.international) == (ReviewState.PENDING, True)
    modified = replay(CALLS["mod_sign"], "printed")
    assert (modified.id, modified.text, modified.state) == ("123", "xxxxx", ReviewState.PENDING)
    assert parse(CALLS["mod_sign"], {"result": 0}).text == "Acme"
    found = replay(CALLS["get_sign"], "printed")
    assert (found.id, found.state, found.review) == ("123", ReviewState.APPROVED, "xxxxx")
    rejected = replay(CALLS["get_sign"], "rejected")
    assert (rejected.state, rejected.review) == (ReviewState.REJECTED, "no such brand")
    assert (rejected.international, rejected.created_at) == (False, datetime(2019, 7, 11, 8, 3, 4, tzinfo=CHINA))
    assert replay(ACCOUNT.get_signatures(["123"]), "rejected") == (rejected,)


def test_deletions() -> None:
    """del_template and del_sign response with a result only."""
    for operation in ("del_template", "del_sign"):
        assert replay(CALLS[operation], "printed") is None


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (ACCOUNT.get_template("7"), Reason.TEMPLATE_REJECTED),
        (ACCOUNT.get_signature("7"), Reason.SIGNATURE_REJECTED),
    ],
)
def test_what_the_vendor_does_not_have(call: Call[TemplateRecord], reason: Reason) -> None:
    """A response without the id that was asked for says that there is none."""
    for data in ([], [{"id": 8}], [{"text": "7"}]):
        with pytest.raises(VendorError, match="has none with the id 7") as caught:
            parse(call, {"result": 0, "data": data})
        assert (caught.value.outcome, caught.value.reason) == (Outcome.REJECTED, reason)


def test_send_statistics() -> None:
    """Counts by either spelling of the message key, beyond a million, and 0 where they are left out."""
    call = ACCOUNT.send_statistics(begin=BEGIN, end=END)
    found = [replay(call, case) for case in ("printed", "seen-with-msg", "zeros-dropped")]
    assert [(each.requested, each.accepted, each.billed) for each in found] == [
        (101, 100, 120),
        (30, 9, 7),
        (2000001, 0, 0),
    ]


def test_delivery_statistics() -> None:
    """Every failure counter has a name; one that Tencent adds keeps Tencent's; what is no count is not counted."""
    call = ACCOUNT.delivery_statistics(begin=BEGIN, end=END)
    printed = replay(call, "printed")
    assert (printed.accepted, printed.reports, printed.delivered, printed.failed) == (100, 90, 80, 10)
    named = ("carrier", "invalid_number", "unreachable", "blocklisted", "rate_limited")
    assert printed.causes == dict.fromkeys(named, 2)
    further = replay(call, "further-causes")
    assert further.causes == dict.fromkeys(named, 0) | {"carrier": 1, "blocklisted": 3, "status_fail_5": 4}


@pytest.mark.parametrize("data", [None, [], 5, {"success": "x"}, {"success": -1}, {"success": 1.5}], ids=repr)
@pytest.mark.parametrize("operation", ["pullsendstatus", "pullcallbackstatus"])
def test_counts_that_cannot_be_read(operation: str, data: object) -> None:
    """A counter that is no count is an error, not a number."""
    with pytest.raises(VendorError) as caught:
        parse(CALLS[operation], {"result": 0, "data": data})
    assert caught.value.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize(
    ("body", "code", "outcome", "reason"),
    [
        ({"result": 1001, "errmsg": "sig check failed"}, "1001", Outcome.REJECTED, Reason.AUTH_FAILED),
        ({"result": "1001", "msg": "sig check failed"}, "1001", Outcome.REJECTED, Reason.AUTH_FAILED),
        ({"result": 1004, "errmsg": "package format error"}, "1004", Outcome.REJECTED, Reason.INVALID_REQUEST),
        ({"result": 60008, "errmsg": "service timeout"}, "60008", Outcome.UNKNOWN, Reason.PLATFORM_FAULT),
        (
            {"ActionStatus": "FAIL", "ErrorCode": 60012, "ErrorInfo": "sdkappid not found"},
            "60012",
            Outcome.REJECTED,
            Reason.INVALID_REQUEST,
        ),
        ({"result": 4711, "msg": "brand new"}, "4711", Outcome.UNKNOWN, Reason.UNKNOWN),
    ],
    ids=lambda value: str(value)[:40],
)
def test_refusals(operation: str, body: dict[str, object], code: str, outcome: Outcome, reason: Reason) -> None:
    """Both envelopes and both message keys: one error with code, reason, outcome and the vendor's own text."""
    with pytest.raises(VendorError) as caught:
        parse(CALLS[operation], body)
    assert (caught.value.code, caught.value.outcome, caught.value.reason) == (code, outcome, reason)
    assert str(caught.value).startswith(f"{operation}: {code}: ")
    assert str(body.get("errmsg") or body.get("msg") or body.get("ErrorInfo")) in str(caught.value)


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b"", Outcome.UNKNOWN),
        (200, b"<html>", Outcome.UNKNOWN),
        (200, b"[]", Outcome.UNKNOWN),
        (200, b"{}", Outcome.UNKNOWN),
        (200, b'{"result":0,"ActionStatus":"FAIL","ErrorCode":60008}', Outcome.UNKNOWN),
        (502, b"bad gateway", Outcome.UNKNOWN),
        (404, b"", Outcome.REJECTED),
        (403, b"no", Outcome.REJECTED),
    ],
)
def test_responses_without_an_envelope(operation: str, status: int, body: bytes, outcome: Outcome) -> None:
    """What is not Tencent's response is judged by its HTTP status."""
    with pytest.raises(VendorError, match=rf"{operation}: HTTP {status}") as caught:
        CALLS[operation].parse(HttpResponse(status, {}, body))
    assert caught.value.outcome is outcome


def test_words_of_a_refusal_are_made_safe() -> None:
    """The vendor's own text show no key, no number and no control character."""
    with pytest.raises(VendorError) as caught:
        parse(CALLS["add_sign"], {"result": 1004, "errmsg": f"bad {KEY}\r\n\x1b[1m for 13788888888"})
    text = str(caught.value)
    assert KEY not in text
    assert "13788888888" not in text
    assert text.isprintable()


def test_is_what_the_neutral_face_asks_for() -> None:
    """It serves every neutral protocol but the list of signatures, which v5 does not have."""
    for protocol in (TemplateAdmin, SignatureAdmin, ReportSource, Statistics):
        assert isinstance(ACCOUNT, protocol)
    assert not isinstance(ACCOUNT, SignatureList)
    admin: TemplateAdmin = ACCOUNT
    signatures: SignatureAdmin = ACCOUNT
    source: ReportSource = ACCOUNT
    counts: Statistics = ACCOUNT
    assert {each.name for each in (admin, signatures, source, counts)} == {"tencent-v5"}


def test_management_of_a_sender() -> None:
    """`TencentV5.management()` has the sender's credentials, name and address."""
    sender = TencentV5("1400006666", KEY, sign="Acme", name="mine", base_url="http://127.0.0.1:8025")
    account = sender.management()
    assert (account.name, repr(account)) == ("mine", "TencentV5Management(name='mine')")
    moment = RequestContext(1457336869, "7226249334")
    own = TencentV5Management("1400006666", KEY, name="mine", base_url="http://127.0.0.1:8025")
    assert account.pull_reports().build(moment) == own.pull_reports().build(moment)


@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("sdk_app_id", lambda: TencentV5Management(KEY, KEY)),
        ("app_key", lambda: TencentV5Management("1400006666", KEY + "\n")),
        ("name", lambda: TencentV5Management("1400006666", KEY, name="")),
        ("base_url", lambda: TencentV5Management("1400006666", KEY, base_url="https://me:secret@host")),
    ],
)
def test_constructor_names_the_bad_field_and_hides_keys(field: str, make: Callable[[], object]) -> None:
    """What cannot be right is one error that names the field; no key shows in it or in the frames that raised it."""
    with pytest.raises(ConfigurationError) as caught:
        make()
    assert str(caught.value).startswith(field)
    frame = caught.tb.tb_next
    frame = frame.tb_next if frame else None  # the lambda is the caller's
    shown = str(caught.value)
    while frame is not None:
        shown += repr(frame.tb_frame.f_locals)
        frame = frame.tb_next
    assert KEY not in shown
    assert "me:secret" not in shown
