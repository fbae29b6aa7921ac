"""The sandbox behind a real socket: one server, one port, every vendor; and ports for single vendors beside it."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType, TracebackType
from typing import Final, Self

import anyio.to_thread

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox.app import create_app
from smsgate.sandbox.ports import VendorPorts
from smsgate.sandbox.push_sender import PushSender, check_callbacks
from smsgate.sandbox.sandbox import Sandbox
from smsgate.sandbox.serving import Serving, listen
from smsgate.sandbox.state.addresses import is_loopback

__all__ = ["SandboxServer", "listen"]

logger: Final = logging.getLogger("smsgate")
_EVERY_ADDRESS: Final = ("0.0.0.0", "::")  # noqa: S104  # what they mean, not a socket


class SandboxServer:
    """Serves a `Sandbox` from a thread of its own, so that it works beside any event loop and without one.

    It also pushes what its vendors have to report: see `PushSettings`, and `Sandbox.pushes` for the answers.

    *host*: loopback unless you say otherwise, and then a warning is logged. *port*: 0 for a free one. Use it as a
    context manager, plain or async, or with `start()` and `stop()`. A server that was stopped refuses connections and
    can be started again on the same port. *port_for*: further ports, by the name of the interface ("tencent-v5") that
    has one for itself, so that its connections can be refused while the others work. Raises `ConfigurationError` for
    an unknown name. *allow_hosts*: names by which browsers and programs may reach the inbox page and the sandbox's own
    calls, beside those of loopback and *host*; the vendors' paths take any.
    """

    def __init__(
        self,
        sandbox: Sandbox | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], float] = time.time,
        port_for: Mapping[str, int] = MappingProxyType({}),
        allow_hosts: Iterable[str] = (),
    ) -> None:
        self.sandbox: Sandbox = sandbox or Sandbox()
        self.host = host
        self.port: int = port
        """The port; once started, the real one."""
        self._clock = clock
        self._allow_hosts = (*allow_hosts, *(() if host in _EVERY_ADDRESS else (host,)))
        self._serving: Serving | None = None
        self._sender: PushSender | None = None
        self._ports = VendorPorts(self.sandbox, host, port_for, clock=clock)

    @property
    def url(self) -> str:
        """The base URL of every vendor, and the address of the inbox page."""
        return self._url(self.port)

    @property
    def urls(self) -> dict[str, str]:
        """The base URL of each interface that has a port of its own."""
        return {name: self._url(port) for name, port in self._ports.numbers.items()}

    def now(self) -> float:
        """The time of the simulated vendors, Unix seconds."""
        return self._clock()

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can connect."""
        return is_loopback(self.host)

    @property
    def next_push_at(self) -> float | None:
        """When the next push is due (Unix seconds): now if one is under way, None if none comes or it is stopped."""
        if self._serving is None:
            return None
        return self.sandbox.next_push_at if self._sender is None else self._sender.next_at()

    def start(self) -> Self:
        """Listen and push. Raises `ConfigurationError` if the address cannot be had, or a callback is elsewhere."""
        if self._serving is not None:
            return self
        check_callbacks(self.sandbox.push_settings)
        app = create_app(self.sandbox, clock=self._clock, allowed_hosts=self._allow_hosts)
        serving = Serving(app, self.host, self.port, self._push)
        serving.start()
        self._serving, self.port = serving, serving.port
        if not self.is_loopback:
            logger.warning("the sandbox listens on %s: its keys are public and anyone can read its messages", self.host)
        self._start_ports()
        return self

    def stop(self) -> None:
        """Close the ports and every connection. Does nothing if it is not running."""
        if self.sandbox.ports is self._ports:
            self.sandbox.ports = None
        self._ports.stop()
        if self._serving is not None:
            self._serving.stop()
        self._serving = self._sender = None

    async def _push(self) -> None:
        self._sender = PushSender(self.sandbox, self._clock)
        await self._sender.run()

    def _start_ports(self) -> None:
        try:
            self._ports.start(self.url)
        except ConfigurationError:
            self.stop()
            raise
        if self._ports.numbers:
            self.sandbox.ports = self._ports

    def _url(self, port: int) -> str:
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{port}"

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
