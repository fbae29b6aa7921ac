"""Numbers that are in E.164 for sure, by how they look: of these the numbering plans need not be asked.

Those of mainland China are known here. Those of another country are known once a number of it has been read with
`smsgate.model.numbering`, which takes a while to import.
"""

import re
from typing import Final, NamedTuple

__all__ = ["MAINLAND_CODE", "NumberForm", "code_if_normal", "is_usual", "remember_form"]

MAINLAND_CODE: Final = "86"
_USUAL: Final = re.compile(r"\+861[3-9][0-9]{9}", re.ASCII)
"""What is in its normal form for sure: mobile numbers of mainland China, all but those of 13 digits for devices."""
is_usual: Final = _USUAL.fullmatch
"""Whether a text is a number such as nearly all are: in E.164 for sure, and of mainland China."""


class NumberForm(NamedTuple):
    """How numbers of a country look that are in E.164 for sure."""

    calling_code: str
    pattern: re.Pattern[str]
    """It matches no other number than these, and need not match them all."""


_KNOWN: Final = {"+861": NumberForm(MAINLAND_CODE, _USUAL)}
_BEGINNING: Final = 4
"""The longest calling code with its "+". There are 900 such texts at most."""


def remember_form(number: str, form: NumberForm) -> None:
    """Remember that *form* is that of the country of *number*, which is in E.164."""
    _KNOWN[number[:_BEGINNING]] = form


def code_if_normal(text: str) -> str | None:
    """The calling code of *text* if it is a number in E.164 for sure; None says nothing of it."""
    form = _KNOWN.get(text[:_BEGINNING])
    return form.calling_code if form is not None and form.pattern.fullmatch(text) else None
