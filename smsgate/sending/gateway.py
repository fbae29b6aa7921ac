"""The gateway: providers, templates and a policy. It knows the `SmsProvider` protocol, and no vendor."""

import ssl
import time
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

import anyio

from smsgate.model.errors import ClosedError, ConfigurationError, InvalidNumberError, MessageError
from smsgate.model.masking import safe_text
from smsgate.model.message import Message, Result
from smsgate.model.reason import Reason
from smsgate.model.secret import Secret
from smsgate.model.template import Template
from smsgate.provider.protocol import SmsProvider
from smsgate.sending.bulk import Campaign, Results
from smsgate.sending.dispatcher import Courier, Flight
from smsgate.sending.failover import Policy
from smsgate.sending.outgoing import Journey, refusal
from smsgate.sending.resolve import Problem, resolve
from smsgate.transport.exchange import Exchange, Timeouts
from smsgate.transport.loop import Task, TaskKeeper

if TYPE_CHECKING:
    import httpx

__all__ = ["Gateway"]


class Gateway:
    """Sends messages through the first provider that takes them, and never through two by accident.

    *providers* are asked in their order. *templates*: the texts it can send. *policy*: what happens when a provider
    does not accept. *default_region*: the ISO 3166 code ("CN") for numbers written without a country code.
    *on_result*: a plain or async callable that is handed every final `Result` exactly once, also when the caller of
    `send` has gone. *timeouts*: how long a try may take. *client* or *transport*: an httpx client or transport to use
    in place of its own connections; it stays yours to close. *ssl_context*: for its own connections, in place of
    certifi's certificates. *max_connections*: to one vendor address. *keepalive_expiry*: seconds until an idle
    connection is closed, below the 90 after which networks drop it (Tencent SMS FAQ, "Others"). *tag_secret*: proves
    that a delivery report speaks of something this gateway sent (see `smsgate.tags`). *clock*: Unix time.

    Make it where you like, at import time too; use it entered or not; close it from any task. It belongs to the event
    loop that first uses it. Raises `ConfigurationError` for a set-up that cannot work.
    """

    def __init__(
        self,
        providers: Iterable[SmsProvider],
        *,
        templates: Iterable[Template] = (),
        policy: Policy | None = None,
        default_region: str | None = None,
        on_result: Callable[[Result], Awaitable[object] | object] | None = None,
        timeouts: Timeouts | None = None,
        client: "httpx.AsyncClient | None" = None,
        transport: "httpx.AsyncBaseTransport | None" = None,
        ssl_context: ssl.SSLContext | None = None,
        max_connections: int = 100,
        keepalive_expiry: float = 45.0,
        tag_secret: str | Secret | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._providers: dict[str, SmsProvider] = {}  # for the repr, should something below raise
        tag_secret = None if tag_secret is None else Secret.wrap(tag_secret)
        if tag_secret is not None:
            tag_secret.require("tag_secret")
        self._providers = _by_name(providers)
        self._templates = _templates_by_name(templates)
        self._default_region = _checked_region(default_region)
        if on_result is not None and not callable(on_result):
            raise ConfigurationError("on_result: must be callable with a Result")
        self._exchange = Exchange(
            timeouts=timeouts or Timeouts(),
            transport=transport,
            client=client,
            ssl_context=ssl_context,
            max_connections=max_connections,
            keepalive_expiry=keepalive_expiry,
        )
        self._courier = Courier(self._exchange, policy or Policy(), clock, on_result, tag_secret)
        self._tasks = TaskKeeper()
        self._closed = False

    def __repr__(self) -> str:
        return f"Gateway({', '.join(self._providers)})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self, *, timeout: float = 30.0) -> None:
        """Begin nothing more, wait up to *timeout* seconds for what is on its way, then close the connections.

        What is still on the wire by then is recorded as `UNKNOWN`. Call it from any task, and as often as you like.
        """
        self._closed = True
        self._bind()
        try:
            await self._tasks.drain(timeout)
        finally:
            with anyio.CancelScope(shield=True):
                await self._exchange.aclose()

    async def send(self, message: Message, *, providers: Iterable[str | SmsProvider] | None = None) -> Result:
        """Send one message and tell what became of it. A refusal is a value: see `Result.raise_for_outcome()`.

        *providers* narrows or reorders the gateway's providers for this message, by name or as objects.

        Raises `MessageError` if no provider can take the message (nothing was sent; the error says why, for each),
        and `ConfigurationError` if the gateway is closed, on another loop, or does not have such a provider.
        """
        self._use()
        journey = self._depart(message, self._chosen(providers))
        if isinstance(journey, Problem):
            result = refusal(message, journey)
            await self._tasks.start(lambda: self._courier.record(result)).done.wait()
            error = InvalidNumberError if journey.reason is Reason.INVALID_NUMBER else MessageError
            raise error(f"{journey.text}. Nothing was sent to {message.to.masked}.", result=result)
        flight = Flight([journey])
        try:
            await self._fly(flight).done.wait()
        finally:
            flight.abandoned = True
        return journey.result or journey.conclude()

    def send_many(
        self,
        messages: Iterable[Message] | AsyncIterable[Message],
        *,
        providers: Iterable[str | SmsProvider] | None = None,
        concurrency: int = 10,
        window: int = 5000,
    ) -> Results:
        """Send any number of messages: `async for result in gateway.send_many(…)` yields one result for each, as known.

        Messages that may share a request travel together. At most *concurrency* requests are on the wire and at most
        *window* messages are in memory. A message that cannot be sent is a result too, and fails alone. Leave the loop
        early, or close the gateway, and nothing more is begun; what was read and not sent is recorded as `NOT_SENT`.

        Raises `ConfigurationError` as `send` does. At its end the iteration raises what *messages* itself raised, or
        `ClosedError` if the gateway was closed before every message was sent.
        """
        self._use()
        chosen = self._chosen(providers)
        campaign = Campaign(
            messages,
            depart=lambda message: self._depart(message, chosen),
            fly=self._fly,
            start=partial(self._tasks.start, until_close=True),
            record=self._courier.record,
            give_up=self._courier.give_up,
            concurrency=concurrency,
            window=window,
        )
        campaign.begin()
        return Results(campaign, self._tasks.is_here)

    def _use(self) -> None:
        if self._closed:
            raise ClosedError("this Gateway has been closed: make a new one")
        self._bind()

    def _bind(self) -> None:
        if self._tasks.bind():
            self._exchange.drop_inherited()

    def _chosen(self, providers: Iterable[str | SmsProvider] | None) -> Sequence[SmsProvider]:
        if providers is None:
            return list(self._providers.values())
        names = [] if isinstance(providers, str) else [str(getattr(each, "name", each)) for each in providers]
        unknown = [safe_text(name) for name in names if name not in self._providers]
        if unknown or not names:
            wrong = f"does not have {', '.join(unknown)}" if unknown else "needs a list of at least one"
            raise ConfigurationError(f"providers: this Gateway {wrong}; it has {', '.join(self._providers)}")
        return [self._providers[name] for name in dict.fromkeys(names)]

    def _depart(self, message: Message, providers: Sequence[SmsProvider]) -> Journey | Problem:
        if not isinstance(message, Message):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise MessageError(f"message: must be a Message, not {type(message).__name__}. Nothing was sent.")
        resolved = resolve(message, self._templates, self._default_region)
        if isinstance(resolved, Problem):
            return resolved
        journey = Journey(message, resolved, list(providers))
        problems = journey.depart()
        return journey if problems is None else Problem(Reason.INVALID_REQUEST, f"no provider can take it: {problems}")

    def _fly(self, flight: Flight, on_done: Callable[[], None] | None = None) -> Task:
        return self._tasks.start(lambda: self._courier.carry(flight), on_done)


def _by_name(providers: Iterable[SmsProvider]) -> dict[str, SmsProvider]:
    found: dict[str, SmsProvider] = {}
    if not isinstance(providers, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(f"providers: must be a list of providers, not {type(providers).__name__}")
    for provider in providers:
        if isinstance(provider, type) or not isinstance(provider, SmsProvider):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"providers: {type(provider).__name__} is not an SmsProvider")
        if provider.name in found:
            raise ConfigurationError(f"providers: two are named {provider.name!r}; give one another name=")
        if provider.batch_limit < 1:
            raise ConfigurationError(f"providers: the batch_limit of {provider.name!r} must be at least 1")
        found[provider.name] = provider
    if not found:
        raise ConfigurationError("providers: a Gateway needs at least one")
    return found


def _templates_by_name(templates: Iterable[Template]) -> dict[str, Template]:
    found: dict[str, Template] = {}
    if not isinstance(templates, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(f"templates: must be a list of templates, not {type(templates).__name__}")
    for template in templates:
        if not isinstance(template, Template):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"templates: {type(template).__name__} is not a Template")
        if template.name in found:
            raise ConfigurationError(f"templates: two are named {template.name!r}")
        found[template.name] = template
    return found


def _checked_region(region: str | None) -> str | None:
    if region is None:
        return None
    import phonenumbers  # only those who send to national numbers pay for its metadata

    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise ConfigurationError(f"default_region: {region!r} is not a region; use an ISO 3166 code such as 'CN'")
    return region
