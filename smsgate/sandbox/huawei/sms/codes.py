"""Result codes of Huawei's sending APIs with their descriptions, and the codes of the magic numbers.

Source: Huawei Cloud Message & SMS API Reference, Table 3-56 (result codes and HTTP statuses), 5.2.1 (status of one
number) and 5.2.2 (status reports); E000629 stands in later editions of the online reference.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from smsgate.sandbox.state.scenarios import Codes, Scenario

__all__ = ["DESCRIPTIONS", "NUMBER_REFUSALS", "SCENARIO_CODES", "SUCCESS"]

SUCCESS: Final = "000000"

DESCRIPTIONS: Final[Mapping[str, tuple[int, str]]] = MappingProxyType(
    {
        "E000000": (400, "System error."),
        "E000001": (400, "Authorization not contained in the HTTP header."),
        "E000002": (400, "realm not contained in Authorization."),
        "E000003": (400, "profile not contained in Authorization."),
        "E000004": (400, "The value of realm in Authorization must be SDP."),
        "E000005": (400, "The value of profile in Authorization must be UsernameToken."),
        "E000006": (400, "The value of type in Authorization must be app_key."),
        "E000007": (400, "type not contained in Authorization."),
        "E000008": (400, "WSSE not contained in Authorization."),
        "E000020": (400, "X-WSSE not contained in the HTTP header."),
        "E000021": (400, "UserName not contained in X-WSSE."),
        "E000022": (400, "Nonce not contained in X-WSSE."),
        "E000023": (400, "Created not contained in X-WSSE."),
        "E000024": (400, "PasswordDigest not contained in X-WSSE."),
        "E000025": (400, "The format of Created is incorrect."),
        "E000026": (400, "UsernameToken not contained in X-WSSE."),
        "E000040": (400, "The value of ContentType must be application/x-www-form-urlencoded."),
        "E000503": (400, "The parameter format is incorrect."),
        "E000510": (400, "The SMS fails to be sent. For details, see status."),
        "E000101": (401, "Authentication failed."),
        "E000102": (401, "Invalid app_key."),
        "E000105": (401, "Invalid digest."),
        "E000110": (401, "Time out limit."),
    }
)
"""Code to HTTP status and description."""

NUMBER_REFUSALS: Final[Mapping[Scenario, str]] = MappingProxyType(
    {Scenario.OUT_OF_BALANCE: "E000629", Scenario.BUSY: "E200015"}
)

_DELIVERED: Final = Codes(SUCCESS, "DELIVRD")

SCENARIO_CODES: Final[Mapping[Scenario, Codes]] = MappingProxyType(
    {
        Scenario.DELIVERED: _DELIVERED,
        Scenario.PHONE_OFF: Codes(SUCCESS, "MN:0001"),
        Scenario.NO_SUCH_NUMBER: Codes(SUCCESS, "MK:0001"),
        Scenario.BLOCKLISTED: Codes(SUCCESS, "SC:0003"),
        Scenario.CONTENT_REFUSED: Codes(SUCCESS, "SC:0006"),
        Scenario.NUMBER_LIMIT: Codes(SUCCESS, "LIMIT"),
        **{scenario: Codes(code) for scenario, code in NUMBER_REFUSALS.items()},
        Scenario.SLOW: _DELIVERED,
        Scenario.DROP_BEFORE: Codes(""),
        Scenario.DROP_AFTER: Codes("", "DELIVRD"),
        Scenario.SERVER_ERROR: Codes(""),
        Scenario.UNREADABLE: Codes("", "DELIVRD"),
    }
)
