"""Real workers of task engines that are killed, with every message enqueued twice: one request a key."""

import secrets
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from databases import Server
from dbos import DBOSClient
from engine_gateway import CHUNK, IDLE_TIMEOUT
from engine_workers import Workers
from redis import Redis

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no process can be killed so")

SUPPORT = Path(__file__).parents[1] / "support"


@pytest.fixture
def database(database_server: Callable[[str], Server]) -> Iterator[str]:
    """A database of PostgreSQL that no other test has."""
    url, name = database_server("postgresql").url, f"workers{secrets.token_hex(6)}"
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield url.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_dbos(database: str) -> None:
    """A process of DBOS is killed in the middle of requests; then all workflows are run once more."""
    with Workers.of(database, database) as workers:
        worker = str(SUPPORT / "dbos_worker.py")
        workers.run(worker, "enqueue")
        for name in ("worker-1", "worker-2"):
            workers.start(name, [worker, name])
        workers.wait(lambda: workers.vendor.taken.total() >= 20)
        workers.kill("worker-1")
        workers.start("worker-1", [worker, "worker-1"])
        workers.wait(workers.all_told)
        sent = workers.vendor.taken.copy()
        client = DBOSClient(system_database_url=database)
        for each in client.list_workflows(name=["smsgate.send", "smsgate.send_chunk"], load_output=False):
            client.fork_workflow(each.workflow_id, 1)
        workers.wait(lambda: not client.list_workflows(status=["PENDING", "ENQUEUED"], load_output=False))
        client.destroy()
        assert workers.vendor.taken == sent
        workers.check(most_unknown=6 * CHUNK)


def test_taskiq(database: str, database_server: Callable[[str], Server]) -> None:
    """A worker of taskiq is killed in the middle of requests, and what it had is delivered again, once more comes."""
    # The lowest Redis client that smsgate takes comes with a release of it that taskiq is too new for.
    pytest.importorskip("taskiq_redis", exc_type=ImportError)
    with Workers.of(database_server("redis").url, database) as workers:
        enqueue = str(SUPPORT / "taskiq_worker.py")
        workers.run(enqueue)
        command = ["-m", "taskiq", "worker", "taskiq_worker:broker", "--workers", "1", "--max-async-tasks", "4"]
        for name in ("worker-1", "worker-2"):
            workers.start(name, command)
        workers.wait(lambda: workers.vendor.taken.total() >= 20)
        workers.kill_child("worker-1")  # its supervisor starts another
        workers.wait(workers.all_told)
        # A worker that has read a task looks for what others have had for the idle timeout, and no worker otherwise.
        time.sleep(IDLE_TIMEOUT / 1000)
        workers.run(enqueue)
        workers.wait(lambda: not _unacknowledged(workers.environment["QUEUE"]))
        workers.check(most_unknown=4 * CHUNK)


def _unacknowledged(queue: str) -> int:
    with Redis.from_url(queue) as redis:
        streams = [name for name in ("sms-code", "sms-notification", "sms-marketing") if redis.exists(name)]
        groups = [group for name in streams for group in redis.xinfo_groups(name)]
    return sum(group["pending"] + (group["lag"] or 0) for group in groups)
