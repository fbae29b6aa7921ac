"""What both interfaces of Tencent write alike: times and counters."""

from collections.abc import Callable, Container, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from smsgate.provider.reading import read_int, read_time

__all__ = [
    "CHINA",
    "CHINA_OFFSET",
    "china_hour",
    "china_time",
    "first_time",
    "further_counts",
    "read_counts",
    "read_fee",
]

CHINA_OFFSET: Final = "+08:00"
"""How ISO 8601 writes `CHINA`."""
CHINA: Final = timezone(timedelta(hours=8))
"""The zone of Tencent's times that name none. No document says so: their samples agree with the Unix times beside."""
_MOST_SEGMENTS: Final = 1_000_000


def china_time(value: object) -> datetime | None:
    """Unix seconds, or a time without a zone in China time, as an aware datetime. None if it is neither."""
    return read_time(value, CHINA)


def first_time(item: Mapping[str, Any], keys: Iterable[str]) -> datetime | None:
    """The first time among *keys* that can be read."""
    return next((time for key in keys if (time := china_time(item.get(key))) is not None), None)


def china_hour(time: datetime) -> int:
    """The hour that the aware *time* lies in, as `yyyymmddhh` in China time."""
    local = time.astimezone(CHINA)
    return ((local.year * 100 + local.month) * 100 + local.day) * 100 + local.hour


def read_fee(value: object) -> int | None:
    """The number of messages that are charged (`fee`, `Fee`), or None."""
    return read_int(value, 0, _MOST_SEGMENTS)


def read_counts(data: Mapping[str, Any] | None, keys: Iterable[str]) -> dict[str, int] | str:
    """The counts under *keys*, or what is wrong with them. One that is left out is 0: some servers drop zeros."""
    if data is None:
        return "the response has no counters"
    counts: dict[str, int] = {}
    for key in keys:
        value: object = data.get(key)
        number = 0 if value is None else read_int(value, 0)
        if number is None:
            return f"{key} is not a count"
        counts[key] = number
    return counts


def further_counts(data: Mapping[str, Any], *, known: Container[str], name: Callable[[str], bool]) -> dict[str, int]:
    """Counts that the vendor has added since: those whose name looks like one."""
    numbers = {key: read_int(value, 0) for key, value in data.items() if key not in known and name(key)}
    return {key: number for key, number in numbers.items() if number is not None}
