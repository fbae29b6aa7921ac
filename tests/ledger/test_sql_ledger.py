"""A ledger in SQL: what is written of sends, and what is read back, in each database."""

import time
from collections.abc import Sequence
from datetime import timedelta

import anyio
import attrs
import pytest
from fake_vendors import LOGIN, Call, Wire, alpha, beta, login, number
from sql_ledgers import Place, attempts_for, gateway_of, request_for
from sqlalchemy import create_engine, text

from smsgate import (
    ConfigurationError,
    DeliveryState,
    Gateway,
    Ledger,
    LedgerError,
    MessageStatus,
    Outcome,
    PhoneNumber,
    Reason,
    StatusReport,
)
from smsgate.ledger import SqlLedger
from smsgate.provider import EventSink

pytestmark = pytest.mark.anyio

SINK: type[EventSink] = SqlLedger


async def test_a_send_is_committed_before_it_leaves(place: Place) -> None:
    """While the vendor has the request, another connection sees it open; afterwards it has its outcome."""
    seen: list[Outcome] = []
    async with SqlLedger(**place.arguments) as ledger, SqlLedger(**place.arguments) as other:

        async def look(call: Call) -> None:
            result = await other.result("order-1")
            assert result is not None
            seen.append(result.outcome)
            assert [entry.recorded for entry in [each async for each in other.unsettled()]] == [None]

        async with Gateway([alpha()], templates=[LOGIN], transport=Wire(alpha=look), ledger=ledger) as gateway:
            result = await gateway.send(login(number(1), key="order-1"))
        assert seen == [Outcome.UNKNOWN]
        stored = await other.result("order-1")
        assert stored is not None
        assert (stored.outcome, stored.provider, stored.message_id) == (Outcome.ACCEPTED, "alpha", result.message_id)
        assert stored.attempts == result.attempts
        assert stored.message.to == number(1)
        assert stored.message.params == {}


async def test_each_try_is_an_entry(place: Place) -> None:
    """A message that fails over has the tries that its result has, in their order, and the outcome of the last."""
    wire = Wire(alpha=Reason.INSUFFICIENT_BALANCE)
    async with SqlLedger(**place.arguments) as ledger:
        async with Gateway([alpha(), beta()], templates=[LOGIN], transport=wire, ledger=ledger) as gateway:
            result = await gateway.send(login(key="order-1"))
        stored = await ledger.result("order-1")
        assert stored is not None
        assert stored.attempts == result.attempts
        assert (stored.outcome, stored.provider, stored.possible_duplicate) == (Outcome.ACCEPTED, "beta", False)
        assert [entry.provider async for entry in ledger.unsettled()] == ["beta"]
        assert [entry.provider async for entry in ledger.history(login().to)] == ["alpha", "beta"]


async def test_what_is_open_is_seen_whatever_the_clocks_say(place: Place) -> None:
    """A process whose clock is ahead has begun its request in the future, and it is open all the same."""

    def clock() -> float:
        return time.time() + 600

    async with (
        SqlLedger(**place.arguments, clock=clock) as ahead,
        SqlLedger(**place.arguments) as here,
    ):
        async with Gateway([alpha()], templates=[LOGIN], transport=Wire(), ledger=ahead, clock=clock) as gateway:
            await gateway.send(login(key="order-1"))
        assert [entry.message.key async for entry in here.unsettled()] == ["order-1"]
        assert [entry async for entry in here.unsettled(older_than=timedelta(seconds=1))] == []


async def test_a_bulk_request_is_read_by_message(place: Place) -> None:
    """Messages that share a request have results of their own, also where most of their fields differ."""
    refusals = {number(1): Reason.INVALID_NUMBER}
    async with SqlLedger(**place.arguments) as ledger:
        wire = Wire(alpha=refusals)
        async with Gateway([alpha(batch_limit=500)], templates=[LOGIN], transport=wire, ledger=ledger) as gateway:
            messages = [login(number(index), key=f"key-{index}") for index in range(450)]
            results = {each.message.key: each async for each in gateway.send_many(messages, linger=60)}
        for key in ("key-0", "key-1", "key-449"):
            stored = await ledger.result(key)
            assert stored is not None
            assert stored.attempts == results[key].attempts
            assert stored.message.to == results[key].message.to
        entries = [entry async for entry in ledger.unsettled()]
        assert [entry.message.key for entry in entries] == [f"key-{index}" for index in range(450) if index != 1]
        assert len({entry.id for entry in entries}) == 449
        assert await ledger.result("key-450") is None


async def test_what_cannot_be_recorded_is_not_sent(place: Place) -> None:
    """Without its tables nothing is sent, and the error says which."""
    wire = Wire()
    ledger = SqlLedger(**place.arguments)
    async with Gateway([alpha()], templates=[LOGIN], transport=wire, ledger=ledger) as gateway:
        result = await gateway.send(login())
    assert (result.outcome, result.reason, wire.calls) == (Outcome.NOT_SENT, Reason.NOT_RECORDED, [])
    with pytest.raises(LedgerError, match=f"{place.prefix}requests"):
        await ledger.leaving(request_for("a"))
    await ledger.aclose()


async def test_without_its_tables(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """The log says that they are to be made, and the result says that the log does."""
    ledger = SqlLedger(**place.arguments)
    async with gateway_of(Wire(), ledger) as gateway:
        results = [await gateway.send(login(key=key)) for key in ("order-1", None)]
        assert len([each async for each in gateway.send_many([login(key="a"), login(key="b")], linger=60)]) == 2
    with pytest.raises(LedgerError, match="make the tables with its method create"):
        await ledger.result("order-1")
    await ledger.aclose()
    assert [each.reason for each in results] == [Reason.NOT_RECORDED] * 2
    assert all(each.description and each.description.endswith(": the log says why") for each in results)
    told = [record.getMessage() for record in caplog.records]
    begins = ["1 message not sent", "a request to alpha is not sent", "2 messages not sent"]
    for line, begin in zip(told, begins, strict=True):
        assert line.startswith(f"ledger: {begin}: ledger: ")
        assert line.endswith("make the tables with its method create(), or with your tool for migrations")
        assert place.prefix in line


async def test_one_failure_in_a_group_costs_no_other_its_record(place: Place) -> None:
    """Requests that are committed together are committed one by one where one of them cannot be."""
    async with SqlLedger(**place.arguments) as ledger:
        requests = [request_for(f"key-{index}") for index in range(20)]
        requests[7] = attrs.evolve(requests[7], id="what no request has")
        failed: list[int] = []

        async def record(index: int) -> None:
            try:
                await ledger.leaving(requests[index])
            except LedgerError:
                failed.append(index)

        async with anyio.create_task_group() as tasks:
            for index in range(20):
                tasks.start_soon(record, index)
        assert failed == [7]
        for index in range(20):
            assert (await ledger.result(f"key-{index}") is None) == (index == 7)


async def test_records_come_in_any_order(place: Place) -> None:
    """A report, the outcome and the record of a request that was cut short add up to the same."""
    async with SqlLedger(**place.arguments) as ledger:
        request = request_for("a")
        await ledger.leaving(request)
        [entry] = [entry async for entry in ledger.unsettled()]
        assert (entry.status, entry.recorded) == (MessageStatus.UNKNOWN, None)
        assert (entry.attempt.outcome, entry.attempt.reason) == (Outcome.UNKNOWN, Reason.NO_ANSWER)
        await ledger.left(request, attempts_for(request, Outcome.UNKNOWN))
        result = await ledger.result("a")
        assert result is not None
        assert result.outcome is Outcome.UNKNOWN
        report = StatusReport(
            "alpha", "id-9", PhoneNumber(number(0)), DeliveryState.PENDING, reference=request.reference
        )
        told = await ledger.apply(report)
        assert told is not None
        assert told.attempt.outcome is Outcome.ACCEPTED
        result = await ledger.result("a")
        assert result is not None
        assert (result.outcome, result.message_id, result.reason) == (Outcome.ACCEPTED, "id-9", None)
        assert "report shows that it was sent" in str(result.description)


async def test_old_and_new(place: Place) -> None:
    """`unsettled(older_than=…)` has what began before that; `purge` removes it, with its reports, and nothing else."""
    now = 1_700_000_000.0
    async with SqlLedger(url_or_engine=place.url, prefix=place.prefix, clock=lambda: now) as ledger:
        old, new = request_for("old", "older", at=now - 7200), request_for("new", at=now - 60)
        for request in (old, new):
            await ledger.leaving(request)
            await ledger.left(request, attempts_for(request))
        keys = [entry.message.key async for entry in ledger.unsettled(older_than=timedelta(hours=1))]
        assert keys == ["old", "older"]
        assert len([entry async for entry in ledger.unsettled()]) == 3
        assert await ledger.purge(timedelta(hours=1)) == 2
        assert [entry.message.key async for entry in ledger.unsettled()] == ["new"]
        assert await ledger.result("old") is None
        assert await ledger.result("new") is not None
        assert await ledger.purge(timedelta()) == 1
        names = [table.name for table in ledger.metadata.sorted_tables if not table.name.endswith("version")]
    engine = create_engine(place.url)
    with engine.connect() as connection:
        assert [connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in names] == [0] * len(names)
    engine.dispose()


async def test_an_engine_of_the_caller_stays_open(place: Place) -> None:
    """A ledger takes an Engine too, beside the caller's own tables, and does not close it."""
    engine = create_engine(place.url)
    async with SqlLedger(engine, prefix=place.prefix) as ledger:
        await ledger.leaving(request_for("a"))
    with engine.connect() as connection:
        assert connection.scalar(text(f"SELECT count(*) FROM {place.prefix}requests")) == 1
    engine.dispose()


async def test_odd_texts_come_back(place: Place) -> None:
    """Keys that a database may take for equal, or cut, are different keys."""
    keys = ["a", "A", "a ", "\u00e1", "a\u0301", "钥匙", "x" * 2000, "😀", "null"]
    async with SqlLedger(**place.arguments) as ledger:
        request = request_for(*keys)
        await ledger.leaving(request)
        await ledger.left(request, attempts_for(request))
        for index, key in enumerate(keys):
            result = await ledger.result(key)
            assert result is not None
            assert (result.message.key, str(result.message.to)) == (key, number(index))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"url_or_engine": "sqlite://"}, "SQLite in memory"),
        ({"url_or_engine": "sqlite:///:memory:"}, "SQLite in memory"),
        ({"url_or_engine": "oops"}, "must be a URL"),
        ({"url_or_engine": "mssql+pyodbc://host/db"}, "ledger: "),
        ({"prefix": "a; DROP"}, "prefix: "),
        ({"numbers": "some"}, "numbers: "),
        ({"numbers": "hashed"}, "secret: is needed"),
        ({"numbers": "hashed", "secret": " "}, "secret: "),
        ({"timeout": 0}, "timeout: "),
    ],
)
async def test_wrong_options(arguments: dict[str, object], problem: str, sqlite: Place) -> None:
    """A ledger that cannot work is refused when it is made."""
    with pytest.raises(ConfigurationError, match=problem):
        SqlLedger(**{"url_or_engine": sqlite.url, **arguments})  # type: ignore[arg-type]  # the mistakes


async def test_a_password_is_shown_nowhere() -> None:
    """Neither the text nor the traceback's locals of an error for a URL have its password."""
    with pytest.raises(ConfigurationError) as caught:
        SqlLedger("postgres:ql://user:hunter2@host/x")
    assert "hunter2" not in str(caught.value)


async def test_is_a_ledger(sqlite: Place) -> None:
    """What `Gateway(ledger=…)` takes."""
    assert isinstance(SqlLedger(sqlite.url), Ledger)


async def test_closed(sqlite: Place) -> None:
    """What comes after `aclose` raises; a second `aclose` does nothing."""
    ledger = SqlLedger(sqlite.url)
    await ledger.create()
    await ledger.aclose()
    await ledger.aclose()
    with pytest.raises(ConfigurationError, match="closed"):
        await ledger.leaving(request_for("a"))


def test_a_sequence_of_loops(sqlite: Place) -> None:
    """One ledger serves several event loops, one after another."""
    ledger = SqlLedger(sqlite.url)

    async def use(key: str) -> Sequence[str | None]:
        await ledger.create()
        await ledger.leaving(request_for(key))
        return [entry.message.key async for entry in ledger.unsettled()]

    assert list(anyio.run(use, "a")) == ["a"]
    assert sorted(map(str, anyio.run(use, "b", backend="trio"))) == ["a", "b"]
    anyio.run(ledger.aclose)
