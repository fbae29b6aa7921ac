"""Sends a campaign from two hosts with one PostgreSQL, cuts one off in the middle, and compares with the vendor.

python tests/support/host_crashes.py      100,000 messages, two workers a host, one killed every second (root, on Linux)

A host is a network namespace with two links: one to the database, one to the vendor. Only the first one is cut, for ten
seconds: this host goes on to reach the vendor, while the other one takes it for dead. Its clock is a minute ahead.
Needs `ip` (iproute2) and `faketime`.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import attrs
from crash_jobs import vendor
from databases import Server, running
from queue_worker import DEAD_AFTER
from queues import Queue, made_queue
from worker_crashes import WORKER, Books, Workers, enqueue, is_open, runs_of, settle, taken_by

_AHEAD = 60
"""Seconds by which the clocks of the two hosts differ."""
_CUT = 10.0
_LATENCY = 0.05
_MOST_SECONDS = 1800.0


@attrs.frozen
class Host:
    """A network namespace, whose addresses are 10.79.*index*.2 and 10.79.(*index* + 1).2."""

    name: str
    index: int
    ahead: int
    """Seconds that its clock is ahead."""

    @property
    def database(self) -> str:
        """The address of the database, as this host sees it."""
        return f"10.79.{self.index}.1"

    @property
    def vendor(self) -> str:
        """That of the vendor."""
        return f"10.79.{self.index + 1}.1"

    @contextmanager
    def made(self) -> Generator[None]:
        """It, for as long as the block runs."""
        _ip("netns", "add", self.name)
        try:
            for link, network in (("d", self.index), ("v", self.index + 1)):
                near, far = f"{self.name}{link}", f"{self.name}{link}x"
                _ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", self.name)
                _ip("address", "add", f"10.79.{network}.1/24", "dev", near)
                _ip("link", "set", near, "up")
                _ip("-n", self.name, "address", "add", f"10.79.{network}.2/24", "dev", far)
                _ip("-n", self.name, "link", "set", far, "up")
            yield
        finally:
            _ip("netns", "delete", self.name)

    def link_to_database(self, state: str) -> None:
        """Cut it ("down"), or mend it ("up")."""
        _ip("link", "set", f"{self.name}d", state)

    def command(self, queue: Queue, vendor: str) -> list[str]:
        """What starts a worker on it."""
        database = f"postgresql://smsgate@{self.database}{urlsplit(queue.url).path}"
        clock = ["env", *_clock(self.ahead)] if self.ahead else []
        reached = vendor.replace(str(urlsplit(vendor).hostname), self.vendor)
        return ["ip", "netns", "exec", self.name, *clock, sys.executable, str(WORKER), database, reached]


def _clock(ahead: int) -> list[str]:
    """The variables that set a program's clock, and only that: faketime itself stays beside it, and would be killed."""
    command = ["faketime", "-f", f"{ahead:+d}s", "printenv", "LD_PRELOAD"]
    library = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    return [f"LD_PRELOAD={library}", f"FAKETIME={ahead:+d}s", "FAKETIME_DONT_FAKE_MONOTONIC=1"]


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


def run(server: Server, queue: Queue, file: Path, count: int, *, workers: int, kills: float) -> Books:
    """Send *count* messages with so many *workers* a host. The vendor writes to *file*."""
    books, hosts = Books(count), (Host("smsa", 1, 0), Host("smsb", 3, _AHEAD))
    with ExitStack() as stack:
        for host in hosts:
            stack.enter_context(host.made())
        _open_to(server, hosts)
        anyio.run(enqueue, queue.url, count)
        url = stack.enter_context(vendor(file, refusing=0.0, latency=_LATENCY, address="0.0.0.0"))
        crews = [Workers(host.command(queue, url)) for host in hosts]
        began = time.monotonic()
        try:
            for crew in crews:
                crew.start(workers)
            _disturb(queue, file, hosts[1], crews, books, kills)
        finally:
            for crew in crews:
                crew.stop()
        books.seconds, books.runs = time.monotonic() - began, runs_of(queue)
        books.kills, books.ended = sum(crew.kills for crew in crews), sum(crew.ended for crew in crews)
        time.sleep(_AHEAD)  # until no request began in the future: only then can it be sent once more
        anyio.run(settle, queue.url, url, file, books, DEAD_AFTER)
    books.taken = taken_by(file)
    return books


def _open_to(server: Server, hosts: Sequence[Host]) -> None:
    """Let the database listen where *hosts* look for it."""
    server.stop()
    with (server.log.parent / "data" / "pg_hba.conf").open("a") as file:
        file.write("host all all 10.79.0.0/16 trust\n")
    server.command[server.command.index("-h") + 1] = ",".join(host.database for host in hosts)
    server.start()


def _disturb(queue: Queue, file: Path, cut: Host, crews: Sequence[Workers], books: Books, kills: float) -> None:
    """Kill workers of both hosts, and cut one off when half is sent, until nothing is left to do."""
    end = time.monotonic() + _MOST_SECONDS
    next_kill, mend_at, was_cut = time.monotonic() + kills, 0.0, False
    while (is_open(queue) or mend_at) and time.monotonic() < end:
        if not was_cut and taken_by(file).total() > books.count / 2:
            cut.link_to_database("down")
            mend_at, was_cut = time.monotonic() + _CUT, True
        if mend_at and time.monotonic() > mend_at:
            cut.link_to_database("up")
            mend_at = 0.0
        for crew in crews:
            crew.start_ended()
        if time.monotonic() >= next_kill:
            random.choice(crews).kill_one()
            next_kill += kills
        time.sleep(0.1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it, and say what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2, help="a host")
    parser.add_argument("--kills", type=float, default=1.0, help="seconds between two")
    given = parser.parse_args(arguments)
    missing = [name for name in ("ip", "faketime") if shutil.which(name) is None]
    if os.getuid() or missing:
        parser.error(f"needs {', '.join(missing)}" if missing else "only root can make network namespaces")
    options = {"workers": given.workers, "kills": given.kills}
    with tempfile.TemporaryDirectory() as directory, running("postgresql") as server, made_queue(server.url) as queue:
        books = run(server, queue, Path(directory) / "taken", given.count, **options)
    sys.stdout.write(f"one of two hosts cut off for {_CUT:.0f} s, and {_AHEAD} s ahead\n")
    sys.stdout.write("".join(f"{line}\n" for line in books.lines()))
    return bool(books.lost or books.twice)


if __name__ == "__main__":
    sys.exit(main())
