"""From the JSON of an answer to a record: unknown keys are skipped, and nothing raises."""

import functools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import attrs

from smsgate.huawei.management.records import Record
from smsgate.secret import Secret

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = ["moment_of", "read_record"]

R = TypeVar("R", bound=Record)

_PRINTED: Final = {
    "intl_channel_number": "intl_channel_num",
    "app_access_address": "app_access_addr",
    "app_app_name": "omp_app_name",
    "power_attorney_fileid": "power_attorney_file_id",
}
"""Names that the guide prints, to those that the service sends."""
_HIDDEN: Final = frozenset({"app_secret"})


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
