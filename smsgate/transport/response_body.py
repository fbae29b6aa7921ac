"""Reads a vendor's response: decoded, and never more of it than fits."""

import contextlib
import zlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

from smsgate.wire import HttpResponse

if TYPE_CHECKING:
    import httpx

__all__ = ["MAX_FIELDS", "MAX_RESPONSE", "UnreadableError", "read_response"]

MAX_RESPONSE: Final = 1024 * 1024
"""The most bytes of a response's body that are read, compressed or not."""
MAX_FIELDS: Final = 200
"""The most header fields that a response may have."""

_BUFFERED: Final = 2**14
"""How many chunks of a body a connection may still hold when it is closed: httpcore reads 64 KiB at a time."""


class UnreadableError(Exception):
    """The response is too large or its coding is broken."""


async def read_response(response: "httpx.Response") -> HttpResponse:
    """The whole of *response*, which is closed whatever happens. Raises `UnreadableError`, and what httpx raises."""
    try:
        fields = response.headers.multi_items()
        if len(fields) > MAX_FIELDS:
            raise UnreadableError(f"the response has more than {MAX_FIELDS} header fields")
        if response.is_stream_consumed:  # a mock's response, read when it was made
            return HttpResponse(response.status_code, fields, response.content)
        body = _Body(response.headers.get("content-encoding", "identity").strip().lower())
        chunks = response.aiter_raw()
        try:
            async for chunk in chunks:
                body.add(chunk)
        except UnreadableError:
            await response.aclose()
            await _exhaust(chunks)
            raise
    finally:
        await response.aclose()
    return HttpResponse(response.status_code, fields, body.complete())


async def _exhaust(chunks: AsyncIterator[bytes]) -> None:
    """Let the generators of a closed response end: trio warns of one that is collected while it is suspended."""
    with contextlib.suppress(Exception):
        for _ in range(_BUFFERED):
            await anext(chunks)


class _Body:
    """A response's body as it comes in."""

    def __init__(self, coding: str) -> None:
        # Accept-Encoding asks for identity, so that no response unpacks to more than it seems; some servers compress
        # all the same.
        if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise UnreadableError("the response has a content coding that was not asked for")
        plain = coding in ("", "identity")
        # 32: gzip or zlib, as the data begins. RFC 9110, 8.4.1.2: "deflate" is the zlib format.
        self._inflate = None if plain else zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._received = 0
        self._data = bytearray()

    def add(self, chunk: bytes) -> None:
        self._received += len(chunk)
        try:
            # One byte more than is allowed, so that a bomb is noticed and not unpacked.
            self._data += chunk if self._inflate is None else self._inflate.decompress(chunk, MAX_RESPONSE + 1)
        except zlib.error:
            raise UnreadableError("the response's compression is broken") from None
        if self._received > MAX_RESPONSE or len(self._data) > MAX_RESPONSE:
            raise UnreadableError(f"the response is larger than {MAX_RESPONSE} bytes")

    def complete(self) -> bytes:
        if self._inflate is not None and self._received and not self._inflate.eof:
            raise UnreadableError("the response's compression ends too early")
        return bytes(self._data)
