"""What is wrong with a text that is handed in for review: its placeholders and its length. For every vendor."""

import re
from typing import Final, Literal

from smsgate.model.masking import safe_text

__all__ = ["template_text_problem"]

_BRACES: Final = re.compile(r"\$?[{｛][^{}｛｝]*[}｝]|[{}｛｝]")
"""A placeholder, however it is written, or a brace that belongs to none."""
_PLACEHOLDERS: Final = {
    "{1}": re.compile(r"\{([1-9][0-9]?)\}", re.ASCII),
    "${1}": re.compile(r"\$\{([1-9][0-9]?|[A-Z]+(?:_[1-9][0-9]*)?)\}", re.ASCII),
}


def template_text_problem(
    field: str, text: str, *, placeholder: Literal["{1}", "${1}"], longest: int, most: int | None = None
) -> str | None:
    """What is wrong with the text of a template of at most *longest* characters and *most* placeholders.

    *placeholder*: how the vendor writes the first. "${1}" stands for typed ones such as "${NUM_6}" too.
    """
    if len(text) > longest:
        return f"{field}: at most {longest} characters, not {len(text)}"
    numbers: list[int] = []
    count = 0
    for found in _BRACES.findall(text):
        match = _PLACEHOLDERS[placeholder].fullmatch(found)
        if match is None:
            second = placeholder.replace("1", "2")
            return f"{field}: {safe_text(found)!r} is no placeholder of this vendor: write {placeholder}, {second}, …"
        count += 1
        numbers += [int(match[1])] if match[1].isdigit() else []
    if most is not None and count > most:
        return f"{field}: at most {most} placeholders, not {count}"
    missing = sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers))
    if missing:
        return f"{field}: numbers its placeholders with a gap: {placeholder.replace('1', str(missing[0]))} is missing"
    return None
