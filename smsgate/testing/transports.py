"""Mocks that prove how far a request got, as httpx's own transports do."""

from typing import Any, Final

import httpx

from smsgate.transport.httpx_request import unobserved

__all__ = ["traced"]

_CONNECT: Final = "connection.connect_tcp"
_BEFORE_THE_REQUEST: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""What httpx's own transports raise before a byte of a request has left."""


def traced(transport: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
    """*transport*, a mock, with a claim of yours: what it raises means what it would mean of a real connection.

    A gateway believes that a request did not leave only if its transport proves it, through httpcore's `trace`
    extension. A mock calls no such thing, so that whatever it raises gives `Outcome.UNKNOWN`. Wrapped in this, a
    `ConnectError`, `ConnectTimeout`, `PoolTimeout`, `ProxyError` or `UnsupportedProtocol` that it raises counts as a
    connection that did not come about: `Outcome.NOT_SENT`, and the next provider has the message. All else stays
    `UNKNOWN`.

    Only for tests: other HTTP libraries under httpx raise the same errors after the vendor has read everything. A
    transport that calls the extension by itself is left alone.
    """
    return _Traced(transport)


class _Traced(httpx.AsyncBaseTransport):
    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        trace: Any = request.extensions.get("trace")
        if trace is None:
            return await self._transport.handle_async_request(request)
        heard = False

        async def hear(event: str, info: dict[str, Any]) -> None:
            nonlocal heard
            heard = True
            await trace(event, info)

        inner = unobserved(request)
        inner.extensions = {**request.extensions, "trace": hear}
        try:
            return await self._transport.handle_async_request(inner)
        except _BEFORE_THE_REQUEST as error:
            if not heard:
                await trace(f"{_CONNECT}.started", {"host": request.url.host, "port": request.url.port})
                await trace(f"{_CONNECT}.failed", {"exception": error})
            raise

    async def aclose(self) -> None:
        await self._transport.aclose()
