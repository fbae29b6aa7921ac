"""`smsgate.sync.Gateway`: the gateway, for code that is not async."""

import inspect
import math
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Final, Literal, Self, TypeVar, TypeVarTuple, Unpack

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar

from smsgate.model.errors import ConfigurationError
from smsgate.model.message import Message
from smsgate.model.result import Result
from smsgate.model.template import Template
from smsgate.provider.protocol import SmsProvider
from smsgate.sending.arguments import GatewayArguments
from smsgate.sending.gateway import Gateway as AsyncGateway
from smsgate.sending.ledger import Ledger
from smsgate.sending.results import Results
from smsgate.sync.portal import LOOP
from smsgate.sync.results import BlockingResults

if TYPE_CHECKING:
    from smsgate.sending.preview import Preview
    from smsgate.sending.router import ProviderHealth

__all__ = ["Gateway", "GatewayArguments", "run"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_UNLIMITED: Final[RunVar[anyio.CapacityLimiter]] = RunVar("smsgate.sync.on_result")


def run(function: Callable[[*Ts], Awaitable[T]], *args: *Ts) -> T:
    """Run `await function(*args)` where the gateways of this module run, and wait for it.

    For what has no blocking form: a method of a ledger, of a vendor's management, a `Puller`. What is read with
    `async for`, such as `ledger.unsettled()`, needs an async function of yours that loops over it. Raises what
    *function* raises, and `ConfigurationError` if called on that event loop itself, with what is no function, or with
    one whose result cannot be awaited.
    """
    given: object = function
    if inspect.iscoroutine(given):
        given.close()  # else Python warns of one that was never awaited, too
    if not callable(given):
        raise ConfigurationError("run: takes a function and its arguments: run(ledger.result, key), without calling it")
    return LOOP.call(_awaited, function, *args)


async def _awaited(function: Callable[[*Ts], Awaitable[T]], *args: *Ts) -> T:
    returned: object = function(*args)
    if not inspect.isawaitable(returned):
        kind = type(returned).__name__
        hint = "call it without run"
        if isinstance(returned, AsyncIterable):
            hint = "it is read with `async for`, so give an async function that loops over it"
        raise ConfigurationError(f"run: the function returned a {kind}, which cannot be awaited: {hint}")
    result: T = await returned
    return result


class Gateway:
    """As `smsgate.Gateway`, with methods that block. Its arguments are the same.

    All gateways of a process run on one event loop of asyncio, in a thread of its own that the first call starts, also
    in the child of a process that has used them before it forked. Make it where you like, at import time too, and call
    it from any number of threads. A plain *on_result* is called in a worker thread, so that it may block. Whatever is
    still open when the process ends is closed.

    Its methods raise what those of `smsgate.Gateway` raise, and `ConfigurationError` if called on that event loop.
    """

    def __init__(self, providers: Iterable[SmsProvider], **options: Unpack[GatewayArguments]) -> None:
        on_result = options.get("on_result")
        if callable(on_result) and not inspect.iscoroutinefunction(on_result):
            options["on_result"] = partial(_in_thread, on_result)
        self._gateway = AsyncGateway(providers, **options)
        LOOP.close_at_exit(self._gateway)

    @classmethod
    def of(cls, gateway: AsyncGateway) -> Self:
        """The blocking form of *gateway*, which nothing else uses: of the fixture `sms_outbox` in a test, say."""
        self = cls.__new__(cls)
        self._gateway = gateway
        LOOP.close_at_exit(gateway)
        return self

    def __repr__(self) -> str:
        return f"sync.{self._gateway!r}"

    def __enter__(self) -> Self:
        LOOP.call(self._gateway.__aenter__)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def send(
        self,
        message: Message,
        *,
        providers: Iterable[str | SmsProvider] | None = None,
        after: Result | None = None,
        within: float | None = None,
    ) -> Result:
        """Send one message and wait for its result. See `smsgate.Gateway.send`.

        A caller who is interrupted meanwhile, by Ctrl-C or a timeout of Celery's, loses nothing: what is in flight is
        ended and recorded.
        """
        return LOOP.call(partial(self._gateway.send, message, providers=providers, after=after, within=within))

    def send_many(
        self,
        messages: Iterable[Message],
        *,
        providers: Iterable[str | SmsProvider] | None = None,
        concurrency: int = 10,
        window: int = 5000,
        linger: float = 0.05,
        campaign: str | None = None,
    ) -> BlockingResults:
        """Send any number of messages: `for result in gateway.send_many(…)`. See `smsgate.Gateway.send_many`.

        *messages* is read in the calling thread, between two results. What has been read is sent meanwhile, also while
        the source or the reader of the results takes its time.
        """
        if not isinstance(messages, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"send_many: messages must be iterable, not a {type(messages).__name__}")

        def begin(read: AsyncIterator[Message]) -> Results:
            return self._gateway.send_many(
                read,
                providers=providers,
                concurrency=concurrency,
                window=window,
                linger=linger,
                campaign=campaign,
            )

        return BlockingResults(LOOP, messages, begin)

    def preview(
        self,
        message: Message,
        *,
        providers: Iterable[str | SmsProvider] | None = None,
        after: Result | None = None,
    ) -> "Preview":
        """What `send` would do with *message*. See `smsgate.Gateway.preview`."""
        return self._gateway.preview(message, providers=providers, after=after)

    def warm(self) -> Mapping[str, str]:
        """Do what the first send of a process takes longer for. See `smsgate.Gateway.warm`."""
        return LOOP.call(self._gateway.warm)

    def close(self, *, timeout: float = 30.0) -> None:
        """Begin nothing more, wait for what is in flight, close the connections. See `smsgate.Gateway.aclose`."""
        LOOP.call(partial(self._gateway.aclose, timeout=timeout))

    @property
    def on_loop(self) -> AsyncGateway:
        """The `smsgate.Gateway` behind it, for code that runs on its event loop (see `run`)."""
        return self._gateway

    @property
    def ledger(self) -> Ledger | None:
        """The ledger that it was given."""
        return self._gateway.ledger

    @property
    def failed_records(self) -> int:
        """How many calls of `on_result`, and of the ledger after a request, have failed. Each is in the log."""
        return self._gateway.failed_records

    def health(self) -> "dict[str, ProviderHealth]":
        """The state of each provider by its name, since when and why."""
        return LOOP.call(_as_async(self._gateway.health))

    def mark(self, name: str, state: Literal["up", "down"], *, why: str = "marked by hand") -> None:
        """Set the state of a provider by hand. See `smsgate.Gateway.mark`."""
        LOOP.call(_as_async(partial(self._gateway.mark, name, state, why=why)))

    @property
    def templates(self) -> tuple[Template, ...]:
        """The templates that it can send."""
        return self._gateway.templates

    def add_template(self, template: Template) -> None:
        """Add a template to a gateway that may be in use. See `smsgate.Gateway.add_template`."""
        self.replace_templates((*self.templates, template))

    def replace_templates(self, templates: Iterable[Template]) -> None:
        """Take *templates* in place of all that it has. See `smsgate.Gateway.replace_templates`."""
        self._gateway.replace_templates(templates)


def _as_async(function: Callable[[], T]) -> Callable[[], Awaitable[T]]:
    async def call() -> T:
        return function()

    return call


async def _in_thread(on_result: Callable[[Result], object], result: Result) -> None:
    """Call *on_result* in a worker thread, of which there are as many as are needed.

    With a limit, as many calls of `send` in an `on_result` as there are threads would wait for each other.
    """
    try:
        limiter = _UNLIMITED.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(math.inf)
        _UNLIMITED.set(limiter)
    outcome = await anyio.to_thread.run_sync(on_result, result, limiter=limiter)
    if inspect.isawaitable(outcome):
        await outcome
