"""Faults 49 and 50: this machine's clock is wrong, jumps, or is no clock at all."""

import email.utils
import itertools
import json
import time
from collections.abc import Callable

import pytest

from smsgate import Outcome, Reason

from . import scripts as s
from .driver import NUMBER, Recorder, code, gateway, tencent
from .stub import Line, Script, Stub

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("network")]

TEN_MINUTES = 600


def punctual(*, says_date: bool) -> Script:
    """Refuses what is more than ten minutes off, as Tencent does."""

    def script(line: Line) -> None:
        request = line.read()
        now = time.time()
        headers = [f"Date: {email.utils.formatdate(now, usegmt=True)}"] if says_date else []
        if abs(json.loads(request.body)["time"] - now) > TEN_MINUTES:
            line.write(s.v5(request, code=1021, words="time is off", headers=headers))
        else:
            line.charge(request)
            line.write(s.v5(request, headers=headers))

    return script


@pytest.mark.parametrize("minutes", [-11, 11])
async def test_clock_is_eleven_minutes_off(minutes: int) -> None:
    """One resync with the vendor's `Date`, then it is accepted, and what follows is right the first time."""
    with Stub(punctual(says_date=True)) as first, Stub(s.accept) as second:
        vendors = (tencent("first", first.url), tencent("second", second.url))
        async with gateway(*vendors, clock=lambda: time.time() + 60 * minutes) as sms:
            result = await sms.send(code())
            assert [(try_.provider, try_.outcome, try_.reason) for try_ in result.attempts] == [
                ("first", Outcome.REJECTED, Reason.CLOCK_SKEW),
                ("first", Outcome.ACCEPTED, None),
            ]
            assert [try_.outcome for try_ in (await sms.send(code())).attempts] == [Outcome.ACCEPTED]
    assert first.charges == [NUMBER, NUMBER]
    assert second.requests == []


async def test_vendor_does_not_say_its_time() -> None:
    """Without a `Date` nothing can be learnt: once more, then the next vendor."""
    with Stub(punctual(says_date=False)) as first, Stub(s.accept) as second:
        vendors = (tencent("first", first.url), tencent("second", second.url))
        async with gateway(*vendors, clock=lambda: time.time() + 660) as sms:
            result = await sms.send(code())
    assert [try_.provider for try_ in result.attempts] == ["first", "first", "second"]
    assert (first.charges, second.charges) == ([], [NUMBER])


async def test_clock_jumps_during_a_run() -> None:
    """Deadlines and durations go by a clock that does not jump."""
    jumps = itertools.cycle([0.0, -86_400.0, 86_400.0, 3.0])
    with Stub(s.accept) as first:
        async with gateway(tencent("first", first.url), clock=lambda: time.time() + next(jumps)) as sms:
            for _ in range(8):
                (attempt,) = (await sms.send(code())).attempts
                assert attempt.outcome is Outcome.ACCEPTED
                assert 0 <= attempt.duration < 60


def broken() -> float:
    raise OSError("no clock")


@pytest.mark.parametrize(
    "clock", [lambda: time.time() * 1000, broken, lambda: float("nan")], ids=["ms", "raises", "NaN"]
)
async def test_clock_is_none(clock: Callable[[], float]) -> None:
    """A clock that cannot be used costs the message, never its truth: nothing is sent, and that is recorded."""
    record = Recorder()
    with Stub(s.accept) as first, Stub(s.accept) as second:
        vendors = (tencent("first", first.url), tencent("second", second.url))
        async with gateway(*vendors, clock=clock, on_result=record) as sms:
            result = await sms.send(code())
    assert result.outcome is Outcome.NOT_SENT
    assert record.ended == [result]
    assert first.charges + second.charges == []


async def test_clock_is_set_right_later() -> None:
    """What was learnt of the vendor's clock is given up once the clocks agree to the second."""
    off, moment = [660.0], int(time.time())
    times: list[int] = []

    def exact(line: Line) -> None:
        request = line.read()
        sent = json.loads(request.body)["time"]
        times.append(sent - moment)
        headers = [f"Date: {email.utils.formatdate(moment, usegmt=True)}"]
        if sent == moment:
            line.charge(request)
            line.write(s.v5(request, headers=headers))
        else:
            line.write(s.v5(request, code=1021, words="time is off", headers=headers))

    with Stub(exact) as first:
        async with gateway(tencent("first", first.url), clock=lambda: moment + off[0]) as sms:
            assert (await sms.send(code())).accepted
            off[0] = 0.0
            assert (await sms.send(code())).accepted
            assert (await sms.send(code())).accepted
    assert times == [660, 0, -660, 0, 0]
