"""A request as httpx and httpx2 take it, whose body tells when it is read."""

import re
from collections.abc import Callable
from functools import cache, partial
from types import ModuleType
from typing import Any, Final

import attrs

from smsgate.transport.request_body import ObservedBody
from smsgate.transport.request_bytes import all_fields
from smsgate.wire import HttpRequest

__all__ = ["to_httpx_request", "unobserved"]

_SAFE: Final = r"[\w\-.~!$&'()*+,;=:@/]"
_PLAIN: Final = re.compile(
    r"(https?)://([a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?)(?::([1-9][0-9]{0,3}|[1-5][0-9]{4}))?"
    # No "." or ".." in the path, which would be resolved.
    rf"((?:/(?!\.)(?:{_SAFE.replace('/', '')}|%[0-9A-Fa-f]{{2}})*+)++(?:\?(?:{_SAFE}|[?]|%[0-9A-Fa-f]{{2}})*+)?|)",
    re.ASCII,
)
"""A URL that the library would take as it is: scheme, host, port, and what follows."""
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}
_LONGEST: Final = 8000
"""The most characters of a plain URL; the libraries refuse one of 65,536."""


class _Request:
    """A request that tells when its body is read, whichever way is taken to it.

    It has all attributes of the library's own, whose way of making one parses the URL again and copies the headers.
    """

    module: ModuleType

    def __init__(self, method: str, url: Any, headers: Any, body: ObservedBody, extensions: dict[str, Any]) -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self.stream = self.body = body
        self.extensions = extensions

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


class _PlainUrl:
    """A URL that is not parsed before somebody asks for more than a transport needs.

    Parsing takes longer than making the rest of the request, for an address that was put together here.
    """

    module: Any
    raw_scheme: bytes
    raw_host: bytes
    raw_path: bytes
    port: int | None
    netloc: bytes

    def __init__(self, text: str, scheme: str, host: str, port: str | None, path: str) -> None:
        own = self.__dict__
        own["text"] = text
        own["raw_scheme"] = scheme.encode()
        own["raw_host"] = host.encode()
        own["port"] = int(port) if port else None
        own["netloc"] = f"{host}:{port}".encode() if port else own["raw_host"]
        own["raw_path"] = path.encode() or b"/"

    def __getattr__(self, name: str) -> Any:
        """What only a parsed one has: asked for once, all of it is there."""
        url: Any = self.module.URL(self.__dict__["text"])
        parsed: dict[str, Any] = url.__dict__
        if name not in parsed:
            raise AttributeError(name)
        self.__dict__.update(parsed)
        return parsed[name]


@attrs.frozen
class _Kit:
    """Our classes as *module*, which is httpx or httpx2, knows them."""

    module: Any
    request: Any
    body: Any
    url: Any

    def parse(self, text: str) -> Any:
        """The URL, parsed if it is not plain. Raises what the library raises of one that is none."""
        if len(text) <= _LONGEST and (plain := _PLAIN.fullmatch(text)) is not None:
            scheme, host, port, path = plain.groups()
            if _DEFAULT_PORTS.get(scheme) != port:
                return self.url(text, scheme, host, port, path)
        url = self.module.URL(text)
        if url.scheme not in ("http", "https") or not url.host:
            raise self.module.UnsupportedProtocol("the URL needs http:// or https:// and a host")
        return url


@cache
def _kit(module: Any) -> _Kit:
    shadowing: dict[str, Any] = dict.fromkeys(("raw_scheme", "raw_host", "raw_path", "port", "netloc"))
    return _Kit(
        module,
        type("Request", (_Request, module.Request), {"module": module}),
        type("Body", (ObservedBody, module.AsyncByteStream, module.SyncByteStream), {}),
        type("URL", (_PlainUrl, module.URL), {"module": module, **shadowing}),
    )


def to_httpx_request(module: Any, request: HttpRequest, extensions: dict[str, Any], on_read: Callable[[], None]) -> Any:
    """*request* with our own headers, for *module*; *on_read* is called whenever its body is read.

    No client has a say in it, so that what was signed is what is sent. Raises what httpx raises of a URL or a header
    that cannot be sent.
    """
    kit = _kit(module)
    url = kit.parse(request.url)
    # httpx adds `Host` and `Content-Length` only to requests whose content it is given.
    headers = module.Headers(all_fields(request, url.netloc.decode("ascii")))
    return kit.request(request.method.upper(), url, headers, kit.body(request.body, on_read), extensions)


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
