"""The order in which a vendor's code is looked up."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Reason
from smsgate.model.states import DeliveryState
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
        ("UNDELIV:601", BASE),
        ("UNDELIV(601)", BASE),
        ("UNDELIV601", BASE),
        ("UNDELIVS601S", BASE),
        ("stat:UNDELIV", BASE),
        ("stat:UNDELIV err:601", BASE),
        ("stat:UNDELIV err:MA:0022", EXACT),
        ("UNDELIV MA:0022", EXACT),
        ("MA:0022;UNDELIV", EXACT),
        ("MA:9999,UNDELIV", FAMILY),
        ("MA0022", FAMILY),
        ("MA00022", FAMILY),
        ("MA022", UNLISTED),
        ("MA000022", UNLISTED),
        ("MAA0022", UNLISTED),
        ("UNDELIV nonsense", UNLISTED),
        ("1016 1016", UNLISTED),
        ("1016 UNDELIV", UNLISTED),
        ("ＭＡ：００２２", EXACT),
        ("x" * 200, UNLISTED),
        ("MA:" + "0" * 200, UNLISTED),
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


def test_most_specific_part_wins_wherever_it_stands() -> None:
    """Of a code, a family and a state in one text the code counts, in any order and with any joint."""
    for order in permutations(["UNDELIV", "MA:0022", "CMPP20ERR:9"]):
        for joint in (" ", ",", ";", " ; "):
            assert BOOK[joint.join(order)] is EXACT


def test_no_form_makes_a_delivery() -> None:
    """Only the code that a vendor lists is a delivery, not a text in which its word stands beside others."""
    delivered = Meaning(None, "delivered", state=DeliveryState.DELIVERED)
    book = Codebook({"DELIVRD": delivered}, base={"UNDELIV": BASE})
    assert book["DELIVRD"] is book[" ｄelivrd"] is delivered
    texts = ["stat:DELIVRD", "stat:DELIVRD err:000", "DELIVRD UNDELIV", "DELIVRD,DELIVRD", "DELIVRD_000", "DELIVRD0"]
    for code in texts:
        assert book[code].state is None


CODES = st.sampled_from(["MA:0022", "BWLIST_006", "1016", "MA:9999", "UNDELIV", "UNDELIV_601"])


@given(code=CODES, data=st.data())
def test_spelling_changes_nothing(code: str, data: st.DataObject) -> None:
    """Case, full-width letters, white space and a final full stop, any of them at any place, change nothing."""
    forms = [st.sampled_from([char, char.lower(), chr(ord(char) + 0xFEE0), f"{char} "]) for char in code]
    spelt = "".join(data.draw(form) for form in forms)
    expected = BOOK[code]
    assert BOOK[f" {spelt}\n"] is BOOK[f"{spelt}."] is expected


@given(number=st.integers(0, 9999), width=st.integers(1, 4), sign=st.sampled_from(["", "_", ":", "-", ",", " "]))
def test_error_numbers_behind_a_state(number: int, width: int, sign: str) -> None:
    """A state with an error number of up to four digits is that state, whatever stands between, unless it is listed."""
    digits = str(number).zfill(width)
    listed = Codebook({f"UNDELIV_{digits}": EXACT}, base={"UNDELIV": BASE})
    assert listed[f"UNDELIV{sign}{digits}"] is EXACT
    assert listed[f"UNDELIV{sign}{digits}"[:-1] + "x"] is not EXACT
    assert BOOK[f"UNDELIV{sign}{digits}"] is BASE
    other = f"0{digits}"[-4:] if len(digits) < 4 else digits[1:]
    assert listed[f"UNDELIV{sign}{other}"] is not EXACT, "zeros count"


@given(st.text(max_size=50))
def test_any_text(code: str) -> None:
    """Any text has a meaning."""
    assert isinstance(BOOK[code], Meaning)
    assert isinstance(Codebook({})[code], Meaning)
