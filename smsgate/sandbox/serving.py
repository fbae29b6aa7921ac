"""One listening socket with an ASGI app behind it, served from a thread of its own."""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from smsgate.model.errors import ConfigurationError

__all__ = ["Serving", "listen"]

_KEEP_ALIVE: Final = 90
"""Seconds after which the vendors close an idle connection (Tencent SMS FAQ, "a long time to call the API")."""
_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER on, zero seconds: closing sends RST."""


async def _nothing() -> None:
    pass


class Serving:
    """Serves *app* on *host* and *port*, 0 for a free one, and runs *work* in the same loop meanwhile."""

    def __init__(
        self, app: Any, host: str, port: int, work: Callable[[], Coroutine[Any, Any, None]] = _nothing
    ) -> None:
        self.port: int = port
        """Once started, the real one."""
        self._app, self._host, self._work = app, host, work
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen. Raises `ConfigurationError` if the address cannot be had."""
        listener = self._listen()
        self.port = listener.getsockname()[1]
        self._server = _Server(_config(self._app), self._work)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="sandbox", daemon=True)
        self._thread.start()
        self._server.ready.wait()

    def stop(self) -> None:
        """Close the port and every connection. Does nothing if it is not running."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
        self._server = self._thread = None

    def _listen(self) -> socket.socket:
        try:
            return listen(self._host, self.port)
        except OSError as error:
            problem = f"cannot listen on {self._host} port {self.port}: {error.strerror or error}"
        raise ConfigurationError(problem)


def listen(host: str, port: int = 0) -> socket.socket:
    """A listening socket whose connections send at once. Raises `OSError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol spelled out: asyncio switches Nagle's algorithm (40 ms a response) off only then.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Connection,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
    )


class _Server(uvicorn.Server):
    """Sets an event when it listens, runs *work* meanwhile, and does not wait for slow responses when it stops."""

    def __init__(self, config: uvicorn.Config, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._work = work
        self._task: asyncio.Task[None] | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            super().run(sockets)
        finally:
            self.ready.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._task = asyncio.create_task(self._work())
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in cast("set[_Connection]", self.server_state.connections.copy()):
            connection.drop(reset=False)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await super().shutdown(sockets)


class _Connection(H11Protocol):
    """A connection that the app can end: it finds itself as `scope["state"]["connection"]`."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, {**app_state, "connection": self}, _loop)

    def drop(self, *, reset: bool) -> None:
        """End the connection without a response, with RST or with FIN."""
        if reset:
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()
