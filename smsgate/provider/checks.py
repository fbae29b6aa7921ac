"""What is checked of options and arguments before anything is sent. Each check returns what is wrong, or None."""

from collections.abc import Iterable
from typing import Final

__all__ = ["choice_problem", "signature_problem", "text_problem"]

_LONGEST_TEXT: Final = 1024
_BRACKETS: Final = "[]【】"


def text_problem(
    field: str, value: object, *, longest: int = _LONGEST_TEXT, lines: bool = False, optional: bool = False
) -> str | None:
    """What is wrong with a text of at most *longest* characters, which may have several *lines*."""
    if value is None and optional:
        return None
    if not isinstance(value, str) or not value.strip():
        return f"{field}: must be text that is not empty"
    if len(value) > longest:
        return f"{field}: at most {longest} characters, not {len(value)}"
    if not (value.replace("\n", "") if lines else value).isprintable():
        return f"{field}: has a character that cannot be printed"
    return None


def choice_problem(field: str, value: object, choices: Iterable[object], *, optional: bool = False) -> str | None:
    """What is wrong with a value of a closed list. The value is not shown: it may be a secret in the wrong place."""
    known = list(choices)
    if value in known or (value is None and optional):
        return None
    return f"{field}: must be one of {', '.join(map(repr, known))}"


def signature_problem(field: str, value: object) -> str | None:
    """What is wrong with a signature. Vendors add 【】 themselves: one with brackets of its own is not found."""
    problem = text_problem(field, value)
    if problem or not isinstance(value, str):
        return problem
    if value[0] in _BRACKETS or value[-1] in _BRACKETS or "【" in value or "】" in value:
        return f"{field}: write the approved name without 【】: the vendor adds the brackets"
    return f"{field}: has a blank at its start or end" if value != value.strip() else None
