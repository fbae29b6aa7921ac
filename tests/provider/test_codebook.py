"""The order in which a vendor's code is looked up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Reason
from smsgate.provider import UNLISTED, Codebook, Meaning

EXACT = Meaning(Reason.BLOCKLISTED, "exact")
FAMILY = Meaning(Reason.CARRIER_FAULT, "family")
BASE = Meaning(Reason.UNREACHABLE, "base")
MIXED = Meaning(Reason.UNSUPPORTED, "mixed case")

BOOK = Codebook(
    {"MA:0022": EXACT, "BWLIST_006": EXACT, "1016": EXACT, "FailedOperation.Other": MIXED},
    families={"MA": FAMILY, "CMPP20ERR": FAMILY},
    base={"UNDELIV": BASE, "MA": BASE},
    aliases={"BLACKLIST": "BWLIST_006", "GONE": "UNDELIV"},
)


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("MA:0022", EXACT),
        ("ma:0022", EXACT),
        (" MA:00 22\n", EXACT),
        ("BWLIST _006", EXACT),
        ("1016", EXACT),
        ("1016.", EXACT),
        ("failedoperation.other", MIXED),
        ("Blacklist", EXACT),
        ("MA:9999", FAMILY),
        ("MA:", FAMILY),
        ("CMPP20ERR: 41", FAMILY),
        ("UNDELIV", BASE),
        ("undeliv", BASE),
        ("UNDELIV_601", BASE),
        ("UNDELIV_6010", BASE),
        ("Gone", BASE),
        ("MA", BASE),
        ("MA:0022x", FAMILY),
        ("MAX:0022", UNLISTED),
        ("1016x", UNLISTED),
        ("101", UNLISTED),
        ("10160", UNLISTED),
        ("UNDELIV_60100", UNLISTED),
        ("UNDELIV_x", UNLISTED),
        ("UNDELIV_", UNLISTED),
        ("UNDELIVERED", UNLISTED),
        ("", UNLISTED),
        (":", UNLISTED),
        ("_601", UNLISTED),
    ],
)
def test_lookup(code: str, meaning: Meaning) -> None:
    """Exact, then family, then base state, then unlisted; spelling does not matter; never by prefix."""
    assert BOOK[code] is meaning
    assert (code in BOOK) is (meaning is not UNLISTED)


def test_unlisted_is_unknown() -> None:
    """A code that nobody listed is a value, with the reason `UNKNOWN`."""
    assert UNLISTED.reason is Reason.UNKNOWN
    assert UNLISTED.text
    assert UNLISTED.remedy


def test_another_separator() -> None:
    """A vendor's families may be parted by another character."""
    book = Codebook({"A.b": EXACT}, families={"A": FAMILY}, separator=".")
    assert [book[code] for code in ("a.B", "A.x", "A.x.y", "B.x")] == [EXACT, FAMILY, FAMILY, UNLISTED]
    assert list(book) == ["A.b", "A.xxxx"]


def test_lists_its_own_codes() -> None:
    """The codes and families of the vendor's own table, as they are spelt there; the base states are not its own."""
    assert list(BOOK) == ["MA:0022", "BWLIST_006", "1016", "FailedOperation.Other", "MA:xxxx", "CMPP20ERR:xxxx"]
    assert all(code in BOOK for code in BOOK)


@given(st.text(max_size=50))
def test_any_text(code: str) -> None:
    """Any text has a meaning."""
    assert isinstance(BOOK[code], Meaning)
    assert isinstance(Codebook({})[code], Meaning)
