"""Reading bodies and queries, and cutting a page out of a list."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast
from urllib.parse import parse_qsl

from smsgate.sandbox.huawei.management.refusal import Refusal
from smsgate.wire import HttpRequest

__all__ = ["chosen", "number_of", "page", "read_body", "read_query", "text_of", "timestamp"]

# 3.1.3 and 3.1.4 give `limit` neither a default nor a maximum: 10 is that of the examples, 1000 the sandbox's own.
_DEFAULT_LIMIT: Final = 10
_MAX_LIMIT: Final = 1000

T = TypeVar("T")


def read_body(request: HttpRequest) -> Mapping[str, Any]:
    """The JSON object of a request; fields that are null count as left out."""
    try:
        value: object = json.loads(request.body)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Refusal("MSGSMS.0002", "body")
    return {name: field for name, field in cast("dict[str, Any]", value).items() if field is not None}


def read_query(request: HttpRequest) -> dict[str, str]:
    """The query of a request; what is left empty counts as left out."""
    return dict(parse_qsl(request.query))


def text_of(fields: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """A text that has to be there, unless there is a *default*."""
    value: object = fields.get(name, default)
    if not isinstance(value, str) or (default is None and not value):
        raise Refusal("MSGSMS.0002", name)
    return value


def chosen(fields: Mapping[str, Any], name: str, choice: Sequence[str], default: str | None = None) -> str:
    """One of *choice*."""
    value = text_of(fields, name, default)
    if value not in choice:
        raise Refusal("MSGSMS.0002", name)
    return value


def number_of(fields: Mapping[str, Any], name: str, default: int, high: int) -> int:
    """A whole number from 0 to *high*, as JSON or as text of a query."""
    value: object = fields.get(name, default)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= high:
        raise Refusal("MSGSMS.0002", name)
    return value


def page(items: Sequence[T], query: Mapping[str, str], row: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """The list that a query wants: the rows whose fields equal the query's, `limit` of them from `offset` on."""
    offset = number_of(query, "offset", 0, 10**9)
    limit = number_of(query, "limit", _DEFAULT_LIMIT, _MAX_LIMIT)
    descending = chosen(query, "sort_dir", ("asc", "desc"), "desc") == "desc"
    rows = [each for each in map(row, items) if _is_wanted(each, query)]
    ordered = rows[::-1] if descending else rows
    return {"results": ordered[offset : offset + limit], "total": len(rows)}


def timestamp(seconds: float) -> str:
    """Unix seconds as these APIs write them: "2022-08-12 07:40:36", UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _is_wanted(row: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    since, until = query.get("start_time", ""), query.get("end_time", "~")
    if not since <= row["create_time"] <= until:
        return False
    return all(str(row[name]) == value for name, value in query.items() if name in row)
