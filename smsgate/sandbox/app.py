"""The sandbox as an ASGI app: the vendors by their paths, what they accepted and pushed, and the inbox page."""

import time
from collections.abc import Callable
from typing import Final

import anyio
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from smsgate.sandbox.inbox import PAGE_HEADERS, inbox_page
from smsgate.sandbox.sandbox import Sandbox
from smsgate.sandbox.state.answer import Answer, Drop
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["create_app"]

_MAX_BODY: Final = 12 * 1024 * 1024
"""What Huawei's API gateway takes at most (API request signing guide); more is refused before it fills the memory."""


def create_app(sandbox: Sandbox, *, clock: Callable[[], float] = time.time) -> Starlette:
    """The ASGI app over *sandbox*. Dropping connections works behind `SandboxServer` only."""

    async def inbox(_: Request) -> Response:
        return HTMLResponse(inbox_page(sandbox.messages), headers=PAGE_HEADERS)

    async def messages(request: Request) -> Response:
        if request.method == "DELETE":
            sandbox.clear()
            return Response(status_code=204)
        return JSONResponse([message.as_json() for message in sandbox.messages])

    async def pushes(_: Request) -> Response:
        return JSONResponse([push.as_json() for push in sandbox.pushes])

    async def vendors(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            body = await _read(request)
        except ClientDisconnect:
            return
        if body is None:
            await Response(status_code=413)(scope, receive, send)
            return
        await _respond(sandbox.handle(_plain(request, body), now=clock()), scope, receive, send)

    return Starlette(
        routes=[
            Route("/", inbox, methods=["GET"]),
            Route("/sandbox/messages", messages, methods=["GET", "DELETE"]),
            Route("/sandbox/pushes", pushes, methods=["GET"]),
            Mount("/", app=vendors),
        ]
    )


async def _read(request: Request) -> bytes | None:
    """The whole body, or None if it is too large."""
    parts = bytearray()
    async for chunk in request.stream():
        parts += chunk
        if len(parts) > _MAX_BODY:
            return None
    return bytes(parts)


def _plain(request: Request, body: bytes) -> HttpRequest:
    raw_path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope["query_string"]
    target = raw_path.decode("latin-1") + (f"?{query.decode('latin-1')}" if query else "")
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
    return HttpRequest(request.method, f"http://sandbox{target}", headers, body)


async def _respond(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    """Wait, then respond or drop the connection; a client that closes it ends the wait."""
    with anyio.move_on_after(answer.delay) as wait:
        if answer.delay:
            await _until_gone(receive)
    if answer.delay and not wait.cancelled_caught:
        return
    if answer.response is None:
        scope["state"]["connection"].drop(reset=answer.drop is not Drop.AFTER)
        await _until_gone(receive)
    else:
        await _send(answer.response, send)


async def _send(response: HttpResponse, send: Send) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.pairs]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
