"""Fault 90: the first vendor is down, the second is slow, and everybody sends at once."""

import contextlib

import anyio
import pytest

from smsgate import Gateway, Outcome, Result, Timeouts

from . import scripts as s
from .driver import Recorder, check_resources, code, gateway, resources, tencent
from .stub import Line, Script, Stub

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("network")]

SENDERS = {"asyncio": 2_000, "trio": 500}


def slow(seconds: float) -> Script:
    def script(line: Line) -> None:
        request = line.read()
        line.wait(seconds)
        line.charge(request)
        line.write(s.v5(request))

    return script


async def test_no_storm_of_retries(anyio_backend: str) -> None:
    """At most 1.1 requests for a message, one charge for each, and one outcome."""
    senders = SENDERS[anyio_backend]
    record, before, results = Recorder(), resources(), list[Result]()

    async def one(sms: Gateway, mobile: str) -> None:
        results.append(await sms.send(code(mobile)))

    with contextlib.closing(Stub(s.accept)) as down, Stub(slow(0.05)) as second:
        vendors = (tencent("first", down.url), tencent("second", second.url))
        patient = Timeouts(connect=60, write=60, read=60, pool=60, total=120)
        async with gateway(*vendors, timeouts=patient, on_result=record) as sms, anyio.create_task_group() as group:
            for index in range(senders):
                group.start_soon(one, sms, f"139{index:08d}")
        failed = [result.summary() for result in results if result.outcome is not Outcome.ACCEPTED]
        assert not failed
        assert len(second.requests) <= 1.1 * senders
        assert sorted(second.charges) == [f"139{index:08d}" for index in range(senders)]
    assert len(results) == senders
    assert len(record.ended) == senders
    await check_resources(before)
