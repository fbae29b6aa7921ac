"""Sending with the workers of procrastinate, whose queues are in PostgreSQL. See docs/several-workers.md.

    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo="…"))
    sms = SmsTasks(app, gateway=make_gateway, encrypt=os.environ["SMS_TASK_KEY"])

It registers three tasks with the application: `smsgate.send` for a message, `smsgate.send_chunk` for a part of a
campaign, and `smsgate.sweep`, which runs what a dead worker has left again.
"""

from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

from smsgate.model.errors import ConfigurationError
from smsgate.model.kind import MessageKind
from smsgate.model.message import Message
from smsgate.model.template import Template
from smsgate.sending.gateway import Gateway
from smsgate.tasks.enqueuing import Enqueued, Enqueuing, NewJob, check_aware, check_options
from smsgate.tasks.gateways import ClosesGateways, Gateways, ledger_of
from smsgate.tasks.lanes import Lane, Lanes
from smsgate.tasks.running import SEND, SEND_CHUNK, SWEEP, JobNotDoneError, run_job
from smsgate.tasks.sealing import Sealing, Unencrypted
from smsgate.transport.checks import check_kind

try:
    import procrastinate
except ModuleNotFoundError:
    raise ConfigurationError('smsgate.tasks.procrastinate needs: pip install "smsgate[procrastinate]"') from None

from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.types import TimeDeltaParams

from smsgate.tasks.procrastinate_jobs import (
    Deferring,
    Sweeper,
    Swept,
    move_waiting,
    waiting_ids,
)

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

__all__ = ["EnqueueOptions", "SmsTasks", "Swept"]

_JOBS_PER_INSERT: Final = 20
_RETRY: Final = procrastinate.RetryStrategy(max_attempts=10, exponential_wait=2)


class EnqueueOptions(TypedDict, total=False):
    """What procrastinate can be told about a job, under its own names (`procrastinate.tasks.Task.configure`)."""

    schedule_at: datetime | None
    """When it is to run at the earliest (aware)."""
    schedule_in: TimeDeltaParams | None
    """How long from now that is, as `{"minutes": 5}`."""
    queue: str | None
    """In place of the lane's queue."""
    priority: int | None
    """In place of the lane's priority. The higher one comes first."""
    lock: str | None
    """Jobs with the same one do not run at the same time."""
    connection: Any
    """That of your own transaction: the job is there once that is committed. See `SmsTasks`."""


class SmsTasks(ClosesGateways):
    """Enqueues messages with *app*, and sends them in its workers.

    *gateway*: a function that makes a `smsgate.Gateway` with a ledger, called once for each worker process. *encrypt*:
    the Fernet key that numbers and parameters wait encrypted with; of several, the first one encrypts and all decrypt;
    or `smsgate.tasks.UNENCRYPTED`. *lanes*: where messages of a kind wait, in place of the queues `sms-code`,
    `sms-notification` and `sms-marketing`. *templates*: what says of a message without a kind what it is for. *retry*:
    how often a job is run again for messages that did not leave, and when; then they are given up. *stalled_after*:
    seconds without a sign of life after which a worker counts as dead. *longest_run*: seconds after which a job counts
    as lost though its worker is alive. *sweep*: when such jobs are looked for, as a cron line.

    A connection of your own transaction, as `connection=`, is one of psycopg 3, a session or connection of SQLAlchemy
    that uses psycopg 3, sync or async, or `django.db.connection`.

    Raises `ConfigurationError`. Make it where the application is made, once.
    """

    def __init__(
        self,
        app: "procrastinate.App",
        *,
        gateway: Callable[[], Gateway],
        encrypt: "str | bytes | Iterable[str | bytes] | MultiFernet | Unencrypted",
        lanes: Mapping[MessageKind, Lane] | None = None,
        templates: Iterable[Template] = (),
        retry: procrastinate.BaseRetryStrategy = _RETRY,
        stalled_after: float = 30.0,
        longest_run: float = 900.0,
        sweep: str = "* * * * *",
    ) -> None:
        # Rebound before anything is checked, so that no traceback's locals hold the raw value.
        sealing, encrypt = Sealing(encrypt), ""
        self._sealing = sealing.require()
        check_kind("retry", retry, procrastinate.BaseRetryStrategy, "a procrastinate.RetryStrategy")
        for name, seconds in (("stalled_after", stalled_after), ("longest_run", longest_run)):
            if not 0 < seconds < float("inf"):
                raise ConfigurationError(f"{name}: must be above 0 seconds, and finite")
        self._app = app
        self._gateways = Gateways(gateway)
        self._retry = retry
        every = Lanes(lanes, templates)
        self._enqueuing = Enqueuing(self._sealing, every)
        self._deferring = Deferring(
            one=app.task(name=SEND, retry=retry, pass_context=True)(self._run),
            chunk=app.task(name=SEND_CHUNK, retry=retry, pass_context=True)(self._run),
        )
        self._sweeper = Sweeper(app, retry, stalled_after, longest_run)
        self._sweep_task = app.task(name=SWEEP, queue=every.by_kind["code"].queue, queueing_lock=SWEEP)(self._sweep)
        app.periodic(cron=sweep, periodic_id="smsgate")(self._sweep_task)

    async def enqueue(self, message: Message, **options: Unpack[EnqueueOptions]) -> str:
        """Make a job that sends *message*, and return its key: its own, or one that is made for it.

        If a job with this key is waiting, nothing is done. *options*: see `EnqueueOptions`.

        Raises `MessageError` for what cannot be a message, `ConfigurationError` for a connection that is none, and what
        procrastinate raises.
        """
        check_options(options, EnqueueOptions)
        job = self._enqueuing.one(message)
        with suppress(AlreadyEnqueued):  # that one sends it
            await self._deferring.defer([job], options, job.keys[0])
        return job.keys[0]

    def enqueue_blocking(self, message: Message, **options: Unpack[EnqueueOptions]) -> str:
        """As `enqueue`, for code that is not async, such as a transaction of Django's ORM."""
        check_options(options, EnqueueOptions)
        job = self._enqueuing.one(message)
        with suppress(AlreadyEnqueued):
            self._deferring.defer_blocking([job], options, job.keys[0])
        return job.keys[0]

    async def enqueue_many(
        self,
        source: Iterable[Message] | AsyncIterable[Message],
        *,
        campaign: str | None = None,
        chunk: int = 200,
        **options: Unpack[EnqueueOptions],
    ) -> Enqueued:
        """Make jobs that send the messages of *source*, each with up to *chunk* of them.

        *source* is read as jobs are made. With keys of its own it can be enqueued again after a failure: each message
        is sent once. *campaign*: the name under which the ledger counts them (`SqlLedger.progress`).

        Raises as `enqueue` does, and what *source* raises: jobs that were made before stay, but for those of a
        transaction of yours.
        """
        check_options(options, EnqueueOptions)
        made = _Made(campaign)
        async with aclosing(self._enqueuing.many(source, chunk, campaign)) as jobs:
            async for job in jobs:
                if made.add(job):
                    await self._deferring.defer(made.take(), options)
        await self._deferring.defer(made.take(), options)
        return made.enqueued()

    def enqueue_many_blocking(
        self,
        source: Iterable[Message],
        *,
        campaign: str | None = None,
        chunk: int = 200,
        **options: Unpack[EnqueueOptions],
    ) -> Enqueued:
        """As `enqueue_many`, for code that is not async."""
        check_options(options, EnqueueOptions)
        made = _Made(campaign)
        for job in self._enqueuing.many_blocking(source, chunk, campaign):
            if made.add(job):
                self._deferring.defer_blocking(made.take(), options)
        self._deferring.defer_blocking(made.take(), options)
        return made.enqueued()

    async def cancel(self, key: str) -> bool:
        """See to it that the message with this key is not sent, also one of a campaign: whether it is so.

        See `smsgate.ledger.SqlLedger.cancel`. A job that has only this message is cancelled, too.
        """
        if not await ledger_of(self._gateways.get()).cancel(key):
            return False
        for id in await waiting_ids(self._app, key):
            await self._app.job_manager.cancel_job_by_id_async(id)
        return True

    async def reschedule(self, key: str, when: datetime) -> bool:
        """Let the waiting job of the message with this key run at *when* (aware) at the earliest: whether there is one.

        Not for the messages of a chunk, which have one job: cancel its key, and enqueue the message with another one.
        """
        check_aware("when", when)
        return await move_waiting(self._app, key, when)

    async def sweep(self) -> Swept:
        """Run jobs again that dead workers have left, or give them up after as many runs as they have.

        The task `smsgate.sweep` does it.
        """
        return await self._sweeper.sweep(ledger_of(self._gateways.get()))

    async def _run(self, context: "procrastinate.JobContext", *, job: dict[str, Any]) -> dict[str, int]:
        specimen = JobNotDoneError("")
        last = self._retry.get_retry_decision(exception=specimen, job=context.job) is None
        return await run_job(await self._gateways.warmed(), job, self._sealing, last=last)

    async def _sweep(self, timestamp: int) -> None:
        await self.sweep()


class _Made:
    """Jobs on their way into the queue, and how many there were."""

    def __init__(self, campaign: str | None) -> None:
        self._campaign = campaign
        self._messages = self._jobs = 0
        self._waiting: list[NewJob] = []

    def add(self, job: NewJob) -> bool:
        """Add one. Whether there are enough to be inserted together."""
        self._waiting.append(job)
        return len(self._waiting) == _JOBS_PER_INSERT

    def take(self) -> Sequence[NewJob]:
        """Those that are to be inserted."""
        taken, self._waiting = self._waiting, []
        self._jobs += len(taken)
        self._messages += sum(len(job.keys) for job in taken)
        return taken

    def enqueued(self) -> Enqueued:
        """All of it."""
        return Enqueued(messages=self._messages, jobs=self._jobs, campaign=self._campaign)
