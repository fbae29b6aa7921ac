"""Who is calling, and when: the checks that every v5 call goes through.

Source: Tencent SMS Development Guide 2.0, "Templated Single SMS", "Templated Bulk SMS" and the ISMS page: `sig` is the
lowercase hex SHA-256 of `appkey=…&random=…&time=…` and, for a send, `&mobile=` with all numbers joined by commas, or
`&tel=` with the one number in E.164; `time` may be ten minutes off.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import parse_qs

import attrs

from smsgate.sandbox.tencent.credentials import TENCENT_APP_KEY, TENCENT_SDK_APP_ID
from smsgate.sandbox.tencent.v5.refusal import AccessRefusal, Refusal
from smsgate.wire import HttpRequest

__all__ = [
    "MAX_SKEW",
    "MAX_TIME",
    "V5Call",
    "check_sig",
    "read_body",
    "read_call",
    "read_choice",
    "read_ids",
    "read_number",
    "read_text",
]

# Tencent SMS Development Guide 2.0, "Error Codes for SMS Delivery", 1021: more than ten minutes off is refused.
MAX_SKEW: Final = 600
MAX_TIME: Final = 10**12
# The guide gives no limit for `tpl_id` and `sign_id`: that of a page (`tpl_page.max`) is taken for both.
_MAX_IDS: Final = 50


@attrs.frozen
class V5Call:
    """A call that came through the access layer."""

    operation: str
    random: str
    """The query's own text: it is signed as it stands, leading zeros too."""
    body: dict[str, Any]

    @property
    def ext(self) -> str:
        """The caller's session text, which comes back as it is."""
        ext = self.body.get("ext", "")
        return ext if isinstance(ext, str) else ""


def read_call(request: HttpRequest, prefix: str) -> V5Call:
    """What the access layer lets through. The content type is not looked at: SDKs in use spell it wrongly."""
    if not request.path.startswith(prefix):
        raise AccessRefusal(60009)
    query = parse_qs(request.query)
    app_id = query.get("sdkappid", [""])[0]
    if not app_id:
        raise AccessRefusal(60012)
    if not (app_id.isascii() and app_id.isdigit()):
        raise AccessRefusal(60006)
    # Seen in practice: a GET gets 60008, which stands for a format error as well as for a timeout.
    if request.method != "POST":
        raise AccessRefusal(60008)
    if app_id != TENCENT_SDK_APP_ID:
        raise Refusal(1019)
    random = query.get("random", [""])[0]
    if not random:
        raise Refusal(1004, "package format error, cannot get random")
    return V5Call(request.path.removeprefix(prefix), random, _object(request.body))


def read_body(request: HttpRequest) -> dict[str, Any]:
    """The body of a call, an empty one if it cannot be read."""
    try:
        return _object(request.body)
    except Refusal:
        return {}


def check_sig(call: V5Call, subject: str, now: float) -> None:
    """Refuse a wrong `sig` (1001) or a clock more than ten minutes off (1021).

    *subject*: what a send signs besides key, random and time: `&mobile=…` or `&tel=…`.
    """
    sig, time = call.body.get("sig"), call.body.get("time")
    if not isinstance(sig, str) or not sig:
        raise Refusal(1003)
    if not isinstance(time, int) or isinstance(time, bool) or not 0 <= time < MAX_TIME:
        raise Refusal(1004, "package format error, cannot get time")
    plain = f"appkey={TENCENT_APP_KEY}&random={call.random}&time={time}{subject}"
    if not hmac.compare_digest(hashlib.sha256(plain.encode()).hexdigest().encode(), sig.encode()):
        raise Refusal(1001)
    if abs(now - time) > MAX_SKEW:
        raise Refusal(1021)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value: object = json.loads(body)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        raise Refusal(1004, "package format error, not json") from None
    if not isinstance(value, dict):
        raise Refusal(1004, "package format error, not a json object")
    return cast("dict[str, Any]", value)


def read_number(body: Mapping[str, Any], name: str, *, low: int = 0, high: int = 10**12) -> int:
    """A number between *low* and *high*."""
    value: object = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise _missing(name)
    return value


def read_choice(body: Mapping[str, Any], name: str, *, high: int) -> int:
    """A number from 0 to *high*; 0 if it is left out."""
    return read_number({name: 0, **body}, name, high=high)


def read_text(body: Mapping[str, Any], name: str, *, required: bool = True) -> str:
    """A text, which may be left out unless it is *required*."""
    value: object = body.get(name, "")
    if not isinstance(value, str) or (required and not value):
        raise _missing(name)
    return value


def read_ids(body: Mapping[str, Any], name: str) -> list[str]:
    """The ids in *name*: an array, or one id alone."""
    value: object = body.get(name)
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    if not 1 <= len(values) <= _MAX_IDS:
        raise _missing(name)
    if any(isinstance(item, bool) or not isinstance(item, int) for item in values):
        raise _missing(name)
    return [str(item) for item in values]


def _missing(name: str) -> Refusal:
    return Refusal(1004, f"package format error, cannot get {name}")
