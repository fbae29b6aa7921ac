"""Reading what Tencent posts to your URL: `parse_callback`.

Tencent SMS Development Guide 2.0, Notification of MT SMS Delivery Status (an array) and SMS Reply (an object; by its
table of protocols a form too, or a GET with the fields in the query). The callbacks of applications that send through
API 3.0 have the same form. Tencent signs none of them: guard the URL.
"""

from typing import Any, Final, cast

from smsgate.provider.callback import MAX_ITEMS, Callback, ParsedItems
from smsgate.provider.forms import read_form
from smsgate.provider.reading import read_json, read_leniently
from smsgate.tencent.reports import UNLIKE_PLAIN, plain_report, read_item, read_reply
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
    if request.method == "GET":
        found = _read_fields(request.query.encode(), "query", provider)
    elif _is_form(request):
        found = _read_fields(request.body, "body", provider)
    else:
        found = _read(request.body, provider)
    found.raise_for_fault("Tencent")
    return Callback(tuple(found.reports), tuple(found.replies), _ANSWER)


def _is_form(request: HttpRequest) -> bool:
    """Whether the body is a form, and not JSON under a form's content type, which clients are known to send."""
    form = request.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded")
    return form and request.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"[")


def _read_fields(form: bytes, where: str, provider: str) -> ParsedItems:
    fields, found = read_form(form), ParsedItems()
    if isinstance(fields, str):
        found.fault(where, fields)
    else:
        found.read(fields, lambda item: read_reply(item, provider), "" if where == "body" else where)
    return found


def _read(body: bytes, provider: str) -> ParsedItems:
    plain = _read_plain(body, provider)
    if plain is not None:
        return plain
    value, found = read_leniently(body), ParsedItems()
    if isinstance(value, list):
        found.read_list(cast("list[object]", value), lambda item: read_item(item, provider))
    elif isinstance(value, dict):
        found.read(value, lambda item: read_item(item, provider), "")
    else:
        found.fault("body", "is not a JSON array or object")
    return found


def _read_plain(body: bytes, provider: str) -> ParsedItems | None:
    """Reports as the guide prints them, which nearly all pushes have and no others, at a third of the price; or None.

    `read_json` drops a value if a name comes twice, and a hook that would see it costs more than all the rest. But all
    values of a plain report are text, and each name and each text stands between two quotation marks: a name that was
    dropped leaves the body with more of them than the reports account for.
    """
    items = read_json(body)
    if not isinstance(items, list) or len(cast("list[object]", items)) > MAX_ITEMS:
        return None
    try:
        reports = [plain_report(item, provider) for item in cast("list[dict[str, Any]]", items)]
        marks = 4 * sum(map(len, cast("list[dict[str, Any]]", items)))
    except UNLIKE_PLAIN:
        return None
    return ParsedItems(reports) if body.count(b'"') == marks else None
