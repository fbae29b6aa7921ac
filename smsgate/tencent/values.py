"""Reading what a v5 call answered, with suspicion: both envelopes, and values whose JSON type has drifted.

Tencent SMS Development Guide 2.0 prints `result` with `errmsg` for messages and statistics and with `msg` for templates
and signatures; both keys are seen everywhere. The access layer in front of the service answers with `ActionStatus`,
`ErrorCode` and `ErrorInfo`.
"""

import json
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final, TypeVar, cast

from smsgate.model.errors import VendorError
from smsgate.model.reason import Outcome, Reason
from smsgate.provider.reading import read_json
from smsgate.provider.records import SignatureRecord, TemplateRecord

__all__ = [
    "CHINA_OFFSET",
    "YEARS",
    "china_hour",
    "code_of",
    "count_of",
    "digits_of",
    "first_moment",
    "further_counts",
    "mobile_of",
    "moment_of",
    "number_of",
    "objects_in",
    "one_record",
    "read_counts",
    "read_patiently",
    "text_of",
]

_DIGITS: Final = frozenset("0123456789")
CHINA_OFFSET: Final = "+08:00"
YEARS: Final = range(2000, 2100)
"""The years in which a time is believed."""
_CHINA: Final = timezone(timedelta(hours=8))
_MAINLAND: Final = "86"
R = TypeVar("R", TemplateRecord, SignatureRecord)


def read_patiently(body: bytes) -> dict[str, Any] | None:
    """The JSON object in *body*, or None. Never raises.

    For answers that will not come again: a name with two values, a text that was cut inside a character or a number
    that is none spoils the item that it stands in and no other.
    """
    value = read_json(body)
    if value is None:
        try:
            value = json.loads(body.decode("utf-8-sig", "replace"))
        except (ValueError, RecursionError):
            return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def objects_in(value: object) -> list[Mapping[str, Any]] | None:
    """The objects in a list; None if *value* is no list."""
    if not isinstance(value, list):
        return None
    return [cast("Mapping[str, Any]", row) for row in cast("list[object]", value) if isinstance(row, dict)]


def code_of(value: object) -> str | None:
    """A code as decimal text: 1016, "1016" and 1016.0 are the same. None if it is no code."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    return text if 0 < len(text) <= 20 and text.isascii() and text.removeprefix("-").isdigit() else None


def number_of(value: object) -> int | None:
    """A whole number of up to 20 digits, written as a number or as text; None for anything else."""
    code = code_of(value)
    return None if code is None else int(code)


def count_of(value: object) -> int | None:
    """A count from 0 to a million, or None."""
    number = number_of(value)
    return number if number is not None and 0 <= number <= 1_000_000 else None


def text_of(value: object) -> str | None:
    """Text that is not empty, or a whole number as text, or None."""
    return value if isinstance(value, str) and value else code_of(value)


def digits_of(value: object) -> str:
    """The digits of a number as it came: text with or without "+", or a JSON number. Empty if there are none."""
    text = (text_of(value) or "")[:64]
    if text.isascii() and text.isdigit():
        return text
    return "".join(char for char in text if char in _DIGITS)


def moment_of(value: object) -> datetime | None:
    """Unix seconds, or a date without a zone in China time, as an aware datetime. None if it is neither."""
    seconds = code_of(value)
    try:
        if seconds is not None:
            found = datetime.fromtimestamp(int(seconds), UTC)
        elif isinstance(value, str):
            found = datetime.fromisoformat(value.strip())
            found = found if found.tzinfo else datetime.fromisoformat(value.strip() + CHINA_OFFSET)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.year in YEARS else None


def first_moment(item: Mapping[str, Any], keys: Iterable[str]) -> datetime | None:
    """The first time among *keys* that can be read."""
    return next((moment for key in keys if (moment := moment_of(item.get(key))) is not None), None)


def china_hour(moment: datetime) -> int:
    """The hour that the aware *moment* lies in, as `yyyymmddhh` in China time."""
    local = moment.astimezone(_CHINA)
    return ((local.year * 100 + local.month) * 100 + local.day) * 100 + local.hour


def read_counts(data: Mapping[str, Any] | None, keys: Iterable[str]) -> dict[str, int] | str:
    """The counts under *keys*, or what is wrong with them. One that is left out is 0: some servers drop zeros."""
    if data is None:
        return "the answer has no counters"
    counts: dict[str, int] = {}
    for key in keys:
        value: object = data.get(key)
        number = 0 if value is None else number_of(value)
        if number is None or number < 0:
            return f"{key} is not a count"
        counts[key] = number
    return counts


def further_counts(data: Mapping[str, Any], *, known: Container[str], name: Callable[[str], bool]) -> dict[str, int]:
    """Counts that the vendor has added since: those whose name looks like one."""
    numbers = {key: number_of(value) for key, value in data.items() if key not in known and name(key)}
    return {key: number for key, number in numbers.items() if number is not None and number >= 0}


def mobile_of(number: object) -> str:
    """The digits by which a number is recognised, whether it has the mainland's country code and a plus or not."""
    return digits_of(number).removeprefix(_MAINLAND)


def one_record(call: str, records: Sequence[R] | VendorError, id: int, reason: Reason) -> R | VendorError:
    """The record with the id that was asked for; if the vendor has none, the error that says so, with *reason*."""
    if isinstance(records, VendorError):
        return records
    found = next((record for record in records if record.id == str(id)), None)
    return found or VendorError(
        f"{call}: the vendor has none with the id {id}", outcome=Outcome.REJECTED, reason=reason
    )
