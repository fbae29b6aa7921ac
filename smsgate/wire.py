"""HTTP messages as plain data, which vendor code builds and parses: no client, no I/O."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, cast

import attrs

__all__ = ["Headers", "HttpRequest", "HttpResponse"]

_MAPPINGS: Final = (dict, Mapping)
"""In this order: of an abstract class to ask takes longer."""
_TOKEN: Final = 16
"""Parts of a path with at least this many characters are masked in `repr`."""


class Headers(Mapping[str, str]):
    """HTTP header fields: looked up in any case, kept in order with repetitions. A repeated field is joined by ", "."""

    __slots__ = ("_pairs",)

    def __init__(self, fields: "Mapping[str, str] | Iterable[tuple[str, str]]" = ()) -> None:
        self._pairs: tuple[tuple[str, str], ...]
        if type(fields) is list:  # as most are: of an abstract class to ask takes longer
            self._pairs = tuple(fields)  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(fields, Headers):
            self._pairs = fields._pairs
        elif isinstance(fields, _MAPPINGS):
            self._pairs = tuple(cast("Mapping[str, str]", fields).items())
        else:
            self._pairs = tuple(fields)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every field as it was given, in order."""
        return self._pairs

    def __getitem__(self, name: str) -> str:
        wanted = name.lower()
        found = [value for key, value in self._pairs if key.lower() == wanted]
        if not found:
            raise KeyError(name)
        return ", ".join(found)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(key.lower() for key, _ in self._pairs))

    def __len__(self) -> int:
        return len({key.lower() for key, _ in self._pairs})

    def __eq__(self, other: object) -> bool:
        return self._pairs == other._pairs if isinstance(other, Headers) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._pairs)

    def __repr__(self) -> str:
        return f"Headers({', '.join(key for key, _ in self._pairs)})"


@attrs.frozen
class HttpRequest:
    """An HTTP request, sent or received. Its `repr` shows no header value, query, body or path token."""

    method: str
    """`GET`, `POST` …"""
    url: str
    """The whole URL, with its query."""
    headers: Headers = attrs.field(factory=Headers, converter=Headers)
    """Its header fields."""
    body: bytes = b""
    """Its body, as bytes."""

    @property
    def path(self) -> str:
        """The path of the URL, still percent-encoded. Never raises, even if a forged `Host` makes the URL malformed."""
        target = self.url.partition("#")[0].partition("?")[0]
        if not target.startswith("/"):
            _, slash, path = target.partition("://")[2].partition("/")
            target = slash + path
        return target or "/"

    @property
    def query(self) -> str:
        """The query of the URL, still percent-encoded, without "?"."""
        return self.url.partition("#")[0].partition("?")[2]

    def __repr__(self) -> str:
        # A long part of the path may be the token of a callback URL.
        path = "/".join("…" if len(part) >= _TOKEN else part for part in self.path.split("/"))
        origin = self.url.partition("?")[0].removesuffix(self.path)
        return f"HttpRequest({self.method!r}, {origin + path!r}, {self.headers!r}, {len(self.body)} bytes)"


@attrs.frozen
class HttpResponse:
    """A complete HTTP response, its body decoded from any content encoding. Its `repr` shows no value and no body."""

    status: int
    """The status code."""
    headers: Headers = attrs.field(factory=Headers, converter=Headers)
    """Its header fields."""
    body: bytes = b""
    """Its body, as bytes."""

    def __repr__(self) -> str:
        return f"HttpResponse({self.status}, {self.headers!r}, {len(self.body)} bytes)"
