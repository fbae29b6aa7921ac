"""Reading the fields of a v5 body that is not a send."""

from collections.abc import Mapping
from typing import Any, Final, cast

from smsgate.sandbox.tencent_v5.refusal import Refusal

__all__ = ["read_choice", "read_ids", "read_number", "read_text"]

_MAX_IDS: Final = 50


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
