"""A request as httpx takes it. Apart from `exchange`, so that httpx is imported when it is first used."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import partial
from typing import Any

import httpx

from smsgate.wire import HttpRequest

__all__ = ["to_httpx_request", "unobserved"]


class _SingleChunk(AsyncIterator[bytes]):
    """The body in one piece.

    Not an async generator: a write that fails leaves one of those suspended half-way, and trio warns when it is
    collected.
    """

    def __init__(self, body: bytes) -> None:
        self._chunks = [body] if body else []

    async def __anext__(self) -> bytes:
        if not self._chunks:
            raise StopAsyncIteration
        return self._chunks.pop()


class _Body(httpx.AsyncByteStream, httpx.SyncByteStream):
    """A body that tells when it is read. Not an `httpx.ByteStream`: of those, httpx reads the content at once."""

    def __init__(self, data: bytes, on_read: Callable[[], None]) -> None:
        self.data = data
        self._on_read = on_read

    def read(self) -> bytes:
        self._on_read()
        return self.data

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _SingleChunk(self.read())

    def __iter__(self) -> Iterator[bytes]:
        return iter([self.read()])


class _Request(httpx.Request):
    """A request that tells when its body is read, whichever way is taken to it."""

    def __init__(self, method: str, url: httpx.URL, headers: httpx.Headers, body: _Body, extensions: Any) -> None:
        super().__init__(method, url, headers=headers, stream=body, extensions=extensions)
        self.body = body

    @property
    def content(self) -> bytes:
        return self.body.read()

    def read(self) -> bytes:
        return self.body.read()

    async def aread(self) -> bytes:
        return self.body.read()

    def __reduce__(self) -> tuple[Callable[[], httpx.Request], tuple[()]]:
        """A copy or a pickle is an ordinary request, and whoever makes one has read the body."""
        headers = self.headers.multi_items()
        return partial(httpx.Request, self.method, str(self.url), headers=headers, content=self.content), ()


def to_httpx_request(
    request: HttpRequest,
    more_headers: Iterable[tuple[str, str]],
    extensions: dict[str, Any],
    on_read: Callable[[], None],
) -> httpx.Request:
    """*request* with *more_headers*; *on_read* is called whenever its body is read.

    No client has a say in it, so that what was signed is what is sent. Raises what httpx raises of a URL or a header
    that cannot be sent.
    """
    if not isinstance(request.body, bytes):  # pyright: ignore[reportUnnecessaryIsInstance]  # an adapter of the caller's
        raise TypeError("the body must be bytes")
    url = httpx.URL(request.url)
    if url.scheme not in ("http", "https") or not url.host:
        raise httpx.UnsupportedProtocol("the URL needs http:// or https:// and a host")
    pairs = [*request.headers.pairs, *more_headers]
    names = {name.lower() for name, _ in pairs}
    # httpx adds these two only to requests whose content it is given.
    if "host" not in names:
        pairs.insert(0, ("Host", url.netloc.decode("ascii")))
    # RFC 9110, 8.6: also a length of 0, where the method defines a meaning for content.
    if "content-length" not in names and (request.body or request.method.upper() in ("POST", "PUT", "PATCH")):
        pairs.append(("Content-Length", str(len(request.body))))
    return _Request(request.method, url, httpx.Headers(pairs), _Body(request.body, on_read), extensions)


def unobserved(request: httpx.Request) -> httpx.Request:
    """An ordinary request with the content of *request*, for a transport whose reading of it tells nothing."""
    if not isinstance(request, _Request):
        return request
    return httpx.Request(
        request.method,
        request.url,
        headers=request.headers,
        content=request.body.data,
        extensions=request.extensions,
    )
