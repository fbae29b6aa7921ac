"""Reading what Tencent posts to your URL: `parse_callback`.

Tencent SMS Development Guide 2.0, Notification of MT SMS Delivery Status (an array) and SMS Reply (an object). The
callbacks of applications that send through API 3.0 have the same form. Tencent signs none of them: guard the URL.
"""

from typing import Final, cast

from smsgate.provider.callback import Callback, CallbackError, Found
from smsgate.provider.reading import read_json
from smsgate.tencent.reports import read_items
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["MAX_ITEMS", "parse_callback"]

MAX_ITEMS: Final = 100
"""How many reports one callback has at most (SMS API, Event Notifications, 382/59178)."""

_ANSWER: Final = HttpResponse(200, {"Content-Type": "application/json"}, b'{"result":0,"errmsg":"OK"}')


def parse_callback(request: HttpRequest, *, provider: str = "tencent") -> Callback:
    """The reports or the reply in a callback of Tencent, and the answer that it expects.

    *provider* is the name that the reports carry. Raises `CallbackError` if something in it cannot be read: the error
    says what and where, never a value, and holds what could be read beside it.
    """
    found = _read(request.body, provider)
    if found.problem is not None:
        raise CallbackError(
            f"Tencent callback: {found.where}: {found.problem}{_others(found.faults - 1)}",
            where=found.where,
            reports=tuple(found.reports),
            replies=tuple(found.replies),
        )
    return Callback(tuple(found.reports), tuple(found.replies), _ANSWER)


def _read(body: bytes, provider: str) -> Found:
    value = read_json(body)
    if isinstance(value, dict):
        found = read_items([cast("object", value)], provider)
        found.where = found.where.removeprefix("[0]").removeprefix(".") or "body"
        return found
    if not isinstance(value, list):
        found = Found()
        found.fault("body", "is not a JSON array or object")
        return found
    items = cast("list[object]", value)
    # The guide's sample ends its list with an empty object: to refuse it would have the whole list pushed again.
    found = read_items(items[:MAX_ITEMS], provider, skip_empty=True)
    if len(items) > MAX_ITEMS:
        found.fault("body", f"has {len(items)} items; at most {MAX_ITEMS} are read")
    return found


def _others(count: int) -> str:
    return f" (and {count} more faults)" if count > 0 else ""
