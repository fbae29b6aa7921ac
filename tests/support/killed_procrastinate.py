"""procrastinate in the table of killed requests: alone, with the retry of stalled jobs that its pages show, and ours.

As a program it is a worker: python tests/support/killed_procrastinate.py alone postgresql://… http://…
"""

import importlib.metadata
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import anyio
import attrs
from databases import running
from fake_vendors import LOGIN, alpha, login
from procrastinate import App, JobContext, PsycopgConnector
from queue_worker import DEAD_AFTER, make_tasks
from queues import Queue, ledger_at, made_queue

from smsgate import Gateway

__all__ = ["cases"]

_WAYS = {
    "alone": "as its documentation begins",
    "stalled": "with a task that retries stalled jobs, as its documentation shows",
    "ledger": "with keys and a ledger (`smsgate.tasks`)",
}
_KEY = "order-1"


def cases() -> Iterator[AbstractContextManager["ProcrastinateCase"]]:
    """Its cases."""
    return map(_made, _WAYS)


@contextmanager
def _made(way: str) -> Iterator["ProcrastinateCase"]:
    with running("postgresql") as server, made_queue(server.url) as queue:
        yield ProcrastinateCase(way, queue)


@attrs.frozen
class ProcrastinateCase:
    """One way to use procrastinate."""

    way: str
    queue: Queue
    seconds: float = 5 * DEAD_AFTER

    @property
    def name(self) -> str:
        """With its version."""
        return f"procrastinate {importlib.metadata.version('procrastinate')}, {_WAYS[self.way]}"

    def enqueue(self, to: str) -> None:
        """Enqueue a message to this number."""
        anyio.run(self._enqueue, to)

    def worker(self, url: str) -> Sequence[str]:
        """The command of a worker."""
        return [sys.executable, __file__, self.way, self.queue.url, url]

    def state(self) -> str:
        """The job's, and what the ledger has."""
        [row] = self.queue.rows("SELECT status FROM procrastinate_jobs WHERE task_name IN ('send', 'smsgate.send')")
        return f"the job is `{row['status']}`{anyio.run(self._result) if self.way == 'ledger' else ''}"

    async def _enqueue(self, to: str) -> None:
        if self.way == "ledger":
            app, sms, ledger = make_tasks(self.queue.url, "")
            async with app.open_async(), ledger:
                await sms.enqueue(login(to, key=_KEY))
            return
        app = _plain(self.way, self.queue.url, "")
        async with app.open_async():
            await app.configure_task("send").defer_async(to=to)

    async def _result(self) -> str:
        async with ledger_at(self.queue.url) as ledger:
            result = await ledger.result(_KEY)
        return f", the message `{result.outcome}`" if result else ""


def _plain(way: str, database: str, vendor: str) -> App:
    """An application whose task sends with a gateway, and does nothing else about it."""
    app = App(connector=PsycopgConnector(conninfo=database))
    gateway = Gateway([alpha(url=vendor or None)], templates=[LOGIN])

    @app.task(name="send")
    async def send(to: str) -> str:
        return (await gateway.send(login(to))).outcome

    if way == "stalled":

        @app.periodic(cron="* * * * * *")
        @app.task(name="retry", queueing_lock="retry", pass_context=True)
        async def retry(context: JobContext, timestamp: int) -> None:
            manager = app.job_manager
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
                await manager.retry_job(job)

    return app


async def _work(way: str, database: str, vendor: str) -> None:
    options: dict[str, Any] = {"update_heartbeat_interval": DEAD_AFTER / 3, "stalled_worker_timeout": DEAD_AFTER}
    app = make_tasks(database, vendor)[0] if way == "ledger" else _plain(way, database, vendor)
    async with app.open_async():
        await app.run_worker_async(**options)


if __name__ == "__main__":
    anyio.run(partial(_work, *sys.argv[1:]))
