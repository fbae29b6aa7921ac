"""A request as httpx and httpx2 take it, whose body tells when it is read."""

from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache, partial
from types import ModuleType
from typing import Any

from smsgate.transport.connection import OUR_HEADERS
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


class _Body:
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


class _Request:
    """A request that tells when its body is read, whichever way is taken to it."""

    module: ModuleType
    method: str
    url: Any
    headers: Any
    extensions: Any
    body: _Body

    @property
    def content(self) -> bytes:
        return self.body.read()

    def read(self) -> bytes:
        return self.body.read()

    async def aread(self) -> bytes:
        return self.body.read()

    def __reduce__(self) -> tuple[Callable[[], Any], tuple[()]]:
        """A copy or a pickle is an ordinary request, and whoever makes one has read the body."""
        headers = self.headers.multi_items()
        return partial(self.module.Request, self.method, str(self.url), headers=headers, content=self.content), ()


@cache
def _classes(module: ModuleType) -> tuple[Any, Any]:
    """Our request and our body as *module*, which is httpx or httpx2, knows them."""
    body = type("_Body", (_Body, module.AsyncByteStream, module.SyncByteStream), {})
    return type("_Request", (_Request, module.Request), {"module": module}), body


def to_httpx_request(module: Any, request: HttpRequest, extensions: dict[str, Any], on_read: Callable[[], None]) -> Any:
    """*request* with our own headers, for *module*; *on_read* is called whenever its body is read.

    No client has a say in it, so that what was signed is what is sent. Raises what httpx raises of a URL or a header
    that cannot be sent.
    """
    url = module.URL(request.url)
    if url.scheme not in ("http", "https") or not url.host:
        raise module.UnsupportedProtocol("the URL needs http:// or https:// and a host")
    pairs = [*request.headers.pairs, *OUR_HEADERS]
    names = {name.lower() for name, _ in pairs}
    # httpx adds these two only to requests whose content it is given.
    if "host" not in names:
        pairs.insert(0, ("Host", url.netloc.decode("ascii")))
    # RFC 9110, 8.6: also a length of 0, where the method defines a meaning for content.
    if "content-length" not in names and (request.body or request.method.upper() in ("POST", "PUT", "PATCH")):
        pairs.append(("Content-Length", str(len(request.body))))
    request_class, body_class = _classes(module)
    body = body_class(request.body, on_read)
    outgoing = request_class(request.method, url, headers=pairs, stream=body, extensions=extensions)
    outgoing.body = body
    return outgoing


def unobserved(request: Any) -> Any:
    """An ordinary request with the content of *request*, for a transport whose reading of it tells nothing."""
    if not isinstance(request, _Request):
        return request
    return request.module.Request(
        request.method,
        request.url,
        headers=request.headers,
        content=request.body.data,
        extensions=request.extensions,
    )
