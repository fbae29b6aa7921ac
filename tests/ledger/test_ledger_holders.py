"""Processes that hold keys of a SQL ledger, and what becomes of these when one of them dies."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import anyio
import attrs
import pytest
from fake_vendors import Wire, login
from loopback import Loopback
from sql_ledgers import GRANTED, HELD, Place, claim, gateway_of, let_leases_pass, request_for, stand_still
from sqlalchemy import select

from smsgate import (
    ConfigurationError,
    LedgerError,
    Outcome,
    Result,
)
from smsgate.ledger import SqlLedger

pytestmark = pytest.mark.anyio


SENDER = r"""
import json, sys
import anyio
from fake_vendors import LOGIN, alpha, login
from smsgate import Gateway
from smsgate.ledger import SqlLedger

async def work(arguments, url, callers):
    ledger = SqlLedger(**arguments)
    async with ledger, Gateway([alpha(url=url)], templates=[LOGIN], ledger=ledger) as gateway:
        print("ready", flush=True)
        await anyio.to_thread.run_sync(sys.stdin.readline)
        results = []

        async def send():
            results.append(await gateway.send(login(key="order-1")))

        async with anyio.create_task_group() as tasks:
            for _ in range(callers):
                tasks.start_soon(send)
    print(json.dumps([[result.outcome, result.message_id] for result in results]), flush=True)

for line in sys.stdin:
    backend, *given = json.loads(line)
    anyio.run(work, *given, backend=backend)
"""


@pytest.fixture
def vendor() -> Iterator[Loopback]:
    with Loopback.running() as server:
        server.seconds = 0.3
        yield server


def taken(vendor: Loopback) -> list[str]:
    """The numbers that a vendor took."""
    return [to for _, numbers in vendor.requests for to in numbers]


@attrs.define
class Sender:
    """A process that sends when it is told to."""

    process: "subprocess.Popen[str]"

    @classmethod
    def start(cls) -> "Sender":
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", SENDER]
        pipe = subprocess.PIPE
        return cls(subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment))

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def prepare(self, backend: str, place: Place, url: str, callers: int, **more: Any) -> None:
        self.tell(json.dumps([backend, {**place.arguments, **more}, url, callers]))

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def senders() -> Iterator[list[Sender]]:
    """Four of them, for all databases."""
    started = [Sender.start() for _ in range(4)]
    yield started
    for sender in started:
        sender.end()


async def test_a_hundred_callers_in_four_processes(
    place: Place, vendor: Loopback, senders: list[Sender], anyio_backend: str
) -> None:
    """One request, and everybody has its result."""
    for sender in senders:
        sender.prepare(anyio_backend, place, vendor.url, 25)
    assert [sender.hear() for sender in senders] == ["ready"] * 4
    for sender in senders:
        sender.tell("go")
    told = [each for sender in senders for each in json.loads(sender.hear())]
    assert told == [["ACCEPTED", "alpha-8000"]] * 100
    assert taken(vendor) == ["+8613800138000"]


async def test_a_holder_that_was_killed(place: Place, vendor: Loopback, anyio_backend: str) -> None:
    """In its request: `UNKNOWN` to all others, and never sent again."""
    vendor.seconds = 60.0
    sender = Sender.start()
    sender.prepare(anyio_backend, place, vendor.url, 1)
    async with SqlLedger(**place.arguments) as ledger:
        assert sender.hear() == "ready"
        sender.tell("go")
        await anyio.to_thread.run_sync(vendor.arrived.wait)
        assert await claim(ledger, login(key="order-1")) == [HELD]
        sender.end()
        await let_leases_pass(ledger)
        wire = Wire()
        async with gateway_of(wire, ledger) as mine:
            result = await mine.send(login(key="order-1"))
            [again] = [each async for each in mine.send_many([login(key="order-1")])]
    assert [each.outcome for each in (result, again)] == [Outcome.UNKNOWN] * 2
    assert not wire.calls
    assert taken(vendor) == ["+8613800138000"]


async def test_a_holder_that_died_before_it_sent(place: Place) -> None:
    """Its key is free once it has given no sign of life for the lease; what it then tries to send does not leave."""
    wire = Wire()
    ledger = SqlLedger(**place.arguments)
    async with SqlLedger(**place.arguments) as other:
        assert await claim(ledger, login(key="order-1")) == [GRANTED]
        assert await claim(other, login(key="order-1")) == [HELD]
        await stand_still(ledger)
        async with gateway_of(wire, other) as alive:
            assert (await alive.send(login(key="order-1"))).accepted
        with pytest.raises(LedgerError, match="no sign of life"):
            await ledger.leaving(request_for("order-1"))
        assert len(wire.calls) == 1
        assert await claim(ledger, login(key="order-2")) == [GRANTED]  # it goes on as another one
        await ledger.leaving(request_for("order-2"))
    await ledger.aclose()


async def test_a_living_holder_keeps_its_keys(sqlite: Place) -> None:
    """However long its request takes: it marks that it is alive."""
    async with SqlLedger(**sqlite.arguments, lease=1.0) as one, SqlLedger(**sqlite.arguments) as other:
        assert await claim(one, login(key="order-1")) == [GRANTED]
        for _ in range(2):
            await let_leases_pass(other)
            with anyio.fail_after(20):
                while not await has_given_a_sign(other):  # noqa: ASYNC110  # a database has no event
                    await anyio.sleep(0.05)
        assert await claim(other, login(key="order-1")) == [HELD]


async def has_given_a_sign(ledger: SqlLedger) -> bool:
    """Whether any process has since the leases have passed."""
    holders = ledger._tables.holders.c
    return await ledger._threads.read(lambda connection: any(connection.scalars(select(holders.seen_at))))


async def test_a_process_takes_itself_for_alive(place: Place) -> None:
    """However long ago it has marked that by the database's clock: the machine has slept, or the clock was set."""
    async with SqlLedger(**place.arguments) as ledger:
        assert await claim(ledger, login(key="order-1")) == [GRANTED]
        await let_leases_pass(ledger)
        assert await claim(ledger, login(key="order-1")) == [HELD]
        await ledger.leaving(request_for("order-1"))


async def test_a_result_that_could_not_be_recorded(sqlite: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is released as soon as the database can be written again, though its process lives on."""
    async with SqlLedger(**sqlite.arguments, lease=2.0) as one, SqlLedger(**sqlite.arguments, lease=2.0) as other:
        assert await claim(one, login(key="order-1")) == [GRANTED]
        write = one._threads.write

        async def fail(*_: object, **__: object) -> None:
            raise LedgerError("gone")

        monkeypatch.setattr(one._threads, "write", fail)
        with pytest.raises(LedgerError):
            await one.concluded([Result(login(key="order-1"), Outcome.NOT_SENT)])
        monkeypatch.setattr(one._threads, "write", write)
        with anyio.fail_after(20):
            while await claim(other, login(key="order-1")) == [HELD]:  # noqa: ASYNC110  # a database has no event
                await anyio.sleep(0.05)


async def test_the_lease_is_checked(sqlite: Place) -> None:
    """It must be a time in which a process can be expected to have written."""
    for lease in (0, -1, float("inf"), float("nan")):
        with pytest.raises(ConfigurationError, match="lease"):
            SqlLedger(**sqlite.arguments, lease=lease)
