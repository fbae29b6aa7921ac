"""Kills campaigns and single sends at random points, and compares what their ledger says with what a vendor took.

python tests/support/crashes.py --count 1000            SQLite
python tests/support/crashes.py --count 300 --database postgresql

The vendor is a server of its own that counts what it took, and answers late, so that many requests are in progress
when the process dies. Each round is one process. It sends with keys that nobody had before, and is killed once the
vendor has taken a random number of messages.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import anyio
import attrs
from databases import SERVERS, running
from fake_vendors import number

from smsgate import Outcome
from smsgate.ledger import SqlLedger

VENDOR = r"""
import asyncio, json, random, sys
taken = open(sys.argv[1], "a", buffering=1)

async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            to = json.loads(await reader.readexactly(length))["to"]
            taken.write("".join(f"{each}\n" for each in to))
            await asyncio.sleep(random.expovariate(200))
            body = json.dumps(dict.fromkeys(to, "OK")).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""
SENDER = r"""
import json, sys
import anyio
from fake_vendors import LOGIN, alpha, login, number
from smsgate import Gateway
from smsgate.ledger import SqlLedger

async def main():
    arguments, url, first, way = json.loads(sys.argv[1])
    ledger = SqlLedger(**arguments)
    provider = alpha(batch_limit=10 if way == "bulk" else 1, url=url)
    messages = (login(number(first + each), key=f"key-{first + each}") for each in range(100_000))
    async with Gateway([provider], templates=[LOGIN], ledger=ledger) as gateway:
        print("ready", flush=True)
        if way == "bulk":
            async for result in gateway.send_many(messages):
                print(result.message.key, result.outcome, flush=True)
            return

        async def work():
            for message in messages:
                result = await gateway.send(message)
                print(message.key, result.outcome, flush=True)

        async with anyio.create_task_group() as tasks:
            for _ in range(8):
                tasks.start_soon(work)

anyio.run(main)
"""
_EACH = 100_000
_MOST_TAKEN = 200


@attrs.define
class Books:
    """What all rounds came to."""

    rounds: int = 0
    taken: int = 0
    """Messages that the vendor took."""
    recorded: int = 0
    """Messages that the ledger has."""
    unknown: int = 0
    """Messages that may have been sent, as the ledger says."""
    faults: list[str] = attrs.field(factory=list[str])


@contextmanager
def vendor(file: Path) -> Generator[str]:
    """The address of a vendor that writes the numbers that it took to *file*."""
    with subprocess.Popen([sys.executable, "-c", VENDOR, str(file)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/send"
        finally:
            process.kill()


def run(arguments: dict[str, Any], file: Path, rounds: int) -> Books:
    """Kill *rounds* processes that send, then compare."""
    books, told = Books(rounds), dict[str, str]()
    anyio.run(_create, arguments)
    with vendor(file) as url:
        for each in range(rounds):
            told |= _one_round(arguments, url, each * _EACH, "bulk" if each % 2 else "single", file)
        time.sleep(0.5)
    anyio.run(_compare, arguments, Counter(file.read_text().split()), told, books)
    return books


def _one_round(arguments: dict[str, Any], url: str, first: int, way: str, file: Path) -> dict[str, str]:
    """Start, wait until some messages were taken, kill: the outcomes that the process has told."""
    enough = _size(file) + random.randint(0, _MOST_TAKEN) * (len(number(first)) + 1)
    given = json.dumps([arguments, url, first, way])
    own = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", SENDER, given], stdout=subprocess.PIPE, env=own) as process:
        assert process.stdout is not None
        process.stdout.readline()
        while _size(file) < enough and process.poll() is None:
            time.sleep(0.001)
        time.sleep(random.uniform(0.0, 0.01))
        process.kill()
        lines = process.stdout.read().decode().splitlines()
    return dict(line.split() for line in lines if line.count(" ") == 1)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


async def _create(arguments: dict[str, Any]) -> None:
    async with SqlLedger(**arguments):
        pass


async def _compare(arguments: dict[str, Any], taken: Counter[str], told: dict[str, str], books: Books) -> None:
    """Nothing sent without a row, nothing told that the ledger does not have, nothing open that is known."""
    async with SqlLedger(**arguments) as ledger:
        found = {entry.message.key or "": entry async for entry in ledger.unsettled()}
    books.taken, books.recorded = sum(taken.values()), len(found)
    books.unknown = sum(entry.attempt.outcome is Outcome.UNKNOWN for entry in found.values())
    numbers = {str(entry.message.to) for entry in found.values()}
    books.faults += [f"sent without a row: {number}" for number in taken if number not in numbers]
    books.faults += [f"sent twice: {number}" for number, times in taken.items() if times > 1]
    for key, outcome in told.items():
        entry = found.get(key)
        if entry is None or entry.attempt.outcome != outcome:
            books.faults.append(f"told as {outcome}: {key} is {entry and entry.attempt.outcome}")
    for key, entry in found.items():
        if entry.attempt.outcome is Outcome.ACCEPTED and str(entry.message.to) not in taken:
            books.faults.append(f"recorded as accepted, and never taken: {key}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it, and say what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--database", choices=["sqlite", *SERVERS], default="sqlite")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        url = f"sqlite:///{directory}/ledger.db"
        if options.database != "sqlite":
            url = stack.enter_context(running(options.database)).url
        books = run({"url_or_engine": url}, Path(directory) / "taken", options.count)
    sys.stdout.write(f"{books.rounds} kills: {books.taken} taken, {books.recorded} recorded, {books.unknown} unknown\n")
    sys.stdout.write("".join(f"{fault}\n" for fault in books.faults) or "no fault\n")
    return bool(books.faults)


if __name__ == "__main__":
    sys.exit(main())
