"""The JSON schema of the settings file, made of the classes whose fields are its keys and of the vendors' accounts.

`load` holds a file to it (`smsgate.config.check`), and editors complete by it (`smsgate schema`).
"""

import ast
import inspect
import itertools
import textwrap
import types
from collections.abc import Callable, Iterable, Mapping
from datetime import time, tzinfo
from typing import Any, Final, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

import attrs

from smsgate.config.accounts import Kind, kinds_of_account
from smsgate.config.sections import ACCOUNTS, SECTIONS, Form, Section, is_named_by_key, members, text_field
from smsgate.model.secret import Secret

__all__ = ["Schema", "account_value", "class_schemas", "field_texts", "schema"]

Schema: TypeAlias = dict[str, Any]

_TYPES: Final[Mapping[object, Schema]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    time: {"type": "string", "format": "partial-time"},
    tzinfo: {"type": "string"},
    type(None): {"const": False},  # TOML has no null
}
_PLACES: Final = {"env": "The environment variable that has it.", "file": "The file that has it."}


def schema() -> dict[str, object]:
    """The JSON schema of a settings file (draft 2020-12), with the accounts of every vendor package installed."""
    definitions, kinds = class_schemas(), kinds_of_account()
    definitions |= {f"account-{name}": _account(name, kind) for name, kind in kinds.items()}
    accounts = {"oneOf": [{"$ref": f"#/$defs/account-{name}"} for name in kinds]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The settings file of smsgate",
        "type": "object",
        "properties": {
            ACCOUNTS: {"type": "object", "additionalProperties": accounts, "minProperties": 1},
            **{section.name: _section(section) for section in SECTIONS},
        },
        "required": [ACCOUNTS],
        "additionalProperties": False,
        "$defs": definitions,
    }


def class_schemas() -> dict[str, Schema]:
    """The schema of a table of each class that the sections consist of, by the name of the class."""
    definitions: dict[str, Schema] = {}
    for section in SECTIONS:
        _value(section.kind, definitions)
    return definitions


def _section(section: Section) -> Schema:
    table: Schema = {"$ref": f"#/$defs/{section.kind.__name__}"}
    if section.form is Form.KEYED:
        return {"type": "object", "additionalProperties": table}
    return table if section.form is Form.ONE else {"type": "array", "items": table}


def _value(hint: Any, definitions: dict[str, Schema]) -> Schema:
    """The schema of a value of the type *hint*."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(args)}
    if origin in (Union, types.UnionType):
        return _either(args, definitions)
    if origin in (tuple, frozenset):
        return {"type": "array", "items": _value(args[0], definitions)}
    if origin is not None:
        return {"type": "object", "additionalProperties": _value(args[1], definitions)}
    return _either((hint,), definitions) if attrs.has(hint) else dict(_TYPES[hint])


def _either(kinds: Iterable[Any], definitions: dict[str, Schema]) -> Schema:
    alternatives = [each for kind in kinds for each in _alternatives(kind, definitions)]
    return alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives}


def _alternatives(hint: Any, definitions: dict[str, Schema]) -> list[Schema]:
    """How a value of a type can be written. A class that needs no more than one text: as that text, or as a number."""
    if not attrs.has(hint):
        return [_value(hint, definitions)]
    name = hint.__name__
    if name not in definitions:
        definitions[name] = {}  # it may have a field of its own kind
        definitions[name] = _table(hint, definitions)
    whole: Schema = {"$ref": f"#/$defs/{name}"}
    return [{"type": ["string", "integer"]}, whole] if text_field(hint) else [whole]


def _table(kind: Any, definitions: dict[str, Schema]) -> Schema:
    """A table with the fields of an attrs class."""
    hints, texts = get_type_hints(kind), field_texts(kind)
    properties: Schema = {}
    fields = [field for field in attrs.fields(kind) if not is_named_by_key(field)]
    for field in fields:
        kinds = members(hints[field.name])
        if Secret in kinds:
            properties |= _places(field.name)
            kinds = tuple(kind for kind in kinds if kind is str)  # it may be in the file, too
            if not kinds:
                continue
        if field.default is None:  # then the key is left out: `false` is for None where something else is the default
            kinds = tuple(kind for kind in kinds if kind is not type(None))
        properties[field.name] = _either(kinds, definitions)
        if field.name in texts:
            properties[field.name]["description"] = texts[field.name]
        if isinstance(field.default, str | int | float):
            properties[field.name]["default"] = field.default
    return {
        "type": "object",
        "properties": properties,
        "required": [field.name for field in fields if field.default is attrs.NOTHING],
        "additionalProperties": False,
    }


def _places(field: str) -> Schema:
    return {
        f"{field}_{place}": {"type": "string", "minLength": 1, "description": text} for place, text in _PLACES.items()
    }


def _account(name: str, kind: Kind) -> Schema:
    """A section of one kind of account: each field as it is, unless it is a secret, or by where it is."""
    properties: Schema = {"vendor": {"const": name}}
    for field in kind.fields:
        if field not in kind.secrets:
            text = {"description": kind.help_of(field)} if kind.help_of(field) else {}
            properties[field] = account_value(kind, field) | text
        properties |= _places(field)
    required = [{"anyOf": [{"required": [key]} for key in (field, *_places(field))]} for field in kind.required]
    return {
        "type": "object",
        "properties": properties,
        "required": ["vendor"],
        "allOf": required,
        "additionalProperties": False,
    }


def account_value(kind: Kind, field: str) -> Schema:
    """The plain types that the vendor's class takes there, as far as it says so."""
    hints = [hints[field] for half in kind.halves if field in (hints := _hints(half.make))]
    plain = [
        each
        for hint in hints[:1]
        for each in members(hint)
        if each in (bool, int, float, str) or get_origin(each) is Literal
    ]
    return _either(plain, {}) if plain else {}


def _hints(make: Callable[..., object]) -> dict[str, Any]:
    """The types of the arguments. None if they cannot be found: the class may be of another package."""
    try:
        return get_type_hints(inspect.getattr_static(make, "__init__") if isinstance(make, type) else make)
    except Exception:  # it may name what only its type checker imports
        return {}


def field_texts(kind: type) -> dict[str, str]:
    """The docstrings of a class's own fields, each as one line; none where the source is not installed."""
    try:
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    except OSError:
        return {}
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    found: dict[str, str] = {}
    for field, text in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            value = text.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                found[field.target.id] = " ".join(value.value.split())
    return found
