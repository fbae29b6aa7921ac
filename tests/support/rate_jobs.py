"""Processes that share a rate, of which one is killed; and when their requests began.

python tests/support/rate_jobs.py URL PREFIX RATE PROCESSES COUNT
"""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from typing import NoReturn

import anyio
from fake_vendors import LOGIN, Call, Paced, Wire, login, number
from shared_rates import RateStore

from smsgate import Gateway, Message

__all__ = ["run"]

_SECONDS = 60.0


def run(store: RateStore, *, rate: float, processes: int, count: int) -> tuple[float, list[float]]:
    """Let *processes* send, kill one of them with -9 when a third of *count* requests have begun, and all at the end.

    Returns the moment when they began, and those at which their requests did.
    """
    anyio.run(_prepare, store)
    given = [store.url, store.prefix, *map(str, (rate, processes, count))]
    command = [sys.executable, __file__, *given]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    begun, times = json.loads(done.stdout)
    return begun, times


async def _prepare(store: RateStore) -> None:
    """Make the account: the second that a new one has booked is over before the processes begin."""
    async with store.rates() as rates:
        assert await rates.book("alpha", 0.0, longest=10.0) is not None
    store.move_last_booking(-2)


async def _send(store: RateStore, rate: float, told: int, go: int) -> None:
    async def note(call: Call) -> None:
        os.write(told, b"%.6f\n" % time.monotonic())

    def source() -> Iterator[Message]:
        for index in count():
            yield login(number(index % 1000))

    vendor = Paced("alpha", rate=rate)
    async with (
        store.rates() as rates,
        Gateway([vendor], templates=[LOGIN], transport=Wire(alpha=note), rates=rates) as gateway,
    ):
        await gateway.warm()
        os.write(told, b"ready\n")
        await anyio.to_thread.run_sync(os.read, go, 1)
        async for _ in gateway.send_many(source()):
            pass


def _child(store: RateStore, rate: float, told: int, go: int, backend: str) -> NoReturn:
    try:
        anyio.run(_send, store, rate, told, go, backend=backend)
    finally:
        os._exit(1)


def main(url: str, prefix: str, rate: str, processes: str, total: str) -> None:
    """Start them, watch them, kill them."""
    logging.disable()
    (told, tell), (go, start), children = os.pipe(), os.pipe(), list[int]()
    for index in range(int(processes)):
        child = os.fork()
        if child == 0:
            os.close(start)
            _child(RateStore(url, prefix), float(rate), tell, go, ("asyncio", "trio")[index % 2])
        children.append(child)
    os.close(tell)
    times: list[float] = []
    with open(told, encoding="ascii") as lines:
        for _ in children:
            assert lines.readline() == "ready\n"
        begun = time.monotonic()
        os.close(start)
        while len(times) < int(total):
            times.append(float(lines.readline()))
            if len(times) == int(total) // 3:
                os.kill(children[0], signal.SIGKILL)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    sys.stdout.write(json.dumps([begun, sorted(times)]))


if __name__ == "__main__":
    main(*sys.argv[1:])
