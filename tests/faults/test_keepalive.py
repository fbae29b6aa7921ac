"""Connections that are kept: peers that close them between two messages, in time, too late and at the worst moment."""

import asyncio
import random
import threading
from collections.abc import Callable

import anyio
import pytest

from smsgate import Gateway, Outcome, Reason, Result, Timeouts
from smsgate.transport.httpx import HttpxTransport
from smsgate.transport.pool import ConnectionPool

from . import scripts as s
from .driver import NUMBER, Recorder, code, gateway, leakless, probe, tencent, until
from .stub import Line, Script, Stub

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("network")]


@pytest.mark.parametrize("leave", [Line.close, Line.reset], ids=["FIN", "RST"])
async def test_peer_closed_before_the_second_request(leave: Callable[[Line], None]) -> None:
    """Fault 20: a connection that the peer has closed is replaced: one charge for each message."""

    def accept_then_leave(line: Line) -> None:
        s.accept(line)
        leave(line)

    record = Recorder()
    with Stub(accept_then_leave) as first, Stub(s.accept) as second:
        async with gateway(tencent("first", first.url), tencent("second", second.url), on_result=record) as sms:
            for mobile in ("13900000001", "13900000002", "13900000003"):
                assert (await sms.send(code(mobile))).accepted
                await until(lambda: not first.open_lines, "the stub did not close its connection")
                await anyio.sleep(0.02)  # for the client's side of the system to hear of it
    assert first.charges == ["13900000001", "13900000002", "13900000003"]
    assert (first.connections, second.requests, len(record.ended)) == (3, [], 3)


@pytest.mark.parametrize("charged", [False, True], ids=["not-processed", "processed"])
@pytest.mark.parametrize("leave", [Line.close, Line.reset], ids=["FIN", "RST"])
async def test_peer_closes_as_the_second_request_comes(charged: bool, leave: Callable[[Line], None]) -> None:
    """Faults 21-22: a kept connection that ends under a request says nothing of whether that was processed."""
    race: Script = s.processed(leave) if charged else s.unprocessed(leave)
    with Stub(s.accept) as first, Stub(s.accept) as second:
        async with gateway(tencent("first", first.url), tencent("second", second.url)) as sms:
            assert (await sms.send(code("13900000001"))).accepted
            first.script = race
            result = await sms.send(code())
            assert first.connections == 1
            assert (result.outcome, result.reason, second.requests) == (Outcome.UNKNOWN, Reason.NO_ANSWER, [])
            assert first.charges.count(NUMBER) == charged
            first.script = s.accept
            await probe(sms, first)


LEFTOVERS = {
    "a refusal": s.http(b"", status="401 Unauthorized"),
    "an acceptance": s.http(s.ACCEPTED.replace(b"8:", b"9:")),
    "an interim response": b"HTTP/1.1 100 Continue\r\n\r\n",
    "half a head": b"HTTP/1.1 200",
    "an empty line": b"\r\n",
    "a byte": b"\0",
}


@pytest.mark.parametrize("late", [False, True], ids=["at once", "afterwards"])
@pytest.mark.parametrize("framed", [s.http(), s.chunked(s.ACCEPTED)], ids=["length", "chunks"])
@pytest.mark.parametrize("leftover", LEFTOVERS.values(), ids=LEFTOVERS)
async def test_what_follows_a_response_is_no_response(leftover: bytes, framed: bytes, late: bool, network: str) -> None:
    """Fault 30: a connection over which more than a response came is not used again, nobody gets another's response.

    Taken for a response, a refusal sends a message that the vendor has on to the second vendor, which charges again.
    aiohttp loses a response that comes in one piece with what is not HTTP: that message is UNKNOWN, not refused.
    """
    accepted, written = threading.Event(), threading.Event()

    def more_than_the_response(line: Line) -> None:
        line.charge(line.read())
        if late:
            line.write(framed)
            accepted.wait(60)
            line.write(leftover)
        else:
            line.write(framed + leftover)
        written.set()

    with Stub(more_than_the_response) as first, Stub(s.accept) as second:
        async with gateway(tencent("first", first.url), tencent("second", second.url)) as sms:
            told = (await sms.send(code("13900000001"))).outcome
            lost = network == "aiohttp" and leftover == b"\0"
            assert told is Outcome.ACCEPTED or (lost and told is Outcome.UNKNOWN)
            accepted.set()
            await until(written.is_set, "the stub did not write all")
            first.script = s.accept
            result = await sms.send(code())
            assert (result.outcome, result.provider, result.message_id) == (Outcome.ACCEPTED, "first", "8:Q2JsYWNr")
            await probe(sms, first)
    assert first.charges.count(NUMBER) == 1
    assert second.requests == []


@pytest.mark.parametrize("rest", [s.http(), s.http()[:40], b"junk"], ids=["response", "half", "junk"])
async def test_more_bytes_than_one_response(rest: bytes, network: str) -> None:
    """What comes after a response is never taken for the response to the next message."""
    lost = network == "aiohttp" and rest == b"junk"
    with Stub(s.respond(s.http() + rest)) as stub:
        async with gateway(tencent("first", stub.url)) as sms:
            for index in range(3):
                stub.script = s.respond(s.http() + rest)
                told = (await sms.send(code(f"1390000{index:04d}"))).outcome
                assert told is Outcome.ACCEPTED or (lost and told is Outcome.UNKNOWN)
                stub.script = s.refuse(1016)
                result = await sms.send(code())
                assert (result.outcome, result.reason) == (Outcome.REJECTED, Reason.INVALID_NUMBER)


class Clock:
    """The time that our connections and the vendor's network both go by."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


async def test_a_thousand_idle_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 23: a network that drops connections after 90 s of silence never drops one that we use: 0 of 1,000."""
    clock, used, rng = Clock(), dict[int, float](), random.Random(23)
    monkeypatch.setattr("smsgate.transport.pool.time", clock)

    def accept_in_time(line: Line) -> None:
        line.await_bytes()
        if clock.now - used.get(line.index, clock.now) >= 90:
            line.reset()
        s.accept(line)
        used[line.index] = clock.now

    with Stub(accept_in_time) as stub:
        async with gateway(tencent("first", stub.url)) as sms:
            for cycle in range(1000):
                assert (await sms.send(code(f"139{cycle:08d}"))).accepted
                clock.now += rng.uniform(0, 120)
    assert len(stub.charges) == 1000
    assert 500 < stub.connections < 1000


async def test_every_connection_busy() -> None:
    """Fault 11: a message that gets no connection was not sent, the reason is our own, and the pool recovers."""
    go_on, results = threading.Event(), list[Result]()

    def slow(line: Line) -> None:
        request = line.read()
        line.charge(request)
        while not go_on.is_set():
            line.wait(0.01)
        line.write(s.v5(request))

    async def one(sms: Gateway, mobile: str) -> None:
        results.append(await sms.send(code(mobile)))

    with Stub(slow) as first, Stub(s.accept) as second:
        vendors = (tencent("first", first.url), tencent("second", second.url))
        timeouts = Timeouts(pool=0.5, read=20, write=20, total=60)
        async with (
            gateway(*vendors, timeouts=timeouts, max_connections=10) as sms,
            anyio.create_task_group() as group,
        ):
            for index in range(10):
                group.start_soon(one, sms, f"1390001{index:04d}")
            await until(lambda: len(first.charges) == 10, "the pool was not filled")
            result = await sms.send(code())
            tried = result.attempts[0]
            assert (tried.outcome, tried.reason) == (Outcome.NOT_SENT, Reason.OVERLOADED)
            assert tried.description == "10 requests to it were in flight, as many as max_connections allows"
            leakless([result], result, [])
            go_on.set()
            await until(lambda: len(results) == 10, "somebody was forgotten")
            await probe(sms, first)
        assert [each.outcome for each in results] == [Outcome.ACCEPTED] * 10
        assert first.connections == 10
        assert NUMBER not in first.charges


@pytest.mark.parametrize("most", [1, 3, 10, 14])
async def test_never_more_connections_than_allowed(most: int) -> None:
    """`max_connections` is kept to one, also where it is not a multiple of what a pool holds."""
    peak: list[int] = []
    all_there = threading.Event()

    def counting(line: Line) -> None:
        request = line.read()
        peak.append(line.stub.open_lines)
        if peak[-1] >= most:
            all_there.set()
        all_there.wait(30)  # nobody is answered before as many as may come have come
        line.wait(0.01)
        line.write(s.v5(request))

    with Stub(counting) as stub:
        vendor = tencent("first", stub.url)
        async with gateway(vendor, max_connections=most) as sms, anyio.create_task_group() as group:
            for index in range(40):
                group.start_soon(sms.send, code(f"1390000{index:04d}"))
    assert (len(stub.requests), max(peak)) == (40, most)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_turn_of_somebody_who_left_goes_to_the_next() -> None:
    """A connection that is handed to a task that is cancelled at that moment goes to the one behind it."""
    pools = ConnectionPool(HttpxTransport(max_connections=1), 45.0)
    busy = await pools.acquire("http://127.0.0.1:1/", 20)
    assert busy is not None
    hurried, patient = (asyncio.ensure_future(pools.acquire("http://127.0.0.1:1/", 20)) for _ in range(2))
    await anyio.wait_all_tasks_blocked()
    await pools.release(busy)
    hurried.cancel()
    assert await patient is not None
    assert hurried.cancelled()
    await pools.aclose()
