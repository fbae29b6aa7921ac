"""What a stub can be told to do with a connection: one function each, made of the same few movements."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .stub import Incoming, Line, Script

__all__ = [
    "ACCEPTED",
    "accept",
    "chunked",
    "compressed",
    "http",
    "processed",
    "refuse",
    "respond",
    "unprocessed",
    "v5",
]

ACCEPTED = b'{"result":0,"errmsg":"OK","ext":"","sid":"8:Q2JsYWNr","fee":1}'
"""The v5 response for one message that was taken."""


def http(
    body: bytes = ACCEPTED,
    *,
    status: str = "200 OK",
    headers: Iterable[str] = ("Content-Type: application/json",),
    length: int | None = None,
) -> bytes:
    """An HTTP response. *length*: what Content-Length claims, if not the truth; -1 leaves it out."""
    claimed = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", *headers, *([f"Content-Length: {claimed}"] if claimed >= 0 else [])]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n", headers: Iterable[str] = ()) -> bytes:
    """An HTTP response in chunks."""
    head = http(b"", headers=["Content-Type: application/json", "Transfer-Encoding: chunked", *headers], length=-1)
    return head + b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end


def compressed(body: bytes, coding: str) -> bytes:
    """An HTTP response in a content coding, which nobody asked for."""
    data = gzip.compress(body) if coding == "gzip" else zlib.compress(body) if coding == "deflate" else body
    return http(data, headers=["Content-Type: application/json", f"Content-Encoding: {coding}"])


def v5(request: Incoming, *, code: int = 0, words: str = "OK", **options: Any) -> bytes:
    """What Tencent's v5 interface responds: the same code for every number. *options* are those of `http`."""
    body = json.loads(request.body)
    outcome: Mapping[str, Any] = {"result": code, "errmsg": words}
    taken = {} if code else {"sid": "8:Q2JsYWNr", "fee": 1}
    if not isinstance(body["tel"], list):
        return http(json.dumps({**outcome, "ext": body["ext"], **taken}).encode(), **options)
    rows = [{**outcome, "mobile": tel["mobile"], "nationcode": "86", **taken} for tel in body["tel"]]
    return http(json.dumps({"result": 0, "errmsg": "OK", "ext": body["ext"], "detail": rows}).encode(), **options)


def accept(line: Line) -> None:
    """A vendor in good health: processes every request and keeps the connection."""
    request = line.read()
    line.charge(request)
    line.write(v5(request))


def refuse(code: int, words: str = "no", **options: Any) -> Script:
    """Refuses every message with a v5 code."""

    def script(line: Line) -> None:
        line.write(v5(line.read(), code=code, words=words, **options))

    return script


def respond(raw: bytes | Callable[[Incoming], bytes], *, charge: bool = True, close: bool = False) -> Script:
    """Reads the whole request, processes it or not, and responds with these bytes."""

    def script(line: Line) -> None:
        request = line.read()
        if charge:
            line.charge(request)
        line.write(raw(request) if callable(raw) else raw)
        if close:
            line.close()

    return script


def processed(then: Callable[[Line], None]) -> Script:
    """Reads the whole request, processes it, and then does this."""

    def script(line: Line) -> None:
        line.charge(line.read())
        then(line)

    return script


def unprocessed(then: Callable[[Line], None]) -> Script:
    """Reads the whole request and does this without processing it."""

    def script(line: Line) -> None:
        line.read()
        then(line)

    return script
