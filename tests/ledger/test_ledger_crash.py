"""Processes that are killed while they send, and databases that go away: nothing leaves without a row."""

import gc
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import pytest
from crashes import run
from databases import SERVERS, CannotRun, Server, running
from fake_vendors import LOGIN, Call, Wire, alpha, login, number
from sql_ledgers import Place, request_for
from sqlalchemy import create_engine, event

from smsgate import ClosedError, Gateway, LedgerError, Outcome, Reason
from smsgate.ledger import SqlLedger

KILLS = {"sqlite": 4, "postgresql": 2, "mariadb": 2}


def test_killed_while_it_sends(place: Place, tmp_path: Path) -> None:
    """After kill -9 at random points the same keys are run again: none is lost, none sent twice, and open ones are."""
    books = run(place.arguments, tmp_path / "taken", KILLS[place.url.partition(":")[0].partition("+")[0]])
    assert books.faults == []
    assert books.taken > 0


async def send(gateway: Gateway, key: str) -> tuple[Outcome, Reason | None]:
    """What comes of one message."""
    result = await gateway.send(login(number(1), key=key))
    return result.outcome, result.reason


@pytest.mark.anyio
async def test_the_file_is_removed(sqlite: Place, tmp_path: Path) -> None:
    """SQLite would go on to write into a file that nobody can open: nothing is sent instead."""
    wire = Wire()
    files = [tmp_path / f"ledger.db{suffix}" for suffix in ("", "-wal", "-shm")]
    ledger = SqlLedger(sqlite.url)
    async with ledger, Gateway([alpha()], templates=[LOGIN], transport=wire, ledger=ledger) as gateway:
        assert await send(gateway, "a") == (Outcome.ACCEPTED, None)
        for path in files:
            path.unlink()
        for _ in range(3):
            assert await send(gateway, "b") == (Outcome.NOT_SENT, Reason.NOT_RECORDED)
        with pytest.raises(LedgerError):
            await ledger.leaving(request_for("c"))
        await ledger.create()
        assert await send(gateway, "d") == (Outcome.ACCEPTED, None)
        assert await ledger.result("d") is not None
    assert len(wire.calls) == 2


@pytest.mark.anyio
async def test_the_disk_is_full(sqlite: Place, caplog: pytest.LogCaptureFixture) -> None:
    """What does not fit is not sent, in bulk too, and an outcome that does not fit is told and counted."""
    engine, limits = create_engine(sqlite.url), [1_000_000]

    @event.listens_for(engine, "connect")
    def limit(connection: object, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count={limits[0]}")  # type: ignore[attr-defined]  # SQLite's own

    wire = Wire()
    async with SqlLedger(engine) as ledger:
        await ledger.aclose()
    limits[0] = 40
    async with SqlLedger(engine) as ledger:
        async with Gateway([alpha(batch_limit=5)], templates=[LOGIN], transport=wire, ledger=ledger) as gateway:
            messages = [login(number(index), key=f"k{index}") for index in range(2000)]
            results = [result async for result in gateway.send_many(messages, linger=60)]
        sent = [result for result in results if result.outcome is not Outcome.NOT_SENT]
        assert 0 < len(sent) < len(results)
        assert {result.reason for result in results if result.outcome is Outcome.NOT_SENT} == {Reason.NOT_RECORDED}
        assert sum(len(call.to) for call in wire.calls) == len(sent)
    engine.dispose()
    limits[0] = 1_000_000
    async with SqlLedger(engine) as ledger:
        for result in sent:
            assert await ledger.result(str(result.message.key)) is not None
    assert "database or disk is full" in caplog.text
    engine.dispose()


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of the test's own, to be killed."""
    try:
        with running(request.param) as found:
            yield found
    except CannotRun as why:
        pytest.skip(f"{request.param}: {why}")


@pytest.mark.anyio
async def test_the_server_is_killed(server: Server) -> None:
    """Before a request: it is not sent. During one: its outcome is lost and told, its row stays open. Then it works."""
    wire = Wire()
    async with SqlLedger(server.url, timeout=30) as ledger:
        async with Gateway([alpha()], templates=[LOGIN], transport=wire, ledger=ledger) as gateway:
            assert await send(gateway, "a") == (Outcome.ACCEPTED, None)
            server.stop()
            assert await send(gateway, "b") == (Outcome.NOT_SENT, Reason.NOT_RECORDED)
            server.start()
            assert await send(gateway, "c") == (Outcome.ACCEPTED, None)
            assert len(wire.calls) == 2

        async def kill(call: Call) -> None:
            server.stop()

        cut = Wire(alpha=kill)
        async with Gateway([alpha()], templates=[LOGIN], transport=cut, ledger=ledger) as gateway:
            assert await send(gateway, "d") == (Outcome.ACCEPTED, None)
            assert gateway.failed_records == 2  # the outcome, and that of its key
        server.start()
        outcomes = {}
        for key in "abcd":
            result = await ledger.result(key)
            outcomes[key] = result and result.outcome
        assert outcomes == {"a": Outcome.ACCEPTED, "b": None, "c": Outcome.ACCEPTED, "d": Outcome.UNKNOWN}


@pytest.mark.anyio
async def test_a_database_that_does_not_answer(sqlite: Place) -> None:
    """After the timeout nothing is sent, and what is committed later is taken back: it never left."""
    engine = create_engine(sqlite.url)
    wire = Wire()
    async with SqlLedger(sqlite.url, timeout=0.3) as ledger:
        async with Gateway([alpha()], templates=[LOGIN], transport=wire, ledger=ledger) as gateway:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                with anyio.fail_after(30):
                    assert await send(gateway, "a") == (Outcome.NOT_SENT, Reason.NOT_RECORDED)
                connection.exec_driver_sql("ROLLBACK")
            assert await send(gateway, "b") == (Outcome.ACCEPTED, None)
        assert await ledger.result("a") is None
        assert [entry.message.key async for entry in ledger.unsettled()] == ["b"]
    assert len(wire.calls) == 1
    engine.dispose()


def in_child(work: Callable[[], object]) -> bool:
    """Fork, and do *work* in the child: whether it raised nothing."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("used_before", [False, True])
def test_after_a_fork(place: Place, used_before: bool) -> None:
    """A child has threads and connections of its own; the parent's go on. A SQLite that was used before says so."""
    ledger = SqlLedger(**place.arguments)

    async def write(key: str) -> None:
        await ledger.create()
        await ledger.leaving(request_for(key))

    async def keys() -> list[str | None]:
        async with ledger:
            return [entry.message.key async for entry in ledger.unsettled()]

    def refused() -> None:
        with pytest.raises(LedgerError, match="was used before this process was forked"):
            anyio.run(write, "child")

    if used_before:
        anyio.run(write, "parent")
    forbidden = used_before and place.url.startswith("sqlite")
    assert in_child(refused if forbidden else lambda: anyio.run(write, "child"))
    anyio.run(write, "parent again", backend="trio")
    expected = {"parent": used_before, "child": not forbidden, "parent again": True}
    assert sorted(map(str, anyio.run(keys))) == sorted(key for key, there in expected.items() if there)


def test_closed_after_a_fork(place: Place) -> None:
    """A child that has not used it closes nothing of the parent's, whose connections go on."""
    ledger, closed = SqlLedger(**place.arguments), list[object]()

    async def use() -> None:
        await ledger.create()
        assert await ledger.result("a") is None

    def close() -> None:
        anyio.run(ledger.aclose)
        gc.collect()
        assert not closed
        with pytest.raises(ClosedError):
            anyio.run(use)

    anyio.run(use)
    event.listen(ledger._database.engine, "close", lambda *connection: closed.append(connection))
    assert in_child(close)
    assert not closed
    anyio.run(use, backend="trio")
    anyio.run(ledger.aclose)
    assert closed


def test_forked_while_a_transaction_ends(place: Place) -> None:
    """A child does not wait for a lock that a thread of its parent had at that moment."""
    ledger = SqlLedger(**place.arguments)
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with ledger._threads._lock:
            held.set()
            over.wait()

    def use() -> None:
        signal.alarm(20)
        anyio.run(ledger.create)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    try:
        assert in_child(use)
    finally:
        over.set()
        thread.join()
    anyio.run(ledger.aclose)
