"""What `TencentV5` makes of a response."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Outcome, Reason
from smsgate.provider import Batch, Job, Verdict
from smsgate.tencent import TencentV5
from smsgate.tencent.v5.codes import SEND_CODES
from smsgate.wire import HttpResponse

SAMPLES = Path(__file__).parent / "samples" / "v5"
PROVIDER = TencentV5("1400006666", "app-key")
A, B, C = "13788888888", "13788888889", "13600000000"


def batch(*mobiles: str) -> Batch:
    numbers = [mobile if mobile.startswith("+") else f"+86{mobile}" for mobile in mobiles]
    return Batch(tuple(Job(Message(to, "login"), PhoneNumber(to), "19", ("4821", "5")) for to in numbers), "ref")


def read(body: object, *mobiles: str, status: int = 200, headers: dict[str, str] | None = None) -> list[Verdict]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    verdicts = list(PROVIDER.parse_response(batch(*mobiles), HttpResponse(status, headers or {}, raw)))
    assert len(verdicts) == len(mobiles)
    return verdicts


def row(mobile: object, result: object = 0, **more: object) -> dict[str, object]:
    return {"result": result, "errmsg": "OK", "mobile": mobile, "nationcode": "86", "sid": f"sid-{mobile}"} | more


def detail(*rows: object, result: object = 0) -> dict[str, object]:
    return {"result": result, "errmsg": "OK", "ext": "", "detail": list(rows)}


def outcomes(verdicts: list[Verdict]) -> list[str]:
    return [str(verdict.outcome) for verdict in verdicts]


def test_printed_single_response_is_accepted() -> None:
    """The guide's response to sendsms: accepted, its `sid` the message id, its `fee` the segments."""
    [verdict] = read((SAMPLES / "sendsms-ok.json").read_bytes(), A)
    assert verdict == Verdict(Outcome.ACCEPTED, message_id="xxxxxxx", segments=1)


def test_printed_international_response_is_accepted() -> None:
    """The guide's response to sendisms, with its `nationcode`: accepted."""
    [verdict] = read((SAMPLES / "sendisms-ok.json").read_bytes(), "+14155552671")
    assert verdict == Verdict(Outcome.ACCEPTED, message_id="2019:7", segments=2, country="1")


def test_bulk_response_with_a_refused_and_a_missing_number() -> None:
    """A top result of 0 accepts nobody: each number has its own row, and a number without one is UNKNOWN."""
    accepted, missing = read((SAMPLES / "multi-partial.json").read_bytes(), A, B)
    assert accepted == Verdict(Outcome.ACCEPTED, message_id="2019:1", segments=1, country="86")
    assert (missing.outcome, missing.reason) == (Outcome.UNKNOWN, Reason.NO_ANSWER)


@pytest.mark.parametrize("sample", ["access-layer.json", "access-layer-as-result.json"])
def test_both_envelopes_of_the_access_layer(sample: str) -> None:
    """60008 in either envelope leaves open whether it was sent, for every number of the call."""
    for verdict in read((SAMPLES / sample).read_bytes(), A, B):
        assert (verdict.outcome, verdict.code) == (Outcome.UNKNOWN, "60008")
        assert "service timeout or request format error" in (verdict.description or "")


def test_refusal_keeps_code_and_words() -> None:
    """A refusal has the vendor's code as text, our reason, our meaning, then the vendor's own, numbers masked."""
    [verdict] = read({"result": 1016, "errmsg": f"bad number {A}"}, A)
    assert (verdict.outcome, verdict.reason, verdict.code) == (Outcome.REJECTED, Reason.INVALID_NUMBER, "1016")
    assert (verdict.description or "").startswith("the number's format is wrong (bad number ")
    assert A not in (verdict.description or "")


def test_words_are_read_from_either_key() -> None:
    """The vendor's own text stand in `errmsg` or in `msg`; the first that has any is taken."""
    assert "why" in (read({"result": 1004, "errmsg": "", "msg": "why"}, A)[0].description or "")
    assert read({"result": 1004, "errmsg": 5}, A)[0].description == "the body could not be parsed"


def test_words_never_repeat_parameters_or_the_key() -> None:
    """What the vendor's own text echo of the message's parameters, the number and the key is struck out."""
    words = f"code 4821 (valid 5 minutes, error 1005) for {A} signed by app-key"
    for body in ({"result": 1007, "errmsg": words}, detail(row(A, 1007, errmsg=words))):
        description = read(body, A)[0].description or ""
        assert "code **** (valid **** minutes, error 1005)" in description
        assert A not in description
        assert "app-key" not in description


def test_rows_are_matched_by_number_not_by_position() -> None:
    """Reordered, extra and malformed rows change nothing: a row belongs to the number that it names."""
    verdicts = read(
        detail(row(C, 1025), "garbage", row("13999999999"), row(B), None, {}, row(A, 1016, nationcode=86)), A, B, C
    )
    assert outcomes(verdicts) == ["REJECTED", "ACCEPTED", "REJECTED"]
    assert [verdict.code for verdict in verdicts] == ["1016", None, "1025"]
    assert verdicts[1].message_id == f"sid-{B}"


@pytest.mark.parametrize("spelling", [A, f"+86{A}", f"86{A}", int(A), f" {A} ", "137-8888-8888"])
@pytest.mark.parametrize("nation", ["86", 86, "+86", "", None])
def test_numbers_are_compared_by_digits(spelling: object, nation: object) -> None:
    """A number is found however its digits are spelt, with or without a country code."""
    verdicts = read(detail(row(spelling, nationcode=nation), row(B)), A, B)
    assert outcomes(verdicts) == ["ACCEPTED", "ACCEPTED"]


@pytest.mark.parametrize(
    "stranger", [row(A, nationcode="852"), row(None), row(""), row([A]), row({}), row("137****8888")]
)
def test_a_row_of_another_number_is_nobody_s(stranger: dict[str, object]) -> None:
    """Another country code, no number or a masked one matches no message: that message stays UNKNOWN."""
    assert outcomes(read(detail(stranger, row(B)), A, B)) == ["UNKNOWN", "ACCEPTED"]


def test_a_number_sent_twice_takes_two_rows() -> None:
    """Two messages to one number take its two rows in order; with one row, the second message is UNKNOWN."""
    both = read(detail(row(A, sid="1"), row(B), row(A, sid="2")), A, A, B)
    assert [verdict.message_id for verdict in both] == ["1", "2", f"sid-{B}"]
    assert outcomes(read(detail(row(A), row(B)), A, A, B)) == ["ACCEPTED", "UNKNOWN", "ACCEPTED"]


def test_surplus_rows_never_hide_a_charge() -> None:
    """Where a number has more rows than messages, the row that may have been charged decides."""
    assert outcomes(read(detail(row(A, 1016), row(A), row(B)), A, B)) == ["ACCEPTED", "ACCEPTED"]
    assert outcomes(read(detail(row(A, 1016), row(A, 1007), row(B)), A, B)) == ["UNKNOWN", "ACCEPTED"]


def test_top_refusal_with_rows() -> None:
    """A refused bulk call refuses every number, unless it has rows: then a number without one is open."""
    assert outcomes(read({"result": 1031, "errmsg": "no"}, A, B)) == ["REJECTED", "REJECTED"]
    assert outcomes(read(detail(row(A), result=1031), A, B)) == ["ACCEPTED", "UNKNOWN"]


@pytest.mark.parametrize("zero", [0, "0", 0.0, " 0 "])
def test_results_of_another_json_type_are_read(zero: object) -> None:
    """`result` as text or as a float is the same code."""
    assert outcomes(read({"result": zero, "sid": "s"}, A)) == ["ACCEPTED"]
    assert outcomes(read(detail(row(A, zero), row(B, "1016")), A, B)) == ["ACCEPTED", "REJECTED"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, (None, None)),
        ({"sid": "", "fee": None}, (None, None)),
        ({"sid": 12345, "fee": "3"}, ("12345", 3)),
        ({"sid": ["x"], "fee": -1}, (None, None)),
        ({"sid": "s", "fee": 10**12}, ("s", None)),
        ({"sid": "s", "fee": True}, ("s", None)),
    ],
)
def test_accepted_without_id_is_still_accepted(more: dict[str, object], expected: tuple[object, object]) -> None:
    """A missing or odd `sid` or `fee` does not undo an acceptance; what cannot be read is None."""
    [verdict] = read({"result": 0} | more, A)
    assert (verdict.outcome, verdict.message_id, verdict.segments) == (Outcome.ACCEPTED, *expected)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"errmsg": "OK"},
        {"result": None},
        {"result": True},
        {"result": 1.5},
        {"result": float("1e300")},
        {"result": "OK"},
        {"result": [0]},
        {"result": "9" * 40},
        {"ActionStatus": "OK", "ErrorCode": 0},
        {"result": 0, "ErrorCode": 60008},
        {"result": 0, "ActionStatus": "FAIL"},
        [],
        b"",
        b"<html>",
        b"\xff\xfe",
        b'{"result": 0',
    ],
    ids=repr,
)
def test_responses_without_an_envelope_are_unknown(body: object) -> None:
    """What is no envelope, or two that contradict each other, leaves every message UNKNOWN."""
    for verdict in read(body, A, B):
        assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NO_ANSWER)
    marked = any(mark in json.dumps(str(body)) for mark in ("result", "ErrorCode"))
    assert outcomes(read(body, A, B, status=403)) == ["UNKNOWN" if marked else "REJECTED"] * 2


def test_http_status_decides_only_without_an_envelope() -> None:
    """The envelope decides at any HTTP status; without one a 403 is a refusal and a 502 leaves it open."""
    assert outcomes(read({"result": 0, "sid": "s"}, A, status=500)) == ["ACCEPTED"]
    assert outcomes(read(b"", A, status=403)) == ["REJECTED"]
    assert outcomes(read(b"", A, status=502)) == ["UNKNOWN"]


def test_bulk_success_without_rows_is_unknown() -> None:
    """A bulk response that accepts the call and lists nobody leaves every number UNKNOWN."""
    assert outcomes(read({"result": 0, "errmsg": "OK"}, A, B)) == ["UNKNOWN", "UNKNOWN"]
    assert outcomes(read(detail(), A, B)) == ["UNKNOWN", "UNKNOWN"]
    assert outcomes(read(detail(row(A, None), row(B)), A, B)) == ["UNKNOWN", "ACCEPTED"]


def test_busy_carries_the_pause() -> None:
    """60007 with `Retry-After` hands the pause on; other refusals have none."""
    busy = {"ActionStatus": "FAIL", "ErrorCode": 60007, "ErrorInfo": "freq"}
    assert read(busy, A, headers={"Retry-After": "5"})[0].retry_after == 5.0
    assert read({"result": 1031}, A, headers={"Retry-After": "5"})[0].retry_after is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from([0, "0", A, B]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "result errmsg msg ErrorCode ActionStatus ErrorInfo detail mobile nationcode sid fee".split()
            )
            | st.text(max_size=5),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@given(
    st.binary() | json_values.map(lambda value: json.dumps(value).encode()), st.sampled_from([(A,), (A, B), (A, A, B)])
)
def test_no_response_makes_the_parser_raise(body: bytes, mobiles: tuple[str, ...]) -> None:
    """Whatever bytes come back, there is one verdict per job, in an outcome that a send can have."""
    for status in (200, 500):
        for verdict in read(body, *mobiles, status=status):
            assert verdict.outcome in set(Outcome) - {Outcome.NOT_SENT}


row_values: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"result": st.sampled_from([0, "0", 1016, 1007, None, "x", 99999])},
    optional={
        "mobile": st.sampled_from([A, B, C, "", None, int(A), f"+86{A}"]),
        "nationcode": st.sampled_from(["86", 86, "1", None, []]),
        "sid": st.text(max_size=3) | st.integers(),
        "fee": st.integers() | st.text(max_size=3),
    },
)


@given(st.lists(row_values, max_size=6), st.sampled_from([0, 1031]))
def test_acceptance_needs_a_row_of_that_number(rows: list[dict[str, Any]], top: int) -> None:
    """In a bulk response a message is ACCEPTED only if a row with its digits has result 0."""
    for mobile, verdict in zip((A, B), read(detail(*rows, result=top), A, B), strict=True):
        if verdict.outcome is Outcome.ACCEPTED:
            assert any(str(item["result"]) == "0" and mobile in str(item.get("mobile")) for item in rows)


@pytest.mark.parametrize("code", [1013, 1015, 1016, 1023, 1024, 1025, 1026])
def test_a_number_level_code_for_a_whole_request_is_not_believed_of_each(code: int) -> None:
    """It does not say which number: nobody is struck off, the request was refused, and the next vendor may take it."""
    for verdict in read({"result": code, "errmsg": "no"}, A, B):
        assert (verdict.outcome, verdict.reason) == (Outcome.REJECTED, Reason.INVALID_REQUEST)
        assert verdict.code == str(code)
    [alone] = read({"result": code, "errmsg": "no"}, A)
    assert alone.reason is SEND_CODES[str(code)].reason
    assert alone.reason is not Reason.INVALID_REQUEST
    listed, left_out = read(
        {"result": code, "errmsg": "no", "detail": [{"result": code, "mobile": A, "nationcode": "86"}]}, A, B
    )
    assert (listed.reason, left_out.reason) == (alone.reason, Reason.NO_ANSWER)
