"""A number is refused only by an unambiguous refusal of this number: one rule for every vendor."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import HttpResponse, Job, Message, Outcome, PhoneNumber, Reason
from smsgate.huawei import HuaweiSms
from smsgate.provider import Batch, Meaning, Row, SmsProvider, Verdict, match_rows, request_refused
from smsgate.tencent import TencentCloud, TencentV5

A, B, US = "+8613105551234", "+8613800138000", "+13105551234"
"""A and US have the same eleven digits but for the country calling code."""
OK = Verdict.accepted("id")
NO = Verdict.refused("E1", Meaning(Reason.QUOTA_EXCEEDED, "no"))
OPEN = Verdict.refused("E2", Meaning(Reason.PLATFORM_FAULT, "open"))


def jobs(*numbers: str, texts: str = "") -> list[Job]:
    texts = texts or "x" * len(numbers)
    return [Job(Message(to, "t"), PhoneNumber(to), "19", (text,)) for to, text in zip(numbers, texts, strict=True)]


def outcomes(verdicts: list[Verdict]) -> str:
    return "".join(verdict.outcome[0] for verdict in verdicts)


@pytest.mark.parametrize(
    ("rows", "numbers", "expected"),
    [
        ([Row(A, NO)], (A,), "R"),
        ([Row(A, NO), Row(A, OK)], (A,), "A"),
        ([Row(A, NO), Row(A, NO)], (A,), "R"),
        ([Row(A, NO), Row(A, OPEN)], (A,), "U"),
        ([Row(A, OK), Row(A, NO)], (A, A), "AR"),
        ([Row(A, NO)], (A, A), "RU"),
        ([Row(A, NO), Row(A, OK), Row(A, NO)], (A, A), "AU"),
        ([Row(A, NO)], (A, B), "RU"),
        ([Row(None, OK), Row(A, NO)], (A, B), "RU"),
        ([Row(B[3:], OK), Row(A[1:], NO)], (A, B), "RA"),
        ([Row(A[3:], NO)], (A,), "R"),
        ([Row(A[3:], NO)], (US,), "R"),
        ([Row(A[3:], NO)], (A, US), "UU"),
        ([Row(A[3:], NO), Row(A[3:], NO)], (A, US), "UU"),
        ([Row(A[3:], NO), Row(US, OK)], (A, US), "UA"),
        ([Row(A[3:], OK), Row(US, NO)], (A, US), "AR"),
        ([Row(A[3:], NO, "86"), Row(A[3:], NO, 1)], (A, US), "RR"),
        ([Row(A[3:], NO, "852")], (A,), "U"),
        ([], (A, B), "UU"),
    ],
)
def test_rows_decide(rows: list[Row], numbers: tuple[str, ...], expected: str) -> None:
    """An accepted row, a contradiction and a number that two messages may have leave a refusal open."""
    assert outcomes(match_rows(jobs(*numbers), rows)) == expected


def test_a_refusal_of_one_of_two_texts_is_open() -> None:
    """Which of two different messages to one number was refused is not known; of two equal ones it does not matter."""
    rows = [Row(A, NO), Row(A, OK)]
    assert outcomes(match_rows(jobs(A, A, texts="xy"), rows)) == "UA"
    assert outcomes(match_rows(jobs(A, A), rows)) == "RA"
    assert outcomes(match_rows(jobs(A, A, texts="xy"), [Row(A, NO), Row(A, NO)])) == "RR"


def test_a_word_on_the_request_counts_only_without_rows() -> None:
    """A refusal of the request is believed of each number if there is no row; an acceptance, of one message alone."""
    assert outcomes(match_rows(jobs(A, B), [], NO)) == "RR"
    assert outcomes(match_rows(jobs(A, B), [Row(A, OK)], NO)) == "AU"
    assert outcomes(match_rows(jobs(A, B), [Row(None, OPEN)], NO)) == "UU"
    assert outcomes(match_rows(jobs(A), [], OK)) == "A"
    assert outcomes(match_rows(jobs(A, B), [], OK)) == "UU"
    first, second = match_rows(jobs(A, B), [], NO)
    assert first is not second


def test_only_a_busy_vendor_demands_a_pause() -> None:
    """`Retry-After` counts with `TRY_LATER` alone."""
    response = HttpResponse(429, {"Retry-After": "7"})
    assert request_refused(response, "busy", Meaning(Reason.TRY_LATER, "busy")).retry_after == 7
    assert request_refused(response, "no", Meaning(Reason.QUOTA_EXCEEDED, "no")).retry_after is None


spellings = st.sampled_from([A, A[1:], A[3:], B, B[3:], US, US[1:], int(A[1:]), "", None, "nobody", "+85212345678"])
any_rows = st.lists(
    st.builds(Row, spellings, st.sampled_from([OK, NO, OPEN]), st.sampled_from([None, "86", 86, "1", ""]))
)


def may_name(row: Row, number: str) -> bool:
    digits = "".join(filter(str.isdigit, str(row.number)))
    return bool(digits) and number.endswith(digits[-10:])


@given(
    any_rows,
    st.lists(st.tuples(st.sampled_from([A, B, US]), st.sampled_from("xy")), min_size=1, max_size=4),
    st.sampled_from([None, NO, OPEN, OK]),
)
def test_no_refusal_beside_a_doubt(rows: list[Row], sent: list[tuple[str, str]], overall: Verdict | None) -> None:
    """As many messages as rows may have accepted are never refused; and nobody is refused or accepted without a row."""
    numbers, texts = [to for to, _ in sent], "".join(text for _, text in sent)
    verdicts = match_rows(jobs(*numbers, texts=texts), rows, overall)
    assert len(verdicts) == len(sent)
    for number, count in Counter(numbers).items():
        got = [verdict.outcome for to, verdict in zip(numbers, verdicts, strict=True) if to == number]
        if not rows:
            continue
        named = [row for row in rows if may_name(row, number)]
        refusing = sum(row.verdict.outcome is Outcome.REJECTED for row in named)
        assert got.count(Outcome.REJECTED) <= refusing
        assert got.count(Outcome.ACCEPTED) <= len(named) - refusing
        exact = [row.verdict.outcome for row in rows if row.number == number and row.country in (None, "")]
        doubted = [outcome for outcome in exact if outcome is not Outcome.REJECTED]
        assert got.count(Outcome.REJECTED) <= max(count - len(doubted), 0)


V5 = TencentV5("1400006666", "app-key")
CLOUD = TencentCloud("AKID", "key", sdk_app_id="1400006666", sign="Acme")
HUAWEI = HuaweiSms("key", "secret", sender="isms1", base_url="https://h")


def v5_body(rows: list[tuple[str, bool]]) -> object:
    return {
        "result": 1031,
        "detail": [{"mobile": to[3:], "nationcode": "86", "result": 0 if ok else 1031} for to, ok in rows],
    }


def cloud_body(rows: list[tuple[str, bool]]) -> object:
    found = [{"PhoneNumber": to, "Code": "Ok" if ok else "LimitExceeded.DailyLimit"} for to, ok in rows]
    return {"Response": {"Error": {"Code": "RequestLimitExceeded"}, "SendStatusSet": found}}


def huawei_body(rows: list[tuple[str, bool]]) -> object:
    return {
        "code": "E000510",
        "result": [{"originTo": to, "status": "000000" if ok else "E000623"} for to, ok in rows],
    }


@pytest.mark.parametrize(
    ("provider", "body"), [(V5, v5_body), (CLOUD, cloud_body), (HUAWEI, huawei_body)], ids=["v5", "cloud", "huawei"]
)
@pytest.mark.parametrize("status", [200, 400, 403, 500])
def test_every_vendor_keeps_the_rule(provider: SmsProvider, body: object, status: int) -> None:
    """Each vendor's rows go by it, at any HTTP status: refused then accepted, and no row beside a refusal of all."""
    assert callable(body)
    raw = json.dumps(body([(A, False), (A, True), ("+8613800138009", False)])).encode()
    batch = Batch(tuple(jobs(A, B, "+8613800138009")), "ref")
    assert outcomes(list(provider.parse_response(batch, HttpResponse(status, {}, raw)))) == "AUR"


CONTRADICTIONS = [
    (V5, b'{"result":0,"ErrorCode":60008}'),
    (V5, b'{"result":0,"ActionStatus":"FAIL"}'),
    (V5, b'{"result":0,"result":1016}'),
    (V5, b'{"result":1016'),
    (CLOUD, b'{"Response":{"SendStatusSet":[]}}'),
    (CLOUD, b'{"Response":{"Error":{"Code":7}}}'),
    (CLOUD, b'{"Response":{},"Response":{"Error":{"Code":"AuthFailure"}}}'),
    (HUAWEI, b'{"code":"000000","code":"E000101"}'),
    (HUAWEI, b'{"code":["E000101"]}'),
    (HUAWEI, b'{"result":[{"originTo":"+8613800138000","status":"E000623"'),
]


@pytest.mark.parametrize(("provider", "body"), CONTRADICTIONS, ids=repr)
@pytest.mark.parametrize("status", [200, 401, 403, 429, 500])
def test_an_envelope_that_is_not_believed_refuses_nobody(provider: SmsProvider, body: bytes, status: int) -> None:
    """A vendor's envelope that is cut, ambiguous or contradicts itself is open, whatever the HTTP status says."""
    batch = Batch(tuple(jobs(A, B)), "ref")
    assert outcomes(list(provider.parse_response(batch, HttpResponse(status, {}, body)))) == "UU"


@given(
    st.lists(st.sampled_from([A, B, US, "+6581234567", "+8681234567"]), min_size=1, max_size=5),
    st.lists(
        st.builds(
            Row,
            st.sampled_from(
                [A, B[3:], A[3:], US[1:], "8613105551234", 13800138000, "6581234567", "81234567", "", None]
            ),
            st.sampled_from([OK, NO, OPEN]),
            st.sampled_from([None, None, "86", "1", 86, "+86", "x"]),
        ),
        max_size=6,
    ),
)
def test_a_row_about_nobody_changes_nothing(numbers: list[str], rows: list[Row]) -> None:
    """Whether each number has one row, which is read in one pass, or there is one row too many: the same is said."""
    batch = jobs(*numbers)
    if rows:
        assert match_rows(batch, rows) == match_rows(batch, [*rows, Row("+99912345678", NO)])
