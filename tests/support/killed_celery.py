"""Celery in the table of killed requests: a task that sends and is acknowledged late, and ours. Redis is its broker.

As a program it is a worker: python tests/support/killed_celery.py redis+socket://… prefix ledger http://…
"""

import importlib.metadata
import secrets
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import attrs
from celery_shop import QUEUES, Shop
from databases import running
from fake_vendors import login
from redis import Redis

from smsgate.ledger import SqlLedger
from smsgate.sync import run

__all__ = ["cases"]

_WAYS = {
    "late": "with `acks_late` and `reject_on_worker_lost`",
    "ledger": "with keys and a ledger (`smsgate.tasks`)",
}
_KEY = "order-1"


def cases() -> Iterator[AbstractContextManager["CeleryCase"]]:
    """Its cases."""
    return map(_made, _WAYS)


@contextmanager
def _made(way: str) -> Iterator["CeleryCase"]:
    with running("redis") as server, tempfile.TemporaryDirectory() as folder:
        yield CeleryCase(way, server.url, f"{secrets.token_hex(6)}:", f"sqlite:///{folder}/ledger.db")


@attrs.frozen
class CeleryCase:
    """One way to use Celery."""

    way: str
    redis: str
    prefix: str
    ledger: str
    seconds: float = 20.0
    """Its worker looks every ten for what a dead one has left."""

    @property
    def name(self) -> str:
        """With its version."""
        return f"Celery {importlib.metadata.version('celery')}, {_WAYS[self.way]}"

    def enqueue(self, to: str) -> None:
        """Enqueue a message to this number."""
        shop = self._shop("")
        if self.way == "ledger":
            run(SqlLedger(self.ledger).create)
            shop.sms.enqueue(login(to, key=_KEY))
        else:
            shop.plain.apply_async((to,))

    def worker(self, url: str) -> Sequence[str]:
        """The command of a worker."""
        return [sys.executable, __file__, self.redis, self.prefix, self.ledger, url]

    def state(self) -> str:
        """Where the job is, and what the ledger has."""
        with Redis.from_url(self.redis) as client:
            waits = any(client.llen(f"{self.prefix}{queue}") for queue in QUEUES)
            unacked = client.zcard(f"{self.prefix}unacked_index")
        result = run(SqlLedger(self.ledger).result, _KEY) if self.way == "ledger" else None
        job = "the job waits" if waits else "the job is not acknowledged" if unacked else "the job is gone"
        return f"{job}, the message `{result.outcome}`" if result else job

    def _shop(self, url: str) -> Shop:
        return Shop(self.redis, self.prefix, self.ledger, url)


def main(redis: str, prefix: str, ledger: str, url: str) -> None:
    """Run a worker, of one process: when it is killed, its request is."""
    app = Shop(redis, prefix, ledger, url).app
    app.worker_main(["worker", "--pool=solo", "--without-gossip", "--without-mingle", f"--queues={','.join(QUEUES)}"])


if __name__ == "__main__":
    main(*sys.argv[1:])
