"""JSON as vendors take it and give it. The one place that chooses who writes and reads it.

That is msgspec where it is installed (`pip install smsgate[speed]`), else the standard library. What is written and
what is read is the same.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Final, NamedTuple

__all__ = ["UNSURE", "engine", "read_if_sure", "write_json"]

UNSURE: Final = object()
_write: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class _Fast(NamedTuple):
    """Who is faster than the standard library."""

    encode: Callable[[object], bytes]
    decode: Callable[[bytes], object]


@cache
def _fast() -> _Fast | None:
    """It, if it is there. Imported with the first value that is written or read, and not with the vendor's adapter."""
    try:
        import msgspec
    except ImportError:
        return None
    return _Fast(msgspec.json.Encoder().encode, msgspec.json.Decoder().decode)


def engine() -> str:
    """Who writes and reads, by its name: imported, if it was not yet."""
    return "json" if _fast() is None else "msgspec"


def write_json(value: object) -> bytes:
    """*value* as JSON in UTF-8, without spaces. Raises `ValueError` or `TypeError` for what JSON cannot hold."""
    fast = _fast()
    return _write(value).encode() if fast is None else fast.encode(value)


def read_if_sure(body: bytes) -> object:
    """The value that *body* is the JSON of, or `UNSURE`: then the standard library reads it, and says what is wrong.

    A fast reader keeps the last of two values that have one name, and no whole number that is too long for it. Its
    value is believed if it is written as *body* again: then nothing of it is lost. Vendors' responses nearly always
    are.
    """
    fast = _fast()
    if fast is None:
        return UNSURE
    try:
        value = fast.decode(body)
        return value if fast.encode(value) == body else UNSURE
    except Exception:  # whatever it could not read, the standard library says what it is
        return UNSURE
