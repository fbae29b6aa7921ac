"""Error codes of Tencent Cloud SMS API 3.0 with the texts that go with them, and the codes of the magic numbers.

Sources: Tencent Cloud SMS API 3.0, SendSms, "Error Code"; the service behind both interfaces is the same, and its list
runs parallel to the v5 result codes (Tencent SMS Development Guide 2.0, "Error Codes for SMS Delivery"), which is where
the simulated checks get their numbers from.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from smsgate.sandbox.state.scenarios import Codes, Scenario
from smsgate.sandbox.tencent.v5 import codes as v5

__all__ = ["BUSY", "NAMES", "NUMBER_REFUSALS", "OK", "SCENARIO_CODES"]

OK: Final = "Ok"

NAMES: Final[Mapping[int, tuple[str, str]]] = MappingProxyType(
    {
        1002: ("FailedOperation.ContainSensitiveWord", "the content contains sensitive words"),
        1012: ("FailedOperation.SignatureIncorrectOrUnapproved", "signature incorrect or unapproved"),
        1014: (
            "FailedOperation.TemplateIncorrectOrUnapproved",
            "template is not approved or request content does not match the approved template content",
        ),
        1015: ("FailedOperation.PhoneNumberInBlacklist", "the mobile number is in the blocklist"),
        1016: ("InvalidParameterValue.IncorrectPhoneNumber", "incorrect phone number"),
        1017: ("InvalidParameterValue.ContentLengthLimit", "the content is too long"),
        1025: ("LimitExceeded.PhoneNumberDailyLimit", "the daily limit of the mobile number is reached"),
        1031: ("FailedOperation.InsufficientBalanceInSmsPackage", "insufficient balance in SMS package"),
        1036: ("InvalidParameterValue.TemplateParameterLengthLimit", "template parameter longer than 12 characters"),
        1038: (
            "InvalidParameterValue.TemplateParameterFormatError",
            "Verification code template parameter format error",
        ),
        1048: ("InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", "url in a template parameter"),
    }
)
"""The v5 code to name and text here."""

NUMBER_REFUSALS: Final[Mapping[Scenario, int]] = v5.NUMBER_REFUSALS

BUSY: Final = "RequestLimitExceeded"


def _codes(scenario: Scenario) -> Codes:
    as_v5 = v5.SCENARIO_CODES[scenario]
    if scenario is Scenario.BUSY:
        return Codes(BUSY)
    if scenario in NUMBER_REFUSALS:
        return Codes(NAMES[NUMBER_REFUSALS[scenario]][0])
    return Codes(OK if as_v5.send else "", as_v5.report)


SCENARIO_CODES: Final[Mapping[Scenario, Codes]] = MappingProxyType({each: _codes(each) for each in Scenario})
