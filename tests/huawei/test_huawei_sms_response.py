"""What `HuaweiSms` makes of a response."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smsgate.huawei import HuaweiSms
from smsgate.huawei.send_codes import SEND_CODES
from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Outcome, Reason, outcome_of
from smsgate.provider import Batch, Job, Verdict
from smsgate.wire import HttpResponse

SAMPLES = Path(__file__).parent / "samples" / "responses"
PROVIDER = HuaweiSms("canary-app-key", "secret", sender="isms100000001", base_url="https://h")
A, B, C = "+8615512345678", "+8615512345679", "+8615512345680"


def batch(*numbers: str, params: tuple[str, ...] = ("4821",)) -> Batch:
    return Batch(tuple(Job(Message(to, "login"), PhoneNumber(to), "t", params) for to in numbers), "ref")


def read(body: object, *numbers: str, status: int = 200, headers: dict[str, str] | None = None) -> list[Verdict]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    verdicts = list(PROVIDER.parse_response(batch(*numbers), HttpResponse(status, headers or {}, raw)))
    assert len(verdicts) == len(numbers)
    return verdicts


def sample(case: str, *numbers: str) -> list[Verdict]:
    [file] = (SAMPLES / case).iterdir()
    return read(file.read_bytes(), *numbers, status=int(file.stem))


def row(number: object, status: object = "000000", **more: object) -> dict[str, object]:
    return {"originTo": number, "from": "1069", "smsMsgId": f"id-{number}", "status": status} | more


def response(*rows: object, code: str = "000000") -> dict[str, object]:
    return {"code": code, "description": "words", "result": list(rows)}


def test_printed_response_to_a_form() -> None:
    """The guide's response to one message: accepted, `smsMsgId` the message id."""
    id, moment = "d6e3cdd0-522b-4692-8304-a07553cdf591_8539659", datetime(2018, 5, 25, 16, 34, 34, tzinfo=UTC)
    assert sample("form-accepted", A) == [Verdict.accepted(id, sender="1069031221280012", accepted_at=moment)]


def test_printed_response_to_a_document() -> None:
    """The guide's response to three messages, asked in another order: each gets the id of its number."""
    ids = [verdict.message_id for verdict in sample("diff-accepted", C, A, B)]
    assert ids == [f"5963c5be-f189-4c0c-ab2e-7cab0c42c798_{number}" for number in (54, 52, 53)]


def test_refused_number_without_country_code() -> None:
    """An HTTP 400 with E000510 is read per number, and the number is found without its +86."""
    [verdict] = sample("one-refused-without-country-code", "+8615273060073")
    assert (verdict.outcome, verdict.reason, verdict.code) == (
        Outcome.REJECTED,
        Reason.TEMPLATE_REJECTED,
        "E200028",
    )
    assert verdict.description == SEND_CODES["E200028"].text


def test_system_error_leaves_it_open() -> None:
    """E000000 does not say whether anything was sent."""
    [verdict] = sample("system-error", A)
    assert (verdict.outcome, verdict.reason, verdict.code) == (Outcome.UNKNOWN, Reason.PLATFORM_FAULT, "E000000")


def test_gateway_refuses_the_key() -> None:
    """The API gateway's own envelope is read: code, words and the id for the support desk."""
    [verdict] = sample("gateway-access-key", A)
    assert (verdict.outcome, verdict.reason, verdict.code, verdict.request_id) == (
        Outcome.REJECTED,
        Reason.AUTH_FAILED,
        "APIGW.0301",
        "8080d377bffeb6d519b0567c09cebe6b",
    )
    assert "ak LTAI not exist" in str(verdict.description)


def test_gateway_finds_the_clock_wrong() -> None:
    """An expired signature is a matter of the clock, although the code is the one for wrong credentials."""
    [verdict] = sample("gateway-signature-expired", A)
    assert (verdict.outcome, verdict.reason, verdict.code) == (Outcome.REJECTED, Reason.CLOCK_SKEW, "APIG.0303")


def test_unlisted_gateway_code_goes_by_the_http_status() -> None:
    """A gateway's code that no list has is decided by the HTTP status, as a response without a body is."""
    [verdict] = sample("gateway-unlisted-code", A)
    assert (verdict.outcome, verdict.reason, verdict.code) == (Outcome.REJECTED, Reason.INVALID_REQUEST, "AS.0001")
    assert "The format of message is error" in str(verdict.description)


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (400, Outcome.REJECTED, Reason.INVALID_REQUEST),
        (413, Outcome.REJECTED, Reason.INVALID_REQUEST),
        (502, Outcome.UNKNOWN, Reason.NO_ANSWER),
        (504, Outcome.UNKNOWN, Reason.NO_ANSWER),
    ],
)
def test_gateway_code_of_many_meanings(status: int, outcome: Outcome, reason: Reason) -> None:
    """APIGW.0201 stands for a bad request and for a backend that timed out: only the HTTP status tells."""
    [verdict] = read({"error_code": "APIGW.0201", "error_msg": "API request error."}, A, status=status)
    assert (verdict.outcome, verdict.reason, verdict.code) == (outcome, reason, "APIGW.0201")


def test_identity_service_error() -> None:
    """The identity service's `error` object is read too; its code, a number there, is kept."""
    [verdict] = read(
        {"error": {"code": 401, "message": "The token is invalid", "title": "Unauthorized"}}, A, status=401
    )
    assert (verdict.outcome, verdict.reason, verdict.code) == (Outcome.REJECTED, Reason.AUTH_FAILED, "401")
    assert "The token is invalid" in str(verdict.description)


@pytest.mark.parametrize("code", sorted(set(SEND_CODES) - {"000000"}))
@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_every_code_decides_for_all_numbers(code: str, status: int) -> None:
    """A code without rows speaks for every number, at any HTTP status; one about a single number says not which."""
    key = "error_code" if code.startswith("API") else "code"
    about_one = code == "E000632"
    for verdict in read({key: code, "description": "words"}, A, B, status=status):
        assert verdict.code == code
        assert verdict.reason is (Reason.INVALID_REQUEST if about_one else SEND_CODES[code].reason)
        assert verdict.outcome is outcome_of(verdict.reason)
    [alone] = read({key: code}, A, status=status)
    assert alone.reason is SEND_CODES[code].reason


def test_unlisted_code_is_unknown() -> None:
    """A code that no list has is kept and leaves the outcome open, for the request and for one number."""
    for verdict in (*read({"code": "E777777"}, A, status=400), *read(response(row(A, "E777778")), A)):
        assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN)
        assert verdict.code in ("E777777", "E777778")


def test_each_number_has_its_own_status() -> None:
    """A success for the request accepts nobody: a refused row is refused, a number without a row is UNKNOWN."""
    accepted, refused, missing = read(response(row(B, "E200015"), row(A, total=3, countryId="CN")), A, B, C)
    assert accepted == Verdict.accepted(f"id-{A}", segments=3, sender="1069", country="CN")
    assert (refused.outcome, refused.reason) == (Outcome.REJECTED, Reason.TRY_LATER)
    assert (missing.outcome, missing.reason, missing.code) == (Outcome.UNKNOWN, Reason.NO_ANSWER, None)


def test_success_without_rows_leaves_it_open() -> None:
    """Accepted, but without an id for any number: nothing can be said of them."""
    for body in ({"code": "000000"}, response(), {"code": "000000", "result": {"a": 1}}, response(1, None, "x")):
        assert [verdict.reason for verdict in read(body, A, B)] == [Reason.NO_ANSWER] * 2


def test_partial_failure_without_rows() -> None:
    """E000510 without rows still says that no number was accepted."""
    [verdict] = read({"code": "E000510", "description": "x"}, A, status=400)
    assert (verdict.outcome, verdict.reason) == (Outcome.REJECTED, Reason.REFUSED)


def test_number_that_is_there_twice() -> None:
    """Two messages to one number take its rows in their order: the removed copy is a duplicate."""
    first, second, third = read(response(row(A), row(A[3:], "E200041")), A, A, A)
    assert first.outcome is Outcome.ACCEPTED
    assert (second.outcome, second.reason, second.code) == (Outcome.REJECTED, Reason.DUPLICATE, "E200041")
    assert third.reason is Reason.NO_ANSWER


@pytest.mark.parametrize("written", [A, A[1:], A[3:], f" {A} ", int(A[1:]), "00" + A[1:]], ids=repr)
def test_ways_to_write_a_number(written: object) -> None:
    """A row's number is matched by its digits, with or without plus and country code."""
    [verdict] = read(response(row(written)), A)
    assert verdict.outcome is (Outcome.UNKNOWN if written == "00" + A[1:] else Outcome.ACCEPTED)


def test_foreign_number_with_the_digits_of_a_mainland_one() -> None:
    """+1 527 306 0073 and +86 152 7306 0073 share their digits but for the country code, and are told apart."""
    american, chinese = "+15273060073", "+8615273060073"
    verdicts = read(response(row("15273060073", smsMsgId="cn"), row(american, smsMsgId="us")), american, chinese)
    assert [verdict.message_id for verdict in verdicts] == ["us", "cn"]
    [alone] = read(response(row("15273060073", smsMsgId="us")), american)
    assert alone.message_id == "us"


@pytest.mark.parametrize("total", [0, 100, True, "two", None, 1.5])
def test_odd_segment_counts_are_not_believed(total: object) -> None:
    """`total` counts segments only where it is a small positive number."""
    assert read(response(row(A, total=total)), A)[0].segments is None


@pytest.mark.parametrize("message_id", [None, "", 5.5, "x" * 129, "a\nb"])
def test_accepted_without_a_usable_id(message_id: object) -> None:
    """An accepted message stays accepted when its id cannot be one."""
    [verdict] = read(response(row(A, smsMsgId=message_id)), A)
    assert (verdict.outcome, verdict.message_id) == (Outcome.ACCEPTED, None)


@pytest.mark.parametrize("status", [None, "", [], "x" * 65, "a\nb", True])
def test_row_without_a_usable_status(status: object) -> None:
    """A row that does not say what became of its number leaves that open."""
    [verdict] = read(response(row(A, status)), A)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NO_ANSWER)


def test_retry_after_is_kept() -> None:
    """The pause that a busy vendor asks for comes through, from the service and from the gateway."""
    for body in ({"code": "E200015"}, {"error_code": "APIGW.0308", "error_msg": "throttled"}):
        [verdict] = read(body, A, status=429, headers={"Retry-After": "5"})
        assert (verdict.reason, verdict.retry_after) == (Reason.TRY_LATER, 5.0)


@pytest.mark.parametrize("body", [{"code": "E200015"}, response(row(A, "E200015"))], ids=["request", "number"])
def test_flow_control_demands_ten_minutes(body: object) -> None:
    """E200015 is not worth a second try at once: the guide says to wait for about ten minutes (5.2.1)."""
    [verdict] = read(body, A)
    assert (verdict.reason, verdict.retry_after) == (Reason.TRY_LATER, 600)


def test_echoed_secrets_are_masked() -> None:
    """Where the vendor's own text repeat the application key, a parameter or a number, the description does not."""
    words = f"appkey canary-app-key, templateParas=[canary-param, 5], to {A}"
    for body in ({"code": "E000503", "description": words}, {"error_code": "APIGW.0303", "error_msg": words}):
        response = HttpResponse(400, {}, json.dumps(body).encode())
        [verdict] = PROVIDER.parse_response(batch(A, params=("canary-param", "5")), response)
        assert "canary" not in repr(verdict)
        assert A not in repr(verdict)
        assert "templateParas=[****, ****]" in str(verdict.description)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"x"', b"{", b"\xff", b'{"code": NaN}', b"[" * 10_000])
@pytest.mark.parametrize(
    ("status", "reason"), [(200, Reason.NO_ANSWER), (503, Reason.NO_ANSWER), (401, Reason.AUTH_FAILED)]
)
def test_response_without_an_envelope(body: bytes, status: int, reason: Reason) -> None:
    """A response that is no vendor's envelope is decided by its HTTP status, for every number."""
    if b"code" in body:  # the service's own, but malformed: no HTTP status makes it a refusal
        reason = Reason.NO_ANSWER
    assert [verdict.reason for verdict in read(body, A, B, status=status)] == [reason] * 2


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([A, A[3:], "000000"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["code", "description", "result", "error", "error_code", "error_msg", "message", "request_id"]
            )
            | st.sampled_from(["originTo", "status", "smsMsgId", "total"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@example(body={"error_code": "000000"}, status=200)
@given(body=st.binary(max_size=64) | _JSON, status=st.integers(100, 599))
def test_no_response_raises(body: Any, status: int) -> None:
    """Whatever comes back, there is one verdict per message, and an acceptance has no reason."""
    for verdict in read(body, A, B, A, status=status):
        assert (verdict.reason is None) == (verdict.outcome is Outcome.ACCEPTED)
