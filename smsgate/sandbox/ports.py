"""Ports that belong to one vendor each: a vendor can be down, and refuse connections, while the others work."""

import threading
import time
from collections.abc import Callable, Mapping

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox.app import create_vendor_app
from smsgate.sandbox.core import SIMULATORS
from smsgate.sandbox.sandbox import Sandbox
from smsgate.sandbox.serving import Serving

__all__ = ["VendorPorts"]


class VendorPorts:
    """The ports of single vendors. *ports*: by interface, 0 for a free one; raises `ConfigurationError` for others."""

    def __init__(
        self, sandbox: Sandbox, host: str, ports: Mapping[str, int], *, clock: Callable[[], float] = time.time
    ) -> None:
        known = [simulator.name for simulator in SIMULATORS]
        for name in ports:
            if name not in known:
                raise ConfigurationError(f"port for {name!r}: no such vendor; known are {', '.join(known)}")
        self._sandbox, self._host, self._clock = sandbox, host, clock
        self._ports = dict(ports)
        self._main_url = ""
        self._open: dict[str, Serving] = {}
        self._lock = threading.Lock()

    @property
    def numbers(self) -> Mapping[str, int]:
        """The port of each interface; once they are open, the real ones."""
        return self._ports

    @property
    def closed(self) -> tuple[str, ...]:
        """The interfaces whose ports refuse connections."""
        return tuple(name for name in self._ports if name not in self._open)

    def start(self, main_url: str) -> None:
        """Open all. *main_url*: the address of everything else. Raises `ConfigurationError` if one cannot be had."""
        self._main_url = main_url
        self.open()

    def stop(self) -> None:
        """Close all."""
        for name in tuple(self._open):
            self.close(name)

    def has(self, interface: str) -> bool:
        """Whether *interface* has a port of its own."""
        return interface in self._ports

    def close(self, interface: str) -> None:
        """Let its connections be refused, and end those that there are."""
        with self._lock:
            serving = self._open.pop(interface, None)
            if serving is not None:
                serving.stop()

    def open(self, interface: str | None = None) -> None:
        """Listen again, on that port or on all."""
        with self._lock:
            for name in self._ports if interface is None else (interface,):
                if name in self._ports and name not in self._open:
                    app = create_vendor_app(self._sandbox, name, self._main_url, clock=self._clock)
                    serving = Serving(app, self._host, self._ports[name])
                    serving.start()
                    self._ports[name] = serving.port
                    self._open[name] = serving
