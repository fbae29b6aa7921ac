"""Reading the forms that vendors push: strict about what is malformed, quick about what is not.

Huawei's own samples decode the whole body and split it then, which breaks at an encoded "&" or "=". Here it is split
first, and only a part with an escape in it is decoded.
"""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

__all__ = ["MAX_FIELDS", "read_form"]

MAX_FIELDS: Final = 64
"""The most fields that a form may have; the longest that is documented has ten."""
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def read_form(body: bytes) -> dict[str, str] | str:
    """The fields of *body*; or what is wrong with it, in words that show none of it. Never raises."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return "is not UTF-8"
    parts = text.split("&", MAX_FIELDS)
    if len(parts) > MAX_FIELDS:
        return f"has more than {MAX_FIELDS} fields"
    if "\0" in text or "%00" in text:
        return "has a NUL character"
    fields: dict[str, str] = {}
    for part in parts:
        if not part:
            continue
        name, _, value = part.partition("=")
        if "%" in name or "+" in name:
            name = _decoded(name)
        if "%" in value or "+" in value:
            value = _decoded(value)
        if name in fields:
            return "has a field twice"
        fields[name] = value
    if "%" in text and _BAD_ESCAPE.search(text):
        return "has a '%' that begins no escape"
    return fields


def _decoded(part: str) -> str:
    # Nearly all escapes in practice are these two: the ":" of a time and the "+" of a number.
    quick = part.replace("+", " ").replace("%3A", ":").replace("%2B", "+")
    return quick if "%" not in quick else unquote_to_bytes(part.replace("+", " ")).decode(errors="replace")
