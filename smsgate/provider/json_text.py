"""JSON as vendors take it and give it. The one place that chooses who writes and reads it.

That is msgspec where it is installed (`pip install smsgate[speed]`), else the standard library. What is written and
what is read is the same.
"""

import json
from collections.abc import Callable
from typing import Final

try:
    import msgspec
except ImportError:
    _encode: Callable[[object], bytes] | None = None
    _decode: Callable[[bytes], object] | None = None
else:
    _encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder().decode

__all__ = ["ENGINE", "UNSURE", "read_if_sure", "write_json"]

ENGINE: Final = "json" if _encode is None else "msgspec"
"""Who writes and reads."""
UNSURE: Final = object()
_write: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def write_json(value: object) -> bytes:
    """*value* as JSON in UTF-8, without spaces. Raises `ValueError` or `TypeError` for what JSON cannot hold."""
    return _write(value).encode() if _encode is None else _encode(value)


def read_if_sure(body: bytes) -> object:
    """The value that *body* is the JSON of, or `UNSURE`: then the standard library reads it, and says what is wrong.

    A fast reader keeps the last of two values that have one name, and no whole number that is too long for it. Its
    value is believed if it is written as *body* again: then nothing of it is lost. Vendors' responses nearly always
    are.
    """
    if _encode is None or _decode is None:
        return UNSURE
    try:
        value = _decode(body)
        return value if _encode(value) == body else UNSURE
    except Exception:  # whatever it could not read, the standard library says what it is
        return UNSURE
