"""The seam between smsgate and an HTTP library: this request, these deadlines, this progress, and a response or none.

`Exchange` awaits a `Connection` and knows no library. Each library is one file behind this one, which makes a
`Transport`: `httpx` (also for httpx2) and `aiohttp`.
"""

import importlib
import ssl
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final, Protocol

import attrs

from smsgate.transport.checks import check_kind, check_max_connections
from smsgate.transport.progress import Progress
from smsgate.transport.timeouts import Timeouts
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["OUR_HEADERS", "Connection", "Opener", "OutOfTime", "Transport"]

OUR_HEADERS: Final = (("Accept", "application/json"), ("Accept-Encoding", "identity"), ("User-Agent", "smsgate"))
"""Sent with every request, after the headers that an adapter has made."""


class OutOfTime(Exception):
    """The whole try took longer than it may."""


class Connection(Protocol):
    """One connection to one origin, for one request at a time; or a caller's client or transport, for all."""

    async def open(self, timeouts: Timeouts) -> None:
        """Connect, before there is a request for it. Raises anything at all if that fails."""
        ...

    async def send(self, request: HttpRequest, timeouts: Timeouts, progress: Progress, seconds: float) -> HttpResponse:
        """The response to *request*, which is never sent again once it may have left.

        Raises `OutOfTime` if there is none within *seconds*, however slowly bytes come in, and anything else at all if
        there is none for another reason: *progress* alone tells whether the request may have left.
        """
        ...

    def is_reusable(self) -> bool:
        """Whether the next request may go over it, as far as can be told after a response."""
        ...

    async def aclose(self) -> None:
        """Close it, whatever goes on over it."""
        ...


Opener = Callable[[str], Connection]
"""Makes a connection to an origin ("https://host:port"), which its first request opens."""


@attrs.frozen(kw_only=True)
class Transport(ABC):
    """An HTTP library and how to use it. It holds no connection: any number of gateways may be given the same one.

    Raises `ConfigurationError` if *max_connections* is less than 1.
    """

    ssl_context: ssl.SSLContext | None = attrs.field(default=None, repr=False)
    """For TLS; by default one that trusts the authorities of certifi. Nothing is read from the environment."""
    max_connections: int = 100
    """The most connections to each scheme, host and port, for each gateway."""

    def __attrs_post_init__(self) -> None:
        if self.ssl_context is not None:
            check_kind("ssl_context", self.ssl_context, ssl.SSLContext, "an ssl.SSLContext")
        check_max_connections(self.max_connections)

    def tls_context(self) -> ssl.SSLContext:
        """The one for TLS. Takes long if it has to be made."""
        if self.ssl_context is not None:
            return self.ssl_context
        # As httpx, which brings certifi; httpx2 and aiohttp would trust what the machine does.
        return ssl.create_default_context(cafile=importlib.import_module("certifi").where())

    @abstractmethod
    def check_loop(self) -> None:
        """Raises `ConfigurationError` if it does not run on the event loop that is running."""

    @abstractmethod
    def load(self, *, secure: bool) -> Opener:
        """Import the library, and read certificates if it is for TLS. Takes long: a gateway calls it in a thread."""
