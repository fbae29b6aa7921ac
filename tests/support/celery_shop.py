"""An application of Celery that sends messages, its real workers, and the vendor that counts what it took."""

import json
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import attrs
from celery import Celery
from crash_jobs import vendor
from databases import children_of
from fake_vendors import LOGIN, alpha, login
from redis import Redis

from smsgate import Gateway, sync
from smsgate.ledger import SqlLedger
from smsgate.tasks.celery import SmsTasks

__all__ = ["KEY", "Shop", "Taken", "Worker", "open_shop", "wait_until_done"]

KEY = "7pXqjSmUaSJ1OEMZq1hBxC4v6hWw1rFNQn2C5zQ0JpA="
QUEUES = ("sms-code", "sms-notification", "sms-marketing", "plain")
_SECONDS = 60.0
_VISIBILITY_TIMEOUT = 1


@attrs.define(slots=False)
class Shop:
    """The application: in the process that enqueues, and in each worker."""

    redis: str
    prefix: str
    ledger: str
    url: str
    options: dict[str, Any] = attrs.field(factory=dict[str, Any])
    app: Any = attrs.field(init=False)
    sms: SmsTasks = attrs.field(init=False)
    plain: Any = attrs.field(init=False)
    """A task as one writes it without keys: sent as often as it is run."""

    def __attrs_post_init__(self) -> None:
        self.app = Celery("shop", broker=self.redis.replace("unix:", "redis+socket:"), set_as_current=False)
        self.app.conf.update(
            broker_transport_options={"global_keyprefix": self.prefix, "visibility_timeout": _VISIBILITY_TIMEOUT},
            broker_connection_retry_on_startup=True,
            worker_prefetch_multiplier=1,
            task_default_queue="plain",
        )
        self.sms = SmsTasks(self.app, gateway=self.make_gateway, encrypt=KEY, wait=lambda retries: 0.1, **self.options)
        alone: list[sync.Gateway] = []

        def send(number: str) -> None:
            if not alone:
                alone.append(sync.Gateway([alpha(url=self.url)], templates=[LOGIN]))
            alone[0].send(login(number))

        self.plain = self.app.task(name="plain", shared=False, acks_late=True, reject_on_worker_lost=True)(send)

    def make_gateway(self) -> Gateway:
        ledger = SqlLedger(self.ledger, lease=1.0)
        return Gateway([alpha(batch_limit=10, url=self.url)], templates=[LOGIN], ledger=ledger)

    @property
    def given(self) -> str:
        """What another process makes it of."""
        return json.dumps([self.redis, self.prefix, self.ledger, self.url, self.options])

    def waiting(self, queue: str) -> list[dict[str, Any]]:
        """The jobs in a queue, as they stand in Redis."""
        with Redis.from_url(self.redis) as client:
            rows: Any = client.lrange(f"{self.prefix}{queue}", 0, -1)
        return [json.loads(row) for row in rows]

    @contextmanager
    def worker(self, folder: Path) -> "Iterator[Worker]":
        """A worker with two processes, ended as a supervisor does. Its log is in *folder*."""
        own = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        log = folder / "worker.log"
        with log.open("ab") as file:
            process = subprocess.Popen([sys.executable, __file__, self.given], env=own, stdout=file, stderr=file)
        worker = Worker(process)
        try:
            yield worker
            process.terminate()
            assert process.wait(_SECONDS) in (0, -signal.SIGKILL)
        except BaseException as error:
            error.add_note(log.read_text("utf-8", "replace")[-5000:])
            raise
        finally:
            worker.kill()


@attrs.define
class Worker:
    """A worker of Celery: a process that takes jobs, and those that run them."""

    process: "subprocess.Popen[bytes]"

    def kill_one(self) -> None:
        """Kill one of those that run jobs with -9."""
        os.kill(random.choice(children_of(self.process.pid)), signal.SIGKILL)

    def crash(self) -> None:
        """Kill all of them with -9, as a crash of their host does, and wait until another worker may take their jobs.

        One that starts earlier leaves them to a search that Celery makes 100 seconds later.
        """
        self.kill()
        time.sleep(_VISIBILITY_TIMEOUT + 0.5)

    def kill(self) -> None:
        """Kill all of them with -9."""
        self.process.send_signal(signal.SIGSTOP)  # it starts no other
        for child in children_of(self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self.process.kill()
        self.process.wait()


@attrs.frozen
class Taken:
    """What the vendor took."""

    file: Path

    def count(self) -> Counter[str]:
        """How often it took which number."""
        return Counter(self.file.read_text().split()) if self.file.exists() else Counter()

    def wait(self, until: Callable[[Counter[str]], bool]) -> None:
        """Wait until it is so."""
        end = time.monotonic() + _SECONDS
        while not until(self.count()):
            assert time.monotonic() < end, f"not in time: {len(self.count())} numbers"
            time.sleep(0.02)


def wait_until_done(redis: str, prefix: str) -> None:
    """Wait until no job waits and none runs."""
    end, quiet = time.monotonic() + _SECONDS, 0
    with Redis.from_url(redis) as client:
        while quiet < 5:  # a job that is being taken is neither here nor there for a moment
            queued: Any = [client.llen(f"{prefix}{queue}") for queue in QUEUES]
            quiet = 0 if client.zcard(f"{prefix}unacked_index") or any(queued) else quiet + 1
            assert time.monotonic() < end, f"jobs are left: {queued} in the queues"
            time.sleep(0.03)


@contextmanager
def open_shop(
    redis: str, folder: Path, *, latency: float, refusing: float = 0.02, **options: Any
) -> Iterator[tuple[Shop, Taken]]:
    """An application of its own in this Redis. Its vendor takes *latency* seconds to respond."""
    taken = folder / "taken"
    with vendor(taken, latency=latency, refusing=refusing) as url:
        shop = Shop(redis, f"{secrets.token_hex(6)}:", f"sqlite:///{folder}/ledger.db", url, options)
        yield shop, Taken(taken)


def main(given: str) -> None:
    """Run a worker."""
    app = Shop(*json.loads(given)).app
    app.worker_main(
        ["worker", "--concurrency=2", "--without-gossip", "--without-mingle", f"--queues={','.join(QUEUES)}"]
    )


if __name__ == "__main__":
    main(sys.argv[1])
