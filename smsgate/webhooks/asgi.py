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

    __slots__ = ("_begun", "_ended", "_receive", "_received", "_scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._scope = scope
        self._receive = receive
        self._received = 0
        self._begun = False
        self._ended = False
        """Whether nothing more comes, or nothing more is to be waited for."""

    async def read(self, limit: int, seconds: float) -> bytes | int | None:
        """The body; or the status to refuse it with; or None if the client has gone."""
        if _announced(self._scope) > limit:
            return 413
        self._begun = True
        body = bytearray()
        with anyio.move_on_after(seconds) as deadline:
            while not self._ended:
                chunk = await self._next()
                if chunk is None:
                    return None
                body += chunk
                if self._received > limit:
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
        if self._ended or _announced(self._scope) > _MAX_DISCARDED:
            return
        if not self._begun and _expects_go_ahead(self._scope):
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


def _expects_go_ahead(scope: Scope) -> bool:
    """Whether the client sends its body only after "100 Continue" (RFC 9110, 10.1.1): refused, it sends none."""
    return any(name == b"expect" and value.lower() == b"100-continue" for name, value in scope["headers"])


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
