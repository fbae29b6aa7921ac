"""What a ledger in SQLite adds to a send, and what it costs to read a campaign that was sent before.

Its writer is a thread of this process, so its CPU time is in the figures.
"""

from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench_answers import BULK, NUMBERS, PLAIN, SINGLE
from bench_measure import Client, Comparison, Scale, client, compare
from bench_ours import TEXT, VALUES, provider
from bench_peers import Opened
from bench_stub import Stub

from smsgate import Gateway, Message
from smsgate.ledger import SqlLedger

__all__ = ["ledger"]

_INTERFACE: Final = "Tencent v5"
_COUNT: Final = 2000
_KEYS: Final = count()


async def ledger(stub: Stub, scale: Scale) -> AsyncIterator[Comparison]:
    """Single sends and bulk, each message with a key of its own, with a ledger and without."""
    for in_flight in (1, 50):
        title = f"One send with a ledger, {in_flight} in flight"
        yield await compare(title, _pair(stub, 1), scale, in_flight=in_flight)
    few = Scale(scale.rounds, max(1, scale.calls // 30))
    yield await compare("send_many with a ledger, 200 a request", _pair(stub, _COUNT), few)
    without = client("sent, without", _opened(stub, _COUNT, recorded=False), messages=_COUNT)
    again = client("finished, SqlLedger, SQLite", _finished(stub), messages=_COUNT, against={"sent": "sent, without"})
    yield await compare("A campaign that is sent again", [without, again], few)


def _pair(stub: Stub, messages: int) -> list[Client]:
    without = client("without", _opened(stub, messages, recorded=False), messages=messages)
    recorded = _opened(stub, messages, recorded=True)
    return [without, client("SqlLedger, SQLite", recorded, messages=messages, against={"without": "without"})]


def _opened(stub: Stub, messages: int, *, recorded: bool) -> Opened:
    chosen = provider(_INTERFACE, stub.url(PLAIN if messages == 1 else BULK))

    async def opened() -> AsyncIterator[Callable[[], Any]]:
        with TemporaryDirectory(prefix="smsgate-bench-") as directory:
            kept = SqlLedger(f"sqlite:///{Path(directory)}/ledger.db")
            async with kept, Gateway([chosen], templates=[TEXT], ledger=kept if recorded else None) as gateway:
                yield _single(gateway) if messages == 1 else _bulk(gateway, messages)

    return opened


def _finished(stub: Stub) -> Opened:
    """A campaign that was sent before the first call: all of it comes back from the ledger."""

    async def opened() -> AsyncIterator[Callable[[], Any]]:
        with TemporaryDirectory(prefix="smsgate-bench-") as directory:
            kept, chosen = SqlLedger(f"sqlite:///{Path(directory)}/ledger.db"), provider(_INTERFACE, stub.url(BULK))
            async with kept, Gateway([chosen], templates=[TEXT], ledger=kept) as gateway:

                async def call() -> None:
                    source = (Message(NUMBERS[n % 200], "login", VALUES, key=f"spring-{n}") for n in range(_COUNT))
                    async for result in gateway.send_many(source, campaign="spring", concurrency=1):
                        result.raise_for_outcome()

                await call()
                yield call

    return opened


def _single(gateway: Gateway) -> Callable[[], Any]:
    async def call() -> None:
        (await gateway.send(Message(SINGLE, "login", VALUES, key=f"order-{next(_KEYS)}"))).raise_for_outcome()

    return call


def _bulk(gateway: Gateway, messages: int) -> Callable[[], Any]:
    async def call() -> None:
        batch = [Message(NUMBERS[each % 200], "login", VALUES, key=f"order-{next(_KEYS)}") for each in range(messages)]
        async for result in gateway.send_many(batch, concurrency=1, linger=60):
            result.raise_for_outcome()

    return call
