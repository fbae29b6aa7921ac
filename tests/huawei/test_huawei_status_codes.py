"""The table of Huawei's delivery statuses against the statuses that the documents list."""

import pytest

from smsgate.huawei.status_codes import STATUS_CODES
from smsgate.model.reason import Reason
from smsgate.model.states import DeliveryState
from smsgate.provider import UNLISTED, state_of

TABLE_3_68 = (
    "DELIVRD EXPIRED DELETED UNDELIV ACCEPTD UNKNOWN REJECTD E200027 E200032 E200034 E200035 E200036 E200038 "
    "MILIMIT LIMIT BEYONDN KEYWORD BLACK MBBLACK DJ:0255 1 24 MK:xxxx MN:xxxx LT:0001 MA:xxxx MB:xxxx MC:xxxx "
    "CA:xxxx CB:xxxx DA:xxxx DB:xxxx SA:xxxx SB:xxxx IA:xxxx IB:xxxx IC:xxxx SC:0001 SC:0002 SC:0003 SC:0004 "
    "SC:0005 SC:0006 SC:0007 SC:0008 SC:0009 SC:0010 SC:0011 SC:0012 SC:0013 SC:0014 SC:0015 SC:0016 SC:0017 "
    "SC:0018"
).split()
SECTION_5_2_2 = (
    "DELIVRD EXPIRED DELETED UNDELIV ACCEPTD UNKNOWN REJECTD E200018 E200019 E200020 E200021 E200022 E200023 "
    "E200024 E200025 E200026 E200027 E200032 E200034 E200035 E200036 E200038 E200040 E000628 MILIMIT LIMIT "
    "BEYOND BLACK MBBLACK DJ:0255 1 24 MK:xxxx MN:xxxx LT:0001 SC:0001 SC:0002 SC:0003 SC:0004 SC:0005 SC:0006 "
    "SC:0007 SC:0008 SC:0009 SC:0010 SC:0011 SC:0012 SC:0013 SC:0014 SC:0015 SC:0016 SC:0017 SC:0018"
).split()
ONLINE_EDITION = (
    "BEYONDN KEYWORD CTLIMIT TDBLACK TSBLACK E000503 E000629 E000632 E200051 MK:0055 MK:0056 MK:0057 MK:1004 "
    "MK:1006 MK:1007 MB:1043 MB:1044 MB:1045 CL26:-37 CL26:-99 2:12 2:24 2:70 SGIP:56 SGIP:57 SMGPERR:20 "
    "SMGPERR:21 SMGPERR:22 SMGPERR:52 SMGPERR:53 SPMSERR:165 SPMSERR:166"
).split()
ON_ITS_WAY = {"ACCEPTD"}


@pytest.mark.parametrize("code", sorted({*TABLE_3_68, *SECTION_5_2_2, *ONLINE_EDITION}))
def test_documented_status_is_listed(code: str) -> None:
    """No documented status is missing and only UNKNOWN is; all but ACCEPTD and DELIVRD say why."""
    meaning = STATUS_CODES[code]
    assert meaning is not UNLISTED
    assert meaning.text
    assert (meaning.reason is Reason.UNKNOWN) == (code == "UNKNOWN")
    assert (meaning.reason is None) == (code in {"DELIVRD", *ON_ITS_WAY})


def test_every_family_of_the_table_is_one_here() -> None:
    """A row with xxxx in the document stands for all its codes."""
    families = {code for code in TABLE_3_68 if code.endswith(":xxxx")}
    assert families <= set(STATUS_CODES)
    for family in families:
        assert STATUS_CODES[family.replace("xxxx", "0999")] is STATUS_CODES[family]


@pytest.mark.parametrize(
    ("code", "reason", "state"),
    [
        ("DELIVRD", None, "DELIVERED"),
        ("ACCEPTD", None, "PENDING"),
        ("UNKNOWN", Reason.UNKNOWN, "UNDELIVERED"),
        ("EXPIRED", Reason.EXPIRED, "EXPIRED"),
        ("DELETED", Reason.DELETED, "DELETED"),
        ("UNDELIV", Reason.UNREACHABLE, "UNDELIVERED"),
        ("REJECTD", Reason.REFUSED, "REJECTED"),
        # What other vendors, or this vendor's print, say differently.
        ("SC:0001", Reason.IN_REVIEW, "REJECTED"),
        ("BEYONDN", Reason.RATE_LIMITED, "REJECTED"),
        ("BEYOND", Reason.RATE_LIMITED, "REJECTED"),
        ("KEYWORD", Reason.CONTENT_BLOCKED, "REJECTED"),
        ("BLACK", Reason.BLOCKLISTED, "REJECTED"),
        ("MBBLACK", Reason.BLOCKLISTED, "REJECTED"),
        ("DJ:0255", Reason.CONTENT_BLOCKED, "REJECTED"),
        ("1", Reason.UNREACHABLE, "UNDELIVERED"),
        ("24", Reason.UNREACHABLE, "UNDELIVERED"),
        ("LT:0001", Reason.UNREACHABLE, "UNDELIVERED"),
        ("MK:0012", Reason.UNREACHABLE, "UNDELIVERED"),
        ("MN:0013", Reason.UNREACHABLE, "UNDELIVERED"),
        ("MK:1004", Reason.CONTENT_BLOCKED, "REJECTED"),
        ("MK:1007", Reason.CARRIER_FAULT, "UNDELIVERED"),
        ("MB:1013", Reason.CARRIER_FAULT, "UNDELIVERED"),
        ("CA:8027", Reason.CARRIER_FAULT, "UNDELIVERED"),
        ("DB:0108", Reason.CARRIER_FAULT, "UNDELIVERED"),
        ("IB:0182", Reason.CARRIER_FAULT, "UNDELIVERED"),
        ("E200032", Reason.TEMPLATE_REJECTED, "REJECTED"),
        ("E000628", Reason.REGION_BLOCKED, "REJECTED"),
        ("E200034", Reason.CARRIER_FAULT, "UNDELIVERED"),
        ("E200038", Reason.EXPIRED, "EXPIRED"),
        ("MILIMIT", Reason.RATE_LIMITED, "REJECTED"),
        ("SC:0003", Reason.BLOCKLISTED, "REJECTED"),
        ("SC:0010", Reason.RATE_LIMITED, "REJECTED"),
        ("SC:0011", Reason.OUTSIDE_HOURS, "REJECTED"),
        ("SC:0013", Reason.SIGNATURE_REJECTED, "REJECTED"),
        ("SC:0016", Reason.UNSUBSCRIBED, "REJECTED"),
        ("SC:0018", Reason.SIGNATURE_REJECTED, "REJECTED"),
        ("2:24", Reason.UNREACHABLE, "UNDELIVERED"),
        ("SMGPERR:52", Reason.UNREACHABLE, "UNDELIVERED"),
        ("SMGPERR:54", Reason.CARRIER_FAULT, "UNDELIVERED"),
    ],
)
def test_reason_and_state_of_status(code: str, reason: Reason | None, state: str) -> None:
    """The statuses that are easily confused have the reason and the state of Huawei's own words."""
    assert STATUS_CODES[code].reason is reason
    assert state_of(STATUS_CODES[code]) is DeliveryState(state)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (" delivrd ", "DELIVRD"),
        ("MK: 0012", "MK:xxxx"),
        ("UNDELIV_601", "UNDELIV"),
        ("REJECTD_006", "REJECTD"),
        ("SGIP:24", "2:24"),
        ("SGIP:2：12", "2:12"),
        ("2_12", "2:12"),
        ("sc:0001", "SC:0001"),
    ],
)
def test_other_spellings(written: str, code: str) -> None:
    """Stray spaces, case, an error number behind a state, and SGIP's ways to write its numbers change nothing."""
    assert STATUS_CODES[written] == STATUS_CODES[code]


@pytest.mark.parametrize(
    "code", ["BLACK0", "SC:0019", "SC:xxxx", "12", "7", "LT:0002", "DELIVERED", "DELIVRD_1", "", ":"]
)
def test_unlisted_status_is_unknown(code: str) -> None:
    """What no row has is UNKNOWN, never the nearest prefix; and only DELIVRD is a delivery."""
    assert STATUS_CODES[code] is UNLISTED
    assert state_of(STATUS_CODES[code]) is not DeliveryState.DELIVERED


def test_families_tell_the_party() -> None:
    """The letters of a family tell who failed and how."""
    assert STATUS_CODES["MA:0001"].text == "the message centre did not answer"
    assert STATUS_CODES["CB:0001"].text == "the prepaid account platform answered with an error"
    assert STATUS_CODES["IC:0001"].text == "no report came from the carrier's gateway in time: it may have arrived"


def test_only_one_status_is_a_delivery() -> None:
    """No status but DELIVRD is a delivery."""
    delivered = {code for code in STATUS_CODES if state_of(STATUS_CODES[code]) is DeliveryState.DELIVERED}
    assert delivered == {"DELIVRD"}
