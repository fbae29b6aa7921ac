"""A request as httpx takes it. Apart from `exchange`, so that httpx is imported when it is first used."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx

from smsgate.wire import HttpRequest

__all__ = ["outgoing"]


class _Pieces(AsyncIterator[bytes]):
    """Not an async generator: a write that fails leaves one of those half-way, and trio warns of it."""

    def __init__(self, body: bytes) -> None:
        self._pieces = [body]

    async def __anext__(self) -> bytes:
        if not self._pieces:
            raise StopAsyncIteration
        return self._pieces.pop()


class _Body(httpx.ByteStream):
    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self._body = body

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _Pieces(self._body)


def outgoing(
    request: HttpRequest, more_headers: Iterable[tuple[str, str]], extensions: dict[str, Any]
) -> httpx.Request:
    """*request* with *more_headers*. No client has a say in it, so that what was signed is what is sent."""
    headers = [*request.headers.pairs, *more_headers]
    wire = httpx.Request(request.method, request.url, headers=headers, content=request.body, extensions=extensions)
    wire.stream = _Body(request.body)
    return wire
