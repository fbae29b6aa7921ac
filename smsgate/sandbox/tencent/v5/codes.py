"""Result codes of Tencent's v5 API with the texts that go with them, and the codes of the magic numbers.

Sources: Tencent SMS Development Guide 2.0, "Error Codes for SMS Delivery" (1001-1048, 60008); the international
documentation of 2021-12-15 (1049-1052); Tencent's access-layer list (60002-60013); the texts follow what has been seen
in real responses ("package format error, …") and else the guide's words.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from smsgate.sandbox.state.faults import Scope
from smsgate.sandbox.state.scenarios import Codes, Scenario, delivered_like
from smsgate.sandbox.tencent.conditions import NUMBER_REFUSALS

__all__ = ["ACCESS_TEXTS", "NUMBER_CODES", "REFUSALS", "SCENARIO_CODES", "TEXTS"]

TEXTS: Final[Mapping[int, str]] = MappingProxyType(
    {
        0: "OK",
        1001: "sig check failed",
        1002: "content has sensitive words",
        1003: "package format error, cannot get sig",
        1004: "package format error",
        1006: "no permission to request",
        1007: "other error",
        1008: "request to send text sms timed out",
        1009: "request ip is not on the allowlist",
        1011: "rest api not exist",
        1012: "sign format error or sign not approved",
        1013: "hit the delivery frequency limit policy",
        1014: "package format error, template params error",
        1015: "mobile in black list",
        1016: "mobile format error",
        1017: "content too long",
        1019: "sdkappid not exist",
        1020: "sdkappid is disabled",
        1021: "request time error",
        1022: "the number of sms of today exceeds the upper limit",
        1023: "mobile hits the limit of 30 seconds",
        1024: "mobile hits the limit of 1 hour",
        1025: "mobile hits the daily limit",
        1026: "mobile hits the limit of the same content",
        1029: "marketing sms can only be sent between 8:00 and 22:00",
        1030: "this request is not supported",
        1031: "package balance not enough",
        1032: "individual user has no permission to send marketing sms",
        1033: "service is suspended due to arrears",
        1034: "mainland and international mobiles in one request",
        1036: "template param longer than 12 characters",
        1038: "verification code template takes 0-6 digits only",
        1045: "deliver to this area not supported",
        1046: "more than 200 mobiles in one request",
        1047: "the number of international sms of today exceeds the upper limit",
        1048: "url in template params",
        1049: "the number of mainland sms of today exceeds the upper limit",
        1050: "the number of global sms of today exceeds the upper limit",
        1051: "the country or region of the mobile is in the black list",
        1052: "the number of sms of today to this country or region exceeds the upper limit",
    }
)

ACCESS_TEXTS: Final[Mapping[int, str]] = MappingProxyType(
    {
        60002: "http parse error",
        60003: "json parse error",
        60006: "sdkappid error",
        60007: "request frequency limited",
        60008: "service timeout or request format error,please check and try again",
        60009: "request resource not exist",
        60012: "sdkappid not found in url",
        60013: "response json parse error",
    }
)

NUMBER_CODES: Final = frozenset(
    {1002, 1013, 1015, 1016, 1022, 1023, 1024, 1025, 1026, 1029, 1031, 1032, 1045, 1047, 1049, 1050, 1051, 1052}
)
"""Those that a bulk send has in the row of one number."""

REFUSALS: Final[Mapping[str, Scope]] = MappingProxyType(
    {
        str(code): Scope.NUMBER if code in NUMBER_CODES else Scope.REQUEST
        for code in sorted({*TEXTS, *ACCESS_TEXTS} - {0})
    }
)

SCENARIO_CODES: Final[Mapping[Scenario, Codes]] = MappingProxyType(
    {
        **delivered_like(Codes("0", "DELIVRD")),
        Scenario.PHONE_OFF: Codes("0", "BLACK0"),
        Scenario.NO_SUCH_NUMBER: Codes("0", "9998"),
        **{scenario: Codes(str(code)) for scenario, code in NUMBER_REFUSALS.items()},
        Scenario.BUSY: Codes("60007"),
        Scenario.UNSUBSCRIBED: Codes("0", "MX:0012"),
    }
)
