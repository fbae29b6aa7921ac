"""From the JSON of an answer to a record: unknown keys are skipped, and nothing raises."""

import functools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import attrs

from smsgate.huawei.management.records import Record
from smsgate.model.secret import Secret
from smsgate.provider.records import Page

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = ["list_of", "moment_of", "object_of", "read_list", "read_one", "read_page", "read_record"]

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


def moment_of(time: str | None) -> datetime | None:
    """A time of the management API, which has no zone and is taken for UTC as those of its delivery reports are."""
    try:
        moment = datetime.fromisoformat(time or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


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
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _flag(value: object, _: object) -> bool | None:
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())


def _secret(value: object, _: object) -> Secret | None:
    return Secret(value) if isinstance(value, str) and value else None


def object_of(value: Any) -> Mapping[str, Any]:
    """*value* if it is an object, else an empty one."""
    return _object(value) or {}


def list_of(value: Any) -> list[Any]:
    """*value* if it is a list, else an empty one."""
    return _list(value) or []


def read_one(read: Read[T]) -> Callable[[Any], T | None]:
    """For one object."""

    def take(data: Any) -> T | None:
        found = _object(data)
        return None if found is None else read(found)

    return take


def read_list(read: Read[T]) -> Callable[[Any], tuple[T, ...] | None]:
    """For a list that comes whole: bare (Table 3-27), or as `results` (Table 3-48)."""

    def take(data: Any) -> tuple[T, ...] | None:
        found = _object(data)
        return _rows(data if found is None else found.get("results"), read)

    return take


def read_page(read: Read[T]) -> Callable[[Any], Page[T] | None]:
    """For a list that comes in pages: `{"results": […], "total": 1}`; an empty one may lack its results."""

    def take(data: Any) -> Page[T] | None:
        found = object_of(data)
        total = found.get("total")
        total = total if isinstance(total, int) and not isinstance(total, bool) and total >= 0 else None
        rows = _rows([] if total == 0 and not found.get("results") else found.get("results"), read)
        return None if rows is None else Page(rows, total)

    return take


def _rows(rows: Any, read: Read[T]) -> tuple[T, ...] | None:
    """One item for each row, whatever the row is, so that the next page begins at the right place."""
    found = _list(rows)
    return None if found is None else tuple(read(object_of(row)) for row in found)


def _object(value: object) -> Mapping[str, Any] | None:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else None


def _list(value: object) -> list[Any] | None:
    return cast("list[object]", value) if isinstance(value, list) else None
