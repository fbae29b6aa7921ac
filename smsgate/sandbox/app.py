"""The sandbox as an ASGI app: the vendors by their paths, what they accepted and pushed, and the inbox page."""

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

import anyio
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from smsgate.sandbox.core import simulator_for
from smsgate.sandbox.inbox.routes import AccessGuard, inbox_routes, own_route, serve_page
from smsgate.sandbox.sandbox import Sandbox
from smsgate.sandbox.state.answer import Answer, Drop
from smsgate.sandbox.state.e164 import is_e164
from smsgate.sandbox.state.message import AcceptedMessage
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["create_app", "create_vendor_app"]

_MAX_BODY: Final = 12 * 1024 * 1024
"""What Huawei's API gateway takes at most (API request signing guide); more is refused before it fills the memory."""
_USUAL_WAIT: Final = 10.0
_LONGEST_WAIT: Final = 600.0


def create_app(
    sandbox: Sandbox,
    *,
    clock: Callable[[], float] = time.time,
    allowed_hosts: Iterable[str] = (),
) -> Starlette:
    """The ASGI app over *sandbox*. Dropping connections works behind `SandboxServer` only.

    *allowed_hosts*: by which pages and calls of the sandbox's own may be reached, beside loopback names.
    """

    async def messages(request: Request) -> Response:
        if request.method == "DELETE":
            sandbox.clear()
            return Response(status_code=204)
        return JSONResponse([message.as_json() for message in sandbox.messages])

    async def wait(request: Request) -> Response:
        return await _wait(sandbox, request)

    async def pushes(_: Request) -> Response:
        return JSONResponse([push.as_json() for push in sandbox.pushes])

    def is_vendor(request: Request) -> bool:
        return sandbox.claims(_plain(request, b""))

    async def others(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        is_page = request.method == "GET" and request.url.path == "/"
        if is_page and not is_vendor(request):
            await serve_page()(scope, receive, send)
        else:
            await _pass_on(sandbox, clock, scope, receive, send)

    return Starlette(
        routes=[
            own_route("/sandbox/messages", messages, methods=("GET", "DELETE")),
            own_route("/sandbox/messages/wait", wait, "to", "timeout"),
            own_route("/sandbox/pushes", pushes),
            *inbox_routes(sandbox),
            Mount("/", app=others),
        ],
        middleware=[Middleware(AccessGuard, is_vendor=is_vendor, allowed=tuple(allowed_hosts))],
    )


def create_vendor_app(
    sandbox: Sandbox, interface: str, main_url: str, *, clock: Callable[[], float] = time.time
) -> Starlette:
    """The ASGI app of the port that *interface* has for itself. *main_url*: where everything else is."""

    async def calls(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        found = simulator_for(_plain(request, b""))
        if found is None or found.name != interface:
            text = f"this port is for {interface} only: the sandbox's own pages and calls are at {main_url}"
            await JSONResponse({"error": text}, status_code=404)(scope, receive, send)
        else:
            await _pass_on(sandbox, clock, scope, receive, send)

    return Starlette(routes=[Mount("/", app=calls)])


async def _wait(sandbox: Sandbox, request: Request) -> Response:
    """The next message to a number. A plus sign in a query that nobody escaped arrives as a blank."""
    to = request.query_params.get("to", "").strip()
    to = f"+{to}" if to[:1].isdigit() else to
    if not is_e164(to):
        return JSONResponse({"error": "to: a number in E.164, as in ?to=%2B8613800138000"}, status_code=400)
    timeout = _seconds(request.query_params.get("timeout"))
    if timeout is None:
        text = f"timeout: seconds, 0 to {_LONGEST_WAIT:g}"
        return JSONResponse({"error": text}, status_code=400)
    found: list[AcceptedMessage] = []
    async with anyio.create_task_group() as group:

        async def look() -> None:
            with suppress(TimeoutError):
                found.append(await sandbox.wait_for(to, timeout))
            group.cancel_scope.cancel()

        group.start_soon(look)
        await _until_gone(request.receive)
        group.cancel_scope.cancel()
    if not found:
        return JSONResponse({"error": f"no message to this number came within {timeout:g} s"}, status_code=404)
    return JSONResponse({**found[0].as_json(), "code": found[0].code})


def _seconds(text: str | None) -> float | None:
    try:
        seconds = _USUAL_WAIT if text is None else float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds <= _LONGEST_WAIT else None


async def _pass_on(sandbox: Sandbox, clock: Callable[[], float], scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    try:
        body = await _read(request)
    except ClientDisconnect:
        return
    if body is None:
        await Response(status_code=413)(scope, receive, send)
        return
    address = request.client.host if request.client else ""
    answer = sandbox.handle(_plain(request, body), now=clock(), client_address=address)
    await _respond(answer, scope, receive, send)


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
