"""Reading the two request bodies: one text to many as a form, many texts as JSON.

Source: Huawei Cloud Message & SMS API Reference, 3.2.3 and 3.2.4 (Tables 3-50 to 3-64); 5.2.1 on E000000 and
E000503.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast
from urllib.parse import parse_qsl

import attrs

from smsgate.sandbox.huawei.sms.refusal import Refusal
from smsgate.wire import HttpRequest

__all__ = ["Order", "Text", "read_diff", "read_form"]

# Huawei Cloud Message & SMS API Reference, 3.2.3, Table 3-53, `to`: at most 500 numbers of 21 characters.
_MAX_NUMBERS: Final = 500
# Huawei Cloud Message & SMS API Reference, 3.2.4, `smsContent`: at most 64 KB.
_MAX_CONTENT: Final = 64 * 1024
_MAX_CALLBACK: Final = 1024
_NUMBER: Final = re.compile(r"\+?[0-9]{1,20}|[0-9]{21}", re.ASCII)
_CALLBACK: Final = re.compile(r"https?://\S+", re.IGNORECASE)


@attrs.frozen
class Text:
    """One text and the numbers it goes to, as they were written."""

    to: tuple[str, ...] = attrs.field(repr=False)
    template_id: str
    params: tuple[str, ...] = attrs.field(repr=False)
    signature: str | None


@attrs.frozen
class Order:
    """A whole request."""

    api: str
    sender: str
    texts: tuple[Text, ...]
    extend: str | None = attrs.field(repr=False)
    status_callback: str | None = attrs.field(repr=False)


def read_form(request: HttpRequest) -> Order:
    """The form of batchSendSms: `to` separated by commas, `templateParas` a JSON array written as text."""
    _check_type(request, "application/x-www-form-urlencoded")
    try:
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True, errors="strict"))
    except ValueError:
        raise Refusal("E000503", "the form is not UTF-8") from None
    to = tuple(number.strip() for number in form.get("to", "").split(","))
    text = _text(to, form.get("templateId"), _written_params(form.get("templateParas", "")), form.get("signature"))
    return _order("batchSendSms", form, (text,))


def read_diff(request: HttpRequest) -> Order:
    """The JSON of batchSendDiffSms: `smsContent` has a text, its parameters and its numbers in each row."""
    _check_type(request, "application/json")
    body = _object(request.body)
    rows = body.get("smsContent")
    if (
        not isinstance(rows, list)
        or not rows
        or len(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()) > _MAX_CONTENT
    ):
        raise Refusal("E000503", "smsContent: an array of at most 64 KB")
    return _order("batchSendDiffSms", body, tuple(_row(row) for row in cast("list[object]", rows)))


def _order(api: str, fields: Mapping[str, Any], texts: tuple[Text, ...]) -> Order:
    sender, extend, callback = fields.get("from"), fields.get("extend"), fields.get("statusCallback") or None
    if not isinstance(sender, str) or not 1 <= len(sender) <= 21:
        raise Refusal("E000503", "from: 1 to 21 characters")
    if sum(len(text.to) for text in texts) > _MAX_NUMBERS:
        raise Refusal("E000503", f"to: more than {_MAX_NUMBERS} numbers")
    if extend is not None and (not isinstance(extend, str) or not re.fullmatch(r"[^\s{}]+", extend)):
        raise Refusal("E000503", "extend: a text without blanks and braces, not an empty one")
    # 5.2.1, E000503: "exceeds 128 bytes". The "1-28" of Table 3-53 is a misprint.
    if extend is not None and len(extend.encode()) > 128:
        raise Refusal("E000503", "extend: more than 128 bytes")
    if callback is not None and (not isinstance(callback, str) or not _CALLBACK.fullmatch(callback)):
        raise Refusal("E000503", "statusCallback: not a URL")
    # Table 3-53, `statusCallback`: 1 to 1,024 characters.
    if callback is not None and len(callback) > _MAX_CALLBACK:
        raise Refusal("E000503", f"statusCallback: more than {_MAX_CALLBACK} characters")
    return Order(api, sender, texts, extend, callback)


def _text(to: Sequence[str], template_id: object, params: tuple[str, ...], signature: object) -> Text:
    if not isinstance(template_id, str) or not 1 <= len(template_id) <= 32:
        raise Refusal("E000503", "templateId: 1 to 32 characters")
    if signature is not None and not isinstance(signature, str):
        raise Refusal("E000503", "signature: not a text")
    if not to or not all(_NUMBER.fullmatch(number) for number in to):
        raise Refusal("E000503", "to: a number is none: digits, with a plus sign in front")
    return Text(tuple(to), template_id, params, signature or None)


def _row(row: object) -> Text:
    fields = cast("dict[str, object]", row) if isinstance(row, dict) else {}
    to = _texts(fields.get("to"))
    params = _texts(fields.get("templateParas") or [])
    if to is None:
        raise Refusal("E000503", "to: not an array of texts")
    # 5.2.1, E000000: what stands in `templateParas` cannot be parsed, as for the form.
    if params is None:
        raise Refusal("E000000", "templateParas: not an array of texts")
    return _text(to, fields.get("templateId"), params, fields.get("signature"))


def _written_params(text: str) -> tuple[str, ...]:
    """Quotation marks in the wrong place are what E000000 mostly means."""
    try:
        params = _texts(json.loads(text)) if text else ()
        _ = json.dumps(params, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        params = None
    if params is None:
        raise Refusal("E000000", "templateParas: not a JSON array of texts, written as text")
    return params


def _texts(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    items = cast("list[object]", value)
    return tuple(cast("list[str]", items)) if all(isinstance(item, str) for item in items) else None


def _object(body: bytes) -> dict[str, Any]:
    try:
        value: object = json.loads(body)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        raise Refusal("E000000", "the body is not JSON") from None
    if not isinstance(value, dict):
        raise Refusal("E000000", "the body is not a JSON object")
    return cast("dict[str, Any]", value)


def _check_type(request: HttpRequest, wanted: str) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != wanted:
        raise Refusal("E000040", f"Content-Type must be {wanted}")
