"""Making settings of plain data, from TOML and from JSON, with problems that name the field."""

from typing import Any, Final

import cattrs
from cattrs.v import format_exception

from smsgate.model.errors import ConfigurationError

__all__ = ["CONVERTER", "problems_of"]


def problems_of(error: cattrs.BaseValidationError) -> list[str]:
    """What is wrong, each with the place where it stands."""
    return cattrs.transform_error(error, format_exception=_describe)


def _describe(error: BaseException, kind: type[Any] | None) -> str:
    return str(error) if isinstance(error, ConfigurationError) else format_exception(error, kind)


def _text(value: object, _: object) -> str:
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    raise TypeError("expected text")


def _yes_or_no(value: object, _: object) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeError("expected true or false")


def _whole(value: object, _: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError("expected a whole number")


CONVERTER: Final = cattrs.Converter(forbid_extra_keys=True)
CONVERTER.register_structure_hook(str, _text)
CONVERTER.register_structure_hook(bool, _yes_or_no)
CONVERTER.register_structure_hook(int, _whole)
