"""Reading what a vendor sent with suspicion: JSON, and values whose JSON type or spelling varies.

There is one reader of numbers and one of times for all vendors, so that a report's fields mean the same whoever sent
it. No function here raises: what cannot be believed is None.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, NoReturn, TypeVar, cast

from smsgate.model.masking import E164
from smsgate.model.phone import PhoneNumber
from smsgate.provider.json_text import UNSURE, read_if_sure

__all__ = [
    "EARLIEST",
    "LATEST",
    "Remembered",
    "RepeatedNames",
    "as_list",
    "as_object",
    "as_text",
    "decimal_text",
    "digits_in",
    "objects_in",
    "read_int",
    "read_json",
    "read_leniently",
    "read_number",
    "read_object",
    "read_text",
    "read_time",
    "rows_of",
    "short_text",
]

T = TypeVar("T")

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""The first time that is believed."""
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""The first time that is not believed any more."""

_MAINLAND: Final = "86"
_MAINLAND_MOBILE: Final = 11
_DATE_ONLY: Final = len("2026-01-31")
_LONGEST_DECIMAL: Final = 20
_TOO_LARGE: Final = 10**_LONGEST_DECIMAL
_LONGEST_NUMBER: Final = 64
_is_e164: Final = E164.fullmatch
_parse_iso: Final = datetime.fromisoformat
_DIGITS: Final = frozenset("0123456789")


class Remembered(dict[str, T]):
    """What *read* makes of a text: asked once for each, where a few texts come in hundreds of rows."""

    def __init__(self, read: Callable[[str], T]) -> None:
        self._read = read

    def __missing__(self, text: str) -> T:
        self[text] = found = self._read(text)
        return found


class RepeatedNames(dict[str, Any]):
    """A JSON object in which a name has two different values: no value of it can be believed."""


def read_json(body: bytes) -> object:
    """The JSON value in *body*, or None if it is not JSON. Of a name that comes twice the last value counts.

    A byte order mark is skipped and GBK is read where UTF-8 fails: both have been seen in front of vendors' responses.
    """
    return _read(body, _PLAIN)


def read_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in *body*, or None for anything else, also if a name has two values.

    Of `{"result": 0, "result": 1016}` no half can be believed: one says that the message was sent, the other not.
    """
    value = read_if_sure(body)
    if value is UNSURE:
        value = _read(body, _STRICT)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def read_leniently(body: bytes) -> object:
    """The JSON value in *body*, or None. For what will not come again: pulled items, and items of a push.

    A fault spoils the item that it stands in and no other: an object in which a name has two values becomes a
    `RepeatedNames`, a number that is none ("NaN") is read, a text that was cut inside a character is read in part.
    """
    text = _decode(body)
    return _load(body.decode("utf-8-sig", "replace") if text is None else text, _LENIENT)


def as_object(value: object) -> Mapping[str, Any]:
    """*value* if it is a JSON object, else an empty one."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """*value* if it is a JSON list, else an empty one."""
    return cast("list[object]", value) if isinstance(value, list) else []


def rows_of(value: object) -> list[Mapping[str, Any]]:
    """The rows of a list, each an object: an empty one for what is none. No rows if *value* is no list."""
    return [row if type(row) is dict else as_object(row) for row in as_list(value)]


def as_text(value: object) -> str:
    """*value* if it is text, else an empty one."""
    return value if isinstance(value, str) else ""


def objects_in(value: object) -> list[Mapping[str, Any]] | None:
    """The rows of a list; None if *value* is no list.

    A row that is no object, or none that can be believed, stands under the name "" in an object of its own: no field is
    read from it, a record's `raw` has it, and the next page begins at the right place.
    """
    if not isinstance(value, list):
        return None
    return [_object_of(row) for row in cast("list[object]", value)]


def _object_of(row: object) -> Mapping[str, Any]:
    believed = isinstance(row, dict) and not isinstance(row, RepeatedNames)
    return cast("Mapping[str, Any]", row) if believed else {"": row}


def decimal_text(value: object) -> str | None:
    """A whole number of up to 20 digits as decimal text: 1016, "1016" and 1016.0 are the same. None if it is none."""
    if type(value) is str and value.isdigit() and value.isascii() and len(value) <= _LONGEST_DECIMAL:
        return value
    if type(value) is int and abs(value) < _TOO_LARGE:
        return str(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < _TOO_LARGE else ""
    if not isinstance(value, str):
        return None
    text = value.strip()
    fits = 0 < len(text) <= _LONGEST_DECIMAL and text.isascii() and text.removeprefix("-").isdigit()
    return text if fits else None


def read_int(value: object, low: int | None = None, high: int | None = None) -> int | None:
    """A whole number, written as a number or as text, from *low* to *high*; None for anything else."""
    if type(value) is int and abs(value) < _TOO_LARGE:
        number = value
    elif (text := decimal_text(value)) is not None:
        number = int(text)
    else:
        return None
    return None if (low is not None and number < low) or (high is not None and number > high) else number


def read_text(value: object) -> str | None:
    """Text that is not empty, or a whole number as text, or None."""
    if isinstance(value, str):
        return value or None
    return None if value is None else decimal_text(value)


def short_text(value: object, longest: int) -> str | None:
    """*value* as text if it can be a code or an id: printable, not empty, not longer than *longest*."""
    text = value if isinstance(value, str) else None if value is None else decimal_text(value)
    return text if text and len(text) <= longest and text.isprintable() else None


def digits_in(value: object) -> str:
    """The digits of a number as it came: text with or without "+" or separators, or a JSON number. Empty for none."""
    if type(value) is str and len(value) <= _LONGEST_NUMBER:
        digits = value.removeprefix("+")
        if digits.isdigit() and digits.isascii():
            return digits
    text = (read_text(value) or "")[:_LONGEST_NUMBER]
    return text if text.isascii() and text.isdigit() else "".join([char for char in text if char in _DIGITS])


def read_number(value: object, country: object = None) -> PhoneNumber | None:
    """A phone number in E.164, or None if *value* is not one.

    *country*: the country calling code, where the vendor gives it apart. Without it, and without a "+", a number that
    can be a mobile number of mainland China is one, and any other begins with its country calling code.
    """
    if isinstance(value, str) and _is_e164(value):
        return PhoneNumber(value)  # as nearly all are
    text = value.strip() if isinstance(value, str) else decimal_text(value)
    if not text:
        return None
    if not text.startswith("+"):
        code = (read_text(country) or "").strip().removeprefix("+")
        if not code and country not in (None, ""):
            return None
        # Mainland mobile numbers are 13 to 19 and nine more digits, and have been seen without 86 at both vendors.
        if not code and len(text) == _MAINLAND_MOBILE and "13" <= text < "2":
            code = _MAINLAND
        text = f"+{code}{text}"
    return PhoneNumber(text) if _is_e164(text) else None


def read_time(value: object, zone: tzinfo = UTC) -> datetime | None:
    """A time as an aware datetime: Unix seconds, or ISO 8601 in its own zone or, if it names none, in *zone*.

    None for anything else, for a date without a time, which does not say when, and for a time before 2000 or after
    2099: clocks that were never set report such.
    """
    text = value.strip() if isinstance(value, str) else ""
    try:
        if len(text) > _DATE_ONLY and not text.isdigit():
            # Python takes "2015-10-17+08:00" for a date and a time of day: the zone is added to what was parsed.
            found = _parse_iso(text)
            found = found if found.tzinfo else found.replace(tzinfo=zone)
        elif (seconds := decimal_text(value)) is not None:
            found = datetime.fromtimestamp(int(seconds), UTC)
        else:
            return None
        return found if EARLIEST <= found < LATEST else None
    except (ValueError, OverflowError, OSError):
        return None


def _read(body: bytes, decoder: json.JSONDecoder) -> object:
    text = _decode(body)
    return None if text is None else _load(text, decoder)


def _load(text: str, decoder: json.JSONDecoder) -> object:
    try:
        return decoder.decode(text)
    except (ValueError, RecursionError):
        return None


def _decode(body: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _marked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    disagrees = len(found) != len(pairs) and any(found[name] != value for name, value in pairs)
    return RepeatedNames(found) if disagrees else found


def _agreeing(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs) and isinstance(_marked(pairs), RepeatedNames):
        raise ValueError("a name has two values")
    return found


_PLAIN: Final = json.JSONDecoder(parse_constant=_refuse_constant)
_STRICT: Final = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_agreeing)
_LENIENT: Final = json.JSONDecoder(object_pairs_hook=_marked)
