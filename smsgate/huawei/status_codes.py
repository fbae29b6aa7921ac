"""What the status of a Huawei delivery report means.

Sources: Message & SMS API Reference (2023-04-20), Table 3-68 "Values of status" and 5.2.2 "SMS Status Error Codes";
"SMS Status Error Codes (Chinese Mainland SMS)", the online edition of 2024, for the rows marked so. The words are ours.

The print has shifted rows, which the online edition puts right: BEYONDN (5.2.2 prints BEYOND, with KEYWORD's words) is
a daily limit, MBBLACK a blocklist, DJ:0255 a matter of content; 1, 24, MK:xxxx, MN:xxxx and LT:0001 share one cell,
about the phone. In a family such as MA:xxxx the letters tell the party and how it failed, not the cause.
"""

from typing import Final

import attrs

from smsgate.huawei.send_codes import NUMBER_CODES
from smsgate.model.reason import Reason
from smsgate.model.states import Certainty, DeliveryState
from smsgate.provider.base_states import BASE_STATES
from smsgate.provider.codes import Codebook
from smsgate.provider.meanings import Document, Meaning, documented

__all__ = ["STATUS_CODES"]

_MOBILE, _UNICOM, _TELECOM = "China Mobile", "China Unicom", "China Telecom"
_SUPPORT: Final = "ask Huawei Cloud's support with the message id"
_LESS: Final = "send less often to this number; Huawei can lift the limit"
_STOP: Final = "stop sending to this number; if its owner asks for texts, Huawei can take it off the list"
_WORDS: Final = "change the words or the template's variables"
_LATER: Final = "send again later if it still matters"

_PRINT: Final = Document("Message & SMS API Reference, Table 3-68 and 5.2.2", "2023-04-20")
_ONLINE: Final = Document("SMS Status Error Codes (Chinese Mainland SMS)", "online, 2024")

_STATES: Final = {
    **documented(
        {state: BASE_STATES[state] for state in ("DELIVRD", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD")},
        _PRINT,
    ),
    # 5.2.2 has both causes.
    "EXPIRED": Meaning(
        Reason.EXPIRED,
        "its validity ended, or no report came within 72 hours: it may have arrived",
        "ask the person, or send again if a second copy does no harm",
    ),
}

_BLOCKLIST: Final = Meaning(Reason.BLOCKLISTED, "on a blocklist: it opted out or complained", _STOP)
_DAILY_LIMIT: Final = Meaning(Reason.RATE_LIMITED, "this number's daily limit is reached", _LESS)
_PHONE: Final = Meaning(
    Reason.UNREACHABLE,
    "the phone is off or suspended, or there is no such number",
    "check the number if it happens again",
)
_HELD: Final = Meaning(Reason.IN_REVIEW, "stopped for manual review", "check the words, or have the template approved")
_UNICOM_FAULT: Final = Meaning(Reason.CARRIER_FAULT, "an error in the carrier's gateway", _LATER, carrier=_UNICOM)
_NOT_HANDED_OVER: Final = Meaning(Reason.CARRIER_FAULT, "it was not handed to the carrier: no route", _SUPPORT)
_KEYWORDS: Final = Meaning(Reason.CONTENT_BLOCKED, "stopped for a keyword", _WORDS)

_SUPPLIER: Final = {
    "MILIMIT": Meaning(Reason.RATE_LIMITED, "too many messages to this number within a minute", _LESS),
    "LIMIT": _DAILY_LIMIT,
    "BEYONDN": _DAILY_LIMIT,
    "KEYWORD": _KEYWORDS,
    "DJ:0255": Meaning(Reason.CONTENT_BLOCKED, "the carrier stopped it: the content is not allowed", _WORDS),
    "BLACK": _BLOCKLIST,
    "MBBLACK": _BLOCKLIST,
    "1": _PHONE,
    "24": _PHONE,
    "LT:0001": attrs.evolve(_PHONE, carrier=_UNICOM),
}

# Huawei's own platform.
_PLATFORM: Final = {
    "SC:0001": _HELD,
    "SC:0002": Meaning(Reason.IN_REVIEW, "stopped by an alarm of the manual review", "check the words"),
    "SC:0012": Meaning(Reason.IN_REVIEW, "it was not reviewed in time", _SUPPORT),
    "SC:0003": Meaning(Reason.BLOCKLISTED, "on Huawei's blocklist", _STOP),
    "SC:0004": Meaning(Reason.BLOCKLISTED, "on Huawei's list of protected numbers", _STOP),
    "SC:0005": Meaning(Reason.BLOCKLISTED, "on Huawei's list of numbers that complained", _STOP),
    "SC:0016": Meaning(Reason.UNSUBSCRIBED, "the recipient has opted out", "stop sending to this number"),
    "SC:0006": Meaning(Reason.CONTENT_BLOCKED, "stopped for a forbidden word", _WORDS),
    "SC:0007": Meaning(Reason.CONTENT_BLOCKED, "stopped for a telling word", _WORDS),
    "SC:0008": Meaning(Reason.CONTENT_BLOCKED, "stopped for a controlled word", _WORDS),
    "SC:0009": Meaning(Reason.CONTENT_BLOCKED, "stopped because a required word is missing", _WORDS),
    # 3-68: a template of intercepted texts; its advice is about sensitive words.
    "SC:0015": Meaning(Reason.CONTENT_BLOCKED, "stopped because the text matches a forbidden pattern", _WORDS),
    "SC:0010": Meaning(Reason.RATE_LIMITED, "sent too often", "send less often, and this one after 24 hours"),
    "SC:0011": Meaning(Reason.OUTSIDE_HOURS, "not allowed at this time", "send within the allowed hours"),
    "SC:0013": Meaning(Reason.SIGNATURE_REJECTED, "the signature is on a blocklist", _SUPPORT),
    "SC:0018": Meaning(Reason.SIGNATURE_REJECTED, "the signature is not registered", "have it approved first"),
    "SC:0014": Meaning(
        Reason.TEMPLATE_REJECTED, "the text does not match its review-free template", "compare the two, then ask Huawei"
    ),
    "SC:0017": Meaning(Reason.TEMPLATE_REJECTED, "the template is not registered", "have it approved first"),
    **NUMBER_CODES,
}

# The online edition alone has these, the carriers' own codes among them.
_ONLINE_ROWS: Final = {
    "CTLIMIT": Meaning(Reason.RATE_LIMITED, "this number's limit is reached", _LESS),
    "TDBLACK": _BLOCKLIST,
    "TSBLACK": _BLOCKLIST,
    # The print has it for malformed numbers, template ids and variables alike: that is no reason to drop the number.
    "E000503": Meaning(
        Reason.INVALID_REQUEST, "a field is malformed: the number, the template id or a parameter", "check all three"
    ),
    "MK:1004": Meaning(Reason.CONTENT_BLOCKED, "stopped for a keyword, for review", _WORDS, carrier=_MOBILE),
    "MK:1006": Meaning(Reason.CARRIER_FAULT, "another network's gateway refused it", _LATER, carrier=_MOBILE),
    "MK:1007": Meaning(Reason.CARRIER_FAULT, "the gateway did not answer in time", _LATER, carrier=_MOBILE),
    "MK:0055": Meaning(Reason.CARRIER_FAULT, "the data network's switch refused it: overload", _LATER, carrier=_MOBILE),
    "MK:0056": Meaning(Reason.CARRIER_FAULT, "the subscriber register failed: overload", _LATER, carrier=_MOBILE),
    "MK:0057": Meaning(Reason.CARRIER_FAULT, "the switching centre failed: overload", _LATER, carrier=_MOBILE),
    # Tencent's list of 2021-12-15: no such number, out of service or off. So the number is not struck off.
    "MB:1043": Meaning(
        Reason.INVALID_NUMBER, "there is no such subscriber", "check the number", carrier=_MOBILE, suppress=False
    ),
    "MB:1044": Meaning(Reason.CARRIER_FAULT, "no route to the number", _LATER, carrier=_MOBILE),
    "MB:1045": Meaning(
        Reason.UNREACHABLE, "the subscriber's account is not in order", "its owner has to top it up", carrier=_MOBILE
    ),
    "CL26:-37": Meaning(Reason.RATE_LIMITED, "this number's daily limit is reached", _LESS, carrier=_MOBILE),
    "CL26:-99": Meaning(Reason.CARRIER_FAULT, "handing it over timed out", _LATER, carrier=_MOBILE),
    "2:12": attrs.evolve(_PHONE, carrier=_UNICOM),
    "2:24": Meaning(Reason.UNREACHABLE, "the phone is off, suspended or takes no texts", _LATER, carrier=_UNICOM),
    "2:70": Meaning(
        Reason.BLOCKLISTED, "on the gateway's blocklist: it opted out or complained", _STOP, carrier=_UNICOM
    ),
    "SGIP:56": Meaning(Reason.UNREACHABLE, "the phone is off", _LATER, carrier=_UNICOM),
    "SGIP:5": Meaning(Reason.UNREACHABLE, "the number is suspended", _LATER, carrier=_UNICOM),
    "SGIP:13": Meaning(Reason.UNREACHABLE, "the number is suspended", _LATER, carrier=_UNICOM),
    "SGIP:54": Meaning(Reason.UNREACHABLE, "the phone is off or has no reception", _LATER, carrier=_UNICOM),
    "SGIP:58": Meaning(Reason.UNREACHABLE, "the phone cannot be reached", _LATER, carrier=_UNICOM),
    "SGIP:22": _UNICOM_FAULT,
    "SGIP:23": _UNICOM_FAULT,
    "SGIP:93": _UNICOM_FAULT,
    "SGIP:216": _UNICOM_FAULT,
    "SGIP:221": _UNICOM_FAULT,
    "TIMEOUT": Meaning(Reason.CARRIER_FAULT, "handing it over timed out", _LATER),
    "ROUTEERR": _NOT_HANDED_OVER,
    "NOROUTER": _NOT_HANDED_OVER,
    "ERR:011": attrs.evolve(_BLOCKLIST, suppress=False),
    "ERR:056": Meaning(Reason.UNREACHABLE, "the number is in arrears", "its owner has to top it up"),
    "ERR:099": Meaning(Reason.INTERCEPTED, "stopped for a keyword, or the number is on a blocklist", _SUPPORT),
    "SGIP:57": Meaning(Reason.CARRIER_FAULT, "the gateway was called from a wrong address", _SUPPORT, carrier=_UNICOM),
    "SMGPERR:20": Meaning(Reason.CARRIER_FAULT, "the gateway was called from a wrong address", carrier=_TELECOM),
    "SMGPERR:21": Meaning(Reason.CARRIER_FAULT, "the gateway refused the log-in", carrier=_TELECOM),
    "SMGPERR:22": Meaning(Reason.CARRIER_FAULT, "the gateway speaks another version", carrier=_TELECOM),
    "SMGPERR:52": Meaning(Reason.UNREACHABLE, "a prepaid number that is not activated yet", carrier=_TELECOM),
    "SMGPERR:53": Meaning(Reason.CARRIER_FAULT, "the gateway does not know the sender's account", carrier=_TELECOM),
    "SPMSERR:165": Meaning(Reason.CARRIER_FAULT, "the bulk gateway could not read the request", carrier=_TELECOM),
    "SPMSERR:166": Meaning(Reason.CARRIER_FAULT, "the bulk gateway could not read the number", carrier=_TELECOM),
}


def _party(name: str) -> tuple[Meaning, Meaning, Meaning]:
    """No answer, an error in answer, no report: A, B and C in the family's second letter."""
    return (
        Meaning(Reason.CARRIER_FAULT, f"{name} did not answer", _LATER),
        Meaning(Reason.CARRIER_FAULT, f"{name} answered with an error", _LATER),
        # Nobody knows whether it arrived: to send it again may be to send it twice.
        Meaning(Reason.EXPIRED, f"no report came from {name} in time: it may have arrived", "ask the person, or wait"),
    )


def _families() -> dict[str, Meaning]:
    families = {"MK": _PHONE, "MN": _PHONE}
    families["MA"], families["MB"], families["MC"] = _party("the message centre")
    families["CA"], families["CB"], _ = _party("the prepaid account platform")
    families["DA"], families["DB"], _ = _party("the data service platform")
    families["SA"], families["SB"], _ = _party("the service provider's server")
    families["IA"], families["IB"], families["IC"] = _party("the carrier's gateway")
    gateway = "the carrier's gateway refused it"
    families["SMGPERR"] = Meaning(Reason.CARRIER_FAULT, gateway, _SUPPORT, carrier=_TELECOM)
    families["SPMSERR"] = Meaning(Reason.CARRIER_FAULT, gateway, _SUPPORT, carrier=_TELECOM)
    # IoTCom, "SMS Status Codes" of China Mobile: off, suspended, weak signal and the like.
    families["MI"] = attrs.evolve(_PHONE, carrier=_MOBILE, certainty=Certainty.INFERRED)
    return families


def _unofficial() -> Codebook:
    from smsgate.provider.unofficial_codes import UNOFFICIAL_CODES

    return UNOFFICIAL_CODES


STATUS_CODES: Final = Codebook(
    {**_STATES, **_SUPPLIER, **_PLATFORM, **documented(_ONLINE_ROWS, _ONLINE)},
    families=_families(),
    # Only DELIVRD is a delivery: no other spelling of it comes from Huawei.
    base={state: meaning for state, meaning in BASE_STATES.items() if meaning.state is not DeliveryState.DELIVERED},
    aliases={"BEYOND": "BEYONDN", "SGIP:12": "2:12", "SGIP:2:12": "2:12"} | {"SGIP:24": "2:24", "SGIP:2:24": "2:24"},
    unofficial=_unofficial,
    source=_PRINT,
)
"""The statuses of Huawei's delivery reports."""
