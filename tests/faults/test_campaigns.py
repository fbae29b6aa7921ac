"""Many messages, and a reader, a source or a gateway that stops half-way: all that was read is accounted for."""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import anyio
import attrs
import pytest

from smsgate import ClosedError, Gateway, Message, Outcome, Result, SmsgateError, Timeouts

from . import scripts as s
from .driver import Recorder, check_resources, gateway, resources, tencent, until
from .steps import Steps
from .stub import Script, Stub

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("network")]

PATIENT = Timeouts(connect=5, write=5, read=5, total=6)
BAD = "+8612"


@attrs.define
class Source:
    """Messages for five requests and two that are refused; it notes what was read of it."""

    read: list[str] = attrs.field(factory=list[str])

    def __iter__(self) -> Iterator[Message]:
        for index in range(12):
            to = BAD if index in (4, 9) else f"+861390000{index:04d}"
            self.read.append(to)
            yield Message(to, "login", {"code": f"canary-{index // 2}", "minutes": "5"})

    async def slowly(self) -> AsyncIterator[Message]:
        for message in self:
            yield message
            await anyio.sleep(0.001)


def check(source: Source, record: Recorder, given: list[Result], *stubs: Stub) -> None:
    """As many outcomes as messages read; nothing charged twice, and nothing that was charged is called not sent."""
    assert Counter(str(result.message.to) for result in record.ended) == Counter(source.read)
    assert sorted(map(id, record.begun)) == sorted(map(id, record.ended))
    assert {id(result) for result in given} <= {id(result) for result in record.ended}
    charges = Counter(charge for stub in stubs for charge in stub.charges)
    for result in record.ended:
        charged = charges[str(result.message.to).removeprefix("+86")]
        assert charged <= (result.outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN)), result


async def collect(results: AsyncIterator[Result], given: list[Result]) -> None:
    async for result in results:
        given.append(result)  # noqa: PERF401  # what has come counts, also if the loop is left


async def reader_is_cancelled(sms: Gateway, source: Source, given: list[Result], number: int) -> bool:
    scope = anyio.CancelScope()
    steps = Steps(number, scope.cancel)

    async def read() -> None:
        with scope:
            await collect(sms.send_many(source, concurrency=2, window=5), given)

    with steps.counting():
        async with anyio.create_task_group() as group:
            group.start_soon(read)
    return steps.reached


async def reader_leaves(sms: Gateway, source: Source, given: list[Result], number: int) -> bool:
    steps = Steps(number, lambda: None)
    with steps.counting():
        async for result in sms.send_many(source.slowly(), concurrency=2, window=5):
            given.append(result)
            if steps.reached:
                break
    return steps.reached


async def gateway_is_closed(sms: Gateway, source: Source, given: list[Result], number: int) -> bool:
    due = anyio.Event()

    async def read() -> None:
        with contextlib.suppress(ClosedError):
            await collect(sms.send_many(source.slowly(), concurrency=2, window=5), given)
        due.set()

    async def close() -> None:
        await due.wait()
        await sms.aclose(timeout=0)

    steps = Steps(number, due.set)
    with steps.counting():
        async with anyio.create_task_group() as group:
            group.start_soon(read)
            group.start_soon(close)
    assert len(given) == len(source.read), "the reader was not told of everything"
    return steps.reached


Stop = Callable[[Gateway, Source, list[Result], int], Awaitable[bool]]
SCRIPTS: dict[str, Script] = {"accepts": s.accept, "processes-and-leaves": s.processed(lambda line: line.close())}


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("stop", [reader_is_cancelled, reader_leaves, gateway_is_closed])
async def test_stopped_at_every_await(stop: Stop, script: str) -> None:
    """Whoever stops, and at whichever await: what was read and has not set out is recorded as not sent."""
    before = resources()
    for number in itertools.count(1, 3):
        source, record, given = Source(), Recorder(), list[Result]()
        with Stub(SCRIPTS[script]) as first, Stub(s.accept) as second:
            sms = gateway(
                tencent("first", first.url), tencent("second", second.url), timeouts=PATIENT, on_result=record
            )
            reached = await stop(sms, source, given, number)
            await sms.aclose()
            await until(lambda: not first.open_lines + second.open_lines, "a connection was left open")
            check(source, record, given, first, second)
        if not reached:
            break
    assert number > 5
    await check_resources(before)


@pytest.mark.parametrize("at", [0, 1, 5, 11])
async def test_source_raises(at: int) -> None:
    """The source's own error comes after the results of all that was read before it."""
    source, record, given = Source(), Recorder(), list[Result]()

    async def failing() -> AsyncIterator[Message]:
        for index, message in enumerate(source):
            yield message
            if index == at:
                raise OSError("the database has gone")

    with Stub(s.accept) as first, Stub(s.accept) as second:
        async with gateway(tencent("first", first.url), tencent("second", second.url), on_result=record) as sms:
            with pytest.raises(OSError, match="database"):
                await collect(sms.send_many(failing()), given)
            assert len(given) == len(source.read) == at + 1
            check(source, record, given, first, second)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_source_is_cancelled_from_within() -> None:
    """A source whose own task was cancelled raises asyncio's CancelledError: nothing that was read is lost."""
    source, record, given = Source(), Recorder(), list[Result]()

    async def failing() -> AsyncIterator[Message]:
        for message in itertools.islice(source, 6):
            yield message
        raise asyncio.CancelledError

    with Stub(s.accept) as first, Stub(s.accept) as second:
        async with gateway(tencent("first", first.url), tencent("second", second.url), on_result=record) as sms:
            with pytest.raises(SmsgateError, match="the source was cancelled"):
                await collect(sms.send_many(failing()), given)
            check(source, record, given, first, second)


async def test_left_while_a_refusal_is_recorded() -> None:
    """Nothing is begun for a reader that left while the record of a refused message was being written."""
    source, left, recorded = Source(), anyio.Event(), list[Result]()

    async def record(result: Result) -> None:
        if result.message.to == BAD:
            await left.wait()
        recorded.append(result)

    def one_bad_then_good() -> Iterator[Message]:
        yield Message(BAD, "login", {"code": "1", "minutes": "5"})
        yield from source

    with Stub(s.accept) as first:
        async with gateway(tencent("first", first.url), on_result=record) as sms:
            results = sms.send_many(one_bad_then_good())
            await anyio.wait_all_tasks_blocked()
            await results.aclose()
            left.set()
        assert first.requests == []
        assert len(recorded) == len(source.read) + 1
