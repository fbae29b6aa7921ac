"""taskiq in the table of killed requests: a task that sends, and ours. Its broker is Redis, with acknowledgements.

This broker looks for what a dead worker had only when another task has come, so such a one comes in two of the cases.

As a program it is a worker: python tests/support/killed_taskiq.py ledger unix://… sqlite:///… http://…
"""

import importlib.metadata
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import anyio
import attrs
from databases import running
from engine_gateway import KEY, make_gateway
from fake_vendors import LOGIN, alpha, login
from redis import Redis
from taskiq import AsyncTaskiqDecoratedTask, SimpleRetryMiddleware
from taskiq.api import run_receiver_task
from taskiq_redis import RedisStreamBroker

from smsgate import Gateway
from smsgate.ledger import SqlLedger
from smsgate.sync import run
from smsgate.tasks.taskiq import SmsTasks

__all__ = ["cases"]

_WAYS = {
    "quiet": "with `RedisStreamBroker`, and no other task comes",
    "stream": "with `RedisStreamBroker`, and another task comes",
    "ledger": "with keys and a ledger (`smsgate.tasks`), and another task comes",
}
_KEY = "order-1"
_STREAM = "sms-code"
_COMES_AFTER = 4.0
"""Seconds after the start of a worker."""


def cases() -> Iterator[AbstractContextManager["TaskiqCase"]]:
    """Its cases."""
    return map(_made, _WAYS)


@contextmanager
def _made(way: str) -> Iterator["TaskiqCase"]:
    with running("redis") as server, tempfile.TemporaryDirectory() as folder:
        yield TaskiqCase(way, server.url, f"sqlite:///{folder}/ledger.db")


@attrs.frozen
class TaskiqCase:
    """One way to use taskiq."""

    way: str
    redis: str
    ledger: str
    seconds: float = 15.0

    @property
    def name(self) -> str:
        """With its version."""
        return f"taskiq {importlib.metadata.version('taskiq')}, {_WAYS[self.way]}"

    def enqueue(self, to: str) -> None:
        """Enqueue a message to this number."""
        run(SqlLedger(self.ledger).create)
        anyio.run(self._enqueue, to)

    def worker(self, url: str) -> Sequence[str]:
        """The command of a worker."""
        return [sys.executable, __file__, self.way, self.redis, self.ledger, url]

    def state(self) -> str:
        """Whether the task is acknowledged, and what the ledger has."""
        with Redis.from_url(self.redis) as client:
            groups: Any = client.xinfo_groups(_STREAM)
        waits = any(group["pending"] or group["lag"] for group in groups)
        result = run(SqlLedger(self.ledger).result, _KEY)
        task = f"the task is {'not acknowledged' if waits else 'acknowledged'}"
        return f"{task}, the message `{result.outcome}`" if result else task

    async def _enqueue(self, to: str) -> None:
        broker, sms, plain = _made_tasks(self.redis, None)
        await broker.startup()
        if self.way == "ledger":
            await sms.enqueue(login(to, key=_KEY), labels={"queue_name": _STREAM})
        else:
            await plain.kiq(to)
        await broker.shutdown()


def _made_tasks(
    redis: str, url: str | None
) -> tuple[RedisStreamBroker, SmsTasks, "AsyncTaskiqDecoratedTask[[str], Any]"]:
    """A broker that delivers soon again what a dead worker had, with a task of ours, and one that only sends."""
    broker = RedisStreamBroker(
        redis,
        queue_name=_STREAM,
        consumer_id="0",
        idle_timeout=1500,
        unacknowledged_lock_timeout=5.0,
        xread_block=200,
    ).with_middlewares(SimpleRetryMiddleware())
    gateway = Gateway([alpha(url=url)], templates=[LOGIN])

    async def send(to: str) -> None:
        await gateway.send(login(to))

    plain = broker.register_task(send, task_name="plain")
    return broker, SmsTasks(broker, gateway=make_gateway, encrypt=KEY), plain


async def _work(way: str, redis: str, ledger: str, url: str) -> None:
    os.environ.update(LEDGER=ledger, VENDOR=url)
    broker, _, _ = _made_tasks(redis, url)

    @broker.task(task_name="other")
    async def other() -> None:
        pass

    async with anyio.create_task_group() as group:
        group.start_soon(partial(run_receiver_task, broker, run_startup=True))
        if way != "quiet":
            await anyio.sleep(_COMES_AFTER)
            await other.kiq()


if __name__ == "__main__":
    anyio.run(partial(_work, *sys.argv[1:]))
