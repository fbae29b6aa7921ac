"""What workers of procrastinate do in a second, and how long a code waits while a campaign does.

python tests/support/worker_measures.py throughput      40,000 messages with 1, 2, 4 and 8 workers
python tests/support/worker_measures.py lanes           codes, while 1,000,000 rows of a campaign wait

The vendor is a server of its own that takes 50 ms to respond. All is on this machine, its database too: look at the
processor time of a message beside how many are sent in a second.
"""

import argparse
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import anyio
from crash_jobs import vendor
from databases import Server, cpu_seconds, running
from fake_vendors import login, number
from queue_worker import make_tasks
from queues import Queue, ledger_at, made_queue

_WORKER = Path(__file__).with_name("queue_worker.py")
_LATENCY = 0.05


async def _fill(queue: Queue, count: int, chunk: int) -> None:
    app, sms, ledger = make_tasks(queue.url, "")
    async with app.open_async(), ledger:
        people = (login(number(each), key=f"m-{each}", kind="marketing") for each in range(count))
        await sms.enqueue_many(people, chunk=chunk)


@contextmanager
def _workers(queue: Queue, url: str, *options: Sequence[str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A worker with each of *options*."""
    command = [sys.executable, str(_WORKER), queue.url, url]
    processes = [subprocess.Popen([*command, *each], stderr=subprocess.DEVNULL) for each in options]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def throughput(count: int, chunk: int) -> None:
    """Send *count* messages with 1, 2, 4 and 8 workers, and print a row for each."""
    sys.stdout.write(
        "| workers | messages a second | CPU of a worker a message | of PostgreSQL | processors in use |\n"
    )
    sys.stdout.write("|---:|---:|---:|---:|---:|\n")
    for workers in (1, 2, 4, 8):
        with tempfile.TemporaryDirectory() as directory, running("postgresql") as server:
            file = Path(directory) / "taken"
            with made_queue(server.url) as queue, vendor(file, refusing=0.0, latency=_LATENCY) as url:
                anyio.run(_fill, queue, count, chunk)
                seconds, own, database = _measure(server, queue, url, file, workers, count)
        micros = [f"{each / count * 1e6:.0f} µs" for each in (own, database)]
        used = (own + database) / seconds
        sys.stdout.write(f"| {workers} | {count / seconds:,.0f} | {micros[0]} | {micros[1]} | {used:.1f} |\n")
        sys.stdout.flush()


def _measure(
    server: Server, queue: Queue, url: str, file: Path, workers: int, count: int
) -> tuple[float, float, float]:
    """The seconds that it takes, and the CPU seconds of the workers and of the database, from the first message on."""
    with _workers(queue, url, *[("--concurrency", "2")] * workers) as processes:
        while not file.exists() or not file.stat().st_size:
            time.sleep(0.01)
        began, before = time.monotonic(), _cpu_of(server, processes)
        while file.stat().st_size < count * (len(number(0)) + 1):
            time.sleep(0.01)
        seconds, after = time.monotonic() - began, _cpu_of(server, processes)
    return seconds, after[0] - before[0], after[1] - before[1]


def _cpu_of(server: Server, processes: Sequence[subprocess.Popen[bytes]]) -> tuple[float, float]:
    assert server.process is not None
    return sum(cpu_seconds(process.pid) for process in processes), cpu_seconds(server.process.pid)


def lanes(count: int, codes: int, rate: float) -> None:
    """Enqueue *codes*, *rate* a second, while *count* messages of a campaign wait, and print how long they wait."""
    with tempfile.TemporaryDirectory() as directory, running("postgresql") as server:
        file = Path(directory) / "taken"
        with made_queue(server.url) as queue, vendor(file, refusing=0.0, latency=_LATENCY) as url:
            anyio.run(_fill, queue, count, 200)
            own = ("--queues", "sms-code", "--concurrency", "20")
            with _workers(queue, url, ("--queues", "sms-marketing"), own):
                while not file.exists() or not file.stat().st_size:
                    time.sleep(0.01)
                waits = anyio.run(_send_codes, queue, codes, rate)
            [left] = queue.rows("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
    cuts = statistics.quantiles(waits, n=100)
    told = ", ".join(f"p{each} {cuts[each - 1] * 1000:.0f} ms" for each in (50, 95, 99))
    sys.stdout.write(f"{codes} codes beside {count:,} rows, {left['count']:,} jobs of which are left: {told}\n")


async def _send_codes(queue: Queue, codes: int, rate: float) -> list[float]:
    """How long each waited, from before it was enqueued until its request began."""
    app, sms, ledger = make_tasks(queue.url, "")
    began: dict[str, float] = {}
    async with app.open_async(), ledger:
        for _ in range(codes):
            key = secrets.token_hex(6)
            began[key] = time.time()
            await sms.enqueue(login(number(secrets.randbelow(10**8)), key=key, kind="code"))
            await anyio.sleep(max(0.0, began[key] + 1 / rate - time.time()))
        await anyio.sleep(2.0)
    async with ledger_at(queue.url) as found:
        waits: list[float] = []
        for key, at in began.items():
            result = await found.result(key)
            assert result is not None, "a code was not sent"
            waits.append(result.attempts[0].started_at.timestamp() - at)
    return waits


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=["throughput", "lanes"])
    parser.add_argument("--count", type=int, help="messages of the campaign")
    parser.add_argument("--chunk", type=int, default=200)
    parser.add_argument("--codes", type=int, default=600)
    parser.add_argument("--rate", type=float, default=20.0, help="codes a second")
    given = parser.parse_args(arguments)
    if given.what == "throughput":
        throughput(given.count or 40_000, given.chunk)
    else:
        lanes(given.count or 1_000_000, given.codes, given.rate)


if __name__ == "__main__":
    main()
