"""Ends of all kinds that meet others: every message that was read has one recorded result, and nothing hangs."""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from typing import Any

import anyio
import pytest
from fake_vendors import LOGIN, Call, FakeVendor, Wire, alpha, beta, login, number
from ledger import Ledger, gateway, messages

from smsgate import Gateway, HttpResponse, Job, Message, Outcome, Policy, Reason, Result, Verdict, WrongLoopError

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("end", ["aclose of the results", "aclose of the gateway"])
async def test_ended_while_another_of_the_batch_is_recorded(end: str) -> None:
    """A message that was to fail over has its result, also if all ends while another of its batch is recorded."""
    recorded, entered, release = list[Result](), anyio.Event(), anyio.Event()

    async def on_result(result: Result) -> None:
        entered.set()
        await release.wait()
        recorded.append(result)

    wire = Wire(alpha={number(0): Reason.INSUFFICIENT_BALANCE, number(1): Reason.BLOCKLISTED})
    under_test = Gateway([alpha(batch_limit=2), beta()], templates=[LOGIN], transport=wire, on_result=on_result)
    results = under_test.send_many(messages(2), linger=60)
    async with anyio.create_task_group() as tasks:
        await entered.wait()
        if end == "aclose of the gateway":
            tasks.start_soon(under_test.aclose)
        else:
            await results.aclose()
        await anyio.wait_all_tasks_blocked()
        release.set()
    await under_test.aclose()
    await results.aclose()
    assert sorted((str(result.message.to), str(result.reason)) for result in recorded) == [
        (number(0), "INSUFFICIENT_BALANCE"),
        (number(1), "BLOCKLISTED"),
    ]
    assert wire.asked == ["alpha"]


async def test_several_records_close_the_gateway() -> None:
    """Each of several `on_result` closes the gateway: none of them waits for another that waits for it."""
    closed: list[str] = []

    async def on_result(result: Result) -> None:
        await anyio.sleep(0.01)
        await under_test.aclose()
        closed.append(str(result.message.to))

    under_test = Gateway([alpha()], templates=[LOGIN], transport=Wire(), on_result=on_result)
    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            for index in range(3):
                tasks.start_soon(under_test.send, login(number(index)))
    assert len(closed) == 3


@pytest.mark.parametrize("where", ["on_result", "left"])
async def test_a_record_that_never_ends_does_not_hold_up_the_close(
    where: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """`aclose` gives a record a little longer than its deadline; then it is cut off, counted and logged."""
    monkeypatch.setattr("smsgate.transport.tasks._SECONDS_FOR_RECORDS", 0.05)

    class Hanging:
        async def leaving(self, request: object) -> None:
            await anyio.lowlevel.checkpoint()

        async def left(self, request: object, attempts: object) -> None:
            if where == "left":
                await anyio.sleep_forever()

    async def on_result(result: Result) -> None:
        if where == "on_result":
            await anyio.sleep_forever()

    under_test = Gateway([alpha()], templates=[LOGIN], transport=Wire(), on_result=on_result, ledger=Hanging())
    results = under_test.send_many(messages(1), linger=0)
    await anyio.wait_all_tasks_blocked()
    with anyio.fail_after(20):
        await under_test.aclose(timeout=0)
    assert [result.outcome async for result in results] == [Outcome.ACCEPTED]
    assert under_test.failed_records == 1
    assert "no end before the gateway closed" in caplog.text


async def test_closing_cuts_a_pause_short() -> None:
    """A message that waits to be retried is not in flight: a gateway that closes does not wait for it."""
    policy = Policy(pause=3000, max_pause=3000)
    under_test = Gateway([alpha()], templates=[LOGIN], transport=Wire(alpha=Reason.TRY_LATER), policy=policy)
    results: list[Result] = []

    async def send() -> None:
        results.append(await under_test.send(login()))

    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(send)
            await anyio.wait_all_tasks_blocked()
            await under_test.aclose()
    assert [(result.outcome, result.reason) for result in results] == [(Outcome.REJECTED, Reason.TRY_LATER)]


async def test_closing_begins_no_failover() -> None:
    """A request that is in flight as the gateway closes is waited for; the next provider is not tried any more."""
    arrived, release = anyio.Event(), anyio.Event()

    async def slow(call: Call) -> Reason:
        arrived.set()
        await release.wait()
        return Reason.INSUFFICIENT_BALANCE

    wire = Wire(alpha=slow)
    under_test = Gateway([alpha(), beta()], templates=[LOGIN], transport=wire)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(under_test.send, login())
        await arrived.wait()
        tasks.start_soon(under_test.aclose)
        await anyio.wait_all_tasks_blocked()
        release.set()
    assert wire.asked == ["alpha"]


async def test_cancelled_while_the_ledger_is_written() -> None:
    """A caller who gives up while the record is written: the message is not sent, and that is recorded."""
    entered, release, outcomes = anyio.Event(), anyio.Event(), list[Outcome]()

    class Slow:
        async def leaving(self, request: object) -> None:
            entered.set()
            await release.wait()

        async def left(self, request: object, attempts: Any) -> None:
            await anyio.lowlevel.checkpoint()
            outcomes.extend(attempt.outcome for attempt in attempts)

    wire = Wire()
    async with Gateway([alpha(), beta()], templates=[LOGIN], transport=wire, ledger=Slow()) as under_test:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(under_test.send, login())
            await entered.wait()
            tasks.cancel_scope.cancel()
        release.set()
    assert (wire.calls, outcomes) == ([], [Outcome.NOT_SENT])


def test_a_cancellation_that_a_record_absorbs_ends_the_campaign() -> None:
    """`asyncio.run` ends while a refusal is recorded: nothing is sent any more, and the loop's end is not held up."""
    ledger, wire = Ledger(), Wire()

    async def main() -> None:
        entered = asyncio.Event()

        async def on_result(result: Result) -> None:
            if result.reason is Reason.INVALID_NUMBER:
                entered.set()
                await asyncio.sleep(0.01)
            ledger.on_result(result)

        async def source() -> AsyncIterator[Message]:
            for message in [login("+86123"), *messages(500)]:
                ledger.read.append(message)
                yield message

        under_test = Gateway([alpha()], templates=[LOGIN], transport=wire, on_result=on_result)
        keep.append(under_test.send_many(source(), window=5))
        await entered.wait()

    keep: list[object] = []
    asyncio.run(asyncio.wait_for(main(), 60))
    assert wire.calls == []
    with pytest.warns(RuntimeWarning, match="dropped unread"):
        keep.clear()


def test_a_task_that_is_cancelled_before_its_first_step_is_awaited() -> None:
    """`asyncio.run` waits for the records of what never took its first step."""
    recorded, read = list[str](), list[str]()

    async def main() -> None:
        async def on_result(result: Result) -> None:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            recorded.append(str(result.message.to))

        def source() -> Any:
            for message in messages(20):
                read.append(str(message.to))
                yield message
            asyncio.get_running_loop().call_soon(done.set)

        done = asyncio.Event()
        under_test = Gateway([alpha()], templates=[LOGIN], transport=Wire(), on_result=on_result)
        keep.append(under_test.send_many(source(), concurrency=20))
        await done.wait()

    keep: list[object] = []
    asyncio.run(main())
    assert read
    assert sorted(recorded) == sorted(read)
    with pytest.warns(RuntimeWarning, match="dropped unread"):
        keep.clear()


class Unstable:
    """A key whose hash changes, or whose comparison raises."""

    def __init__(self, how: str) -> None:
        self._how, self._asked = how, 0

    def __hash__(self) -> int:
        self._asked += 1
        return self._asked if self._how == "hash" else 1

    def __eq__(self, other: object) -> bool:
        if self._how == "eq":
            raise ValueError("+8613800138000")
        return self is other


def changing_hash(job: Job) -> Hashable:
    return Unstable("hash")


def raising_comparison(job: Job) -> Hashable:
    return Unstable("eq")


@pytest.mark.parametrize("shares", [changing_hash, raising_comparison])
async def test_keys_that_misbehave(shares: Callable[[Job], Hashable]) -> None:
    """A provider's key of a class of its own costs no message its request, and ends no campaign."""
    ledger, wire = Ledger(), Wire()
    under_test = Gateway(
        [alpha(batch_limit=4, shares=shares)], templates=[LOGIN], transport=wire, on_result=ledger.on_result
    )
    async with under_test:
        results = [result async for result in under_test.send_many(ledger.source(messages(9)))]
    assert [result.accepted for result in results] == [True] * 9
    assert ledger.balanced


async def test_a_limit_that_raises_later() -> None:
    """A provider that cannot say its limit any more is passed over."""

    class Forgetful(FakeVendor):
        forgot = False

        @property
        def batch_limit(self) -> int:
            if type(self).forgot:
                raise LookupError
            return 5

        @batch_limit.setter
        def batch_limit(self, value: int) -> None:
            """Set by the class that this one derives from."""

    def source() -> Iterator[Message]:
        for index, message in enumerate(messages(4)):
            Forgetful.forgot = index >= 2
            yield message

    ledger, wire = Ledger(), Wire()
    providers = [Forgetful("alpha"), beta()]
    async with Gateway(providers, templates=[LOGIN], transport=wire, on_result=ledger.on_result) as under_test:
        results = [result async for result in under_test.send_many(ledger.source(source()), linger=60)]
    assert [result.accepted for result in results] == [True] * 4
    assert {result.provider for result in results} == {"alpha", "beta"}


class HostileText(str):
    """Text that fails when it is looked at."""

    def isascii(self) -> bool:
        raise LookupError("+8613800138000")

    def strip(self, chars: str | None = None, /) -> str:
        raise LookupError("+8613800138000")


async def test_a_message_that_cannot_be_read_fails_alone() -> None:
    """A parameter of a class of the caller's that raises is a refusal of that message."""
    ledger, wire = Ledger(), Wire()
    several = [login(number(1)), login(number(2), code=HostileText("1")), login(number(3))]
    async with gateway(wire, ledger) as under_test:
        results = [result async for result in under_test.send_many(ledger.source(several))]
    assert sorted((str(result.message.to), str(result.outcome)) for result in results) == [
        (number(1), "ACCEPTED"),
        (number(2), "REJECTED"),
        (number(3), "ACCEPTED"),
    ]
    assert ledger.balanced


async def test_a_code_that_is_no_text() -> None:
    """An adapter that gives a code as a number costs a log line nothing, and the ledger no record."""

    class Numbers(FakeVendor):
        def parse_response(self, batch: Any, response: HttpResponse) -> list[Verdict]:
            code: Any = 1031
            return [Verdict(Outcome.REJECTED, Reason.INSUFFICIENT_BALANCE, code) for _ in batch.jobs]

    async with Gateway([Numbers("alpha"), beta()], templates=[LOGIN], transport=Wire()) as under_test:
        assert (await under_test.send(login())).provider == "beta"


async def test_context_variables_do_not_pass_from_message_to_message() -> None:
    """Each request runs in a copy of the context in which `send_many` was called, not in that of the one before it."""
    request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="none")
    seen: list[str] = []

    def on_result(result: Result) -> None:
        seen.append(request_id.get())
        request_id.set(f"after {result.message.to}")

    async with Gateway([alpha()], templates=[LOGIN], transport=Wire(), on_result=on_result) as under_test:
        request_id.set("caller")
        assert len([result async for result in under_test.send_many(messages(6), concurrency=1)]) == 6
    assert seen == ["caller"] * 6


def test_results_on_another_loop() -> None:
    """Waiting for a result on another event loop is one clear error; closing from there works."""

    async def main() -> list[Outcome]:
        ledger, release = Ledger(), anyio.Event()

        async def stuck(call: Call) -> None:
            await release.wait()

        async with gateway(Wire(alpha=stuck), ledger, batch_limit=1) as under_test:
            results = under_test.send_many(messages(3), concurrency=1)
            await anyio.wait_all_tasks_blocked()

            async def elsewhere() -> None:
                with pytest.raises(WrongLoopError):
                    await anext(results)
                await results.aclose()

            await anyio.to_thread.run_sync(lambda: asyncio.run(elsewhere()))
            await anyio.wait_all_tasks_blocked()
            release.set()
        return sorted(result.outcome for result in ledger.recorded)

    assert asyncio.run(main()) == [Outcome.ACCEPTED, *[Outcome.NOT_SENT] * (2 - 1)]


@pytest.mark.skipif(not hasattr(asyncio, "eager_task_factory"), reason="eager tasks came with Python 3.12")
def test_eager_tasks() -> None:
    """A loop whose tasks run at once, over a transport that never suspends: no recursion, every result."""

    async def main() -> int:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined]  # where there is one
        async with gateway(Wire(), Ledger(), batch_limit=1) as under_test:
            sent = under_test.send_many([login(number(index), code=str(index)) for index in range(3000)])
            return len([result async for result in sent])

    assert asyncio.run(main()) == 3000
