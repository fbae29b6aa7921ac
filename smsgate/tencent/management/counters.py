"""Reading the counters of an answer."""

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

from smsgate.tencent.answer import number_of

__all__ = ["further_counts", "read_counts"]


def read_counts(data: Mapping[str, Any] | None, keys: Iterable[str]) -> dict[str, int] | str:
    """The counts under *keys*, or what is wrong with them. One that is left out is 0: some servers drop zeros."""
    if data is None:
        return "the answer has no counters"
    counts: dict[str, int] = {}
    for key in keys:
        value: object = data.get(key)
        number = 0 if value is None else number_of(value)
        if number is None or number < 0:
            return f"{key} is not a count"
        counts[key] = number
    return counts


def further_counts(data: Mapping[str, Any], *, known: Container[str], name: Callable[[str], bool]) -> dict[str, int]:
    """Counts that the vendor has added since: those whose name looks like one."""
    numbers = {key: number_of(value) for key, value in data.items() if key not in known and name(key)}
    return {key: number for key, number in numbers.items() if number is not None and number >= 0}
