"""Phone numbers: E.164, national numbers with a default region, and masking.

A `PhoneNumber` prints in full with `str()` and masked with `repr()`, so that a log line or a traceback shows the
masked form unless the full one is requested.
"""

import re
from typing import Final

from smsgate.model.errors import InvalidNumberError
from smsgate.model.masking import E164, calling_code, mask

__all__ = ["PhoneNumber", "resolve_number"]

_USUAL: Final = re.compile(r"\+861[3-9][0-9]{9}", re.ASCII)
"""What is in its normal form for sure: mobile numbers of mainland China, all but those of 13 digits for devices."""
_SEPARATORS: Final = str.maketrans("", "", " -.()\u00a0")
_MAINLAND_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}|1[0-9]{12}", re.ASCII)


class PhoneNumber:
    """A phone number as the caller gave it; `resolve_number` turns it into E.164.

    `str(number)` is the number in full, `repr(number)` and `number.masked` hide all but its country code and its last
    four digits.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    @classmethod
    def wrap(cls, value: "str | PhoneNumber") -> "PhoneNumber":
        """Take text or a `PhoneNumber`. Nothing is checked before it is resolved."""
        return value if isinstance(value, PhoneNumber) else cls(value)

    def parse(self, default_region: str | None = None) -> "PhoneNumber | str":
        """The number in E.164, or what is wrong with it."""
        text = self._text
        if isinstance(text, str) and _USUAL.fullmatch(text):  # pyright: ignore[reportUnnecessaryIsInstance]
            return self
        problem, found = _normalise(text, default_region)
        if found is None:
            return problem
        return self if found == text else PhoneNumber(found)

    @property
    def calling_code(self) -> str:
        """The country calling code without "+": "86". Raises `InvalidNumberError` if the number is not in E.164."""
        return calling_code(self._e164())

    @property
    def national(self) -> str:
        """The digits after the country calling code. Raises `InvalidNumberError` if the number is not in E.164."""
        text = self._e164()
        return text[1 + len(calling_code(text)) :]

    @property
    def is_mainland(self) -> bool:
        """Whether it is a number of mainland China (+86). Raises `InvalidNumberError` if it is not in E.164."""
        return self._e164().startswith("+86")

    @property
    def masked(self) -> str:
        """The form for logs: `+86*******8000`."""
        return mask(self._text)

    def _e164(self) -> str:
        # Of "13800138000" the slices above would be digits of something else, and nobody would notice.
        if not isinstance(self._text, str) or not E164.fullmatch(self._text):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidNumberError(f"{self.masked} is not in E.164: resolve it first, with smsgate.resolve_number")
        return self._text

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
    if not E164.fullmatch(bare):
        return "not E.164: one '+', a country code, 7 to 15 digits", None
    if not bare.startswith("+86"):
        return _abroad(bare)
    if not _MAINLAND_MOBILE.fullmatch(bare, 3):
        return "not a mobile number of mainland China: +86 and 11 digits that begin with 13 to 19", None
    return "", bare


def _abroad(bare: str) -> tuple[str, str | None]:
    """Without the trunk prefix of national spelling (+44 (0)20 …), and if its country has numbers of that length.

    No more than the length is judged: the ranges in use change faster than any table of them.
    """
    import phonenumbers  # its metadata takes a while to read, and who sends to mainland China only has no use for it

    try:
        number = phonenumbers.parse(bare)
    except phonenumbers.NumberParseException:
        return "no country has this country code", None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return f"too few or too many digits for a number of country code +{calling_code(bare)}", None
    return "", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _national(bare: str, region: str) -> tuple[str, str | None]:
    import phonenumbers

    try:
        number = phonenumbers.parse(bare, region)
    except phonenumbers.NumberParseException:
        return f"not a number of region {region}", None
    if not phonenumbers.is_valid_number(number):
        return f"not a valid number of region {region}", None
    return _international(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
