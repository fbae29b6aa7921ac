"""The forms in which gateways hand on one code: full-width letters, stray blanks, error numbers, several in one text.

Zeros are never padded or stripped: at China's carriers `001`, `1`, `MK:24` and `MK:0024` are four different codes.
"""

import re
import unicodedata
from typing import Final

import attrs

__all__ = ["LONGEST_CODE", "Numbered", "Part", "numbered", "parts_of", "prefix_of", "tidy"]

LONGEST_CODE: Final = 128
"""Longer texts are no codes."""

_NUMBERED: Final = re.compile(r"(?P<state>[A-Z]{5,20})(?:[_:\-,(]?(?P<number>[0-9]{1,4})\)?|S(?P<mangled>[0-9]{3})S)")
_UNDERSCORED: Final = re.compile(r"2_(-?[0-9]+)")
_JOINTS: Final = re.compile(r"[\s,;()]+")
_LABEL: Final = re.compile(r"(STAT|ERR):(?=.)")
_ERROR_NUMBER: Final = re.compile(r"ERR:[0-9]{1,4}")
_BARE_NUMBER: Final = re.compile(r"-?[0-9]+")
_WITHOUT_COLON: Final = re.compile(r"([A-Z]{2})[0-9]{4,5}")


@attrs.frozen
class Numbered:
    """A state with the error number behind it: `UNDELIV` and `601`."""

    state: str
    number: str

    def __str__(self) -> str:
        return f"{self.state}_{self.number}"


@attrs.frozen
class Part:
    """One code of several in a text: `stat:UNDELIV err:601` has `UNDELIV` and the error number `ERR:601`."""

    code: str
    error_number: str = ""
    """The number alone, if *code* is one."""


def tidy(code: str) -> str:
    """*code* in compatibility form (NFKC) and capitals, without white space and a final full stop."""
    text = "".join(unicodedata.normalize("NFKC", code).split()).upper().rstrip(".")
    # SGIP's error number behind the operator's digit, which some gateways join with an underscore.
    return _UNDERSCORED.sub(r"2:\1", text) if text.startswith("2_") else text


def numbered(code: str) -> Numbered | None:
    """The state and error number in a tidy *code*: `UNDELIV_601`, `UNDELIV:601`, `UNDELIV(601)`, `UNDELIV601`.

    Also `UNDELIVS601S`: Tencent's list of 2021-12-15 prints so what its Markdown took for struck-out text.
    """
    found = _NUMBERED.fullmatch(code)
    return Numbered(found["state"], found["number"] or found["mangled"]) if found else None


def parts_of(code: str) -> list[Part]:
    """The codes in a text that has several or that labels them (`stat:`, `err:`); empty for a single bare code."""
    text = unicodedata.normalize("NFKC", code).upper().strip()
    pieces = [piece.rstrip(".") for piece in _JOINTS.split(text) if piece.rstrip(".")]
    if len(pieces) < 2 and not any(map(_LABEL.match, pieces)):
        return []
    if any(map(_BARE_NUMBER.fullmatch, pieces)):
        return []  # a number alone is a code of China Unicom, or the rest of another code
    return [Part(piece, piece[4:]) if _ERROR_NUMBER.fullmatch(piece) else Part(_bare(piece)) for piece in pieces]


def prefix_of(code: str) -> str | None:
    """The two letters of a tidy *code* that has lost its colon (`MK0012`): enough for its family, not for the code."""
    found = _WITHOUT_COLON.fullmatch(code)
    return found[1] if found else None


def _bare(piece: str) -> str:
    return _LABEL.sub("", piece, count=1) if _LABEL.match(piece) else piece
