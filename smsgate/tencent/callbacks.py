"""Reading what Tencent posts to your URL: `parse_callback`.

Tencent SMS Development Guide 2.0, Notification of MT SMS Delivery Status (an array) and SMS Reply (an object). The
callbacks of applications that send through API 3.0 have the same form. Tencent signs none of them: guard the URL.
"""

from typing import Final, cast

from smsgate.provider.callback import MAX_ITEMS, Callback, ParsedItems
from smsgate.provider.reading import read_push
from smsgate.tencent.reports import read_item, read_items
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["parse_callback"]

# Both pages print this answer. Whatever else Tencent gets, it pushes again, twice at most.
_ANSWER: Final = HttpResponse(200, {"Content-Type": "application/json"}, b'{"result":0,"errmsg":"OK"}')


def parse_callback(request: HttpRequest, *, provider: str = "tencent") -> Callback:
    """The reports or the reply in a callback of Tencent, and the answer that it expects.

    *provider*: the name of the provider that sent the messages: the reports carry it, and match its results only then.
    The pushes of both interfaces look alike. "tencent" is what a `TencentCloud` is called unless you name it; give
    "tencent-v5" for a `TencentV5`. Raises `CallbackError` if something in it cannot be read: the error says what and
    where, never a value, and holds what could be read beside it.
    """
    found = _read(request.body, provider)
    found.raise_for_fault("Tencent")
    return Callback(tuple(found.reports), tuple(found.replies), _ANSWER)


def _read(body: bytes, provider: str) -> ParsedItems:
    value, found = read_push(body), ParsedItems()
    if isinstance(value, list):
        items = cast("list[object]", value)
        found = read_items(items[:MAX_ITEMS], provider)
        found.check_count(items)
    elif isinstance(value, dict):
        found.read(cast("object", value), lambda item: read_item(item, provider), "")
    else:
        found.fault("body", "is not a JSON array or object")
    return found
