"""Callers of shared requests that are cancelled, and gateways and loops that end: one record for each message."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import anyio
import anyio.lowlevel
import attrs
import httpx
import pytest
import trio.testing
from fake_vendors import LOGIN, Answer, Call, FakeVendor, Wire, alpha, beta, login, number
from hypothesis import given, settings
from hypothesis import strategies as st

from smsgate import Attempt, Batch, Gateway, HttpResponse, Outcome, Policy, Reason, Result, SendRequest, Verdict
from smsgate.provider import Meaning

pytestmark = pytest.mark.anyio

UNBEGUN = "cancelled before any request began"


@attrs.define
class Callers:
    """Concurrent sends of one gateway, each of which can be cancelled; what they were told, and what was recorded."""

    wire: Wire
    told: dict[int, Result] = attrs.field(factory=dict[int, Result])
    records: list[Result] = attrs.field(factory=list[Result])
    scopes: dict[int, anyio.CancelScope] = attrs.field(factory=dict[int, anyio.CancelScope])

    def gateway(self, *vendors: FakeVendor, **options: Any) -> Gateway:
        known = vendors or (alpha(batch_limit=10), beta(batch_limit=10))
        given: dict[str, Any] = {"coalesce": 0.005, "policy": Policy(pause=0), "on_result": self.record, **options}
        return Gateway(known, templates=[LOGIN], transport=self.wire, **given)

    async def record(self, result: Result) -> None:
        await anyio.lowlevel.checkpoint()
        self.records.append(result)

    async def send(self, sms: Gateway, index: int) -> None:
        with anyio.CancelScope() as self.scopes[index]:
            self.told[index] = await sms.send(login(number(index)))

    def of(self, index: int) -> Result:
        """The one record of a message."""
        (record,) = [each for each in self.records if str(each.message.to) == number(index)]
        return record


class Held:
    """A vendor's step that waits: `begun` once it is asked, until `release`."""

    def __init__(self, answer: Answer = None) -> None:
        self.begun = anyio.Event()
        self.release = anyio.Event()
        self._answer = answer

    async def __call__(self, call: Call) -> Answer:
        self.begun.set()
        await self.release.wait()
        return self._answer


async def a_few_turns() -> None:
    """Let the loop have its turn, so that every task waits for something."""
    for _ in range(10):
        await anyio.lowlevel.checkpoint()


async def test_cancelled_before_the_request() -> None:
    """Who is cancelled in the window is recorded as not sent, and not in the request; the others are sent."""
    callers = Callers(Wire())
    async with callers.gateway(coalesce=0.2) as sms, anyio.create_task_group() as tasks:
        for index in range(4):
            tasks.start_soon(callers.send, sms, index)
        await a_few_turns()
        callers.scopes[1].cancel()
        callers.scopes[2].cancel()
    assert [sorted(call.to) for call in callers.wire.calls] == [[number(0), number(3)]]
    assert sorted(callers.told) == [0, 3]
    assert [callers.of(index).outcome for index in range(4)] == [
        Outcome.ACCEPTED,
        Outcome.NOT_SENT,
        Outcome.NOT_SENT,
        Outcome.ACCEPTED,
    ]
    assert callers.of(1).description == UNBEGUN


async def test_all_are_cancelled_before_the_request() -> None:
    """A request that is for nobody any more is not made."""
    callers = Callers(Wire())
    async with callers.gateway(coalesce=0.2) as sms:
        async with anyio.create_task_group() as tasks:
            for index in range(3):
                tasks.start_soon(callers.send, sms, index)
            await a_few_turns()
            tasks.cancel_scope.cancel()
        assert (await sms.send(login(number(9)))).accepted
    assert [call.to for call in callers.wire.calls] == [(number(9),)]
    assert [callers.of(index).outcome for index in range(3)] == [Outcome.NOT_SENT] * 3


async def test_cancelled_during_the_request() -> None:
    """A request that has begun goes on for all of its messages, and what it led to is recorded."""
    held = Held()
    callers = Callers(Wire(alpha=held))
    async with callers.gateway() as sms, anyio.create_task_group() as tasks:
        for index in range(3):
            tasks.start_soon(callers.send, sms, index)
        await held.begun.wait()
        callers.scopes[1].cancel()
        await a_few_turns()
        assert callers.told == {}
        held.release.set()
    assert sorted(callers.told) == [0, 2]
    assert [callers.of(index).outcome for index in range(3)] == [Outcome.ACCEPTED] * 3


async def test_no_next_provider_for_who_was_cancelled() -> None:
    """A refusal after the caller has gone ends its message; those whose callers wait go on."""
    held = Held(Reason.INSUFFICIENT_BALANCE)
    callers = Callers(Wire(alpha=held))
    async with callers.gateway() as sms, anyio.create_task_group() as tasks:
        for index in range(3):
            tasks.start_soon(callers.send, sms, index)
        await held.begun.wait()
        callers.scopes[1].cancel()
        held.release.set()
    assert [(call.vendor, len(call.to)) for call in callers.wire.calls] == [("alpha", 3), ("beta", 2)]
    assert (callers.of(1).outcome, callers.of(1).reason) == (Outcome.REJECTED, Reason.INSUFFICIENT_BALANCE)
    assert callers.of(0).provider == callers.of(2).provider == "beta"


async def test_cancelled_while_others_of_the_request_are_recorded() -> None:
    """What was to go on is ended also if its caller leaves while the results of others are being written."""
    refused: dict[str, Reason] = {number(1): Reason.INSUFFICIENT_BALANCE}
    callers = Callers(Wire(alpha=refused))

    async def leave(result: Result) -> None:
        callers.scopes[1].cancel()
        await callers.record(result)

    async with callers.gateway(on_result=leave) as sms, anyio.create_task_group() as tasks:
        for index in range(2):
            tasks.start_soon(callers.send, sms, index)
    assert callers.wire.asked == ["alpha"]
    assert callers.of(1).reason is Reason.INSUFFICIENT_BALANCE


async def test_cancelled_in_the_pause_before_another_try() -> None:
    """A pause is not waited for on behalf of nobody, and the message is asked for no second time."""
    held = Held(Reason.TRY_LATER)
    callers = Callers(Wire(alpha=held))
    async with callers.gateway(policy=Policy(pause=60, max_pause=60)) as sms:
        with anyio.fail_after(20):
            async with anyio.create_task_group() as tasks:
                for index in range(2):
                    tasks.start_soon(callers.send, sms, index)
                await held.begun.wait()
                held.release.set()
                await anyio.sleep(0.1)  # however late the answer is read: it counts for both
                tasks.cancel_scope.cancel()
    assert callers.wire.asked == ["alpha"]
    assert [callers.of(index).reason for index in range(2)] == [Reason.TRY_LATER] * 2


@pytest.mark.parametrize("leaving", [{1}, {0, 1, 2}])
async def test_cancelled_while_it_waits_for_a_place(leaving: set[int]) -> None:
    """While the request waits for another one to end, it has not begun."""
    held = Held()
    callers = Callers(Wire(alpha=[held, None]))
    async with callers.gateway(max_connections=1) as sms, anyio.create_task_group() as tasks:
        tasks.start_soon(callers.send, sms, 9)
        await held.begun.wait()
        for index in range(3):
            tasks.start_soon(callers.send, sms, index)
        await anyio.sleep(0.05)
        for index in leaving:
            callers.scopes[index].cancel()
        if len(leaving) == 3:
            await a_few_turns()
            assert len(callers.records) == 3, "a request for nobody waits no longer"
        held.release.set()
    staying = {0, 1, 2} - leaving
    assert {number(index) for call in callers.wire.calls[1:] for index in range(3) if number(index) in call.to} == set(
        map(number, staying)
    )
    for index in range(3):
        assert callers.of(index).outcome is (Outcome.ACCEPTED if index in staying else Outcome.NOT_SENT)


class SlowBook:
    """A ledger that takes its time to note that a request leaves."""

    def __init__(self) -> None:
        self.begun, self.release = anyio.Event(), anyio.Event()
        self.left_with: list[list[Outcome]] = []

    async def leaving(self, request: SendRequest) -> None:
        self.begun.set()
        await self.release.wait()

    async def left(self, request: SendRequest, attempts: Sequence[Attempt]) -> None:
        self.left_with.append([attempt.outcome for attempt in attempts])


class AllOrNothing(FakeVendor):
    """A vendor that refuses a request as a whole for the number with index 0."""

    def parse_response(self, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
        if not any(str(job.to) == number(0) for job in batch.jobs):
            return super().parse_response(batch, response)
        verdict = Verdict.refused("E", Meaning(Reason.INVALID_REQUEST, "malformed"))
        return [attrs.evolve(verdict, of_request=True) for _ in batch.jobs]


async def test_cancelled_while_the_ledger_is_written() -> None:
    """Its request has not begun: it is not in it, and the ledger has it as not sent. The others lose nothing by that:
    a batch that is refused for one bad message is searched for it all the same.
    """
    callers, book = Callers(Wire()), SlowBook()
    vendor = AllOrNothing("alpha", 10)
    async with callers.gateway(vendor, ledger=book) as sms, anyio.create_task_group() as tasks:
        for index in range(5):
            tasks.start_soon(callers.send, sms, index)
        await book.begun.wait()
        callers.scopes[3].cancel()
        await a_few_turns()
        book.release.set()
    assert all(number(3) not in call.to for call in callers.wire.calls)
    assert Counter(book.left_with[0]) == {Outcome.REJECTED: 4, Outcome.NOT_SENT: 1}
    assert callers.of(3).outcome is Outcome.NOT_SENT
    assert callers.of(3).description == "cancelled before the request began"
    assert callers.of(0).reason is Reason.INVALID_REQUEST
    assert [callers.of(index).outcome for index in (1, 2, 4)] == [Outcome.ACCEPTED] * 3


async def test_closed_in_the_window() -> None:
    """A gateway that is closed begins nothing more: who waits for others is told that nothing was sent."""
    callers = Callers(Wire())
    sms = callers.gateway(coalesce=3600)
    async with anyio.create_task_group() as tasks:
        for index in range(3):
            tasks.start_soon(callers.send, sms, index)
        await a_few_turns()
        callers.scopes[0].cancel()
        with anyio.fail_after(20):
            await sms.aclose()
    assert callers.wire.calls == []
    assert [callers.of(index).outcome for index in range(3)] == [Outcome.NOT_SENT] * 3
    assert callers.told == {index: callers.of(index) for index in (1, 2)}


@pytest.mark.parametrize("pauses", [1, 2, 3])
def test_the_loop_ends_in_the_window(pauses: int) -> None:
    """`asyncio.run` returns while callers wait for others: each message has its record, and no task is left behind."""
    callers = Callers(Wire())

    async def main() -> None:
        sms = callers.gateway(coalesce=3600)
        tasks = [asyncio.ensure_future(sms.send(login(number(index)))) for index in range(3)]
        for _ in range(pauses):
            await asyncio.sleep(0)
        del tasks

    asyncio.run(main())
    assert callers.wire.calls == []
    assert [callers.of(index).outcome for index in range(3)] == [Outcome.NOT_SENT] * 3


async def test_closed_by_its_own_record() -> None:
    """`on_result` may close the gateway while others of the same request wait for their record."""
    callers = Callers(Wire())

    async def close(result: Result) -> None:
        await callers.record(result)
        await sms.aclose()

    sms = callers.gateway(on_result=close)
    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            for index in range(3):
                tasks.start_soon(callers.send, sms, index)
    assert [callers.of(index).outcome for index in range(3)] == [Outcome.ACCEPTED] * 3
    assert len(callers.told) == 3


ANSWERS = st.sampled_from(
    [
        "accept",
        "unsent",
        "unanswered",
        Reason.INSUFFICIENT_BALANCE,
        Reason.TRY_LATER,
        Reason.INVALID_NUMBER,
        "some",
    ]
)
SENDS = st.lists(
    st.tuples(
        st.floats(0, 0.02),  # when it comes, after the one before it
        st.integers(0, 5),  # to which number
        st.sampled_from(["1", "2"]),  # with which text
        st.one_of(st.none(), st.floats(0, 0.06)),  # when its caller is cancelled
        st.one_of(st.none(), st.floats(0.001, 0.1)),  # its deadline
    ),
    min_size=1,
    max_size=25,
)


class Vendors:
    """Answers by a script, a bit later, and counts for each number what was accepted and what got no answer."""

    def __init__(self, script: Sequence[Any], pause: Callable[[float], Awaitable[None]]) -> None:
        self._script = itertools.cycle(script)
        self._pause = pause
        self.accepted = Counter[str]()
        self.unanswered = Counter[str]()

    async def __call__(self, call: Call) -> Answer:
        assert len(set(call.to)) == len(call.to) <= 4
        answer = next(self._script)
        self.unanswered.update(call.to)
        await self._pause(0.01)
        if answer == "unanswered":
            return httpx.ReadError("reset")
        self.unanswered.subtract(call.to)
        if answer == "unsent":
            return httpx.ConnectError("refused")
        if isinstance(answer, Reason):
            return answer
        refused = call.to[:1] if answer == "some" else ()
        self.accepted.update(call.to[len(refused) :])
        return dict.fromkeys(refused, Reason.QUOTA_EXCEEDED)


@given(SENDS, st.lists(ANSWERS, min_size=1, max_size=6), st.integers(1, 3), st.sampled_from([0.0, 0.01, 0.05]))
@settings(max_examples=150)
def test_interleavings(sends: list[Any], script: list[Any], places: int, window: float) -> None:
    """However sends, cancellations, deadlines and failures fall together: each message has one record, which says
    what became of it and which its caller was given; no number is in a request twice; and who is not cancelled is told.
    """

    async def main() -> None:
        vendors = Vendors(script, trio.sleep)
        records: list[Result] = []
        told: list[tuple[int, Result]] = []
        cancelled: set[int] = set()
        sms = Gateway(
            [alpha(batch_limit=4), beta(batch_limit=4)],
            templates=[LOGIN],
            transport=Wire(alpha=vendors, beta=vendors),
            coalesce=window,
            clock=trio.current_time,
            max_connections=places,
            policy=Policy(pause=0.01),
            on_result=records.append,
        )

        async def send(index: int, to: int, code: str, patience: float | None, within: float | None) -> None:
            message = login(number(to), code, key=f"order-{index}")
            with trio.move_on_after(patience if patience is not None else 3600) as scope:
                told.append((index, await sms.send(message, within=within)))
            if scope.cancelled_caught:
                cancelled.add(index)

        async with trio.open_nursery() as nursery:
            for index, (pause, *rest) in enumerate(sends):
                await trio.sleep(pause)
                nursery.start_soon(send, index, *rest)
        await sms.aclose()
        check(len(sends), records, told, cancelled, vendors)

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))


def check(
    count: int, records: list[Result], told: list[tuple[int, Result]], cancelled: set[int], vendors: Vendors
) -> None:
    """The invariants of an interleaving."""
    by_key = {record.message.key: record for record in records}
    assert set(by_key) == {f"order-{index}" for index in range(count)}
    assert len(records) == count
    assert {index for index, _ in told} | cancelled == set(range(count))
    assert all(by_key[f"order-{index}"] is result for index, result in told)
    sent = Counter(str(each.message.to) for each in records if each.outcome is Outcome.ACCEPTED)
    unknown = Counter(str(each.message.to) for each in records if each.outcome is Outcome.UNKNOWN)
    assert sent == vendors.accepted
    assert unknown == +vendors.unanswered
