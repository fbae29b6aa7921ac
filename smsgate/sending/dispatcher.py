"""The one place where a request begins and ends, and where the result of a message is recorded, once.

`Dispatcher.run` makes one request for a batch of messages, adds an attempt to each, records the results of those that
are over and returns those that go on: to the same provider again, or to the next one. Whoever started it starts the
next.
"""

import contextvars
import random
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

import anyio

from smsgate.guard.deadline import pause_that_fits
from smsgate.model.lazy import Try
from smsgate.model.reason import Outcome, Reason
from smsgate.model.result import Result
from smsgate.model.secret import Secret
from smsgate.observers.observer import Emitter
from smsgate.provider.jobs import with_reference
from smsgate.provider.protocol import Job, SmsProvider, Verdict
from smsgate.sending.admission import Admission, Admitted
from smsgate.sending.deadlines import first_expiry, in_time
from smsgate.sending.dispatch import Dispatch
from smsgate.sending.failover import Policy
from smsgate.sending.halving import halve
from smsgate.sending.ledger import SendRequest
from smsgate.sending.onward import go_on
from smsgate.sending.outgoing import OutgoingMessage, add_attempts, jobs_of
from smsgate.sending.own_tags import tags_of
from smsgate.sending.provider_calls import CANCELLED, ProviderCalls, unanswered
from smsgate.sending.recording import Recorder
from smsgate.sending.router import Router
from smsgate.sending.setup import Timing
from smsgate.sending.signing import has_source, signer_of
from smsgate.sending.telling import tell_ended, tell_failover, tell_started
from smsgate.tags import make_tag
from smsgate.transport.exchange import Exchange
from smsgate.transport.loop import cancelled_natively
from smsgate.transport.progress import Progress
from smsgate.transport.tasks import BackgroundTasks, Task

__all__ = ["Dispatcher"]

_NOT_RECORDED: Final = Verdict(
    Outcome.NOT_SENT, Reason.NOT_RECORDED, description="the ledger could not record it: the log says why"
)


class Dispatcher:
    """Makes requests. It owns the nonces."""

    def __init__(
        self,
        exchange: Exchange,
        tasks: BackgroundTasks,
        *,
        recorder: Recorder,
        events: Emitter,
        policy: Policy,
        router: Router,
        admission: Admission,
        clock: Callable[[], float],
        tag_secret: Secret | None,
        timing: Timing,
    ) -> None:
        self.tasks: BackgroundTasks = tasks
        """Where requests run, and whatever else must end with the gateway."""
        self.recorder: Recorder = recorder
        self._calls = ProviderCalls(exchange, clock)
        self._events = events
        self._policy = policy
        self._router = router
        self._admission = admission
        self._clock = clock
        self._tag_secret = tag_secret
        self.timing: Timing = timing
        """The time of pauses, and of waits for others to share a request with."""

    def start(self, dispatch: Dispatch, on_done: Callable[[Dispatch], None], context: contextvars.Context) -> Task:
        """Run *dispatch* in a task of its own, then call *on_done*."""

        async def work() -> None:
            dispatch.onward = await self.run(dispatch)

        return self.tasks.start(work, partial(on_done, dispatch), context=context)

    def now(self) -> float:
        """Unix time, in seconds; NaN if the clock fails."""
        return self._calls.now()

    async def run(self, dispatch: Dispatch) -> list[OutgoingMessage]:
        """Make one request for the messages of *dispatch*. Records those that are over, returns those that go on."""
        onward: list[OutgoingMessage] = []
        admitted = Admitted(dispatch.messages)
        dispatch.cancelled = dispatch.cancelled or self.tasks.is_closed()
        active = self.tasks.active()
        active.add(dispatch)
        dispatch.unfinished = deque(dispatch.messages)
        try:
            await self._pause(dispatch)
            await self._admit(dispatch, admitted)
            onward += admitted.rerouted
            verdicts = () if dispatch.cancelled or not admitted.staying else await self._run_round(dispatch, admitted)
            if not dispatch.cancelled:
                onward += self._going_on(admitted.staying, verdicts)
            if onward:
                going = set(onward)
                dispatch.unfinished = deque([message for message in dispatch.unfinished if message not in going])
            await self._finish(dispatch.unfinished, dispatch)
            # Nobody waits for these any more, perhaps since others of the batch are being recorded.
            while over := dispatch.unwanted_of(onward):
                dispatch.unfinished, gone = deque(over), set(over)
                onward = [message for message in onward if message not in gone]
                await self._finish(dispatch.unfinished, dispatch)
        except BaseException as error:
            # Cancelled: the gateway's deadline has come, or the loop ends. Any other error is the clock's.
            dispatch.cancelled = dispatch.cancelled or not isinstance(error, Exception)
            await self._finish(deque(dict.fromkeys((*dispatch.unfinished, *onward))), dispatch)
            raise
        finally:
            self._admission.leave(admitted)
            active.discard(dispatch)
        if onward:
            tell_failover(self._events, onward)
        return onward

    def _going_on(self, messages: Sequence[OutgoingMessage], verdicts: Sequence[Verdict]) -> list[OutgoingMessage]:
        """Those of *messages* that have another request."""
        if len(messages) == 1 and messages[0].result is not None:  # one that was accepted, as nearly all are
            return []
        return halve(messages, verdicts) or go_on(messages, self._policy, self._router, self.now())

    async def conclude(self, messages: Sequence[OutgoingMessage]) -> list[Result]:
        """Conclude and record messages that go no further, also while everything is being cancelled."""
        await self.recorder.conclude_keys(messages)
        results = [message.conclude() for message in messages]
        for result in results:
            await self.recorder.record(result)
        return results

    async def _finish(self, unfinished: deque[OutgoingMessage], dispatch: Dispatch) -> None:
        """Conclude, record and give out each of *unfinished*, which leaves it before. At once if none is recorded."""
        await self.recorder.conclude_keys(unfinished)
        while unfinished:
            leaving = [unfinished.popleft()] if self.recorder.records_results else list(unfinished)
            results = [message.result or message.conclude() for message in leaving]
            self._router.note(results)
            if self.recorder.records_results:
                await self.recorder.record(results[0])
                if cancelled_natively():  # which `record` has absorbed
                    dispatch.cancelled = True
            else:
                unfinished.clear()
            if dispatch.publish is not None:
                dispatch.publish(results)

    async def _pause(self, dispatch: Dispatch) -> None:
        pause = dispatch.messages[0].pause
        if pause and not dispatch.cancelled:
            # Upward only: a request before the time that a vendor states is sure to be refused.
            left = first_expiry(dispatch.messages) - self.now()
            longest = pause_that_fits(pause, min(1.5 * pause, self._policy.max_pause), left)
            with anyio.CancelScope() as dispatch.pausing:
                await self.timing.pause(random.uniform(pause, longest))  # noqa: S311  # jitter, not a secret
            dispatch.pausing = None

    async def _admit(self, dispatch: Dispatch, admitted: Admitted) -> None:
        """A place for its request. Messages whose provider is down by now may go to another one in its place."""
        over = self._drop_late(dispatch, admitted)
        if dispatch.cancelled or not admitted.staying or self._admission.try_enter(admitted):
            return
        give_up_at = self._admission.give_up_at(patient=dispatch.patient)
        while True:
            for message in over:  # told now: the others may wait for long
                dispatch.unfinished.remove(message)
                await self._finish(deque([message]), dispatch)
            if dispatch.cancelled or not admitted.staying:
                return
            left = first_expiry(admitted.staying) - self.now()
            with anyio.CancelScope() as dispatch.pausing:
                await self._admission.enter(admitted, give_up_at, left, patient=dispatch.patient)
            dispatch.pausing = None
            over = self._drop_late(dispatch, admitted)
            if admitted.ticket is not None:
                return
            if not over and (over := admitted.split_off_hurried()):
                await self._run_round(dispatch, Admitted(over, refused=admitted.refused))
            if not over:
                return  # else it was for a deadline that it waited no longer: the others do

    def _drop_late(self, dispatch: Dispatch, admitted: Admitted) -> list[OutgoingMessage]:
        """Take the messages that are of no use by now out of those of the request, and return them."""
        staying = admitted.staying
        kept = in_time(staying, self.now(), dispatch.unwanted)
        if kept is staying:
            return []
        late = list(set(staying).difference(kept))
        for message in late:
            message.course.expired = id(message.message) not in dispatch.unwanted
        if not kept:
            self._admission.leave(admitted)
        admitted.staying = kept
        return late

    async def _run_round(self, dispatch: Dispatch, admitted: Admitted) -> Sequence[Verdict]:
        """One request, and what it led to for each message, which also gets an attempt if it is cut short."""
        messages, nonce = admitted.staying, secrets.token_hex(16)
        provider, jobs = messages[0].provider, jobs_of(messages)
        jobs, reference, references = self._referenced(provider, jobs, nonce)
        began, progress = time.perf_counter(), Progress()
        request = SendRequest(
            id=nonce,
            provider=provider.name,
            messages=tuple([message.message for message in messages]),
            reference=reference,
            references=references,
            # Raises for a clock that counts milliseconds, before anything is sent.
            started_at=datetime.fromtimestamp(self._clock(), UTC),
            campaign=dispatch.campaign,
        )
        verdicts: Sequence[Verdict] | None = None
        tell_started(self._events, request)
        try:
            if admitted.refused is not None:
                verdicts = [admitted.refused] * len(messages)
            elif not await self.recorder.leaving(request):
                verdicts = [_NOT_RECORDED] * len(messages)
            elif dispatch.cancelled:  # while the ledger was written
                verdicts = [CANCELLED] * len(messages)
            else:
                signer = await self._signer(dispatch, provider, jobs)
                if isinstance(signer, Verdict):
                    verdicts = [signer] * len(messages)
                else:
                    called = await self._calls.make(jobs, signer, reference, nonce, progress, dispatch.unwanted)
                    verdicts, admitted.evidence = called.verdicts, called.evidence
        finally:
            self._admission.leave(admitted)
            if verdicts is None:
                reason = Reason.NO_ANSWER if progress.may_have_left else Reason.NETWORK
                verdicts = [unanswered(reason, "cut short")] * len(messages)
            tried = Try(request.provider, request.started_at, time.perf_counter() - began)
            add_attempts(messages, verdicts, references, tried)
            await self.recorder.left(request, messages)
            tell_ended(self._events, request, messages, tried.duration)
        if cancelled_natively():  # which `left` has absorbed
            dispatch.cancelled = True
        return verdicts

    async def _signer(self, dispatch: Dispatch, provider: SmsProvider, jobs: Sequence[Job]) -> SmsProvider | Verdict:
        """Their *provider* with the credentials of this moment, or why nothing can be sent through it."""
        if not has_source(provider):
            return provider
        signer: SmsProvider | Verdict | None = None
        with anyio.CancelScope() as dispatch.pausing:
            signer = await signer_of(provider, self._calls.longest(jobs))
        dispatch.pausing = None
        return CANCELLED if dispatch.cancelled or signer is None else signer

    def _referenced(
        self, provider: SmsProvider, jobs: Sequence[Job], nonce: str
    ) -> tuple[Sequence[Job], str, tuple[str, ...]]:
        """The jobs with their own tags, the tag of the request, and the one that the reports of each will carry.

        A request for one message carries its key, proven with its number; one for several an id that they share, and
        beside it each message's own where the vendor has a field for each number.
        """
        if len(jobs) == 1:
            shared = make_tag(jobs[0].message.key or nonce[:10], to=jobs[0].to, secret=self._tag_secret)
        else:
            shared = make_tag(nonce[:10], secret=self._tag_secret, of_request=True)
        # The one member of `ReferencesJobs`: to ask for it costs a twentieth of asking whether it is one.
        references_jobs = getattr(provider, "references_jobs", None)
        if references_jobs is None or not references_jobs(jobs):
            return jobs, shared, (shared,) * len(jobs)
        own = tags_of([(job.message.key, job.to) for job in jobs], nonce[:7], self._tag_secret)
        return list(map(with_reference, jobs, own)), shared, tuple([reference or shared for reference in own])
