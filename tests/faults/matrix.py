"""The table of faults: number, name, what the first vendor does, what may be said of it.

The first two thirds are about the connection, the last about responses that came whole and are wrong.
"""

import gzip
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from smsgate import Outcome

from . import scripts as s
from .driver import HASTY, Fault
from .stub import Incoming, Line, Script

__all__ = ["MATRIX", "dripping", "flood"]

JSON = "Content-Type: application/json"
GZIP = "Content-Encoding: gzip"
MEGABYTES_20 = 20 * 1024 * 1024

unknown = partial(Fault, outcomes=(Outcome.UNKNOWN,), charged=True)
taken = partial(Fault, outcomes=(Outcome.ACCEPTED,), charged=True)
refused = partial(Fault, outcomes=(Outcome.REJECTED,), charged=False)
network_decides = partial(Fault, outcomes=(Outcome.NOT_SENT, Outcome.UNKNOWN), charged=False)


def says(row: str, name: str, raw: bytes | Callable[[Incoming], bytes], kind: Callable[..., Fault] = unknown) -> Fault:
    """The vendor processes the message and responds with *raw*."""
    return kind(row, name, s.respond(raw))


def body(row: str, name: str, content: bytes, kind: Callable[..., Fault] = unknown) -> Fault:
    """The vendor processes the message and responds 200 with *content*."""
    return says(row, name, s.http(content), kind)


def then_close(raw: bytes) -> Script:
    return s.respond(raw, close=True)


def head_then_reset(line: Line) -> None:
    line.read_head()
    line.reset()


def early(status: str, *, drain: bool) -> Script:
    """Responds while the body is still being sent, then reads the rest or leaves."""

    def script(line: Line) -> None:
        line.read_head()
        line.write(s.http(b"", status=status, headers=["Connection: close"]))
        if drain:
            line.hang()
        line.close()

    return script


def dripping(raw: bytes, at_once: int = 0) -> Callable[[Line], None]:
    def then(line: Line) -> None:
        line.write(raw[:at_once])
        line.drip(raw[at_once:], seconds=0.1)

    return then


def flood(line: Line) -> None:
    """100 MB of body, or as much of it as anybody reads."""
    line.charge(line.read())
    line.write(s.http(b"", length=100_000_000))
    for _ in range(100):
        line.write(b"x" * 1_000_000)
    line.stub.violations.append("all of 100 MB was read")


def small_talk(line: Line) -> None:
    """Interim responses without end."""
    while True:
        line.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 20)
        line.wait(0.01)


def deep(levels: int) -> bytes:
    return b'{"result":0,"sid":"1","deep":' + b"[" * levels + b"]" * levels + b"}"


def echo(request: Incoming) -> bytes:
    """A refusal that repeats everything it was sent."""
    return s.http(json.dumps({"result": 1016, "errmsg": f"bad: {request.body.decode()}"}).encode())


CONNECTION = [
    network_decides("12", "RST at accept", Line.reset),
    network_decides("13", "headers read, RST before the body", head_then_reset),
    unknown("14", "processed, then FIN", s.processed(Line.close)),
    unknown("15", "not processed, then FIN", s.unprocessed(Line.close), charged=False),
    unknown("16", "processed, then RST", s.processed(Line.reset)),
    unknown("17", "processed, then silence", s.processed(Line.hang), timeouts=HASTY),
    unknown("15", "not processed, then silence", s.unprocessed(Line.hang), charged=False, timeouts=HASTY),
    unknown("18", "never reads, small body", Line.idle, charged=False, timeouts=HASTY),
    unknown("19", "never reads, 20 MB body", Line.idle, charged=False, timeouts=HASTY, size=MEGABYTES_20),
    unknown("24", "headers byte by byte", s.processed(dripping(s.http())), timeouts=HASTY),
    unknown("25", "body byte by byte", s.processed(dripping(s.http(), 80)), timeouts=HASTY),
    unknown("26", "half a status line", then_close(b"HTTP/1.1 20")),
    unknown("27", "garbage", then_close(b"\x16\x03\x01\x00\xff\r\nSSH-2.0-OpenSSH\r\n\r\n" * 40)),
    unknown("27", "no status line", then_close(s.ACCEPTED)),
    unknown("27", "another protocol version", then_close(b"HTTP/2 200 OK\r\n\r\n" + s.ACCEPTED)),
    unknown("28", "300 kB of headers", then_close(s.http(headers=[JSON, f"X-Large: {'x' * 300_000}"]))),
    unknown("29", "10,000 headers", then_close(s.http(headers=[JSON, *(f"X-{i}: {i}" for i in range(10_000))]))),
    unknown("29", "10,000 short headers", then_close(s.http(headers=[JSON, *["a: b"] * 10_000]))),
    unknown("30", "response cut short", then_close(s.http(length=100))),
    unknown("30", "answer longer than it says", then_close(s.http(length=20))),
    unknown("32", "100 MB of body", flood),
    unknown("35", "bad chunk size", then_close(s.chunked(s.ACCEPTED, end=b"zz\r\n\r\n"))),
    unknown("35", "chunks without an end", s.respond(s.chunked(s.ACCEPTED, end=b""), close=True)),
    taken("35", "good chunks", s.respond(s.chunked(s.ACCEPTED[:9], s.ACCEPTED[9:]))),
    unknown("35", "interim responses without end", s.processed(small_talk), timeouts=HASTY),
    taken("35", "one interim response", s.respond(b"HTTP/1.1 100 Continue\r\n\r\n" + s.http())),
    unknown("35", "101 to another protocol", then_close(s.http(b"", status="101 Switching", length=-1))),
    taken("35", "body until FIN", then_close(s.http(headers=[JSON, "Connection: close"], length=-1))),
    unknown("35", "two lengths", then_close(s.http(headers=[JSON, "Content-Length: 9"]))),
    Fault(
        "48",
        "413 during the body, the rest read",
        early("413 Payload Too Large", drain=True),
        (Outcome.REJECTED,),
        charged=False,
        onward=True,
        size=MEGABYTES_20,
    ),
    Fault(
        "48",
        "413 during the body, then RST",
        early("413 Payload Too Large", drain=False),
        (Outcome.REJECTED, Outcome.UNKNOWN),
        charged=False,
        onward=True,
        size=MEGABYTES_20,
    ),
    Fault(
        "48",
        "401 during the body, the rest read",
        early("401 Unauthorized", drain=True),
        (Outcome.REJECTED,),
        charged=False,
        onward=True,
        size=MEGABYTES_20,
    ),
]

CODINGS = [
    says("33", "gzip that nobody asked for", s.compressed(s.ACCEPTED, "gzip"), taken),
    says("33", "deflate that nobody asked for", s.compressed(s.ACCEPTED, "deflate"), taken),
    says("33", "gzip bomb", s.compressed(b" " * 30_000_000 + s.ACCEPTED, "gzip")),
    says("33", "gzip bomb in chunks", s.chunked(gzip.compress(b" " * 20_000_000 + s.ACCEPTED), headers=[GZIP])),
    says("34", "plain text called gzip", s.http(headers=[JSON, GZIP])),
    says("34", "gzip cut short", s.http(gzip.compress(s.ACCEPTED)[:-8], headers=[JSON, GZIP])),
    says("34", "gzip with a wrong checksum", s.http(gzip.compress(s.ACCEPTED)[:-8] + b"\0" * 8, headers=[JSON, GZIP])),
    says("34", "brotli", s.compressed(s.ACCEPTED, "br")),
    says("34", "two codings", s.compressed(s.ACCEPTED, "gzip, gzip")),
]

BODIES = [
    body("31", "empty", b""),
    body("30", "JSON cut short", s.ACCEPTED[:-9]),
    says("36", "JSON labelled text/html", s.http(headers=["Content-Type: text/html"]), taken),
    says("36", "no content type", s.http(headers=[]), taken),
    body("37", "GBK", '{"result":0,"errmsg":"成功","sid":"1","fee":1}'.encode("gbk"), taken),
    body("38", "byte order mark", b"\xef\xbb\xbf" + s.ACCEPTED, taken),
    body("38", "UTF-16", s.ACCEPTED.decode().encode("utf-16")),
    body("39", "lone surrogate", b'{"result":0,"errmsg":"\\ud800","sid":"1","fee":1}', taken),
    body("40", "NaN", b'{"result":0,"errmsg":"OK","sid":"1","fee":NaN}'),
    body("40", "result NaN", b'{"result":NaN,"sid":"1"}'),
    body("40", "result 1e400", b'{"result":1e400,"sid":"1"}'),
    body("40", "keys that contradict each other", b'{"result":0,"sid":"1","result":1016}'),
    body("40", "depth 10,000", deep(10_000)),
    body("40", "depth 300,000", deep(300_000)),
    body("40", "an integer of 100,000 digits", b'{"result":0,"sid":"1","fee":' + b"9" * 100_000 + b"}"),
    body("40", "result of 100,000 digits", b'{"result":' + b"9" * 100_000 + b"}"),
    *(
        body("40", f"only {text}", text.encode())
        for text in ("[]", "null", "0", '"OK"', "{}", '{"result":null}', '{"result":true}', '{"result":[0]}')
    ),
    body("47", "a code that is not listed", b'{"result":4711,"errmsg":"new"}'),
    refused("47", "a refusal that echoes the request", s.respond(echo, charge=False)),
    refused("47", "a refusal with line breaks", s.refuse(1016, "no\r\nERROR smsgate: forged\x1b[31m")),
    refused("47", "a code as text", s.respond(s.http(b'{"result":"1016","errmsg":"no"}'), charge=False)),
]


def moved(status: int, **options: Any) -> Fault:
    where = ["Location: http://127.0.0.1:1/elsewhere", "Content-Type: text/html"]
    raw = s.http(b"<a>moved</a>", status=f"{status} Moved", headers=where)
    return unknown("42" if status < 304 else "43", f"redirect {status}", s.respond(raw, **options))


def bare(row: str, status: int, kind: Callable[..., Fault], **options: Any) -> Fault:
    """An HTTP status without a vendor's envelope."""
    raw = s.http(b"<html>nginx</html>", status=f"{status} Status", headers=["Content-Type: text/html"])
    charged = options.pop("charged", False)
    name = f"{status}, {'processed' if charged else 'not processed'}"
    return kind(row, name, s.respond(raw, charge=charged), charged=charged, **options)


STATUSES = [
    *(moved(status) for status in (301, 302, 303, 307, 308)),
    *(bare("44", status, refused, onward=True) for status in (400, 401, 403, 404, 405, 411, 413, 415, 421, 431)),
    *(bare("46", status, unknown, charged=charged) for status in (500, 502, 503, 504) for charged in (False, True)),
    *(bare("46", status, unknown, charged=True) for status in (202, 408, 418, 599)),
    *(says("46", f"{status} without a body", s.http(b"", status=f"{status} Nothing")) for status in (200, 204, 304)),
    says("46", "500 with the vendor's own acceptance", s.http(status="500 Error"), taken),
    refused(
        "44", "403 with the vendor's own refusal", s.respond(s.http(b'{"result":1016}', status="403 No"), charge=False)
    ),
]

MATRIX: list[Fault] = [*CONNECTION, *CODINGS, *BODIES, *STATUSES]
