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
from smsgate.model.suggestion import did_you_mean
from smsgate.model.template import Template
from smsgate.provider.protocol import SmsProvider
from smsgate.sending.bulk import BulkSend
from smsgate.sending.dispatcher import Dispatch, Dispatcher
from smsgate.sending.failover import Policy
from smsgate.sending.ledger import Ledger
from smsgate.sending.numbering import NumberingLoader
from smsgate.sending.outgoing import Preparer, refusal
from smsgate.sending.preview import Preview, preview
from smsgate.sending.recording import Recorder
from smsgate.sending.resolve import Problem
from smsgate.sending.results import Results
from smsgate.transport.exchange import Exchange
from smsgate.transport.loop import BackgroundTasks
from smsgate.transport.timeouts import Timeouts

if TYPE_CHECKING:
    import httpx
    import httpx2

    from smsgate.transport.connection import Transport

__all__ = ["Gateway"]


class Gateway:
    """Sends messages through the first provider that takes them, and never through two by accident.

    *providers* are tried in their order. *templates*: the texts it can send. *policy*: what happens when a provider
    does not accept. *default_region*: the ISO 3166 code ("CN") for numbers written without a country code.
    *on_result*: a plain or async callable that is called with every final `Result` exactly once, also when the caller
    of `send` was cancelled. *ledger*: a record that is written before the first byte of each request may leave, and
    after it (see `Ledger`). *timeouts*: how long a try may take. *transport*: one of `smsgate.transport`, for its
    own connections over another HTTP library. *client* or *transport* of httpx or httpx2: used in place of its own
    connections; it stays yours to close. *ssl_context*: for its own connections, in place of certifi's certificates.
    *max_connections*: to one vendor address. *keepalive_expiry*: seconds until an idle
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
        ledger: Ledger | None = None,
        timeouts: Timeouts | None = None,
        client: "httpx.AsyncClient | httpx2.AsyncClient | None" = None,
        transport: "Transport | httpx.AsyncBaseTransport | httpx2.AsyncBaseTransport | None" = None,
        ssl_context: ssl.SSLContext | None = None,
        max_connections: int = 100,
        keepalive_expiry: float = 45.0,
        tag_secret: str | Secret | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._providers: dict[str, SmsProvider] = {}  # for the repr, should something below raise
        # Rebound before anything is checked, so that no traceback's locals hold the raw value.
        tag_secret = None if tag_secret is None else Secret.wrap(tag_secret)
        if tag_secret is not None:
            tag_secret.require("tag_secret")
        self._providers = _by_name(providers)
        self._preparer = self._make_preparer(templates, default_region)
        self._numbering = NumberingLoader(default_region)
        if on_result is not None and not callable(on_result):
            raise ConfigurationError("on_result: must be callable with a Result")
        if ledger is not None and not isinstance(ledger, Ledger):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError("ledger: must have the methods leaving and left (see smsgate.Ledger)")
        self._exchange = Exchange(
            timeouts=timeouts or Timeouts(),
            transport=transport,
            client=client,
            ssl_context=ssl_context,
            max_connections=max_connections,
            keepalive_expiry=keepalive_expiry,
        )
        self._tasks = self._make_tasks()
        self._dispatcher = Dispatcher(
            self._exchange,
            self._tasks,
            recorder=Recorder(self._tasks, on_result, ledger),
            policy=policy or Policy(),
            clock=clock,
            tag_secret=tag_secret,
            sleep=_sleep_of(transport or client),
        )

    def __repr__(self) -> str:
        return f"Gateway({', '.join(self._providers)})"

    async def __aenter__(self) -> Self:
        self._check_open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    @property
    def failed_records(self) -> int:
        """How many calls of `on_result`, and of the ledger after a request, have failed. Each is in the log."""
        return self._dispatcher.recorder.failures

    async def aclose(self, *, timeout: float = 30.0) -> None:
        """Begin nothing more, wait up to *timeout* seconds for what is in flight, then close the connections.

        No retry and no next provider is begun either. What is still in flight by then is recorded as `UNKNOWN`; records
        that are then being written have five seconds more. Call it from any task of the gateway's event loop, and
        as often as you like. Raises `WrongLoopError` on another loop, where it closes nothing.
        """
        self._bind()
        self._dispatcher.stop()
        try:
            await self._tasks.drain(timeout)
        finally:
            with anyio.CancelScope(shield=True):
                await self._exchange.aclose()

    async def send(self, message: Message, *, providers: Iterable[str | SmsProvider] | None = None) -> Result:
        """Send one message and return its result. A refusal is a value: see `Result.raise_for_outcome()`.

        *providers* narrows or reorders the gateway's providers for this message, by name or as objects.

        Raises `MessageError` if no provider can take the message (nothing was sent; the error says why, for each),
        and `ConfigurationError` if the gateway is closed, on another loop, or does not have such a provider.
        """
        self._use()
        chosen = self._chosen(providers)
        if self._numbering.is_needed_for(message):
            await self._load_numbering(message, chosen)
        outgoing = self._preparer.prepare(message, chosen)
        if isinstance(outgoing, Problem):
            result = refusal(message, outgoing)
            await self._tasks.start(partial(self._dispatcher.recorder.record, result)).done.wait()
            error = InvalidNumberError if outgoing.reason is Reason.INVALID_NUMBER else MessageError
            raise error(f"{outgoing.text}. Nothing was sent to {message.to.masked}.", result=result)
        dispatch = Dispatch([outgoing])
        try:
            await self._tasks.start(partial(self._send_to_the_end, dispatch)).done.wait()
        finally:
            dispatch.cancel()
        return outgoing.result or outgoing.conclude()

    def preview(self, message: Message, *, providers: Iterable[str | SmsProvider] | None = None) -> Preview:
        """What `send` would do with *message*: who would be tried in which order, and why not; the text; the segments.

        Nothing is sent, recorded or awaited, and no event loop is needed; it works also on a gateway that is closed.
        What is wrong with the message is in the preview. Raises `MessageError` only for what is no `Message`, and
        `ConfigurationError` if the gateway does not have such a provider.
        """
        return preview(message, self._preparer, self._chosen(providers))

    @property
    def templates(self) -> tuple[Template, ...]:
        """The templates that it can send."""
        return self._preparer.templates

    def add_template(self, template: Template) -> None:
        """Add a template to a gateway that may be in use.

        Raises `ConfigurationError` if it has one of that name, or none of its providers can send it.
        """
        self._preparer.replace_templates((*self.templates, template))

    def replace_templates(self, templates: Iterable[Template]) -> None:
        """Take *templates* in place of all that the gateway has, from the next message on. All are checked before.

        A message that was given to `send` before, or read by `send_many`, goes on with the template that it began with,
        also to the next provider. Call it from the gateway's event loop or from any thread. Raises `ConfigurationError`
        as the constructor does, and then changes nothing.
        """
        self._preparer.replace_templates(templates)

    def send_many(
        self,
        messages: Iterable[Message] | AsyncIterable[Message],
        *,
        providers: Iterable[str | SmsProvider] | None = None,
        concurrency: int = 10,
        window: int = 5000,
        linger: float = 0.05,
    ) -> Results:
        """Send any number of messages: `async for result in gateway.send_many(…)` yields one result for each, as known.

        Messages that may share a request are sent as one batch; none waits longer than *linger* seconds for
        others to fill its request. At most *concurrency* requests are in flight (and no more than the gateway has
        connections), and at most *window* messages are in memory. A message that cannot be sent is a result too, and
        fails alone. Break out of the loop, leave `async with gateway.send_many(…) as results`, or close the gateway,
        and nothing more is begun: what was read and not sent is recorded as `NOT_SENT`.

        Raises `ConfigurationError` as `send` does. At its end the iteration raises what *messages* itself raised, a
        `MessageError` if it held something that is no `Message`, or `ClosedError` if the gateway was closed before
        every message was sent.
        """
        self._use()
        bulk = BulkSend(
            messages,
            self._chosen(providers),
            self._preparer,
            self._numbering,
            self._dispatcher,
            concurrency=min(concurrency, self._exchange.max_connections or concurrency),
            window=window,
            linger=linger,
        )
        bulk.begin()
        return Results(bulk, self._tasks)

    async def _load_numbering(self, message: Message, providers: Sequence[SmsProvider]) -> None:
        try:
            await self._numbering.load()
        except anyio.get_cancelled_exc_class():  # the message has a result all the same, as at any later moment
            prepared = self._preparer.prepare(message, providers)
            result = refusal(message, prepared) if isinstance(prepared, Problem) else prepared.conclude()
            self._tasks.start(partial(self._dispatcher.recorder.record, result))
            raise
        self._use()  # it may have been closed meanwhile

    async def _send_to_the_end(self, dispatch: Dispatch) -> None:
        """One request after another, until the message has its result."""
        while await self._dispatcher.run(dispatch):
            pass

    def _make_tasks(self) -> BackgroundTasks:
        return BackgroundTasks()

    def _make_preparer(self, templates: Iterable[Template], default_region: str | None) -> Preparer:
        return Preparer(templates, self._providers, default_region)

    def _use(self) -> None:
        self._check_open()
        self._bind()

    def _check_open(self) -> None:
        if self._tasks.is_closed():
            raise ClosedError("this Gateway has been closed: make a new one")

    def _bind(self) -> None:
        self._tasks.bind(self._exchange.bind)

    def _chosen(self, providers: Iterable[str | SmsProvider] | None) -> Sequence[SmsProvider]:
        if providers is None:
            return list(self._providers.values())
        names = [] if isinstance(providers, str) else [str(getattr(each, "name", each)) for each in providers]
        unknown = [safe_text(name) for name in names if name not in self._providers]
        if unknown or not names:
            wrong = f"does not have {', '.join(unknown)}" if unknown else "needs a list of at least one"
            hint = "".join(did_you_mean(name, self._providers) for name in unknown[:1])
            raise ConfigurationError(f"providers: this Gateway {wrong}; it has {', '.join(self._providers)}{hint}")
        return [self._providers[name] for name in dict.fromkeys(names)]


def _sleep_of(network: object) -> Callable[[float], Awaitable[None]]:
    """How to pause. A simulated network may have a time of its own, so that no test waits for the pauses of a retry."""
    inner = getattr(network, "_transport", network)  # a client's: httpx has no public name for it
    sleep: Callable[[float], Awaitable[None]] = getattr(inner, "simulated_sleep", anyio.sleep)
    return sleep


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
