"""The ASGI app that takes vendors' pushes: it admits, reads, and awaits your handler for each event."""

import inspect
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.masking import describe_failure
from smsgate.model.report import Reply, StatusReport
from smsgate.model.secret import Secret
from smsgate.provider.callback import EventSink, HandlesMany, sink_problems
from smsgate.tags import read_tag
from smsgate.webhooks.asgi import Body, Receive, Scope, Send, send_answer, serve_lifespan, to_request
from smsgate.webhooks.receive import MAX_BODY, read_push, refusal
from smsgate.webhooks.route import Route, find_route, is_list, wrap_secrets
from smsgate.wire import HttpResponse

__all__ = ["CallbackApp", "Counters"]

T = TypeVar("T")
Event = StatusReport | Reply
Failure = tuple[int, str]
"""The status to answer, and why."""


@attrs.define
class Counters:
    """What came in since the app was made."""

    requests: int = 0
    """All HTTP requests."""
    reports: int = 0
    """Reports that the ledger and the handler took."""
    replies: int = 0
    """Replies that the ledger and the handler took."""
    failed: int = 0
    """Events for which the ledger or the handler raised."""
    unproven: int = 0
    """Reports with a tag that was ignored because none of the app's tag secrets proves it."""
    disconnected: int = 0
    """Requests that ended before their body did."""
    refused: Counter[int] = attrs.field(factory=Counter[int])
    """Requests that were answered with an error, by HTTP status."""


class CallbackApp:
    """An ASGI app that reads vendors' pushes and calls *handler* for each `StatusReport` and each `Reply`.

    Mount it anywhere, or serve it as it is: the address of a route is `…/<provider>/<token>`. *handler* is called for
    one event after another, and awaited if it is async; one that is not blocks the event loop while it runs. Events
    come in any order and more than once: see `Delivery`. If the handler raises, it is still called for the other events
    and the answer is 500, so that a vendor that retries will. Its time is not limited, because a cancelled write may be
    half done: limit it in the handler (`anyio.fail_after`).

    *ledger*: whoever stores events, such as a `smsgate.ledger.SqlLedger`. It has all events of a push before the
    handler, which may then be None. If it raises, the handler is not called for that event, and the answer is 503. One
    that is a `smsgate.provider.HandlesMany` takes them at once, all or none.

    *tag_secrets*: the secrets with which tags were made: `report.tag` is then there only if one of them proves it.
    *read_deadline*: seconds that a request's body may take. *max_concurrent*: requests that may be in progress, from
    the first byte of the body to the end of the handler. Each route has an equal share of it, at least 1, so that who
    has one vendor's token cannot keep the others out; further requests are answered 503. A body has at most 256 KiB,
    a push at most 100 items.

    Works on asyncio and trio. Raises `ConfigurationError` for arguments that cannot be right.
    """

    def __init__(
        self,
        handler: Callable[[StatusReport | Reply], Awaitable[object] | object] | None,
        *routes: Route,
        ledger: EventSink | None = None,
        tag_secrets: Iterable[str | Secret] = (),
        read_deadline: float = 10.0,
        max_concurrent: int = 100,
    ) -> None:
        # Rebound before anything is checked, so that no traceback's locals hold the raw values.
        listed, secrets = is_list(tag_secrets), wrap_secrets(tag_secrets)
        tag_secrets = secrets
        if not listed:
            raise ConfigurationError("tag_secrets: must be a list of texts")
        for problem in _problems(handler, ledger, routes, read_deadline, max_concurrent):
            raise ConfigurationError(problem)
        self._handler = handler
        self._ledger = ledger
        self._routes: Mapping[bytes, Route] = {digest: route for route in routes for digest in route.address_digests}
        self._tag_secrets = [secret.require("tag_secrets") for secret in secrets]
        self._read_deadline = read_deadline
        self._share = max(1, max_concurrent // len(routes))
        self._in_progress: Counter[str] = Counter()
        self.counters: Counters = Counters()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope: HTTP, or the lifespan of an app that is not mounted in another."""
        match scope["type"]:
            case "http":
                await self._serve(scope, receive, send)
            case "lifespan":
                await serve_lifespan(receive, send)
            case "websocket":
                await send({"type": "websocket.close", "code": 1000})
            case other:
                raise ConfigurationError(f"CallbackApp serves HTTP, not {other}")

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.counters.requests += 1
        body = Body(scope, receive)
        answer = await self._respond(scope, body)
        if answer is None:
            self.counters.disconnected += 1
            return
        if answer.status >= 400:
            self.counters.refused[answer.status] += 1
            await body.discard(self._read_deadline)
        await send_answer(answer, scope, send)

    async def _respond(self, scope: Scope, body: Body) -> HttpResponse | None:
        """The answer, or None if the client has gone."""
        route = self._find_route(scope["path"])
        if route is None:
            return refusal(404).answer
        if scope["method"] not in route.methods:
            return refusal(405, route).answer
        if self._in_progress[route.provider] >= self._share:
            return refusal(503, route).answer
        self._in_progress[route.provider] += 1
        try:
            return await self._process(route, scope, body)
        finally:
            self._in_progress[route.provider] -= 1

    def _find_route(self, path: str) -> Route | None:
        # The last two parts, because frameworks differ in what of the path they leave to a mounted app. Both are looked
        # up, found or not, so that the time is the same.
        before, last = ["", *path.strip("/").split("/")][-2:]
        with_token, without = find_route(self._routes, before, last), find_route(self._routes, last, "")
        return with_token or without

    async def _process(self, route: Route, scope: Scope, body: Body) -> HttpResponse | None:
        data = await body.read(MAX_BODY, self._read_deadline)
        if data is None or isinstance(data, int):
            return refusal(data, route).answer if data else None
        callback = read_push(to_request(scope, data), route, tag_secrets=self._tag_secrets)
        failures = [failure for failure in await self._handle_all(callback.events) if failure]
        if failures:
            status, why = max(failures)  # what the ledger does not have is pushed again, whatever the handler said
            who = "the handler" if status == 500 else "the ledger"
            why = f"{who} failed on {len(failures)} of {len(callback.events)} events: {why}"
            return refusal(status, route, why).answer
        return callback.answer

    async def _handle_all(self, events: Sequence[Event]) -> list[Failure | None]:
        """Await the ledger for all *events*, then the handler for each that it has; what went wrong with each."""
        failures = await self._store(events)
        for index, event in enumerate(events):
            if failures[index] is None and self._handler is not None:
                failures[index] = await _try(500, self._handler, event)
            self._count(event, failures[index])
        return failures

    async def _store(self, events: Sequence[Event]) -> list[Failure | None]:
        ledger = self._ledger
        if ledger is None or not events:
            return [None] * len(events)
        if isinstance(ledger, HandlesMany):
            return [await _try(503, ledger.handle_all, events)] * len(events)
        return [await _try(503, ledger.handle, event) for event in events]

    def _count(self, event: Event, failure: Failure | None) -> None:
        counters = self.counters
        if isinstance(event, StatusReport) and event.tag is None and read_tag(event.reference):
            counters.unproven += 1
        if failure is not None:
            counters.failed += 1
        elif isinstance(event, StatusReport):
            counters.reports += 1
        else:
            counters.replies += 1


async def _try(status: int, take: Callable[[T], Awaitable[object] | object], given: T) -> Failure | None:
    """Call *take*, and await it if it is async; the *status* to answer and what went wrong, if it raises."""
    try:
        returned = take(given)
        if inspect.isawaitable(returned):
            await returned
    except Exception as error:
        return status, describe_failure(error)
    return None


def _problems(
    handler: object, ledger: object, routes: tuple[object, ...], read_deadline: object, max_concurrent: object
) -> list[str]:
    names = [route.provider for route in routes if isinstance(route, Route)]
    problems = [] if callable(handler) else ["handler: must be a function that takes one event, async or not"]
    if handler is None and ledger is not None:
        problems = []
    problems += sink_problems(ledger)
    if not names or len(names) < len(routes):
        problems.append("routes: give at least one Route, and nothing else")
    problems += [f"routes: {name} has more than one" for name, count in Counter(names).items() if count > 1]
    if not isinstance(read_deadline, int | float) or not 0 < read_deadline < math.inf:
        problems.append("read_deadline: must be above 0 seconds, and finite")
    if not isinstance(max_concurrent, int) or max_concurrent < 1:
        problems.append("max_concurrent: must be a whole number, at least 1")
    return problems
