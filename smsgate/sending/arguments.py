"""The keyword arguments of `Gateway` as a type, for whatever hands them on to one."""

import ssl
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, TypedDict

from smsgate.guard.quiet_hours import QuietHours
from smsgate.model.result import Result
from smsgate.model.secret import Secret
from smsgate.model.template import Template
from smsgate.observers.observer import Observer
from smsgate.routing.routes import Route
from smsgate.sending.failover import Policy
from smsgate.sending.ledger import Ledger
from smsgate.sending.rates import SharedRates
from smsgate.transport.timeouts import Timeouts

if TYPE_CHECKING:
    import httpx
    import httpx2

    from smsgate.transport.connection import Transport

__all__ = ["GatewayArguments", "SharedArguments"]


class SharedArguments(TypedDict, total=False):
    """Those that every kind of gateway has, a test's too. A test compares them with the signature of `Gateway`."""

    routes: Iterable[Route]
    policy: Policy | None
    default_region: str | None
    on_result: Callable[[Result], Awaitable[object] | object] | None
    ledger: Ledger | None
    rates: SharedRates | None
    observer: Observer | Iterable[Observer] | None
    timeouts: Timeouts | None
    ssl_context: ssl.SSLContext | None
    max_connections: int
    max_waiting: int
    keepalive_expiry: float
    tag_secret: str | Secret | None
    clock: Callable[[], float]
    allowed_regions: Iterable[str] | None
    refused_types: Iterable[str]
    quiet_hours: Iterable[QuietHours]
    coalesce: float | None
    dedupe_keys: int
    dedupe_seconds: float


class GatewayArguments(SharedArguments, total=False):
    """All keyword arguments of `Gateway`. See there."""

    templates: Iterable[Template]
    client: "httpx.AsyncClient | httpx2.AsyncClient | None"
    transport: "Transport | httpx.AsyncBaseTransport | httpx2.AsyncBaseTransport | None"
