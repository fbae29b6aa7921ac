"""What every API 3.0 call goes through before its action looks at it.

Source: Tencent Cloud API 3.0, "Common Params" and "Common Error Codes".
"""

import json
from collections.abc import Mapping
from typing import Any, Final, cast

import attrs

from smsgate.sandbox.tencent.api3.params import NEW, OLD, has_action, read_params
from smsgate.sandbox.tencent.api3.refusal import Refusal
from smsgate.sandbox.tencent.api3.signature import authenticate
from smsgate.sandbox.tencent.credentials import TENCENT_SDK_APP_ID
from smsgate.wire import HttpRequest

__all__ = ["Call", "read_call"]

# Tencent Cloud SMS API 3.0, "Common Params", Region List.
_REGIONS: Final = frozenset({"ap-beijing", "ap-guangzhou", "ap-nanjing", "ap-singapore"})


@attrs.frozen
class Call:
    """A call that came through the gateway."""

    action: str
    is_new: bool
    """Whether it is of version 2021-01-11."""
    params: Mapping[str, Any] = attrs.field(repr=False)
    """By the names of `params.ACTIONS`."""

    def name(self, old: str, new: str) -> str:
        """The name that the version of this call uses."""
        return new if self.is_new else old


def read_call(request: HttpRequest, now: float) -> Call:
    """The call, if the gateway lets it through."""
    action, version = _header(request, "Action"), _header(request, "Version")
    authenticate(request, now)
    if version not in (OLD, NEW):
        raise Refusal("NoSuchVersion", "The API version is not available.")
    if not has_action(action, version):
        raise Refusal("InvalidAction", "The API action is not available.")
    _check_region(request, version)
    params = read_params(action, version, _object(request.body))
    if params.get("app", TENCENT_SDK_APP_ID) != TENCENT_SDK_APP_ID:
        code = "SmsSdkAppIdVerifyFail" if version == NEW else "SmsSdkAppidVerifyFail"
        raise Refusal(f"UnauthorizedOperation.{code}", "the SdkAppId does not belong to this account")
    return Call(action, version == NEW, params)


def _header(request: HttpRequest, name: str) -> str:
    value = request.headers.get(f"x-tc-{name}", "")
    if not value:
        raise Refusal("MissingParameter", f"The request is missing a required parameter `{name}`.")
    return value


def _check_region(request: HttpRequest, version: str) -> None:
    """Version 2021-01-11 wants a region, the one before has no use for it."""
    region = _header(request, "Region") if version == NEW else request.headers.get("x-tc-region", "")
    if region and region not in _REGIONS:
        raise Refusal("UnsupportedRegion", "The API does not support the requested region.")


def _object(body: bytes) -> dict[str, Any]:
    try:
        value: object = json.loads(body)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Refusal("InvalidParameter", "The request body is not a JSON object.")
    return cast("dict[str, Any]", value)
