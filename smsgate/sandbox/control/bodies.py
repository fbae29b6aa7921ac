"""Reading the JSON bodies of the sandbox's own calls. Every function raises `ValueError`, naming the field at fault."""

import json
import math
import re
from collections.abc import Collection, Mapping
from typing import Any, Final, cast

__all__ = ["check_fields", "check_number", "read_object", "read_seconds", "read_text", "read_whole"]

_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


def read_object(body: bytes) -> dict[str, Any]:
    """The object that is the body; an empty body is an empty object."""
    try:
        value: object = json.loads(body or b"{}")
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ValueError("the body is not a JSON object")
    return cast("dict[str, Any]", value)


def check_fields(body: Mapping[str, Any], known: Collection[str]) -> None:
    """Refuse a field that is not *known*."""
    for name in body:
        if name not in known:
            raise ValueError(f"{name}: there is no such field; known are {', '.join(known)}")


def check_number(number: str, name: str) -> str:
    """A number in E.164."""
    if not _E164.fullmatch(number):
        raise ValueError(f"{name}: a number in E.164, as in +8613800138000")
    return number


def read_text(body: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """A text, *default* if it is left out."""
    value: object = body.get(name, default)
    if not isinstance(value, str):
        raise ValueError(f"{name}: a text is missing")
    return value


def read_whole(value: object, name: str) -> int:
    """A whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name}: a whole number is missing")
    return value


def read_seconds(value: object, name: str, *, most: float) -> float:
    """Seconds, from 0 to *most*."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name}: seconds, 0 to {most:g}")
    if not 0 <= value <= most:
        raise ValueError(f"{name}: seconds, 0 to {most:g}")
    return float(value)
