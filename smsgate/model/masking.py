"""What may be shown of phone numbers, of foreign text and of foreign code's errors in logs, errors and `repr`s."""

import re
from traceback import walk_tb
from typing import Final

from smsgate.model.errors import LedgerError

__all__ = ["E164", "calling_code", "describe_failure", "mask", "safe_repr", "safe_text"]

E164: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
"""The form of a number in E.164, whatever its country."""
# ITU-T E.164 list of assigned country codes: one digit for zones 1 and 7, the two-digit codes below, else three.
_TWO_DIGITS: Final = frozenset(
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 "
    "90 91 92 93 94 95 98".split()
)
_PLACES: Final = 6
"""The most places of a failure that are shown."""
_LONGEST: Final = 600
"""The most characters of a ledger's error: its places, and a database's words."""
_DATE: Final = r"(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d)"
_BETWEEN: Final = rf"[ -](?!{_DATE})"
_ALONE: Final = rf"(?<![A-Za-z0-9_-])(?!{_DATE})%s(?![A-Za-z0-9_-]|:\d)"
_NUMBER: Final = re.compile(
    "|".join(
        [
            _ALONE % rf"[+＋]\d(?:(?:{_BETWEEN})?\d){{6,}}",
            _ALONE % rf"(?=(?:[ -]?\d){{9}})\d{{2,5}}(?:{_BETWEEN}\d{{3,}})+",
            r"[+＋]?\d{7,}",
        ]
    )
)
"""A number in foreign text: with spaces or hyphens between its digits ("138-0013-8000") where it stands alone and is no
date; or seven digits in a row. Full-width digits count too."""


def safe_text(text: str, most: int = 200) -> str:
    """Foreign *text* made fit for a log line or an error: one line, at most *most* characters, numbers masked.

    Where it is cut it ends with "…".
    """
    line = "".join(char if char.isprintable() else "\ufffd" for char in text[: 2 * most])
    shown = _NUMBER.sub(_masked, line)
    return f"{shown[: most - 1]}…" if len(shown) > most or len(text) > 2 * most else shown


def _masked(number: re.Match[str]) -> str:
    """What is shown of a number in foreign text, however it is written."""
    digits = "".join([str(int(char)) for char in number[0] if char.isdecimal()])
    return mask(f"+{digits}" if number[0][0] in "+＋" else digits)


def safe_repr(value: object) -> str:
    """The `repr` of a vendor's or a caller's text, made fit by `safe_text`; the `repr` of anything else."""
    return repr(safe_text(value) if isinstance(value, str) else value)


def describe_failure(error: BaseException) -> str:
    """The type of *error* and the places it came through, as "OSError at app.py:158 > myapp.py:10".

    For errors of foreign code: a handler, a provider, an `on_result`. Their text may hold a number or a secret, so it
    is left out. Of a deep call the first and the last places are kept: where the foreign code was entered, and where it
    failed. The text of a `LedgerError` has no value that was to be written, and says what to do: no table is there, the
    disk is full. So it stands for itself.
    """
    if isinstance(error, LedgerError):
        return safe_text(str(error), _LONGEST)
    # The file's name alone: a whole path tells a reader of the log more about the machine than about the fault.
    frames = [(re.split(r"[/\\]", frame.f_code.co_filename)[-1], line) for frame, line in walk_tb(error.__traceback__)]
    places = [f"{name}:{line}" for name, line in frames]
    if len(places) > _PLACES:
        places[_PLACES // 2 : -_PLACES // 2] = ["…"]
    return f"{type(error).__name__} at {' > '.join(places)}" if places else type(error).__name__


def mask(text: object) -> str:
    """A phone number with all but its country code and its last four digits hidden; the type of anything else."""
    if not isinstance(text, str):
        return f"<{type(text).__name__}>"
    kept = 4 if len(text) >= 11 else 2
    head = "+" + calling_code(text) if E164.fullmatch(text) else ""
    hidden = max(len(text) - len(head) - kept, 3)
    return f"{head}{'*' * min(hidden, 12)}{text[-kept:] if len(text) > kept and text[-kept:].isalnum() else ''}"


def calling_code(text: str) -> str:
    """The country calling code of a number in E.164, without "+": "86"."""
    digits = text[1:4]
    if digits[0] in "17":
        return digits[0]
    return digits[:2] if digits[:2] in _TWO_DIGITS else digits
