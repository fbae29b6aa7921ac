"""What the codes in Tencent's delivery reports (`errmsg`) mean.

Source: Tencent Cloud SMS, "SMS Sending and Receipt Status Error Codes", international documentation, edition of
2021-12-15: 1,968 codes, in a table for each carrier; six are left out, see `status_codes_unicom`. They include those of
the SMS Development Guide 2.0, Error Codes for Status Report (2020-08-03), and but for five those of the English edition
of 2018 (382/3771); where editions differ, the later one counts. The words and the classes are ours.

A code that is in none of them is read by its family, whose meaning is that of most listed codes of the family.

Other vendors use some of these codes for something else: SC:0001, BEYONDN, 1, 24 and 7 among them.
"""

import re
from collections.abc import Mapping
from typing import Final

import attrs

from smsgate.model.states import Certainty, DeliveryState
from smsgate.provider.base_states import BASE_STATES
from smsgate.provider.codes import Codebook, CodePattern
from smsgate.provider.meanings import Document, Meaning, documented
from smsgate.provider.unofficial_codes import UNOFFICIAL, UNOFFICIAL_CODES
from smsgate.tencent import status_codes_all_carriers, status_codes_mobile, status_codes_telecom, status_codes_unicom
from smsgate.tencent import status_meanings as m

__all__ = ["STATUS_TABLES"]

_MOBILE, _UNICOM, _TELECOM = "China Mobile", "China Unicom", "China Telecom"
_LIST_2021: Final = Document("Tencent Cloud SMS, SMS Sending and Receipt Status Error Codes", "2021-12-15")
_LIST_2018: Final = Document("Tencent Cloud SMS, Error Codes (382/3771)", "2018")
_ONLY_2018: Final = ("EXPIRED_999", "MK:0048", "MOBILEBLACK", "OTHER", "REJECTD_006")


def _inferred(meaning: Meaning, carrier: str | None = None) -> Meaning:
    return attrs.evolve(meaning, carrier=carrier, certainty=Certainty.INFERRED)


def _unofficial(meaning: Meaning, carrier: str | None = None) -> Meaning:
    return attrs.evolve(meaning, carrier=carrier, certainty=Certainty.UNOFFICIAL, source=UNOFFICIAL)


_FAMILIES: Final = {
    # The list says so of all codes that begin with MI and MN, the edition of 2018 of those with MK too.
    "MI": attrs.evolve(m.UNREACHABLE, carrier=_MOBILE),
    "MN": attrs.evolve(m.UNREACHABLE, carrier=_MOBILE),
    "MK": attrs.evolve(m.UNREACHABLE, carrier=_MOBILE, source=_LIST_2018),
    # CMPP: the result of CMPP_SUBMIT_RESP follows. 8 is flow control; 13 alone is about the number.
    "CMPP20ERR": _inferred(m.GATEWAY, _MOBILE),
    "CMPP30ERR": _inferred(m.GATEWAY, _MOBILE),
    # Most listed codes of these families are errors of a gateway: 82 of 129 ID, 89 of 112 MB, 46 of 101 DB, 48 of 49
    # SMGPERR.
    **dict.fromkeys(("IA", "IB", "IC", "ID", "MA", "MB", "CA", "CB", "DA", "DB"), _inferred(m.GATEWAY, _MOBILE)),
    **dict.fromkeys(("SMGPERR", "SPMSERR"), _inferred(m.GATEWAY, _TELECOM)),
    # 121 of 124 are about the phone.
    "R": _inferred(m.UNREACHABLE),
    # SGIP's error numbers: of 2, SGIP, U and U2 most listed ones are about the phone, of LT as many as about a gateway.
    **dict.fromkeys(("2", "SGIP", "U", "U2", "LT"), _unofficial(m.UNREACHABLE, _UNICOM)),
}

_PATTERNS: Final = (
    # As numbers, without leading zeros, these are China Unicom's: MK:24 is not MK:0024. China Mobile's are four wide.
    CodePattern("MK:n", re.compile(r"MK:-?[1-9][0-9]{0,2}"), _inferred(m.UNREACHABLE, _UNICOM)),
    # China Telecom's error numbers, as in UNDELIV_601.
    CodePattern("ERR:6xx", re.compile(r"ERR:6[0-9]{2}"), _inferred(m.UNREACHABLE, _TELECOM)),
    CodePattern("SMGP6xx", re.compile(r"SMGP6[0-9]{2}"), _inferred(m.UNREACHABLE, _TELECOM)),
    CodePattern("R:006xx", re.compile(r"R:006[0-9]{2}"), _inferred(m.UNREACHABLE, _TELECOM)),
)

_ALIASES: Final = {
    # The list prints a stray question mark, and the guide of 2020 lacks the hyphens.
    "MA:0054?": "MA:0054",
    "BST1": "BST--1",
    "BST-1": "BST--1",
}


def _rows() -> Mapping[str, Meaning]:
    rows = {
        **documented(status_codes_mobile.CODES, carrier=_MOBILE),
        **documented(status_codes_unicom.CODES, carrier=_UNICOM),
        **documented(status_codes_telecom.CODES, carrier=_TELECOM),
        **documented(status_codes_telecom.EXPIRED, carrier=_TELECOM, state=DeliveryState.EXPIRED),
        **documented(status_codes_telecom.REJECTED, carrier=_TELECOM, state=DeliveryState.REJECTED),
        **status_codes_all_carriers.CODES,
    }
    return rows | documented({code: rows[code] for code in _ONLY_2018}, _LIST_2018)


STATUS_TABLES: Final = Codebook(
    _rows(),
    families=_FAMILIES,
    patterns=_PATTERNS,
    # `report_status` says whether it failed, and FAIL is final: no state is pending, whatever its name.
    base={state: m.NOT_FINAL if meaning.state == "PENDING" else meaning for state, meaning in BASE_STATES.items()},
    aliases=_ALIASES,
    unofficial=lambda: UNOFFICIAL_CODES,
    source=_LIST_2021,
)
"""The codes of delivery reports that say `FAIL`, without white space: the print's "BWLIST _006" is found as well."""
