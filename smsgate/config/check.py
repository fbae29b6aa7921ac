"""Holds a section of the settings file to its schema. An error names the place and what is allowed, and no value.

It knows as much of JSON schema as `smsgate.config.schemas` makes.
"""

from collections.abc import Mapping
from datetime import time
from typing import Any, Final, cast

from smsgate.config.accounts import shown_key
from smsgate.config.schemas import Schema
from smsgate.config.sections import Place
from smsgate.model.errors import ConfigurationError
from smsgate.model.plain import TYPE_WORDS, describe_value
from smsgate.model.suggestion import did_you_mean

__all__ = ["check"]

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
}
_WORDS: Final = {
    "boolean": TYPE_WORDS[bool],
    "integer": TYPE_WORDS[int],
    "number": TYPE_WORDS[float],
    "string": TYPE_WORDS[str],
    "array": "a list",
    "object": "a table",
}


def check(value: Any, schema: Schema, definitions: Mapping[str, Schema], place: Place) -> None:
    """Raise `ConfigurationError` if *value* is not as the *schema* says."""
    alternatives = _alternatives(schema, definitions)
    chosen = next((each for each in alternatives if _fits(value, each)), None)
    if chosen is None:
        raise ConfigurationError(f"{place} {_wanted(value, alternatives)}")
    if isinstance(value, dict):
        _check_table(cast("dict[str, Any]", value), chosen, definitions, place)
    elif isinstance(value, list):
        for number, each in enumerate(cast("list[object]", value), 1):
            check(each, chosen["items"], definitions, place.inside(f"number {number}"))


def _alternatives(schema: Schema, definitions: Mapping[str, Schema]) -> list[Schema]:
    if "$ref" in schema:
        return [definitions[schema["$ref"].rpartition("/")[2]]]
    return (
        [found for each in schema["anyOf"] for found in _alternatives(each, definitions)]
        if "anyOf" in schema
        else [schema]
    )


def _fits(value: object, schema: Schema) -> bool:
    """Whether a value is of the type; what is in it is looked at later."""
    if "const" in schema:
        return value is schema["const"]
    if "enum" in schema:
        return value in schema["enum"]
    if isinstance(value, time):
        return schema.get("format") == "partial-time"
    names = [name for name in _types(schema) if isinstance(value, _TYPES[name])]
    return bool(names) and (not isinstance(value, bool) or "boolean" in names)


def _types(schema: Schema) -> list[str]:
    types: str | list[str] = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def _check_table(table: dict[str, Any], schema: Schema, definitions: Mapping[str, Schema], place: Place) -> None:
    known: dict[str, Schema] = schema.get("properties", {})
    others: Schema | None = schema["additionalProperties"] or None
    for key, value in table.items():
        inner = known.get(key, others)
        if inner is None:
            near, takes = did_you_mean(key, known), ", ".join(known)
            raise ConfigurationError(f"{place}: unknown key {shown_key(key)}{near}; it takes {takes}")
        check(value, inner, definitions, place.inside(key))
    missing = [key for key in schema.get("required", ()) if key not in table]
    if missing:
        raise ConfigurationError(f"{place}: lacks {', '.join(missing)}; it takes {', '.join(known)}")


def _wanted(value: object, alternatives: list[Schema]) -> str:
    names = [name for each in alternatives for name in each.get("enum", ())]
    words = [f'"{name}"' for name in names]
    for each in alternatives:
        words += [_WORDS[name] for name in _types(each)] + (["false"] if "const" in each else [])
    if isinstance(value, str) and names:
        return f"must be one of {', '.join(words)}{did_you_mean(value, names)}"
    return f"must be {' or '.join(dict.fromkeys(words))}, not {describe_value(value)}"
