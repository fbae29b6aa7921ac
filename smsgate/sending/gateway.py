"""The gateway: providers, templates and a policy. It knows the `SmsProvider` protocol, and no vendor."""

import math
import time
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Final

from smsgate.guard.deadline import expiring, read_clock
from smsgate.guard.guard import Guard
from smsgate.model.errors import InvalidNumberError, MessageError
from smsgate.model.message import Message
from smsgate.model.reason import Reason
from smsgate.model.result import Result
from smsgate.model.secret import Secret
from smsgate.model.template import Template
from smsgate.observers.observer import Emitter, Observer
from smsgate.provider.protocol import SmsProvider
from smsgate.routing.routes import Route
from smsgate.sending.administration import Administration
from smsgate.sending.dispatch import Dispatch
from smsgate.sending.failover import Policy
from smsgate.sending.ledger import Ledger
from smsgate.sending.outgoing import refusal
from smsgate.sending.pacing import pace_of
from smsgate.sending.part_options import NetworkOptions, PartOptions, RecordOptions
from smsgate.sending.preparer import Preparer
from smsgate.sending.preparing import Preparing, PreparingWithKey
from smsgate.sending.rates import SharedRates
from smsgate.sending.resolve import KnownTexts, Problem
from smsgate.sending.router import ProviderChoice, Router
from smsgate.sending.setup import choice_of, is_simulated, providers_by_name
from smsgate.transport.checks import check_callable, check_kind
from smsgate.transport.timeouts import Timeouts

if TYPE_CHECKING:
    from ssl import SSLContext

    import httpx
    import httpx2

    from smsgate.guard.quiet_hours import QuietHours
    from smsgate.sending.preview import Preview
    from smsgate.sending.results import Results
    from smsgate.transport.connection import Transport

__all__ = ["Gateway"]

_LEAST_RESERVE: Final = 100
"""How many requests may be repeated at once, whatever the retry budget: no small program is ever denied one."""


class Gateway(Administration):
    """Sends messages through the first provider that takes them, and never through two by accident.

    *providers* are tried in their order, or in that of the first of *routes* that fits a message; one that is down
    is tried last (see `Health`). *templates*: the texts it can send. *policy*: what happens when a provider does
    not accept. *default_region*: the ISO 3166 code ("CN") for numbers written without a country code. *on_result*:
    a plain or async callable that is called with every final `Result` exactly once, also when the caller of `send`
    was cancelled. *ledger*: a record that is written before the first byte of each request may leave, and after it
    (see `Ledger`). *rates*: where all processes share the rates of providers (see `SharedRates`); else each gateway has
    its own. *observer*: who is told what it does (see `smsgate.observers`), one or several, in place of the log's
    `LogObserver`. *timeouts*: how long a try may take. *transport*: one of `smsgate.transport`, for its own connections
    over another HTTP library. *client* or *transport* of httpx or httpx2: in place of its own connections; it stays
    yours to close. *ssl_context*: for its own connections, in place of certifi's
    certificates. *max_connections*: to one vendor address, and how many requests to one provider are in flight at
    once. *max_waiting*: how many more may wait for their turn, those of `send_many` aside. *keepalive_expiry*:
    seconds until an idle connection is closed, below the 90 after which networks drop it (Tencent SMS FAQ,
    "Others"). *tag_secret*: proves that a delivery report speaks of something this gateway sent (see
    `smsgate.tags`). *clock*: Unix time. *allowed_regions*: the ISO 3166 codes of all countries that it sends to.
    *refused_types*: types of numbers ("premium_rate", "toll_free" …) that it does not send to. *quiet_hours*: when
    it sends no messages of a kind to a country. *coalesce*: seconds that a message of `send` may wait for others,
    so that those of concurrent calls share a request as those of `send_many` do; None: each has its own at once.
    *dedupe_keys*, *dedupe_seconds*: how many keys of messages it remembers, and for how long, so that it sends none
    twice (see `Message.key`); 0: it does not. A *ledger* that claims keys remembers them in its place.

    Make it where you like, at import time too; use it entered or not; close it from any task. It belongs to the event
    loop that first uses it. Raises `ConfigurationError` for a set-up that cannot work.
    """

    def __init__(
        self,
        providers: Iterable[SmsProvider],
        *,
        templates: Iterable[Template] = (),
        routes: Iterable[Route] = (),
        policy: Policy | None = None,
        default_region: str | None = None,
        on_result: Callable[[Result], Awaitable[object] | object] | None = None,
        ledger: Ledger | None = None,
        rates: SharedRates | None = None,
        observer: Observer | Iterable[Observer] | None = None,
        timeouts: Timeouts | None = None,
        client: "httpx.AsyncClient | httpx2.AsyncClient | None" = None,
        transport: "Transport | httpx.AsyncBaseTransport | httpx2.AsyncBaseTransport | None" = None,
        ssl_context: "SSLContext | None" = None,
        max_connections: int = 100,
        max_waiting: int = 10_000,
        keepalive_expiry: float = 45.0,
        tag_secret: str | Secret | None = None,
        clock: Callable[[], float] = time.time,
        allowed_regions: Iterable[str] | None = None,
        refused_types: Iterable[str] = frozenset(),
        quiet_hours: "Iterable[QuietHours]" = (),
        coalesce: float | None = None,
        dedupe_keys: int = 10_000,
        dedupe_seconds: float = 600.0,
    ) -> None:
        self._providers: dict[str, SmsProvider] = {}  # for the repr, should something below raise
        # Rebound before anything is checked, so that no traceback's locals hold the raw value.
        tag_secret = None if tag_secret is None else Secret.wrap(tag_secret)
        self._providers = providers_by_name(providers)
        timeouts, policy = Timeouts() if timeouts is None else timeouts, Policy() if policy is None else policy
        check_kind("policy", policy, Policy, "a smsgate.Policy")
        check_callable("clock", clock)
        network = NetworkOptions(timeouts, client, transport, ssl_context, max_connections, keepalive_expiry)
        observers = None if observer is None else Emitter(observer)
        records = RecordOptions(on_result, ledger, observers, dedupe_keys, dedupe_seconds)
        guard = Guard.of(allowed_regions, refused_types, quiet_hours)
        self._any_provider = choice_of(self._providers, None, None)
        self._now = partial(read_clock, clock)
        self._preparer = self._make_preparer(templates, default_region, guard)
        reserve = max(_LEAST_RESERVE, max_connections)
        now = clock if is_simulated(clock) else time.monotonic
        self._router = Router(self._providers, routes, policy, reserve=reserve, now=now, clock=clock)
        super().__init__(
            PartOptions(
                network=network,
                records=records,
                preparer=self._preparer,
                router=self._router,
                paces={name: pace_of(provider) for name, provider in self._providers.items()},
                rates=rates,
                policy=policy,
                max_waiting=max_waiting,
                coalesce=coalesce,
                tag_secret=tag_secret,
                clock=clock,
            )
        )

    def __repr__(self) -> str:
        return f"Gateway({', '.join(self._providers)})"

    async def send(
        self,
        message: Message,
        *,
        providers: Iterable[str | SmsProvider] | None = None,
        after: Result | None = None,
        within: float | None = None,
    ) -> Result:
        """Send one message and return its result. A refusal is a value: see `Result.raise_for_outcome()`.

        *providers* narrows or reorders the gateway's providers for this message, by name or as objects. *after*: the
        result of an earlier message that this one takes the place of: its provider is asked after the others. *within*:
        seconds from now after which it is of no use, as if `Message.expires_at` were then, if that is not earlier.

        Raises `MessageError` if no provider can take the message (nothing was sent; the error says why, for each),
        `KeyConflictError` if its key belongs to another message, `KeyInProgressError` if another send with its key has
        no result in time, and `ConfigurationError` if the gateway is closed, on another loop, or does not have such
        a provider.
        """
        self._use()
        choice = self._chosen(providers, after)
        if within is not None:
            message = expiring(message, self._now(), within)
        if self._parts.numbering.is_needed_for(message):
            await self._load_numbering(message, choice)
        known = None if self._parts.coalescing is None else self._parts.coalescing.texts
        outgoing = self._preparing(choice, known)(message)
        if message.key is not None and (claiming := self._parts.claiming) is not None:
            claimed = await claiming.claim(message, outgoing, self._now)
            if isinstance(claimed, Result):
                return claimed
            outgoing = claimed
        if isinstance(outgoing, Problem):
            result = refusal(message, outgoing)
            await self._parts.tasks.start(partial(self._parts.dispatcher.recorder.record, result)).done.wait()
            if outgoing.forbidden:
                return result
            error = InvalidNumberError if outgoing.reason is Reason.INVALID_NUMBER else MessageError
            raise error(f"{outgoing.text}. Nothing was sent to {message.to.masked}.", result=result)
        if self._parts.coalescing is not None:
            return await self._parts.coalescing.send(outgoing)
        dispatch = Dispatch([outgoing])
        try:
            await self._parts.tasks.start(partial(self._send_to_the_end, dispatch), eager=True).done.wait()
        finally:
            dispatch.cancel()
        return outgoing.result or outgoing.conclude()

    def preview(
        self,
        message: Message,
        *,
        providers: Iterable[str | SmsProvider] | None = None,
        after: Result | None = None,
    ) -> "Preview":
        """What `send` would do with *message*: who would be tried in which order, and why not; the text; the segments.

        Nothing is sent, recorded or awaited, and no event loop is needed; it works also on a gateway that is closed.
        What is wrong with the message is in the preview. Raises `MessageError` only for what is no `Message`, and
        `ConfigurationError` if the gateway does not have such a provider.
        """
        from smsgate.sending.preview import preview

        explain = partial(self._router.explain, self._chosen(providers, after))
        return preview(message, self._preparer, explain, self._now)

    def send_many(
        self,
        messages: Iterable[Message] | AsyncIterable[Message],
        *,
        providers: Iterable[str | SmsProvider] | None = None,
        concurrency: int = 10,
        window: int = 5000,
        linger: float = 0.05,
        campaign: str | None = None,
    ) -> "Results":
        """Send any number of messages: `async for result in gateway.send_many(…)` yields one result for each, as known.

        Messages that may share a request are sent as one batch; none waits longer than *linger* seconds for
        others to fill its request. At most *concurrency* requests are in flight (and no more than the gateway has
        connections), and at most *window* messages are in memory. A message that cannot be sent is a result too, and
        fails alone. Break out of the loop, leave `async with gateway.send_many(…) as results`, or close the gateway,
        and nothing more is begun: what was read and not sent is recorded as `NOT_SENT`.

        *campaign*: a name under which the ledger counts these messages. Each needs a key then, and the same source
        again sends what has not been sent, also after this process has died.

        Raises `ConfigurationError` as `send` does, and for a *campaign* without a ledger that claims keys. At its end
        the iteration raises what *messages* itself raised, a `MessageError` if it held something that is no `Message`,
        or `ClosedError` if the gateway was closed before every message was sent.
        """
        from smsgate.sending.bulk import BulkSend
        from smsgate.sending.bulk_options import check_campaign
        from smsgate.sending.results import Results

        self._use()
        most = self._parts.max_in_flight
        if campaign is not None:
            check_campaign(campaign, self._parts.claiming)
        kind = Preparing if campaign is None else PreparingWithKey
        bulk = BulkSend(
            messages,
            self._preparing(self._chosen(providers), {}, kind),
            self._parts.numbering,
            self._parts.dispatcher,
            concurrency=concurrency if most == math.inf else min(concurrency, int(most)),
            window=window,
            linger=linger,
            claiming=self._parts.claiming,
            campaign=campaign,
        )
        bulk.begin()
        return Results(bulk, self._parts.tasks)

    def _preparing(
        self, choice: ProviderChoice, known: KnownTexts | None = None, kind: type[Preparing] = Preparing
    ) -> Preparing:
        """What prepares messages for which the caller made this *choice*."""
        return kind(self._preparer, self._router, choice, self._now, known)

    async def _load_numbering(self, message: Message, choice: ProviderChoice) -> None:
        from anyio import get_cancelled_exc_class

        try:
            await self._parts.numbering.load()
        except get_cancelled_exc_class():  # the message has a result all the same, as at any later moment
            prepared = self._preparing(choice)(message)
            result = refusal(message, prepared) if isinstance(prepared, Problem) else prepared.conclude()
            self._parts.tasks.start(partial(self._parts.dispatcher.recorder.record, result))
            raise
        self._use()  # it may have been closed meanwhile

    async def _send_to_the_end(self, dispatch: Dispatch) -> None:
        """One request after another, until the message has its result."""
        while await self._parts.dispatcher.run(dispatch):
            pass

    def _make_preparer(self, templates: Iterable[Template], default_region: str | None, guard: Guard) -> Preparer:
        return Preparer(templates, self._providers, default_region, guard)

    def _chosen(self, providers: Iterable[str | SmsProvider] | None, after: Result | None = None) -> ProviderChoice:
        if providers is None and after is None:
            return self._any_provider
        return choice_of(self._providers, providers, after)
