"""A rate that several processes share: never exceeded, and used. Here they are gateways on one loop of virtual time."""

import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import anyio
import attrs
import pytest
import trio.testing
from fake_vendors import LOGIN, Call, Paced, Wire, beta, login, number
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shared_rates import BURST, MemoryRates, excess

from smsgate import ConfigurationError, Gateway, Outcome, Reason, Result, SharedRates
from smsgate.sending.booked_time import BookedTime

STORE: type[SharedRates] = MemoryRates


@attrs.define
class Fleet:
    """Gateways that share a rate, in virtual time."""

    rate: float
    count: int
    travel: Callable[[], float]
    by_message: bool = False
    options: dict[str, Any] = attrs.field(factory=dict[str, Any])
    times: list[float] = attrs.field(factory=list[float])
    sizes: list[float] = attrs.field(factory=list[float])
    results: list[Result] = attrs.field(factory=list[Result])
    rates: MemoryRates = attrs.field(init=False)
    gateways: list[Gateway] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.rates = MemoryRates(trio.current_time, self.sleep)
        vendor = Paced("alpha", rate=self.rate, by_message=self.by_message, batch_limit=100 if self.by_message else 1)
        self.gateways = [
            Gateway([vendor], templates=[LOGIN], transport=Wire(alpha=self.note), rates=self.rates, **self.options)
            for _ in range(self.count)
        ]

    async def sleep(self) -> None:
        await anyio.sleep(self.travel() / 2)

    async def note(self, call: Call) -> None:
        self.times.append(trio.current_time())
        self.sizes.append(len(call.to) if self.by_message else 1)
        await anyio.sleep(self.travel())

    async def bulk(self, gateway: Gateway, count: int) -> None:
        """Send *count* messages."""
        source = [login(number(index)) for index in range(count)]
        self.results += [result async for result in gateway.send_many(source, linger=0)]

    @property
    def excess(self) -> float:
        return excess(self.times, self.rate, self.sizes)


@pytest.fixture
def virtual(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs a function in virtual time."""
    monkeypatch.setattr("smsgate.sending.gateway.time", SimpleNamespace(monotonic=trio.current_time))

    def run(main: Callable[..., Any], *args: object) -> None:
        trio.run(main, *args, clock=trio.testing.MockClock(autojump_threshold=0))

    return run


@pytest.mark.parametrize("rate", [3, 100, 2700])
def test_gateways_share_a_rate(virtual: Callable[..., None], rate: float) -> None:
    """Four campaigns together send at the rate, and no span has more than a tenth of a second's worth above it."""
    count = min(1200, round(rate * 5))

    async def main() -> None:
        fleet = Fleet(rate, 4, lambda: 0.004)
        async with anyio.create_task_group() as group:
            for gateway in fleet.gateways:
                group.start_soon(fleet.bulk, gateway, count // 4)
        assert len(fleet.times) == count // 4 * 4
        assert fleet.excess <= max(1.0, rate * 0.025) + rate * 0.075 + 1e-6
        took = fleet.times[-1] - fleet.times[0]
        assert took <= len(fleet.times) / rate * 1.1 + 0.1
        assert len(fleet.rates.calls) <= min(took * 20 * 2, len(fleet.times)) + 8

    virtual(main)


def test_a_process_that_dies(virtual: Callable[..., None]) -> None:
    """What it has booked and not used is a twentieth of a second's worth; the others wait for no more than that."""

    async def main() -> None:
        fleet = Fleet(100, 2, lambda: 0.004)
        dying, living = fleet.gateways
        async with anyio.create_task_group() as group:
            group.start_soon(fleet.bulk, dying, 10_000)
            await anyio.sleep(3)
            group.cancel_scope.cancel()
        died, before = trio.current_time(), len(fleet.times)
        await fleet.bulk(living, 100)
        assert fleet.times[before] - died <= 0.15
        assert fleet.excess <= 100 * BURST + 1e-6

    virtual(main)


def test_one_by_one(virtual: Callable[..., None]) -> None:
    """Who sends one message after another asks the store for several at once, and no more than it can use."""

    async def main() -> None:
        fleet = Fleet(2700, 1, lambda: 0.004)
        [gateway] = fleet.gateways
        for index in range(100):
            assert (await gateway.send(login(number(index)))).accepted
        assert len(fleet.rates.calls) <= 20

    virtual(main)


def test_batches_that_cost_more_than_a_block(virtual: Callable[..., None]) -> None:
    """Where messages are limited, a batch goes at once after a pause, and what follows waits until it is paid for."""

    async def main() -> None:
        fleet = Fleet(100, 3, lambda: 0.004, by_message=True)
        async with anyio.create_task_group() as group:
            for gateway in fleet.gateways:
                group.start_soon(fleet.bulk, gateway, 300)
        assert sum(fleet.sizes) == 900
        assert fleet.excess <= 100 + 100 * BURST
        assert fleet.times[-1] - fleet.times[0] == pytest.approx(8, abs=0.5)

    virtual(main)


@given(
    st.floats(0.5, 3000),
    st.integers(1, 5),
    st.lists(st.tuples(st.floats(0, 0.3), st.integers(0, 4), st.integers(1, 40)), min_size=1, max_size=8),
    st.integers(0, 2**32),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes(
    virtual: Callable[..., None],
    rate: float,
    count: int,
    arrivals: list[tuple[float, int, int]],
    seed: int,
) -> None:
    """However messages come and long the store takes: never too fast, none lost, each told why it is not sent."""
    chance = random.Random(seed)

    def travel() -> float:
        return chance.choice([0.001, 0.002, 0.05, 0.4])

    async def main() -> None:
        fleet = Fleet(rate, count, travel)

        async def one(gateway: Gateway, index: int) -> None:
            fleet.results.append(await gateway.send(login(number(index)), within=chance.choice([None, 2.0])))

        async with anyio.create_task_group() as group:
            for pause, index, size in arrivals:
                await anyio.sleep(pause)
                for each in range(size):
                    group.start_soon(one, fleet.gateways[index % count], each)
        assert len(fleet.results) == sum(size for _, _, size in arrivals)
        # The deadline of some comes while the vendor has them.
        left = [each for each in fleet.results if each.outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN)]
        assert len(left) == len(fleet.times)
        for result in fleet.results:
            assert result in left or result.reason in (Reason.OVERLOADED, Reason.EXPIRED)
        # An answer of the store takes up to 0.2 seconds, and what was booked may be used 0.075 later.
        assert fleet.excess <= max(1.0, rate * 0.025) + rate * 0.275 + 1e-6

    virtual(main)


@pytest.mark.anyio
async def test_a_store_that_fails() -> None:
    """Nothing is sent, to no other provider either, and all who wait are told at once and why; then it goes on."""
    waiting = anyio.Event()
    wire = Wire()

    async def travel() -> None:
        await waiting.wait()

    rates = MemoryRates(anyio.current_time, travel, error=OSError("no database"))
    sms = Gateway([Paced("alpha", rate=100), beta()], templates=[LOGIN], transport=wire, rates=rates)
    results: list[Result] = []

    async def one(index: int) -> None:
        results.append(await sms.send(login(number(index))))

    async with anyio.create_task_group() as group:
        for index in range(20):
            group.start_soon(one, index)
        await anyio.wait_all_tasks_blocked()
        waiting.set()
    assert len(rates.calls) == 1
    assert {(each.outcome, each.reason) for each in results} == {(Outcome.NOT_SENT, Reason.NOT_RECORDED)}
    assert {each.description for each in results} == {
        "the rate that processes share could not be booked: its store failed, the log says why"
    }
    assert wire.calls == []
    rates.error = None
    assert (await sms.send(login())).accepted


@pytest.mark.anyio
async def test_a_vendor_that_goes_down_keeps_nobody_waiting() -> None:
    """Those who wait for the store go to the next vendor when the first one goes down."""
    rates = MemoryRates(anyio.current_time, anyio.sleep_forever)
    sms = Gateway([Paced("alpha", rate=100), beta()], templates=[LOGIN], transport=Wire(), rates=rates)
    results: list[Result] = []

    async def one(index: int) -> None:
        results.append(await sms.send(login(number(index))))

    async with anyio.create_task_group() as group:
        for index in range(3):
            group.start_soon(one, index)
        await anyio.wait_all_tasks_blocked()
        sms.mark("alpha", "down")
    assert [each.provider for each in results] == ["beta"] * 3


def test_who_would_wait_too_long(virtual: Callable[..., None]) -> None:
    """A message that the rate has no room for in time is `OVERLOADED`, and takes nothing from others."""

    async def main() -> None:
        fleet = Fleet(0.01, 2, lambda: 0.004)
        first, second = fleet.gateways
        assert (await first.send(login())).accepted
        for gateway in (first, second, second):
            late = await gateway.send(login())
            assert (late.outcome, late.reason) == (Outcome.NOT_SENT, Reason.OVERLOADED)
            assert late.description == "the rate of its provider has no room for it in time"
        await anyio.sleep(100)
        assert (await second.send(login())).accepted

    virtual(main)


def test_a_store_is_checked() -> None:
    """What has no method `book` is none, and a provider without a rate needs none."""
    with pytest.raises(ConfigurationError, match="rates: must have the method book"):
        Gateway([beta()], templates=[LOGIN], rates=object())  # type: ignore[arg-type]  # the point of the test


@given(st.lists(st.tuples(st.floats(0, 0.2), st.floats(0.001, 0.03)), max_size=40))
def test_spans_of_a_block(steps: list[tuple[float, float]]) -> None:
    """No more is taken than was booked, none of it early but for the burst, and nothing later than it may be."""
    booked, now, used = BookedTime(0.05, 0.05), 0.0, list[tuple[float, float]]()
    assert not booked.holds(0.0, now)
    booked.add(0.1, 0.3, 0.0, 0.0)
    for pause, span in steps:
        now += pause
        if booked.holds(span, now):
            at = now + booked.wait(span, now)
            assert at <= booked.take(span)
            used.append((at, span))
    assert booked.taken == pytest.approx(sum(span for _, span in used))
    assert booked.taken <= 0.3 + 1e-6
    assert excess([at for at, _ in used], 1.0, [span for _, span in used]) <= 0.1 + 1e-6
    assert not booked.holds(0.001, 0.5)
