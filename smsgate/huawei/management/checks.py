"""What is checked of a management call's arguments before anything is sent. Each check gives what is wrong, or None."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from smsgate.model.errors import InvalidCallError
from smsgate.provider.checks import text_problem

__all__ = [
    "app_id_problem",
    "check",
    "id_problem",
    "page_problem",
    "span",
    "span_problem",
    "texts_problem",
]

_LONGEST_PAGE: Final = 100
"""The guide gives no upper limit of a page; this is ours."""
_ID: Final = re.compile(r"(?!\.{1,2}$)[!-.0-\[\]-~]{1,64}")
"""Printable ASCII without slashes; not a step in a path."""


def check(*problems: str | None) -> None:
    """Raise `InvalidCallError` for the first problem that there is."""
    problem = next(filter(None, problems), None)
    if problem is not None:
        raise InvalidCallError(problem)


def texts_problem(values: Mapping[str, object]) -> str | None:
    """What is wrong with the first of several texts that may be left out."""
    problems = (text_problem(field, value, optional=True) for field, value in values.items())
    return next(filter(None, problems), None)


def id_problem(field: str, value: object, *, optional: bool = False) -> str | None:
    """What is wrong with an id that Huawei issued."""
    if value is None and optional:
        return None
    if isinstance(value, str) and _ID.fullmatch(value):
        return None
    return f"{field}: must be an id that Huawei issued, 1 to 64 characters without spaces or slashes"


def app_id_problem(value: object) -> str | None:
    """What is wrong with the application that something is to belong to."""
    if value is None:
        return "app_id: which application? Give it here or to HuaweiManagement; list_apps() has the ids"
    return id_problem("app_id", value)


def page_problem(offset: object, limit: object) -> str | None:
    """What is wrong with the place or the length of a page."""
    if not isinstance(offset, int) or isinstance(offset, bool) or not 0 <= offset < 2**31:
        return "offset: must be 0 or more"
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= _LONGEST_PAGE:
        return f"limit: must be from 1 to {_LONGEST_PAGE}"
    return None


def span_problem(start_time: object, end_time: object) -> str | None:
    """What is wrong with the ends of a span of time, either of which may be left out."""
    ends = {"start_time": start_time, "end_time": end_time}
    for field, value in ends.items():
        if isinstance(value, datetime) and value.tzinfo is None:
            return f"{field}: must be aware (with a time zone)"
        if not isinstance(value, datetime) and (problem := text_problem(field, value, optional=True)):
            return f"{problem}, or an aware datetime"
    given = [value for value in ends.values() if isinstance(value, datetime)]
    return "end_time: is before start_time" if given != sorted(given) else None


def span(start_time: datetime | str | None, end_time: datetime | str | None) -> dict[str, str | None]:
    """The ends as Huawei writes times, `2022-08-12 06:51:17` in UTC. Text goes as it is: the guide shows no form."""
    ends = {"start_time": start_time, "end_time": end_time}
    return {
        field: value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, datetime) else value
        for field, value in ends.items()
    }
