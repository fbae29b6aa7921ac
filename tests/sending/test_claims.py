"""A ledger that claims keys: asked once a chunk before messages are sorted, told once of each result."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import anyio
import attrs
import pytest
from fake_vendors import LOGIN, Wire, alpha, login, number

from smsgate import (
    Attempt,
    Claim,
    ClaimsKeys,
    ClosedError,
    Gateway,
    KeyConflictError,
    KeyInProgressError,
    Ledger,
    Message,
    Outcome,
    Reason,
    Result,
    SendRequest,
    Timeouts,
)

pytestmark = pytest.mark.anyio

SHORT = Timeouts(pool=0.05, total=0.05)


@attrs.define
class Book:
    """A ledger that claims keys, and says of some what it is told to."""

    says: dict[str, Claim] = attrs.field(factory=dict)
    fails: Exception | None = None
    opened: anyio.Event | None = None
    """What `claim` waits for."""
    claims: list[list[str]] = attrs.field(factory=list)
    results: list[Result] = attrs.field(factory=list)
    calls: int = 0
    sent: list[str] = attrs.field(factory=list)

    async def claim(self, messages: Sequence[Message]) -> Sequence[Claim]:
        self.claims.append([str(message.key) for message in messages])
        await anyio.lowlevel.checkpoint()
        if self.opened is not None:
            await self.opened.wait()
        if self.fails is not None:
            raise self.fails
        return [self.says.get(str(message.key), Claim()) for message in messages]

    async def concluded(self, results: Sequence[Result]) -> None:
        await anyio.lowlevel.checkpoint()
        self.calls += 1
        self.results.extend(results)

    async def leaving(self, request: SendRequest) -> None:
        self.sent += [str(message.key) for message in request.messages]

    async def left(self, request: SendRequest, attempts: Sequence[Attempt]) -> None:
        pass


def gateway(book: Book, wire: Wire, **options: Any) -> Gateway:
    return Gateway([alpha(batch_limit=100)], templates=[LOGIN], transport=wire, ledger=book, **options)


def messages(count: int) -> list[Message]:
    return [login(number(index), key=f"order-{index}") for index in range(count)]


def first_result(index: int) -> Claim:
    message = login(number(index), key=f"order-{index}")
    return Claim(result=Result(message, Outcome.ACCEPTED, "beta", "an-earlier-id"))


def test_a_book_is_both() -> None:
    """To claim keys is an optional part of a ledger, typed as a protocol of its own."""
    ledger: Ledger = Book()
    assert isinstance(ledger, ClaimsKeys)


async def test_what_is_finished_is_not_sent() -> None:
    """Its first result is given, for a send and within a chunk, and is recorded no second time."""
    book, wire, records = Book({"order-1": first_result(1)}), Wire(), list[Result]()
    mine = messages(3)
    async with gateway(book, wire, on_result=records.append) as under_test:
        single = await under_test.send(mine[1])
        results = [result async for result in under_test.send_many(mine, linger=60)]
    by_key = {result.message.key: result for result in results}
    assert single.message_id == by_key["order-1"].message_id == "an-earlier-id"
    assert single.message is by_key["order-1"].message is mine[1]
    assert book.claims == [["order-1"], ["order-0", "order-1", "order-2"]]
    assert [call.to for call in wire.calls] == [(number(0), number(2))]
    assert sorted(str(result.message.key) for result in records) == ["order-0", "order-2"]
    assert [result.message.key for result in book.results] == ["order-0", "order-2"]
    assert book.calls == 1


async def test_earlier_tries_are_the_first_of_its_result() -> None:
    """What may have been sent before is sent if the ledger says so, and its result says that it may be there twice."""
    tried = (Attempt("beta", Outcome.UNKNOWN, Reason.NO_ANSWER, started_at=datetime.now(UTC)),)
    book, wire = Book({"order-0": Claim(tried=tried)}), Wire(alpha=[None, None, Reason.INVALID_NUMBER])
    async with gateway(book, wire) as under_test:
        [message] = messages(1)
        single = await under_test.send(message)
        [result] = [result async for result in under_test.send_many([message])]
        refused = await under_test.send(message)
    for each in (single, result):
        assert (each.outcome, each.possible_duplicate) == (Outcome.ACCEPTED, True)
        assert (each.attempts[:1], len(each.attempts)) == (tried, 2)
    assert (refused.outcome, refused.possible_duplicate, len(refused.attempts)) == (Outcome.UNKNOWN, False, 2)
    assert len(wire.calls) == 3
    assert book.results == [single, result, refused]


async def test_what_differs_is_refused() -> None:
    """The field that the ledger names is in the error, and in the result of `send_many`."""
    book, wire = Book({"order-0": Claim(differs="params")}), Wire()
    async with gateway(book, wire) as under_test:
        with pytest.raises(KeyConflictError, match="'params'"):
            await under_test.send(messages(1)[0])
        [result] = [result async for result in under_test.send_many(messages(1))]
    assert (result.outcome, result.reason) == (Outcome.REJECTED, Reason.INVALID_REQUEST)
    assert not wire.calls
    assert not book.results


async def test_what_another_one_has_waits_alone() -> None:
    """The others of its chunk are sent meanwhile; it is asked for again, and has the result once there is one."""
    book, wire = Book({"order-1": Claim(held=True)}), Wire()
    found: list[Result] = []
    async with gateway(book, wire) as under_test:
        async for result in under_test.send_many(messages(3), linger=60):
            found.append(result)
            if len(found) == 2:
                assert [call.to for call in wire.calls] == [(number(0), number(2))]
                book.says["order-1"] = first_result(1)
    assert [result.message.key for result in found] == ["order-0", "order-2", "order-1"]
    assert len(wire.calls) == 1
    assert set(map(tuple, book.claims[1:])) == {("order-1",)}


async def test_a_key_that_is_given_back_is_sent() -> None:
    """Another process had it and died before it sent anything: whoever waits sends it."""
    book, wire = Book({"order-0": Claim(held=True)}), Wire()
    async with gateway(book, wire) as under_test, anyio.create_task_group() as tasks:

        async def send() -> None:
            assert (await under_test.send(messages(1)[0])).accepted

        async def send_many() -> None:
            assert [each.accepted async for each in under_test.send_many(messages(1))] == [True]

        tasks.start_soon(send)
        tasks.start_soon(send_many)
        await anyio.sleep(0.05)
        book.says.clear()
    assert len(wire.calls) == 1
    assert len(book.results) == 1


async def test_nobody_waits_for_ever() -> None:
    """After as long as a try may take: an error of its own, and in `send_many` a result that is `UNKNOWN`."""
    book, wire, records = Book({"order-0": Claim(held=True)}), Wire(), list[Result]()
    async with gateway(book, wire, timeouts=SHORT, on_result=records.append) as under_test:
        with pytest.raises(KeyInProgressError, match="'order-0' is in progress"):
            await under_test.send(messages(1)[0])
        with pytest.raises(KeyInProgressError):
            await under_test.send(messages(1)[0], within=0.01)
        [result] = [result async for result in under_test.send_many(messages(1))]
        book.says.clear()
        assert (await under_test.send(messages(1)[0])).accepted
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, Reason.NO_ANSWER)
    assert [each.outcome for each in records] == [Outcome.ACCEPTED]


async def test_what_cannot_be_claimed_is_not_sent(caplog: pytest.LogCaptureFixture) -> None:
    """If the ledger fails to say what it knows, nothing is sent, and whoever tries later may send it."""
    book, wire, records = Book(fails=ConnectionError("no database")), Wire(), list[Result]()
    async with gateway(book, wire, on_result=records.append) as under_test:
        results = [await under_test.send(messages(1)[0])]
        results += [result async for result in under_test.send_many(messages(2))]
        assert [(each.outcome, each.reason) for each in results] == [(Outcome.NOT_SENT, Reason.NOT_RECORDED)] * 3
        assert records == results
        assert wire.calls == []
        assert "ConnectionError" in caplog.text
        book.fails = None
        assert (await under_test.send(messages(1)[0])).accepted
    assert [result.outcome for result in book.results] == [Outcome.ACCEPTED]


async def test_a_caller_that_is_cancelled_while_its_key_is_claimed() -> None:
    """The message is recorded as not sent, and its key is given back."""
    book, wire, records = Book(opened=anyio.Event()), Wire(), list[Result]()
    async with gateway(book, wire, on_result=records.append) as under_test:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(under_test.send, messages(1)[0])
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
        assert book.opened is not None
        book.opened.set()
        await anyio.wait_all_tasks_blocked()
        assert [each.outcome for each in records] == [Outcome.NOT_SENT]
        assert [each.outcome for each in book.results] == [Outcome.NOT_SENT]
        assert (await under_test.send(messages(1)[0])).accepted


async def test_a_gateway_that_closes_while_keys_are_claimed() -> None:
    """What was read is not sent: each message has its record, and each key is given back."""
    book, wire, records = Book(opened=anyio.Event()), Wire(), list[Result]()
    under_test = gateway(book, wire, on_result=records.append)
    async with anyio.create_task_group() as tasks:

        async def read() -> None:
            async with under_test.send_many(messages(5)) as results:
                await anyio.sleep_forever()
            del results

        tasks.start_soon(read)
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(under_test.aclose)
        await anyio.wait_all_tasks_blocked()
        assert book.opened is not None
        book.opened.set()
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    assert wire.calls == []
    assert [each.outcome for each in records] == [Outcome.NOT_SENT] * 5
    assert [each.outcome for each in book.results] == [Outcome.NOT_SENT] * 5


async def test_a_result_that_cannot_be_told(caplog: pytest.LogCaptureFixture) -> None:
    """A ledger that fails to conclude changes no result; it is logged and counted."""

    class Failing(Book):
        async def concluded(self, results: Sequence[Result]) -> None:
            raise ConnectionError("gone")

    async with gateway(Failing(), Wire()) as under_test:
        assert (await under_test.send(messages(1)[0])).accepted
        assert under_test.failed_records == 1
    assert "ledger: 1 result not recorded: ConnectionError" in caplog.text


async def test_messages_without_a_key_are_not_asked_for() -> None:
    """They cost the ledger nothing but their requests."""
    book = Book()
    async with gateway(book, Wire()) as under_test:
        await under_test.send(login())
        assert len([result async for result in under_test.send_many([login(number(1))])]) == 1
    assert book.claims == []
    assert book.calls == 0


def test_a_loop_that_goes_down_while_keys_are_asked_for_again() -> None:
    """What waits for another process's send, and what comes while it is asked for once more, has one result each."""
    read, recorded = list[Result](), list[Result]()

    async def main() -> None:
        book = Book(says={f"order-{index}": Claim(held=True) for index in range(2)})
        under_test = gateway(book, Wire(), on_result=recorded.append)
        again = asyncio.Event()

        async def source() -> AsyncIterator[Message]:
            for message in messages(2):
                yield message
            await again.wait()
            yield messages(3)[2]
            await asyncio.sleep(3600)

        results = under_test.send_many(source())
        await asyncio.sleep(0.1)
        book.opened = anyio.Event()  # never set
        await asyncio.sleep(0.3)
        again.set()
        await asyncio.sleep(0.05)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        async with asyncio.timeout(5):
            with contextlib.suppress(ClosedError):
                while True:
                    read.append(await anext(results))
        await under_test.aclose()

    asyncio.run(main())
    told = {result.message.key: result.outcome for result in read}
    assert len(read) == 3
    assert told == {"order-0": Outcome.UNKNOWN, "order-1": Outcome.UNKNOWN, "order-2": Outcome.NOT_SENT}
    assert [result.message.key for result in recorded] == ["order-2"]
