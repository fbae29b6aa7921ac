"""The table of what the management API responses when it refuses."""

import pytest

from smsgate import Reason
from smsgate.huawei.apig import GATEWAY_CODES
from smsgate.huawei.management.codes import MANAGEMENT_CODES
from smsgate.provider import UNLISTED


def test_every_code_says_something() -> None:
    """Each code has a reason, and none is `UNKNOWN`; the gateway's codes are among them."""
    assert set(GATEWAY_CODES) < set(MANAGEMENT_CODES)
    for code in MANAGEMENT_CODES:
        assert MANAGEMENT_CODES[code].reason not in (None, Reason.UNKNOWN), code
        assert MANAGEMENT_CODES[code].text


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("MSGSMS.0001", Reason.PLATFORM_FAULT),
        ("MSGSMS.0003", Reason.AUTH_FAILED),
        ("MSGSMS.0009", Reason.INVALID_REQUEST),
        ("msgsms.0013", Reason.ACCOUNT_SUSPENDED),
        ("IAM.0002", Reason.PERMISSION_DENIED),
        ("Iam.0004", Reason.INVALID_REQUEST),
        ("IAM.0006", Reason.PLATFORM_FAULT),
        ("APIGW.0301", Reason.AUTH_FAILED),
        ("APIG.0308", Reason.TRY_LATER),
    ],
)
def test_codes_with_known_meanings(code: str, reason: Reason) -> None:
    """Codes are found whatever their case."""
    assert MANAGEMENT_CODES[code].reason is reason


@pytest.mark.parametrize("code", ["MSGSMS.9999", "MSGSMS", "401", "", "E000510"])
def test_unlisted_codes(code: str) -> None:
    """A code of another table is not listed here."""
    assert MANAGEMENT_CODES[code] is UNLISTED
