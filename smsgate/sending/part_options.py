"""What the parts of a gateway are made of, found to be right before there are any. Imports no event loop."""

import math
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.result import Result
from smsgate.model.secret import Secret
from smsgate.observers.observer import Emitter
from smsgate.sending.failover import Policy
from smsgate.sending.key_memory import KeyMemory
from smsgate.sending.ledger import ClaimsKeys, Ledger
from smsgate.sending.pacing import Pace
from smsgate.sending.preparer import Preparer
from smsgate.sending.rates import SharedRates
from smsgate.sending.router import Router
from smsgate.transport.checks import check_keepalive_expiry, check_kind, check_max_connections
from smsgate.transport.timeouts import Timeouts

if TYPE_CHECKING:
    from ssl import SSLContext

    import httpx
    import httpx2

    from smsgate.transport.connection import Transport

__all__ = ["NetworkOptions", "PartOptions", "RecordOptions"]


@attrs.frozen(eq=False, repr=False)
class NetworkOptions:
    """What the connections of a gateway are made of."""

    timeouts: Timeouts
    client: "httpx.AsyncClient | httpx2.AsyncClient | None"
    transport: "Transport | httpx.AsyncBaseTransport | httpx2.AsyncBaseTransport | None"
    ssl_context: "SSLContext | None"
    max_connections: int
    keepalive_expiry: float

    def __attrs_post_init__(self) -> None:
        check_kind("timeouts", self.timeouts, Timeouts, "a smsgate.Timeouts")
        check_max_connections(self.max_connections)
        check_keepalive_expiry(self.keepalive_expiry)

    @property
    def from_caller(self) -> bool:
        """Whether there is an object of the caller's among them, which only the exchange can check."""
        return any(each is not None for each in (self.client, self.transport, self.ssl_context))


@attrs.frozen(eq=False, repr=False)
class RecordOptions:
    """Who is told what a gateway does."""

    on_result: Callable[[Result], Awaitable[object] | object] | None
    ledger: Ledger | None
    observers: Emitter | None
    """None: the log's."""
    dedupe_keys: int
    dedupe_seconds: float

    def __attrs_post_init__(self) -> None:
        if self.on_result is not None and not callable(self.on_result):
            raise ConfigurationError("on_result: must be callable with a Result")
        if self.ledger is not None and not isinstance(self.ledger, Ledger):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError("ledger: must have the methods leaving and left (see smsgate.Ledger)")
        most, seconds = self.dedupe_keys, self.dedupe_seconds
        if not isinstance(most, int) or most < 0:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError("dedupe_keys: must be a number of keys, 0 or more")
        if not isinstance(seconds, int | float) or not 0 <= seconds < math.inf:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError("dedupe_seconds: must be seconds, 0 or more")

    def key_record(self, now: Callable[[], float]) -> ClaimsKeys | None:
        """Who remembers keys: the ledger if it does, else a memory that goes by *now*; None if nobody does."""
        ledger: object = self.ledger
        if isinstance(ledger, ClaimsKeys):
            return ledger
        most, seconds = self.dedupe_keys, self.dedupe_seconds
        return KeyMemory(most, seconds, now) if most and seconds else None


@attrs.frozen(eq=False, repr=False, kw_only=True)
class PartOptions:
    """All of it."""

    network: NetworkOptions
    records: RecordOptions
    preparer: Preparer
    router: Router
    paces: Mapping[str, Pace | None]
    rates: SharedRates | None
    policy: Policy
    max_waiting: int
    coalesce: float | None
    tag_secret: Secret | None
    clock: Callable[[], float]

    def __attrs_post_init__(self) -> None:
        if self.tag_secret is not None:
            self.tag_secret.require("tag_secret")
        if self.rates is not None and not isinstance(self.rates, SharedRates):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError("rates: must have the method book (see smsgate.SharedRates)")
        most, window = self.max_waiting, self.coalesce
        if not isinstance(most, int) or most < 0:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError("max_waiting: must be a whole number, 0 or more")
        if window is not None and (not isinstance(window, int | float) or not 0 <= window < math.inf):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError("coalesce: must be seconds, 0 or more, or None for a request for each message")
