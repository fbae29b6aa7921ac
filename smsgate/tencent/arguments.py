"""What can be wrong with the arguments of a management call, said before anything is sent.

Each function gives an argument the form that the API takes, or raises `InvalidCallError` naming it.
"""

import base64
import math
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from smsgate.model.errors import InvalidCallError
from smsgate.model.phone import PhoneNumber
from smsgate.provider.checks import signature_problem
from smsgate.provider.reading import EARLIEST, LATEST
from smsgate.provider.template_text import template_text_problem
from smsgate.tencent.checks import LONGEST_TEXT
from smsgate.tencent.values import china_hour

__all__ = [
    "check_span",
    "e164",
    "flag",
    "hour_span",
    "id_number",
    "id_numbers",
    "picture_text",
    "plain_text",
    "signature_text",
    "template_text",
    "whole_number",
]

_ID: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_MOST_DAYS: Final = 32
_HOUR: Final = 3600
_LONGEST_ABROAD: Final = 2000
_MOST: Final = 2 * 1024 * 1024
_JPEG_OR_PNG: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def whole_number(field: str, value: object, low: int, high: int) -> int:
    """A whole number from *low* to *high*."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InvalidCallError(f"{field}: must be a whole number from {low} to {high}")
    return value


def flag(value: bool) -> int:
    """Yes or no, which the API writes as 1 or 0."""
    return 1 if value else 0


def id_number(field: str, value: object) -> int:
    """The id of a template or signature, which the API takes as a number."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise InvalidCallError(f"{field}: must be the decimal digits of an id, as text ('1110')")
    return int(value)


def id_numbers(field: str, values: Iterable[str], *, most: int) -> list[int]:
    """One id or several."""
    if isinstance(values, str):
        raise InvalidCallError(f"{field}: must be a list of ids, not one text")
    numbers = [id_number(field, value) for value in values]
    if not 1 <= len(numbers) <= most:
        raise InvalidCallError(f"{field}: must be 1 to {most} ids, not {len(numbers)}")
    return numbers


def plain_text(field: str, value: object, *, required: bool = True) -> str:
    """Text that can be written as UTF-8, and is not empty if it is *required*."""
    if not isinstance(value, str) or (required and not value.strip()):
        raise InvalidCallError(f"{field}: must be text{' that is not empty' if required else ''}")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise InvalidCallError(f"{field}: has a character that cannot be written in UTF-8")
    return value


def template_text(value: object, *, international: bool) -> str:
    """The text of a template, with placeholders {1}, {2}, … in which no number is left out (SMS FAQ, 1014).

    For mainland China it has at most 450 characters (SMS Development Guide 2.0, Templated Single SMS), else 2,000
    (Tencent Cloud, "Billing Overview").
    """
    text = plain_text("text", value)
    longest = _LONGEST_ABROAD if international else LONGEST_TEXT
    if problem := template_text_problem("text", text, placeholder="{1}", longest=longest):
        raise InvalidCallError(problem)
    return text


def signature_text(field: str, value: object) -> str:
    """The text of a signature, which the vendor puts into brackets."""
    text = plain_text(field, value)
    if problem := signature_problem(field, text):
        raise InvalidCallError(problem)
    return text


def e164(field: str, number: PhoneNumber) -> PhoneNumber:
    """A number in E.164."""
    found = number.parse()
    if isinstance(found, str):
        raise InvalidCallError(f"{field}: {found} ({number.masked})")
    return found


def check_span(begin: object, end: object) -> tuple[int, int]:
    """*begin* and *end* in Unix seconds, parts of a second included."""
    first, last = _aware("begin", begin), _aware("end", end)
    if first > last:
        raise InvalidCallError("begin: must not be after end")
    return math.floor(first.timestamp()), math.ceil(last.timestamp())


def hour_span(begin: datetime, end: datetime, *, most_days: int | None = _MOST_DAYS) -> tuple[int, int]:
    """The hours that *begin* and *end* lie in, as `yyyymmddhh` in China time.

    32 days is what CallbackStatusStatistics allows (API 3.0, version 2021-01-11); the counts of both interfaces keep to
    it, since nothing says that they reach further.
    """
    check_span(begin, end)
    hours = end.timestamp() // _HOUR - begin.timestamp() // _HOUR
    if most_days is not None and hours > most_days * 24:
        raise InvalidCallError(f"end: must be at most {most_days} days after begin")
    return china_hour(begin), china_hour(end)


def _aware(field: str, value: object) -> datetime:
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise InvalidCallError(f"{field}: must be a datetime with a time zone, as datetime.now(UTC)")
    if not EARLIEST <= value < LATEST:
        raise InvalidCallError(f"{field}: must be a time from {EARLIEST.year} to {LATEST.year - 1}")
    return value


def picture_text(field: str, picture: object) -> str:
    """A picture in Base64, without a `data:` prefix.

    Raises `InvalidCallError` if it is not bytes, is neither JPEG nor PNG by its first bytes, or has more than 2 MiB.
    """
    if not isinstance(picture, bytes):
        raise InvalidCallError(f"{field}: must be the bytes of a picture, not {type(picture).__name__}")
    if len(picture) > _MOST:
        raise InvalidCallError(f"{field}: must have at most 2 MiB")
    if not picture.startswith(_JPEG_OR_PNG):
        raise InvalidCallError(f"{field}: must be a JPEG or PNG picture")
    return base64.b64encode(picture).decode("ascii")
