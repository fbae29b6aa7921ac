"""Keys in a SQL ledger: sent once by all processes, whatever becomes of one of them."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest
from fake_vendors import LOGIN, Call, Wire, alpha, beta, login, number
from loopback import Loopback
from sql_ledgers import Place, attempts_for, request_for
from sqlalchemy import create_engine, text

from smsgate import (
    Attempt,
    Claim,
    ClaimsKeys,
    ConfigurationError,
    DeliveryState,
    Gateway,
    KeyConflictError,
    LedgerError,
    Message,
    Outcome,
    Reason,
    Result,
    StatusReport,
)
from smsgate.ledger import SqlLedger
from smsgate.ledger.rows import insert_missing

pytestmark = pytest.mark.anyio

CLAIMS: type[ClaimsKeys] = SqlLedger
SUPPORT = Path(__file__).parents[1] / "support"
GRANTED, HELD = Claim(), Claim(held=True)


def gateway(wire: Wire, ledger: SqlLedger, **options: Any) -> Gateway:
    return Gateway([alpha(batch_limit=100)], templates=[LOGIN], transport=wire, ledger=ledger, **options)


@asynccontextmanager
async def two_gateways(wire: Wire, place: Place) -> AsyncIterator[tuple[Gateway, Gateway]]:
    """As two processes have them: with a ledger each."""
    one, other = SqlLedger(**place.arguments), SqlLedger(**place.arguments)
    async with one, other, gateway(wire, one) as first, gateway(wire, other) as second:
        yield first, second


async def claim(ledger: SqlLedger, *messages: Message) -> list[Claim]:
    return list(await ledger.claim(messages))


async def test_a_key_that_is_given_back_between_two_statements(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that another process had when it was to be taken, and then gave back, is claimed."""
    calls = list[int]()

    def taken_by_another(*arguments: Any) -> int:
        calls.append(len(calls))
        return insert_missing(*arguments) if len(calls) > 1 else 0

    monkeypatch.setattr("smsgate.ledger.claims.insert_missing", taken_by_another)
    async with SqlLedger(**place.arguments) as ledger, SqlLedger(**place.arguments) as other:
        assert await claim(ledger, login(key="order-1"), login(key="order-2")) == [GRANTED, GRANTED]
        assert await claim(other, login(key="order-1"), login(key="order-2")) == [HELD, HELD]


async def test_a_key_is_sent_once_by_all_processes(place: Place) -> None:
    """The second ledger, as another process has one, gives the first result, for one message and for many."""
    wire = Wire(alpha={number(1): Reason.INVALID_NUMBER})
    messages = [login(number(index), key=f"order-{index}") for index in range(3)]
    async with two_gateways(wire, place) as (first, second):
        sent = {each.message.key: each async for each in first.send_many(messages, linger=60)}
        again = {each.message.key: each async for each in second.send_many(messages, linger=60)}
        single = await second.send(login(number(2), key="order-2"))
    assert len(wire.calls) == 1
    for key, result in sent.items():
        assert again[key].attempts == result.attempts
        assert (again[key].outcome, again[key].reason, again[key].message_id) == (
            result.outcome,
            result.reason,
            result.message_id,
        )
    assert single.message_id == sent["order-2"].message_id
    assert again["order-0"].message is messages[0]


async def test_while_it_is_on_its_way(place: Place) -> None:
    """Another process is told that the key is held, until there is a result; so is another gateway of this one."""
    async with SqlLedger(**place.arguments) as one, SqlLedger(**place.arguments) as other:
        found: list[list[Claim]] = []

        async def look(call: Call) -> None:
            found.append(await claim(other, login(key="order-1"), login(key="order-2")))
            found.append(await claim(one, login(key="order-1")))

        async with gateway(Wire(alpha=look), one) as first:
            await first.send(login(key="order-1"))
        [after] = await claim(other, login(key="order-1"))
    assert found == [[HELD, GRANTED], [HELD]]
    assert after.result is not None
    assert after.result.accepted


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
    sender.prepare(anyio_backend, place, vendor.url, 1, lease=0.5)
    async with SqlLedger(**place.arguments, lease=0.5) as ledger:
        assert sender.hear() == "ready"
        sender.tell("go")
        await anyio.to_thread.run_sync(vendor.arrived.wait)
        assert await claim(ledger, login(key="order-1")) == [HELD]
        sender.end()
        wire = Wire()
        async with gateway(wire, ledger) as mine:
            result = await mine.send(login(key="order-1"))
            [again] = [each async for each in mine.send_many([login(key="order-1")])]
    assert [each.outcome for each in (result, again)] == [Outcome.UNKNOWN] * 2
    assert not wire.calls
    assert taken(vendor) == ["+8613800138000"]


async def test_a_holder_that_died_before_it_sent(place: Place) -> None:
    """Its key is free once it has given no sign of life for the lease; what it then tries to send does not leave."""
    wire = Wire()
    ledger = SqlLedger(**place.arguments, lease=0.4)
    async with SqlLedger(**place.arguments, lease=0.4) as other:
        assert await claim(ledger, login(key="order-1")) == [GRANTED]
        assert await claim(other, login(key="order-1")) == [HELD]
        ledger._threads._pulses = ()  # as if its process stood still
        async with gateway(wire, other) as alive:
            assert (await alive.send(login(key="order-1"))).accepted
        with pytest.raises(LedgerError, match="no sign of life"):
            await ledger.leaving(request_for("order-1"))
        assert len(wire.calls) == 1
        assert await claim(ledger, login(key="order-2")) == [GRANTED]  # it goes on as another one
        await ledger.leaving(request_for("order-2"))
    await ledger.aclose()


async def test_a_living_holder_keeps_its_keys(sqlite: Place) -> None:
    """However long its request takes: it marks that it is alive."""
    async with SqlLedger(**sqlite.arguments, lease=1.0) as one, SqlLedger(**sqlite.arguments, lease=1.0) as other:
        assert await claim(one, login(key="order-1")) == [GRANTED]
        for _ in range(3):
            await anyio.sleep(0.5)
            assert await claim(other, login(key="order-1")) == [HELD]


async def test_what_may_be_tried_again(place: Place) -> None:
    """By any process, once it is concluded: not sent, with or without a request, or refused for what may pass."""
    async with SqlLedger(**place.arguments) as one, SqlLedger(**place.arguments) as other:
        wire = Wire(alpha=[Reason.INSUFFICIENT_BALANCE, None])
        async with gateway(wire, one) as first, gateway(wire, other) as second:
            refused = await first.send(login(key="order-1"))
            sent = await second.send(login(code="9999", key="order-1"))
            again = await first.send(login(code="9999", key="order-1"))
            late = await first.send(login(key="order-2"), within=-1)
            assert await claim(other, login(key="order-2", code="1")) == [GRANTED]
    assert [each.outcome for each in (refused, sent, late)] == [Outcome.REJECTED, Outcome.ACCEPTED, Outcome.NOT_SENT]
    assert again.message_id == sent.message_id
    assert [each.outcome for each in again.attempts] == [Outcome.REJECTED, Outcome.ACCEPTED]


async def test_an_unknown_one_that_a_report_shows_to_be_sent(place: Place) -> None:
    """Is told so to whoever asks for its key."""
    async with SqlLedger(**place.arguments) as ledger:
        request = request_for("order-1")
        message = request.messages[0]
        assert await claim(ledger, message) == [GRANTED]
        await ledger.leaving(request)
        attempts: Sequence[Attempt] = attempts_for(request, Outcome.UNKNOWN)
        await ledger.left(request, attempts)
        await ledger.concluded([Result(message, Outcome.UNKNOWN, attempts=tuple(attempts))])
        [unknown] = await claim(ledger, message)
        report = StatusReport("alpha", "id-1", message.to, DeliveryState.DELIVERED, reference=request.reference)
        await ledger.apply(report)
        [told] = await claim(ledger, message)
    assert unknown.result is not None
    assert told.result is not None
    assert [unknown.result.outcome, told.result.outcome] == [Outcome.UNKNOWN, Outcome.ACCEPTED]


async def test_what_failed_over_is_accepted(place: Place) -> None:
    """Its result is that of the try that was accepted, though its key is held by a living process."""
    wire = Wire(alpha=Reason.INSUFFICIENT_BALANCE)
    ledger = SqlLedger(**place.arguments)
    async with ledger, Gateway([alpha(), beta()], templates=[LOGIN], transport=wire, ledger=ledger) as mine:
        first = await mine.send(login(key="order-1"))
        second = await mine.send(login(key="order-1"))
    assert (second.provider, second.attempts) == ("beta", first.attempts)
    assert len(wire.calls) == 2


OTHERS = {
    "to": login("+8613900008000", key="order-1"),  # masked, they are alike
    "template": Message("+8613800138000", "other", {"code": "4821", "minutes": "5"}, key="order-1"),
    "params": Message("+8613800138000", "login", {"code": "4821", "hours": "5"}, key="order-1"),
    "extend": login(key="order-1", extend="7"),
}


@pytest.mark.parametrize("numbers", ["full", "masked", "hashed"])
async def test_a_key_belongs_to_one_content(sqlite: Place, numbers: str) -> None:
    """The field that differs is named; values of parameters, and masked numbers, are told apart with a secret alone."""
    values = login(code="9999", key="order-1")
    for secret in (None, "s" * 32, "t" * 32) if numbers != "hashed" else ("s" * 32, "t" * 32):
        arguments: dict[str, Any] = {**sqlite.arguments, "prefix": f"{numbers}_", "numbers": numbers, "secret": secret}
        async with SqlLedger(**arguments) as ledger:
            async with gateway(Wire(), ledger) as mine:
                assert (await mine.send(login(key=f"order-{secret}"))).accepted
            for field, other in OTHERS.items():
                [told] = await claim(ledger, attrs.evolve(other, key=f"order-{secret}"))
                masked_alike = field == "to" and numbers == "masked" and secret is None
                assert (told.differs, told.result is None) == ((None, False) if masked_alike else (field, True))
            [told] = await claim(ledger, attrs.evolve(values, key=f"order-{secret}"))
            assert told.differs == (None if secret is None else "params")
            [old] = await claim(
                ledger, attrs.evolve(login(), key="order-None" if numbers != "hashed" else f"order-{'s' * 32}")
            )
            assert old.result is not None


async def test_an_error_names_the_field(sqlite: Place) -> None:
    """Through a gateway, by another process than the one that sent it."""
    async with SqlLedger(**sqlite.arguments, secret="s" * 32) as one:
        async with gateway(Wire(), one) as first:
            await first.send(login(key="order-1"))
        async with SqlLedger(**sqlite.arguments, secret="s" * 32) as other, gateway(Wire(), other) as second:
            with pytest.raises(KeyConflictError, match="'params'"):
                await second.send(login(code="9999", key="order-1"))


async def test_what_was_removed_is_sent_anew(place: Place) -> None:
    """`purge` and `erase` forget keys with their messages; a key that was never used goes with its process."""
    async with SqlLedger(**place.arguments) as ledger:
        wire = Wire()
        async with gateway(wire, ledger) as mine:
            many = [login(number(index), key=f"order-{index}") for index in range(2)]
            assert len([each async for each in mine.send_many(many, linger=60)]) == 2
            await ledger.erase(number(0))
            assert await claim(ledger, many[1]) != [GRANTED]
            assert (await mine.send(many[0])).accepted
            await ledger.purge(timedelta(seconds=-60))
            assert (await mine.send(many[1])).accepted
    assert len(wire.calls) == 3
    other = SqlLedger(**place.arguments)
    assert await claim(other, login(key="never-used")) == [GRANTED]
    other._threads._pulses = ()  # as if its process had died
    async with SqlLedger(**place.arguments, lease=0.1) as ledger:
        await anyio.sleep(0.2)
        await ledger.purge(timedelta(seconds=-60))
        engine = create_engine(place.url)
        with engine.connect() as connection:
            for name in ("keys", "holders"):
                assert not connection.execute(text(f"SELECT * FROM {place.prefix}{name}")).all()
        engine.dispose()
    await other.aclose()


async def test_a_result_that_could_not_be_recorded(sqlite: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is released as soon as the database can be written again, though its process lives on."""
    async with SqlLedger(**sqlite.arguments, lease=0.4) as one, SqlLedger(**sqlite.arguments, lease=0.4) as other:
        assert await claim(one, login(key="order-1")) == [GRANTED]
        write = one._threads.write

        async def fail(*_: object, **__: object) -> None:
            raise LedgerError("gone")

        monkeypatch.setattr(one._threads, "write", fail)
        with pytest.raises(LedgerError):
            await one.concluded([Result(login(key="order-1"), Outcome.NOT_SENT)])
        monkeypatch.setattr(one._threads, "write", write)
        with anyio.fail_after(5):
            while await claim(other, login(key="order-1")) == [HELD]:  # noqa: ASYNC110  # a database has no event
                await anyio.sleep(0.05)


async def test_the_lease_is_checked(sqlite: Place) -> None:
    """It must be a time in which a process can be expected to have written."""
    for lease in (0, -1, float("inf"), float("nan")):
        with pytest.raises(ConfigurationError, match="lease"):
            SqlLedger(**sqlite.arguments, lease=lease)
