"""Reading what a v5 call answered, with suspicion: both envelopes, and values whose JSON type has drifted.

Tencent SMS Development Guide 2.0 prints `result` with `errmsg` for messages and statistics and with `msg` for templates
and signatures; both keys are seen everywhere. The access layer in front of the service answers with `ActionStatus`,
`ErrorCode` and `ErrorInfo`.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, cast

import attrs

from smsgate.envelope import read_json, read_object
from smsgate.wire import HttpResponse

__all__ = [
    "SUCCESS",
    "Answer",
    "code_of",
    "count_of",
    "digits_of",
    "number_of",
    "objects_in",
    "read_answer",
    "read_patiently",
    "text_of",
    "words_of",
]

SUCCESS: Final = "0"
"""The `result` of a call that succeeded."""

_DIGITS: Final = frozenset("0123456789")


@attrs.frozen
class Answer:
    """A vendor's answer: its overall code, and the object that it stood in."""

    code: str
    body: Mapping[str, Any] = attrs.field(repr=False)

    def rows(self, key: str) -> list[Mapping[str, Any]] | None:
        """The objects in the list *key*; None if there is no such list."""
        return objects_in(self.body.get(key))


def read_answer(response: HttpResponse, *, patient: bool = False) -> Answer | None:
    """The answer in *response*, or None if it holds neither envelope, or two that contradict each other.

    *patient*: read on over faults that concern single items (`read_patiently`).
    """
    body = read_patiently(response.body) if patient else read_object(response.body)
    if body is None:
        return None
    result, access = code_of(body.get("result")), code_of(body.get("ErrorCode"))
    if result is None:
        return Answer(access, body) if access is not None and access != SUCCESS else None
    if result == SUCCESS and (access not in (None, SUCCESS) or body.get("ActionStatus") == "FAIL"):
        return None
    return Answer(result, body)


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


def words_of(body: Mapping[str, Any]) -> object:
    """The vendor's own words in an envelope or a row, as they came."""
    return body.get("errmsg") or body.get("msg") or body.get("ErrorInfo")


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
