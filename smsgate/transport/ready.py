"""httpx's transport with one connection, which can be opened before there is a request for it.

Neither httpx nor httpcore opens a connection without a request. httpcore takes its streams from a network backend, so
one that is opened here is what its first request gets.
"""

import ssl
from typing import Any, Final, cast

import httpcore
import httpx

__all__ = ["ReadyTransport"]

_TICKET_SECONDS: Final = 0.2
"""How long the tickets of TLS are waited for: vendors send them with the end of the handshake."""
_CHECK_SECONDS: Final = 0.02
"""How long something that is there to be read may take to be read."""


class ReadyTransport(httpx.AsyncHTTPTransport):
    """One connection. *ssl_context*: None for plain HTTP."""

    def __init__(self, ssl_context: ssl.SSLContext | None, keepalive_expiry: float) -> None:
        # Without a context for plain HTTP, httpx would read the certificates for each connection.
        context = ssl_context or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        super().__init__(verify=context, trust_env=False)
        self._ssl_context = context
        self._backend = _Backend()
        # If the attribute is no longer there, each connection is opened by its first request.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=1,
            max_keepalive_connections=1,
            keepalive_expiry=keepalive_expiry,
            network_backend=self._backend,
        )

    async def open(self, url: str, timeout: float) -> None:
        """Connect to the host of *url*. Each step may take *timeout* seconds. Raises what httpcore raises."""
        address = httpx.URL(url)
        host, is_secure = address.raw_host.decode("ascii"), address.scheme == "https"
        stream = await self._backend.connect_tcp(host, address.port or (443 if is_secure else 80), timeout=timeout)
        if is_secure:
            self._ssl_context.set_alpn_protocols(["http/1.1"])
            stream = await stream.start_tls(self._ssl_context, server_hostname=host, timeout=timeout)
        self._backend.ready = _Opened(stream)
        if is_secure:
            await self._backend.ready.is_quiet(_TICKET_SECONDS)  # takes the tickets, if there are any

    async def aclose(self) -> None:
        """Close the connection, used or not."""
        await self._backend.drop()
        await super().aclose()


class _Opened(httpcore.AsyncNetworkStream):
    """A stream that is open and, if it is to be, secure. Its first user takes it for one that was just connected."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner

    async def start_tls(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """The stream itself: it was opened to the one address that its transport is for."""
        return self._inner

    async def is_quiet(self, seconds: float) -> bool:
        """Whether nothing comes over it for so long, and it does not end: then a request may go over it.

        After a handshake of TLS 1.3 there is something to read that is for TLS alone: tickets (RFC 8446, 4.6.1).
        """
        try:
            await self._inner.read(1, timeout=seconds)
        except httpcore.ReadTimeout:
            return True
        except httpcore.NetworkError:
            return False
        return False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._inner.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.AsyncNetworkBackend):
    """Gives away the stream that is ready, if there is one, and connects otherwise."""

    def __init__(self) -> None:
        self._inner = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())
        self.ready: _Opened | None = None

    async def connect_tcp(self, host: str, port: int, *args: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        ready, self.ready = self.ready, None
        if ready is not None:
            if not ready.get_extra_info("is_readable") or await ready.is_quiet(_CHECK_SECONDS):
                return ready
            await ready.aclose()  # the vendor has closed it meanwhile: a request over it would be of unknown outcome
        return await self._inner.connect_tcp(host, port, *args, **options)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    async def drop(self) -> None:
        """Close the stream that was not used."""
        ready, self.ready = self.ready, None
        if ready is not None:
            await ready.aclose()
