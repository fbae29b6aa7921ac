"""How many messages a text is charged as: the rules that the vendors state for their bills, with the source of each.

- Mainland China: 70 characters fit one message, a longer text is charged by 67 (Tencent Cloud, "Billing Overview";
  Huawei Message & SMS Service Overview, "SMS Length Calculation"). Both also for a text of Latin letters alone.
- Other countries, GSM 7-bit alphabet only: 160, then 153; each of its extended characters counts twice. Any other
  character in the text makes it 70, then 67 (the same two; 3GPP TS 23.038 and TS 23.040).
- What lies outside the Basic Multilingual Plane, such as emoji and rare Chinese characters, counts twice, everywhere
  (Tencent Cloud, "Update of Global SMS Length Calculation Rules", from 2025-10-13; UCS-2 has no single unit for it).
- Malaysia: the carriers put 7 characters in front, so that 153 fit one message, or 63 (the same announcement).
"""

from collections.abc import Sequence
from typing import Final

__all__ = ["count_segments"]

_MAINLAND: Final = "86"
_PREFIX_UNITS: Final = {"60": 7}
"""What carriers put in front, by calling code: the price tag "RM0.00 " in Malaysia."""
_GSM7: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_EXTENDED: Final = frozenset("^{}\\[~]|€\f")


def count_segments(text: str, *, calling_code: str) -> int:
    """The number of messages that *text* takes, its signature included, in the country with this *calling_code*."""
    prefix = _PREFIX_UNITS.get(calling_code, 0)
    if calling_code != _MAINLAND and frozenset(text) <= _GSM7 | _GSM7_EXTENDED:
        return _parts([1 + (char in _GSM7_EXTENDED) for char in text], 160, 153, prefix)
    return _parts([1 + (char > "\uffff") for char in text], 70, 67, prefix)


def _parts(units: Sequence[int], single: int, part: int, prefix: int) -> int:
    """How many parts characters of so many *units* fill. A character of two units is not cut in half: it moves on."""
    if prefix + sum(units) <= single:
        return 1
    parts, used = 1, prefix
    for size in units:
        if used + size > part:
            parts, used = parts + 1, 0
        used += size
    return parts
