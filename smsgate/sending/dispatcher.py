"""The one place where a request begins and ends, and where the result of a message is recorded, once.

`Dispatcher.run` makes one request for a batch of messages, adds an attempt to each, records the results of those that
are over and returns those that go on: to the same provider again, or to the next one. Whoever started it starts the
next.
"""

import contextvars
import logging
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

import anyio
import attrs

from smsgate.model.masking import describe_failure
from smsgate.model.message import Message, Result
from smsgate.model.reason import Outcome, Reason, outcome_of
from smsgate.model.secret import Secret
from smsgate.provider.protocol import Batch, Job, ReferencesJobs, SmsProvider, Verdict
from smsgate.provider.responses import http_date
from smsgate.sending.failover import Policy
from smsgate.sending.halving import halve
from smsgate.sending.ledger import SendRequest
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.sending.recording import Recorder, log_attempts, log_failover
from smsgate.tags import make_tag
from smsgate.transport.exchange import Exchange, NoResponse
from smsgate.transport.loop import BackgroundTasks, Task, cancelled_natively
from smsgate.transport.progress import Progress
from smsgate.wire import HttpResponse

__all__ = ["Dispatch", "Dispatcher"]

logger: Final = logging.getLogger("smsgate")

_LARGEST_OFFSET: Final = 366 * 86400.0
"""Seconds between two clocks that can be believed: further apart, TLS certificates would not be valid."""


_NOT_BUILT: Final = Verdict(Outcome.NOT_SENT, Reason.INVALID_REQUEST, description="its request could not be built")
_NOT_RECORDED: Final = Verdict(Outcome.NOT_SENT, Reason.NOT_RECORDED, description="the ledger could not record it")


@attrs.define(eq=False)
class Dispatch:
    """A batch of messages and the one request that is made for them."""

    messages: list[OutgoingMessage]
    publish: Callable[[Result], None] | None = None
    """Called with each result once it is recorded."""
    cancelled: bool = False
    """What is in flight is waited for, nothing new is begun."""
    onward: list[OutgoingMessage] = attrs.field(factory=list[OutgoingMessage])
    """The messages that go on, once it has ended in a task of its own."""
    pausing: anyio.CancelScope | None = None

    def cancel(self) -> None:
        """Begin nothing more for it."""
        self.cancelled = True
        if self.pausing is not None:
            self.pausing.cancel()


class Dispatcher:
    """Makes requests. It owns the clock, the nonces and what it has learnt of the vendors' clocks."""

    def __init__(
        self,
        exchange: Exchange,
        tasks: BackgroundTasks,
        *,
        recorder: Recorder,
        policy: Policy,
        clock: Callable[[], float],
        tag_secret: Secret | None,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self.tasks: BackgroundTasks = tasks
        """Where requests run, and whatever else must end with the gateway."""
        self.recorder: Recorder = recorder
        self._exchange = exchange
        self._policy = policy
        self._clock = clock
        self._tag_secret = tag_secret
        self._sleep = sleep
        self._clock_offsets: dict[str, float] = {}
        self._active: set[Dispatch] = set()

    def start(self, dispatch: Dispatch, on_done: Callable[[Dispatch], None], context: contextvars.Context) -> Task:
        """Run *dispatch* in a task of its own, then call *on_done*."""

        async def work() -> None:
            dispatch.onward = await self.run(dispatch)

        return self.tasks.start(work, partial(on_done, dispatch), context=context)

    def stop(self) -> None:
        """Begin nothing more, for what is in flight neither: no retry, no next provider."""
        self.tasks.close()
        for dispatch in self._active:
            dispatch.cancel()

    async def run(self, dispatch: Dispatch) -> list[OutgoingMessage]:
        """Make one request for the messages of *dispatch*. Records those that are over, returns those that go on."""
        onward: list[OutgoingMessage] = []
        finished = 0
        dispatch.cancelled = dispatch.cancelled or self.tasks.is_closed()
        self._active.add(dispatch)
        try:
            await self._pause(dispatch)
            verdicts = () if dispatch.cancelled else await self._run_round(dispatch)
            halved = not dispatch.cancelled and halve(dispatch.messages, verdicts)
            for message in dispatch.messages:
                over = message.result is not None or dispatch.cancelled
                goes_on = not over and (halved or message.advance(self._policy))
                finished += 1
                if goes_on:
                    onward.append(message)
                elif self.recorder.records_results:
                    await self._finish(message, dispatch)
                elif dispatch.publish is not None:
                    dispatch.publish(message.result or message.conclude())
            while dispatch.cancelled and onward:  # while others of the batch were recorded
                await self._finish(onward.pop(), dispatch)
        except BaseException as error:
            # Cancelled: the gateway's deadline has come, or the loop ends. Any other error is the clock's.
            dispatch.cancelled = dispatch.cancelled or not isinstance(error, Exception)
            for message in (*onward, *dispatch.messages[finished:]):
                await self._finish(message, dispatch)
            raise
        finally:
            self._active.discard(dispatch)
        log_failover(onward)
        return onward

    async def conclude(self, messages: Sequence[OutgoingMessage]) -> list[Result]:
        """Conclude and record messages that go no further, also while everything is being cancelled."""
        results = [message.conclude() for message in messages]
        for result in results:
            await self.recorder.record(result)
        return results

    async def _finish(self, message: OutgoingMessage, dispatch: Dispatch) -> None:
        result = message.conclude()
        await self.recorder.record(result)
        if cancelled_natively():  # which `record` has absorbed
            dispatch.cancelled = True
        if dispatch.publish is not None:
            dispatch.publish(result)

    async def _pause(self, dispatch: Dispatch) -> None:
        pause = dispatch.messages[0].pause
        if pause and not dispatch.cancelled:
            # Upward only: a request before the time that a vendor states is sure to be refused.
            longest = max(pause, min(1.5 * pause, self._policy.max_pause))
            with anyio.CancelScope() as dispatch.pausing:
                await self._sleep(random.uniform(pause, longest))  # noqa: S311  # jitter, not a secret
            dispatch.pausing = None

    async def _run_round(self, dispatch: Dispatch) -> Sequence[Verdict]:
        """One request, and what it led to for each message, which also gets an attempt if it is cut short."""
        messages, nonce = dispatch.messages, secrets.token_hex(16)
        provider = messages[0].provider
        jobs = tuple([message.assigned.job(message.message) for message in messages])
        reference, references = self._references(messages, jobs, nonce)
        batch = Batch(jobs, reference)
        began, progress = time.perf_counter(), Progress()
        request = SendRequest(
            id=nonce,
            provider=provider.name,
            messages=tuple([message.message for message in messages]),
            reference=reference,
            references=references,
            # Raises for a clock that counts milliseconds, before anything is sent.
            started_at=datetime.fromtimestamp(self._clock(), UTC),
        )
        verdicts: Sequence[Verdict] | None = None
        try:
            if not await self.recorder.leaving(request):
                verdicts = [_NOT_RECORDED] * len(messages)
            elif dispatch.cancelled:  # while the ledger was written
                verdicts = [_unanswered(Reason.NETWORK, "cancelled before the request began")] * len(messages)
            else:
                verdicts = await self._call_provider(provider, batch, nonce, progress)
        finally:
            if verdicts is None:
                reason = Reason.NO_ANSWER if progress.may_have_left else Reason.NETWORK
                verdicts = [_unanswered(reason, "cut short")] * len(messages)
            times = request.started_at, time.perf_counter() - began
            for message, verdict, own in zip(messages, verdicts, references, strict=True):
                message.add_attempt(verdict, own, times)
            await self.recorder.left(request, messages)
            log_attempts(provider.name, messages)
        if cancelled_natively():  # which `left` has absorbed
            dispatch.cancelled = True
        return verdicts

    async def _call_provider(
        self, provider: SmsProvider, batch: Batch, nonce: str, progress: Progress
    ) -> Sequence[Verdict]:
        count = len(batch.jobs)
        now = self._clock() + self._clock_offsets.get(provider.name, 0.0)
        try:
            wire = provider.build_request(batch, now=now, nonce=nonce)
        except Exception as error:
            logger.error("%s could not build its request: %s", provider.name, describe_failure(error))
            return [_NOT_BUILT] * count
        response = await self._exchange.send(wire, progress)
        if isinstance(response, NoResponse):
            return [_unanswered(response.reason, response.error)] * count
        verdicts = _parse_response(provider, batch, response)
        if Reason.CLOCK_SKEW in {verdict.reason for verdict in verdicts}:
            self._resync(provider, response)
        return verdicts

    def _references(
        self, messages: Sequence[OutgoingMessage], jobs: Sequence[Job], nonce: str
    ) -> tuple[str, tuple[str, ...]]:
        """The tag of the request, and the one that the reports of each message will carry.

        A request for one message carries its key, proven with its number; one for several an id that they share, and
        beside it each message's own where the vendor has a field for each number.
        """
        provider = messages[0].provider
        if len(messages) == 1:
            shared = self._tag_of(messages[0].message, nonce)
        else:
            shared = make_tag(nonce[:10], secret=self._tag_secret, of_request=True)
        if not (isinstance(provider, ReferencesJobs) and provider.references_jobs(jobs)):
            return shared, (shared,) * len(messages)
        own: list[str] = []
        for index, job in enumerate(jobs):
            job.reference = self._tag_of(job.message, f"{nonce[:7]}{index}")
            own.append(job.reference)
        return shared, tuple(own)

    def _tag_of(self, message: Message, fresh: str) -> str:
        return make_tag(message.key or fresh[:10], to=message.to, secret=self._tag_secret)

    def _resync(self, provider: SmsProvider, response: HttpResponse) -> None:
        """Learn how far the vendor's clock is from ours by the `Date` of its response, unless that is absurd."""
        date = http_date(response.headers.get("date", ""))
        offset = date.timestamp() - self._clock() if date else 0.0
        if 0 < abs(offset) < _LARGEST_OFFSET:
            self._clock_offsets[provider.name] = offset
            logger.warning("this machine's clock differs from that of %s by %.0f seconds", provider.name, offset)


def _parse_response(provider: SmsProvider, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
    """What the provider reads in the response; one that fails to read it leaves the outcome open."""
    try:
        verdicts = provider.parse_response(batch, response)
        whole = len(verdicts) == len(batch.jobs)
        if whole and all(issubclass(kind, Verdict) for kind in set(map(type, verdicts))):  # pyright: ignore[reportUnnecessaryIsInstance]
            return verdicts
        problem = "not one Verdict for each message"
    except Exception as error:
        problem = describe_failure(error)
    logger.error("%s could not read a response: %s", provider.name, problem)
    return [Verdict.unanswered(f"{provider.name} could not read the response: {problem}")] * len(batch.jobs)


def _unanswered(reason: Reason, description: str) -> Verdict:
    return Verdict(outcome_of(reason), reason, description=description)
