"""What is checked of options and arguments before anything is sent. Each check returns what is wrong, or None."""

import re
from collections.abc import Iterable
from typing import Final

from smsgate.model.characters import name_of
from smsgate.model.warning import warn

__all__ = [
    "choice_problem",
    "rate_problem",
    "region_problem",
    "rendered_text_problem",
    "signature_problem",
    "template_id_problem",
    "text_problem",
    "warn_of_signature",
]

_LONGEST_TEXT: Final = 1024
_BRACKETS: Final = frozenset("[]【】［］〖〗〔〕")
_PAIRS: Final = frozenset(
    {"()", "（）", "{}", "｛｝", "<>", "＜＞", "《》", "〈〉", "「」", "『』", '""', "“”", "''", "‘’"}
)
"""What else a whole signature is put in; "Acme (China)" is a name."""
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe0e\ufe0f")
"""Invisible characters that `str.isprintable` takes: fillers, blank patterns, joiners, variation selectors."""
_LONGEST_SIGNATURE: Final = 12
_REGION: Final = re.compile(r"[a-z]{2,3}(-[a-z]+)+(-[0-9]+)?", re.ASCII)


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
    shown = value.replace("\n", "") if lines else value
    if not shown.isprintable():
        char = next(char for char in shown if not char.isprintable())
        return f"{field}: has a character that cannot be printed, {name_of(char)}"
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
    if value != value.strip():
        return f"{field}: has a blank at its start or end"
    if value[0] in _BRACKETS or value[-1] in _BRACKETS or "【" in value or "】" in value:
        return f"{field}: write the approved name without 【】: the vendor adds the brackets"
    if value[0] + value[-1] in _PAIRS:
        return f"{field}: write the approved name without {value[0]}{value[-1]} around it"
    hidden = next((char for char in value if char in _INVISIBLE), None)
    return None if hidden is None else f"{field}: has a character that cannot be seen, {name_of(hidden)}"


def warn_of_signature(field: str, value: str | None) -> None:
    """Warn of a signature for mainland China that is longer than the vendors document.

    2 to 12 characters (Tencent SMS Development Guide 2.0, Error Codes for SMS Delivery, 1012), and yet the guide's own
    example, "Tencent Cloud", has 13: no reason to refuse one.
    """
    if value is not None and len(value) > _LONGEST_SIGNATURE:
        warn(f"{field}: has {len(value)} characters, the vendors document 2 to {_LONGEST_SIGNATURE} for mainland China")


def template_id_problem(value: object, *, longest: int = 64) -> str | None:
    """What is wrong with the id that a vendor gave a template: printable ASCII without spaces."""
    if not isinstance(value, str):
        return f"template id: must be text, not {type(value).__name__}"
    # Printable ASCII without a blank.
    if 0 < len(value) <= longest and value.isascii() and value.isprintable() and " " not in value:
        return None
    if not value or len(value) > longest:
        return f"template id: must have 1 to {longest} characters"
    wrong = next(char for char in value if not "!" <= char <= "~")
    return f"template id: has {name_of(wrong)}, which no id has"


def rate_problem(value: object) -> str | None:
    """What is wrong with a rate: so many a second, infinity for no limit."""
    if isinstance(value, int | float) and value > 0:
        return None
    return "rate: must be a number above 0, so many a second, or infinity for no limit"


def region_problem(field: str, value: object) -> str | None:
    """What is wrong with a cloud's region. By its form: clouds open regions faster than any list of them."""
    if isinstance(value, str) and _REGION.fullmatch(value):
        return None
    return f"{field}: must be the name of a region, such as ap-guangzhou or ap-shanghai-fsi"


def rendered_text_problem(text: str | None, signature: str | None, *, longest: int) -> str | None:
    """What is wrong with the text that a recipient would read, if it is known, with its signature in brackets."""
    if text is None:
        return None
    length = len(text) + (len(signature) + 2 if signature else 0)
    return f"text: at most {longest} characters with its signature, not {length}" if length > longest else None
