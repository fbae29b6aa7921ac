"""A list of messages with keys, the processes that send it and are killed, and the vendor that counts what it took."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import attrs
from fake_vendors import number

from smsgate import Outcome

__all__ = ["EACH", "Job", "Senders", "vendor"]

VENDOR = r"""
import asyncio, json, random, sys
taken, refusing = open(sys.argv[1], "a", buffering=1), float(sys.argv[2])
latency, held = float(sys.argv[3]), int(sys.argv[4])

async def serve(reader, writer):
    global held
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            to = json.loads(await reader.readexactly(length))["to"]
            words = {each: "OK" if random.random() >= refusing else "INSUFFICIENT_BALANCE" for each in to}
            taken.write("".join(f"{each}\n" for each, word in words.items() if word == "OK"))
            held -= 1
            await asyncio.sleep(3600 if held >= 0 else random.expovariate(1 / latency))
            body = json.dumps(words).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()

async def main():
    server = await asyncio.start_server(serve, sys.argv[5], 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""
SENDERS = r"""
import json, logging, os, sys, traceback
import anyio, httpx, trio
from fake_vendors import LOGIN, alpha, login, number
from smsgate import Gateway
from smsgate.ledger import SqlLedger

async def work(arguments, url, first, count, way, path):
    provider = alpha(batch_limit=10 if way == "bulk" else 1, url=url)
    messages = (login(number(first + each), key=f"key-{first + each}") for each in range(count))
    ledger = SqlLedger(**arguments)
    with open(path, "a", buffering=1) as told:
        async with ledger, Gateway([provider], templates=[LOGIN], ledger=ledger) as gateway:
            if way == "bulk":
                async for result in gateway.send_many(messages, campaign=f"campaign-{first}", concurrency=2):
                    told.write(f"{result.message.key} {result.outcome}\n")
                return

            async def send():
                for message in messages:
                    result = await gateway.send(message)
                    told.write(f"{message.key} {result.outcome}\n")

            async with anyio.create_task_group() as tasks:
                for _ in range(8):
                    tasks.start_soon(send)

def start(backend, *given):
    child = os.fork()
    if child:
        return child
    try:
        anyio.run(work, *given, backend=backend)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)

def ended(child, options):
    found, status = os.waitpid(child, options)
    return os.waitstatus_to_exitcode(status) if found else None

logging.disable()
print("ready", flush=True)
for line in sys.stdin:
    name, *given = json.loads(line)
    print(json.dumps({"start": start, "ended": ended}[name](*given)), flush=True)
"""
EACH = 200
"""Messages of a job."""
_WORKERS, _IN_PROGRESS = 8, 20
"""How many messages are on their way at once, sent one by one and as a campaign."""
_MOST_RUNS = 12
"""How often a job is run at last: what was refused for a lack of balance is sent again."""
_MOST_SECONDS = 1.5
"""How long a process may send before it is disturbed."""
_STOPPED = 0.2
"""How many of the disturbed processes are not killed, but stand still for longer than the lease."""


@contextmanager
def vendor(
    file: Path, *, refusing: float = 0.02, latency: float = 0.005, holds: int = 0, address: str = "127.0.0.1"
) -> Generator[str]:
    """The address of a vendor that writes the numbers that it took to *file*.

    *refusing*: the share of messages that it refuses. *latency*: seconds that it takes to respond, on average. *holds*:
    how many requests, the first ones, it takes and does not respond to. *address*: where it listens.
    """
    command = [sys.executable, "-c", VENDOR, str(file), *map(str, (refusing, latency, holds)), address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/send"
        finally:
            process.kill()


@attrs.define
class Senders:
    """A process that has imported everything, and forks those that send."""

    process: "subprocess.Popen[str]"

    @classmethod
    @contextmanager
    def running(cls) -> Generator[Self]:
        """It, for as long as the context lasts."""
        own, pipe = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, subprocess.PIPE
        command = [sys.executable, "-c", SENDERS]
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=own) as process:
            senders = cls(process)
            senders._hear()
            yield senders

    def start(self, *given: Any) -> int:
        """Start one that sends, and return its id."""
        return int(self._ask("start", random.choice(["asyncio", "trio"]), *given))

    def ended(self, child: int, *, wait: bool = False) -> int | None:
        """How it has ended; None if it has not."""
        code = self._ask("ended", child, 0 if wait else os.WNOHANG)
        return None if code == "null" else int(code)

    def _ask(self, *question: Any) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{json.dumps(question)}\n")
        self.process.stdin.flush()
        return self._hear()

    def _hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@attrs.define
class Job:
    """One list of messages with keys, and what became of it."""

    index: int
    way: str
    """A campaign ("bulk"), or one by one ("single")."""
    arguments: dict[str, Any]
    url: str
    file: Path
    """What the vendor took."""
    senders: Senders
    kills: int = 0
    failures: int = 0
    """Processes that nobody killed, and that failed."""
    told: list[Path] = attrs.field(factory=list[Path])
    """What each process has told."""

    @property
    def numbers(self) -> dict[str, str]:
        """Those of its messages, by key."""
        return {f"key-{each}": number(each) for each in range(self.index * EACH, (self.index + 1) * EACH)}

    @property
    def most_unknown(self) -> int:
        """How many messages may have been on their way when its processes were killed."""
        return self.kills * (_IN_PROGRESS if self.way == "bulk" else _WORKERS)

    def run(self, most_kills: int) -> dict[str, str]:
        """Kill up to *most_kills* of its processes, and run it until all is told: the outcome of each key."""
        going = [self._start()]
        for _ in range(most_kills):
            if not going or random.random() < 0.3:
                going.append(self._start())
            going += self._disturb(going.pop(0))
        self.failures += sum(self.senders.ended(each, wait=True) != 0 for each in going)
        outcomes: dict[str, str] = {}
        for _ in range(_MOST_RUNS):  # alone: what is told while others send may not be the last word
            self.failures += self.senders.ended(self._start(), wait=True) != 0
            outcomes = self.told_by(-1)
            if len(outcomes) == EACH and set(outcomes.values()) <= {Outcome.ACCEPTED, Outcome.UNKNOWN}:
                break
        return outcomes

    def told_by(self, which: int) -> dict[str, str]:
        """The outcomes that one of its processes has told, by key."""
        path = self.told[which]
        lines = path.read_text().splitlines(keepends=True) if path.exists() else []
        return dict(line.split() for line in lines if line.endswith("\n"))

    def _start(self) -> int:
        self.told.append(self.file.parent / f"told-{self.index}-{len(self.told)}")
        return self.senders.start(self.arguments, self.url, self.index * EACH, EACH, self.way, str(self.told[-1]))

    def _disturb(self, child: int) -> list[int]:
        """Kill *child* at a random point, or let it stand still until it counts as dead; those that go on instead."""
        if (code := self._wait(child)) is not None:
            self.failures += code != 0
            return []
        if random.random() < _STOPPED:
            os.kill(child, signal.SIGSTOP)
            other = self._start()
            time.sleep(2 * self.arguments["lease"])
            os.kill(child, signal.SIGCONT)
            return [child, other]
        os.kill(child, signal.SIGKILL)
        code = self.senders.ended(child, wait=True)
        self.kills += code == -signal.SIGKILL
        self.failures += code not in (0, -signal.SIGKILL)
        return []

    def _wait(self, child: int) -> int | None:
        """Wait until the vendor has taken some more messages, or some time has passed: how *child* has ended, if so."""
        enough = _size(self.file) + random.randint(0, EACH // 3) * (len(number(0)) + 1)
        end = time.monotonic() + random.uniform(0.0, _MOST_SECONDS)
        code = self.senders.ended(child)
        while _size(self.file) < enough and time.monotonic() < end and code is None:
            time.sleep(0.001)
            code = self.senders.ended(child)
        if code is None:
            time.sleep(random.uniform(0.0, 0.01))
        return code


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
