"""The verification code in a message, as a person would read it off the phone."""

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["find_verification_code"]

_CODE: Final = re.compile(r"(?<![0-9])[0-9]{4,8}(?![0-9])")
_SIGNATURE: Final = re.compile(r"\s*【[^】]*】")


def find_verification_code(params: Iterable[str], text: str) -> str | None:
    """The first of *params* that is 4 to 8 ASCII digits, else the first such run of digits in *text*, else None.

    A signature in front of the text (`【12306】`) is passed over.
    """
    for value in params:
        if _CODE.fullmatch(value):
            return value
    signature = _SIGNATURE.match(text)
    found = _CODE.search(text, signature.end() if signature else 0)
    return found[0] if found else None
