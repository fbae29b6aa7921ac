"""Result codes of Huawei's sending APIs with their descriptions, and the codes of the magic numbers.

Source: Huawei Cloud Message & SMS API Reference, Table 3-56 (result codes and HTTP statuses), 5.2.1 (status of one
number) and 5.2.2 (status reports, MB:1043 for a number that does not exist in its online edition); E000629 and further
ones stand in later editions of the online reference.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from smsgate.sandbox.huawei.conditions import NUMBER_REFUSALS
from smsgate.sandbox.state.faults import Scope
from smsgate.sandbox.state.scenarios import Codes, Scenario, delivered_like

__all__ = ["DESCRIPTIONS", "REFUSALS", "SCENARIO_CODES", "STATUSES", "SUCCESS"]

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
        "E000027": (400, "Invalid request."),
        "E000040": (400, "The value of ContentType must be application/x-www-form-urlencoded."),
        "E000503": (400, "The parameter format is incorrect."),
        "E000510": (400, "The SMS fails to be sent. For details, see status."),
        "E000623": (400, "Number of SMSs sent by the SP reached the limit."),
        "E000628": (400, "Countries or regions of the recipient numbers are not in the whitelist."),
        "E000041": (401, "X-Sdk-Date is empty."),
        "E000042": (401, "The format of X-Sdk-Date is incorrect."),
        "E000045": (401, "The signature in Authorization is incorrect."),
        "E000101": (401, "Authentication failed."),
        "E000102": (401, "Invalid app_key."),
        "E000103": (401, "The status of the app_key is unavailable."),
        "E000104": (401, "Invalid app_secret."),
        "E000105": (401, "Invalid digest."),
        "E000106": (401, "The app_key is not allowed to invoke this API."),
        "E000109": (401, "The user status is deactivated."),
        "E000110": (401, "Time out limit."),
        "E000111": (401, "Incorrect username or password."),
        "E000112": (401, "The subscriber status is frozen."),
        "E000620": (403, "The app client ip is not in ip white list."),
    }
)
"""Code to HTTP status and description."""

STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "E000629": "The balance of the SMS package is insufficient.",
        "E000630": "The SMS fails to be sent.",
        "E000632": "The SMS fails to be sent.",
        "E200015": "The number of SMSs to be sent exceeds the upper limit.",
        "E200018": "Failed to verify the Chinese mainland SMS sender channel.",
        "E200019": "Failed to match the Chinese mainland SMS sender channel.",
        "E200020": "Failed to verify the Chinese mainland SMS signature channel.",
        "E200021": "Failed to match the Chinese mainland SMS signature channel.",
        "E200022": "Failed to verify the Chinese mainland SMS recipient channel.",
        "E200023": "Failed to match the Chinese mainland SMS recipient channel.",
        "E200024": "The SMS function is not available.",
        "E200025": "Cannot verify the SMS recipient channel.",
        "E200026": "Cannot match the SMS recipient channel.",
        "E200027": "Failed to match the gateway.",
        "E200028": "The template variable verification failed.",
        "E200029": "The template type verification failed.",
        "E200030": "The template is not activated.",
        "E200031": "The protocol verification failed.",
        "E200032": "The SMS template is required.",
        "E200033": "The template type is incorrect.",
        "E200034": "The SMS retransmission times out.",
        "E200035": "Failed to replace the SMS protocol field.",
        "E200036": "The southbound rate control configuration is 0.",
        "E200038": "Long SMS receiving times out.",
        "E200040": "Invalid signature template.",
        "E200041": "The recipient numbers of the same SMS are duplicate.",
        "E200051": "The SMS fails to be sent.",
    }
)
"""Status of one number to what it means (5.2.1, 5.2.2), for people: a row of a response has the code alone."""

REFUSALS: Final[Mapping[str, Scope]] = MappingProxyType(
    {**dict.fromkeys(sorted(DESCRIPTIONS), Scope.REQUEST), **dict.fromkeys(sorted(STATUSES), Scope.NUMBER)}
)

SCENARIO_CODES: Final[Mapping[Scenario, Codes]] = MappingProxyType(
    {
        **delivered_like(Codes(SUCCESS, "DELIVRD")),
        Scenario.PHONE_OFF: Codes(SUCCESS, "MN:0001"),
        Scenario.NO_SUCH_NUMBER: Codes(SUCCESS, "MB:1043"),
        Scenario.BLOCKLISTED: Codes(SUCCESS, "SC:0003"),
        Scenario.CONTENT_REFUSED: Codes(SUCCESS, "SC:0006"),
        Scenario.NUMBER_LIMIT: Codes(SUCCESS, "LIMIT"),
        **{scenario: Codes(code) for scenario, code in NUMBER_REFUSALS.items()},
        Scenario.UNSUBSCRIBED: Codes(SUCCESS, "SC:0016"),
    }
)
