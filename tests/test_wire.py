"""HTTP as plain data: any case, repetitions kept, nothing shown that may be secret."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Headers, HttpRequest, HttpResponse

CANARY = "canary-4821"


@pytest.mark.parametrize(
    "fields",
    [
        {"Content-Type": "text/plain", "X-A": "1"},
        [("Content-Type", "text/plain"), ("X-A", "1")],
        (("Content-Type", "text/plain"), ("X-A", "1")),
        iter([("Content-Type", "text/plain"), ("X-A", "1")]),
        Headers({"Content-Type": "text/plain", "X-A": "1"}),
    ],
)
def test_headers_from_a_mapping_or_pairs(fields: Any) -> None:
    """Headers are made of a mapping, of pairs, or of headers, and looked up in any case."""
    headers = Headers(fields)
    assert headers["content-type"] == headers["CONTENT-TYPE"] == "text/plain"
    assert headers.get("x-b") is None
    assert "x-a" in headers
    assert list(headers) == ["content-type", "x-a"]
    assert len(headers) == 2
    assert headers.pairs == (("Content-Type", "text/plain"), ("X-A", "1"))
    assert isinstance(headers, Mapping)


def test_repeated_headers() -> None:
    """A repeated field reads joined, in order; each repetition is kept."""
    headers = Headers([("X-A", "1"), ("x-a", "2"), ("B", "3")])
    assert headers["X-a"] == "1, 2"
    assert len(headers) == 2
    assert headers.pairs == (("X-A", "1"), ("x-a", "2"), ("B", "3"))
    with pytest.raises(KeyError):
        headers["C"]


def test_headers_are_equal_by_their_pairs() -> None:
    """Equal fields in equal order are equal headers."""
    assert Headers({"A": "1"}) == Headers([("A", "1")])
    assert Headers({"A": "1"}) != Headers({"A": "2"})
    assert Headers() != {"A": "1"}
    assert Headers() == Headers(())


def test_shows_no_value() -> None:
    """A `repr` has names and sizes: no header value, no query, no body, no long part of a path."""
    request = HttpRequest(
        "POST", f"https://host.example/callbacks/{'t' * 32}?key={CANARY}", {"Authorization": CANARY}, CANARY.encode()
    )
    assert repr(request) == "HttpRequest('POST', 'https://host.example/callbacks/…', Headers(Authorization), 11 bytes)"
    response = HttpResponse(200, {"Set-Cookie": CANARY}, CANARY.encode())
    assert repr(response) == "HttpResponse(200, Headers(Set-Cookie), 11 bytes)"


@pytest.mark.parametrize(
    ("url", "path", "query"),
    [
        ("https://host.example/a/b?c=d&e=%20", "/a/b", "c=d&e=%20"),
        ("https://host.example", "/", ""),
        ("https://host.example?c", "/", "c"),
        ("https://host.example/a#f", "/a", ""),
        ("https://host.example/a?b#f?g", "/a", "b"),
        ("https://user:pass@[::1]:80/a%2Fb", "/a%2Fb", ""),
        ("https://[broken/a", "/a", ""),
        ("/a/b?c", "/a/b", "c"),
        ("//a/b", "//a/b", ""),
        ("/to/https://host.example/b", "/to/https://host.example/b", ""),
        ("/a?b=https://host.example/", "/a", "b=https://host.example/"),
        ("", "/", ""),
        ("*", "/", ""),
    ],
)
def test_path_and_query(url: str, path: str, query: str) -> None:
    """Path and query are as they came, still encoded, for whole URLs and for the target of a request line."""
    request = HttpRequest("GET", url)
    assert (request.path, request.query) == (path, query)


@given(st.text(alphabet="/:?#[]@.%a\0é ", max_size=30))
def test_no_url_raises(url: str) -> None:
    """Whatever a stranger sends as URL, its parts and its `repr` can be had."""
    request = HttpRequest("GET", url)
    assert request.path
    assert request.query is not None
    assert repr(request)


def test_values() -> None:
    """Requests and responses are equal by their content."""
    assert HttpRequest("GET", "https://h/", [("A", "1")]) == HttpRequest("GET", "https://h/", {"A": "1"})
    assert HttpResponse(200, {}, b"x") != HttpResponse(200, {}, b"y")
    assert HttpResponse(204).body == b""
