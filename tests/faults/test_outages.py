"""Vendors that cannot be reached: what never left is told as such, and the next vendor has it at once."""

import logging

import anyio
import pytest

from smsgate import Outcome, Reason, Timeouts

from .driver import NUMBER, PROBES, Recorder, check_resources, code, gateway, leakless, probe, resources, tencent
from .outages import OUTAGES, Kind, trusting
from .scripts import accept
from .stub import Stub

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("network")]


@pytest.mark.parametrize(
    ("kind", "misconfigured"),
    [pytest.param(kind, warned, id=f"{row}-{name}".replace(" ", "-")) for row, name, kind, warned in OUTAGES],
)
async def test_outage(
    kind: Kind, misconfigured: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """NOT_SENT within the connect timeout, the next vendor takes it, wrong certificates are logged as a warning."""
    caplog.set_level(logging.DEBUG)
    before, record = resources(), Recorder()
    with kind(monkeypatch) as outage, Stub(accept) as second:
        async with gateway(
            tencent("first", outage.url),
            tencent("second", second.url),
            timeouts=Timeouts(connect=2, read=20, write=20, total=60),
            ssl_context=trusting(),
            on_result=record,
            max_connections=PROBES,
        ) as sms:
            with anyio.fail_after(20):
                result = await sms.send(code())
            assert [(try_.outcome, try_.reason) for try_ in result.attempts] == [
                (Outcome.NOT_SENT, Reason.NETWORK),
                (Outcome.ACCEPTED, None),
            ]
            assert outage.url.partition("://")[2] in str(result.attempts[0].description), "it does not say where"
            assert record.ended == [result]
            assert (outage.stub.charges, second.charges) == ([], [NUMBER])
            warnings = [log.getMessage() for log in caplog.records if log.levelno >= logging.WARNING]
            assert warnings.pop() == "fail over from first to second: NETWORK (1 message)"
            assert bool(warnings) is misconfigured, warnings
            leakless([result, sms], result, caplog.records)
            outage.mend()
            await probe(sms, outage.stub)
    await check_resources(before)
