"""A vendor that is down costs three sends; what may have been sent stays with it; it is used again once it heals."""

import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from typing import Final

import anyio
import attrs
import pytest

from smsgate import Gateway, Health, HealthState, Outcome, Policy, Result, Timeouts

from . import scripts as s
from .driver import Recorder, check_resources, code, gateway, resources, tencent
from .outages import refused, syn_dropped
from .stub import Line, Script, Stub

pytestmark = pytest.mark.anyio

QUICK: Final = Timeouts(connect=1, write=1, read=1, total=2)
GATEWAY_TIMEOUT: Final = s.respond(s.http(b"<html>504</html>", status="504 Gateway Time-out"), charge=False)


@attrs.frozen
class Sick:
    """The first vendor, and what ends its outage."""

    url: str
    stub: Stub
    heal: Callable[[], None]


def unreachable(outage: Callable[..., AbstractContextManager[object]]) -> Callable[..., AbstractContextManager[Sick]]:
    @contextmanager
    def sick(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
        with outage(monkeypatch) as broken:
            yield Sick(broken.url, broken.stub, broken.mend)  # type: ignore[attr-defined]

    return sick


def answering(script: Script) -> Callable[..., AbstractContextManager[Sick]]:
    @contextmanager
    def sick(_: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
        with Stub(script) as stub:
            yield Sick(stub.url, stub, lambda: setattr(stub, "script", s.accept))

    return sick


def drips(line: Line) -> None:
    line.read()
    line.drip(b"HTTP/1.1 200 OK\r\n" * 100, seconds=0.1)


def lies(line: Line) -> None:
    request = line.read()
    line.charge(request)
    line.write(s.http(b'{"result": "fine"}'))


OUTAGES: Final = {
    "refuses connections": (unreachable(refused), Outcome.ACCEPTED),
    "takes no connection": (unreachable(syn_dropped), Outcome.ACCEPTED),
    "answers 504": (answering(GATEWAY_TIMEOUT), Outcome.UNKNOWN),
    "drips": (answering(drips), Outcome.UNKNOWN),
    "lies": (answering(lies), Outcome.UNKNOWN),
    "is silent": (answering(Line.hang), Outcome.UNKNOWN),
}


@pytest.mark.parametrize("name", OUTAGES)
async def test_an_outage_costs_three_sends(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The fourth message is accepted by the next vendor at once, and the first one is in use again when it heals."""
    kind, outcome = OUTAGES[name]
    caplog.set_level(logging.WARNING)
    before, policy = resources(), Policy(health=Health(down_for=60.0))
    with kind(monkeypatch) as sick, Stub(s.accept) as second:
        async with gateway(
            tencent("first", sick.url), tencent("second", second.url), timeouts=QUICK, policy=policy
        ) as sms:
            lost = [await sms.send(code(f"1390000000{index}")) for index in range(3)]
            assert [each.outcome for each in lost] == [outcome] * 3
            assert {each.attempts[0].provider for each in lost} == {"first"}
            fourth = await sms.send(code())
            assert [(each.provider, each.outcome) for each in fourth.attempts] == [("second", Outcome.ACCEPTED)]
            state = sms.health()["first"]
            assert (state.state, sms.health()["second"].state) == (HealthState.DOWN, HealthState.UP)
            assert state.since is not None
            assert state.why.startswith("3 requests in a row failed, the last with ")
            news = [log.getMessage() for log in caplog.records if "first is " in log.getMessage()]
            assert news == [f"first is down: {state.why}"]
            sick.heal()
            sms._router.now = lambda: time.monotonic() + 60.0
            healed = [await sms.send(code(f"1390000001{index}")) for index in range(8)]
            assert {each.provider for each in healed} == {"first"}, [each.summary() for each in healed]
            assert sms.health()["first"].state is HealthState.UP
            news = [log.getMessage() for log in caplog.records if "first is " in log.getMessage()]
            assert len(news) == 2
        charged = Counter(sick.stub.charges + second.charges)
        assert max(charged.values()) == 1
    await check_resources(before)


async def test_three_people_ask_for_a_code_three_times() -> None:
    """The first vendor answers 504: the second code of each of them arrives, and so does the third."""
    people = [f"1390000000{index}" for index in range(3)]
    with Stub(GATEWAY_TIMEOUT) as first, Stub(s.accept) as second:
        async with gateway(tencent("first", first.url), tencent("second", second.url)) as sms:
            asked = {mobile: [await sms.send(code(mobile)) for _ in range(3)] for mobile in people}
        for results in asked.values():
            assert [each.outcome for each in results[1:]] == [Outcome.ACCEPTED] * 2
        assert Counter(second.charges) == dict.fromkeys(people, 2)
    with Stub(GATEWAY_TIMEOUT) as first, Stub(s.accept) as second:
        async with gateway(tencent("first", first.url), tencent("second", second.url)) as sms:
            rounds = [[await sms.send(code(mobile)) for mobile in people] for _ in range(3)]
        assert [[each.accepted for each in told] for told in rounds] == [[False] * 3, [True] * 3, [True] * 3]
        assert len(first.requests) == 3


async def test_nobody_is_left() -> None:
    """If all are down, all are asked in their order, and the one that heals is found by the next message."""
    with Stub(GATEWAY_TIMEOUT) as first, Stub(GATEWAY_TIMEOUT) as second:
        async with gateway(tencent("first", first.url), tencent("second", second.url)) as sms:
            for index in range(6):
                await sms.send(code(f"1390000000{index}"))
            assert {each.state for each in sms.health().values()} == {HealthState.DOWN}
            first.script = s.accept
            assert (await sms.send(code())).provider == "first"
            assert sms.health()["first"].state is HealthState.PROBING


@pytest.mark.parametrize("seed", range(3))
async def test_at_most_one_vendor_charges(seed: int) -> None:
    """Vendors that die, lie and heal at random, under many senders: nobody's message is charged twice."""
    chance, record = random.Random(seed), Recorder()
    scripts: list[Script] = [s.accept, s.accept, GATEWAY_TIMEOUT, lies, Line.close, s.refuse(1031), s.refuse(1013)]

    def moody(line: Line) -> None:
        chance.choice(scripts)(line)

    with Stub(moody) as first, Stub(moody) as second, Stub(s.accept) as third:
        vendors = [tencent(name, stub.url) for name, stub in (("first", first), ("second", second))]
        policy = Policy(pause=0.01, max_pause=0.02, health=Health(down_for=0.05), alternate_within=60)
        async with (
            gateway(*vendors, timeouts=QUICK, policy=policy, max_connections=5, on_result=record) as sms,
            anyio.create_task_group() as group,
        ):
            for index in range(300):
                group.start_soon(sms.send, code(f"139{index:08d}"))
        charged = Counter(first.charges + second.charges)
        assert not third.charges
    assert len(record.ended) == 300
    assert max(charged.values()) == 1
    told = {str(each.message.to)[3:]: each.outcome for each in record.ended}
    assert all(told[mobile] in (Outcome.ACCEPTED, Outcome.UNKNOWN) for mobile in charged)
    assert all(mobile in charged for mobile, outcome in told.items() if outcome is Outcome.ACCEPTED)


async def test_those_who_wait_go_elsewhere(anyio_backend: str) -> None:
    """A vendor that falls silent under 2,000 senders costs those in flight; all others have the next one at once."""
    results: list[Result] = []

    async def one(sms: Gateway, index: int) -> None:
        results.append(await sms.send(code(f"139{index:08d}")))

    senders = {"asyncio": 2_000, "trio": 500}[anyio_backend]
    with Stub(Line.hang) as first, Stub(s.accept) as second:
        timeouts = Timeouts(connect=30, write=30, read=3, total=60, pool=120)
        vendors = (tencent("first", first.url), tencent("second", second.url))
        async with gateway(*vendors, timeouts=timeouts, max_connections=20) as sms, anyio.create_task_group() as group:
            for index in range(senders):
                group.start_soon(one, sms, index)
        told = Counter(each.outcome for each in results)
        in_flight = told[Outcome.UNKNOWN]
        assert 20 <= in_flight <= 22, "the places of the first two that failed may be taken before the third one failed"
        assert told[Outcome.ACCEPTED] == senders - in_flight
        assert sum(len(each.attempts) for each in results) == senders
        assert len(second.charges) == senders - in_flight
