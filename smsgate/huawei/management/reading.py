"""From the JSON of a response to a record: unknown keys are skipped, and nothing raises."""

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import attrs

from smsgate.huawei.management.records import Record
from smsgate.model.secret import Secret
from smsgate.provider.reading import as_object, objects_in, read_int
from smsgate.provider.records import Page

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = ["read_list", "read_one", "read_page", "read_record"]

R = TypeVar("R", bound=Record)
_PRINTED: Final = {
    "intl_channel_number": "intl_channel_num",
    "app_access_address": "app_access_addr",
    "app_app_name": "omp_app_name",
    "power_attorney_fileid": "power_attorney_file_id",
}
"""Names that the guide prints, to those that the service sends."""
_HIDDEN: Final = frozenset({"app_secret"})
T = TypeVar("T")
Read = Callable[[Mapping[str, Any]], T]


def read_record(kind: type[R], item: Mapping[str, Any]) -> R:
    """*item* as a record. Never raises: a value of another type than the field's is left to `raw`."""
    known = {**{_PRINTED.get(key, key): value for key, value in item.items()}, **item}
    raw = {key: value for key, value in item.items() if key not in _HIDDEN}
    return attrs.evolve(_converter().structure(known, kind), raw=raw)


@functools.cache
def _converter() -> "Converter":
    from cattrs import Converter  # those who only send do not pay for its import
    from cattrs.gen import make_dict_structure_fn, override

    converter = Converter(detailed_validation=False)

    def record_hook(kind: Any) -> Callable[[Any, Any], Any]:
        read = make_dict_structure_fn(kind, converter, raw=override(omit=True))
        return lambda value, _: read(cast("Any", value), kind) if isinstance(value, dict) else None

    converter.register_structure_hook_factory(_is_record, record_hook)
    for kind, hook in ((str, _text), (int, _number), (bool, _flag), (Secret, _secret)):
        converter.register_structure_hook(kind, cast("Any", hook))
    return converter


def _is_record(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Record)


def _text(value: object, _: object) -> str | None:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _number(value: object, _: object) -> int | None:
    return read_int(value)


def _flag(value: object, _: object) -> bool | None:
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())


def _secret(value: object, _: object) -> Secret | None:
    return Secret(value) if isinstance(value, str) and value else None


def read_one(read: Read[T]) -> Callable[[Any], T | None]:
    """For one object."""

    def parse(data: Any) -> T | None:
        return read(as_object(cast("object", data))) if isinstance(data, dict) else None

    return parse


def read_list(read: Read[T]) -> Callable[[Any], tuple[T, ...] | None]:
    """For a list that comes whole: bare (Table 3-27), or as `results` (Table 3-48)."""

    def parse(data: Any) -> tuple[T, ...] | None:
        rows = as_object(cast("object", data)).get("results") if isinstance(data, dict) else data
        return _rows(rows, read)

    return parse


def read_page(read: Read[T]) -> Callable[[Any], Page[T] | None]:
    """For a list that comes in pages: `{"results": […], "total": 1}`; an empty one may lack its results."""

    def parse(data: Any) -> Page[T] | None:
        found = as_object(data)
        total = read_int(found.get("total"), 0)
        rows = _rows([] if total == 0 and not found.get("results") else found.get("results"), read)
        return None if rows is None else Page(rows, total)

    return parse


def _rows(rows: Any, read: Read[T]) -> tuple[T, ...] | None:
    found = objects_in(rows)
    return None if found is None else tuple(map(read, found))
