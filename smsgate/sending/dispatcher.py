"""The loop that takes journeys to their results: one request after another, each try noted, each result recorded once.

A flight is the journeys that set out in one request, carried in a task of its own.
"""

import inspect
import logging
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import anyio
import attrs

from smsgate.model.message import Result
from smsgate.model.reason import Outcome, Reason, outcome_of
from smsgate.model.secret import Secret
from smsgate.provider.protocol import Batch, SmsProvider, Verdict
from smsgate.provider.responses import http_date
from smsgate.sending.batching import Scales
from smsgate.sending.failover import Policy
from smsgate.sending.outgoing import Journey
from smsgate.tags import make_tag
from smsgate.transport.exchange import Exchange, NoResponse
from smsgate.transport.progress import Progress
from smsgate.wire import HttpResponse

__all__ = ["Courier", "Flight"]

logger: Final = logging.getLogger("smsgate")

_LARGEST_OFFSET: Final = 366 * 86400.0
"""Seconds between two clocks that can be believed: further off, TLS certificates would not be valid."""


@attrs.define(eq=False)
class Flight:
    """Journeys that set out in one request."""

    journeys: list[Journey]
    abandoned: bool = False
    """The caller has gone: what is on the wire is waited for, nothing new is begun."""


class Courier:
    """Carries flights. Owns the clock, the nonces and what it has learnt of the vendors' clocks."""

    def __init__(
        self,
        exchange: Exchange,
        policy: Policy,
        clock: Callable[[], float],
        on_result: Callable[[Result], Awaitable[object] | object] | None,
        tag_secret: Secret | None,
    ) -> None:
        self._exchange = exchange
        self._policy = policy
        self._clock = clock
        self._on_result = on_result
        self._tag_secret = tag_secret
        self._clock_offsets: dict[str, float] = {}
        self._scales = Scales()

    async def carry(self, flight: Flight) -> None:
        """Take every journey of *flight* to its result, whatever happens."""
        legs = [flight.journeys]
        try:
            while legs:
                legs += await self._leg(flight, legs.pop(0))
        finally:
            # Left over only if the task was cancelled: the gateway's deadline has come, or the loop goes down.
            left_over = [journey for journey in flight.journeys if journey.result is None]
            if left_over:
                await self.give_up(left_over)

    async def give_up(self, journeys: Sequence[Journey]) -> list[Result]:
        """Conclude and record journeys that go no further, also while everything is being cancelled."""
        results = [journey.conclude() for journey in journeys]
        for result in results:
            await self.record(result)
        return results

    async def record(self, result: Result) -> None:
        """Hand a final result to `on_result`, which is let finish whoever is cancelled meanwhile.

        What it raises is logged: it cannot undo what was sent.
        """
        if self._on_result is None:
            return
        try:
            returned = self._on_result(result)
            if inspect.isawaitable(returned):
                with anyio.CancelScope(shield=True):
                    await returned
        except Exception as error:
            logger.error("on_result raised %s for: %s", type(error).__name__, result.summary())

    async def _leg(self, flight: Flight, journeys: list[Journey]) -> list[list[Journey]]:
        """One request for *journeys*; gives back those that go on, a list for each of their next requests."""
        if not flight.abandoned and journeys[0].pause:
            await anyio.sleep(journeys[0].pause * random.uniform(0.5, 1.0))  # noqa: S311  # jitter, not a secret
        if not flight.abandoned:
            await self._attempt(journeys)
        onward: dict[object, list[Journey]] = {}
        for journey in journeys:
            if not flight.abandoned and journey.advance(self._policy):
                onward.setdefault(journey.request_key(), []).append(journey)
            else:
                await self.record(journey.conclude())
        return [leg for group in onward.values() for leg in self._scales.split(group)]

    async def _attempt(self, journeys: list[Journey]) -> None:
        """One try, noted in every journey also if it is cut short."""
        provider, nonce = journeys[0].chosen, secrets.token_hex(16)
        batch = Batch(tuple([journey.ready for journey in journeys]), self._tag(journeys, nonce))
        now, began, progress = self._clock(), time.perf_counter(), Progress()
        started_at = datetime.fromtimestamp(now, UTC)  # raises for a clock in milliseconds: before anything is sent
        verdicts: Sequence[Verdict] | None = None
        try:
            verdicts = await self._ask(provider, batch, now, nonce, progress)
        finally:
            if verdicts is None:
                reason = Reason.NO_ANSWER if progress.may_have_left else Reason.NETWORK
                verdicts = [_unheard(reason, "cut short")] * len(journeys)
            duration = time.perf_counter() - began
            for journey, verdict in zip(journeys, verdicts, strict=True):
                journey.note(verdict, reference=batch.reference, started_at=started_at, duration=duration)

    async def _ask(
        self, provider: SmsProvider, batch: Batch, now: float, nonce: str, progress: Progress
    ) -> Sequence[Verdict]:
        now += self._clock_offsets.get(provider.name, 0.0)
        try:
            request = provider.build_request(batch, now=now, nonce=nonce)
        except Exception as error:
            logger.error("%s could not build its request: %s", provider.name, type(error).__name__)
            failed = Verdict(Outcome.NOT_SENT, Reason.INVALID_REQUEST, description="its request could not be built")
            return [failed] * len(batch.jobs)
        answer = await self._exchange.send(request, progress)
        if isinstance(answer, NoResponse):
            return [_unheard(answer.reason, answer.error)] * len(batch.jobs)
        verdicts = _judge(provider, batch, answer)
        if any(verdict.reason is Reason.CLOCK_SKEW for verdict in verdicts):
            self._resync(provider, answer)
        return verdicts

    def _tag(self, journeys: list[Journey], nonce: str) -> str:
        """A request for one message carries its key, proven with its number; for several, an id that they share."""
        if len(journeys) > 1:
            return make_tag(nonce[:10], secret=self._tag_secret)
        message = journeys[0].message
        return make_tag(message.key or nonce[:10], to=journeys[0].ready.to, secret=self._tag_secret)

    def _resync(self, provider: SmsProvider, answer: HttpResponse) -> None:
        """Learn how far the vendor's clock is from ours by the `Date` of its answer, unless that is absurd."""
        date = http_date(answer.headers.get("date", ""))
        offset = date.timestamp() - self._clock() if date else 0.0
        if 0 < abs(offset) < _LARGEST_OFFSET:
            self._clock_offsets[provider.name] = offset
            logger.warning("this machine's clock differs from that of %s by %.0f seconds", provider.name, offset)


def _judge(provider: SmsProvider, batch: Batch, answer: HttpResponse) -> Sequence[Verdict]:
    """The provider's reading of the answer; one that fails to read it leaves the outcome open."""
    try:
        verdicts = provider.parse_response(batch, answer)
        whole = len(verdicts) == len(batch.jobs)
        if whole and all(isinstance(each, Verdict) for each in verdicts):  # pyright: ignore[reportUnnecessaryIsInstance]
            return verdicts
        problem = "not one Verdict for each message"
    except Exception as error:
        problem = type(error).__name__
    logger.error("%s could not read an answer: %s", provider.name, problem)
    return [Verdict.unanswered(f"{provider.name} could not read the answer: {problem}")] * len(batch.jobs)


def _unheard(reason: Reason, description: str) -> Verdict:
    return Verdict(outcome_of(reason), reason, description=description)
