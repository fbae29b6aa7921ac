"""The record around each request: nothing leaves before it is recorded, and every request that left is recorded too."""

import logging
from collections.abc import Sequence

import anyio
import attrs
import httpx
import pytest
from fake_vendors import LOGIN, Call, Wire, alpha, beta, login, number

from smsgate import Attempt, ConfigurationError, Gateway, Ledger, Outcome, Reason, SendRequest

pytestmark = pytest.mark.anyio


@attrs.define
class Book:
    """A ledger in memory. Every line of it is written in order."""

    fails: Exception | None = None
    fails_after: BaseException | None = None
    lines: list[tuple[str, SendRequest, tuple[Outcome, ...]]] = attrs.field(factory=list)

    async def leaving(self, request: SendRequest) -> None:
        await anyio.lowlevel.checkpoint()
        if self.fails is not None:
            raise self.fails
        self.lines.append(("leaving", request, ()))

    async def left(self, request: SendRequest, attempts: Sequence[Attempt]) -> None:
        await anyio.lowlevel.checkpoint()
        if self.fails_after is not None:
            raise self.fails_after
        self.lines.append(("left", request, tuple(attempt.outcome for attempt in attempts)))


async def test_each_request_is_recorded_before_and_after() -> None:
    """Before its first byte with messages, provider and the reference of its reports; after it with each attempt."""
    book, seen = Book(), list[list[str]]()

    async def look(call: Call) -> None:
        seen.append([word for word, _, _ in book.lines])

    wire = Wire(alpha=Reason.INSUFFICIENT_BALANCE, beta=look)
    async with Gateway([alpha(), beta()], templates=[LOGIN], transport=wire, ledger=book) as gateway:
        result = await gateway.send(login("+86 139-0000-0001", key="order-1"))
    assert [(word, request.provider, outcomes) for word, request, outcomes in book.lines] == [
        ("leaving", "alpha", ()),
        ("left", "alpha", (Outcome.REJECTED,)),
        ("leaving", "beta", ()),
        ("left", "beta", (Outcome.ACCEPTED,)),
    ]
    assert seen == [["leaving", "left", "leaving"]]
    requests = [request for _, request, _ in book.lines]
    assert [str(message.to) for message in requests[0].messages] == [number(1)]
    assert [request.reference for request in requests[::2]] == [attempt.reference for attempt in result.attempts]
    assert [request.started_at for request in requests[::2]] == [attempt.started_at for attempt in result.attempts]
    assert len({request.id for request in requests}) == 2


async def test_one_record_for_a_batch() -> None:
    """Messages that share a request are recorded together, in their order, once before it and once after."""
    book, wire = Book(), Wire(alpha={number(1): Reason.INVALID_NUMBER})
    async with Gateway([alpha(batch_limit=10)], templates=[LOGIN], transport=wire, ledger=book) as gateway:
        sent = gateway.send_many([login(number(index)) for index in range(3)], linger=60)
        assert len([result async for result in sent]) == 3
    assert [word for word, _, _ in book.lines] == ["leaving", "left"]
    assert [str(message.to) for message in book.lines[0][1].messages] == [number(0), number(1), number(2)]
    assert book.lines[1][2] == (Outcome.ACCEPTED, Outcome.REJECTED, Outcome.ACCEPTED)


async def test_what_cannot_be_recorded_is_not_sent(caplog: pytest.LogCaptureFixture) -> None:
    """If the record before the first byte fails, nothing is sent and no other provider is tried."""
    book, wire = Book(fails=ConnectionError("no database for +8613800138000")), Wire()
    async with Gateway([alpha(), beta()], templates=[LOGIN], transport=wire, ledger=book) as gateway:
        result = await gateway.send(login())
    assert wire.calls == []
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, Reason.NOT_RECORDED)
    assert [attempt.provider for attempt in result.attempts] == ["alpha"]
    assert book.lines == []
    assert "ConnectionError at" in caplog.text
    assert "test_ledger.py:" in caplog.text
    assert "13800138000" not in caplog.text


@pytest.mark.parametrize("error", [ConnectionError("gone"), SystemExit(1)], ids=["error", "exit"])
async def test_a_record_that_fails_afterwards_changes_nothing(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    """What was sent was sent: a failure after the request is logged and counted, and the result stands."""
    book = Book(fails_after=error)
    async with Gateway([alpha()], templates=[LOGIN], transport=Wire(), ledger=book) as gateway:
        assert (await gateway.send(login())).accepted
        assert gateway.failed_records == 1
    assert [record.levelno for record in caplog.records if "ledger" in record.getMessage()] == [logging.ERROR]


async def test_a_request_that_is_cut_short_is_recorded() -> None:
    """A gateway that closes at its deadline records what may have been sent."""
    book, arrived = Book(), anyio.Event()

    async def stuck(call: Call) -> None:
        arrived.set()
        await anyio.sleep_forever()

    under_test = Gateway([alpha()], templates=[LOGIN], transport=Wire(alpha=stuck), ledger=book)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(under_test.send, login())
        await arrived.wait()
        await under_test.aclose(timeout=0)
    assert [(word, outcomes) for word, _, outcomes in book.lines] == [("leaving", ()), ("left", (Outcome.UNKNOWN,))]


async def test_a_request_that_cannot_be_built_is_recorded_as_not_sent() -> None:
    """A request is built and signed after it was recorded; one that its adapter fails to build has not left."""

    class Broken(type(alpha())):  # type: ignore[misc]  # the class of the fake
        def build_request(self, *_: object, **__: object) -> object:
            raise LookupError

    book, wire = Book(), Wire()
    async with Gateway([Broken("alpha"), beta()], templates=[LOGIN], transport=wire, ledger=book) as gateway:
        assert (await gateway.send(login())).provider == "beta"
    assert [(request.provider, outcomes) for _, request, outcomes in book.lines] == [
        ("alpha", ()),
        ("alpha", (Outcome.NOT_SENT,)),
        ("beta", ()),
        ("beta", (Outcome.ACCEPTED,)),
    ]


async def test_each_retry_is_a_request() -> None:
    """A busy provider that is retried makes two records."""
    book, wire = Book(), Wire(alpha=[Reason.TRY_LATER, None])
    async with Gateway([alpha()], templates=[LOGIN], transport=wire, ledger=book) as gateway:
        assert (await gateway.send(login())).accepted
    assert len({request.id for _, request, _ in book.lines}) == 2


async def test_not_sent_is_recorded_too() -> None:
    """A request that never left is recorded before and after: the second record says that it was not sent."""
    book, wire = Book(), Wire(alpha=httpx.ConnectError("refused"))
    async with Gateway([alpha()], templates=[LOGIN], transport=wire, ledger=book) as gateway:
        await gateway.send(login())
    assert [outcomes for _, _, outcomes in book.lines] == [(), (Outcome.NOT_SENT,)]


def test_a_ledger_has_two_methods() -> None:
    """What lacks one of them is refused when the gateway is made."""
    assert isinstance(Book(), Ledger)
    with pytest.raises(ConfigurationError, match="ledger: must have the methods leaving and left"):
        Gateway([alpha()], ledger=object())  # type: ignore[arg-type]  # the mistake
