"""What httpcore reads from and writes to: its own streams, with a request's headers and body in one write.

httpcore writes the headers and then the body. Each write is a system call, and gives way to the event loop; two of them
cost a tenth of a send, and a peer may have the headers without the body.
"""

from collections.abc import Callable
from typing import Any

import anyio

from smsgate.transport.readable import readable

__all__ = ["OneWriteBackend", "start_tls"]


async def start_tls(stream: Any, *args: Any, **options: Any) -> Any:
    """TLS over *stream*, which is closed if that fails. httpcore leaves it open if it is cancelled meanwhile."""
    try:
        return await stream.start_tls(*args, **options)
    except BaseException:
        with anyio.CancelScope(shield=True):
            await stream.aclose()
        raise


class OneWriteBackend:
    """A network backend of httpcore over *inner*, another one."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def connect_tcp(self, *args: Any, **options: Any) -> "_OneWriteStream":
        return _OneWriteStream(await self._inner.connect_tcp(*args, **options))


class _OneWriteStream:
    """Keeps the first write after a read back until the second, or until something is read."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._held = b""
        self._may_hold = True
        self._readable: Callable[[], bool] | None = None

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._may_hold and buffer:
            self._held, self._may_hold = buffer, False
        elif buffer:
            held, self._held = self._held, b""
            await self._inner.write(held + buffer, timeout)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        held, self._held, self._may_hold = self._held, b"", True
        if held:
            await self._inner.write(held, timeout)
        data: bytes = await self._inner.read(max_bytes, timeout)
        return data

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(self, *args: Any, **options: Any) -> "_OneWriteStream":
        return _OneWriteStream(await start_tls(self._inner, *args, **options))

    def get_extra_info(self, info: str) -> Any:
        return self._is_readable() if info == "is_readable" else self._inner.get_extra_info(info)

    def _is_readable(self) -> bool:
        """Asked before each request: there is something to read, which is the end of the stream or no response."""
        if self._readable is None:
            self._readable = readable(self._inner.get_extra_info("socket"))
        return self._readable()
