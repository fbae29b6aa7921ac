"""What Tencent's v5 result codes mean.

Sources: Tencent SMS Development Guide 2.0 (2020-08-03), Error Codes for SMS Delivery; 1018 and the access layer's
60002 to 60013 from the Chinese edition's lists; 1049 to 1052 from the international documentation of 2021-12-15, "SMS
Sending and Receipt Status Error Codes". The words and the classes are ours.

Four codes leave open whether the message was sent: 1007, 1008, 60008 and 60013.
"""

from typing import Final

from smsgate.model.reason import Reason
from smsgate.provider.codes import Codebook
from smsgate.provider.meanings import Document, Meaning, documented

__all__ = ["SEND_CODES"]

_CONSOLE_LIMITS: Final = "adjust the frequency limits in the SMS console, or wait"
_SDK_APP_ID: Final = "copy the sdkappid from the SMS console"
_COUNTRIES: Final = "allow it in the SMS console's settings for countries and regions"
_SUPPORT: Final = "ask Tencent's SMS support, with the number and the time"

_SIGNATURE_OF_THE_CALL: Final = {
    "1001": Meaning(Reason.AUTH_FAILED, "the call's sig is wrong", "check that app key and sdkappid belong together"),
    "1003": Meaning(Reason.INVALID_REQUEST, "the call has no sig", "report it: smsgate signs every call"),
    "1019": Meaning(Reason.AUTH_FAILED, "there is no such sdkappid", _SDK_APP_ID),
    "1021": Meaning(
        Reason.CLOCK_SKEW, "the call's time is more than 10 minutes off Tencent's", "synchronise this machine's clock"
    ),
    "60006": Meaning(Reason.AUTH_FAILED, "the sdkappid in the URL is not one", _SDK_APP_ID),
}

_FORM_OF_THE_CALL: Final = {
    "1004": Meaning(Reason.INVALID_REQUEST, "the body could not be parsed", "report it with the template's parameters"),
    "1011": Meaning(Reason.UNSUPPORTED, "there is no such API", "check the base URL"),
    "1018": Meaning(Reason.INVALID_REQUEST, "the voice code is not a code", "send digits to a voice template"),
    "1030": Meaning(Reason.UNSUPPORTED, "this kind of call is not supported", _SUPPORT),
    "1034": Meaning(
        Reason.INVALID_REQUEST, "mainland and international numbers in one call", "send them in separate calls"
    ),
    "1046": Meaning(Reason.INVALID_REQUEST, "more than 200 numbers in one call", "send at most 200 numbers a call"),
    "60002": Meaning(Reason.INVALID_REQUEST, "the HTTP request could not be parsed", "check the proxies in between"),
    "60003": Meaning(Reason.INVALID_REQUEST, "the JSON could not be parsed", "check the proxies in between"),
    "60009": Meaning(Reason.UNSUPPORTED, "there is nothing at this URL", "check the base URL"),
    "60012": Meaning(Reason.INVALID_REQUEST, "the URL has no sdkappid", "check the proxies in between"),
}

_ACCOUNT: Final = {
    "1006": Meaning(Reason.PERMISSION_DENIED, "the account may not make this call", _SUPPORT),
    "1009": Meaning(
        Reason.PERMISSION_DENIED, "this IP address is not on the allow list", "add it to the list in the SMS console"
    ),
    "1020": Meaning(Reason.ACCOUNT_SUSPENDED, "the sdkappid is disabled", _SUPPORT),
    "1022": Meaning(Reason.QUOTA_EXCEEDED, "the application's daily limit is reached", _CONSOLE_LIMITS),
    "1031": Meaning(Reason.INSUFFICIENT_BALANCE, "the SMS package is used up", "buy a package"),
    "1032": Meaning(
        Reason.PERMISSION_DENIED, "personal accounts may not send marketing texts", "verify the account as a company"
    ),
    "1033": Meaning(Reason.ACCOUNT_SUSPENDED, "the account is in arrears", "settle the account"),
    "1045": Meaning(Reason.REGION_BLOCKED, "texts to this region are not supported", _SUPPORT),
    "1047": Meaning(Reason.QUOTA_EXCEEDED, "the daily limit of international texts is reached", _SUPPORT),
}

_ACCOUNT_2021: Final = documented(
    {
        "1049": Meaning(Reason.QUOTA_EXCEEDED, "the daily limit of mainland texts is reached", _CONSOLE_LIMITS),
        "1050": Meaning(Reason.QUOTA_EXCEEDED, "the daily limit of international texts is reached", _CONSOLE_LIMITS),
        "1051": Meaning(
            Reason.REGION_BLOCKED, "the number's country or region is on the application's blocklist", _COUNTRIES
        ),
        "1052": Meaning(
            Reason.QUOTA_EXCEEDED, "the daily limit of the number's country or region is reached", _CONSOLE_LIMITS
        ),
    },
    Document("Tencent Cloud SMS, SMS Sending and Receipt Status Error Codes", "2021-12-15"),
)

_TEMPLATE_AND_CONTENT: Final = {
    "1002": Meaning(Reason.CONTENT_BLOCKED, "the text has sensitive words", "change the text"),
    "1012": Meaning(
        Reason.SIGNATURE_REJECTED, "the signature is malformed or not approved", "check its review in the SMS console"
    ),
    "1014": Meaning(
        Reason.TEMPLATE_REJECTED,
        "the template is not approved, or the text does not match it",
        "check its review, its kind (mainland or international) and its parameter count",
    ),
    "1017": Meaning(Reason.TOO_LONG, "the text is too long", "shorten the parameters"),
    "1029": Meaning(
        Reason.OUTSIDE_HOURS, "marketing texts go out from 8:00 to 22:00 China time only", "send it within those hours"
    ),
    "1036": Meaning(
        Reason.TEMPLATE_REJECTED,
        "a parameter has more than 12 characters",
        "shorten it; accounts of companies have no such limit",
    ),
    "1038": Meaning(
        Reason.TEMPLATE_REJECTED,
        "a code template takes 0 to 6 digits a parameter",
        "pass digits",
    ),
    "1048": Meaning(
        Reason.TEMPLATE_REJECTED, "a parameter has a URL, which is forbidden", "put the URL into the template's text"
    ),
}

_NUMBER: Final = {
    "1013": Meaning(Reason.RATE_LIMITED, "a frequency limit was hit", _CONSOLE_LIMITS),
    "1015": Meaning(
        Reason.BLOCKLISTED, "the number opted out or is on a carrier's blocklist", "stop sending to this number"
    ),
    "1016": Meaning(Reason.INVALID_NUMBER, "the number's format is wrong", "correct the number"),
    "1023": Meaning(Reason.RATE_LIMITED, "too many texts to this number in 30 seconds", _CONSOLE_LIMITS),
    "1024": Meaning(Reason.RATE_LIMITED, "too many texts to this number in an hour", _CONSOLE_LIMITS),
    "1025": Meaning(Reason.RATE_LIMITED, "too many texts to this number today", _CONSOLE_LIMITS),
    "1026": Meaning(Reason.RATE_LIMITED, "the same text too often to this number", _CONSOLE_LIMITS),
}

_PLATFORM: Final = {
    "1007": Meaning(Reason.UNKNOWN, "another error, cause not said", _SUPPORT),
    "1008": Meaning(Reason.PLATFORM_FAULT, "handing the text to the carrier timed out", "wait for the delivery report"),
    "60007": Meaning(Reason.TRY_LATER, "calls come too fast", "slow down, then try again"),
    "60008": Meaning(
        Reason.PLATFORM_FAULT,
        "the call timed out inside the platform, or was malformed",
        "wait for the delivery report; if it came within a second, check the proxies in between",
    ),
    "60013": Meaning(
        Reason.PLATFORM_FAULT, "the platform could not read its own answer", "wait for the delivery report"
    ),
}

SEND_CODES: Final = Codebook(
    _SIGNATURE_OF_THE_CALL | _FORM_OF_THE_CALL | _ACCOUNT | _ACCOUNT_2021 | _TEMPLATE_AND_CONTENT | _NUMBER | _PLATFORM,
    source=Document("Tencent SMS Development Guide 2.0, Error Codes for SMS Delivery", "2020-08-03"),
)
"""v5 `result` and `ErrorCode` values, as decimal text."""
