"""Faults 52 and 53: callers that run out of patience, and gateways that are closed, with messages on their way."""

import threading

import anyio
import pytest

from smsgate import ClosedError, Gateway, Outcome, Reason, Result, Timeouts

from . import scripts as s
from .driver import NUMBER, PROBES, Recorder, check_resources, code, gateway, leakless, probe, resources, tencent, until
from .outages import Kind, handshake, no_resolver, resolving, syn_dropped, trusting
from .stub import Line, Script, Stub

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("network")]

PATIENCE = Timeouts(connect=30, write=30, read=30, total=60)


class Held:
    """A script that begins when it is let go on, once bytes of a request have come."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.reached = threading.Event()
        self.released = threading.Event()

    def __call__(self, line: Line) -> None:
        line.await_bytes()
        self.reached.set()
        assert self.released.wait(60)
        self.script(line)


async def give_up(sms: Gateway, vendor: Held) -> None:
    """A caller that gives up while the vendor works on its request."""
    with anyio.CancelScope() as patience:
        async with anyio.create_task_group() as group:
            group.start_soon(sms.send, code())
            await until(vendor.reached.is_set, "the vendor was not reached")
            patience.cancel()
    assert patience.cancelled_caught


async def test_callers_own_timeout() -> None:
    """A caller that gives up does not stop the wire call: what became of it is recorded when it is known."""
    record, held = Recorder(), Held(s.accept)
    with Stub(held) as first, Stub(s.accept) as second:
        vendors = (tencent("first", first.url), tencent("second", second.url))
        async with gateway(*vendors, on_result=record, timeouts=PATIENCE) as sms:
            await give_up(sms, held)
            assert record.begun == []
            held.released.set()
            await until(lambda: record.ended, "the outcome was not recorded")
    assert [result.outcome for result in record.ended] == [Outcome.ACCEPTED]
    assert (first.charges, second.requests) == ([NUMBER], [])


async def test_callers_own_timeout_stops_the_failover() -> None:
    """Nobody else is asked for a caller that has gone: its message is not sent, and is recorded as that."""
    record, held = Recorder(), Held(s.refuse(1031))
    with Stub(held) as first, Stub(s.accept) as second:
        vendors = (tencent("first", first.url), tencent("second", second.url))
        async with gateway(*vendors, on_result=record, timeouts=PATIENCE) as sms:
            await give_up(sms, held)
            held.released.set()
            await until(lambda: record.ended, "the outcome was not recorded")
    assert [(result.outcome, result.reason) for result in record.ended] == [
        (Outcome.REJECTED, Reason.INSUFFICIENT_BALANCE)
    ]
    assert second.requests == []


async def test_close_drains_until_its_deadline(caplog: pytest.LogCaptureFixture) -> None:
    """What has its response before the deadline is told as it is, the rest is UNKNOWN, and every caller hears of it."""
    record, told, before = Recorder(), list[Result](), resources()

    async def one(sms: Gateway, mobile: str) -> None:
        told.append(await sms.send(code(mobile)))

    def half_and_half(line: Line) -> None:
        request = line.read()
        line.charge(request)
        line.wait(0.2)
        if int(request.mobiles[0]) % 2:
            line.hang()
        line.write(s.v5(request))

    with Stub(half_and_half) as first, Stub(s.accept) as second:
        sms = gateway(tencent("first", first.url), tencent("second", second.url), on_result=record, timeouts=PATIENCE)
        async with anyio.create_task_group() as group:
            for index in range(20):
                group.start_soon(one, sms, f"1390000{index:04d}")
            await until(lambda: len(first.charges) == 20, "the stub was not reached")
            await sms.aclose(timeout=0.5)
        by_number = {str(result.message.to): result.outcome for result in told}
        assert by_number == {
            f"+861390000{index:04d}": Outcome.UNKNOWN if index % 2 else Outcome.ACCEPTED for index in range(20)
        }
        assert len(record.ended) == 20
        assert second.requests == []
        leakless([sms], told[0], caplog.records)
        with pytest.raises(ClosedError):
            await sms.send(code())
        assert len(record.ended) == 20
    await check_resources(before)


CONNECTING = pytest.mark.parametrize(
    "kind",
    [handshake(Line.idle), resolving(no_resolver), syn_dropped],
    ids=["TLS handshake", "resolution", "SYN"],
)


@CONNECTING
async def test_close_while_connecting(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that waits for its connection when the deadline comes was not sent, and leaves no socket behind."""
    record, before = Recorder(), resources()
    with kind(monkeypatch) as outage:
        vendor = tencent("first", outage.url)
        sms = gateway(vendor, on_result=record, timeouts=PATIENCE, ssl_context=trusting())
        async with anyio.create_task_group() as group:
            group.start_soon(sms.send, code())
            await anyio.sleep(0.2)
            await sms.aclose(timeout=0)
        assert [result.outcome for result in record.ended] == [Outcome.NOT_SENT]
        outage.mend()
    await check_resources(before)


@CONNECTING
async def test_total_deadline_while_connecting(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """So too where the deadline of the whole try comes before that of the connection; the pool works on."""
    before, hurried = resources(), Timeouts(connect=20, write=20, read=20, total=2)
    with kind(monkeypatch) as outage, Stub(s.accept) as second:
        vendors = (tencent("first", outage.url), tencent("second", second.url))
        async with gateway(*vendors, timeouts=hurried, ssl_context=trusting(), max_connections=PROBES) as sms:
            result = await sms.send(code())
            assert [try_.outcome for try_ in result.attempts] == [Outcome.NOT_SENT, Outcome.ACCEPTED]
            outage.mend()
            await probe(sms, outage.stub)
    await check_resources(before)
