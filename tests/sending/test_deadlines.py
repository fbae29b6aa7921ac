"""Deadlines: no try begins after them, what is too late is `EXPIRED`, and what may have been sent stays so."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import httpx
import pytest
from fake_vendors import LOGIN, Call, FakeVendor, Wire, alpha, beta, login, number
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import Loopback
from virtual_time import NOW, Clock, SlowWire, at

from smsgate import Attempt, ConfigurationError, Gateway, Outcome, Policy, Reason, Result, SendRequest, Timeouts

pytestmark = pytest.mark.anyio

EXPIRED = "expires_at: it expired at 2025-10-09 08:53:30 UTC, before a try could begin"
"""Ten seconds after `NOW`."""


def gateway(clock: Clock, wire: Wire, **options: Any) -> Gateway:
    return Gateway([alpha(), beta()], templates=[LOGIN], transport=wire, clock=clock, **options)


def story(result: Result) -> list[tuple[str, Outcome, Reason | None]]:
    return [(attempt.provider, attempt.outcome, attempt.reason) for attempt in result.attempts]


async def test_too_late_before_anything() -> None:
    """A message that has expired is a result, recorded once, and no vendor is asked; at the last moment it is sent."""
    clock, wire, recorded = Clock(), Wire(), list[Result]()
    sms = gateway(clock, wire, on_result=recorded.append)
    late = login(expires_at=at(10))
    clock.now += 9.9
    assert (await sms.send(late)).accepted
    clock.now = NOW + 10
    result = await sms.send(late)
    assert result == Result(late, Outcome.NOT_SENT, reason=Reason.EXPIRED, description=EXPIRED)
    assert recorded[1:] == [result]
    assert [each.reason async for each in sms.send_many([late])] == [Reason.EXPIRED]
    assert sms.preview(late).problem == EXPIRED
    assert wire.asked == ["alpha"]


async def test_within() -> None:
    """`within` is a deadline from now on, the sooner one counts, and a time in the past is no error."""
    clock, wire = Clock(), Wire()
    sms = gateway(clock, wire)
    assert (await sms.send(login(), within=30)).message.expires_at == at(30)
    assert (await sms.send(login(expires_at=at(5)), within=30)).message.expires_at == at(5)
    assert (await sms.send(login(expires_at=at(60)), within=30)).message.expires_at == at(30)
    for seconds in (0, -3.5):
        result = await sms.send(login(), within=seconds)
        assert (result.outcome, result.reason, result.attempts) == (Outcome.NOT_SENT, Reason.EXPIRED, ())
    assert len(wire.calls) == 3
    wrong: Sequence[Any] = (float("nan"), float("inf"), "30", timedelta(seconds=3))
    for value in wrong:
        with pytest.raises(ConfigurationError, match="within: must be a finite number of seconds"):
            await sms.send(login(), within=value)
    with pytest.raises(ConfigurationError, match="within: that many seconds from now is no date"):
        await sms.send(login(), within=1e300)


async def test_the_next_vendor_is_not_asked_too_late() -> None:
    """After a vendor that took too long to refuse, no other is asked; the attempt is kept in the result."""
    clock = Clock()
    wire = SlowWire(clock, alpha=clock.taking(12, Reason.INSUFFICIENT_BALANCE))
    result = await gateway(clock, wire).send(login(expires_at=at(10)))
    assert story(result) == [("alpha", Outcome.REJECTED, Reason.INSUFFICIENT_BALANCE)]
    assert (result.outcome, result.reason, result.description) == (Outcome.NOT_SENT, Reason.EXPIRED, EXPIRED)
    assert result.provider is None
    assert wire.asked == ["alpha"]


async def test_what_may_have_been_sent_is_never_not_sent() -> None:
    """An `UNKNOWN` decides, also if the next vendor would have been asked too late."""
    clock = Clock()
    wire = SlowWire(clock, alpha=clock.taking(12, httpx.Response(504)))
    result = await gateway(clock, wire).send(login(expires_at=at(10), on_unknown="failover"))
    assert (result.outcome, result.reason, result.provider) == (Outcome.UNKNOWN, Reason.NO_ANSWER, "alpha")
    assert wire.asked == ["alpha"]


async def test_a_final_refusal_is_told_as_it_is() -> None:
    """A refusal after which no other vendor would be asked is the result, however late it came."""
    clock = Clock()
    wire = SlowWire(clock, alpha=clock.taking(12, Reason.BLOCKLISTED))
    result = await gateway(clock, wire).send(login(expires_at=at(10)))
    assert (result.outcome, result.reason, result.provider) == (Outcome.REJECTED, Reason.BLOCKLISTED, "alpha")


@pytest.mark.parametrize(
    ("seconds", "asked", "reason"), [(1.2, ["alpha", "alpha"], None), (0.9, ["alpha", "beta"], None)]
)
async def test_a_pause_fits_in_or_is_not_made(seconds: float, asked: list[str], reason: Reason | None) -> None:
    """A retry is made if its pause ends in time; else the next vendor is asked at once."""
    clock = Clock()
    wire = SlowWire(clock, alpha=[Reason.TRY_LATER, None])
    sms = gateway(clock, wire, policy=Policy(pause=1.0))
    result = await sms.send(login(expires_at=at(seconds)))
    assert (wire.asked, result.reason) == (asked, reason)
    assert clock.now < NOW + seconds


async def test_no_vendor_is_left_and_no_pause_fits() -> None:
    """Where neither a retry nor another vendor is left, the vendor's own word is the result."""
    clock = Clock()
    wire = SlowWire(clock, alpha=Reason.TRY_LATER)
    sms = gateway(clock, wire, policy=Policy(pause=1.0))
    result = await sms.send(login(expires_at=at(0.9)), providers=["alpha"])
    assert (result.outcome, result.reason, len(wire.calls)) == (Outcome.REJECTED, Reason.TRY_LATER, 1)


async def test_it_expires_while_the_ledger_is_written() -> None:
    """It is looked at again after `leaving`: nothing leaves, and `left` has an attempt that says so."""
    clock, wire = Clock(), Wire()
    left: list[Attempt] = []

    class Slow:
        async def leaving(self, request: SendRequest) -> None:
            await clock.sleep(11)

        async def left(self, request: SendRequest, attempts: Sequence[Attempt]) -> None:
            left.extend(attempts)

    result = await gateway(clock, wire, ledger=Slow()).send(login(expires_at=at(10)))
    assert story(result) == [("alpha", Outcome.NOT_SENT, Reason.EXPIRED)]
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, Reason.EXPIRED)
    assert result.attempts == tuple(left)
    assert wire.asked == []


async def test_one_of_a_batch_is_too_late() -> None:
    """What is too late leaves its batch, before the request and while the ledger is written; the others are sent."""
    clock, wire, waits = Clock(), Wire(), [11.0]

    class Slow:
        async def leaving(self, request: SendRequest) -> None:
            await clock.sleep(waits.pop() if waits else 0.0)

        async def left(self, request: SendRequest, attempts: Sequence[Attempt]) -> None:
            pass

    sms = Gateway([alpha(batch_limit=9)], templates=[LOGIN], transport=wire, clock=clock, ledger=Slow())
    lives = [None, 10, 20, None, 5, 12]
    source = [login(number(i), expires_at=life and at(life)) for i, life in enumerate(lives)]
    found = {str(each.message.to): each.reason async for each in sms.send_many(source, linger=60)}
    assert [found[number(i)] for i in range(6)] == [None, Reason.EXPIRED, None, None, Reason.EXPIRED, None]
    assert [call.to for call in wire.calls] == [tuple(number(i) for i in (0, 2, 3, 5))]


async def test_the_last_try_gets_what_is_left() -> None:
    """A vendor that does not respond is given up when the message is of no use, long before the timeout of a try."""

    async def hang(call: Call) -> None:
        await anyio.sleep(60)

    sms = Gateway([alpha(), beta()], templates=[LOGIN], transport=Wire(alpha=hang))
    began = time.monotonic()
    result = await sms.send(login(), within=0.2)
    assert time.monotonic() - began < 10
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, Reason.NO_ANSWER)
    assert result.description is not None
    assert result.description.startswith("no response within 0.")


async def test_a_batch_is_not_cut_short_for_one_of_it() -> None:
    """A request lasts as long as its last message is of use: the others would be `UNKNOWN` for nothing."""

    async def slow(call: Call) -> None:
        await anyio.sleep(0.4)

    sms = Gateway([alpha(batch_limit=2)], templates=[LOGIN], transport=Wire(alpha=slow))
    soon = datetime.now(UTC) + timedelta(seconds=0.2)
    source = [login(number(0), expires_at=soon), login(number(1))]
    assert [each.outcome async for each in sms.send_many(source, linger=60)] == [Outcome.ACCEPTED] * 2


class Unreachable(httpx.AsyncBaseTransport):
    """Begins to connect, for ever."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.extensions["trace"]("connection.connect_tcp.started", {"host": "alpha.test", "port": 443})
        await anyio.sleep(60)
        raise AssertionError


async def test_no_connection_in_what_was_left() -> None:
    """A connection that does not come about in the time that is left is `EXPIRED`, and no vendor's failure."""
    sms = Gateway([alpha(), beta()], templates=[LOGIN], transport=Unreachable())
    result = await sms.send(login(), within=0.2)
    assert story(result) == [("alpha", Outcome.NOT_SENT, Reason.EXPIRED)]
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, Reason.EXPIRED)


async def test_no_connection_comes_free_in_time() -> None:
    """A message that waits for one of the gateway's own connections until it is too late is not sent."""
    with Loopback.running() as server:
        vendor = FakeVendor("alpha", url=server.url)
        async with Gateway([vendor], templates=[LOGIN], max_connections=1) as sms:
            assert (await sms.send(login())).accepted
            pool = sms._parts.exchange._pool
            lease = await pool.acquire(server.url, 1)
            assert lease is not None
            result = await sms.send(login(), within=0.2)
            assert (result.outcome, result.reason) == (Outcome.NOT_SENT, Reason.EXPIRED)
            await pool.release(lease)
            assert (await sms.send(login(), within=5)).accepted
    assert len(server.requests) == 2


async def test_a_long_deadline_changes_no_timeout() -> None:
    """Where more is left than a try may take, the gateway's own timeout counts and is `NETWORK` as ever."""
    sms = Gateway([alpha()], templates=[LOGIN], transport=Unreachable(), timeouts=Timeouts(total=0.1))
    result = await sms.send(login(), within=60)
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, Reason.NETWORK)


ANSWERS: list[Any] = [None, Reason.TRY_LATER, Reason.INSUFFICIENT_BALANCE, Reason.BLOCKLISTED, httpx.Response(504)]
ANSWERS += [httpx.ConnectError("no"), httpx.ReadError("cut")]
TENTHS = st.integers(0, 120).map(lambda tenths: tenths / 10)
STEPS = st.lists(st.tuples(TENTHS, st.sampled_from(ANSWERS)), min_size=1, max_size=4)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@given(STEPS, STEPS, TENTHS, st.floats(0, 3), st.sampled_from(["stop", "failover"]))
@settings(max_examples=60)
def test_nothing_begins_too_late(
    backend: str, first: Any, second: Any, life: float, pause: float, on_unknown: Any
) -> None:
    """Whatever the vendors do: no request begins after the deadline, and no `UNKNOWN` ends as `NOT_SENT`."""
    clock = Clock()
    steps = {name: [clock.taking(*each) for each in script] for name, script in (("alpha", first), ("beta", second))}
    wire = SlowWire(clock, **steps)
    policy = Policy(pause=pause, on_unknown=on_unknown, retries=2)

    async def send() -> Result:
        return await gateway(clock, wire, policy=policy).send(login(expires_at=at(life)))

    result = anyio.run(send, backend=backend)
    assert all(call.now < at(life).timestamp() for call in wire.calls)
    assert all(attempt.started_at <= at(life) for attempt in result.attempts)
    told = {attempt.outcome for attempt in result.attempts}
    if Outcome.UNKNOWN in told or Outcome.ACCEPTED in told:
        assert result.outcome in (Outcome.UNKNOWN, Outcome.ACCEPTED)
    if result.reason is Reason.EXPIRED:
        assert result.outcome is Outcome.NOT_SENT
        assert clock.now >= at(life).timestamp() - 1  # a try has so many seconds of real time, which goes on
