"""Result codes of Tencent's v5 API with the texts that go with them, and the codes of the magic numbers.

Sources: Tencent SMS Development Guide 2.0, "Error Codes for SMS Delivery" (1001-1048, 60008); Tencent's access-layer
list (60002-60013); the texts follow what has been seen in real responses ("package format error, …").
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from smsgate.sandbox.state.scenarios import Codes, Scenario

__all__ = ["ACCESS_TEXTS", "NUMBER_REFUSALS", "SCENARIO_CODES", "TEXTS"]

TEXTS: Final[Mapping[int, str]] = MappingProxyType(
    {
        0: "OK",
        1001: "sig check failed",
        1002: "content has sensitive words",
        1003: "package format error, cannot get sig",
        1004: "package format error",
        1011: "rest api not exist",
        1012: "sign format error or sign not approved",
        1014: "package format error, template params error",
        1015: "mobile in black list",
        1016: "mobile format error",
        1017: "content too long",
        1019: "sdkappid not exist",
        1021: "request time error",
        1025: "mobile hits the daily limit",
        1031: "package balance not enough",
        1034: "mainland and international mobiles in one request",
        1036: "template param longer than 12 characters",
        1038: "verification code template takes 0-6 digits only",
        1045: "deliver to this area not supported",
        1046: "more than 200 mobiles in one request",
        1048: "url in template params",
    }
)

ACCESS_TEXTS: Final[Mapping[int, str]] = MappingProxyType(
    {
        60006: "sdkappid error",
        60007: "request frequency limited",
        60008: "service timeout or request format error,please check and try again",
        60012: "sdkappid not found in url",
    }
)

NUMBER_REFUSALS: Final[Mapping[Scenario, int]] = MappingProxyType(
    {
        Scenario.BLOCKLISTED: 1015,
        Scenario.CONTENT_REFUSED: 1002,
        Scenario.NUMBER_LIMIT: 1025,
        Scenario.OUT_OF_BALANCE: 1031,
    }
)

_DELIVERED: Final = Codes("0", "DELIVRD")

SCENARIO_CODES: Final[Mapping[Scenario, Codes]] = MappingProxyType(
    {
        Scenario.DELIVERED: _DELIVERED,
        Scenario.PHONE_OFF: Codes("0", "BLACK0"),
        Scenario.NO_SUCH_NUMBER: Codes("0", "9998"),
        **{scenario: Codes(str(code)) for scenario, code in NUMBER_REFUSALS.items()},
        Scenario.BUSY: Codes("60007"),
        Scenario.SLOW: _DELIVERED,
        Scenario.DROP_BEFORE: Codes(""),
        Scenario.DROP_AFTER: Codes("", "DELIVRD"),
        Scenario.SERVER_ERROR: Codes(""),
        Scenario.UNREADABLE: Codes("", "DELIVRD"),
    }
)
