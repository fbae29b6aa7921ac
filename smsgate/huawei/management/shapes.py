"""The shapes that answers come in: one object, a whole list, a page of a list."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from smsgate.admin import Page

__all__ = ["list_of", "object_of", "read_list", "read_one", "read_page"]

T = TypeVar("T")
Read = Callable[[Mapping[str, Any]], T]


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
