"""Many messages: requests shared, memory bounded, one result each, whatever the source and the reader do."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator

import anyio
import httpx
import pytest
from fake_vendors import Call, Wire, login, number
from ledger import Ledger, gateway, messages

from smsgate import ConfigurationError, Message, MessageError, Outcome, Reason

pytestmark = pytest.mark.anyio


async def test_one_result_each() -> None:
    """Each message gives one result, also the same message again, and on_result is handed the same ones."""
    ledger, wire = Ledger(), Wire()
    several = [*messages(25), *messages(3)]
    async with gateway(wire, ledger) as under_test:
        results = [result async for result in under_test.send_many(ledger.source(several))]
    assert Counter(id(result.message) for result in results) == Counter(map(id, several))
    assert ledger.balanced
    assert ledger.count(Outcome.ACCEPTED) == 28
    assert all(len(set(call.to)) == len(call.to) for call in wire.calls)
    assert len({call.nonce for call in wire.calls}) == len(wire.calls)


@pytest.mark.parametrize("source", [[], iter(()), ()])
async def test_nothing_to_send(source: Iterable[Message]) -> None:
    """No messages, no results, no requests."""
    ledger, wire = Ledger(), Wire()
    async with gateway(wire, ledger) as under_test:
        assert [result async for result in under_test.send_many(source)] == []
    assert wire.calls == []


async def test_who_travels_together() -> None:
    """Messages share a request when the provider gives them the same key, up to its limit, in their order."""
    ledger, wire = Ledger(), Wire()
    mixed = [login(number(index), code="1111" if index % 2 else "2222") for index in range(11)]
    async with gateway(wire, ledger, batch_limit=4) as under_test:
        results = [result async for result in under_test.send_many(mixed, concurrency=1)]
    assert [call.to for call in wire.calls] == [
        (number(0), number(2), number(4), number(6)),
        (number(1), number(3), number(5), number(7)),
        (number(8), number(10)),
        (number(9),),
    ]
    assert len(results) == 11
    shared = {result.reference for result in results if str(result.message.to) in wire.calls[0].to}
    assert shared == {wire.calls[0].tag}


async def test_a_number_is_in_a_request_once() -> None:
    """Two messages to one number go in two requests: vendors drop the second of one request."""
    ledger, wire = Ledger(), Wire()
    twice = [login(number(1)), login(number(2)), login(number(1)), login(number(3))]
    async with gateway(wire, ledger) as under_test:
        results = [result async for result in under_test.send_many(twice, concurrency=1)]
    assert [call.to for call in wire.calls] == [(number(1), number(2)), (number(1), number(3))]
    assert len(results) == 4


async def test_one_bad_message_fails_alone() -> None:
    """A message that cannot be sent is a result with the reason; those around it are sent, in one request."""
    ledger, wire = Ledger(), Wire()
    bad = [
        login("+86123"),
        Message(number(7), "logn", {"code": "1", "minutes": "5"}),
        Message(number(8), "login", {"code": "1"}),
    ]
    async with gateway(wire, ledger) as under_test:
        results = [result async for result in under_test.send_many([*messages(2), *bad, login(number(5))])]
    refused = {id(result.message): result for result in results if not result.accepted}
    assert [refused[id(message)].reason for message in bad] == [
        Reason.INVALID_NUMBER,
        Reason.TEMPLATE_REJECTED,
        Reason.INVALID_REQUEST,
    ]
    assert [refused[id(message)].outcome for message in bad] == [Outcome.REJECTED] * 3
    assert [str(refused[id(message)].description).partition(":")[0] for message in bad] == ["to", "template", "params"]
    assert all(result.attempts == () and result.provider is None for result in refused.values())
    assert [call.to for call in wire.calls] == [(number(0), number(1), number(5))]
    assert len(ledger.recorded) == 6


@pytest.mark.parametrize(("window", "batch_limit"), [(1, 10), (7, 10), (50, 1), (1000, 100)])
async def test_memory_is_bounded(window: int, batch_limit: int) -> None:
    """However long the source and slow the reader, at most `window` messages are read and not yet given out."""
    ledger, wire = Ledger(), Wire()
    total, given, ahead = 2000 if window > 5 else 400, 0, 0

    def source() -> Iterator[Message]:
        nonlocal ahead
        for index in range(total):
            ahead = max(ahead, index + 1 - given)
            yield login(number(index))

    async with gateway(wire, ledger, batch_limit=batch_limit) as under_test:
        async for _ in under_test.send_many(source(), window=window):
            given += 1
            if given % 100 == 0:
                for _ in range(5):
                    await anyio.lowlevel.checkpoint()
    assert given == total
    assert 0 < ahead <= window


async def test_a_hundred_thousand() -> None:
    """A reader that stops reading stops the source, a hundred thousand messages notwithstanding."""
    ledger, wire = Ledger(), Wire()
    async with gateway(wire, ledger, batch_limit=500) as under_test:
        results = under_test.send_many(ledger.source(login(number(index)) for index in range(100_000)), window=2000)
        for _ in range(10_000):
            await anext(results)
        await anyio.wait_all_tasks_blocked()
        assert len(ledger.read) == 12_000
        await results.aclose()
    assert ledger.balanced


async def test_concurrency() -> None:
    """At most `concurrency` requests are on the wire, and that many if there is enough to send."""
    ledger, most, now = Ledger(), 0, 0

    async def slow(call: Call) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await anyio.sleep(0.001)
        now -= 1

    async with gateway(Wire(alpha=slow), ledger, batch_limit=2) as under_test:
        results = [result async for result in under_test.send_many(messages(60), concurrency=3)]
    assert (len(results), most) == (60, 3)


async def test_results_come_as_they_finish() -> None:
    """A result is given out when it is known, not when those before it are."""
    ledger, release = Ledger(), anyio.Event()

    async def first_is_slow(call: Call) -> None:
        if number(0) in call.to:
            await release.wait()

    order: list[str] = []
    async with gateway(Wire(alpha=first_is_slow), ledger, batch_limit=1) as under_test:
        async for result in under_test.send_many(messages(4)):
            order.append(str(result.message.to))
            if len(order) == 3:
                release.set()
    assert order[-1] == number(0)
    assert sorted(order) == [number(index) for index in range(4)]


async def test_source_that_pauses() -> None:
    """An async source that pauses does not keep what it gave: it is sent without waiting for more."""
    ledger, wire = Ledger(), Wire()
    go_on = anyio.Event()

    async def source() -> AsyncIterator[Message]:
        yield login(number(1))
        yield login(number(2))
        await go_on.wait()
        yield login(number(3))

    order: list[str] = []
    async with gateway(wire, ledger) as under_test:
        async for result in under_test.send_many(source()):
            order.append(str(result.message.to))
            if len(order) == 2:
                go_on.set()
    assert order == [number(1), number(2), number(3)]
    assert [call.to for call in wire.calls] == [(number(1), number(2)), (number(3),)]


async def test_source_that_keeps_coming() -> None:
    """An async source that does not pause fills requests as a plain one does."""
    ledger, wire = Ledger(), Wire()

    async def source() -> AsyncIterator[Message]:
        for message in messages(25):
            yield message

    async with gateway(wire, ledger) as under_test:
        assert len([result async for result in under_test.send_many(source(), concurrency=1)]) == 25
    assert [len(call.to) for call in wire.calls] == [10, 10, 5]


async def test_async_iterable_without_a_generator() -> None:
    """Any async iterable will do, not only a generator."""
    ledger, wire = Ledger(), Wire()

    class Queue:
        def __init__(self) -> None:
            self._left = messages(3)

        def __aiter__(self) -> "Queue":
            return self

        async def __anext__(self) -> Message:
            if not self._left:
                raise StopAsyncIteration
            return self._left.pop()

    async with gateway(wire, ledger) as under_test:
        assert len([result async for result in under_test.send_many(Queue())]) == 3


@pytest.mark.parametrize("kind", ["plain", "async"])
async def test_source_that_raises(kind: str) -> None:
    """What was read before the source raised is sent and told; then its own error is raised, once."""
    ledger, wire = Ledger(), Wire()

    def plain() -> Iterator[Message]:
        yield from messages(5)
        raise OSError("the file ended early")

    async def asynchronous() -> AsyncIterator[Message]:
        for message in plain():
            yield message

    async with gateway(wire, ledger) as under_test:
        stream = under_test.send_many(plain() if kind == "plain" else asynchronous())
        results = [await anext(stream) for _ in range(5)]
        with pytest.raises(OSError, match="the file ended early"):
            await anext(stream)
        assert [result async for result in stream] == []
    assert [result.accepted for result in results] == [True] * 5
    assert len(ledger.recorded) == 5


async def test_something_else_in_the_source() -> None:
    """What is not a message ends the reading with an error that says so, after the results of those before it."""
    ledger, wire = Ledger(), Wire()
    several: list[Message] = [*messages(2), "+8613800138000", *messages(3)]  # type: ignore[list-item]  # the mistake
    async with gateway(wire, ledger) as under_test:
        stream = under_test.send_many(several)
        results = [await anext(stream), await anext(stream)]
        with pytest.raises(MessageError, match="must be a Message, not str") as caught:
            await anext(stream)
    assert [result.accepted for result in results] == [True, True]
    assert "138" not in str(caught.value)


async def test_two_at_once() -> None:
    """Two calls share the gateway and nothing else."""
    ledger, wire = Ledger(), Wire()
    counts: list[int] = []
    async with gateway(wire, ledger) as under_test, anyio.create_task_group() as tasks:

        async def one(size: int) -> None:
            counts.append(len([result async for result in under_test.send_many(messages(size))]))

        tasks.start_soon(one, 30)
        tasks.start_soon(one, 31)
    assert sorted(counts) == [30, 31]


async def test_failing_requests() -> None:
    """A request that fails gives each of its messages the outcome that the failure leaves open or closes."""
    ledger, wire = Ledger(), Wire(alpha=[httpx.ConnectError("refused"), httpx.ReadTimeout(""), None])
    async with gateway(wire, ledger, batch_limit=3) as under_test:
        results = [result async for result in under_test.send_many(messages(9), concurrency=1)]
    assert Counter(result.outcome for result in results) == {
        Outcome.NOT_SENT: 3,
        Outcome.UNKNOWN: 3,
        Outcome.ACCEPTED: 3,
    }


@pytest.mark.parametrize(("concurrency", "window"), [(0, 1), (-1, 1), (1, 0)])
async def test_bad_options(concurrency: int, window: int) -> None:
    """Limits below one are refused at once."""
    ledger = Ledger()
    async with gateway(Wire(), ledger) as under_test:
        with pytest.raises(ConfigurationError, match="concurrency and window must be at least 1"):
            under_test.send_many(messages(1), concurrency=concurrency, window=window)
