"""Readers that leave, gateways that close, loops that end: every message that was read has one recorded result."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import anyio
import pytest
from fake_vendors import LOGIN, Call, Wire, alpha, beta, login, number
from ledger import Ledger, gateway, messages

from smsgate import ClosedError, Gateway, Message, Outcome, Reason, Result

pytestmark = pytest.mark.anyio


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
    """Results that nobody iterates and nobody keeps: nothing is read, nothing is sent, and a warning says so."""
    ledger, wire = Ledger(), Wire()
    async with gateway(wire, ledger, batch_limit=1) as under_test:
        with pytest.warns(RuntimeWarning, match=r"send_many\(\) were dropped unread"):
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


async def test_after_aclose() -> None:
    """After `aclose()`, what was known before can still be read; nothing else comes."""
    ledger, release = Ledger(), anyio.Event()

    async def stuck(call: Call) -> None:
        await release.wait()

    async with gateway(Wire(alpha=[None, stuck]), ledger, batch_limit=5) as under_test:
        closed = under_test.send_many(messages(5))
        assert (await anext(closed)).accepted
        await closed.aclose()
        assert len([result async for result in closed]) == 4
        release.set()


async def test_cancelling_a_wait_ends_nothing() -> None:
    """A wait for a result that is cancelled, with a timeout say, leaves the sending alone: every result still comes."""
    ledger, release = Ledger(), anyio.Event()

    async def stuck(call: Call) -> None:
        await release.wait()

    async with gateway(Wire(alpha=stuck), ledger, batch_limit=5) as under_test:
        results = under_test.send_many(ledger.source(messages(20)))
        for _ in range(3):
            with anyio.move_on_after(0.001):
                await anext(results)
        release.set()
        assert [result.accepted async for result in results] == [True] * 20
    assert ledger.balanced


async def test_two_readers_and_one_gives_up() -> None:
    """Of two tasks that read the same results, the one that is cancelled takes nothing from the other."""
    ledger, release = Ledger(), anyio.Event()

    async def stuck(call: Call) -> None:
        await release.wait()

    seen: list[Result] = []
    async with gateway(Wire(alpha=stuck), ledger, batch_limit=5) as under_test:
        results = under_test.send_many(ledger.source(messages(30)))

        async def read() -> None:
            seen.extend([result async for result in results])

        async with anyio.create_task_group() as tasks:
            with anyio.CancelScope() as first:
                tasks.start_soon(read)
                async with anyio.create_task_group() as inner:
                    inner.start_soon(read)
                    await anyio.wait_all_tasks_blocked()
                    first.cancel()
            release.set()
    assert Counter(id(result.message) for result in seen) == Counter(map(id, ledger.read))


async def test_async_with_ends_it() -> None:
    """Leaving `async with gateway.send_many(…) as results` ends it, although the object lives on."""
    ledger, release = Ledger(), anyio.Event()

    async def slow(call: Call) -> None:
        if number(0) not in call.to:
            await release.wait()

    async with gateway(Wire(alpha=slow), ledger, batch_limit=5) as under_test:
        async with under_test.send_many(ledger.source(messages(1000)), concurrency=2, window=50) as results:
            async for _ in results:
                await anyio.wait_all_tasks_blocked()
                break
        release.set()
    assert len(ledger.read) < 50
    assert ledger.balanced


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


async def test_gateway_closes_before_anything_was_read() -> None:
    """A gateway that closes before the first step reads nothing, and the reader is told that messages were left."""
    ledger, wire = Ledger(), Wire()
    under_test = gateway(wire, ledger, batch_limit=5)
    stream = under_test.send_many(ledger.source(messages(10)))
    await under_test.aclose(timeout=0)
    with pytest.raises(ClosedError, match="closed before every message was sent"):
        await anext(stream)
    assert (ledger.read, wire.calls) == ([], [])


async def test_results_that_end_before_anything_was_read() -> None:
    """Results that are closed at once read nothing, and end."""
    ledger, wire = Ledger(), Wire()
    stream = gateway(wire, ledger, batch_limit=5).send_many(ledger.source(messages(10)))
    await stream.aclose()
    assert [result async for result in stream] == []
    assert (ledger.read, wire.calls) == ([], [])


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
        async with anyio.create_task_group() as readers:
            readers.start_soon(results.__anext__)
            await entered.wait()
            readers.cancel_scope.cancel()
        await results.aclose()
    assert done == ["INVALID_NUMBER"]
