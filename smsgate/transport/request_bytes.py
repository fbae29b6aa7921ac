"""A request as it goes over a connection of HTTP/1.1 (RFC 9112, 2.1)."""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote

import attrs

from smsgate.transport.connection import OUR_HEADERS
from smsgate.wire import HttpRequest

__all__ = ["RequestBytes", "all_fields", "ascii_host", "head_of", "written"]

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
"""Methods of requests that have content, if of no length."""


@attrs.define
class RequestHead:
    """What goes before the body."""

    method: str
    target: str
    fields: list[tuple[str, str]]


def head_of(request: HttpRequest, origin: str) -> RequestHead:
    """The head of *request* with our own headers, for a connection to *origin*, which its URL begins with.

    Raises `ValueError` for a method, a URL or the name of a header that cannot be sent.
    """
    for name, _ in request.headers.pairs:
        _check_token(name)
    _check_token(request.method)
    fields = all_fields(request, _host(origin))
    return RequestHead(request.method.upper(), _target(request.url[len(origin) :]), fields)


def all_fields(request: HttpRequest, host: str) -> list[tuple[str, str]]:
    """The headers of *request* and our own, with those that it needs and has not: `Host`, `Content-Length`."""
    fields = [*request.headers.pairs, *OUR_HEADERS]
    names = {name.lower() for name, _ in fields}
    if "host" not in names:
        fields.insert(0, ("Host", host))
    # RFC 9110, 8.6: also a length of 0, where the method defines a meaning for content.
    if "content-length" not in names and (request.body or request.method.upper() in _HAS_CONTENT):
        fields.append(("Content-Length", str(len(request.body))))
    return fields


@attrs.define
class RequestBytes:
    """A request, ready to be written."""

    method: str
    data: bytes


def written(request: HttpRequest, origin: str) -> RequestBytes:
    """`head_of` and the body, in one piece. Raises `ValueError` for a value of a header that cannot be sent too."""
    head = head_of(request, origin)
    lines = [f"{head.method} {head.target} HTTP/1.1", *[f"{name}: {value}" for name, value in head.fields]]
    if not all(map(str.isprintable, lines)) and any(map(_FORBIDDEN.search, lines)):
        raise ValueError("a header has a line break, or a character that none may have")
    return RequestBytes(head.method, "\r\n".join([*lines, "\r\n"]).encode() + request.body)


def _target(rest: str) -> str:
    """What follows the origin of a URL, as a request has it."""
    if not _SENT_AS_IT_IS.fullmatch(rest):
        rest = quote(rest.partition("#")[0], safe=_VISIBLE)
    return rest if rest.startswith("/") else f"/{rest}"


@lru_cache(maxsize=256)
def _check_token(name: str) -> None:
    """Raise `ValueError` for what is no method or no name of a header."""
    if not _TOKEN.fullmatch(name):
        raise ValueError("a method or the name of a header is none")


@lru_cache(maxsize=256)
def _host(origin: str) -> str:
    """The `Host` of requests to *origin*."""
    found = _ORIGIN.fullmatch(origin)
    if found is None:
        raise ValueError("the URL needs http:// or https:// and a host")
    host, colon, port = (found[1] or found[2]).rpartition(":")
    # Of an address of IPv6 without a port the last colon is within its brackets.
    return f"{ascii_host(host)}:{port}" if colon and port.isdigit() else ascii_host(found[1] or found[2])


def ascii_host(host: str) -> str:
    """*host* as it is asked for, and named to a server. Raises `ValueError` for what is none."""
    if host.isascii():
        return host
    from idna import encode  # which httpx brings: Python's own codec takes "ß" for "ss", another domain

    return encode(host.lower()).decode("ascii")
