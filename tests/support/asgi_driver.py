"""A vendor's side of an ASGI app, in memory, and a parser for pushes that no vendor sends."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

import anyio

from smsgate.model.phone import PhoneNumber
from smsgate.model.report import Reply, StatusReport
from smsgate.model.states import DeliveryState
from smsgate.provider import Callback
from smsgate.provider.callback import CallbackError
from smsgate.wire import Headers, HttpRequest, HttpResponse

TOKEN = "an-unguessable-path-token"
NUMBER = "+8613800138000"
App = Callable[[Any, Any, Any], Awaitable[None]]


def parse_lines(request: HttpRequest, *, provider: str) -> Callback:
    """One event a line: "id state reference", "reply text"; "bad" is a fault, "crash" a bug."""
    reports: list[StatusReport] = []
    replies: list[Reply] = []
    faults = 0
    for line in request.body.decode().splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "crash":
            raise RuntimeError(rest)
        if kind == "reply":
            replies.append(Reply(provider, None, PhoneNumber(NUMBER), rest))
        elif kind == "bad":
            faults += 1
        else:
            state, _, reference = rest.partition(" ")
            reports.append(
                StatusReport(
                    provider, kind, PhoneNumber(NUMBER), DeliveryState(state), reference=reference or None, raw={}
                )
            )
    if faults:
        raise CallbackError(
            f"{faults} bad lines from {NUMBER[:-4]}****", reports=tuple(reports), replies=tuple(replies)
        )
    return Callback(tuple(reports), tuple(replies), HttpResponse(200, {"Content-Type": "text/plain"}, b"got it"))


def http_scope(path: str = f"/sms/lines/{TOKEN}", **fields: Any) -> dict[str, Any]:
    """The scope of a POST."""
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": path,
        "headers": [(b"host", b"sms.example")],
        "query_string": b"",
        "http_version": "1.1",
    }
    return {**scope, **fields}


def body_of(*chunks: bytes, ended: bool = True) -> Iterator[dict[str, Any]]:
    """The messages of a body in *chunks*; one that has not *ended* leaves the app waiting for more."""
    for number, chunk in enumerate(chunks, 1):
        yield {"type": "http.request", "body": chunk, "more_body": not ended or number < len(chunks)}


async def call(
    app: App, scope: dict[str, Any], messages: Iterator[dict[str, Any]], *, then: str = "disconnect"
) -> list[dict[str, Any]]:
    """Run *app* and return all that it sent. After its *messages* the client disconnects, or sends nothing more."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        for message in messages:
            return message
        if then == "nothing":
            await anyio.sleep_forever()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


async def post(
    app: App, body: bytes | Iterable[bytes], path: str = f"/sms/lines/{TOKEN}", **fields: Any
) -> HttpResponse:
    """POST *body*, in one or more pieces, and return the answer."""
    chunks = [body] if isinstance(body, bytes) else list(body)
    return answer_of(await call(app, http_scope(path, **fields), body_of(*chunks)))


def answer_of(sent: list[dict[str, Any]]) -> HttpResponse:
    """The answer that these messages are."""
    start, body = sent
    headers = Headers([(name.decode(), value.decode()) for name, value in start["headers"]])
    assert int(headers["content-length"]) == len(body["body"])
    return HttpResponse(start["status"], headers, body["body"])
