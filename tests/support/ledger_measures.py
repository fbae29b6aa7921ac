"""How many messages one process sends in a second with a ledger in each database, and what they cost whom.

python tests/support/ledger_measures.py [--seconds 5]         the table of docs/sizing.md, "A database"

The vendor is a server of its own that takes 50 ms to respond. Each message has a key of its own. Commits wait for the
disk, except in the row of SQLite without `fsync`.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Generator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, closing
from itertools import count
from pathlib import Path
from typing import Final

import anyio
from crash_jobs import vendor
from databases import SERVERS, Server, cpu_seconds, running
from fake_vendors import LOGIN, alpha, login, number

from smsgate import Gateway, Message
from smsgate.ledger import SqlLedger

_LATENCY: Final = 0.05
_BATCH: Final = 100
_AT_A_TIME: Final = 50
_NAMES: Final = {"postgresql": "PostgreSQL", "mariadb": "MariaDB"}


async def send_bulk(gateway: Gateway, messages: Iterator[Message]) -> int:
    """Send *messages* as a campaign, and count them."""
    sent = 0
    async for result in gateway.send_many(messages):
        result.raise_for_outcome()
        sent += 1
    return sent


async def send_singly(gateway: Gateway, messages: Iterator[Message]) -> int:
    """Send *messages* in a request each, some at a time, and count them."""
    sent = 0

    async def send() -> None:
        nonlocal sent
        for message in messages:
            (await gateway.send(message)).raise_for_outcome()
            sent += 1

    async with anyio.create_task_group() as tasks:
        for _ in range(_AT_A_TIME):
            tasks.start_soon(send)
    return sent


WAYS: Final[Sequence[Callable[[Gateway, Iterator[Message]], Awaitable[int]]]] = (send_bulk, send_singly)


async def measure(ledger: SqlLedger | None, server: Server | None, url: str, seconds: float) -> list[str]:
    """The cells of a row: messages a second and CPU a message of each way to send to the vendor at *url*."""
    numbers, cells = count(), list[str]()
    database = server.process.pid if server and server.process else None
    async with AsyncExitStack() as stack:
        if ledger is not None:
            await stack.enter_async_context(ledger)
        gateway = await stack.enter_async_context(
            Gateway([alpha(batch_limit=_BATCH, url=url)], templates=[LOGIN], ledger=ledger)
        )
        for way in WAYS:
            await way(gateway, _messages(numbers, 0.1))
            began, own, others = time.monotonic(), time.process_time(), cpu_seconds(database) if database else 0.0
            sent = await way(gateway, _messages(numbers, seconds))
            own, took = time.process_time() - own, time.monotonic() - began
            others = cpu_seconds(database) - others if database else 0.0
            cells += [f"{sent / took:,.0f}", f"{own / sent * 1e6:,.0f} µs"]
            cells.append(f"{others / sent * 1e6:,.0f} µs" if database else "-")
    return cells


def _messages(numbers: Iterator[int], seconds: float) -> Iterator[Message]:
    """As many as are asked for in so many seconds."""
    end = time.monotonic() + seconds
    for each in numbers:
        yield login(number(each), key=f"m-{each}")
        if time.monotonic() > end:
            return


def _ledgers() -> Generator[tuple[str, SqlLedger | None, Server | None]]:
    """A ledger in each database, one after another, with the name of its row and the server that it is in."""
    yield "none", None, None
    for name, fsync in (("SQLite", False), ("SQLite, `fsync=True`", True)):
        with tempfile.TemporaryDirectory() as directory:
            yield name, SqlLedger(f"sqlite:///{directory}/ledger.db", fsync=fsync), None
    for name in SERVERS:
        with running(name) as server:
            server.commit_to_disk()
            yield _NAMES[name], SqlLedger(server.url), server


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a row for each database."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=5.0, help="for each figure")
    seconds = parser.parse_args(arguments).seconds
    of_each = ("messages a second", "CPU a message", "of the database")
    heads = [f"{way}: {each}" for way in ("`send_many`", "`send`") for each in of_each]
    sys.stdout.write(f"| ledger | {' | '.join(heads)} |\n|---|{'---:|' * len(heads)}\n")
    with ExitStack() as stack:
        taken = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "taken"
        url = stack.enter_context(vendor(taken, refusing=0.0, latency=_LATENCY))
        for name, ledger, server in stack.enter_context(closing(_ledgers())):
            cells = anyio.run(measure, ledger, server, url, seconds)
            sys.stdout.write(f"| {name} | {' | '.join(cells)} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
