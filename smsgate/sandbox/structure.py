"""Making settings of plain data, from TOML and from JSON, with problems that name the field and what it takes.

No problem repeats a value: it may be a number, or a URL with a token.
"""

import tomllib
import types
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin

import attrs
import cattrs
from cattrs.cols import list_structure_factory
from cattrs.gen import make_dict_structure_fn

from smsgate.model.errors import ConfigurationError
from smsgate.model.plain import TYPE_WORDS, describe_value
from smsgate.model.suggestion import did_you_mean

__all__ = ["check_parameters", "read_toml", "structure", "unknown_field"]

T = TypeVar("T")


def read_toml(path: str | Path) -> dict[str, Any]:
    """The tables of a file. Raises `ConfigurationError`, naming it."""
    try:
        return tomllib.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = f"is not TOML: {error}"
    raise ConfigurationError(f"{path}: {problem}")


def structure(value: object, kind: type[T]) -> T:
    """*value* as *kind*. Raises `ConfigurationError` with every problem and where it is."""
    try:
        return _CONVERTER.structure(value, kind)
    except cattrs.BaseValidationError as error:
        problem = "; ".join(_problems(error, ""))
    except _WrongTypeError:
        problem = _wanted(kind, value)
    raise ConfigurationError(problem)


def unknown_field(name: str, known: Collection[str], what: str = "field") -> str:
    """The problem of a field, or whatever it is called, that is none of *known*."""
    return f"{name[:50]}: there is no such {what}{did_you_mean(name, known)}; known are {', '.join(known)}"


def check_parameters(names: Iterable[str], known: Collection[str] = ()) -> None:
    """Raise `ValueError` for the first of the *names* in a URL's query that is none of *known*."""
    for name in names:
        if not known:
            raise ValueError(f"{name[:50]}: there are no parameters here")
        if name not in known:
            raise ValueError(unknown_field(name, known, "parameter"))


class _WrongTypeError(TypeError):
    """A value of another type than the field's."""

    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


def _problems(error: cattrs.BaseValidationError, where: str) -> Iterator[str]:
    noted, others = cast("Any", error).group_exceptions()
    for inner, note in noted:
        is_entry = isinstance(error, cattrs.IterableValidationError)
        place = f"{where}, number {note.index + 1}" if is_entry else _inside(where, note.name)
        if isinstance(inner, cattrs.BaseValidationError):
            yield from _problems(inner, place)
        else:
            yield f"{place}: {_described(inner, note.type)}"
    for other in others:
        if isinstance(other, cattrs.ForbiddenExtraKeysError):
            known = [field.name for field in attrs.fields(other.cl)]
            yield from (_inside(where, unknown_field(str(name), known)) for name in sorted(other.extra_fields, key=str))
        else:
            yield _inside(where, str(other))


def _inside(where: str, name: str) -> str:
    """A field of a table, "tencent.account.balance", or of an entry of a list: "tencent.templates, number 1, text"."""
    if not where:
        return name
    return f"{where}, {name}" if ", number " in where else f"{where}.{name}"


def _described(error: Exception, kind: Any) -> str:
    if isinstance(error, KeyError):
        return f"is missing, {_words(kind)}"
    if isinstance(error, ConfigurationError):
        return str(error)
    return _wanted(kind, error.value) if isinstance(error, _WrongTypeError) else _words(kind)


def _wanted(kind: Any, value: object) -> str:
    return f"{_words(kind)}, not {describe_value(value)}"


def _words(kind: Any) -> str:
    """What a field of that type takes."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return f"{_words(args[0])}, or null (in TOML leave it out)"
    if origin is Literal:
        return "one of " + ", ".join(f'"{each}"' for each in args)
    if origin in (list, tuple):
        return "a list, […]"
    return TYPE_WORDS.get(kind, "a table of fields")


def _checked(*accepted: type) -> Callable[[object, object], Any]:
    """A hook that takes values of these types as they are; true and false are no numbers."""

    def hook(value: object, _: object) -> Any:
        if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
            raise _WrongTypeError(value)
        return value

    return hook


def _text(value: object, _: object) -> str:
    """A number is a text as well: ids are written without quotation marks."""
    return str(_checked(str, int)(value, None))


_CONVERTER: Final = cattrs.Converter()


def _table(kind: Any) -> Callable[[object, Any], Any]:
    make, check = make_dict_structure_fn(kind, _CONVERTER, _cattrs_forbid_extra_keys=True), _checked(dict)
    return lambda value, wanted: make(check(value, wanted), wanted)


def _list(kind: Any) -> Callable[[object, Any], Any]:
    """A text is no list of its letters, and a table none of its keys."""
    item: Any = get_args(kind)[0]
    make, check = list_structure_factory(cast("Any", list[item]), _CONVERTER), _checked(list, tuple)
    return lambda value, wanted: _origin(kind)(make(check(value, wanted), wanted))


def _origin(kind: Any) -> Any:
    return get_origin(kind)


for _kind, _accepted in ((bool, (bool,)), (int, (int,)), (float, (int, float))):
    _CONVERTER.register_structure_hook(_kind, _checked(*_accepted))
_CONVERTER.register_structure_hook(str, _text)
_CONVERTER.register_structure_hook_factory(attrs.has, _table)
_CONVERTER.register_structure_hook_factory(lambda kind: _origin(kind) in (list, tuple), _list)
