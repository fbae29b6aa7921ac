"""A connection of httpcore that can be opened before there is a request for it.

Neither httpx nor httpcore opens a connection without a request. httpcore takes its streams from a network backend, so
one that is opened here is what its first request gets.
"""

import ssl
from typing import Any, Final

from smsgate.transport.httpcore_stream import start_tls
from smsgate.transport.readable import readable

__all__ = ["ReadyBackend"]

_TICKET_SECONDS: Final = 0.2
"""How long the tickets of TLS are waited for: vendors send them with the end of the handshake."""
_CHECK_SECONDS: Final = 0.02
"""How long something that is there to be read may take to be read."""


class ReadyBackend:
    """A network backend of *core* (httpcore, httpcore2): gives the stream that is ready, and connects otherwise."""

    def __init__(self, core: Any) -> None:
        self._core = core
        self._inner: Any = core.AnyIOBackend()
        self._ready: _Opened | None = None

    async def open(self, host: str, port: int, ssl_context: ssl.SSLContext | None, timeout: float) -> None:
        """Connect. *ssl_context*: None for plain HTTP. Each step may take *timeout* seconds."""
        stream = await self._inner.connect_tcp(host, port, timeout=timeout)
        if ssl_context is not None:
            ssl_context.set_alpn_protocols(["http/1.1"])
            stream = await start_tls(stream, ssl_context, server_hostname=host, timeout=timeout)
        self._ready = _Opened(self._core, stream)
        if ssl_context is not None:
            await self._ready.is_quiet(_TICKET_SECONDS)  # takes the tickets, if there are any

    async def connect_tcp(self, host: str, port: int, *args: Any, **options: Any) -> Any:
        ready = self._ready
        if ready is not None:  # whoever is cancelled meanwhile leaves it to `drop`
            if not readable(ready.get_extra_info("socket"))() or await ready.is_quiet(_CHECK_SECONDS):
                self._ready = None
                return ready
            await self.drop()  # the vendor has closed it meanwhile: a request over it would be of unknown outcome
        return await self._inner.connect_tcp(host, port, *args, **options)

    async def drop(self) -> None:
        """Close the stream that was not used."""
        ready, self._ready = self._ready, None
        if ready is not None:
            await ready.aclose()


class _Opened:
    """A stream that is open and, if it is to be, secure. Its first user takes it for one that was just connected."""

    def __init__(self, core: Any, inner: Any) -> None:
        self._core = core
        self._inner = inner

    async def start_tls(self, *_: Any, **__: Any) -> Any:
        """The stream itself: it was opened to the one address that its connection is for."""
        return self._inner

    async def is_quiet(self, seconds: float) -> bool:
        """Whether nothing comes over it for so long, and it does not end: then a request may go over it.

        After a handshake of TLS 1.3 there is something to read that is for TLS alone: tickets (RFC 8446, 4.6.1).
        """
        try:
            await self._inner.read(1, timeout=seconds)
        except self._core.ReadTimeout:
            return True
        except self._core.NetworkError:
            return False
        return False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data: bytes = await self._inner.read(max_bytes, timeout)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
