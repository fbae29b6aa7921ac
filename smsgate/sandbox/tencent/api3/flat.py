"""The parameters of a form or query, as the JSON of the same call has them.

Source: Tencent Cloud API 3.0, "Signature v1": the items of a list are numbered from 0, `PhoneNumberSet.0`, and so are
objects and the lists in them, `MultiSmsInfoSet.0.TemplateParamSet.1`; Tencent's own SDKs write them so.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from smsgate.sandbox.tencent.api3.params import ACTIONS, Kind
from smsgate.sandbox.tencent.api3.versions import NEW

__all__ = ["unflatten"]

_INDEX: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_LISTS: Final = {Kind.TEXTS, Kind.NUMBERS, Kind.OBJECTS}


def unflatten(action: str, version: str, pairs: Mapping[str, str]) -> dict[str, Any]:
    """The parameters of a form or query with the types that *action* wants.

    What has no such type stays text, and what no parameter has that name stays as it is: `read_params()` refuses it.
    """
    kinds = {name: param.kind for param in ACTIONS[action] if (name := param.name_in(version)) is not None}
    plain, lists = _split(pairs, {name for name, kind in kinds.items() if kind in _LISTS})
    found: dict[str, Any] = {
        name: value if version == NEW and kinds.get(name) is Kind.HOUR else _typed(value, kinds.get(name))
        for name, value in plain.items()
    }
    return found | {name: _items(rows, kinds[name]) for name, rows in lists.items()}


def _split(
    pairs: Mapping[str, str], names: Collection[str] | None = None
) -> tuple[dict[str, str], dict[str, dict[int, dict[str, str]]]]:
    """The pairs without an index, and by their names the lists: of each item its value under "" or its fields.

    *names*: those that may be lists; None for all.
    """
    plain: dict[str, str] = {}
    lists: dict[str, dict[int, dict[str, str]]] = {}
    for name, value in pairs.items():
        base, _, rest = name.partition(".")
        index, _, field = rest.partition(".")
        if _INDEX.fullmatch(index) and (names is None or base in names):
            lists.setdefault(base, {}).setdefault(int(index), {})[field] = value
        else:
            plain[name] = value
    return plain, lists


def _items(rows: Mapping[int, Mapping[str, str]], kind: Kind) -> list[Any]:
    return [_object(row) if set(row) != {""} else _typed(row[""], kind) for _, row in sorted(rows.items())]


def _object(fields: Mapping[str, str]) -> dict[str, Any]:
    """An item that is an object. The fields of those that there are, are texts and lists of texts."""
    plain, lists = _split(fields)
    return {**plain, **{name: _items(rows, Kind.TEXTS) for name, rows in lists.items()}}


def _typed(value: str, kind: Kind | None) -> str | int:
    is_number = kind in (Kind.NUMBER, Kind.NUMBERS, Kind.HOUR) and re.fullmatch(r"[0-9]{1,18}", value, re.ASCII)
    return int(value) if is_number else value
