"""The body of a request, which tells when it is read."""

from collections.abc import AsyncIterator, Callable, Iterator

__all__ = ["ObservedBody"]


class _SingleChunk(AsyncIterator[bytes]):
    """The body in one piece.

    Not an async generator: a write that fails leaves one of those suspended half-way, and trio warns when it is
    collected.
    """

    def __init__(self, body: bytes) -> None:
        self._chunks = [body] if body else []

    async def __anext__(self) -> bytes:
        if not self._chunks:
            raise StopAsyncIteration
        return self._chunks.pop()


class ObservedBody:
    """A body that tells when it is read. Not an `httpx.ByteStream`: of those, httpx reads the content at once."""

    def __init__(self, data: bytes, on_read: Callable[[], None]) -> None:
        self.data: bytes = data
        self._on_read = on_read

    def read(self) -> bytes:
        self._on_read()
        return self.data

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _SingleChunk(self.read())

    def __iter__(self) -> Iterator[bytes]:
        return iter([self.read()])
