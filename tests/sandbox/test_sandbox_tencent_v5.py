"""The simulated v5 API: what it accepts, what it refuses and with which code."""

import json
from typing import Any

import attrs
import pytest
from sandbox_callers import NOW, TencentCaller, read

from smsgate.sandbox import Drop, Sandbox, SandboxConfig, Scenario
from smsgate.wire import HttpRequest


def test_right_request_is_accepted_and_kept() -> None:
    """An accepted message has an id, a charge, and everything that the inbox shows."""
    tencent = TencentCaller()
    answer = tencent.sendsms(ext="order-7")
    (message,) = tencent.sandbox.messages
    assert answer == {"result": 0, "errmsg": "OK", "ext": "order-7", "sid": message.message_id, "fee": 1}
    assert message.as_json() == {
        "vendor": "tencent",
        "api": "sendsms",
        "to": "+8613788888888",
        "template_id": "19",
        "params": ["4821", "5"],
        "text": "【Acme】Your code is 4821, valid for 5 minutes.",
        "message_id": message.message_id,
        "time": "2025-11-24T16:00:00.000000Z",
        "signature": "Acme",
        "sender": None,
        "reference": "order-7",
        "extend": "",
        "segments": 1,
    }


def test_message_does_not_show_itself() -> None:
    """The repr of an accepted message has no number, parameter, text or reference."""
    tencent = TencentCaller()
    tencent.sendsms(ext="order-7")
    shown = repr(tencent.sandbox.messages)
    assert not any(secret in shown for secret in ("8888", "4821", "order-7"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sig": ""}, 1003),
        ({"sig": None}, 1003),
        ({"sig": "0" * 64}, 1001),
        ({"sig": "ü"}, 1001),
        ({"time": "1764000000"}, 1004),
        ({"time": True}, 1004),
        ({"time": 10**400}, 1004),
        ({"time": int(NOW) - 601}, 1021),
        ({"time": int(NOW) + 601}, 1021),
        ({"time": int(NOW) - 600}, 0),
        ({"sign": ""}, 0),
        ({"sign": "腾讯云"}, 0),
        ({"sign": "Nobody"}, 1012),
        ({"sign": 7}, 1004),
        ({"tpl_id": "19"}, 1004),
        ({"tpl_id": True}, 1004),
        ({"tpl_id": 20}, 1014),
        ({"params": None}, 1004),
        ({"params": ["4821", 5]}, 1004),
        ({"params": ["4821"]}, 1014),
        ({"params": ["4821", "5", "6"]}, 1014),
        ({"params": ["4821", "a value of more than 12"]}, 0),
        ({"params": ["http://a.b", "5"]}, 1048),
        ({"ext": 7}, 0),
    ],
)
def test_single_send_is_checked(change: dict[str, Any], code: int) -> None:
    """Each thing that is wrong has the code that the guide gives it, and nothing is kept."""
    tencent = TencentCaller()
    assert tencent.sendsms(**change)["result"] == code
    assert len(tencent.sandbox.messages) == (code == 0)


@pytest.mark.parametrize(
    ("mobile", "nationcode", "code"),
    [
        ("13788888888", 86, 0),
        ("13788888888", "+86", 0),
        ("4155552671", "1", 0),
        ("12345678901", "86", 1016),
        ("1378888888", "86", 1016),
        ("137888888889", "86", 1016),
        ("１3788888888", "86", 1016),
        ("+13788888888", "86", 1016),
        ("155", "1", 1016),
        ("13788888888", None, 1004),
        ("13788888888", True, 1004),
    ],
)
def test_number_is_checked(mobile: str, nationcode: Any, code: int) -> None:
    """A mainland number has eleven digits, any other fits E.164; SDKs may send the country code as a number."""
    template = 1110 if nationcode == "1" else 19
    assert TencentCaller().sendsms(mobile, nationcode, tpl_id=template)["result"] == code


def test_individuals_have_short_parameters() -> None:
    """A parameter of more than 12 characters is 1036 for an individual; companies have no such limit."""
    tencent = TencentCaller()
    tencent.sandbox.change_account("tencent", kind="individual")
    codes = [tencent.sendsms(params=["4821", param])["result"] for param in ("123456789012", "1234567890123")]
    assert codes == [0, 1036]


def test_template_is_for_its_own_region() -> None:
    """A template of the mainland to another country is 1014, and the other way round; in lenient mode all goes."""
    tencent = TencentCaller()
    assert tencent.sendsms("4155552671", "1", tpl_id=19)["result"] == 1014
    assert tencent.sendisms("+14155552671", tpl_id=19)["result"] == 1014
    assert tencent.sendsms(tpl_id=1110)["result"] == 1014
    assert tencent.sendmultisms2([("86", "13788888888")], tpl_id=1110)["result"] == 1014
    text = "Your code is 4821, valid for 5 minutes."
    assert tencent.sendsms("4155552671", "1", msg=text)["result"] == 0
    assert tencent.sandbox.messages[-1].template_id == "1110"
    assert TencentCaller(Sandbox(lenient=True)).sendsms("4155552671", "1", tpl_id=19)["result"] == 0


def test_text_abroad_needs_no_signature() -> None:
    """Without one, the text to another country has none and is charged without it."""
    tencent = TencentCaller()
    tencent.sendsms("4155552671", "1", tpl_id=1110, sign="")
    tencent.sendsms("4155552671", "1", tpl_id=1110)
    assert [message.text for message in tencent.sandbox.messages] == [
        "Your code is 4821, valid for 5 minutes.",
        "【Acme】Your code is 4821, valid for 5 minutes.",
    ]


def test_wrong_key_is_refused() -> None:
    """A caller with another key is refused with 1001."""
    assert TencentCaller(key="wrong").sendsms()["result"] == 1001


def test_unknown_app_is_refused() -> None:
    """A caller with another sdkappid is refused with 1019."""
    assert TencentCaller(app_id="1400000000").sendsms()["result"] == 1019


@pytest.mark.parametrize(
    ("method", "operation", "query", "body", "expected"),
    [
        ("POST", "sendsms", "random=1", b"{}", ("ErrorCode", 60012)),
        ("POST", "sendsms", "sdkappid=abc&random=1", b"{}", ("ErrorCode", 60006)),
        ("GET", "sendsms", "sdkappid=1400006666&random=1", b"", ("ErrorCode", 60008)),
        ("POST", "sendsms", "sdkappid=1400006666", b"{}", ("result", 1004)),
        ("POST", "sendvoice", "sdkappid=1400006666&random=1", b"{}", ("result", 1011)),
        ("POST", "sendsms", "sdkappid=1400006666&random=1", b"{", ("result", 1004)),
        ("POST", "sendsms", "sdkappid=1400006666&random=1", b"[]", ("result", 1004)),
        ("POST", "sendsms", "sdkappid=1400006666&random=1", b'{"tel":"\\ud800"}', ("result", 1004)),
        ("POST", "sendsms", "sdkappid=1400006666&random=1", b"[" * 100_000, ("result", 1004)),
        ("POST", "sendsms", "sdkappid=1400006666&random=1", b"{}", ("result", 1004)),
        ("POST", "sendisms", "sdkappid=1400006666&random=1", b"{}", ("result", 1004)),
        ("POST", "sendmultisms2", "sdkappid=1400006666&random=1", b'{"tel":[]}', ("result", 1004)),
        ("POST", "sendmultisms2", "sdkappid=1400006666&random=1", b'{"tel":["1"]}', ("result", 1004)),
    ],
)
def test_malformed_call_is_refused(method: str, operation: str, query: str, body: bytes, expected: Any) -> None:
    """What the access layer or the parser cannot read has their code, in their envelope, with HTTP 200."""
    request = HttpRequest(method, f"http://vendor/v5/tlssmssvr/{operation}?{query}", body=body)
    answer = Sandbox().handle(request, now=NOW)
    assert answer.response is not None
    assert answer.response.status == 200
    key, code = expected
    assert read(answer)[key] == code


def test_content_type_is_not_looked_at() -> None:
    """SDKs in use misspell the header or its value; the vendor takes them."""
    tencent = TencentCaller()
    request = tencent.request(
        "sendsms",
        {"tel": {"mobile": "13788888888", "nationcode": "86"}, "tpl_id": 19, "params": ["1", "2"], "sign": ""},
        "&mobile=13788888888",
    )
    for headers in ({"Conetent-Type": "application/json"}, {"Content-Type": "ap0plication/json"}, {}):
        assert read(tencent.sandbox.handle(attrs.evolve(request, headers=headers), now=NOW))["result"] == 0


def test_utf8_and_escaped_json_are_the_same() -> None:
    """The body may be raw UTF-8 or escaped to ASCII."""
    tencent = TencentCaller()
    fields = {
        "tel": {"mobile": "13788888888", "nationcode": "86"},
        "tpl_id": 19,
        "params": ["a", "五"],
        "sign": "腾讯云",
    }
    escaped = tencent.request("sendsms", fields, "&mobile=13788888888")
    raw = attrs.evolve(escaped, body=json.dumps(json.loads(escaped.body), ensure_ascii=False).encode())
    for request in (escaped, raw):
        assert read(tencent.sandbox.handle(request, now=NOW))["result"] == 0
    assert {message.params for message in tencent.sandbox.messages} == {("a", "五")}


def test_international_send_signs_tel() -> None:
    """sendisms takes a number in E.164, signed as `tel` with its plus sign, and gives the country code back."""
    tencent = TencentCaller()
    answer = tencent.sendisms("+14155552671", tpl_id=1110)
    assert (answer["result"], answer["nationcode"]) == (0, "1")
    assert tencent.sendisms("+8613788888888")["nationcode"] == "86"
    assert [message.to for message in tencent.sandbox.messages] == ["+14155552671", "+8613788888888"]


@pytest.mark.parametrize("tel", ["14155552671", "+0123456789", "+1 415 555 2671", "+86137", "+8612345678901"])
def test_international_number_is_checked(tel: str) -> None:
    """A number that is not E.164, or not one of mainland China for +86, is refused with 1016."""
    assert TencentCaller().sendisms(tel)["result"] == 1016


def test_bulk_send_answers_per_number() -> None:
    """Top result 0 comes with a row for each number, in order; a bad number fails alone and repeats are sent."""
    tencent = TencentCaller()
    answer = tencent.sendmultisms2([("86", "13788888889"), ("86", "123"), ("86", "13788888889")])
    assert answer["result"] == 0
    assert [row["result"] for row in answer["detail"]] == [0, 1016, 0]
    assert answer["detail"][1] == {
        "result": 1016,
        "errmsg": "mobile format error",
        "mobile": "123",
        "nationcode": "86",
    }
    assert [message.message_id for message in tencent.sandbox.messages] == [
        row["sid"] for row in answer["detail"] if row["result"] == 0
    ]


def test_bulk_send_has_limits() -> None:
    """More than 200 numbers is 1046, mixed regions 1034, without detail; all abroad is as good as all at home."""
    tencent = TencentCaller()
    many = [("86", f"137{number:08}") for number in range(201)]
    for tels, code in ((many, 1046), ([many[0], ("1", "4155552671")], 1034)):
        answer = tencent.sendmultisms2(tels)
        assert (answer["result"], "detail" in answer) == (code, False)
    assert tencent.sendmultisms2(many[:200])["result"] == 0
    abroad = tencent.sendmultisms2([("1", "4155552671"), ("65", "81234567")], tpl_id=1110)
    assert [row["result"] for row in abroad["detail"]] == [0, 0]
    assert len(tencent.sandbox.messages) == 202


@pytest.mark.parametrize(
    ("msg", "kind", "code"),
    [
        ("【Acme】Your code is 4821, valid for 5 minutes.", 0, 0),
        ("[Acme]Your code is 4821, valid for 5 minutes.", 0, 0),
        ("Your code is 4821, valid for 5 minutes.", 0, 0),
        ("【Nobody】Your code is 4821, valid for 5 minutes.", 0, 1012),
        ("【Acme】Buy now!", 0, 1014),
        ("【Acme】Your code is 4821, valid for 5 minutes.", 1, 1014),
        ("【Acme】Your code is 4821, valid for 5 minutes.", 2, 1004),
        ("【Acme】Your code is 4821, valid for 5 minutes.", True, 1004),
        ("", 0, 1004),
        (None, 0, 1004),
        ("【Acme】Your code is " + "4" * 440 + ", valid for 5 minutes.", 0, 1017),
    ],
)
def test_free_text_must_fit_a_template(msg: Any, kind: Any, code: int) -> None:
    """The second form of a send, `type` and `msg`, goes through if the text fits a template of that type."""
    tencent = TencentCaller()
    assert tencent.sendsms(msg=msg, type=kind)["result"] == code
    if code == 0:
        assert [(message.template_id, message.params) for message in tencent.sandbox.messages] == [
            ("19", ("4821", "5"))
        ]


def test_verification_template_takes_digits_only() -> None:
    """A verification template refuses a parameter that is not 0 to 6 digits with 1038."""
    rows = [{"id": 30, "text": "{1} is your code.", "kind": "verification"}]
    tencent = TencentCaller(Sandbox(SandboxConfig.parse({"tencent": {"templates": rows}})))
    codes = [tencent.sendsms(tpl_id=30, params=[param])["result"] for param in ("123456", "", "1234567", "12a4")]
    assert codes == [0, 0, 1038, 1038]


def test_lenient_takes_any_content_but_no_wrong_key() -> None:
    """Lenient mode accepts any template, parameters and signature; keys and numbers are still checked."""
    tencent = TencentCaller(Sandbox(lenient=True))
    assert tencent.sendsms(tpl_id=404, params=["x" * 30], sign="Nobody")["result"] == 0
    assert tencent.sendsms(params=["only one"])["result"] == 0
    assert tencent.sendsms(msg="anything", type=0)["result"] == 0
    assert [message.text for message in tencent.sandbox.messages] == [
        f"【Nobody】[template 404] {'x' * 30}",
        "【Acme】Your code is only one, valid for {2} minutes.",
        "【Acme】anything",
    ]
    assert tencent.sendsms("123")["result"] == 1016
    assert TencentCaller(tencent.sandbox, key="wrong").sendsms()["result"] == 1001


def test_long_text_is_charged_in_segments() -> None:
    """A text above 70 characters is charged per 67."""
    tencent = TencentCaller(Sandbox(lenient=True))
    assert [tencent.sendsms(msg="a" * length, type=0)["fee"] for length in (64, 65, 128, 129)] == [1, 2, 2, 3]


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        (Scenario.DELIVERED, 0),
        (Scenario.PHONE_OFF, 0),
        (Scenario.NO_SUCH_NUMBER, 0),
        (Scenario.BLOCKLISTED, 1015),
        (Scenario.CONTENT_REFUSED, 1002),
        (Scenario.NUMBER_LIMIT, 1025),
        (Scenario.OUT_OF_BALANCE, 1031),
    ],
)
def test_magic_number_has_its_code(scenario: Scenario, code: int) -> None:
    """A refusal of one number comes as the result of a single send and as one row of a bulk send."""
    tencent = TencentCaller()
    mobile = scenario.number.removeprefix("+86")
    assert tencent.sendsms(mobile)["result"] == code
    bulk = tencent.sendmultisms2([("86", mobile), ("86", "13788888888")])
    assert [row["result"] for row in bulk["detail"]] == [code, 0]


def test_busy_vendor_refuses_the_whole_request() -> None:
    """Busy is the access layer's 60007, and nothing of the request is kept."""
    tencent = TencentCaller()
    mobile = Scenario.BUSY.number.removeprefix("+86")
    assert tencent.sendsms(mobile)["ErrorCode"] == 60007
    assert tencent.sendmultisms2([("86", "13788888888"), ("86", mobile)])["ErrorCode"] == 60007
    assert not tencent.sandbox.messages


@pytest.mark.parametrize(
    ("scenario", "drop", "status", "delay", "kept"),
    [
        (Scenario.SLOW, None, 200, 5.0, 1),
        (Scenario.DROP_BEFORE, Drop.BEFORE, None, 0.0, 0),
        (Scenario.DROP_AFTER, Drop.AFTER, None, 0.0, 1),
        (Scenario.SERVER_ERROR, None, 500, 0.0, 0),
        (Scenario.UNREADABLE, None, 200, 0.0, 1),
    ],
)
def test_magic_number_troubles_the_wire(
    scenario: Scenario, drop: Drop | None, status: int | None, delay: float, kept: int
) -> None:
    """What happens on the wire, and whether the message was processed all the same."""
    tencent = TencentCaller()
    answer = tencent.single(scenario.number.removeprefix("+86"))
    assert (answer.drop, answer.delay) == (drop, delay)
    assert (answer.response.status if answer.response else None) == status
    assert len(tencent.sandbox.messages) == kept
    if scenario in (Scenario.SERVER_ERROR, Scenario.UNREADABLE):
        with pytest.raises(ValueError, match=r"."):
            read(answer)


def test_other_numbers_of_the_magic_range_are_ordinary() -> None:
    """Only the numbers in the table are magic."""
    tencent = TencentCaller()
    magic = {scenario.number for scenario in Scenario}
    for suffix in range(len(Scenario), 1000, 97):
        assert f"+8613900000{suffix:03}" not in magic
        assert tencent.sendsms(f"13900000{suffix:03}")["result"] == 0
