"""What a Tencent delivery report can mean: the rows of `status_codes` and `status_codes_2018` point here.

Tencent's lists have some three dozen texts for four hundred codes. Where a text leaves open whether the number exists
("invalid, out of service or switched off"), the reason is `UNREACHABLE`: such a number must not be struck off a list.
"""

from typing import Final

from smsgate.model.reason import Reason
from smsgate.model.report import DeliveryState
from smsgate.provider.codes import Meaning

__all__ = [
    "BLOCKED",
    "BLOCKLIST",
    "CARRIER",
    "CARRIER_BLOCKLIST",
    "COMPLAINED",
    "COVERAGE_OR_MEMORY",
    "DAILY_LIMIT",
    "DELIVERED",
    "EXPIRED",
    "FREQUENCY",
    "GARBLED",
    "GATEWAY",
    "GATEWAY_BLOCKLIST",
    "HANDSET",
    "KEYWORD",
    "MEMORY_FULL",
    "NOT_SAID",
    "NOT_SERVED",
    "NO_RESPONSE",
    "NO_SMS_SERVICE",
    "NO_SUCH_NUMBER",
    "OFF",
    "OPTED_OUT",
    "OUT_OF_COVERAGE",
    "OUT_OF_SERVICE",
    "PHISHING",
    "PLATFORM",
    "PLATFORM_TIMEOUT",
    "PORTED",
    "QUEUE_FULL",
    "QUOTA",
    "REFUSED",
    "REVIEW",
    "SERVICE_CODE",
    "SIGNAL",
    "SIGNATURE",
    "SUBCODE",
    "TOO_LONG",
    "UNAVAILABLE",
    "UNKNOWN_CARRIER",
    "UNREACHABLE",
]

_STRIKE_OFF: Final = "stop sending to this number"
_LATER: Final = "send again later if it still matters"
_SUPPORT: Final = "ask Tencent's SMS support, with the message id"
_REMOVAL: Final = "stop sending to this number; if its owner asks for texts, Tencent's support can take it off the list"
_SLOW_DOWN: Final = "send less often to this number, or adjust the limits in the SMS console"

DELIVERED: Final = Meaning(None, "delivered to the handset", state=DeliveryState.DELIVERED)

# The number.
NO_SUCH_NUMBER: Final = Meaning(Reason.INVALID_NUMBER, "there is no such number", _STRIKE_OFF)
NOT_SERVED: Final = Meaning(
    Reason.INVALID_NUMBER, "there is no such number, or it does not take texts of services", _STRIKE_OFF
)
UNKNOWN_CARRIER: Final = Meaning(Reason.INVALID_NUMBER, "the number belongs to no known carrier", "check the number")

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
HANDSET: Final = Meaning(Reason.HANDSET_FAULT, "the handset failed", _LATER)
SIGNAL: Final = Meaning(Reason.HANDSET_FAULT, "the handset's signal failed", _LATER)
MEMORY_FULL: Final = Meaning(Reason.HANDSET_FAULT, "the handset's memory is full", "its owner must delete some texts")
PORTED: Final = Meaning(Reason.PORTING_FAULT, "the number moved to another network and was not found there", _SUPPORT)

# Lists.
BLOCKLIST: Final = Meaning(Reason.BLOCKLISTED, "the number is on a blocklist", _REMOVAL)
CARRIER_BLOCKLIST: Final = Meaning(Reason.BLOCKLISTED, "the number is on the carrier's blocklist", _REMOVAL)
GATEWAY_BLOCKLIST: Final = Meaning(Reason.BLOCKLISTED, "the number is on the gateway's blocklist", _REMOVAL)
COMPLAINED: Final = Meaning(
    Reason.BLOCKLISTED, "the number is on a blocklist because its owner complained", _STRIKE_OFF
)
OPTED_OUT: Final = Meaning(Reason.UNSUBSCRIBED, "the person has unsubscribed", _STRIKE_OFF)

# The content and its signature.
KEYWORD: Final = Meaning(Reason.CONTENT_BLOCKED, "stopped for a keyword", "change the text or the parameters")
PHISHING: Final = Meaning(Reason.CONTENT_BLOCKED, "stopped as suspected phishing", "check the text and its links")
GARBLED: Final = Meaning(Reason.CONTENT_BLOCKED, "the text has garbled characters", "check the parameters' characters")
TOO_LONG: Final = Meaning(Reason.TOO_LONG, "the text has a wrong length", "shorten the parameters")
BLOCKED: Final = Meaning(Reason.INTERCEPTED, "stopped by the carrier's gateway, cause not said", _SUPPORT)
REVIEW: Final = Meaning(Reason.IN_REVIEW, "refused by manual review", _SUPPORT)
REFUSED: Final = Meaning(Reason.REFUSED, "rejected, cause not said", _SUPPORT)
SIGNATURE: Final = Meaning(
    Reason.SIGNATURE_REJECTED, "the signature could not be read from the text", "use one signature, without brackets"
)

# Limits.
FREQUENCY: Final = Meaning(Reason.RATE_LIMITED, "too many texts to this number", _SLOW_DOWN)
DAILY_LIMIT: Final = Meaning(Reason.RATE_LIMITED, "too many texts to this number today", _SLOW_DOWN)
QUEUE_FULL: Final = Meaning(Reason.RATE_LIMITED, "too many texts wait for this phone already", _LATER)
QUOTA: Final = Meaning(Reason.QUOTA_EXCEEDED, "the channel's delivery limit is reached", _SUPPORT)
EXPIRED: Final = Meaning(Reason.EXPIRED, "its validity ended before the phone answered", _LATER)

# The carrier.
GATEWAY: Final = Meaning(Reason.CARRIER_FAULT, "an error in the carrier's gateway", _LATER)
CARRIER: Final = Meaning(Reason.CARRIER_FAULT, "an error inside the carrier's network", _LATER)
NO_RESPONSE: Final = Meaning(Reason.CARRIER_FAULT, "the carrier's network did not answer in time", _LATER)
SERVICE_CODE: Final = Meaning(Reason.CARRIER_FAULT, "the carrier does not know the channel's service code", _SUPPORT)
NOT_SAID: Final = Meaning(Reason.CARRIER_FAULT, "failed, and the carrier does not say why", _SUPPORT)

# Tencent's platform.
PLATFORM: Final = Meaning(Reason.PLATFORM_FAULT, "Tencent could not hand it to the carrier's gateway", _LATER)
PLATFORM_TIMEOUT: Final = Meaning(Reason.PLATFORM_FAULT, "Tencent's hand-over to the carrier timed out", _LATER)
SUBCODE: Final = Meaning(
    Reason.PLATFORM_FAULT, "Tencent could not find the channel number of the signature", "send again, then ask support"
)
