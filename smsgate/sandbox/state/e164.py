"""Numbers in E.164, as the sandbox's own calls and settings take them."""

import re
from typing import Final

__all__ = ["E164_EXAMPLE", "is_e164"]

E164_EXAMPLE: Final = "a number in E.164, as in +8613800138000"
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


def is_e164(number: str) -> bool:
    """Whether *number* has a plus sign and 7 to 15 digits, whatever country it may be of."""
    return _E164.fullmatch(number) is not None
