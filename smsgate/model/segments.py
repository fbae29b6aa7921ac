"""How many messages a text is charged as.

Mainland China: 70 characters fit one message, a longer text is cut into parts of 67 (Tencent SMS FAQ, "Billing").
Elsewhere: 160 characters of the GSM 7-bit alphabet, or 153 a part; any other character makes it 70, or 67 a part
(3GPP TS 23.038 and TS 23.040). Characters outside the Basic Multilingual Plane, such as emoji, count twice.
"""

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
        return _parts(len(text) + sum(char in _GSM7_EXTENDED for char in text), 160, 153)
    return _parts(len(text.encode("utf-16-le", "surrogatepass")) // 2, 70, 67)


def _parts(units: int, single: int, part: int) -> int:
    return 1 if units <= single else -(-units // part)
