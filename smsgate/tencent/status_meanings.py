"""What a Tencent delivery report can mean: the rows of the `status_codes_…` tables point here.

Tencent's list has some two hundred texts for two thousand codes. Where a text leaves open whether the number exists
("invalid, out of service or switched off"), the reason is `UNREACHABLE`: such a number must not be struck off a list.
The list calls many codes "no such number" that carriers and other vendors explain otherwise, some of them codes of a
busy or misconfigured gateway. So a number is struck off only where a second source has the same words
(`NO_SUCH_NUMBER`); what stands in two editions of this list, but otherwise in another spelling of the code, is
`UNPROVEN_NUMBER`; all else is `PERHAPS_NO_NUMBER`.
"""

from typing import Final

from smsgate.model.reason import Reason
from smsgate.model.states import DeliveryState
from smsgate.provider.meanings import Meaning

__all__ = [
    "ABROAD",
    "BARRED",
    "BLOCKED",
    "BLOCKED_KEYWORD",
    "BLOCKLIST",
    "BUSY",
    "CACHE",
    "CARRIER",
    "CARRIER_BLOCKLIST",
    "COMPLAINED",
    "COMPLAINED_YEAR",
    "CONTENT",
    "COVERAGE_OR_MEMORY",
    "DAILY_LIMIT",
    "DELIVERED",
    "EXPIRED",
    "FORBIDDEN_SIGNATURE",
    "FRAUD",
    "FREQUENCY",
    "GARBLED",
    "GATEWAY",
    "GATEWAY_BLOCKLIST",
    "HANDSET",
    "HOURS",
    "KEYWORD",
    "LIMIT",
    "MEMORY_FULL",
    "NOT_FINAL",
    "NOT_IN_ORDER",
    "NOT_SAID",
    "NOT_SERVED",
    "NO_MARKETING",
    "NO_RESPONSE",
    "NO_ROUTE",
    "NO_SMS_HANDSET",
    "NO_SMS_SERVICE",
    "NO_SUCH_NUMBER",
    "NUMBER_OR_BLOCKLIST",
    "OFF",
    "OPTED_OUT",
    "OPT_OUT_MISSING",
    "OTHER_NETWORK",
    "OUT_OF_COVERAGE",
    "OUT_OF_SERVICE",
    "PERHAPS_NO_NUMBER",
    "PHISHING",
    "PLATFORM",
    "PLATFORM_TIMEOUT",
    "PORTED",
    "QUEUE_FULL",
    "RANGE",
    "REFUSED",
    "REVIEW",
    "SERVICE_CODE",
    "SIGNAL",
    "SIGNAL_OR_CONTENT",
    "SIGNATURE",
    "SUBCODE",
    "TOO_LONG",
    "UNAVAILABLE",
    "UNKNOWN_CARRIER",
    "UNPROVEN_NUMBER",
    "UNREACHABLE",
    "UNSURE_BLOCKLIST",
]

_STRIKE_OFF: Final = "stop sending to this number"
_CHECK: Final = "check the number; if it is right, send again later"
_LATER: Final = "send again later if it still matters"
_SUPPORT: Final = "ask Tencent's SMS support, with the message id"
_REMOVAL: Final = "stop sending to this number; if its owner asks for texts, Tencent's support can take it off the list"
_SLOW_DOWN: Final = "send less often to this number, or adjust the limits in the SMS console"

NOT_FINAL: Final = Meaning(
    Reason.UNKNOWN,
    "reported as failed, with the code of a message that is pending or has arrived",
    "ask the person, or Tencent's SMS support with the message id",
    state=DeliveryState.UNDELIVERED,
)
"""`FAIL` is Tencent's last word, whatever its code: no other report comes."""
DELIVERED: Final = Meaning(None, "delivered to the handset", state=DeliveryState.DELIVERED)

# The number.
NO_SUCH_NUMBER: Final = Meaning(Reason.INVALID_NUMBER, "there is no such number", _STRIKE_OFF)
UNPROVEN_NUMBER: Final = Meaning(
    Reason.INVALID_NUMBER,
    "there is no such number, says Tencent's list; other sources say otherwise",
    _CHECK,
    suppress=False,
)
PERHAPS_NO_NUMBER: Final = Meaning(
    Reason.UNREACHABLE, "there is no such number, says Tencent's list alone; it may be off or out of service", _CHECK
)
NOT_SERVED: Final = Meaning(
    Reason.UNREACHABLE, "there is no such number, or the carrier does not serve it with these texts", _CHECK
)
NUMBER_OR_BLOCKLIST: Final = Meaning(Reason.UNREACHABLE, "there is no such number, or the carrier stopped it", _CHECK)
UNKNOWN_CARRIER: Final = Meaning(
    Reason.UNSUPPORTED,
    "Tencent does not know the carrier of this number, which may be of a new range",
    "check the number; another vendor may know its range",
)
ABROAD: Final = Meaning(Reason.UNSUPPORTED, "the channel does not serve numbers abroad", _SUPPORT)
OTHER_NETWORK: Final = Meaning(Reason.UNSUPPORTED, "the channel does not serve the number's network", _SUPPORT)
NO_MARKETING: Final = Meaning(Reason.UNSUPPORTED, "this carrier takes no marketing texts", "send it another way")

# The phone and its subscription.
UNREACHABLE: Final = Meaning(
    Reason.UNREACHABLE,
    "switched off, out of coverage or out of service, or there is no such number",
    "send again later; if it stays so, check the number",
)
OUT_OF_SERVICE: Final = Meaning(Reason.UNREACHABLE, "the number is suspended or out of service", "check the number")
OFF: Final = Meaning(Reason.UNREACHABLE, "the phone is switched off", _LATER)
OUT_OF_COVERAGE: Final = Meaning(Reason.UNREACHABLE, "the phone is out of coverage", _LATER)
UNAVAILABLE: Final = Meaning(Reason.UNREACHABLE, "the number is unavailable for the time being", _LATER)
COVERAGE_OR_MEMORY: Final = Meaning(Reason.UNREACHABLE, "the phone is out of coverage, or its memory is full", _LATER)
NO_SMS_SERVICE: Final = Meaning(
    Reason.UNREACHABLE, "the subscription does not take these texts", "its owner can ask the carrier to enable texts"
)
BARRED: Final = Meaning(
    Reason.UNREACHABLE, "calls and texts to this number are barred", "its owner can ask the carrier to lift the bar"
)
NOT_IN_ORDER: Final = Meaning(
    Reason.UNREACHABLE, "the number is not in order, perhaps in arrears", "check the number, then send again later"
)
SIGNAL: Final = Meaning(Reason.UNREACHABLE, "the phone has no or poor reception", _LATER)
SIGNAL_OR_CONTENT: Final = Meaning(
    Reason.UNREACHABLE,
    "the phone has no or poor reception; if many texts fail so, the carrier stops them for a word",
    "send again later; if many fail, ask Tencent's SMS support",
)
HANDSET: Final = Meaning(Reason.HANDSET_FAULT, "the handset failed", _LATER)
NO_SMS_HANDSET: Final = Meaning(
    Reason.HANDSET_FAULT, "the device cannot take texts", "do not send it again: reach its owner another way"
)
CACHE: Final = Meaning(
    Reason.HANDSET_FAULT, "the handset did not confirm it, or could not store it", "its owner should restart the phone"
)
MEMORY_FULL: Final = Meaning(Reason.HANDSET_FAULT, "the handset's memory is full", "its owner must delete some texts")
PORTED: Final = Meaning(Reason.PORTING_FAULT, "the number moved to another network and was not found there", _SUPPORT)

# Lists.
BLOCKLIST: Final = Meaning(Reason.BLOCKLISTED, "the number is on a blocklist", _REMOVAL)
CARRIER_BLOCKLIST: Final = Meaning(Reason.BLOCKLISTED, "the number is on the carrier's blocklist", _REMOVAL)
GATEWAY_BLOCKLIST: Final = Meaning(Reason.BLOCKLISTED, "the number is on the gateway's blocklist", _REMOVAL)
UNSURE_BLOCKLIST: Final = Meaning(
    Reason.BLOCKLISTED,
    "the number is on a blocklist, says Tencent's list; other rows or sources say otherwise",
    _SUPPORT,
    suppress=False,
)
COMPLAINED_YEAR: Final = Meaning(
    Reason.BLOCKLISTED, "on a blocklist for a year because its owner complained, or stopped by the gateway", _STRIKE_OFF
)
COMPLAINED: Final = Meaning(
    Reason.BLOCKLISTED, "the number is on a blocklist because its owner complained", _STRIKE_OFF
)
OPTED_OUT: Final = Meaning(Reason.UNSUBSCRIBED, "the person has unsubscribed", _STRIKE_OFF)

# The content and its signature.
KEYWORD: Final = Meaning(Reason.CONTENT_BLOCKED, "stopped for a keyword", "change the text or the parameters")
PHISHING: Final = Meaning(Reason.CONTENT_BLOCKED, "stopped as suspected phishing", "check the text and its links")
GARBLED: Final = Meaning(Reason.CONTENT_BLOCKED, "the text has garbled characters", "check the parameters' characters")
TOO_LONG: Final = Meaning(Reason.TOO_LONG, "the text has a wrong length", "shorten the parameters")
OPT_OUT_MISSING: Final = Meaning(
    Reason.CONTENT_BLOCKED,
    "stopped because a marketing text must say how to opt out",
    "end the template's text with how to unsubscribe",
)
CONTENT: Final = Meaning(Reason.CONTENT_BLOCKED, "stopped for its content", "change the text or the parameters")
BLOCKED_KEYWORD: Final = Meaning(
    Reason.INTERCEPTED, "stopped by the carrier's gateway, probably for a keyword", "change the text or the parameters"
)
FRAUD: Final = Meaning(Reason.INTERCEPTED, "stopped as suspected fraud", "check the text and its links")
HOURS: Final = Meaning(
    Reason.OUTSIDE_HOURS, "not allowed at this time of day", "send it in the daytime, from 8:00 to 21:00 China time"
)
BLOCKED: Final = Meaning(Reason.INTERCEPTED, "stopped by the carrier's gateway, cause not said", _SUPPORT)
REVIEW: Final = Meaning(Reason.IN_REVIEW, "refused by manual review", _SUPPORT)
REFUSED: Final = Meaning(Reason.REFUSED, "rejected, cause not said", _SUPPORT)
SIGNATURE: Final = Meaning(
    Reason.SIGNATURE_REJECTED, "the signature could not be read from the text", "use one signature, without brackets"
)

FORBIDDEN_SIGNATURE: Final = Meaning(Reason.SIGNATURE_REJECTED, "the signature is not allowed", _SUPPORT)

# Limits.
FREQUENCY: Final = Meaning(Reason.RATE_LIMITED, "too many texts to this number", _SLOW_DOWN)
DAILY_LIMIT: Final = Meaning(Reason.RATE_LIMITED, "too many texts to this number today", _SLOW_DOWN)
QUEUE_FULL: Final = Meaning(Reason.RATE_LIMITED, "too many texts wait for this phone already", _LATER)
LIMIT: Final = Meaning(
    Reason.RATE_LIMITED, "a limit is reached: of this number, or of the channel", "send less often, then ask support"
)
EXPIRED: Final = Meaning(Reason.EXPIRED, "its validity ended before the phone answered", _LATER)

# The carrier.
GATEWAY: Final = Meaning(Reason.CARRIER_FAULT, "an error in the carrier's gateway", _LATER)
CARRIER: Final = Meaning(Reason.CARRIER_FAULT, "an error inside the carrier's network", _LATER)
NO_ROUTE: Final = Meaning(Reason.CARRIER_FAULT, "no route to the recipient's network", _SUPPORT)
BUSY: Final = Meaning(Reason.CARRIER_FAULT, "the carrier's network was too busy", _LATER)
RANGE: Final = Meaning(Reason.CARRIER_FAULT, "the number's range or province was not recognised", _SUPPORT)
NO_RESPONSE: Final = Meaning(Reason.CARRIER_FAULT, "the carrier's network did not answer in time", _LATER)
SERVICE_CODE: Final = Meaning(Reason.CARRIER_FAULT, "the carrier does not know the channel's service code", _SUPPORT)
NOT_SAID: Final = Meaning(Reason.CARRIER_FAULT, "failed, and the carrier does not say why", _SUPPORT)

# Tencent's platform.
PLATFORM: Final = Meaning(Reason.PLATFORM_FAULT, "Tencent could not submit it to the carrier's gateway", _LATER)
PLATFORM_TIMEOUT: Final = Meaning(Reason.PLATFORM_FAULT, "Tencent's hand-over to the carrier timed out", _LATER)
SUBCODE: Final = Meaning(
    Reason.PLATFORM_FAULT, "Tencent could not find the channel number of the signature", "send again, then ask support"
)
