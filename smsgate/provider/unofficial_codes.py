"""Codes that carriers' gateways send and that no printed list of a vendor has, tried after a vendor's own.

Sources: lists of codes with their meaning that other SMS providers and practitioners in China publish (Submail, Feige,
Qiniu; China Mobile's rule for the families MI, MJ, MK, ML, MM and MN), read in 2026, and the lists of one vendor for
the other. They agree on it, but no vendor vouches for it: no meaning here suppresses a number, and none is
a delivery. The words are ours.
"""

from typing import Final

from smsgate.model.reason import Reason
from smsgate.model.states import Certainty
from smsgate.provider.codes import Codebook
from smsgate.provider.meanings import Document, Meaning

__all__ = ["UNOFFICIAL", "UNOFFICIAL_CODES"]

UNOFFICIAL: Final = Document("Published lists of other SMS providers", "read in 2026")
_VENDOR: Final = "ask the vendor's support, with the message id"
_LATER: Final = "send again later if it still matters"
_CHECK: Final = "check the number; if it is right, send again later"


def _unofficial(reason: Reason, text: str, remedy: str) -> Meaning:
    return Meaning(reason, f"probably: {text}", remedy, certainty=Certainty.UNOFFICIAL, source=UNOFFICIAL)


_PHONE: Final = _unofficial(
    Reason.UNREACHABLE, "the phone is off, suspended or out of coverage, or there is no such number", _CHECK
)
_NO_ROUTE: Final = _unofficial(Reason.CARRIER_FAULT, "no route to the carrier was found", _VENDOR)
_PORTED: Final = _unofficial(
    Reason.PORTING_FAULT, "the number moved to another network and was not found there", _VENDOR
)
_BLOCKLIST: Final = _unofficial(Reason.BLOCKLISTED, "the number is on a carrier's blocklist", _VENDOR)
_SIGNATURE: Final = _unofficial(Reason.SIGNATURE_REJECTED, "the signature is not registered or is blocked", _VENDOR)
_REVIEW: Final = _unofficial(Reason.IN_REVIEW, "stopped by hand at the carrier", _VENDOR)
_NUMBER: Final = _unofficial(Reason.UNREACHABLE, "the number is wrong, or no route leads to it", _CHECK)


def _too_often(period: str) -> Meaning:
    return _unofficial(Reason.RATE_LIMITED, f"too many texts to this number within a {period}", "send less often")


_CODES: Final = {
    # UNREACHABLE: China Telecom's error numbers without their state.
    "601": _PHONE,
    "602": _PHONE,
    "612": _PHONE,
    "613": _PHONE,
    "640": _PHONE,
    "702": _PHONE,
    "705": _PHONE,
    "713": _PHONE,
    "760": _PHONE,
    "869": _PHONE,
    # UNREACHABLE
    "PHONEERR": _NUMBER,
    "GUNDELIV": _NUMBER,
    "NONCHN": _NUMBER,
    # PORTING_FAULT
    "NP:1243": _PORTED,
    "TE:0008": _PORTED,
    "E:CHAN": _PORTED,
    # BLOCKLISTED
    "BLACK": _BLOCKLIST,
    "DBBLACK": _BLOCKLIST,
    "DB:BLACK": _BLOCKLIST,
    "E:BLACK": _BLOCKLIST,
    "HD:0001": _BLOCKLIST,
    "CJ:0005": _BLOCKLIST,
    "JL:0026": _BLOCKLIST,
    "JL:0028": _BLOCKLIST,
    "MX:0013": _BLOCKLIST,
    "DI:9402": _BLOCKLIST,
    "DI:9403": _BLOCKLIST,
    # RATE_LIMITED
    "BEYONDM": _too_often("minute"),
    "BEYONDH": _too_often("hour"),
    "BEYONDD": _too_often("day"),
    # IN_REVIEW
    "NOPASS": _REVIEW,
    "REJECTE": _REVIEW,
    # SIGNATURE_REJECTED
    "SIGFAIL": _SIGNATURE,
    "SIGNBLOCKED": _SIGNATURE,
    "QM_FAIL": _SIGNATURE,
    "NOSEND": _SIGNATURE,
    # CARRIER_FAULT
    "TIMEOUT": _unofficial(Reason.CARRIER_FAULT, "handing it over timed out", _LATER),
    "NOROUTER": _NO_ROUTE,
    "ROUTEERR": _NO_ROUTE,
}

_FAMILIES: Final = {
    # What the message centre answered stands in the second letter.
    "MI": _PHONE,
    "MJ": _unofficial(Reason.DELETED, "the message centre deleted it", _LATER),
    # Nothing more comes after these two: they are reports, not answers to a query.
    "ML": _unofficial(Reason.UNKNOWN, "the message centre took it and has not said more", "ask the person"),
    "MM": _unofficial(Reason.UNKNOWN, "the message centre does not know its state", "ask the person"),
    # The gateway's own error, or the result of CMPP_SUBMIT_RESP (8: too fast).
    "ID": _unofficial(Reason.CARRIER_FAULT, "an error in the carrier's gateway", _LATER),
    "CMPPERR": _unofficial(Reason.CARRIER_FAULT, "the carrier's gateway refused it", _LATER),
    # SGIP's error number behind the operator's digit or the protocol's name.
    "2": _PHONE,
    "SGIP": _PHONE,
    "U": _PHONE,
    "U2": _PHONE,
}

UNOFFICIAL_CODES: Final = Codebook(_CODES, families=_FAMILIES)
"""For `Codebook(unofficial=…)`."""
