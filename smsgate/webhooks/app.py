"""The ASGI app that takes vendors' pushes: it guards the door, reads, and hands each event to your handler."""

import math
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import anyio
import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.report import Reply, StatusReport
from smsgate.model.secret import Secret
from smsgate.tags import read_tag
from smsgate.webhooks.receive import MAX_BODY, read, refusal, trouble
from smsgate.webhooks.route import Route, find
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["CallbackApp", "Counters"]

# Loose, because every framework has its own types for the same dictionaries.
Scope = Any
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


@attrs.define
class Counters:
    """What came in since the app was made."""

    requests: int = 0
    """All HTTP requests."""
    reports: int = 0
    """Reports that the handler took."""
    replies: int = 0
    """Replies that the handler took."""
    failed: int = 0
    """Events for which the handler raised."""
    unproven: int = 0
    """Reports with a tag that was ignored because none of the app's tag secrets proves it."""
    disconnected: int = 0
    """Requests that ended before their body did."""
    refused: Counter[int] = attrs.field(factory=Counter[int])
    """Requests that were answered with an error, by HTTP status."""


class CallbackApp:
    """An ASGI app that reads vendors' pushes and awaits *handler* for each `StatusReport` and each `Reply`.

    Mount it anywhere, or serve it as it is: the address of a route is `…/<provider>/<token>`. *handler* is awaited for
    one event after another. Events come in any order and more than once: see `Delivery`. If the handler raises, the
    other events are still handed over and the answer is 500, so that a vendor that retries will.

    *tag_secrets*: the secrets with which tags were made: `report.tag` is then there only if one of them proves it.
    *read_deadline*: seconds that a request's body may take. *max_concurrent*: requests that may be in progress;
    further ones are answered 503. A body has at most 256 KiB, a push at most 100 items.

    Works on asyncio and trio. Raises `ConfigurationError` for options that make no sense.
    """

    def __init__(
        self,
        handler: Callable[[StatusReport | Reply], Awaitable[object]],
        *routes: Route,
        tag_secrets: Iterable[str | Secret] = (),
        read_deadline: float = 10.0,
        max_concurrent: int = 100,
    ) -> None:
        tag_secrets = secrets = [Secret.wrap(secret) for secret in tag_secrets]
        self._handler = handler
        self._routes: Mapping[bytes, Route] = {seal: route for route in routes for seal in route.seals}
        self._tag_secrets = [secret.require("tag_secrets") for secret in secrets]
        self._read_deadline = read_deadline
        self._max_concurrent = max_concurrent
        self._in_progress = 0
        self.counters: Counters = Counters()
        names = [route.provider for route in routes]
        if not names or len(set(names)) < len(names):
            raise ConfigurationError("routes: give at least one, and one for each provider")
        if not 0 < read_deadline < math.inf or max_concurrent < 1:
            raise ConfigurationError("read_deadline and max_concurrent must be above zero, and finite")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope: HTTP, or the lifespan of an app that is not mounted in another."""
        match scope["type"]:
            case "http":
                await self._serve(scope, receive, send)
            case "lifespan":
                await _live(receive, send)
            case "websocket":
                await send({"type": "websocket.close", "code": 1000})
            case other:
                raise ConfigurationError(f"CallbackApp serves HTTP, not {other}")

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.counters.requests += 1
        answer = await self._admit(scope, receive)
        if answer is None:
            self.counters.disconnected += 1
            return
        if answer.status >= 400:
            self.counters.refused[answer.status] += 1
        await _send(answer, scope, send)

    async def _admit(self, scope: Scope, receive: Receive) -> HttpResponse | None:
        """The answer, or None if there is nobody left to answer."""
        route = self._find(scope["path"])
        if route is None:
            return refusal(404).answer
        if scope["method"] not in route.methods:
            return refusal(405, route).answer
        if self._in_progress >= self._max_concurrent:
            return refusal(503, route).answer
        self._in_progress += 1
        try:
            return await self._take(route, scope, receive)
        finally:
            self._in_progress -= 1

    def _find(self, path: str) -> Route | None:
        # The last two parts, because frameworks differ in what of the path they leave to a mounted app.
        before, last = ["", *path.strip("/").split("/")][-2:]
        closed, open_ = find(self._routes, before, last), find(self._routes, last, "")
        return closed or open_

    async def _take(self, route: Route, scope: Scope, receive: Receive) -> HttpResponse | None:
        body = await self._read_body(scope, receive)
        if body is None or isinstance(body, int):
            return refusal(body, route).answer if body else None
        callback = read(_request(scope, body), route, tag_secrets=self._tag_secrets)
        troubles = [found for event in callback.events if (found := await self._hand_over(event))]
        if troubles:
            why = f"the handler failed on {len(troubles)} of {len(callback.events)} events: {troubles[0]}"
            return refusal(500, route, why).answer
        return callback.answer

    async def _read_body(self, scope: Scope, receive: Receive) -> bytes | int | None:
        """The body; or the status to refuse it with; or None if the caller has gone."""
        if _announced(scope) > MAX_BODY:
            return 413
        body, more = bytearray(), True
        with anyio.move_on_after(self._read_deadline) as deadline:
            while more:
                message = await receive()
                if message["type"] != "http.request":
                    return None
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > MAX_BODY:
                    return 413
        return 408 if deadline.cancelled_caught else bytes(body)

    async def _hand_over(self, event: StatusReport | Reply) -> str:
        """Nothing, or what went wrong in the handler."""
        counters = self.counters
        if isinstance(event, StatusReport) and event.tag is None and read_tag(event.reference):
            counters.unproven += 1
        try:
            await self._handler(event)
        except Exception as error:
            counters.failed += 1
            return trouble(error)
        if isinstance(event, StatusReport):
            counters.reports += 1
        else:
            counters.replies += 1
        return ""


async def _live(receive: Receive, send: Send) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


def _announced(scope: Scope) -> int:
    """The size that the caller announces; 0 if it announces none that can be read."""
    values = [value for name, value in scope["headers"] if name == b"content-length" and value.isdigit()]
    return int(values[0][:20]) if values else 0


def _request(scope: Scope, body: bytes) -> HttpRequest:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    host = dict(headers).get("host", "localhost")
    path = scope.get("raw_path") or scope["path"].encode()
    query = b"?" + scope["query_string"] if scope.get("query_string") else b""
    address = (path + query).decode("latin-1")
    return HttpRequest(scope["method"], f"{scope.get('scheme', 'http')}://{host}{address}", headers, body)


async def _send(answer: HttpResponse, scope: Scope, send: Send) -> None:
    fields = [*answer.headers.pairs, ("content-length", str(len(answer.body)))]
    if answer.status >= 400 and scope.get("http_version", "1.1").startswith("1"):
        fields.append(("connection", "close"))
    if answer.status == 503:
        fields.append(("retry-after", "1"))
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fields]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
