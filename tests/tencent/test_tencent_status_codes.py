"""The codes of Tencent's delivery reports: complete, classified, and not mixed up with another vendor's."""

from pathlib import Path

import pytest

from smsgate.model.reason import Reason
from smsgate.model.report import DeliveryState
from smsgate.provider import UNLISTED, state_of
from smsgate.tencent.status_codes import STATUS_CODES

CODES = Path(__file__).parent / "samples" / "codes"


def documented(name: str) -> list[tuple[str, str | None]]:
    """The codes of one edition as it prints them, stray spaces and all, with the carrier of their row."""
    lines = (CODES / name).read_text(encoding="utf-8").splitlines()
    return [(code, carrier or None) for code, _, carrier in (line.partition("\t") for line in lines)]


GUIDE_2_0 = documented("guide-2.0.tsv")
EDITION_2018 = documented("edition-2018.tsv")


def test_the_guide_has_214_codes() -> None:
    """The list that the next test works through is whole."""
    assert len({code for code, _ in GUIDE_2_0}) == len(GUIDE_2_0) == 214


@pytest.mark.parametrize(("code", "carrier"), GUIDE_2_0 + EDITION_2018, ids=repr)
def test_every_documented_code_is_known(code: str, carrier: str | None) -> None:
    """Each documented code has a reason that is not UNKNOWN (or is success), a text of ours, and its carrier."""
    meaning = STATUS_CODES[code]
    assert meaning is not UNLISTED
    assert meaning.reason is not Reason.UNKNOWN
    assert meaning.text
    assert meaning.carrier == carrier
    if meaning.reason is None:
        assert code == "DELIVRD"
    else:
        assert meaning.remedy
        assert state_of(meaning) is not DeliveryState.DELIVERED


def test_the_table_lists_nothing_undocumented() -> None:
    """Every code in the table is in one of the two editions."""
    known = {"".join(code.split()).upper() for code, _ in GUIDE_2_0 + EDITION_2018}
    known |= {f"{family}:XXXX" for family in ("CMPP20ERR", "CMPP30ERR")}
    assert {code.upper() for code in STATUS_CODES} <= known


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("SC:0001", Reason.CONTENT_BLOCKED),
        ("BEYONDN", Reason.CARRIER_FAULT),
        ("BLACK0", Reason.UNREACHABLE),
        ("MB:1013", Reason.INTERCEPTED),
        ("CA:8027", Reason.BLOCKLISTED),
        ("CA:8008", Reason.INTERCEPTED),
        ("CA:0051", Reason.CARRIER_FAULT),
        ("IB:0182", Reason.CARRIER_FAULT),
        ("IB:0064", Reason.UNREACHABLE),
        ("1", Reason.INVALID_NUMBER),
        ("24", Reason.INVALID_NUMBER),
        ("7", Reason.CARRIER_FAULT),
        ("5", Reason.UNREACHABLE),
        ("12", Reason.UNREACHABLE),
        ("DB:0108", Reason.CARRIER_FAULT),
        ("DB:0138", Reason.INVALID_NUMBER),
        ("DB:0104", Reason.BLOCKLISTED),
        ("DB:0141", Reason.BLOCKLISTED),
        ("DB00141", Reason.CONTENT_BLOCKED),
        ("TSBLACK", Reason.BLOCKLISTED),
        ("MBBLACK", Reason.BLOCKLISTED),
        ("IC-0054", Reason.CONTENT_BLOCKED),
        ("XA:0001", Reason.INTERCEPTED),
        ("XA:0100", Reason.RATE_LIMITED),
        ("MX:0003", Reason.RATE_LIMITED),
        ("MX:0012", Reason.UNSUBSCRIBED),
        ("CB:0010", Reason.QUOTA_EXCEEDED),
        ("CB:0001", Reason.INVALID_NUMBER),
        ("CB:0013", Reason.UNREACHABLE),
        ("TE:0014", Reason.IN_REVIEW),
        ("TD:0004", Reason.CONTENT_BLOCKED),
        ("TX:3001", Reason.PLATFORM_FAULT),
        ("TX:2003", Reason.SIGNATURE_REJECTED),
        ("REJECTD", Reason.REFUSED),
        ("9992", Reason.HANDSET_FAULT),
        ("-1033", Reason.PORTING_FAULT),
        ("MK:0017", Reason.HANDSET_FAULT),
    ],
)
def test_codes_whose_meaning_is_contested(code: str, reason: Reason) -> None:
    """Codes that other vendors use otherwise, or that look alike, mean here what Tencent says."""
    assert STATUS_CODES[code].reason is reason


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("BWLIST _006", "BWLIST_006"),
        (" TD: 0004 ", "TD:0004"),
        ("delivrd", "DELIVRD"),
        ("MI0020", "MI00020"),
        ("CMPP20ERR:", "CMPP20ERR:8"),
        ("CMPP30ERR:", "CMPP30ERR:104"),
        ("MI:7777", "MI:xxxx"),
    ],
)
def test_spellings_of_one_code(spelling: str, code: str) -> None:
    """Stray spaces, case, later misprints and the gateway's own number behind a family do not hide a code."""
    assert STATUS_CODES[spelling] is STATUS_CODES[code] is not UNLISTED


def test_base_states_stand_behind_the_table() -> None:
    """What no edition lists falls back to the states of SMPP and CMPP, also with an error number."""
    assert STATUS_CODES["UNDELIV"].reason is Reason.UNREACHABLE
    assert STATUS_CODES["UNDELIV_333"].reason is Reason.UNREACHABLE
    assert state_of(STATUS_CODES["EXPIRED_333"]) is DeliveryState.EXPIRED
    assert state_of(STATUS_CODES["ACCEPTD"]) is DeliveryState.PENDING
    assert state_of(STATUS_CODES["UNKNOWN "]) is DeliveryState.PENDING


@pytest.mark.parametrize(
    "code", ["BLACK", "DJ:0255", "E200032", "SC:0002", "BEYOND", "", "1 2 3", "\ud800", "CMPP20ERR"]
)
def test_unlisted_codes_are_a_value(code: str) -> None:
    """Another vendor's code, part of a code or nonsense is answered with UNKNOWN, and never by likeness."""
    assert STATUS_CODES[code] is UNLISTED
