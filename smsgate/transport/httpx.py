"""httpx, which a gateway uses if it is given nothing else, and httpx2: one interface, two libraries."""

import importlib
from functools import partial
from typing import ClassVar

import attrs

from smsgate.transport.connection import Opener, Transport

__all__ = ["Httpx2Transport", "HttpxTransport"]


@attrs.frozen(kw_only=True)
class HttpxTransport(Transport):
    """httpx: what a gateway uses if it is given nothing else. On asyncio and trio."""

    _names: ClassVar[tuple[str, str]] = ("httpx", "httpcore")

    def check_loop(self) -> None:
        """It runs on both event loops."""

    def load(self, *, secure: bool) -> Opener:
        """See `Transport.load`."""
        from smsgate.transport.core_connection import CoreConnection

        library, core = self._names
        context = self.tls_context() if secure else None
        return partial(CoreConnection, library, importlib.import_module(core), context)


@attrs.frozen(kw_only=True)
class Httpx2Transport(HttpxTransport):
    """httpx2 (`pip install smsgate[httpx2]`), the maintained successor of httpx. On asyncio and trio."""

    _names: ClassVar[tuple[str, str]] = ("httpx2", "httpcore2")
