"""Sends a campaign with workers of procrastinate that are killed all the time, and compares with the vendor.

python tests/support/worker_crashes.py                    100,000 messages, 4 workers, one killed every second
python tests/support/worker_crashes.py --restarts 3       and the database is killed and started again three times

The vendor is a server of its own: it counts what it took, and knows no key. Whoever ends is started again, as a service
manager does. At the end what may have been sent is settled by the vendor's own count, as a `Settler` does: what it has
nothing of is sent once more.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import attrs
import psycopg
from crash_jobs import vendor
from databases import Server, running
from fake_vendors import login, number
from queue_worker import DEAD_AFTER, make_tasks
from queues import Queue, made_queue

from smsgate.ledger import Resend, SqlLedger

__all__ = ["WORKER", "Books", "Workers", "enqueue", "is_open", "run", "runs_of", "settle", "taken_by"]

CAMPAIGN = "crashes"
WORKER = Path(__file__).with_name("queue_worker.py")
_LATENCY = 0.05
"""Seconds: so long that a kill comes in the middle of some requests."""
_SENDERS = 20
_MOST_SECONDS = 1800.0
_RUNS = "SELECT sum(attempts) AS runs FROM procrastinate_jobs WHERE task_name = 'smsgate.send_chunk'"
_OPEN = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND task_name <> 'smsgate.sweep'"


@attrs.define
class Books:
    """What it came to."""

    count: int
    seconds: float = 0.0
    kills: int = 0
    restarts: int = 0
    ended: int = 0
    """Workers that ended by themselves, because their database did."""
    runs: int = 0
    """Of jobs, in all."""
    unknown: int = 0
    """Messages that may have been sent, after all jobs had ended."""
    resent: int = 0
    """Of these, those that the vendor had nothing of, and that were sent once more."""
    accepted: int = 0
    """As the ledger has it."""
    taken: Counter[str] = attrs.field(factory=Counter[str])
    """By the vendor's own count, by number."""

    @property
    def lost(self) -> int:
        """Messages that the vendor never had."""
        return sum(number(each) not in self.taken for each in range(self.count))

    @property
    def twice(self) -> int:
        """Messages that it had more than once."""
        return sum(times > 1 for times in self.taken.values())

    def lines(self) -> list[str]:
        """It in words."""
        return [
            f"{self.count} messages in {self.seconds:.0f} s, {self.runs} runs of jobs",
            f"{self.kills} workers killed, {self.ended} ended, the database restarted {self.restarts} times",
            f"{self.unknown} unknown, of which the vendor had nothing of {self.resent}; {self.accepted} accepted",
            f"lost: {self.lost}, sent twice: {self.twice}",
        ]


@attrs.define
class Workers:
    """Processes that are started again when they end."""

    command: Sequence[str]
    processes: list[subprocess.Popen[bytes]] = attrs.field(factory=list[subprocess.Popen[bytes]])
    kills: int = 0
    ended: int = 0

    def start(self, count: int) -> None:
        """Start some more."""
        for _ in range(count):
            self.processes.append(self._start())

    def kill_one(self) -> None:
        """Kill one of them, as a machine does that is out of memory, and start another one."""
        index = random.randrange(len(self.processes))
        process = self.processes[index]
        process.send_signal(signal.SIGKILL)
        self.kills += process.wait() == -signal.SIGKILL
        self.processes[index] = self._start()

    def start_ended(self) -> None:
        """Start others in place of those that ended by themselves."""
        for index, process in enumerate(self.processes):
            if process.poll() is not None:
                self.ended += 1
                self.processes[index] = self._start()

    def stop(self) -> None:
        """Kill all of them."""
        for process in self.processes:
            process.kill()
            process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self.command, stderr=subprocess.DEVNULL)


def run(
    server: Server,
    queue: Queue,
    file: Path,
    count: int,
    *,
    workers: int = 4,
    kills: float = 1.0,
    most_kills: int = 1_000_000,
    restarts: int = 0,
    dead_after: float = DEAD_AFTER,
) -> Books:
    """Send *count* messages with so many *workers*, one killed every *kills* seconds. The vendor writes to *file*.

    It begins with the first message that the vendor takes, and ends after so many: *most_kills*.

    *restarts*: how often the database is killed and started again. *dead_after*: seconds until a killed one counts so.
    """
    books = Books(count)
    anyio.run(enqueue, queue.url, count)
    with vendor(file, refusing=0.0, latency=_LATENCY) as url:
        crew = Workers([sys.executable, str(WORKER), queue.url, url, "--dead-after", str(dead_after)])
        began = time.monotonic()
        try:
            crew.start(workers)
            _disturb(server, queue, file, crew, books, kills, most_kills, restarts)
        finally:
            crew.stop()
        books.seconds, books.kills, books.ended = time.monotonic() - began, crew.kills, crew.ended
        books.runs = runs_of(queue)
        anyio.run(settle, queue.url, url, file, books, dead_after)
    books.taken = taken_by(file)
    return books


async def enqueue(database: str, count: int) -> None:
    """Enqueue the campaign."""
    app, sms, ledger = make_tasks(database, "")
    async with app.open_async(), ledger:
        await sms.enqueue_many((login(number(each), key=f"m-{each}") for each in range(count)), campaign=CAMPAIGN)


def _disturb(
    server: Server,
    queue: Queue,
    file: Path,
    crew: Workers,
    books: Books,
    kills: float,
    most_kills: int,
    restarts: int,
) -> None:
    """Kill workers, and the database, until nothing is left to do."""
    end, next_kill = time.monotonic() + _MOST_SECONDS, 0.0
    while is_open(queue) and time.monotonic() < end:
        taken = len(taken_by(file))
        if books.restarts < restarts and taken > books.count * (books.restarts + 1) / (restarts + 1):
            server.stop()
            time.sleep(random.uniform(0.0, 2.0))
            server.start()
            books.restarts += 1
        crew.start_ended()
        now = time.monotonic()
        if taken and now >= next_kill and crew.kills < most_kills:
            crew.kill_one()
            next_kill = max(next_kill + kills, now)
        time.sleep(0.1)


def is_open(queue: Queue) -> bool:
    """Whether jobs wait, or are run."""
    with suppress(psycopg.OperationalError):
        return bool(queue.rows(_OPEN)[0]["count"])
    return True


def runs_of(queue: Queue) -> int:
    """How often the jobs of the campaign were run, in all."""
    return int(queue.rows(_RUNS)[0]["runs"])


def taken_by(file: Path) -> Counter[str]:
    """How often the vendor has taken a message to each number."""
    return Counter(file.read_text().split()) if file.exists() else Counter()


async def settle(database: str, vendor: str, file: Path, books: Books, dead_after: float) -> None:
    """Ask the vendor, by its own count, for what may have been sent, and send what it has nothing of."""
    _, sms, ledger = make_tasks(database, vendor, dead_after)
    await anyio.sleep(2 * dead_after)  # until the keys of the last killed worker are free
    async with ledger, sms:
        gateway: Any = sms._gateways.get()
        resend, taken = Resend(gateway, after=timedelta(seconds=1)), taken_by(file)
        unknown = [entry async for entry in ledger.unsettled() if entry.attempt.outcome == "UNKNOWN"]
        books.unknown = len(unknown)
        missing = [entry.message.key or "" for entry in unknown if str(entry.message.to) not in taken]
        end = time.monotonic() + _MOST_SECONDS
        while missing and time.monotonic() < end:
            again = await _resend(resend, ledger, missing)
            books.resent += len(missing) - len(again)
            missing = again
            await anyio.sleep(2 * dead_after if missing else 0)
        books.accepted = (await ledger.progress(CAMPAIGN)).accepted


async def _resend(resend: Resend, ledger: SqlLedger, keys: Sequence[str]) -> list[str]:
    """Send the messages with *keys* once more. Returns those of which none has left: to be asked for again.

    On a busy machine this process may have counted as dead itself meanwhile.
    """
    waiting, again = iter(keys), list[str]()

    async def send_some() -> None:
        for key in waiting:
            if not await resend.send(ledger, key):
                again.append(key)

    async with anyio.create_task_group() as senders:
        for _ in range(_SENDERS):
            senders.start_soon(send_some)
    return again


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it, and say what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--kills", type=float, default=1.0, help="seconds between two")
    parser.add_argument("--restarts", type=int, default=0)
    given = parser.parse_args(arguments)
    options = {"workers": given.workers, "kills": given.kills, "restarts": given.restarts}
    with tempfile.TemporaryDirectory() as directory, running("postgresql") as server, made_queue(server.url) as queue:
        books = run(server, queue, Path(directory) / "taken", given.count, **options)
    sys.stdout.write("".join(f"{line}\n" for line in books.lines()))
    return bool(books.lost or books.twice)


if __name__ == "__main__":
    sys.exit(main())
