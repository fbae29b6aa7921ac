"""The v5 result codes: complete, and in the class that decides failover."""

import pytest

from smsgate.model.reason import Next, Outcome, Reason
from smsgate.provider import UNLISTED, Verdict
from smsgate.tencent.v5.codes import SEND_CODES

DOCUMENTED = (
    "1001 1002 1003 1004 1006 1007 1008 1009 1011 1012 1013 1014 1015 1016 1017 1018 1019 1020 1021 1022 1023 1024 "
    "1025 1026 1029 1030 1031 1032 1033 1034 1036 1038 1045 1046 1047 1048 1049 1050 1051 1052 "
    "60002 60003 60006 60007 60008 60009 60012 60013"
).split()
AMBIGUOUS = {"1007", "1008", "60008", "60013"}
OTHER_PROVIDER = set(
    "1001 1006 1009 1012 1014 1019 1020 1022 1031 1033 1045 1047 1049 1050 1051 1052".split(),
)


def test_every_documented_code_is_listed_and_no_other() -> None:
    """The table holds exactly the documented codes."""
    assert sorted(SEND_CODES) == sorted(DOCUMENTED)


@pytest.mark.parametrize("code", DOCUMENTED)
def test_every_code_has_reason_meaning_and_remedy(code: str) -> None:
    """Each code says why, in one line of ours, and what to do."""
    meaning = SEND_CODES[code]
    assert meaning.reason is not None
    assert meaning.text
    assert meaning.remedy
    assert "\n" not in meaning.text + meaning.remedy


@pytest.mark.parametrize("code", DOCUMENTED)
def test_only_the_ambiguous_codes_are_unknown(code: str) -> None:
    """ "Other", "timed out" and the access layer's 60008 and 60013 may have been sent; no other code may have been."""
    outcome = Verdict.refused(code, SEND_CODES[code]).outcome
    assert outcome is (Outcome.UNKNOWN if code in AMBIGUOUS else Outcome.REJECTED)


@pytest.mark.parametrize("code", ["1013", "1023", "1024", "1025", "1026"])
def test_frequency_limits_do_not_fail_over_unasked(code: str) -> None:
    """A frequency limit protects the person: another vendor is asked only on opt-in."""
    assert SEND_CODES[code].reason is Reason.RATE_LIMITED


def test_account_and_approval_codes_ask_the_next_vendor() -> None:
    """What is wrong with this account does not concern the next vendor."""
    steps = {
        code for code in DOCUMENTED if (SEND_CODES[code].reason or Reason.UNKNOWN).rule.next is Next.OTHER_PROVIDER
    }
    assert steps >= OTHER_PROVIDER


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("60007", Reason.TRY_LATER),
        ("1021", Reason.CLOCK_SKEW),
        ("1029", Reason.OUTSIDE_HOURS),
        ("1015", Reason.BLOCKLISTED),
        ("1016", Reason.INVALID_NUMBER),
        ("1002", Reason.CONTENT_BLOCKED),
        ("1017", Reason.TOO_LONG),
        ("1004", Reason.INVALID_REQUEST),
    ],
)
def test_codes_with_a_step_of_their_own(code: str, reason: Reason) -> None:
    """Busy, clock, hours, number and content each have their own reason."""
    assert SEND_CODES[code].reason is reason


def test_unlisted_code_is_unknown() -> None:
    """A code that Tencent adds later leaves open whether the message was sent."""
    assert SEND_CODES["1099"] is UNLISTED
    assert Verdict.refused("1099", SEND_CODES["1099"]).outcome is Outcome.UNKNOWN
