"""The errors of what stands in front of Huawei's services, in the shapes that they come in. Pure, and never raises.

The API gateway's `{"error_code", "error_msg", "request_id"}`, to which the management service adds `error_detail`
(Message & SMS API Reference, 3.1.1.3), and the identity service's `{"error": {"code", "message", "title"}}`.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

import attrs

from smsgate.model.reason import Reason
from smsgate.provider.codes import Codebook
from smsgate.provider.meanings import UNLISTED, Document, Meaning, documented
from smsgate.provider.reading import as_object, short_text

__all__ = ["GATEWAY_CODES", "LONGEST_CODE", "LONGEST_ID", "ApigRefusal", "read_refusal"]

LONGEST_CODE: Final = 64
LONGEST_ID: Final = 128
# API Gateway FAQ, "Incorrect app authentication information": X-Sdk-Date is more than 15 minutes off.
_LATE: Final = Meaning(Reason.CLOCK_SKEW, "the signature has expired: the clocks differ", "set this machine's clock")
_CREDENTIALS: Final = "check the credentials, and that base_url is the address that they belong to"
# APIGW.0201 is left out on purpose: it stands for 400, 413, 502 and 504 alike, so the HTTP status decides.
_CODES: Final = {
    "0101": Meaning(Reason.UNSUPPORTED, "no such API at this address", "check base_url"),
    "0103": Meaning(Reason.UNSUPPORTED, "the gateway found no service behind this API", "check base_url"),
    "0104": Meaning(Reason.UNSUPPORTED, "the gateway found no plug-in for this API", "check base_url"),
    "0105": Meaning(Reason.UNSUPPORTED, "the gateway found no configuration for this API", "check base_url"),
    "0106": Meaning(Reason.INVALID_REQUEST, "the gateway could not map the request", "see the vendor's own text"),
    "0204": Meaning(Reason.UNSUPPORTED, "the TLS version is not supported", "use TLS 1.2 or later"),
    "0301": Meaning(
        Reason.AUTH_FAILED, "the token, or the access key and its signature, was not accepted", _CREDENTIALS
    ),
    "0302": Meaning(Reason.PERMISSION_DENIED, "the user may not call this API", "grant it the permission"),
    "0303": Meaning(Reason.AUTH_FAILED, "the application's key or its signature was not accepted", _CREDENTIALS),
    "0304": Meaning(Reason.PERMISSION_DENIED, "the application may not call this API", "grant it the permission"),
    "0305": Meaning(Reason.AUTH_FAILED, "the credentials were not accepted", _CREDENTIALS),
    "0306": Meaning(Reason.PERMISSION_DENIED, "access to the API was denied", "check access rules and permissions"),
    "0307": Meaning(Reason.AUTH_FAILED, "the token must be renewed", "request a new token"),
    "0308": Meaning(Reason.TRY_LATER, "calls come too fast", "slow down, or have the limit raised"),
    "0310": Meaning(Reason.PERMISSION_DENIED, "the project is not available", "use another project"),
    "0401": Meaning(
        Reason.PERMISSION_DENIED,
        "the caller's IP address could not be determined",
        "ask Huawei Cloud's support with the request id",
    ),
    "0402": Meaning(Reason.PERMISSION_DENIED, "the caller's IP address is not allowed", "add it to the allow list"),
    "0501": Meaning(Reason.QUOTA_EXCEEDED, "the application's call quota is used up", "raise the quota"),
    "0502": Meaning(Reason.ACCOUNT_SUSPENDED, "the application is frozen", "check the account's balance"),
    "0602": Meaning(Reason.INVALID_REQUEST, "the gateway could not read the request", "see the vendor's own text"),
    "0607": Meaning(Reason.UNSUPPORTED, "the protocol is not supported", "use https"),
    "0802": Meaning(Reason.PERMISSION_DENIED, "the user may not use this region", "use another region"),
    # The gateway had taken the request and lost sight of it, or does not say where it failed.
    "0202": Meaning(Reason.PLATFORM_FAULT, "the service behind the gateway is not available"),
    "0203": Meaning(Reason.PLATFORM_FAULT, "the service behind the gateway did not respond in time"),
    "0601": Meaning(Reason.PLATFORM_FAULT, "an error inside the gateway"),
    "0605": Meaning(Reason.PLATFORM_FAULT, "the gateway could not resolve the service's name"),
    "0606": Meaning(Reason.PLATFORM_FAULT, "the gateway could not load its configuration"),
    "0610": Meaning(Reason.PLATFORM_FAULT, "the gateway found no service to call"),
    "0613": Meaning(Reason.PLATFORM_FAULT, "the identity service is not available"),
}
GATEWAY_CODES: Final = documented(
    {f"{prefix}.{number}": found for prefix in ("APIGW", "APIG") for number, found in _CODES.items()},
    Document("API Request Signing Guide, Error Codes", "2025-10-20"),
)


@attrs.frozen
class ApigRefusal:
    """One error, as it came."""

    code: str | None
    text: str | None = attrs.field(repr=False)
    """The gateway's own text."""
    request_id: str | None

    def meaning(self, codes: Codebook) -> Meaning:
        """What *codes* say of it; `UNLISTED` if nothing."""
        found = codes[self.code] if self.code else UNLISTED
        # A clock that is off gets the code of wrong credentials: only the text says so (API Gateway FAQ, as above).
        if found.reason is Reason.AUTH_FAILED and self.text and "signature expired" in self.text.lower():
            return _LATE
        return found


def read_refusal(data: Mapping[str, Any]) -> ApigRefusal:
    """The error in *data*; its code is None if there is none."""
    inner = data.get("error")
    error = as_object(cast("object", inner)) if isinstance(inner, dict) else data
    text, detail = error.get("error_msg", error.get("message")), error.get("error_detail")
    texts = (text.rstrip(".") if isinstance(text, str) and detail else text, detail)
    return ApigRefusal(
        short_text(error.get("error_code", error.get("code")), LONGEST_CODE),
        ": ".join(part for part in texts if isinstance(part, str) and part) or None,
        short_text(data.get("request_id"), LONGEST_ID),
    )
