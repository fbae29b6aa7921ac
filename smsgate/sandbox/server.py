"""The sandbox behind a real socket: one server, one port, every vendor."""

import asyncio
import logging
import socket
import struct
import threading
import time
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Final, Self, cast

import anyio.to_thread
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox.app import create_app
from smsgate.sandbox.push_sender import PushSender, check_callbacks, is_loopback
from smsgate.sandbox.sandbox import Sandbox

__all__ = ["SandboxServer", "listen"]

logger: Final = logging.getLogger("smsgate")

_KEEP_ALIVE: Final = 90
"""Seconds after which the vendors close an idle connection (Tencent SMS FAQ, "a long time to call the API")."""
_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER on, zero seconds: closing sends RST."""


class SandboxServer:
    """Serves a `Sandbox` from a thread of its own, so that it works beside any event loop and without one.

    It also pushes what its vendors have to report: see `PushSettings`, and `Sandbox.pushes` for the answers.

    *host*: loopback unless you say otherwise, and then a warning is logged. *port*: 0 for a free one. Use it as a
    context manager, plain or async, or with `start()` and `stop()`. A server that was stopped refuses connections and
    can be started again on the same port.
    """

    def __init__(
        self,
        sandbox: Sandbox | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.sandbox: Sandbox = sandbox or Sandbox()
        self.host = host
        self.port: int = port
        """The port; once started, the real one."""
        self._clock = clock
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The base URL of every vendor, and the address of the inbox page."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can connect."""
        return is_loopback(self.host)

    def start(self) -> Self:
        """Listen and push. Raises `ConfigurationError` if the address cannot be had, or a callback is elsewhere."""
        if self._thread is not None:
            return self
        check_callbacks(self.sandbox.push_settings)
        listener = self._listen()
        self.port = listener.getsockname()[1]
        if not self.is_loopback:
            logger.warning("the sandbox listens on %s: its keys are public and anyone can read its messages", self.host)
        app = create_app(self.sandbox, clock=self._clock)
        self._server = _Server(_config(app), lambda: PushSender(self.sandbox, self._clock).run())
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="sandbox", daemon=True)
        self._thread.start()
        self._server.ready.wait()
        return self

    def stop(self) -> None:
        """Close the port and every connection. Does nothing if it is not running."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return await anyio.to_thread.run_sync(self.start)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self.stop)

    def _listen(self) -> socket.socket:
        try:
            return listen(self.host, self.port)
        except OSError as error:
            problem = f"cannot listen on {self.host} port {self.port}: {error.strerror or error}"
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
