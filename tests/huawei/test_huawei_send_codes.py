"""The table of Huawei's send codes against the codes that the guide lists."""

import pytest

from smsgate.huawei.send_codes import NUMBER_CODES, SEND_CODES
from smsgate.model.reason import Outcome, Reason, outcome_of
from smsgate.provider import UNLISTED

REQUEST_CODES = (
    "000000 E000000 E000001 E000002 E000003 E000004 E000005 E000006 E000007 E000008 E000020 E000021 E000022 E000023 "
    "E000024 E000025 E000026 E000027 E000040 E000041 E000042 E000045 E000101 E000102 E000103 E000104 E000105 E000106 "
    "E000109 E000110 E000111 E000112 E000503 E000510 E000620 E000623 E000628 E000629 E000630 E000632"
).split()
NUMBER_STATUSES = (
    "E200015 E200018 E200019 E200020 E200021 E200022 E200023 E200024 E200025 E200026 E200027 E200028 E200029 E200030 "
    "E200031 E200032 E200033 E200034 E200035 E200036 E200038 E200040 E200041 E200051"
).split()
GATEWAY_CODES = (
    "0101 0103 0104 0105 0106 0202 0203 0204 0301 0302 0303 0304 0305 0306 0307 0308 0310 0401 0402 0501 0502 0601 "
    "0602 0605 0606 0607 0610 0613 0802"
).split()


@pytest.mark.parametrize("code", REQUEST_CODES + NUMBER_STATUSES)
def test_documented_code_is_listed(code: str) -> None:
    """No code of the guide is missing, none is UNKNOWN, and each has words; each refusal has a remedy or needs none."""
    meaning = SEND_CODES[code]
    assert meaning is not UNLISTED
    assert meaning.reason is not Reason.UNKNOWN
    assert meaning.text
    assert meaning.remedy or code in ("000000", "E200041")


@pytest.mark.parametrize("number", GATEWAY_CODES)
def test_gateway_code_is_listed_under_both_spellings(number: str) -> None:
    """The API gateway writes APIGW.xxxx and APIG.xxxx for the same."""
    assert SEND_CODES[f"APIGW.{number}"] is SEND_CODES[f"APIG.{number}"]
    assert SEND_CODES[f"APIGW.{number}"] is not UNLISTED


def test_nothing_beyond_the_documents_is_listed() -> None:
    """The table and the documents' lists are the same set."""
    gateway = [f"{prefix}.{number}" for prefix in ("APIG", "APIGW") for number in GATEWAY_CODES]
    assert sorted(SEND_CODES) == sorted(REQUEST_CODES + NUMBER_STATUSES + gateway)
    assert set(NUMBER_STATUSES) < set(NUMBER_CODES)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("E000000", Reason.PLATFORM_FAULT),
        ("E000001", Reason.AUTH_FAILED),
        ("E000104", Reason.AUTH_FAILED),
        ("E000106", Reason.PERMISSION_DENIED),
        ("E000110", Reason.CLOCK_SKEW),
        ("E000112", Reason.ACCOUNT_SUSPENDED),
        ("E000503", Reason.INVALID_REQUEST),
        ("E000620", Reason.PERMISSION_DENIED),
        ("E000623", Reason.QUOTA_EXCEEDED),
        ("E000628", Reason.REGION_BLOCKED),
        ("E000629", Reason.INSUFFICIENT_BALANCE),
        ("E200015", Reason.TRY_LATER),
        ("E200020", Reason.SIGNATURE_REJECTED),
        ("E200027", Reason.SENDER_REJECTED),
        ("E200028", Reason.TEMPLATE_REJECTED),
        ("E200041", Reason.DUPLICATE),
        ("APIGW.0301", Reason.AUTH_FAILED),
        ("APIGW.0308", Reason.TRY_LATER),
        ("E999999", Reason.UNKNOWN),
    ],
)
def test_reason_of_code(code: str, reason: Reason) -> None:
    """The codes that decide about failover have the reason that the guide's own words give them."""
    assert SEND_CODES[code].reason is reason


def test_only_faults_leave_the_outcome_open() -> None:
    """A listed code leaves open whether the message was sent only where the platform or the carrier failed."""
    unsure = {code for code in SEND_CODES if outcome_of(SEND_CODES[code].reason) is Outcome.UNKNOWN}
    platform = {code for code in unsure if not code.startswith("API")}
    assert platform == {"000000", "E000000", "E200034", "E200035"}
    assert {code for code in unsure if code.startswith("APIGW")} == {
        f"APIGW.{number}" for number in ("0202", "0203", "0601", "0605", "0606", "0610", "0613")
    }
