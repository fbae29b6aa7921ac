"""Rows of procrastinate's queue: how they are made, found, moved, and taken up again after their worker has died."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from functools import partial
from importlib import import_module
from typing import Any, Final

import anyio.to_thread
import attrs
import psycopg
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, JobDeferrer, Status
from procrastinate.manager import JobManager
from procrastinate.tasks import Task

from smsgate.model.errors import DataError
from smsgate.tasks.connections import driver_connection, driver_connection_blocking, savepoint, savepoint_blocking
from smsgate.tasks.enqueuing import NewJob
from smsgate.tasks.gateways import TaskLedger
from smsgate.tasks.lanes import Lane
from smsgate.tasks.running import SEND, SEND_CHUNK, SWEEP, JobNotDoneError, Swept, give_up_job

__all__ = ["Deferring", "Sweeper", "Swept", "move_waiting", "waiting_ids"]

logger: Final = logging.getLogger("smsgate")

_WAITING: Final = "SELECT id FROM procrastinate_jobs WHERE queueing_lock = %(lock)s AND status = 'todo'"
_MOVE: Final = """
    UPDATE procrastinate_jobs SET scheduled_at = %(at)s
    WHERE queueing_lock = %(lock)s AND status = 'todo' RETURNING id
"""
_LOST: Final = """
    SELECT job.id FROM procrastinate_jobs job
    WHERE job.status = 'doing' AND job.task_name = ANY(%(names)s::varchar[]) AND (
        SELECT MAX(event.at) FROM procrastinate_events event WHERE event.job_id = job.id AND event.type = 'started'
    ) < NOW() - make_interval(secs => %(seconds)s)
"""
_DIED: Final = "its workers died, or lost their database, in as many runs as it has"


@attrs.frozen
class Deferring:
    """Makes rows of jobs, in the transaction of the caller's connection if there is one."""

    one: "Task[Any, Any, Any]"
    chunk: "Task[Any, Any, Any]"

    async def defer(self, jobs: Sequence[NewJob], options: Mapping[str, Any], key: str | None = None) -> None:
        """Make the rows. With *key*, that of the one message of a single job, it can be found by it.

        Raises `AlreadyEnqueued` if a job with that key is waiting.
        """
        given = options.get("connection")
        connection = None if given is None else await driver_connection(given)
        if isinstance(connection, psycopg.Connection):
            await anyio.to_thread.run_sync(partial(self._defer_with, connection, jobs, options, key))
            return
        manager = None if connection is None else JobManager(PsycopgConnector())
        async with nullcontext() if connection is None else savepoint(connection):
            for deferrer, rows in self._rows(jobs, options, key, manager, connection):
                await deferrer.batch_defer_async(*rows)

    def defer_blocking(self, jobs: Sequence[NewJob], options: Mapping[str, Any], key: str | None = None) -> None:
        """As `defer`, for code that is not async."""
        given = options.get("connection")
        if given is not None:
            self._defer_with(driver_connection_blocking(given), jobs, options, key)
            return
        with self._own_savepoint():
            for deferrer, rows in self._rows(jobs, options, key):
                deferrer.batch_defer(*rows)

    def _defer_with(
        self,
        connection: "psycopg.Connection[Any]",
        jobs: Sequence[NewJob],
        options: Mapping[str, Any],
        key: str | None,
    ) -> None:
        with savepoint_blocking(connection):
            for deferrer, rows in self._rows(jobs, options, key, JobManager(SyncPsycopgConnector()), connection):
                deferrer.batch_defer(*rows)

    def _own_savepoint(self) -> AbstractContextManager[object]:
        """Where procrastinate uses Django's own connection, that may have a transaction which is to go on."""
        connector: Any = getattr(self.one.blueprint, "connector", None)
        if not type(connector).__module__.startswith("procrastinate.contrib.django"):
            return nullcontext()
        made: AbstractContextManager[object] = import_module("django.db.transaction").atomic(using=connector.alias)
        return made

    def _rows(
        self,
        jobs: Sequence[NewJob],
        options: Mapping[str, Any],
        key: str | None,
        manager: JobManager | None = None,
        connection: Any = None,
    ) -> Iterator[tuple[JobDeferrer, list[dict[str, Any]]]]:
        """What is to be deferred together: the jobs of each lane."""
        lanes: dict[Lane, list[NewJob]] = {}
        for job in jobs:
            lanes.setdefault(job.lane, []).append(job)
        task = self.chunk if key is None else self.one
        given = {name: value for name, value in options.items() if value is not None}
        for lane, group in lanes.items():
            chosen: dict[str, Any] = {"queue": lane.queue, "priority": lane.priority, **given, "connection": connection}
            if key is not None:
                chosen["queueing_lock"] = _lock_of(key)
            made = task.configure(**chosen)
            if manager is not None:
                made.job_manager = manager
            yield made, [{"job": job.data} for job in group]


async def waiting_ids(app: App, key: str) -> list[int]:
    """The ids of waiting jobs for the message with this key, of which there is one at most."""
    # `list_jobs_async` does not say all that its index needs to be used, and there may be millions that are done.
    return [row["id"] for row in await app.connector.execute_query_all_async(_WAITING, lock=_lock_of(key))]


async def move_waiting(app: App, key: str, at: datetime) -> bool:
    """Let the waiting job for the message with this key run at another time. Whether there is one."""
    rows = await app.connector.execute_query_all_async(_MOVE, lock=_lock_of(key), at=at)
    return bool(rows)


def _lock_of(key: str) -> str:
    return f"smsgate:{key}"


@attrs.frozen
class Sweeper:
    """Finds jobs that nobody runs, though procrastinate believes so."""

    app: App
    retry: BaseRetryStrategy
    stalled_after: float
    longest_run: float

    async def sweep(self, ledger: TaskLedger) -> Swept:
        """Let them run again, or give them up."""
        requeued = given_up = 0
        for job in await self._lost():
            decision = self.retry.get_retry_decision(exception=JobNotDoneError(""), job=job)
            try:
                if job.task_name == SWEEP:  # this one does its work, and nobody reads what stands there of a sweep
                    await self.app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
                elif decision is None:
                    await self._give_up(ledger, job)
                    given_up += 1
                else:
                    await self.app.job_manager.retry_job(job, retry_at=decision.retry_at)
                    requeued += 1
            except UniqueViolation:  # its message was enqueued again meanwhile: that job sends it
                await self.app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
            except ConnectorException as error:  # it has ended, or another sweep was quicker
                logger.debug("tasks: job %s is left as it is: %s", job.id, type(error).__name__)
        if requeued or given_up:
            logger.warning("tasks: dead workers left %d jobs to run again, and %d were given up", requeued, given_up)
        return Swept(requeued=requeued, given_up=given_up)

    async def _lost(self) -> list[Job]:
        manager, names = self.app.job_manager, [SEND, SEND_CHUNK, SWEEP]
        found: dict[int | None, Job] = {}
        for name in names:
            for job in await manager.get_stalled_jobs(task_name=name, seconds_since_heartbeat=self.stalled_after):
                found[job.id] = job
        # A worker that could not write that a job has ended says that it is alive, and never looks at it again.
        rows = await self.app.connector.execute_query_all_async(_LOST, names=names, seconds=self.longest_run)
        for row in rows:
            for job in await manager.list_jobs_async(id=row["id"]):
                found[job.id] = job
        return list(found.values())

    async def _give_up(self, ledger: TaskLedger, job: Job) -> None:
        try:
            await give_up_job(ledger, job.task_kwargs.get("job"), _DIED)
        except DataError as error:
            logger.error("tasks: job %s is given up, and its messages are not known: %s", job.id, error)
        await self.app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
