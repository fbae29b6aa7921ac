"""Many messages: requests shared, memory bounded, one result each, whatever the source and the reader do."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator

import anyio
import httpx
import pytest
from fake_vendors import LOGIN, Call, Wire, alpha, beta, login, number

from smsgate import ClosedError, ConfigurationError, Gateway, Message, MessageError, Outcome, Reason, Result

pytestmark = pytest.mark.anyio


class Ledger:
    """What was read from a source, and what was recorded of it."""

    def __init__(self) -> None:
        self.read: list[Message] = []
        self.recorded: list[Result] = []

    def source(self, messages: Iterable[Message]) -> Iterator[Message]:
        for message in messages:
            self.read.append(message)
            yield message

    def on_result(self, result: Result) -> None:
        self.recorded.append(result)

    @property
    def balanced(self) -> bool:
        """Each message that was read has exactly one recorded result."""
        return Counter(map(id, self.read)) == Counter(id(result.message) for result in self.recorded)

    def count(self, outcome: Outcome) -> int:
        return sum(result.outcome is outcome for result in self.recorded)


def messages(count: int) -> list[Message]:
    return [login(number(index)) for index in range(count)]


def gateway(wire: Wire, ledger: Ledger, *, batch_limit: int = 10) -> Gateway:
    return Gateway([alpha(batch_limit=batch_limit)], templates=[LOGIN], transport=wire, on_result=ledger.on_result)


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


async def test_early_break() -> None:
    """Leaving the loop early begins nothing more: what is on the wire is heard out, what was read is recorded."""
    ledger, release = Ledger(), anyio.Event()

    async def slow(call: Call) -> None:
        if number(0) not in call.to:
            await release.wait()

    wire = Wire(alpha=slow)
    async with gateway(wire, ledger, batch_limit=5) as under_test:
        async for _ in under_test.send_many(ledger.source(messages(1000)), concurrency=2, window=50):
            await anyio.wait_all_tasks_blocked()
            break
        release.set()
    assert len(wire.calls) <= 3
    assert ledger.balanced
    assert ledger.count(Outcome.ACCEPTED) == 5 * len(wire.calls)
    assert ledger.count(Outcome.NOT_SENT) == len(ledger.read) - 5 * len(wire.calls) > 0
    not_sent = next(result for result in ledger.recorded if result.outcome is Outcome.NOT_SENT)
    assert (not_sent.attempts, not_sent.reason) == ((), Reason.NETWORK)


async def test_break_does_not_fail_over() -> None:
    """After an early break, a refusal does not go on to another provider: nothing more is begun."""
    ledger, entered, release = Ledger(), anyio.Event(), anyio.Event()

    async def broke(call: Call) -> Reason:
        entered.set()
        await release.wait()
        return Reason.INSUFFICIENT_BALANCE

    wire = Wire(alpha=broke)
    async with Gateway([alpha(), beta()], templates=[LOGIN], transport=wire, on_result=ledger.on_result) as under_test:
        results = under_test.send_many(ledger.source(messages(1)))
        with anyio.move_on_after(0.01):
            await anext(results)
        await entered.wait()
        await results.aclose()
        release.set()
    assert wire.asked == ["alpha"]
    assert [result.reason for result in ledger.recorded] == [Reason.INSUFFICIENT_BALANCE]


async def test_never_iterated() -> None:
    """Results that nobody iterates and nobody keeps: nothing is read, nothing is sent."""
    ledger, wire = Ledger(), Wire()
    async with gateway(wire, ledger, batch_limit=1) as under_test:
        under_test.send_many(ledger.source(messages(500)))
        await anyio.wait_all_tasks_blocked()
    assert (ledger.read, ledger.recorded, wire.calls) == ([], [], [])


async def test_break_closes_the_source() -> None:
    """An async generator is closed by whoever iterated it, in the same task, when the reader has gone."""
    ledger, wire = Ledger(), Wire()
    closed: list[str] = []

    async def source() -> AsyncIterator[Message]:
        try:
            for index in range(10_000):
                ledger.read.append(login(number(index)))
                yield ledger.read[-1]
        finally:
            closed.append("closed")

    async with gateway(wire, ledger) as under_test:
        async for _ in under_test.send_many(source(), window=30):
            await anyio.wait_all_tasks_blocked()
            break
        await anyio.wait_all_tasks_blocked()
        assert closed == ["closed"]
    assert ledger.balanced


async def test_reader_is_cancelled() -> None:
    """A reader that is cancelled has left the loop: the same holds as for a break."""
    ledger, release = Ledger(), anyio.Event()

    async def stuck(call: Call) -> None:
        await release.wait()

    wire = Wire(alpha=stuck)
    async with gateway(wire, ledger, batch_limit=5) as under_test:

        async def reader() -> None:
            async for _ in under_test.send_many(ledger.source(messages(1000)), concurrency=2, window=40):
                raise AssertionError("nothing can have come")

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(reader)
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
        release.set()
    assert len(wire.calls) == 2
    assert ledger.balanced
    assert (ledger.count(Outcome.ACCEPTED), ledger.count(Outcome.NOT_SENT)) == (10, 5)


async def test_reader_who_comes_back() -> None:
    """After `aclose()` there are no more results; a reader who was cancelled and reads on is told that he had left."""
    ledger, release = Ledger(), anyio.Event()

    async def stuck(call: Call) -> None:
        await release.wait()

    async with gateway(Wire(alpha=[None, stuck]), ledger, batch_limit=5) as under_test:
        closed = under_test.send_many(messages(5))
        assert (await anext(closed)).accepted
        await closed.aclose()
        assert len([result async for result in closed]) == 4
        cancelled = under_test.send_many(messages(20))
        with anyio.move_on_after(0):
            await anext(cancelled)
        with pytest.raises(ClosedError, match="these results were left when their reader was cancelled"):
            await anext(cancelled)
        assert [result async for result in cancelled] == []
        release.set()


async def test_gateway_closes_meanwhile() -> None:
    """A gateway that closes reads no more: what is on the wire is waited for, the rest is not sent, the reader told."""
    ledger, release = Ledger(), anyio.Event()

    async def slow(call: Call) -> None:
        await release.wait()

    under_test = gateway(Wire(alpha=slow), ledger, batch_limit=5)
    stream = under_test.send_many(ledger.source(messages(1000)), concurrency=2, window=40)
    async with anyio.create_task_group() as tasks:
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(under_test.aclose)
        await anyio.wait_all_tasks_blocked()
        release.set()
    results = [await anext(stream) for _ in ledger.read]
    with pytest.raises(ClosedError, match="closed before every message was sent"):
        await anext(stream)
    assert ledger.balanced
    assert Counter(map(id, results)) == Counter(map(id, ledger.recorded))
    assert (ledger.count(Outcome.ACCEPTED), ledger.count(Outcome.NOT_SENT)) == (10, 5)


async def test_gateway_closes_after_the_last_request_set_out() -> None:
    """A gateway that closes when all is on the wire ends nothing early."""
    ledger, release = Ledger(), anyio.Event()

    async def slow(call: Call) -> None:
        await release.wait()

    under_test = gateway(Wire(alpha=slow), ledger, batch_limit=5)
    stream = under_test.send_many(messages(10))
    async with anyio.create_task_group() as tasks:
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(under_test.aclose)
        await anyio.wait_all_tasks_blocked()
        release.set()
    assert [result.accepted async for result in stream] == [True] * 10


async def test_gateway_closes_at_its_deadline() -> None:
    """What is still on the wire at the deadline may have been sent; what waits in a pausing source's hand was not."""
    ledger = Ledger()

    async def stuck(call: Call) -> None:
        await anyio.sleep_forever()

    async def source() -> AsyncIterator[Message]:
        for message in messages(23):
            ledger.read.append(message)
            yield message
        await anyio.sleep_forever()

    under_test = gateway(Wire(alpha=stuck), ledger, batch_limit=5)
    stream = under_test.send_many(source(), concurrency=2, window=40)
    await anyio.wait_all_tasks_blocked()
    await under_test.aclose(timeout=0)
    results = [await anext(stream) for _ in ledger.read]
    with pytest.raises(ClosedError):
        await anext(stream)
    assert ledger.balanced
    assert (ledger.count(Outcome.UNKNOWN), ledger.count(Outcome.NOT_SENT)) == (10, len(ledger.read) - 10)
    assert Counter(map(id, results)) == Counter(map(id, ledger.recorded))


async def test_a_kept_and_forgotten_stream_does_not_hold_up_the_close() -> None:
    """Results that somebody keeps and does not read: the gateway closes all the same, at once."""
    ledger = Ledger()
    under_test = gateway(Wire(), ledger, batch_limit=5)
    stream = under_test.send_many(ledger.source(messages(1000)), window=20)
    async for _ in stream:
        break
    await anyio.wait_all_tasks_blocked()
    with anyio.fail_after(10):
        await under_test.aclose(timeout=3000)
    assert ledger.balanced


def test_loop_goes_down() -> None:
    """When `asyncio.run` cancels everything that is left, what was read is still recorded, exactly once."""
    ledger = Ledger()

    async def main() -> None:
        both = asyncio.Event()

        async def stuck(call: Call) -> None:
            if len(wire.calls) == 2:
                both.set()
            await asyncio.sleep(3600)

        wire = Wire(alpha=stuck)
        under_test = gateway(wire, ledger, batch_limit=5)
        stream = under_test.send_many(ledger.source(messages(1000)), concurrency=2, window=40)
        reader = asyncio.ensure_future(anext(stream))
        await both.wait()
        assert not reader.done()

    asyncio.run(main())
    assert len(ledger.read) > 10
    assert ledger.balanced
    assert ledger.count(Outcome.UNKNOWN) == 10


async def test_slow_on_result_is_not_cut_short_by_a_break() -> None:
    """A refusal that is being recorded when the reader leaves is recorded to its end."""
    done: list[str] = []
    entered = anyio.Event()

    async def record(result: Result) -> None:
        entered.set()
        await anyio.sleep(0.01)
        done.append(str(result.reason))

    async with Gateway([alpha()], templates=[LOGIN], transport=Wire(), on_result=record) as under_test:
        results = under_test.send_many([login("+86123")])
        with anyio.move_on_after(0.001):
            await anext(results)
        await entered.wait()
        await results.aclose()
    assert done == ["INVALID_NUMBER"]


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
