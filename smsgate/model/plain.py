"""What people call the types of plain data, as TOML and JSON have them, for errors about a value of a wrong one."""

from collections.abc import Mapping
from typing import Final

__all__ = ["TYPE_WORDS", "describe_value"]

TYPE_WORDS: Final[Mapping[type, str]] = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
"""What a field of a type takes."""
_GIVEN: Final[tuple[tuple[type, str], ...]] = (
    (bool, "true or false"),
    (str, "a text"),
    (int, "a number"),
    (float, "a number with a point"),
    (dict, "a table"),
    (list, "a list"),
    (type(None), "null"),
)


def describe_value(value: object) -> str:
    """What sort of value it is. The value itself is not repeated: it may be a number, or a URL with a token."""
    return next((words for kind, words in _GIVEN if isinstance(value, kind)), "that")
