"""The rate of a provider, and the bounded queue before it."""

import math
import time
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import anyio
import attrs
import httpx
import pytest
import trio.testing
from fake_vendors import LOGIN, Call, Paced, Wire, alpha, beta, login, number
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smsgate import ConfigurationError, Gateway, Job, Outcome, Policy, Reason, Result
from smsgate.huawei import HuaweiSms
from smsgate.provider import PacesRequests
from smsgate.sending.pacing import pace_of
from smsgate.tencent import TencentCloud, TencentV5

HUAWEI: dict[str, Any] = {"sender": "isms100000001", "base_url": "https://vendor.test"}
FULL = "2 requests to it wait already, as many as max_waiting allows"


@attrs.define
class Broken(Paced):
    """One whose adapter fails to say what a request costs."""

    def rate_cost(self, jobs: Sequence[Job]) -> float:
        raise KeyError("cost")


class Stopwatch:
    """A step of a vendor that notes when it is asked, in seconds since the first time."""

    def __init__(self) -> None:
        self.times: list[float] = []

    async def __call__(self, call: Call) -> None:
        self.times.append(anyio.current_time())

    @property
    def spans(self) -> list[float]:
        return [each - self.times[0] for each in self.times]


async def until(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds, for as long as a slow machine may take."""
    for _ in range(1000):
        if condition():
            return
        await anyio.sleep(0.01)
    raise AssertionError


async def send_all(sms: Gateway, count: int, **options: Any) -> list[Result]:
    """Send *count* messages at once."""
    results: list[Result] = []

    async def one(index: int) -> None:
        results.append(await sms.send(login(number(index)), **options))

    async with anyio.create_task_group() as group:
        for index in range(count):
            group.start_soon(one, index)
    return results


@pytest.mark.anyio
@pytest.mark.parametrize("make", [Paced, Broken])
async def test_requests_begin_at_the_rate(make: type[Paced]) -> None:
    """Requests of many senders at once begin no faster than the rate, but for a burst of a tenth of a second."""
    watch = Stopwatch()
    sms = Gateway([make("alpha", rate=100)], templates=[LOGIN], transport=Wire(alpha=watch))
    results = await send_all(sms, 40)
    assert all(result.accepted for result in results)
    assert all(span >= (index - 10) / 100 - 0.005 for index, span in enumerate(watch.spans))


def test_hours_of_virtual_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand messages at one a second take a thousand seconds, and all are sent."""
    monkeypatch.setattr("smsgate.sending.gateway.time", SimpleNamespace(monotonic=trio.current_time))
    watch = Stopwatch()

    async def main() -> None:
        wire = Wire(alpha=watch)
        sms = Gateway([Paced("alpha", rate=1)], templates=[LOGIN], transport=wire, max_connections=5)
        source = [login(number(index), code=str(index)) for index in range(1000)]
        results = [result async for result in sms.send_many(source, linger=0)]
        assert [result.outcome for result in results] == [Outcome.ACCEPTED] * 1000
        assert {call.to[0] for call in wire.calls} == {number(index) for index in range(1000)}

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    assert watch.spans == pytest.approx([float(index) for index in range(1000)])


@given(
    st.floats(0.5, 50),
    st.integers(1, 5),
    st.integers(0, 8),
    st.lists(st.tuples(st.floats(0, 2), st.one_of(st.none(), st.floats(0.01, 10))), min_size=1, max_size=25),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes(
    monkeypatch: pytest.MonkeyPatch, rate: float, places: int, most: int, arrivals: list[tuple[float, float | None]]
) -> None:
    """However messages come: never more at once than there are places, never too fast, none lost or late."""
    monkeypatch.setattr("smsgate.sending.gateway.time", SimpleNamespace(monotonic=trio.current_time))
    watch, in_progress, results = Stopwatch(), [0, 0], list[Result]()  # now, and at most

    async def serve(call: Call) -> None:
        in_progress[:] = [in_progress[0] + 1, max(in_progress[1], in_progress[0] + 1)]
        await watch(call)
        try:
            await anyio.sleep(0.3)
        finally:
            in_progress[0] -= 1

    async def main() -> None:
        vendor, now = Paced("alpha", rate=rate), trio.current_time
        options: dict[str, Any] = {"max_connections": places, "max_waiting": most, "clock": now}
        sms = Gateway([vendor], templates=[LOGIN], transport=Wire(alpha=serve), **options)

        async def one(index: int, within: float | None) -> None:
            results.append(await sms.send(login(number(index)), within=within))

        async with anyio.create_task_group() as group:
            for index, (pause, within) in enumerate(arrivals):
                await anyio.sleep(pause)
                group.start_soon(one, index, within)

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    assert len(results) == len(arrivals)
    assert in_progress[1] <= places
    for result in results:
        assert result.outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN) or result.reason in (
            Reason.OVERLOADED,
            Reason.EXPIRED,
        )
        expires = result.message.expires_at
        assert all(expires is None or attempt.started_at <= expires for attempt in result.attempts)
    assert len(watch.times) == sum(each.outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN) for each in results)
    burst = max(1.0, rate * 0.1)
    for first, begun in enumerate(watch.times):
        for last in range(first, len(watch.times)):
            assert last - first + 1 <= burst + rate * (watch.times[last] - begun) + 1e-6


@given(st.floats(0.5, 5000), st.lists(st.tuples(st.floats(0, 0.1), st.integers(1, 60)), max_size=40))
def test_no_span_has_more_than_a_tenth_of_a_second_above_the_rate(rate: float, asked: list[tuple[float, int]]) -> None:
    """Whatever the rate: also of one so high that several requests begin together."""
    pace, now, begun = pace_of(Paced("alpha", rate=rate)), 100.0, list[float]()
    assert pace is not None
    for pause, count in asked:
        now += pause
        for _ in range(count):
            turn = pace.reserve([], now, math.inf)
            assert turn is not None
            begun.append(turn.at)
    assert begun == sorted(begun), "in the order of asking"
    for first, at in enumerate(begun):
        for last in range(first, len(begun), 7):
            assert last - first + 1 <= max(1.0, rate * 0.1) + rate * (begun[last] - at) + 1e-6


def test_requests_at_a_high_rate_begin_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for a high rate is woken with others, and not alone: that is what a wait costs."""
    monkeypatch.setattr("smsgate.sending.gateway.time", SimpleNamespace(monotonic=trio.current_time))
    watch = Stopwatch()

    async def main() -> None:
        sms = Gateway([Paced("alpha", rate=2000)], templates=[LOGIN], transport=Wire(alpha=watch))
        assert all(result.accepted for result in await send_all(sms, 600))

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    moments = [round(span, 6) for span in watch.spans[200:]]
    assert len(moments) == 400
    assert len(set(moments)) <= 42
    assert 0.2 <= moments[-1] <= 0.21


def test_a_limit_on_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where messages are limited a batch costs as many as are in it, and `send_many` waits as long as it takes."""
    monkeypatch.setattr("smsgate.sending.gateway.time", SimpleNamespace(monotonic=trio.current_time))
    watch = Stopwatch()

    async def main() -> None:
        vendor = Paced("alpha", rate=10, by_message=True, batch_limit=100)
        sms = Gateway([vendor], templates=[LOGIN], transport=Wire(alpha=watch))
        results = [each async for each in sms.send_many([login(number(i)) for i in range(1000)], linger=60)]
        assert [each.outcome for each in results] == [Outcome.ACCEPTED] * 1000

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    assert watch.spans == pytest.approx([10.0 * index for index in range(10)])


@pytest.mark.anyio
async def test_who_would_wait_too_long_is_told_at_once() -> None:
    """A message that the rate has no room for in time (`Timeouts.pool`, its deadline) is `OVERLOADED` at once."""
    sms = Gateway([Paced("alpha", rate=0.01)], templates=[LOGIN], transport=Wire())
    began = time.monotonic()
    first, *others = sorted(await send_all(sms, 3), key=lambda result: not result.accepted)
    late = await sms.send(login(), within=15)
    assert time.monotonic() - began < 5
    assert first.accepted
    for result in (*others, late):
        assert (result.outcome, result.reason) == (Outcome.NOT_SENT, Reason.OVERLOADED)
        assert result.description == "the rate of its provider has no room for it in time"


@pytest.mark.anyio
async def test_a_queue_that_says_no() -> None:
    """Beyond `max_waiting` a message is `OVERLOADED` at once, and no other vendor is asked; `send_many` waits."""
    release = anyio.Event()

    async def hold(call: Call) -> None:
        await release.wait()

    wire = Wire(alpha=hold)
    sms = Gateway([alpha(), beta()], templates=[LOGIN], transport=wire, max_connections=1, max_waiting=2)
    results: list[Result] = []

    async def send(index: int) -> None:
        results.append(await sms.send(login(number(index))))

    async def send_many() -> None:
        source = [login(number(index)) for index in range(10, 15)]
        results.extend([each async for each in sms.send_many(source, linger=0)])

    async with anyio.create_task_group() as group:
        for index in range(6):
            group.start_soon(send, index)
        await until(lambda: len(results) == 3)
        assert [(each.outcome, each.reason, each.description) for each in results] == [
            (Outcome.NOT_SENT, Reason.OVERLOADED, FULL)
        ] * 3
        group.start_soon(send_many)
        await anyio.sleep(0.05)
        assert len(results) == 3
        release.set()
    assert sum(each.accepted for each in results) == 8
    assert set(wire.asked) == {"alpha"}


@pytest.mark.anyio
async def test_a_vendor_that_goes_down_keeps_nobody_waiting() -> None:
    """Those who wait for their turn go to the next vendor when the first one goes down."""
    wire = Wire(alpha=[None, None])
    vendors = [Paced("alpha", rate=0.2), beta()]
    sms = Gateway(vendors, templates=[LOGIN], transport=wire)
    began = time.monotonic()
    async with anyio.create_task_group() as group:
        results: list[Result] = []

        async def send(index: int) -> None:
            results.append(await sms.send(login(number(index))))

        for index in range(4):
            group.start_soon(send, index)
        await until(lambda: bool(wire.calls))
        sms.mark("alpha", "down")
    assert time.monotonic() - began < 4
    assert [each.provider for each in results] == ["alpha", "beta", "beta", "beta"]


@pytest.mark.anyio
async def test_a_cancelled_wait_gives_its_place_back() -> None:
    """Who leaves while it waits for its turn is not sent, and costs the others no place."""
    wire = Wire()
    sms = Gateway([Paced("alpha", rate=0.2)], templates=[LOGIN], transport=wire, max_connections=2)
    recorded: list[Result] = []
    for index in range(3):
        with anyio.move_on_after(0.02 if recorded else 60):  # the first one need not wait
            recorded.append(await sms.send(login(number(index))))
    await sms.aclose()
    assert len(wire.calls) == 1
    assert [each.accepted for each in recorded] == [True]


@pytest.mark.anyio
async def test_it_expires_while_it_waits_for_a_place() -> None:
    """A message whose deadline passes in the queue is `EXPIRED` then, and not asked for; one without waits on."""
    release = anyio.Event()

    async def hold(call: Call) -> None:
        await release.wait()

    wire = Wire(alpha=hold)
    sms = Gateway([alpha()], templates=[LOGIN], transport=wire, max_connections=1)
    async with anyio.create_task_group() as group:
        group.start_soon(sms.send, login(number(0)))
        await until(lambda: bool(wire.calls))
        group.start_soon(sms.send, login(number(1)))
        result = await sms.send(login(number(2)), within=0.1)
        assert (result.outcome, result.reason, result.attempts) == (Outcome.NOT_SENT, Reason.EXPIRED, ())
        release.set()
    assert [call.to[0] for call in wire.calls] == [number(0), number(1)]


@pytest.mark.anyio
async def test_a_short_deadline_blames_no_vendor() -> None:
    """A vendor that was given no time to respond is not taken for sick; one that had two seconds and more is."""

    async def slow(call: Call) -> None:
        await anyio.sleep(60)

    sms = Gateway([alpha(), beta()], templates=[LOGIN], transport=Wire(alpha=slow), policy=Policy(alternate_within=0))
    for result in await send_all(sms, 6, within=0.05):
        assert result.reason in (Reason.NO_ANSWER, Reason.EXPIRED)
    assert sms.health()["alpha"].state == "up"
    await send_all(sms, 3, within=2.2)
    assert sms.health()["alpha"].state == "down"


@pytest.mark.parametrize("rate", [0, -1, math.nan, "10", None])
def test_rates_that_are_none(rate: Any) -> None:
    """A rate is above 0, and infinity for no limit; anything else is said where it is given."""
    text = "rate: must be a number above 0, so many a second, or infinity for no limit"
    with pytest.raises(ConfigurationError, match=text):
        Gateway([Paced("alpha", rate=rate)], templates=[LOGIN])
    with pytest.raises(ConfigurationError, match=text):
        TencentV5("1400006666", "key", rate=rate)
    with pytest.raises(ConfigurationError, match=text):
        TencentCloud("id", "key", sdk_app_id="1400006666", rate=rate)
    with pytest.raises(ConfigurationError, match=text):
        HuaweiSms("key", "secret", rate=rate, **HUAWEI)


@pytest.mark.parametrize("most", [-1, 2.5, "3", None])
def test_a_queue_has_a_length(most: Any) -> None:
    """`max_waiting` is a whole number."""
    with pytest.raises(ConfigurationError, match="max_waiting: must be a whole number, 0 or more"):
        Gateway([alpha()], templates=[LOGIN], max_waiting=most)


def test_the_rates_of_the_vendors() -> None:
    """Each vendor's default is below its published limit, its burst counted. Huawei has none, and counts messages."""
    jobs: list[Any] = [None] * 3
    for vendor, most, cost in (
        (TencentV5("1400006666", "key"), 3000, 1),
        (TencentCloud("id", "key", sdk_app_id="1400006666"), 3000, 1),
        (HuaweiSms("key", "secret", **HUAWEI), math.inf, 3),
    ):
        assert isinstance(vendor, PacesRequests)
        assert vendor.rate * 1.1 < most or vendor.rate == most == math.inf
        assert vendor.rate_cost(jobs) == cost
        Gateway([vendor], transport=httpx.MockTransport(lambda _: httpx.Response(200)))
