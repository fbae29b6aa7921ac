"""Pushes to several processes behind one address, which store each of them before they answer: how many, and how late.

python tests/support/push_load.py                                     1,000 a second for 30 seconds, SQLite
python tests/support/push_load.py --database postgresql --workers 4
python tests/support/push_load.py --rate 8000 --connections 400       a flood
python tests/support/push_load.py --kill 1                            and one process is killed every second
python tests/support/push_load.py --fsync                             each commit waits for the disk
"""

import argparse
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import anyio
from databases import SERVERS, cpu_seconds, running
from push_client import Taken, push_all
from push_server import Servers, pushes_of, record_messages, stored_ids

from smsgate.ledger import SqlLedger


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["sqlite", *SERVERS], default="sqlite")
    parser.add_argument("--workers", type=int, default=2, help="processes that serve")
    parser.add_argument("--rate", type=float, default=1000.0, help="pushes a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--each", type=int, default=1, help="messages of a request")
    parser.add_argument("--kill", type=float, default=0.0, metavar="SECONDS", help="kill a process so often")
    parser.add_argument("--fsync", action="store_true", help="commit to the disk itself")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        ledger: dict[str, Any] = {"url_or_engine": f"sqlite:///{Path(directory)}/ledger.db", "fsync": options.fsync}
        database = None
        if options.database != "sqlite":
            server = stack.enter_context(running(options.database))
            if options.fsync:
                server.commit_to_disk()
            ledger, database = {"url_or_engine": server.url}, server.process
        return _measure(ledger, database.pid if database else None, options)


def _measure(ledger: dict[str, Any], database: int | None, options: argparse.Namespace) -> int:
    count = int(options.rate * options.seconds)
    anyio.run(_record, ledger, count, options.each)
    pushes = pushes_of(count, options.each)
    with Servers.of(options.workers, ledger) as servers:
        push_all(servers.address, pushes[:500], rate=500.0, connections=options.connections, again=True)  # warm then
        pids = [process.pid for process in servers.running]
        before = {pid: cpu_seconds(pid) for pid in (*pids, database) if pid}
        with _killing(servers, options.kill):
            again = bool(options.kill)
            taken = push_all(servers.address, pushes, rate=options.rate, connections=options.connections, again=again)
        spent = {pid: cpu_seconds(pid) - ticks for pid, ticks in before.items()}
    stored = stored_ids(ledger)
    _tell(taken, {"database": spent.get(database or 0, 0.0), "client": taken.cpu})
    if not servers.kills:
        sys.stdout.write(f"cores used by the servers: {sum(spent[pid] for pid in pids) / taken.elapsed:.2f}\n")
    lost, copies = set(taken.stored) - set(stored), len(stored) - len(set(stored))
    sys.stdout.write(f"answered 200 and not stored: {len(lost)}; stored twice: {copies}\n")
    return bool(lost or copies)


async def _record(ledger: dict[str, Any], count: int, each: int) -> None:
    async with SqlLedger(**ledger, timeout=60) as opened:
        await record_messages(opened, count, each)


def _tell(taken: Taken, cpu: dict[str, float]) -> None:
    statuses = ", ".join(f"{status or 'lost'}: {count}" for status, count in sorted(taken.statuses.items()))
    sys.stdout.write(f"{len(taken.stored) / taken.elapsed:.0f} pushes a second were stored and answered ({statuses})\n")
    times = ", ".join(f"p{percent:g} {taken.percentile(percent) * 1000:.1f}" for percent in (50, 95, 99, 99.9, 100))
    sys.stdout.write(f"milliseconds from the moment each was due: {times}\n")
    for name, seconds in cpu.items():
        sys.stdout.write(f"cores used by the {name}: {seconds / taken.elapsed:.2f}\n")


@contextmanager
def _killing(servers: Servers, every: float) -> Iterator[None]:
    """Kill one of *servers* every so many seconds, and start another, while the context lasts; 0: none."""
    stop = threading.Event()

    def kill() -> None:
        while not stop.wait(every):
            servers.kill_one()

    thread = threading.Thread(target=kill)
    if every:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        if every:
            thread.join()


if __name__ == "__main__":
    sys.exit(main())
