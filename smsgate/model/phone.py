"""Phone numbers: E.164, national numbers with a default region, and masking.

A `PhoneNumber` prints in full with `str()` and masked with `repr()`, so that a log line or a traceback shows the
masked form unless the full one is requested.
"""

import re
import unicodedata
from typing import Final

from smsgate.model.characters import name_of
from smsgate.model.errors import InvalidNumberError
from smsgate.model.masking import E164, calling_code, mask
from smsgate.model.number_forms import MAINLAND_CODE, code_if_normal

__all__ = ["PhoneNumber", "needs_numbering", "normal_number", "resolve_number"]

_DIGITS: Final = re.compile(r"\+[1-9][0-9]{6,15}", re.ASCII)
"""A number with its country code, and perhaps with a national prefix behind it, which may make it longer than E.164."""
_MAINLAND: Final = re.compile(r"\+860?(1[3-9][0-9]{9}|1[0-9]{12})", re.ASCII)
_NATIONAL_MAINLAND: Final = re.compile(r"(?:(?:00)?86)?0?(1[3-9][0-9]{9}|1[0-9]{12})", re.ASCII)
"""As they are dialled within the mainland: with a 0 from another city, with 00 86 as from abroad."""
_NOT_E164: Final = "not E.164: one '+', a country code, 7 to 15 digits"
_NOT_MAINLAND: Final = "not a mobile number of mainland China: +86 and 11 digits that begin with 13 to 19"

# Beside all spaces and hyphens of Unicode: the visual separators of RFC 3966, section 3, as East Asian keyboards write
# them too, and the minus and the long vowel sign that stand for a hyphen. No "/", which also joins two numbers.
_SEPARATORS: Final = frozenset("\t().（）．\u2212\u30fc")
_SPACES_AND_HYPHENS: Final = frozenset({"Zs", "Pd"})
# Soft hyphen, marks and isolates of text direction, joiners, no-break marks: what a copy from a page or a contact
# brings along. Not U+202E, which shows the digits in reverse order: nobody has read the number that is written.
_INVISIBLE: Final = frozenset(
    map(chr, (0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202E), *range(0x2060, 0x2070), 0xFEFF))
)
_DROPPED: Final = _SEPARATORS | _INVISIBLE


class PhoneNumber:
    """A phone number as the caller gave it; `resolve_number` turns it into E.164.

    `str(number)` is the number in full, `repr(number)` and `number.masked` hide all but its country code and its last
    four digits.
    """

    __slots__ = ("_code", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._code = ""
        """The calling code, once the number is known to be in E.164: its digits are looked at once."""

    @classmethod
    def wrap(cls, value: "str | PhoneNumber") -> "PhoneNumber":
        """Take text or a `PhoneNumber`. Nothing is checked before it is resolved."""
        return value if isinstance(value, PhoneNumber) else cls(value)

    def parse(self, default_region: str | None = None) -> "PhoneNumber | str":
        """The number in E.164, or what is wrong with it."""
        if self.is_normal:
            return self
        problem, found = _normalise(self._text, default_region)
        if found is None:
            return problem
        return self if found == self._text else PhoneNumber(found)

    @property
    def is_normal(self) -> bool:
        """Whether its digits alone show that it is in E.164. False says nothing of it: `parse` finds out."""
        text = self._text
        code = code_if_normal(text) if isinstance(text, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
        if code is None:
            return False
        self._code = code
        return True

    @property
    def calling_code(self) -> str:
        """The country calling code without "+": "86". Raises `InvalidNumberError` if the number is not in E.164."""
        return self._code or self._find_code()

    @property
    def national(self) -> str:
        """The digits after the country calling code. Raises `InvalidNumberError` if the number is not in E.164."""
        return self._text[1 + len(self._code or self._find_code()) :]

    @property
    def is_mainland(self) -> bool:
        """Whether it is a number of mainland China (+86). Raises `InvalidNumberError` if it is not in E.164."""
        return (self._code or self._find_code()) == MAINLAND_CODE

    @property
    def region(self) -> str | None:
        """The ISO 3166 code of its country ("CN", "SG"); None if it belongs to no one country.

        Raises `InvalidNumberError` if the number is not in E.164.
        """
        if self.is_mainland:
            return "CN"
        from smsgate.model import numbering

        return numbering.region_of(self._text)

    @property
    def is_text(self) -> bool:
        """Whether it was made of text. Nothing is checked when it is made."""
        return isinstance(self._text, str)  # pyright: ignore[reportUnnecessaryIsInstance]

    @property
    def masked(self) -> str:
        """The form for logs: `+86*******8000`."""
        return mask(self._text)

    def _find_code(self) -> str:
        # Of "13800138000" the slices above would be digits of something else, and nobody would notice.
        if not isinstance(self._text, str) or not E164.fullmatch(self._text):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidNumberError(f"{self.masked} is not in E.164: resolve it first, with smsgate.resolve_number")
        self._code = calling_code(self._text)
        return self._code

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


def normal_number(text: str, calling_code: str) -> PhoneNumber:
    """The number *text*, which is in E.164 for sure and has this calling code. Nothing is checked."""
    number = PhoneNumber(text)
    number._code = calling_code  # pyright: ignore[reportPrivateUsage]
    return number


def resolve_number(number: str | PhoneNumber, default_region: str | None = None) -> PhoneNumber:
    """*number* in E.164 (`+8613800138000`).

    *default_region* is a two-letter ISO 3166 code ("CN") for numbers written without a country code.
    Raises `InvalidNumberError`, which says what is wrong and shows the number masked.
    """
    given = PhoneNumber.wrap(number)
    found = given.parse(default_region)
    if isinstance(found, str):
        raise InvalidNumberError(f"to: {found} ({given.masked})")
    return found


def needs_numbering(number: PhoneNumber, default_region: str | None = None) -> bool:
    """Whether *number* is read with `smsgate.model.numbering`, which takes a while to import."""
    text = number._text  # pyright: ignore[reportPrivateUsage]  # of `str` to ask takes longer than the rest
    if text.startswith("+86"):
        return False
    _, bare = _without_separators(text)
    return bare is not None and _without_numbering(bare, default_region) is None


def _normalise(text: object, default_region: str | None) -> tuple[str, str | None]:
    """What is wrong, or the number in E.164."""
    if not isinstance(text, str):
        return f"a phone number is text, not {type(text).__name__}", None
    problem, bare = _without_separators(text)
    if bare is None:
        return problem, None
    found = _without_numbering(bare, default_region)
    if found is not None:
        return found
    from smsgate.model import numbering

    if default_region is not None and not bare.startswith("+"):
        dialled = numbering.national(bare, default_region)
        if dialled is None:
            return f"not a number of region {default_region}", None
        # From here on as if it had been written so: a number has one answer, however it is written.
        return _without_numbering(dialled, None) or numbering.international(dialled)
    return numbering.international(bare)


def _without_separators(text: str) -> tuple[str, str | None]:
    """What is wrong with a character of *text*; or "" and its digits, after a "+" if it has one."""
    found: list[str] = []
    for char in text.strip():
        if "0" <= char <= "9" or (char == "+" and not found):
            found.append(char)
        elif char not in _DROPPED and unicodedata.category(char) not in _SPACES_AND_HYPHENS:
            return _problem_with(char), None
    return ("", "".join(found)) if found else ("the number is empty", None)


def _problem_with(char: str) -> str:
    """A character that no number has is named: on a screen it may look like one that is allowed, or like none."""
    if char == "+":
        return _NOT_E164
    shown = f"has {name_of(char)}"
    if char == "\u202e":
        return f"{shown}, which shows the digits in reverse order: write the number without it"
    if unicodedata.decimal(char, None) is not None:
        return f"{shown}: use the digits 0-9 only"
    return f"{shown}: a number has digits only, after one leading '+'"


def _without_numbering(bare: str, default_region: str | None) -> tuple[str, str | None] | None:
    """What is wrong, or the number in E.164, as far as that can be said without the numbering plans; else None."""
    if bare.startswith("+"):
        if bare.startswith("+86"):
            mainland = _MAINLAND.fullmatch(bare)
            return ("", "+86" + mainland[1]) if mainland else (_NOT_MAINLAND, None)
        return None if _DIGITS.fullmatch(bare) else (_NOT_E164, None)
    if default_region is None:
        instead = "write '+' in place of 00" if bare.startswith("00") else "write +86…"
        return f"no country code: {instead}, or give the gateway default_region", None
    if default_region == "CN":
        mainland = _NATIONAL_MAINLAND.fullmatch(bare)
        if mainland:
            return "", "+86" + mainland[1]
        if not bare.startswith("00"):
            return _NOT_MAINLAND, None
    return None
