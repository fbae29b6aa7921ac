"""The simulated Huawei sending APIs: what they accept, what they refuse, with which code and HTTP status."""

import json
import re
from typing import Any

import attrs
import pytest
from sandbox_callers import FORM, FORM_TYPE, HuaweiCaller

from smsgate.sandbox import Sandbox, SandboxConfig, Scenario
from smsgate.wire import HttpRequest

ROW = {"to": ["+8613788888888"], "templateId": FORM["templateId"], "templateParas": ["4821", "5"]}
FORM_PATH, DIFF_PATH = "/sms/batchSendSms/v1", "/sms/batchSendDiffSms/v1"


def statuses(answer: dict[str, Any]) -> list[str]:
    """The status of each number."""
    return [row["status"] for row in answer["result"]]


def test_form_is_accepted_and_kept() -> None:
    """An accepted message has an id, a time and the code 000000, and everything that the inbox shows."""
    huawei = HuaweiCaller()
    status, answer = huawei.form(extend="order-7", statusCallback="http://127.0.0.1/report", signature="Acme")
    (message,) = huawei.sandbox.messages
    assert status == 200
    assert answer == {
        "result": [
            {
                "originTo": "+8613788888888",
                "createTime": "2025-11-24T16:00:00Z",
                "from": "isms100000001",
                "smsMsgId": message.message_id,
                "status": "000000",
                "total": 1,
            }
        ],
        "code": "000000",
        "description": "Success",
    }
    assert re.fullmatch(r"[0-9a-f-]{36}_1", message.message_id)
    assert (message.vendor, message.api, message.to) == ("huawei", "batchSendSms", "+8613788888888")
    assert (message.template_id, message.params) == (FORM["templateId"], ("4821", "5"))
    assert message.text == "【Acme】Your code is 4821, valid for 5 minutes."
    assert (message.sender, message.reference) == ("isms100000001", "order-7")
    assert message.status_callback == "http://127.0.0.1/report"


def test_diff_gives_each_number_its_text() -> None:
    """batchSendDiffSms sends a text per row; one answer row per number, in order."""
    huawei = HuaweiCaller()
    rows = [{**ROW, "to": [f"+861378888888{n}"], "templateParas": [f"{n}{n}", "5"]} for n in range(3)]
    status, answer = huawei.diff(*rows, extend="x")
    assert (status, answer["code"]) == (200, "000000")
    assert [row["originTo"] for row in answer["result"]] == [row["to"][0] for row in rows]
    assert [message.params for message in huawei.sandbox.messages] == [(f"{n}{n}", "5") for n in range(3)]
    assert {message.api for message in huawei.sandbox.messages} == {"batchSendDiffSms"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"key": "nobody"}, "E000102"),
        ({"secret": "wrong"}, "E000045"),
        ({"now": 1_764_000_000.0 - 901}, "E000110"),
        ({"now": 1_764_000_000.0 + 901}, "E000110"),
        ({"now": 1_764_000_000.0 + 900}, "000000"),
        ({"signed_host": "127.0.0.1"}, "000000"),
        ({"signed_host": "other:8025"}, "E000045"),
        ({"host": "sms.test"}, "000000"),
    ],
)
def test_signed_caller_is_checked(change: dict[str, Any], code: str) -> None:
    """The key must be known, the signature right for the Host with or without port, the clock within 15 minutes."""
    status, answer = HuaweiCaller(**change).form()
    assert answer["code"] == code
    assert status == (200 if code == "000000" else 401)


@pytest.mark.parametrize(
    ("headers", "code", "status"),
    [
        ({"Authorization": ""}, "E000001", 400),
        ({"Authorization": "Basic eDp5"}, "E000008", 400),
        ({"Authorization": "SDK-HMAC-SHA256 nonsense"}, "E000101", 401),
        ({"X-Sdk-Date": ""}, "E000041", 401),
        ({"X-Sdk-Date": "today"}, "E000042", 401),
        ({"X-Sdk-Date": "20259924T160000Z"}, "E000042", 401),
        ({"X-Sdk-Date": "20251124T160001Z"}, "E000045", 401),
        ({"X-Sdk-Content-Sha256": "UNSIGNED-PAYLOAD"}, "E000045", 401),
    ],
)
def test_broken_signature_header_is_refused(headers: dict[str, str], code: str, status: int) -> None:
    """A header that is missing, malformed or changed after signing is refused."""
    huawei = HuaweiCaller()
    request = huawei.form_request()
    changed = {**dict(request.headers.pairs), **{name.lower(): value for name, value in headers.items()}}
    if "authorization" in changed:
        changed.pop("Authorization")
    found = huawei.handle(attrs.evolve(request, headers=changed))
    assert (found[0], found[1]["code"]) == (status, code)


def test_changed_body_is_refused() -> None:
    """The body is signed."""
    huawei = HuaweiCaller()
    request = huawei.form_request()
    assert huawei.handle(attrs.evolve(request, body=request.body + b"&extend=x"))[1]["code"] == "E000045"


def test_content_hash_header_stands_in_for_the_body() -> None:
    """X-Sdk-Content-Sha256 replaces the body's hash: unsigned payload, or the right hash; a wrong one is refused."""
    huawei = HuaweiCaller()
    body = huawei.form_request().body
    stated = {"unsigned": "UNSIGNED-PAYLOAD", "wrong": "0" * 64}
    for name, code in (("unsigned", "000000"), ("wrong", "E000045")):
        request = huawei.signed(FORM_PATH, body, FORM_TYPE, {"X-Sdk-Content-Sha256": stated[name]})
        assert huawei.handle(request)[1]["code"] == code


def test_signature_over_fewer_headers_is_honoured() -> None:
    """Only the headers that SignedHeaders names are part of the signature, but the date must be one of them."""
    huawei = HuaweiCaller()
    request = huawei.signed(FORM_PATH, huawei.form_request().body, FORM_TYPE, {"x-extra": " padded "})
    assert huawei.handle(request)[1]["code"] == "000000"
    unsigned = attrs.evolve(request, headers=(*request.headers.pairs, ("X-Added-Later", "1")))
    assert huawei.handle(unsigned)[1]["code"] == "000000"
    for name, code in (("x-sdk-date", "E000041"), ("x-extra", "E000101")):
        lost = [pair for pair in request.headers.pairs if pair[0] != name]
        assert huawei.handle(attrs.evolve(request, headers=lost))[1]["code"] == code


@pytest.mark.parametrize("raw", [False, True])
def test_wsse_digest_is_taken_in_both_forms(raw: bool) -> None:
    """The digest is the Base64 of the hash in hex or raw: Huawei's own samples do both."""
    huawei = HuaweiCaller()
    request = huawei.wsse(FORM_PATH, huawei.form_request().body, FORM_TYPE, raw=raw)
    assert huawei.handle(request)[1]["code"] == "000000"


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ({"Username": ""}, "E000021", 400),
        ({"Nonce": ""}, "E000022", 400),
        ({"Created": ""}, "E000023", 400),
        ({"PasswordDigest": ""}, "E000024", 400),
        ({"Created": "2025-11-24 16:00:00"}, "E000025", 400),
        ({"Username": "nobody"}, "E000102", 401),
        ({"PasswordDigest": "d3Jvbmc="}, "E000105", 401),
        ({"PasswordDigest": "ü"}, "E000105", 401),
        ({"Created": "2025-11-23T15:59:59Z"}, "E000110", 401),
        ({"Created": "2025-11-23T16:00:00Z"}, "000000", 200),
    ],
)
def test_wsse_token_is_checked(change: dict[str, str], code: str, status: int) -> None:
    """Each part that is missing or wrong has its code; the clock may be 24 hours off."""
    huawei = HuaweiCaller()
    request = huawei.wsse(FORM_PATH, huawei.form_request().body, FORM_TYPE, change)
    found = huawei.handle(request)
    assert (found[0], found[1]["code"]) == (status, code)


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("Authorization", "WSSE", "E000002"),
        ("Authorization", 'WSSE realm="SDP",type="Appkey"', "E000003"),
        ("Authorization", 'WSSE realm="SDP",profile="UsernameToken"', "E000007"),
        ("Authorization", 'WSSE realm="X",profile="UsernameToken",type="Appkey"', "E000004"),
        ("Authorization", 'WSSE realm="SDP",profile="X",type="Appkey"', "E000005"),
        ("Authorization", 'WSSE realm="SDP",profile="UsernameToken",type="X"', "E000006"),
        ("Authorization", 'WSSE realm="SDP", profile="UsernameToken", type="Appkey"', "000000"),
        ("X-WSSE", "", "E000020"),
        ("X-WSSE", 'Username="x"', "E000026"),
    ],
)
def test_wsse_headers_are_checked(header: str, value: str, code: str) -> None:
    """Each attribute that is missing or wrong has its code; spaces after the commas do no harm."""
    huawei = HuaweiCaller()
    request = huawei.wsse(FORM_PATH, huawei.form_request().body, FORM_TYPE)
    changed = {**dict(request.headers.pairs), header: value}
    assert huawei.handle(attrs.evolve(request, headers=changed))[1]["code"] == code


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"sender": None}, "E000503"),
        ({"sender": "1" * 22}, "E000503"),
        ({"to": None}, "E000503"),
        ({"to": ""}, "E000503"),
        ({"to": "+8613788888888,"}, "E000503"),
        ({"to": "+8613788888888,+86137x8888888"}, "E000503"),
        ({"to": "+8613788888888,+" + "1" * 21}, "E000503"),
        ({"to": ",".join(["+8613788888888"] * 501)}, "E000503"),
        ({"templateId": None}, "E000503"),
        ({"templateId": "x" * 33}, "E000503"),
        ({"extend": ""}, "E000503"),
        ({"extend": "a b"}, "E000503"),
        ({"extend": "{a}"}, "E000503"),
        ({"extend": "é" * 65}, "E000503"),
        ({"statusCallback": "ftp://x"}, "E000503"),
        ({"statusCallback": "http://127.0.0.1/" + "x" * 1008}, "E000503"),
        ({"templateParas": "['4821','5']"}, "E000000"),
        ({"templateParas": '"4821"'}, "E000000"),
        ({"templateParas": "[4821, 5]"}, "E000000"),
        ({"templateParas": '["\\ud800","5"]'}, "E000000"),
        ({"statusCallback": "", "signature": "", "extend": "é" * 64}, "000000"),
        ({"to": "+8613788888888, 13788888889,8613788888887"}, "000000"),
    ],
)
def test_form_is_checked(fields: dict[str, str | None], code: str) -> None:
    """A malformed field refuses the whole request with HTTP 400."""
    huawei = HuaweiCaller()
    status, answer = huawei.form(**fields)
    assert (status, answer["code"]) == (200 if code == "000000" else 400, code)
    assert ("result" in answer) == (code == "000000")
    assert bool(huawei.sandbox.messages) == (code == "000000")


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "E000503"),
        (["text"], "E000503"),
        ([{**ROW, "to": "+8613788888888"}], "E000503"),
        ([{**ROW, "to": []}], "E000503"),
        ([{**ROW, "to": [13788888888]}], "E000503"),
        ([{**ROW, "templateParas": '["4821","5"]'}], "E000000"),
        ([{**ROW, "signature": 7}], "E000503"),
        ([{**ROW, "templateId": 7}], "E000503"),
        ([{**ROW, "templateParas": ["x" * 70_000, "5"]}], "E000503"),
        ([{**ROW, "to": ["+8613788888888"] * 251}] * 2, "E000503"),
        ([ROW, ROW], "000000"),
    ],
)
def test_diff_is_checked(rows: list[Any], code: str) -> None:
    """A malformed row refuses the whole request; 500 numbers in all, 64 KB of content."""
    assert HuaweiCaller().diff(*rows)[1]["code"] == code


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"from":"\\udc00"}', b"[" * 100_000])
def test_unreadable_json_is_a_system_error(body: bytes) -> None:
    """What cannot be parsed is E000000, which Huawei words as a system error."""
    huawei = HuaweiCaller()
    assert huawei.handle(huawei.signed(DIFF_PATH, body, "application/json"))[1] == {
        "code": "E000000",
        "description": "System error.",
    }


def test_form_must_be_utf8() -> None:
    """A form that is not UTF-8 is malformed."""
    huawei = HuaweiCaller()
    assert huawei.handle(huawei.signed(FORM_PATH, b"from=%FF", FORM_TYPE))[1]["code"] == "E000503"


@pytest.mark.parametrize(("path", "wanted"), [(FORM_PATH, FORM_TYPE), (DIFF_PATH, "application/json")])
def test_content_type_is_checked(path: str, wanted: str) -> None:
    """Each API wants its own content type, with or without a charset; else E000040."""
    huawei = HuaweiCaller()
    form = huawei.form_request().body
    body = form if path == FORM_PATH else json.dumps({"from": FORM["from"], "smsContent": [ROW]}).encode()
    for content_type, code in (
        (wanted, "000000"),
        (f"{wanted.title()}; charset=utf-8", "000000"),
        ("a/b", "E000040"),
    ):
        assert huawei.handle(huawei.signed(path, body, content_type))[1]["code"] == code


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"sender": "isms999999999"}, "E200018"),
        ({"templateId": "0" * 32}, "E200030"),
        ({"signature": "Nobody"}, "E200020"),
        ({"templateParas": None}, "E200028"),
        ({"templateParas": '["4821"]'}, "E200028"),
        ({"templateParas": '["4821","5","6"]'}, "E200028"),
        ({"templateParas": '["1234567","5"]'}, "E200028"),
        ({"templateParas": '["12a4","5"]'}, "E200028"),
        ({"templateParas": '["","5"]'}, "E200028"),
        ({"templateParas": '["4821","too long"]'}, "E200028"),
        ({"to": "2412000000"}, "E200032"),
        ({"to": "+8612345678901"}, "E200022"),
        ({"to": "+155"}, "E200025"),
    ],
)
def test_refusal_of_every_number_is_e000510(fields: dict[str, str | None], status: str) -> None:
    """If no number is accepted the answer is E000510 with HTTP 400, and each number has its status and an id."""
    huawei = HuaweiCaller()
    http, answer = huawei.form(**fields)
    assert (http, answer["code"], statuses(answer)) == (400, "E000510", [status])
    assert answer["result"][0]["smsMsgId"]
    assert not huawei.sandbox.messages


def test_one_accepted_number_makes_a_success() -> None:
    """000000 means that at least one number was accepted; a repeated number is removed, its first copy sent."""
    huawei = HuaweiCaller()
    status, answer = huawei.form(to="+8613788888888,13788888888,+155,+14155552671")
    assert (status, answer["code"]) == (200, "000000")
    assert statuses(answer) == ["000000", "E200041", "E200025", "000000"]
    assert [message.to for message in huawei.sandbox.messages] == ["+8613788888888", "+14155552671"]


def test_number_comes_back_as_it_was_written() -> None:
    """originTo is the number as sent; without a plus sign a mainland number is understood."""
    huawei = HuaweiCaller()
    _, answer = huawei.form(to="13788888888,8613788888889")
    assert [row["originTo"] for row in answer["result"]] == ["13788888888", "8613788888889"]
    assert [message.to for message in huawei.sandbox.messages] == ["+8613788888888", "+8613788888889"]


def test_general_template_needs_a_signature() -> None:
    """A general template belongs to no signature: a message without one is refused with E200025."""
    rows = [{"id": "general", "text": "You have ${NUM_5} parcels.", "general": True}]
    huawei = HuaweiCaller(Sandbox(SandboxConfig.parse({"huawei": {"templates": rows, "signatures": ["Contoso"]}})))
    fields = {"templateId": "general", "templateParas": '["3"]'}
    assert statuses(huawei.form(**fields)[1]) == ["E200025"]
    assert statuses(huawei.form(**fields, signature="Contoso")[1]) == ["000000"]
    assert huawei.sandbox.messages[0].text == "【Contoso】You have 3 parcels."


def test_lenient_takes_any_content_but_no_wrong_sender() -> None:
    """Lenient mode accepts any template, parameters and signature; sender, keys and numbers are still checked."""
    huawei = HuaweiCaller(Sandbox(lenient=True))
    anything = {"templateId": "x", "templateParas": '["any"]', "signature": "Nobody"}
    assert huawei.form(**anything)[1]["code"] == "000000"
    assert huawei.sandbox.messages[0].text == "【Nobody】[template x] any"
    assert statuses(huawei.form(**anything, sender="isms999999999")[1]) == ["E200018"]
    assert HuaweiCaller(huawei.sandbox, secret="wrong").form(**anything)[0] == 401


@pytest.mark.parametrize(("method", "path"), [("GET", FORM_PATH), ("POST", "/sms/batchSendSms/v2"), ("POST", "/sms/")])
def test_wrong_path_or_method_is_the_gateways_404(method: str, path: str) -> None:
    """The API gateway answers in its own envelope."""
    status, answer = HuaweiCaller().handle(HttpRequest(method, f"http://vendor{path}"))
    assert (status, answer["error_code"]) == (404, "APIGW.0101")


@pytest.mark.parametrize(
    ("scenario", "status"),
    [
        (Scenario.DELIVERED, "000000"),
        (Scenario.PHONE_OFF, "000000"),
        (Scenario.NO_SUCH_NUMBER, "000000"),
        (Scenario.BLOCKLISTED, "000000"),
        (Scenario.CONTENT_REFUSED, "000000"),
        (Scenario.NUMBER_LIMIT, "000000"),
        (Scenario.OUT_OF_BALANCE, "E000629"),
        (Scenario.BUSY, "E200015"),
    ],
)
def test_magic_number_has_its_status(scenario: Scenario, status: str) -> None:
    """Huawei gives most faults of a number in the report only, so the send accepts it."""
    huawei = HuaweiCaller()
    _, answer = huawei.form(to=f"{scenario.number},+8613788888888")
    assert statuses(answer) == [status, "000000"]


def test_magic_number_troubles_the_wire() -> None:
    """The wire scenarios work for Huawei as for Tencent, wherever the number stands."""
    huawei = HuaweiCaller()
    kept = []
    for scenario in (Scenario.SLOW, Scenario.DROP_BEFORE, Scenario.DROP_AFTER, Scenario.SERVER_ERROR):
        huawei.sandbox.clear()
        huawei.sandbox.handle(huawei.form_request(to=f"+8613788888888,{scenario.number}"), now=huawei.now)
        kept.append(len(huawei.sandbox.messages))
    assert kept == [2, 0, 2, 0]
