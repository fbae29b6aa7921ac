"""Threads for drivers that block: one that writes, and some that read. What waits for them runs on asyncio and trio.

The writer commits in groups: whatever has come while it was committing is the next transaction. So a busy gateway pays
for one commit, not for one a request.
"""

import math
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, TypeVar
from weakref import WeakSet

import anyio
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from smsgate.ledger.database import Database, as_ledger_error, may_pass
from smsgate.ledger.jobs import Job, Pulse, Work, finish, run_jobs
from smsgate.model.errors import ClosedError, LedgerError
from smsgate.transport.loop import LoopBinding, LoopEvent

__all__ = ["Threads"]

T = TypeVar("T")

_MOST_IN_GROUP: Final = 200
_CROWD: Final = 5
_MOMENT: Final = 0.001
"""Where that many wrote together, the next commit waits so many seconds for as many: they come within that, and it
costs as much as ten of them (commit_siblings and commit_delay of PostgreSQL are the same).
"""
_READERS: Final = 4
_TRIES: Final = 6
_PAUSE: Final = 0.01


class Threads:
    """Runs work on the connections of a database, in threads of its own.

    *pulses* are called by the writer between two transactions, and every so many seconds: *every*. Each is told whether
    others wait, and gives work to be done now, or None.
    """

    def __init__(
        self, database: Database, timeout: float, *, pulses: Sequence[Callable[[bool], Pulse | None]], every: float
    ) -> None:
        self._database = database
        self._timeout = timeout
        self._pulses = pulses
        self._every = every
        self._lock = threading.Lock()
        self._loop: LoopBinding | None = None
        self._pid = 0
        self._closed = False
        self._connection: Connection | None = None
        self._jobs: queue.SimpleQueue[Job]
        self._readers: ThreadPoolExecutor
        self._writer: threading.Thread
        _ALL.add(self)

    def drop_inherited(self) -> None:
        """After a fork: the lock may be held by a thread that does not exist here."""
        self._lock = threading.Lock()

    async def write(
        self,
        work: Work[T],
        *,
        undo: Work[object] | None = None,
        undo_if_cancelled: bool = False,
        limited: bool = True,
        erases: bool = False,
    ) -> T:
        """Run *work* in a transaction, and return when that is committed.

        *work* may be run again, if the transaction in which it was with others has failed. *undo*: what takes it back
        if it is committed after its caller has waited for the timeout. *undo_if_cancelled*: also if its caller was
        cancelled, since nothing follows that would end what it has begun; it is then not begun any more, or taken back.
        *limited*: whether the caller waits for the timeout at most. *erases*: nothing of what it removes may stand in a
        log of the database afterwards.

        Raises `LedgerError`.
        """
        job, done = self._job(work)
        job.undo, job.undo_if_cancelled, job.erases = undo, undo_if_cancelled, erases
        self._jobs.put(job)
        written: T = await self._wait(job, done, limited)
        return written

    async def read(self, work: Work[T]) -> T:
        """Run *work* on a connection that only reads. Raises `LedgerError`."""
        job, done = self._job(work)
        self._readers.submit(self._read, job)
        found: T = await self._wait(job, done, limited=True)
        return found

    async def aclose(self) -> None:
        """Commit what waits, for as long as the timeout, end the threads, and close the database."""
        if self._closed:
            return
        if self._pid != os.getpid():
            self._closed = True
            if self._pid:
                self._database.close_inherited(self._connection)
            return
        job, done = self._job(_close)
        job.last = True
        self._closed = True
        self._jobs.put(job)
        self._readers.shutdown(wait=False)
        try:
            with anyio.move_on_after(self._timeout, shield=True):
                await done.wait()
        finally:
            self._database.close()

    def _job(self, work: Work[Any]) -> tuple[Job, LoopEvent]:
        if self._closed:
            raise ClosedError("this ledger has been closed")
        with self._lock:  # two event loops in two threads may be the first to use it
            if self._pid != os.getpid():
                self._start()
        loop = self._loop
        if loop is None or not loop.on_own_loop():
            loop = self._loop = LoopBinding()
            loop.bind()
        done = loop.make_event()
        return Job(work, loop, done), done

    def _start(self) -> None:
        if self._pid:  # forked: neither threads nor connections are this process's
            self._database.abandon(self._connection)
            self._connection = None
            self._loop = None
        self._pid = os.getpid()
        self._jobs = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(_READERS, "smsgate-ledger-read")
        self._writer = threading.Thread(target=self._write_on, name="smsgate-ledger-write", daemon=True)
        self._writer.start()

    async def _wait(self, job: Job, done: LoopEvent, limited: bool) -> Any:
        try:
            with anyio.move_on_after(self._timeout if limited else math.inf):
                await done.wait()
        except BaseException:  # the caller is cancelled, by anyio, trio or asyncio itself
            if job.undo is not None and job.undo_if_cancelled and not self._give_up(job) and job.error is None:
                self._jobs.put(Job(job.undo, job.loop))
            raise
        if not done.is_set() and self._give_up(job):
            raise LedgerError(f"ledger: its database has not answered within {self._timeout:g} seconds")
        if job.error is not None:
            raise as_ledger_error(job.error) from None
        return job.value

    def _give_up(self, job: Job) -> bool:
        """Wait for *job* no longer. False if it has ended meanwhile."""
        with self._lock:
            job.given_up = not job.finished
        return job.given_up

    def _read(self, job: Job) -> None:
        try:
            with self._database.reading() as connection:
                job.value = job.work(connection)
        except BaseException as error:  # whatever it is: someone waits for it
            job.error = error
        self._finish([job])

    def _write_on(self) -> None:
        jobs = self._jobs
        last, more, crowd = None, False, 0
        while last is None:
            group = _take_group(jobs, 0.0 if more else self._every, crowd)
            crowd = len(group) or crowd
            last = next((job for job in group if job.last), None)
            self._commit([job for job in group if not job.given_up and not job.last])
            more = self._beat()
        while self._beat():
            pass
        self._disconnect()
        self._finish([last])

    def _commit(self, group: Sequence[Job]) -> None:
        """Run the jobs in one transaction, or each in one of its own if that fails."""
        if group and not self._try(group):
            for job in group:
                self._insist(job)
        if self._connection is not None and any(job.erases for job in group):
            self._database.checkpoint(self._connection)
        self._finish(group)
        for job in group:
            if job.given_up and job.undo is not None and job.error is None:
                self._insist(Job(job.undo, job.loop))

    def _insist(self, job: Job) -> None:
        """Run *job* alone, again where another process may have been in the way, or the connection was lost."""
        for tries in range(_TRIES):
            if job.given_up or self._try([job]) or job.error is None or not may_pass(job.error):
                return
            time.sleep(_PAUSE * tries)

    def _try(self, group: Sequence[Job]) -> bool:
        try:
            if self._connection is None:
                self._connection = self._database.connect_writer()
            with self._database.transaction(self._connection) as connection:
                run_jobs(connection, group)
        except BaseException as error:  # whatever it is: someone waits for it, and others come after it
            for job in group:
                job.error = error
            if not _is_refusal(error):
                self._disconnect()
            return False
        return True

    def _beat(self) -> bool:
        """Do what nobody waits for. Whether there is more of it to do at once."""
        more = False
        for pulse in self._pulses:
            work = pulse(not self._jobs.empty())
            if work is not None and self._try([Job(work, LoopBinding())]):
                more = work.committed() or more
        return more

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.invalidate()
                connection.close()
            except Exception:  # noqa: S110  # it is broken: that is why
                pass

    def _finish(self, group: Sequence[Job]) -> None:
        """Wake whoever waits."""
        with self._lock:
            for job in group:
                job.finished = True
        finish(group)


def _take_group(jobs: "queue.SimpleQueue[Job]", seconds: float, crowd: int) -> list[Job]:
    """What is to be one transaction: what has come, or comes within *seconds*. None at all if nothing does.

    *crowd*: how many there were in the last one.
    """
    group: list[Job] = []
    with suppress(queue.Empty):
        group.append(jobs.get(block=seconds > 0, timeout=seconds))
    if group and crowd >= _CROWD and jobs.qsize() < crowd - 1:
        time.sleep(_MOMENT)
    while len(group) < _MOST_IN_GROUP and not jobs.empty():
        group.append(jobs.get())
    return group


def _close(connection: Connection) -> None:
    """The last job: what came before it is committed."""


def _is_refusal(error: BaseException) -> bool:
    """Whether the database has refused a statement, so that its connection is as good as before."""
    return isinstance(error, DBAPIError) and not error.connection_invalidated


def _drop_inherited() -> None:
    for threads in _ALL:
        threads.drop_inherited()


_ALL: Final[WeakSet[Threads]] = WeakSet()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_drop_inherited)
