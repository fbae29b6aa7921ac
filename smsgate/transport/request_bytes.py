"""A request as it goes over a connection of HTTP/1.1 (RFC 9112, 2.1): one piece of bytes."""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote

import attrs

from smsgate.transport.connection import OUR_HEADERS
from smsgate.wire import HttpRequest

__all__ = ["RequestBytes", "written"]

_ORIGIN: Final = re.compile(r"http://(?:[^/?#@]*@)?([^/?#@]+?)(?::80)?|https://(?:[^/?#@]*@)?([^/?#@]+?)(?::443)?")
"""Its group that matches is host and port, without the port that goes without saying."""
_SENT_AS_IT_IS: Final = re.compile(r"/[!\"$-~]*")
"""Visible ASCII but "#": which is how it was signed."""
_VISIBLE: Final = "".join(map(chr, range(0x21, 0x7F)))
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110, 5.6.2."""
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""RFC 9110, 5.5: what no field has."""
_HAS_CONTENT: Final = frozenset({"POST", "PUT", "PATCH"})
_OURS: Final = "".join([f"{name}: {value}\r\n" for name, value in OUR_HEADERS])


@attrs.define
class RequestBytes:
    """A request, ready to be written."""

    method: str
    data: bytes


def written(request: HttpRequest, origin: str) -> RequestBytes:
    """*request* with our own headers, for a connection to *origin*, which its URL begins with.

    Raises `ValueError` for a method, a URL or a header that cannot be sent.
    """
    method, body = request.method.upper(), request.body
    lines = [f"{method} {_target(request.url[len(origin) :])} HTTP/1.1"]
    names = {_token(method)}
    for name, value in request.headers.pairs:
        lines.append(f"{name}: {value}")
        names.add(_token(name))
    if "host" not in names:
        lines.append(f"Host: {_host(origin)}")
    # RFC 9110, 8.6: also a length of 0, where the method defines a meaning for content.
    if "content-length" not in names and (body or method in _HAS_CONTENT):
        lines.append(f"Content-Length: {len(body)}")
    if not all(map(str.isprintable, lines)) and any(map(_FORBIDDEN.search, lines)):
        raise ValueError("a header has a line break, or a character that none may have")
    head = "\r\n".join(lines)
    return RequestBytes(method, f"{head}\r\n{_OURS}\r\n".encode() + body)


def _target(rest: str) -> str:
    """What follows the origin of a URL, as a request has it."""
    if not _SENT_AS_IT_IS.fullmatch(rest):
        rest = quote(rest.partition("#")[0], safe=_VISIBLE)
    return rest if rest.startswith("/") else f"/{rest}"


@lru_cache(maxsize=256)
def _token(name: str) -> str:
    """A method or the name of a header in lower case."""
    if not _TOKEN.fullmatch(name):
        raise ValueError("a method or the name of a header is none")
    return name.lower()


@lru_cache(maxsize=256)
def _host(origin: str) -> str:
    """The `Host` of requests to *origin*."""
    found = _ORIGIN.fullmatch(origin)
    if found is None:
        raise ValueError("the URL needs http:// or https:// and a host")
    return found[1] or found[2]
