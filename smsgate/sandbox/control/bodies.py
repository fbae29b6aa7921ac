"""Reading the JSON bodies of the sandbox's own calls. Every function raises `ValueError`, naming the field at fault."""

import json
from collections.abc import Collection, Mapping
from typing import Any, cast

from smsgate.sandbox.state.e164 import E164_EXAMPLE, is_e164
from smsgate.sandbox.structure import unknown_field

__all__ = ["check_fields", "check_number", "read_object", "read_seconds", "read_text", "read_whole"]


def read_object(body: bytes) -> dict[str, Any]:
    """The object that is the body; an empty body is an empty object."""
    try:
        value: object = json.loads(body or b"{}", object_pairs_hook=_object)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except _RepeatedFieldError as error:
        raise ValueError(f"{error}: is there twice") from None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ValueError('the body is not a JSON object, as in {"vendor": "…"}')
    return cast("dict[str, Any]", value)


class _RepeatedFieldError(Exception):
    """A name that an object has twice: which of them was meant?"""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _RepeatedFieldError(name[:50])
        found[name] = value
    return found


def check_fields(body: Mapping[str, Any], known: Collection[str]) -> None:
    """Refuse a field that is not *known*."""
    for name in body:
        if name not in known:
            raise ValueError(unknown_field(name, known) if known else f"{name[:50]}: the body has no fields here")


def check_number(number: object, name: str) -> str:
    """A number in E.164."""
    if not isinstance(number, str) or not is_e164(number):
        raise ValueError(f"{name}: {E164_EXAMPLE}")
    return number


def read_text(body: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """A text, *default* if it is left out."""
    value: object = body.get(name, default)
    if not isinstance(value, str):
        raise ValueError(
            f"{name}: a text is missing" if name not in body else f'{name}: a text, in quotation marks ("")'
        )
    return value


def read_whole(value: object, name: str) -> int:
    """A whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name}: a whole number, as in 3, without quotation marks")
    return value


def read_seconds(value: object, name: str, *, most: float, above_zero: bool = False) -> float:
    """Seconds, from 0 to *most*; with *above_zero* not 0 itself."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= cast("float", value) <= most or (above_zero and not value):
        raise ValueError(f"{name}: seconds, {'above 0 and at most' if above_zero else '0 to'} {most:.0f}")
    return float(cast("float", value))
