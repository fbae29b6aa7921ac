"""`send_many` and time: no message waits for company longer than `linger`, and none is starved by others."""

import time
from collections.abc import AsyncIterator, Iterator

import anyio
import httpx
import pytest
from fake_vendors import LOGIN, Call, Wire, alpha, beta, login, number
from ledger import Ledger, gateway, messages

from smsgate import Gateway, Message, Reason, Result

pytestmark = pytest.mark.anyio


async def test_a_stream_that_never_pauses_keeps_nothing_back() -> None:
    """An endless source of texts that cannot share a request: each is sent while the source still gives more."""
    seen, stop = list[Result](), anyio.Event()

    async def personal() -> AsyncIterator[Message]:
        for index in range(10_000):
            if stop.is_set():
                return
            yield login(number(index), code=str(index))
            await anyio.sleep(0.002)

    async with gateway(Wire(), Ledger(), batch_limit=10) as under_test:
        async for result in under_test.send_many(personal(), linger=0.01):
            seen.append(result)
            if len(seen) == 20:
                stop.set()
    assert 20 <= len(seen) < 5_000


async def test_one_rare_text_among_many_common_ones() -> None:
    """A text of its own is not kept back by the groups around it that fill up again and again."""
    wire, given = Wire(), 0

    async def source() -> AsyncIterator[Message]:
        nonlocal given
        yield login(number(0), code="urgent")
        for index in range(1, 2_000):
            given += 1
            yield login(number(index), code="promotion")
            await anyio.sleep(0.0005)

    async with gateway(wire, Ledger(), batch_limit=10) as under_test:
        async for result in under_test.send_many(source(), linger=0.01):
            if str(result.message.to) == number(0):
                break
    assert given < 1_900


async def test_company_may_come_while_there_is_no_room() -> None:
    """A group that is due and has no room is not closed: it waits for its turn, and fills up meanwhile."""
    release, wire = anyio.Event(), Wire()

    async def slow(call: Call) -> None:
        await release.wait()

    wire = Wire(alpha=[slow, None])

    async def source() -> AsyncIterator[Message]:
        yield login(number(0), code="first")
        await anyio.sleep(0.03)
        for index in range(1, 4):
            yield login(number(index), code="rest")
            await anyio.sleep(0.01)
        release.set()

    async with gateway(wire, Ledger(), batch_limit=10) as under_test:
        assert len([each async for each in under_test.send_many(source(), concurrency=1, linger=0.001)]) == 4
    assert [len(call.to) for call in wire.calls] == [1, 3]


async def test_without_linger_nothing_waits() -> None:
    """`linger=0`: what has been read is sent as soon as a request may be made."""
    wire, gone = Wire(), anyio.Event()

    async def source() -> AsyncIterator[Message]:
        yield login(number(1))
        await gone.wait()
        yield login(number(2))

    async with gateway(wire, Ledger(), batch_limit=10) as under_test:
        async for _ in under_test.send_many(source(), linger=0):
            gone.set()
    assert [len(call.to) for call in wire.calls] == [1, 1]


async def test_a_blocking_source_lets_others_run() -> None:
    """A plain source that takes its time for each message holds up the event loop for a few of them, not for all."""
    turns = 0

    def source() -> Iterator[Message]:
        for message in messages(60):
            end = time.perf_counter() + 0.002
            while time.perf_counter() < end:
                pass
            yield message

    async def count() -> None:
        nonlocal turns
        while True:
            await anyio.lowlevel.checkpoint()
            turns += 1

    async with gateway(Wire(), Ledger(), batch_limit=10) as under_test, anyio.create_task_group() as tasks:
        results = under_test.send_many(source())
        tasks.start_soon(count)
        seen = [await anext(results)]
        assert turns > 0, "nothing else ran before the first result"
        seen += [result async for result in results]
        tasks.cancel_scope.cancel()
    assert len(seen) == 60


async def test_results_do_not_wait_for_the_failover_of_others() -> None:
    """Of one request, what is accepted is given out although another message of it is still on its way elsewhere."""
    release = anyio.Event()

    async def slow(call: Call) -> None:
        await release.wait()

    wire = Wire(alpha={number(3): Reason.INSUFFICIENT_BALANCE}, beta=slow)
    async with Gateway([alpha(batch_limit=10), beta()], templates=[LOGIN], transport=wire) as under_test:
        results = under_test.send_many(messages(10))
        first = [await anext(results) for _ in range(9)]
        assert number(3) not in {str(result.message.to) for result in first}
        release.set()
        last = [result async for result in results]
    assert [(str(result.message.to), result.provider) for result in last] == [(number(3), "beta")]


async def test_failover_keeps_to_the_concurrency() -> None:
    """Messages that go on one by one are requests like all others: at most `concurrency` of them are in flight."""
    most = now = 0

    async def counted(call: Call) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await anyio.sleep(0.001)
        now -= 1

    wire = Wire(alpha=httpx.ConnectError("refused"), beta=counted)
    async with Gateway([alpha(batch_limit=50), beta()], templates=[LOGIN], transport=wire) as under_test:
        results = [result async for result in under_test.send_many(messages(100), concurrency=7)]
    assert {result.provider for result in results} == {"beta"}
    assert most == 7


async def test_messages_that_go_on_share_their_next_request() -> None:
    """What two requests left over for the same provider travels on together."""
    wire = Wire(alpha=httpx.ConnectError("refused"))
    providers = [alpha(batch_limit=5), beta(batch_limit=20, shares=lambda job: "all")]
    async with Gateway(providers, templates=[LOGIN], transport=wire) as under_test:
        sent = under_test.send_many([login(number(index), code=str(index // 5)) for index in range(20)], linger=60)
        assert len([result async for result in sent]) == 20
    beta_calls = [len(call.to) for call in wire.calls if call.vendor == "beta"]
    assert sum(beta_calls) == 20
    assert len(beta_calls) <= 4


@pytest.mark.parametrize("kind", ["plain", "asynchronous"])
@pytest.mark.parametrize("way", ["read to its end", "aclose", "raises"])
async def test_generators_are_closed(kind: str, way: str) -> None:
    """A source that is a generator is closed when it is not needed any more, a plain one too."""
    closed: list[str] = []

    def plain() -> Iterator[Message]:
        try:
            for index in range(5 if way == "read to its end" else 10_000):
                yield login(number(index))
                if way == "raises" and index == 7:
                    raise LookupError
        finally:
            closed.append("closed")

    async def asynchronous() -> AsyncIterator[Message]:
        try:
            for index in range(5 if way == "read to its end" else 10_000):
                yield login(number(index))
                if way == "raises" and index == 7:
                    raise LookupError
        finally:
            closed.append("closed")

    async with gateway(Wire(), Ledger()) as under_test:
        source = plain() if kind == "plain" else asynchronous()
        async with under_test.send_many(source, window=20) as results:
            await anext(results)
            if way == "aclose":
                await results.aclose()
            elif way == "raises":
                with pytest.raises(LookupError):
                    _ = [result async for result in results]
            else:
                _ = [result async for result in results]
        await anyio.wait_all_tasks_blocked()
        assert closed == ["closed"]


async def test_cost_does_not_grow_with_the_window() -> None:
    """However many groups are open in a large window, they are closed oldest first and all are sent."""
    wire = Wire()
    async with gateway(wire, Ledger(), batch_limit=10) as under_test:
        personal = [login(number(index), code=str(index)) for index in range(300)]
        results = [result async for result in under_test.send_many(personal, window=100, concurrency=1, linger=60)]
    assert len(results) == 300
    order = [int(call.to[0][-8:]) for call in wire.calls]
    assert order[:200] == sorted(order[:200])
