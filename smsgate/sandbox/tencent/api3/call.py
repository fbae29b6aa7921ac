"""What every API 3.0 call goes through before its action looks at it.

Source: Tencent Cloud API 3.0, "Common Params" and "Common Error Codes".
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast
from urllib.parse import parse_qsl

import attrs

from smsgate.sandbox.signature_steps import SignatureStep
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.api3.access import check_access
from smsgate.sandbox.tencent.api3.flat import unflatten
from smsgate.sandbox.tencent.api3.params import has_action, read_params
from smsgate.sandbox.tencent.api3.refusal import Refusal
from smsgate.sandbox.tencent.api3.signature import authenticate, explain_v3
from smsgate.sandbox.tencent.api3.signature_v1 import COMMON, authenticate_v1, explain_v1
from smsgate.sandbox.tencent.api3.versions import NEW, OLD
from smsgate.sandbox.tencent.credentials import TENCENT_SDK_APP_ID
from smsgate.wire import HttpRequest

__all__ = ["Call", "explain", "is_call", "operation_of", "raw_params", "read_call", "version_of"]

# Tencent Cloud SMS API 3.0, "Common Params", Region List.
_REGIONS: Final = frozenset({"ap-beijing", "ap-guangzhou", "ap-nanjing", "ap-singapore"})
# An SdkAppId is ten digits that begin with 14, as in every example of the documents.
_APP_ID: Final = re.compile(r"14[0-9]{8}", re.ASCII)


@attrs.frozen
class Call:
    """A call that came through the gateway."""

    action: str
    is_new: bool
    """Whether it is of version 2021-01-11."""
    params: Mapping[str, Any] = attrs.field(repr=False)
    """By the names of `params.ACTIONS`."""

    @property
    def version(self) -> str:
        """The version that it is of."""
        return NEW if self.is_new else OLD

    def name(self, old: str, new: str) -> str:
        """The name that the version of this call uses."""
        return new if self.is_new else old


def read_call(state: SandboxState, request: HttpRequest, now: float) -> Call:
    """The call, if the gateway lets it through."""
    if request.method not in ("GET", "POST"):
        raise Refusal("UnsupportedProtocol", "The HTTP method is not supported: use GET or POST.")
    envelope = _headers(request) if _is_v3(request) else _fields(request)
    _check_size(request, is_v3=_is_v3(request))
    for name in ("Action", "Version"):
        envelope.want(name)
    if _is_v3(request):
        authenticate(request, now)
    else:
        authenticate_v1(request, envelope.all, now)
    if envelope.all["Version"] not in (OLD, NEW):
        raise Refusal("NoSuchVersion", "The API version is not available.")
    if not has_action(envelope.all["Action"], envelope.all["Version"]):
        raise Refusal("InvalidAction", "The API action is not available.")
    check_access(state, envelope.all["Action"], envelope.all.get("Token", ""))
    return _read(request, envelope)


def operation_of(request: HttpRequest) -> str:
    """The action that a request names, known or not."""
    return (_headers(request) if _is_v3(request) else _fields(request)).all.get("Action", "")


def version_of(request: HttpRequest) -> str:
    """The version that a request names, known or not."""
    return (_headers(request) if _is_v3(request) else _fields(request)).all.get("Version", "")


def explain(state: SandboxState, request: HttpRequest, now: float) -> Sequence[SignatureStep]:
    """The steps of the check of a call's signature, at *now* (Unix seconds)."""
    return explain_v3(request, now) if _is_v3(request) else explain_v1(_fields(request).all, request, now)


def is_call(request: HttpRequest) -> bool:
    """Whether a request to / is a call of this API and no visit of a page."""
    return request.method == "POST" or _is_v3(request) or "Action" in _pairs(request.query)


def raw_params(request: HttpRequest) -> dict[str, Any]:
    """The parameters of a call as they came, whoever signed it; none if they cannot be read."""
    envelope = _headers(request) if _is_v3(request) else _fields(request)
    action, version = (envelope.all.get(name, "") for name in ("Action", "Version"))
    if version not in (OLD, NEW) or not has_action(action, version):
        return {}
    try:
        return read_params(action, version, _params(request, action, version, envelope))
    except Refusal:
        return {}


def _read(request: HttpRequest, envelope: "_Envelope") -> Call:
    action, version = envelope.all["Action"], envelope.all["Version"]
    _check_region(envelope, version)
    params = read_params(action, version, _params(request, action, version, envelope))
    app: str = params.get("app", TENCENT_SDK_APP_ID)
    if not _APP_ID.fullmatch(app):
        raise Refusal("InvalidParameterValue.SdkAppIdNotExist", "the SdkAppId does not exist")
    if app != TENCENT_SDK_APP_ID:
        raise Refusal("UnauthorizedOperation.SmsSdkAppIdVerifyFail", "the SdkAppId does not belong to this account")
    return Call(action, version == NEW, params)


@attrs.frozen
class _Envelope:
    """The common parameters, and for a form or a query those of the action beside them."""

    all: Mapping[str, str] = attrs.field(repr=False)

    def want(self, name: str) -> str:
        """The value of a common parameter. Refuses a call without it."""
        if not self.all.get(name):
            raise Refusal("MissingParameter", f"The request is missing a required parameter `{name}`.")
        return self.all[name]


def _is_v3(request: HttpRequest) -> bool:
    return "x-tc-action" in request.headers or request.headers.get("authorization", "").startswith("TC3-")


def _headers(request: HttpRequest) -> _Envelope:
    names = ("Action", "Version", "Region", "Token")
    return _Envelope({name: request.headers.get(f"x-tc-{name}", "") for name in names})


def _fields(request: HttpRequest) -> _Envelope:
    if request.method == "GET":
        return _Envelope(_pairs(request.query))
    is_form = _content_type(request) == "application/x-www-form-urlencoded"
    return _Envelope(_pairs(request.body.decode("utf-8", "replace")) if is_form else {})


def _pairs(text: str) -> dict[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True))


def _content_type(request: HttpRequest) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _params(request: HttpRequest, action: str, version: str, envelope: _Envelope) -> dict[str, Any]:
    if not _is_v3(request):
        own = {name: value for name, value in envelope.all.items() if name not in COMMON}
        return unflatten(action, version, own)
    if request.method == "GET":
        return unflatten(action, version, _pairs(request.query))
    # "Signature v3": a POST is JSON; multipart forms are for actions that take files, which SMS has none of.
    if _content_type(request) != "application/json":
        raise Refusal("InvalidParameter", "The Content-Type of a POST must be application/json.")
    return _object(request.body)


def _check_size(request: HttpRequest, *, is_v3: bool) -> None:
    """ "Request Structure": 32 KB for GET, 1 MB for POST with signature v1, 10 MB for POST with TC3."""
    most = 32 * 1024 if request.method == "GET" else (10 if is_v3 else 1) * 1024 * 1024
    if len(request.query if request.method == "GET" else request.body) > most:
        raise Refusal("RequestSizeLimitExceeded", "The size of the request exceeds the limit.")


def _check_region(envelope: _Envelope, version: str) -> None:
    """Version 2021-01-11 wants a region, the one before has no use for it."""
    region = envelope.want("Region") if version == NEW else envelope.all.get("Region", "")
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
