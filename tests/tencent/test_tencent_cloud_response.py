"""What `TencentCloud` makes of a response."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Outcome, Reason
from smsgate.provider import Batch, Job, Verdict
from smsgate.tencent import TencentCloud
from smsgate.tencent.cloud.codes import CLOUD_CODES
from smsgate.wire import HttpResponse

SAMPLES = Path(__file__).parent / "samples" / "cloud"
PROVIDER = TencentCloud("AKIDEXAMPLE", "the-secret-key", sdk_app_id="1400006666", sign="Acme")
A, B = "+8618511122233", "+8618511122266"


def read(body: object, *numbers: str, status: int = 200, headers: dict[str, str] | None = None) -> list[Verdict]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    jobs = tuple(Job(Message(to, "login"), PhoneNumber(to), "1110", ("4821", "57")) for to in numbers)
    verdicts = list(PROVIDER.parse_response(Batch(jobs, "ref"), HttpResponse(status, headers or {}, raw)))
    assert len(verdicts) == len(numbers)
    return verdicts


def sample(name: str, *numbers: str) -> list[Verdict]:
    return read((SAMPLES / f"{name}.json").read_bytes(), *numbers)


def row(number: object, code: object = "Ok", **more: object) -> dict[str, object]:
    return {"SerialNo": f"s-{number}", "PhoneNumber": number, "Fee": 1, "Code": code, "Message": "m"} | more


def sent(*rows: object, **more: object) -> dict[str, object]:
    return {"Response": {"SendStatusSet": list(rows), "RequestId": "r-1"} | more}


def failed(code: object, message: object = "no", **more: object) -> dict[str, object]:
    return {"Response": {"Error": {"Code": code, "Message": message}, "RequestId": "r-2"} | more}


def outcomes(verdicts: list[Verdict]) -> list[str]:
    return [str(verdict.outcome) for verdict in verdicts]


def test_printed_response_is_accepted() -> None:
    """The reference's example: each number accepted with its serial number, fee and the call's request id."""
    assert sample("sendsms-printed", B, A) == [
        Verdict(
            Outcome.ACCEPTED,
            message_id="5000:104571066915705365784949619",  # the print has one for both
            segments=1,
            request_id="a0aabda6-cf91-4f3e-a81f-9198114a2279",
            country="CN",
        )
        for _ in range(2)
    ]


def test_mixed_response_is_read_number_by_number() -> None:
    """One number over its limit does not concern the other, whatever their order."""
    accepted, limited = sample("sendsms-mixed", A, B)
    assert (accepted.outcome, accepted.message_id, accepted.segments) == (Outcome.ACCEPTED, "2640:1", 2)
    assert (limited.outcome, limited.reason) == (Outcome.REJECTED, Reason.RATE_LIMITED)
    assert (limited.code, limited.message_id) == ("LimitExceeded.PhoneNumberThirtySecondLimit", None)
    assert limited.request_id == "r-1"


def test_error_refuses_every_number() -> None:
    """An error of the whole call refuses each message, with code, our meaning, the vendor's own text and request id."""
    for verdict in sample("error", A, B):
        assert (verdict.outcome, verdict.reason) == (Outcome.REJECTED, Reason.AUTH_FAILED)
        assert verdict.code == "AuthFailure.SignatureFailure"
        assert (verdict.description or "").startswith("the call's signature is wrong (The provided credentials")
        assert verdict.request_id == "ed93f3cb-f35e-473f-b9f3-0d451b8b79c6"


@pytest.mark.parametrize("code", ["Ok", "ok", "OK", " Ok "])
def test_ok_in_any_case(code: str) -> None:
    """A number is accepted when its code is Ok, however it is written."""
    assert outcomes(read(sent(row(A, code)), A)) == ["ACCEPTED"]


@pytest.mark.parametrize("code", ["", None, 0, True, ["Ok"], "Ok\n" * 50, "InternalError.Timeout", "Brand.New"])
def test_codes_that_leave_it_open(code: object) -> None:
    """An ambiguous, unlisted or unreadable code of a number is UNKNOWN."""
    assert outcomes(read(sent(row(A, code)), A)) == ["UNKNOWN"]


@pytest.mark.parametrize("number", [A, A[1:], A[3:], int(A[1:]), " +86 185-1112-2233 "])
def test_numbers_are_compared_by_digits(number: object) -> None:
    """A number is found with or without plus and country code."""
    assert outcomes(read(sent(row(B, "LimitExceeded.DailyLimit"), row(number)), A, B)) == ["ACCEPTED", "REJECTED"]


def test_missing_surplus_and_repeated_rows() -> None:
    """A number without a row is UNKNOWN, strangers' rows are nobody's, and a possible charge is never overlooked."""
    assert outcomes(read(sent(row(A), row("+8613900000000"), 5, None), A, B)) == ["ACCEPTED", "UNKNOWN"]
    assert outcomes(read(sent(row(A, "LimitExceeded.DailyLimit"), row(A), row(B)), A, B)) == ["ACCEPTED", "ACCEPTED"]
    assert outcomes(read(sent(row(A), row(B)), A, A, B)) == ["ACCEPTED", "UNKNOWN", "ACCEPTED"]


def test_error_beside_rows() -> None:
    """Where a response has both, a row speaks for its number, and nothing is believed of the others."""
    both = failed("RequestLimitExceeded", SendStatusSet=[row(A)])
    assert outcomes(read(both, A, B)) == ["ACCEPTED", "UNKNOWN"]


def test_other_countries() -> None:
    """Numbers outside the mainland are matched by all their digits."""
    assert outcomes(
        read(sent(row("+85251234567", "Brand.New"), row("14155552671")), "+14155552671", "+85251234567")
    ) == [
        "ACCEPTED",
        "UNKNOWN",
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"Response": None},
        {"Response": []},
        {"Response": {}},
        {"Response": {"RequestId": "r"}},
        {"Response": {"SendStatusSet": None, "RequestId": "r"}},
        {"Response": {"SendStatusSet": [], "RequestId": "r"}},
        {"Response": {"Error": "x"}},
        {"Response": {"Error": {"Code": 5}}},
        {"result": 0},
        [],
        b"",
        b"<html>",
    ],
    ids=repr,
)
def test_responses_without_an_envelope(body: object) -> None:
    """What says nothing of any number is UNKNOWN; only a refusing HTTP status without `Response` is a refusal."""
    assert outcomes(read(body, A, B)) == ["UNKNOWN", "UNKNOWN"]
    foreign = not isinstance(body, dict) or "Response" not in body
    assert outcomes(read(body, A, status=403)) == ["REJECTED" if foreign else "UNKNOWN"]
    assert outcomes(read(body, A, status=500)) == ["UNKNOWN"]


def test_the_envelope_decides_at_any_status() -> None:
    """A vendor's own response counts whatever HTTP status came with it."""
    assert outcomes(read(sent(row(A)), A, status=500)) == ["ACCEPTED"]
    assert outcomes(read(failed("AuthFailure.TokenFailure"), A, status=401)) == ["REJECTED"]


def test_busy_carries_the_pause() -> None:
    """A rate limit of the account hands the vendor's pause on."""
    [verdict] = read(failed("RequestLimitExceeded.UinLimitExceeded"), A, headers={"Retry-After": "7"})
    assert (verdict.reason, verdict.retry_after) == (Reason.TRY_LATER, 7.0)
    assert read(failed("LimitExceeded.DailyLimit"), A, headers={"Retry-After": "7"})[0].retry_after is None


def test_words_never_repeat_parameters_or_keys() -> None:
    """What the vendor's own text echo of the message's parameters, the number and the key is struck out."""
    words = f"code 4821 (valid 57 minutes, error 5701) for {A[3:]} signed by the-secret-key"
    for body in (failed("InternalError", words), sent(row(A, "InternalError", Message=words))):
        description = read(body, A)[0].description or ""
        assert "4821" not in description
        assert A[3:] not in description
        assert "the-secret-key" not in description
        assert "valid **** minutes, error 5701" in description


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(["Ok", A, B]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "Response Error Code Message RequestId SendStatusSet SerialNo PhoneNumber Fee IsoCode".split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@given(
    st.binary()
    | json_values.map(lambda value: json.dumps(value).encode())
    | json_values.map(lambda value: json.dumps({"Response": value}).encode())
    | st.lists(json_values, max_size=3).map(lambda rows: json.dumps(sent(*rows)).encode()),
    st.sampled_from([(A,), (A, B), (A, A)]),
)
def test_no_response_makes_the_parser_raise(body: bytes, numbers: tuple[str, ...]) -> None:
    """Whatever bytes come back, there is one verdict per job, in an outcome that a send can have."""
    for verdict in read(body, *numbers):
        assert verdict.outcome in set(Outcome) - {Outcome.NOT_SENT}


@pytest.mark.parametrize(
    "code",
    [
        "FailedOperation.PhoneNumberInBlacklist",
        "InvalidParameterValue.IncorrectPhoneNumber",
        "LimitExceeded.PhoneNumberDailyLimit",
    ],
)
def test_a_number_level_code_for_a_whole_request_is_not_believed_of_each(code: str) -> None:
    """An `Error` about one number does not say which: no number is struck off for it."""
    body = {"Response": {"Error": {"Code": code, "Message": "no"}, "RequestId": "r"}}
    for verdict in read(body, A, B):
        assert (verdict.outcome, verdict.reason, verdict.code) == (Outcome.REJECTED, Reason.INVALID_REQUEST, code)
    [alone] = read(body, A)
    assert alone.reason is CLOUD_CODES[code].reason is not Reason.INVALID_REQUEST
