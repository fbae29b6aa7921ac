"""Concurrent sends that share requests: what shares one, who waits how long, and what each caller is told."""

import asyncio
import contextvars
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import partial
from typing import Any

import anyio
import anyio.lowlevel
import attrs
import pytest
import trio.testing
from fake_vendors import LOGIN, Call, FakeVendor, Wire, alpha, beta, login, number
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Attempt, ConfigurationError, Gateway, Job, Message, Outcome, Policy, Reason, Result, SendRequest
from smsgate.observers.events import RequestStarted

pytestmark = pytest.mark.anyio

WINDOW = 0.005


def gateway(wire: Wire, *providers: FakeVendor, coalesce: float | None = WINDOW, **options: Any) -> Gateway:
    vendors = providers or (alpha(batch_limit=10), beta(batch_limit=10))
    settings: dict[str, Any] = {"policy": Policy(pause=0), **options}
    return Gateway(vendors, templates=[LOGIN], transport=wire, coalesce=coalesce, **settings)


async def send_all(under_test: Gateway, messages: Sequence[Message]) -> list[Result]:
    """The results of concurrent sends, in the order of *messages*."""
    results: dict[int, Result] = {}

    async def send(index: int) -> None:
        results[index] = await under_test.send(messages[index])

    async with anyio.create_task_group() as tasks:
        for index in range(len(messages)):
            tasks.start_soon(send, index)
    return [results[index] for index in range(len(messages))]


async def test_concurrent_sends_share_a_request() -> None:
    """Each caller has the result of its own message, and each message one record; the request is one."""
    records: list[Result] = []
    wire = Wire(alpha={number(3): Reason.INVALID_NUMBER})
    messages = [login(number(index), key=f"order-{index}") for index in range(5)]
    async with gateway(wire, on_result=records.append) as under_test:
        results = await send_all(under_test, messages)
    assert [sorted(call.to) for call in wire.calls] == [[number(index) for index in range(5)]]
    assert [result.message for result in results] == messages
    assert [result.accepted for result in results] == [True, True, True, False, True]
    assert results[3].reason is Reason.INVALID_NUMBER
    assert results[4].message_id == "alpha-0004"
    assert sorted(map(id, records)) == sorted(map(id, results))


async def test_without_the_option_each_has_its_own() -> None:
    """Sends share nothing unless that is asked for."""
    wire = Wire()
    async with gateway(wire, coalesce=None) as under_test:
        await send_all(under_test, [login(number(index)) for index in range(3)])
    assert len(wire.calls) == 3


@pytest.mark.parametrize("window", [-1, math.nan, math.inf, "5"])
def test_a_window_that_is_none(window: Any) -> None:
    """What is no number of seconds is said to be none when the gateway is made."""
    with pytest.raises(ConfigurationError, match="coalesce: must be seconds, 0 or more, or None"):
        gateway(Wire(), coalesce=window)


@pytest.mark.parametrize("window", [0, 0.2, 7.0])
def test_a_lone_send_waits_no_longer_than_the_window(window: float) -> None:
    """Its request begins when the window is over, and it waits for nothing else."""

    async def main() -> None:
        under_test = gateway(Wire(), coalesce=window)
        for _ in range(2):
            began = trio.current_time()
            assert (await under_test.send(login())).accepted
            assert trio.current_time() - began == pytest.approx(window)

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))


def test_the_window_is_that_of_the_oldest() -> None:
    """Company that comes late does not make the first one wait for longer, and shares what is left."""
    wire, ends = Wire(), list[float]()

    async def main() -> None:
        under_test = gateway(wire, coalesce=1.0)

        async def send(index: int) -> None:
            await trio.sleep(0.3 * index)
            await under_test.send(login(number(index)))
            ends.append(trio.current_time() - began)

        began = trio.current_time()
        async with trio.open_nursery() as nursery:
            for index in range(5):
                nursery.start_soon(send, index)

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    assert [len(call.to) for call in wire.calls] == [4, 1]
    assert ends == pytest.approx([1.0, 1.0, 1.0, 1.0, 2.2])


async def test_a_full_request_and_one_that_nobody_can_share_wait_for_nothing() -> None:
    """What no company could join leaves at once."""
    wire = Wire()
    full, alone, personal = alpha(batch_limit=2), FakeVendor("beta"), FakeVendor("gamma", 9, shares=lambda job: None)
    under_test = gateway(wire, full, alone, personal, coalesce=3600)
    with anyio.fail_after(20):
        await send_all(under_test, [login(number(1)), login(number(2))])
        await under_test.send(login(), providers=["beta"])
        await under_test.send(login(), providers=["gamma"])
    assert [len(call.to) for call in wire.calls] == [2, 1, 1]


@attrs.define
class Weighing(FakeVendor):
    """One whose requests have a size: long texts fill it."""

    weight_limit = 100

    def weight(self, job: Job) -> float:
        return len(job.params[0]) * 10

    def text_key(self, job: Job) -> Hashable:
        return job.params


SENDS = st.lists(st.tuples(st.integers(0, 6), st.sampled_from(["1", "22", "333", "55555"])), min_size=1, max_size=30)


@given(SENDS, st.integers(1, 6), st.booleans())
def test_what_shares_a_request_is_what_send_many_would_put_into_one(
    sends: list[tuple[int, str]], limit: int, personal: bool
) -> None:
    """The requests are those of `send_many` for the same messages: by batch key, limit, weight, and number once."""
    messages = [login(number(to), code) for to, code in sends]
    vendor = Weighing("alpha", limit, shares=lambda job: "all" if personal else job.params)
    coalesced, bulk = Wire(), Wire()

    async def main() -> None:
        under_test = gateway(coalesced, vendor)
        results = await asyncio.gather(*[under_test.send(message) for message in messages])
        assert [result.message for result in results] == messages
        async for _ in gateway(bulk, vendor).send_many(messages, linger=60, concurrency=100):
            pass

    asyncio.run(main())
    assert Counter(call.to for call in coalesced.calls) == Counter(call.to for call in bulk.calls)
    assert all(len(set(call.to)) == len(call.to) for call in coalesced.calls)


async def test_the_same_message_twice() -> None:
    """Two sends of one message are two messages: each has a request, a result and a record."""
    wire, message, records = Wire(), login(), list[Result]()
    async with gateway(wire, on_result=records.append) as under_test:
        first, second = await send_all(under_test, [message, message])
    assert [call.to for call in wire.calls] == [(str(message.to),)] * 2
    assert first is not second
    assert sorted(map(id, records)) == sorted(map(id, [first, second]))


async def test_each_caller_has_its_own_providers() -> None:
    """`providers=` of one send changes nothing for those that it would share a request with."""
    wire = Wire()
    async with gateway(wire) as under_test, anyio.create_task_group() as tasks:
        for index in range(4):
            providers = ["beta"] if index == 2 else None
            tasks.start_soon(partial(under_test.send, login(number(index)), providers=providers))
    assert sorted((call.vendor, len(call.to)) for call in wire.calls) == [("alpha", 3), ("beta", 1)]


def test_a_deadline_within_the_window() -> None:
    """A message whose deadline would pass meanwhile waits not at all; others wait for as long as they would."""
    wire, ends = Wire(), dict[int, float]()

    async def main() -> None:
        under_test = gateway(wire, coalesce=2.0, clock=trio.current_time)

        async def send(index: int, within: float | None) -> None:
            result = await under_test.send(login(number(index)), within=within)
            assert result.accepted
            ends[index] = trio.current_time() - began

        began = trio.current_time()
        async with trio.open_nursery() as nursery:
            for index, within in enumerate([None, 1.5, 3.0]):
                nursery.start_soon(send, index, within)

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    assert [len(call.to) for call in wire.calls] == [1, 2]
    assert ends == pytest.approx({0: 2.0, 1: 0.0, 2: 2.0})


@attrs.define
class Paced(FakeVendor):
    """One whose vendor limits requests."""

    rate: float = 0.2

    def rate_cost(self, jobs: Sequence[Job]) -> float:
        return 1


@pytest.mark.parametrize(
    ("vendor", "places", "reasons"),
    [
        (alpha(batch_limit=10), 1, {Reason.EXPIRED, Reason.OVERLOADED}),  # which, is a matter of microseconds
        (Paced("alpha", 10), 9, {Reason.OVERLOADED}),
    ],
)
def test_a_deadline_while_the_request_waits_for_its_turn(vendor: FakeVendor, places: int, reasons: set[Reason]) -> None:
    """The message that can wait no longer is told so then; the others have the place or the turn that comes later."""
    results: dict[int, Result] = {}
    ends: dict[int, float] = {}

    async def slow(call: Call) -> None:
        await trio.sleep(5)

    async def main() -> None:
        began = trio.current_time()
        under_test = gateway(Wire(alpha=[slow, None]), vendor, max_connections=places, clock=trio.current_time)

        async def send(index: int, within: float | None) -> None:
            results[index] = await under_test.send(login(number(index)), within=within)
            ends[index] = trio.current_time() - began

        async with trio.open_nursery() as nursery:
            nursery.start_soon(send, 0, None)
            await trio.sleep(1)
            nursery.start_soon(send, 1, 2.0)
            nursery.start_soon(send, 2, None)

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    assert results[0].accepted
    assert results[1].reason in reasons
    assert results[2].accepted
    assert ends[1] <= 3.1


async def test_what_goes_on_shares_its_next_request() -> None:
    """Those of a request that another provider is asked for are one request there, and none of the others is in it."""
    refused = {number(1): Reason.INSUFFICIENT_BALANCE, number(3): Reason.INSUFFICIENT_BALANCE}
    wire = Wire(alpha=refused)
    async with gateway(wire) as under_test:
        results = await send_all(under_test, [login(number(index)) for index in range(5)])
    assert [(call.vendor, len(call.to)) for call in wire.calls] == [("alpha", 5), ("beta", 2)]
    assert [result.provider for result in results] == ["alpha", "beta", "alpha", "beta", "alpha"]


async def test_a_busy_vendor_is_asked_again_after_a_pause() -> None:
    """Those that are to wait before they are sent again do so together."""
    wire = Wire(alpha=[Reason.TRY_LATER, None])
    async with gateway(wire, policy=Policy(pause=0.01)) as under_test:
        results = await send_all(under_test, [login(number(index)) for index in range(3)])
    assert [(call.vendor, len(call.to)) for call in wire.calls] == [("alpha", 3), ("alpha", 3)]
    assert all(result.accepted and len(result.attempts) == 2 for result in results)


async def test_a_result_does_not_wait_for_the_others() -> None:
    """What is known of one message is given to its caller, also while another one of its request fails over."""
    release = anyio.Event()

    async def slow(call: Call) -> None:
        await release.wait()

    wire = Wire(alpha={number(0): Reason.INSUFFICIENT_BALANCE}, beta=slow)
    async with gateway(wire) as under_test, anyio.create_task_group() as tasks:
        tasks.start_soon(under_test.send, login(number(0)))
        with anyio.fail_after(20):
            assert (await under_test.send(login(number(1)))).accepted
        release.set()


async def test_observers_and_ledger_see_requests() -> None:
    """Both are told once a request, of all of its messages."""
    book, started = Book(), list[int]()

    class Watching:
        def observe(self, event: object) -> None:
            if isinstance(event, RequestStarted):
                started.append(event.messages)

    async with gateway(Wire(), ledger=book, observer=Watching()) as under_test:
        await send_all(under_test, [login(number(index)) for index in range(3)])
    assert started == [3]
    assert book.lines == [("leaving", 3), ("left", [Outcome.ACCEPTED] * 3)]


WHO: contextvars.ContextVar[str] = contextvars.ContextVar("who")


async def test_context_variables() -> None:
    """A request has the context variables of the caller who came first."""
    seen: list[str] = []

    async def who(call: Call) -> None:
        seen.append(WHO.get())

    async def send(name: str, index: int) -> None:
        WHO.set(name)
        await anyio.sleep(0.01 * index)
        await under_test.send(login(number(index)))

    async with gateway(Wire(alpha=who), coalesce=0.2) as under_test, anyio.create_task_group() as tasks:
        tasks.start_soon(send, "first", 0)
        tasks.start_soon(send, "second", 1)
    assert seen == ["first"]


@attrs.define
class Book:
    """A ledger that notes how much is in a request, and what became of it. *pause*: what writing it takes."""

    pause: Callable[[], Awaitable[None]] = anyio.lowlevel.checkpoint
    lines: list[tuple[str, object]] = attrs.field(factory=list[tuple[str, object]])

    async def leaving(self, request: SendRequest) -> None:
        self.lines.append(("leaving", len(request.messages)))
        await self.pause()

    async def left(self, request: SendRequest, attempts: Sequence[Attempt]) -> None:
        self.lines.append(("left", [attempt.outcome for attempt in attempts]))
