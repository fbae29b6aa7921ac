"""A vendor's response: its header fields and its body, decoded, and never more of it than fits."""

import zlib
from collections.abc import Sequence
from typing import Final

__all__ = ["MAX_FIELDS", "MAX_RESPONSE", "ResponseBody", "UnreadableError", "check_fields", "decoded_fields"]

MAX_RESPONSE: Final = 1024 * 1024
"""The most bytes of a response's body that are read, compressed or not."""
MAX_FIELDS: Final = 200
"""The most header fields that a response may have."""


class UnreadableError(Exception):
    """The response is too large or its coding is broken."""


def check_fields(count: int) -> None:
    """Raises `UnreadableError` for more header fields than a response may have."""
    if count > MAX_FIELDS:
        raise UnreadableError(f"the response has more than {MAX_FIELDS} header fields")


def decoded_fields(fields: Sequence[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """Header fields as text: what is no UTF-8 is read as ISO 8859-1."""
    try:
        return [(name.decode(), value.decode()) for name, value in fields]
    except UnicodeDecodeError:
        return [(_text(name), _text(value)) for name, value in fields]


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


class ResponseBody:
    """A body as it comes in. Each method raises `UnreadableError`. *coding*: the response's `Content-Encoding`."""

    def __init__(self, coding: str) -> None:
        coding = coding.strip().lower()
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
        """The next bytes."""
        self._received += len(chunk)
        try:
            # One byte more than is allowed, so that a bomb is noticed and not unpacked.
            self._data += chunk if self._inflate is None else self._inflate.decompress(chunk, MAX_RESPONSE + 1)
        except zlib.error:
            raise UnreadableError("the response's compression is broken") from None
        if self._received > MAX_RESPONSE or len(self._data) > MAX_RESPONSE:
            raise UnreadableError(f"the response is larger than {MAX_RESPONSE} bytes")

    def complete(self) -> bytes:
        """All of it, decoded, once there are no more bytes."""
        if self._inflate is not None and self._received and not self._inflate.eof:
            raise UnreadableError("the response's compression ends too early")
        return bytes(self._data)
