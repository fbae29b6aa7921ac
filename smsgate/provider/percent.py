"""Percent-encoding as RFC 3986 has it. Pure.

The standard library's is imported for what needs it: most texts do not, and to look each character up takes longer than
to see that.
"""

import re
from typing import Final

__all__ = ["percent_decoded", "percent_encoded"]

_is_unreserved: Final = re.compile(r"[A-Za-z0-9_.~-]*", re.ASCII).fullmatch


def percent_encoded(text: str, *, errors: str = "strict") -> str:
    """*text* with all but letters, digits and `-._~` encoded. *errors*: of what is not proper Unicode."""
    if _is_unreserved(text):
        return text
    from urllib.parse import quote

    return quote(text, safe="", errors=errors)


def percent_decoded(text: str) -> str:
    """*text* with what is encoded decoded. What is not UTF-8 is replaced."""
    if "%" not in text:
        return text
    from urllib.parse import unquote

    return unquote(text)
