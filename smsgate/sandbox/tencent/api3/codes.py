"""Error codes of Tencent Cloud SMS API 3.0 with the texts that go with them, and the codes of the magic numbers.

Sources: Tencent Cloud SMS API 3.0, SendSms, "Error Code"; the service behind both interfaces is the same, and its list
runs parallel to the v5 result codes (Tencent SMS Development Guide 2.0, "Error Codes for SMS Delivery"), which is where
the simulated checks get their numbers from.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from smsgate.sandbox.state.faults import Scope
from smsgate.sandbox.state.scenarios import Codes, Scenario
from smsgate.sandbox.tencent.api3.versions import OLD
from smsgate.sandbox.tencent.conditions import NUMBER_REFUSALS
from smsgate.sandbox.tencent.v5 import codes as v5

__all__ = ["BUSY", "NAMES", "OK", "REFUSALS", "SCENARIO_CODES", "TEXTS", "spelled"]

OK: Final = "Ok"

NAMES: Final[Mapping[int, tuple[str, str]]] = MappingProxyType(
    {
        1002: ("FailedOperation.ContainSensitiveWord", "the content contains sensitive words"),
        1006: ("UnauthorizedOperation.RequestPermissionDeny", "no permission to make the request"),
        1009: ("UnauthorizedOperation.RequestIpNotInWhitelist", "the requesting IP is not in the whitelist"),
        1012: ("FailedOperation.SignatureIncorrectOrUnapproved", "signature incorrect or unapproved"),
        1013: ("LimitExceeded.DeliveryFrequencyLimit", "hit the frequency limit policy"),
        1014: (
            "FailedOperation.TemplateIncorrectOrUnapproved",
            "template is not approved or request content does not match the approved template content",
        ),
        1015: ("FailedOperation.PhoneNumberInBlacklist", "the mobile number is in the blocklist"),
        1016: ("InvalidParameterValue.IncorrectPhoneNumber", "incorrect phone number"),
        1017: ("InvalidParameterValue.ContentLengthLimit", "the content is too long"),
        1020: ("UnauthorizedOperation.SdkAppIdIsDisabled", "this SdkAppId is forbidden to provide services"),
        1022: ("LimitExceeded.AppDailyLimit", "the daily limit of the application is reached"),
        1023: ("LimitExceeded.PhoneNumberThirtySecondLimit", "the limit of the mobile number in 30 seconds is reached"),
        1024: ("LimitExceeded.PhoneNumberOneHourLimit", "the limit of the mobile number in 1 hour is reached"),
        1025: ("LimitExceeded.PhoneNumberDailyLimit", "the daily limit of the mobile number is reached"),
        1026: (
            "LimitExceeded.PhoneNumberSameContentDailyLimit",
            "the daily limit of the same content to the mobile number is reached",
        ),
        1029: (
            "FailedOperation.MarketingSendTimeConstraint",
            "marketing messages can only be sent between 8:00 and 22:00",
        ),
        1030: ("UnsupportedOperation", "this request is not supported"),
        1031: ("FailedOperation.InsufficientBalanceInSmsPackage", "insufficient balance in SMS package"),
        1032: (
            "UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny",
            "individual users have no permission to send marketing messages",
        ),
        1033: ("UnauthorizedOperation.ServiceSuspendDueToArrears", "the service is suspended due to arrears"),
        1036: ("InvalidParameterValue.TemplateParameterLengthLimit", "template parameter longer than 12 characters"),
        1038: (
            "InvalidParameterValue.TemplateParameterFormatError",
            "Verification code template parameter format error",
        ),
        1045: ("UnsupportedOperation.UnsupportedRegion", "messages to this region are not supported"),
        1047: ("LimitExceeded.DailyLimit", "the daily limit of international messages is reached"),
        1048: ("InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", "url in a template parameter"),
        1049: ("LimitExceeded.AppMainlandChinaDailyLimit", "the daily limit of messages to the mainland is reached"),
        1050: ("LimitExceeded.AppGlobalDailyLimit", "the daily limit of global messages is reached"),
        1051: ("LimitExceeded.AppCountryOrRegionInBlacklist", "the country or region is in the blocklist"),
        1052: ("LimitExceeded.AppCountryOrRegionDailyLimit", "the daily limit of the country or region is reached"),
    }
)
"""The v5 code to name and text here."""

_OF_NUMBERS: Final = {
    **{name: text for code, (name, text) in NAMES.items() if code in v5.NUMBER_CODES},
    NAMES[1012][0]: NAMES[1012][1],
    NAMES[1014][0]: NAMES[1014][1],
    NAMES[1017][0]: NAMES[1017][1],
    NAMES[1036][0]: NAMES[1036][1],
    NAMES[1038][0]: NAMES[1038][1],
    NAMES[1048][0]: NAMES[1048][1],
    "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone": "a mainland template to a global number",
    "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone": "a global template to a mainland number",
    "InternalError.Timeout": "the request to deliver timed out",
    "InternalError.OtherError": "other error",
    "InternalError.UnknownError": "unknown error",
    "LimitExceeded.GlobalSmsSendingRateLimit": "global messages come too fast",
}
_OF_REQUESTS: Final = {
    **{name: text for name, text in NAMES.values() if name not in _OF_NUMBERS},
    "ActionOffline": "The API is offline.",
    "AuthFailure.InvalidAuthorization": "The form of the Authorization is wrong.",
    "AuthFailure.InvalidSecretId": "The key is not a TencentCloud API key.",
    "AuthFailure.MFAFailure": "MFA failed.",
    "AuthFailure.SecretIdNotFound": "The SecretId is not found.",
    "AuthFailure.SignatureExpire": "The signature has expired.",
    "AuthFailure.SignatureFailure": "The provided credentials could not be validated.",
    "AuthFailure.TokenFailure": "The token is wrong.",
    "AuthFailure.UnauthorizedOperation": "The request is not authorized.",
    "FailedOperation.FailResolvePacket": "the request packet could not be parsed",
    "FailedOperation.JsonParseFail": "the request packet could not be parsed",
    "InternalError": "An internal error has occurred.",
    "InternalError.RequestTimeException": "the time of the request is off by more than 10 minutes",
    "InternalError.RestApiInterfaceNotExist": "this RESTful API does not exist",
    "InternalError.SigFieldMissing": "the backend packet has no sig",
    "InternalError.SigVerificationFail": "the sig check on the backend failed",
    "InvalidAction": "The API action is not available.",
    "InvalidParameter": "A parameter is not valid.",
    "InvalidParameterValue": "The value of a parameter is not valid.",
    "InvalidParameterValue.SdkAppIdNotExist": "the SdkAppId does not exist",
    "IpInBlacklist": "The IP is in the blocklist.",
    "IpNotInWhitelist": "The IP is not in the whitelist.",
    "LimitExceeded": "The quota is exceeded.",
    "LimitExceeded.PhoneNumberCountLimit": "more than 200 mobile numbers in one request",
    "MissingParameter": "A required parameter is missing.",
    "MissingParameter.EmptyPhoneNumberSet": "the list of mobile numbers is empty",
    "NoSuchVersion": "The API version is not available.",
    "RequestLimitExceeded": "The number of requests exceeds the frequency limit.",
    "RequestSizeLimitExceeded": "The request is too large.",
    "ResourceUnavailable": "The resource is unavailable.",
    "ServiceUnavailable": "The service is temporarily unavailable.",
    "UnauthorizedOperation": "The operation is not authorized.",
    "UnauthorizedOperation.SmsSdkAppIdVerifyFail": "the SdkAppId does not belong to this account",
    "UnknownParameter": "A parameter is not recognized.",
    "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber": "mainland and other numbers in one request",
    "UnsupportedProtocol": "Only GET and POST are supported.",
    "UnsupportedRegion": "The API does not support the requested region.",
}
_OLD_SPELLINGS: Final = {
    "InvalidParameterValue.SdkAppIdNotExist": "InvalidParameterValue.SdkAppidNotExist",
    "UnauthorizedOperation.SdkAppIdIsDisabled": "UnauthorizedOperation.SdkAppidIsDisabled",
    "UnauthorizedOperation.ServiceSuspendDueToArrears": "UnauthorizedOperation.SerivceSuspendDueToArrears",
    "UnauthorizedOperation.SmsSdkAppIdVerifyFail": "UnauthorizedOperation.SmsSdkAppidVerifyFail",
    "UnsupportedOperation": "UnsupportedOperation.",
    "UnsupportedOperation.UnsupportedRegion": "UnsupportedOperation.UnsuportedRegion",
}
"""What the edition for version 2019-07-11 writes instead, its misprints among them."""
_KNOWN: Final = {**_OF_NUMBERS, **_OF_REQUESTS}
TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {**_KNOWN, **{old: _KNOWN[new] for new, old in _OLD_SPELLINGS.items()}}
)
"""Every documented code of SendSms and of the gateway in front of it."""

REFUSALS: Final[Mapping[str, Scope]] = MappingProxyType(
    {code: Scope.NUMBER if code in _OF_NUMBERS else Scope.REQUEST for code in sorted(TEXTS)}
)


def spelled(code: str, version: str) -> str:
    """How *version* of the API writes *code*."""
    return _OLD_SPELLINGS.get(code, code) if version == OLD else code


BUSY: Final = "RequestLimitExceeded"


def _codes(scenario: Scenario) -> Codes:
    as_v5 = v5.SCENARIO_CODES[scenario]
    if scenario is Scenario.BUSY:
        return Codes(BUSY)
    if scenario in NUMBER_REFUSALS:
        return Codes(NAMES[NUMBER_REFUSALS[scenario]][0])
    return Codes(OK if as_v5.send else "", as_v5.report)


SCENARIO_CODES: Final[Mapping[Scenario, Codes]] = MappingProxyType({each: _codes(each) for each in Scenario})
