"""The paths of the inbox: the page, the entries as JSON, the stream, and the check of who may use any of them."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

import anyio
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from smsgate.sandbox.inbox.access import find_objection, is_own_path
from smsgate.sandbox.inbox.page import page_with_headers
from smsgate.sandbox.inbox.stream import follow_events
from smsgate.sandbox.sandbox import Sandbox
from smsgate.sandbox.structure import check_parameters

__all__ = ["AccessGuard", "inbox_routes", "own_route", "serve_page"]

_MOST_ENTRIES: Final = 2000
_HEADERS: Final = ((b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"))


class AccessGuard:
    """Answers requests to the sandbox's own paths that `find_objection` objects to. *is_vendor*: which are exempt."""

    def __init__(self, app: ASGIApp, *, is_vendor: Callable[[Request], bool], allowed: Iterable[str]) -> None:
        self._app, self._is_vendor, self._allowed = app, is_vendor, tuple(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what nothing is to be said against."""
        if scope["type"] == "http" and is_own_path(scope["path"]):
            request = Request(scope)
            objection = None if self._is_vendor(request) else self._objection(request)
            if objection is not None:
                status, text = objection
                await JSONResponse({"error": text}, status_code=status)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _objection(self, request: Request) -> tuple[int, str] | None:
        headers = request.headers
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        return find_objection(request.method, request.scope["path"], headers, self._allowed, has_body=has_body)


def own_route(
    path: str,
    endpoint: Callable[[Request], Awaitable[Response]],
    *parameters: str,
    methods: Sequence[str] = ("GET",),
) -> Route:
    """The route of a call of the sandbox's own, which refuses a query with anything but *parameters*."""

    async def checked(request: Request) -> Response:
        try:
            check_parameters(request.query_params, parameters)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return await endpoint(request)

    return Route(path, checked, methods=list(methods))


def inbox_routes(sandbox: Sandbox) -> list[Route]:
    """What the page reads."""

    async def entries(request: Request) -> Response:
        try:
            before, limit = (_count(request, name) for name in ("before", "limit"))
        except ValueError:
            return JSONResponse({"error": "before, limit: whole numbers from 0"}, status_code=400)
        return JSONResponse(sandbox.inbox.page(before, min(limit or _MOST_ENTRIES, _MOST_ENTRIES)))

    async def entry(request: Request) -> Response:
        found = sandbox.inbox.entry(request.path_params["id"], _base_url(request))
        text = "no message or reply has this id, or it was dropped"
        return JSONResponse(found) if found else JSONResponse({"error": text}, status_code=404)

    async def interfaces(request: Request) -> Response:
        return JSONResponse(sandbox.inbox.interfaces(_base_url(request)))

    async def events(request: Request) -> Response:
        last_id = request.headers.get("last-event-id") or request.query_params.get("last", "")
        return _Stream(sandbox, last_id)

    return [
        own_route("/sandbox/inbox", entries, "before", "limit"),
        own_route("/sandbox/inbox/{id}", entry),
        own_route("/sandbox/interfaces", interfaces),
        own_route("/sandbox/events", events, "last"),
        Route("/m/{id}", _page, methods=["GET"]),
        Route("/favicon.ico", _icon, methods=["GET"]),
    ]


def serve_page() -> Response:
    """The page, whatever it shows."""
    text, headers = page_with_headers()
    return HTMLResponse(text, headers=headers)


async def _page(_: Request) -> Response:
    return serve_page()


async def _icon(_: Request) -> Response:
    return Response(status_code=204)  # the page brings its own, and nobody else's call is to be a refusal in the inbox


class _Stream(Response):
    """Server-sent events until the browser goes."""

    def __init__(self, sandbox: Sandbox, last_id: str) -> None:
        super().__init__()
        self._events = follow_events(sandbox, last_id)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with anyio.create_task_group() as group:

            async def write() -> None:
                await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
                async for part in self._events:
                    await send({"type": "http.response.body", "body": part, "more_body": True})

            group.start_soon(write)
            while (await receive())["type"] != "http.disconnect":
                pass
            group.cancel_scope.cancel()
        await self._events.aclose()


def _base_url(request: Request) -> str:
    return f"http://{request.headers['host']}"


def _count(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ValueError(name)
    return int(text)
