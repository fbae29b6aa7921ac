"""The bytes of a request say what it says, to another library's parser."""

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smsgate import HttpRequest
from smsgate.transport.connection import OUR_HEADERS
from smsgate.transport.request_bytes import written

ORIGIN = "https://sms.test:8443"
texts = st.text(st.characters(max_codepoint=0x2FF), max_size=12)
likely = st.text(st.sampled_from("aZ09-_~!/?&=%:;+#. \t\r\n\0"), max_size=12)
names = st.from_regex(r"[A-Za-z-]{1,12}", fullmatch=True) | texts | likely
headers = st.lists(st.tuples(names, texts | likely), max_size=4)


def read(data: bytes) -> tuple[h11.Request, bytes]:
    """The one request in *data*, and its body."""
    server = h11.Connection(h11.SERVER)
    server.receive_data(data)
    request, body = server.next_event(), b""
    assert isinstance(request, h11.Request)
    while isinstance(event := server.next_event(), h11.Data):
        body += event.data
    assert isinstance(event, h11.EndOfMessage)
    assert server.trailing_data == (b"", False)
    return request, body


@given(
    method=st.sampled_from(["GET", "post", "DELETE", "QUERY"]) | texts,
    rest=texts | likely,
    pairs=headers,
    body=st.binary(),
)
@example(method="POST", rest="/v5/tlssmssvr/sendsms?sdkappid=1&random=2", pairs=[("Host", "sms.test")], body=b"{}")
@example(method="GET", rest="?x=1#there", pairs=[("X-Bad", "a\r\nX-Injected: 1")], body=b"")
@example(method="GET", rest="/ HTTP/1.1\r\nX-Injected: 1\r\n\r\n", pairs=[], body=b"")
def test_a_request_is_written_as_it_is_or_not_at_all(
    method: str, rest: str, pairs: list[tuple[str, str]], body: bytes
) -> None:
    """Method, headers and body come out as they went in, with ours behind them, and never as two requests."""
    framing = {"content-length", "transfer-encoding", "host", "connection", "expect", "upgrade"}
    pairs = [pair for pair in pairs if pair[0].lower() not in framing]
    try:
        outgoing = written(HttpRequest(method, ORIGIN + rest, pairs, body), ORIGIN)
    except ValueError:
        return
    request, content = read(outgoing.data)
    assert (request.method.decode(), content) == (method.upper(), body)
    assert request.target.startswith(b"/")
    found = [(name.decode(), value.decode()) for name, value in request.headers.raw_items()]
    added = [pair for pair in found if pair[0] in ("Host", "Content-Length")]
    has_length = bool(body) or method.upper() == "POST"
    assert added == [("Host", "sms.test:8443"), *([("Content-Length", str(len(body)))] if has_length else [])]
    assert [pair for pair in found if pair not in added] == [*[(n, v.strip(" \t")) for n, v in pairs], *OUR_HEADERS]


@pytest.mark.parametrize(
    ("url", "origin", "line", "host"),
    [
        ("https://a.test/x%2Fy/../z?b=1", "https://a.test", b"GET /x%2Fy/../z?b=1 HTTP/1.1", b"a.test"),
        ("https://a.test:443", "https://a.test:443", b"GET / HTTP/1.1", b"a.test"),
        ("http://a.test:80/#b", "http://a.test:80", b"GET / HTTP/1.1", b"a.test"),
        ("http://u:p@[::1]:443/\u4f60 b", "http://u:p@[::1]:443", b"GET /%E4%BD%A0%20b HTTP/1.1", b"[::1]:443"),
        ("http://\u4f60.test:8443/", "http://\u4f60.test:8443", b"GET / HTTP/1.1", b"xn--6qq.test:8443"),
        ("http://sms.\u4e2d\u56fd:81/", "http://sms.\u4e2d\u56fd:81", b"GET / HTTP/1.1", b"sms.xn--fiqs8s:81"),
        ("http://stra\u00dfe.test/", "http://stra\u00dfe.test", b"GET / HTTP/1.1", b"xn--strae-oqa.test"),
        ("http://[::1]/", "http://[::1]", b"GET / HTTP/1.1", b"[::1]"),
    ],
)
def test_target_and_host(url: str, origin: str, line: bytes, host: bytes) -> None:
    """What is plain is sent as it was signed, the rest is encoded; no user, no usual port and no fragment is sent."""
    lines = written(HttpRequest("GET", url), origin).data.split(b"\r\n")
    assert lines[:2] == [line, b"Host: " + host]
