"""How a single character is named in an error: on a screen it may look like another one, or like none."""

import unicodedata

__all__ = ["name_of"]


def name_of(char: str) -> str:
    """Its code point and its name: "U+200B (ZERO WIDTH SPACE)"."""
    return f"U+{ord(char):04X} ({unicodedata.name(char, 'a character without a name')})"
