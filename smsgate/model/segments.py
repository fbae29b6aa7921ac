"""How many messages a text is charged as.

Mainland China: 70 characters fit one message, a longer text is cut into parts of 67 (Tencent SMS FAQ, "Billing").
Elsewhere: 160 characters of the GSM 7-bit alphabet, or 153 a part; any other character makes it 70, or 67 a part
(3GPP TS 23.038 and TS 23.040). Characters outside the Basic Multilingual Plane, such as emoji, count twice.
"""

from collections.abc import Sequence
from typing import Final

__all__ = ["count_segments"]

_GSM7: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_EXTENDED: Final = frozenset("^{}\\[~]|€\f")


def count_segments(text: str, *, mainland: bool) -> int:
    """The number of messages that *text* takes, its signature included. *mainland*: whether it goes to +86."""
    chars = frozenset(text)
    if not mainland and chars <= _GSM7 | _GSM7_EXTENDED:
        return _parts([1 + (char in _GSM7_EXTENDED) for char in text], 160, 153)
    return _parts([1 + (char > "\uffff") for char in text], 70, 67)


def _parts(units: Sequence[int], single: int, part: int) -> int:
    """How many parts characters of so many *units* fill. A character of two units is not cut in half: it moves on."""
    if sum(units) <= single:
        return 1
    parts, used = 1, 0
    for size in units:
        if used + size > part:
            parts, used = parts + 1, 0
        used += size
    return parts
