"""Phone numbers: E.164, national numbers with a default region, and masking.

A `PhoneNumber` prints in full with `str()` and masked with `repr()`, so that a log line or a traceback shows the
masked form unless somebody asks for the other.
"""

import re
from typing import Final

from smsgate.errors import InvalidNumberError

__all__ = ["PhoneNumber", "safe_repr", "safe_words"]

_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_SENDABLE: Final = re.compile(r"\+(?:861[3-9][0-9]{9}|(?!86)[1-9][0-9]{6,14})", re.ASCII)
_SEPARATORS: Final = str.maketrans("", "", " -.()\u00a0")
# ITU-T E.164 list of assigned country codes: one digit for zones 1 and 7, the two-digit codes below, else three.
_TWO_DIGITS: Final = frozenset(
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 "
    "90 91 92 93 94 95 98".split()
)
_MAINLAND_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}|1[0-9]{12}", re.ASCII)
_DIGIT_RUN: Final = re.compile(r"\+?[0-9]{7,}", re.ASCII)


class PhoneNumber:
    """A phone number as the caller gave it; `resolve()` turns it into E.164.

    `str(number)` is the number in full, `repr(number)` and `number.masked` hide all but its country code and its last
    four digits.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    @classmethod
    def wrap(cls, value: "str | PhoneNumber") -> "PhoneNumber":
        """Take text or a `PhoneNumber`. Nothing is checked before `resolve()`."""
        return value if isinstance(value, PhoneNumber) else cls(value)

    def resolve(self, default_region: str | None = None) -> "PhoneNumber":
        """The number in E.164 (`+8613800138000`).

        *default_region* is a two-letter ISO 3166 code ("CN") for numbers written without a country code.
        Raises `InvalidNumberError`, which names the trouble and shows the number masked.
        """
        found = self.parse(default_region)
        if isinstance(found, str):
            raise InvalidNumberError(f"to: {found} ({self.masked})")
        return found

    def parse(self, default_region: str | None = None) -> "PhoneNumber | str":
        """The number in E.164, or what is wrong with it."""
        text = self._text
        if isinstance(text, str) and _SENDABLE.fullmatch(text):  # pyright: ignore[reportUnnecessaryIsInstance]
            return self
        problem, found = _normalise(text, default_region)
        return problem if found is None else PhoneNumber(found)

    @property
    def calling_code(self) -> str:
        """The country calling code without "+": "86". Only for numbers in E.164."""
        digits = self._text[1:]
        if digits[0] in "17":
            return digits[0]
        return digits[:2] if digits[:2] in _TWO_DIGITS else digits[:3]

    @property
    def national(self) -> str:
        """The digits after the country calling code. Only for numbers in E.164."""
        return self._text[1 + len(self.calling_code) :]

    @property
    def is_mainland(self) -> bool:
        """Whether it is a number of mainland China (+86). Only for numbers in E.164."""
        return self._text.startswith("+86")

    @property
    def masked(self) -> str:
        """The form for logs: `+86*******8000`."""
        return _mask(self._text)

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"PhoneNumber({self.masked!r})"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            return self._text == other
        return self._text == other._text if isinstance(other, PhoneNumber) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)


def safe_words(text: str) -> str:
    """A stranger's *text* made fit for a log line or an error: one line, at most 200 characters, numbers masked."""
    line = "".join(char if char.isprintable() else "\ufffd" for char in text[:400])
    return _DIGIT_RUN.sub(lambda match: _mask(match[0]), line)[:200]


def safe_repr(value: object) -> str:
    """The `repr` of a stranger's or a caller's text, made fit by `safe_words`; the `repr` of anything else."""
    return repr(safe_words(value) if isinstance(value, str) else value)


def _mask(text: object) -> str:
    if not isinstance(text, str):
        return f"<{type(text).__name__}>"
    kept = 4 if len(text) >= 11 else 2
    head = "+" + PhoneNumber(text).calling_code if _E164.fullmatch(text) else ""
    hidden = max(len(text) - len(head) - kept, 3)
    return f"{head}{'*' * min(hidden, 12)}{text[-kept:] if len(text) > kept and text[-kept:].isalnum() else ''}"


def _normalise(text: object, default_region: str | None) -> tuple[str, str | None]:
    """What is wrong, or the number in E.164."""
    if not isinstance(text, str):
        return f"a phone number is text, not {type(text).__name__}", None
    bare = text.translate(_SEPARATORS).strip()
    if not bare.isascii():
        return "use the digits 0-9 only: this has other digits or characters", None
    if "(0)" in text:
        return "leave out the '(0)', which is not dialled together with a country code", None
    if not bare:
        return "the number is empty", None
    if bare.startswith("+"):
        return _international(bare)
    if not bare.isdigit():
        return "a number has digits only, after one leading '+'", None
    if default_region is None:
        return "no country code: write +86…, or give the gateway default_region", None
    return _national(bare, default_region)


def _international(bare: str) -> tuple[str, str | None]:
    if not _E164.fullmatch(bare):
        return "not E.164: one '+', a country code, 7 to 15 digits", None
    if bare.startswith("+86") and not _MAINLAND_MOBILE.fullmatch(bare, 3):
        return "not a mobile number of mainland China: +86 and 11 digits that begin with 13 to 19", None
    return "", bare


def _national(bare: str, region: str) -> tuple[str, str | None]:
    import phonenumbers  # its metadata is read only by those who send to national numbers

    try:
        number = phonenumbers.parse(bare, region)
    except phonenumbers.NumberParseException:
        return f"not a number of region {region}", None
    if not phonenumbers.is_valid_number(number):
        return f"not a valid number of region {region}", None
    return _international(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
