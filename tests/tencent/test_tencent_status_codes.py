"""The codes of Tencent's delivery reports: complete, classified, and not mixed up with another vendor's."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from smsgate.model.reason import Reason
from smsgate.model.states import Certainty, DeliveryState
from smsgate.provider import UNLISTED, state_of
from smsgate.tencent.status_codes import STATUS_CODES

CODES = Path(__file__).parent / "samples" / "codes"


def documented(name: str) -> list[tuple[str, str | None]]:
    """The codes of one edition as it prints them, stray spaces and all, with the carrier of their row."""
    lines = (CODES / name).read_text(encoding="utf-8").splitlines()
    return [(code, carrier or None) for code, _, carrier in (line.partition("\t") for line in lines)]


GUIDE_2_0 = documented("guide-2.0.tsv")
EDITION_2018 = documented("edition-2018.tsv")
LIST_2021 = documented("list-2021-12-15.tsv")
LEFT_OUT = {"0.089583", "0.103472", "0.1208", "0.1299", "0.150694444", "0.209722"}
"""Fractions of a day, which a spreadsheet has made of codes."""
NOT_SAID = {"UNKNOWN", "ACCEPTD", "LT:0"}
"""Codes of messages that are on their way or have arrived, in a list of failures."""
LATER_CARRIER = {"MX:0011": "China Mobile", "MBBLACK": "China Telecom"}
"""For all carriers in the edition of 2018."""


def test_the_guide_has_214_codes() -> None:
    """The list that the next test works through is whole."""
    assert len({code for code, _ in GUIDE_2_0}) == len(GUIDE_2_0) == 214


def test_the_list_of_2021_has_1975_rows() -> None:
    """The list that the next test works through is whole, and what is left out of it is what its rows cannot be."""
    assert len(LIST_2021) == 1975
    assert {code for code, _ in LIST_2021 if STATUS_CODES[code] is UNLISTED} == LEFT_OUT
    assert len({code for code, _ in LIST_2021}) == 1968


@pytest.mark.parametrize(
    ("code", "carrier"), [row for row in GUIDE_2_0 + EDITION_2018 + LIST_2021 if row[0] not in LEFT_OUT], ids=repr
)
def test_every_documented_code_is_known(code: str, carrier: str | None) -> None:
    """Each documented code has a reason that is not UNKNOWN (or is success), a text of ours, and its carrier."""
    meaning = STATUS_CODES[code]
    assert meaning is not UNLISTED
    assert (meaning.reason is Reason.UNKNOWN) == (code in NOT_SAID)
    assert meaning.text
    assert meaning.carrier == LATER_CARRIER.get(code, carrier)
    assert meaning.certainty is Certainty.LISTED or code == "MK:"
    assert state_of(meaning).final
    if meaning.reason is None:
        assert code == "DELIVRD"
    else:
        assert meaning.remedy
        assert state_of(meaning) is not DeliveryState.DELIVERED


def test_the_table_lists_nothing_undocumented() -> None:
    """Every code in the table is in one of the editions, and every family or pattern says that it is inferred."""
    known = {mangled(code) for code, _ in GUIDE_2_0 + EDITION_2018 + LIST_2021} | {"S::FAIL", "S::FAILED", "BST--1"}
    for code, meaning in STATUS_CODES.items():
        listed = meaning.certainty is Certainty.LISTED
        assert listed == (code.upper() in known), code


def mangled(code: str) -> str:
    """The code as it was before the list was made into Markdown, without blanks."""
    return re.sub(r"^([A-Z]+)S([0-9]{3})S$", r"\1_\2", "".join(code.split()).upper())


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
        ("24", Reason.UNREACHABLE),
        ("7", Reason.CARRIER_FAULT),
        ("5", Reason.UNREACHABLE),
        ("12", Reason.UNREACHABLE),
        ("DB:0108", Reason.CARRIER_FAULT),
        ("DB:0138", Reason.UNREACHABLE),
        ("DB:0131", Reason.UNREACHABLE),
        ("BADSIGN", Reason.UNREACHABLE),
        ("CMPP30ERR:", Reason.UNREACHABLE),
        ("CMPP30ERR:8", Reason.CARRIER_FAULT),
        ("TD:18", Reason.UNSUPPORTED),
        ("TUIDING", Reason.UNSUBSCRIBED),
        ("OVERDUE", Reason.UNREACHABLE),
        ("-100", Reason.UNREACHABLE),
        ("001", Reason.UNREACHABLE),
        ("MK:0208", Reason.CARRIER_FAULT),
        ("MI:0051", Reason.CARRIER_FAULT),
        ("MK:0118", Reason.CONTENT_BLOCKED),
        ("MK:100C", Reason.BLOCKLISTED),
        ("MN:0099", Reason.IN_REVIEW),
        ("63", Reason.UNREACHABLE),
        ("MN:0029", Reason.CARRIER_FAULT),
        ("MI00020", Reason.CARRIER_FAULT),
        ("KEYWORD", Reason.INTERCEPTED),
        ("DB:0318", Reason.INTERCEPTED),
        ("NOTITLE", Reason.CONTENT_BLOCKED),
        ("DB:0139", Reason.OUTSIDE_HOURS),
        ("MB:1041", Reason.RATE_LIMITED),
        ("1243", Reason.PORTING_FAULT),
        ("ID:0126", Reason.PORTING_FAULT),
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
        ("CB:0010", Reason.RATE_LIMITED),
        ("CB:0001", Reason.UNREACHABLE),
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
        ("CMPP20ERR:9", "CMPP20ERR:8"),
        ("CMPP30ERR:1", "CMPP30ERR:104"),
        ("BST1", "BST--1"),
        ("MA:0054?", "MA:0054"),
        ("S::FAIL (S::FAILED)", "S::FAIL"),
        ("UNDELIVS601S", "UNDELIV_601"),
        ("BWLISTSS163S", "BWLISTS_163"),
        ("UNDELIV-601", "UNDELIV_601"),
        ("MK：0012", "MK:0012"),
        ("２：12", "2:12"),
        ("2_12", "2:12"),
        ("UNDELIV MK:0012", "MK:0012"),
        ("stat:UNDELIV err:602", "UNDELIV_602"),
        ("MK0012", "MK:xxxx"),
        ("MK:77", "MK:78"),
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
    assert state_of(STATUS_CODES["ENROUTE_001"]) is DeliveryState.UNDELIVERED, "FAIL is final"


@pytest.mark.parametrize(
    "code", ["BLACKX", "SC:0018", "E200032", "SC:0002", "BEYOND", "", "1 2 3", "\ud800", "CMPP20ERR"]
)
def test_unlisted_codes_are_a_value(code: str) -> None:
    """Another vendor's code, part of a code or nonsense is answered with UNKNOWN, and never by likeness."""
    assert STATUS_CODES[code] is UNLISTED


def test_zeros_are_never_added_or_dropped() -> None:
    """The same digits with other zeros are another code, often of another carrier."""
    for one, other in (("001", "1"), ("12", "012"), ("MK:24", "MK:0024"), ("MK:12", "MK:0012"), ("LT:1", "LT:01")):
        assert STATUS_CODES.match(one).listed != STATUS_CODES.match(other).listed
    assert STATUS_CODES["MK:24"].carrier == STATUS_CODES["MK:999"].carrier == "China Unicom"
    assert STATUS_CODES["MK:0024"].carrier == STATUS_CODES["MK:0999"].carrier == "China Mobile"


def test_nothing_is_loaded_before_the_first_failure() -> None:
    """The tables are large: a program that sends, or hears of deliveries only, does without them."""
    program = """
import json, sys
from smsgate import HttpRequest, tencent
item = dict(user_receive_time="2026-01-01 08:00:04", nationcode="86", mobile="13800000000", sid="1", description="")
def push(status, code):
    body = json.dumps([item | dict(report_status=status, errmsg=code)]).encode()
    tencent.parse_callback(HttpRequest("POST", "https://sms.example/", {}, body))
    return "smsgate.tencent.status_codes_mobile" in sys.modules
print(push("SUCCESS", "DELIVRD"), push("FAIL", "MK:0001"))
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True"]
