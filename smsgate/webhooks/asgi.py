"""ASGI's dictionaries as plain data: a body within limits, a request, an answer."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import anyio

from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["Body", "Receive", "Scope", "Send", "send_answer", "serve_lifespan", "to_request"]

# Loose, because every framework has its own types for the same dictionaries.
Scope = Any
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

_MAX_DISCARDED: Final = 1024 * 1024
"""The most bytes of a body that are read before a refusal. Vendors push far less."""
_DISCARD_SECONDS: Final = 2.0
"""The longest that a refusal waits for the rest of the body."""


class Body:
    """The body of one request."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self._received = 0
        self._announced = _announced(scope)
        self._ended = (b"expect", b"100-continue") in [(name, value.lower()) for name, value in scope["headers"]]
        """Whether nothing more is to be read. A client that waits for "100 Continue" sends no body if it is refused."""

    async def read(self, limit: int, seconds: float) -> bytes | int | None:
        """The body; or the status to refuse it with; or None if the client has gone."""
        if self._announced > limit:
            return 413
        self._ended = False
        body = bytearray()
        with anyio.move_on_after(seconds) as deadline:
            while not self._ended:
                chunk = await self._next()
                if chunk is None:
                    return None
                body += chunk
                if len(body) > limit:
                    return 413
        if deadline.cancelled_caught:
            self._ended = True  # it has had its time: the refusal does not wait for more of it
            return 408
        return bytes(body)

    async def discard(self, seconds: float) -> None:
        """Read the rest, within limits, and forget it.

        A server that closes a connection with unread data on it resets it (RFC 9112, 9.6). The client may then lose
        the answer, and a proxy in front counts a failure of this server, so that a stranger could take it out of use.
        """
        if self._announced > _MAX_DISCARDED:
            return
        with anyio.move_on_after(min(seconds, _DISCARD_SECONDS)):
            while not self._ended and self._received < _MAX_DISCARDED:
                await self._next()

    async def _next(self) -> bytes | None:
        """The next piece, or None if the client has gone."""
        message = await self._receive()
        if message["type"] != "http.request":
            self._ended = True
            return None
        chunk: bytes = message.get("body", b"")
        self._received += len(chunk)
        self._ended = not message.get("more_body", False)
        return chunk


def _announced(scope: Scope) -> int:
    """The size that the client announces; 0 if it announces none that can be read."""
    values = [value for name, value in scope["headers"] if name == b"content-length" and value.isdigit()]
    return int(values[0][:20]) if values else 0


def to_request(scope: Scope, body: bytes) -> HttpRequest:
    """The request as it came in, its path still percent-encoded where the server gives it so."""
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    host = dict(headers).get("host", "localhost")
    path = scope.get("raw_path") or scope["path"].encode()
    query = b"?" + scope["query_string"] if scope.get("query_string") else b""
    address = (path + query).decode("latin-1")
    return HttpRequest(scope["method"], f"{scope.get('scheme', 'http')}://{host}{address}", headers, body)


async def send_answer(answer: HttpResponse, scope: Scope, send: Send) -> None:
    """Send *answer* whole. A refusal ends the connection, where HTTP has a header field for that."""
    fields = [*answer.headers.pairs, ("content-length", str(len(answer.body)))]
    if answer.status >= 400 and scope.get("http_version", "1.1").startswith("1"):
        fields.append(("connection", "close"))
    if answer.status == 503:
        fields.append(("retry-after", "1"))
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fields]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def serve_lifespan(receive: Receive, send: Send) -> None:
    """Confirm start and shutdown, for an app that is not mounted in another."""
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return
