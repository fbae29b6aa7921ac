"""`VirtualClock` and the fixture `sms_clock`: one time for a gateway and its vendors."""

import time
from datetime import UTC, datetime

import anyio
import pytest
from push_receiver import receiver

from smsgate import Gateway, Message, Outcome, Policy, Reason
from smsgate.sandbox import SandboxTransport
from smsgate.sandbox.tencent import TENCENT_APP_KEY, TENCENT_SDK_APP_ID
from smsgate.tencent import TencentV5
from smsgate.testing import LOGIN_CODE, Outbox, Report, Response, Rule, SandboxGateway, VirtualClock

NUMBER = "+8613788888888"
PAUSES = Policy(retries=1, pause=30, max_pause=30)
BUSY = Rule(refuse=Reason.TRY_LATER, until=20, provider="tencent-v5")

pytestmark = pytest.mark.anyio


def code(index: int = 0, **options: object) -> Message:
    return Message(f"+86137888888{index:02}", "login-code", {"code": "4821", "minutes": "5"}, **options)  # type: ignore[arg-type]


async def test_starts_now_or_when_it_is_told_and_stands_still() -> None:
    """It is Unix time that only a test moves."""
    assert VirtualClock()() == pytest.approx(time.time(), abs=60)
    clock = VirtualClock(1000.0)
    await anyio.sleep(0.01)
    assert clock() == 1000.0
    await clock.advance(2.5)
    assert clock() == 1002.5
    with pytest.raises(ValueError, match="time does not go back"):
        await clock.advance(-1)


@pytest.mark.parametrize("kind", [Outbox, SandboxGateway])
async def test_a_pause_moves_it(kind: type[Outbox] | type[SandboxGateway]) -> None:
    """The pause before a retry takes its time, and no real time."""
    clock = VirtualClock()
    gateway = kind(clock=clock, policy=PAUSES)
    if isinstance(gateway, Outbox):
        gateway.fail(Reason.TRY_LATER)
    else:
        gateway.script(BUSY)
    began, really = clock(), time.monotonic()
    result = await gateway.send(code(), providers=["outbox" if kind is Outbox else "tencent-v5"])
    attempts = 1 if kind is Outbox else 2
    assert len(result.attempts) >= attempts
    assert clock() == began + 30
    assert time.monotonic() - really < 20


async def test_a_gateway_of_one_s_own_has_it_as_its_clock() -> None:
    """Passed as `clock`, it is the time of signatures and pauses over the simulated network."""
    clock = VirtualClock(2_000_000_000.0)
    kit = SandboxGateway(clock=clock, script=[BUSY])
    provider = TencentV5(TENCENT_SDK_APP_ID, TENCENT_APP_KEY, sign="Acme")
    async with Gateway(
        [provider], templates=[LOGIN_CODE], policy=PAUSES, clock=clock, transport=kit.transport
    ) as gateway:
        result = await gateway.send(code())
    assert [attempt.outcome for attempt in result.attempts] == [Outcome.REJECTED, Outcome.ACCEPTED]
    assert result.attempts[0].started_at == datetime.fromtimestamp(2_000_000_000, UTC)
    assert clock() == 2_000_000_030.0


async def test_step_by_step_only_advance_moves_it() -> None:
    """With `auto` off a pause ends when the clock is moved to its end, and not before."""
    clock = VirtualClock(auto=False)
    gateway = SandboxGateway(clock=clock, policy=PAUSES, script=[BUSY])
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: gateway.send(code(), providers=["tencent-v5"]))
        await clock.advance(29.5)
        assert len(gateway.transport.requests) == 1
        await clock.advance(0.5)
        assert len(gateway.transport.requests) == 2
    assert gateway.results[0].accepted


@pytest.mark.parametrize("coalesce", [True, False])
async def test_waits_for_others_are_its_time(coalesce: bool) -> None:
    """Messages that wait for others to share their request leave when the clock has passed `linger` or `coalesce`."""
    clock = VirtualClock(auto=False)
    gateway = SandboxGateway(clock=clock, coalesce=60 if coalesce else None)
    async with anyio.create_task_group() as tasks:
        if coalesce:
            for index in range(5):
                tasks.start_soon(gateway.send, code(index))
        else:
            send, receive = anyio.create_memory_object_stream[Message](5)
            for index in range(5):
                send.send_nowait(code(index))

            async def consume() -> None:
                async with receive, gateway.send_many(receive, linger=60) as results:
                    assert len([result async for result in results]) == 5

            tasks.start_soon(consume)
        await clock.advance(59)
        assert gateway.transport.requests == []
        await clock.advance(1)
        assert (len(gateway.transport.requests), len(gateway.messages)) == (1, 5)
        if not coalesce:
            send.close()


async def test_sleeps_end_in_their_order() -> None:
    """Several at once: by itself the clock goes to the next end, and each sees its own time."""
    clock, ends = VirtualClock(0.0), list[tuple[float, float]]()

    async def sleep(seconds: float) -> None:
        await clock.simulated_sleep(seconds)
        ends.append((seconds, clock()))

    async with anyio.create_task_group() as tasks:
        for seconds in (30, 10, 20, 10):
            tasks.start_soon(sleep, seconds)
    assert ends == [(10, 10.0), (10, 10.0), (20, 20.0), (30, 30.0)]
    with anyio.move_on_after(0):
        await sleep(99)
    await clock.advance(100)
    assert clock() == 130.0


async def test_a_deadline_passes_by_it() -> None:
    """A message whose deadline the pause would pass is not sent again."""
    clock = VirtualClock()
    gateway = SandboxGateway(clock=clock, policy=Policy(retries=3, pause=30, max_pause=30), script=[BUSY])
    result = await gateway.send(code(), providers=["tencent-v5"], within=10)
    assert (len(result.attempts), result.accepted) == (1, False)
    late = code(expires_at=datetime.fromtimestamp(clock() + 5, UTC))
    await clock.advance(5)
    assert (await gateway.send(late)).reason is Reason.EXPIRED


async def test_health_is_its_time() -> None:
    """A vendor that is down is tried again when the clock has passed its time, and not before."""
    clock = VirtualClock()
    rule = Rule(provider="tencent-v5", response=Response.NO_CONNECTION, until=5)
    gateway = SandboxGateway(clock=clock, script=[rule], policy=Policy(alternate_within=0))
    for index in range(4):
        await gateway.send(code(index))
    assert gateway.health()["tencent-v5"].state == "down"
    await clock.advance(14)
    assert (await gateway.send(code(10))).provider == "huawei"
    await clock.advance(3600)
    assert (await gateway.send(code(11))).provider == "tencent-v5"


@pytest.mark.parametrize("kind", [Outbox, SandboxGateway])
async def test_keys_are_remembered_by_it(kind: type[Outbox] | type[SandboxGateway]) -> None:
    """A key is one message for `dedupe_seconds` of it, and another one after that."""
    clock = VirtualClock()
    gateway = kind(clock=clock, dedupe_seconds=600)
    for seconds, sent in ((0, 1), (590, 1), (20, 2)):
        await clock.advance(seconds)
        await gateway.send(code(key="order-1"))
        assert len(gateway.messages) == sent


async def test_network_timeouts_are_none_of_its_time() -> None:
    """Neither a response that is slow nor one that never comes moves the clock."""
    clock = VirtualClock()
    gateway = SandboxGateway(clock=clock)
    gateway.sandbox.faults.stall("tencent", 3.0)
    assert (await gateway.send(code())).accepted
    gateway.sandbox.faults.stall("tencent")
    assert (await gateway.send(code(1))).outcome is Outcome.UNKNOWN
    transport = SandboxTransport(gateway.sandbox, clock=clock)
    assert transport.simulated_sleep != clock.simulated_sleep


async def test_works_on_another_loop_and_thread() -> None:
    """A pause in another thread's event loop ends when this one moves the clock."""
    clock, began = VirtualClock(auto=False), anyio.Event()
    gateway = SandboxGateway(clock=clock, policy=PAUSES, script=[BUSY])

    def other() -> None:
        anyio.from_thread.run_sync(began.set)
        anyio.run(lambda: gateway.send(code(), providers=["tencent-v5"]))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.to_thread.run_sync, other)
        await began.wait()
        while not gateway.results:
            await clock.advance(30)
            await anyio.sleep(0.01)
    assert gateway.results[0].accepted


async def test_a_server_pushes_by_it() -> None:
    """Behind a real port the vendors push when the clock says so, to this machine; `advance` waits for the answer."""
    clock = VirtualClock()
    with receiver() as inbox:
        callbacks = {"tencent-v5": inbox.tencent}
        gateway = SandboxGateway(clock=clock, callbacks=callbacks, script=[Rule(reports=Report(after=60))])
        async with gateway.serve():
            await gateway.send(code())
            await clock.advance(59)
            await anyio.sleep(0.2)
            assert inbox.reports == []
            await clock.advance(1)
            gateway.assert_all_accounted_for(reported=True)
    await gateway.send(code())
    await clock.advance(60)  # nobody pushes any more, and nobody is waited for
    assert len(gateway.sandbox.pushes) == 1


async def test_a_server_makes_up_no_callback() -> None:
    """Without `callbacks` a server pushes nowhere: reports wait to be pulled."""
    gateway = SandboxGateway()
    async with gateway.serve():
        await gateway.send(code())
        assert gateway.sandbox.next_push_at is None


def test_the_fixture_is_the_clock_of_both_gateways(pytester: pytest.Pytester) -> None:
    """A test that uses `sms_clock` gets it in both gateways; another one gets real time; two clocks are an error."""
    pytester.makepyfile(
        """
        import time
        import pytest
        from smsgate.testing import VirtualClock

        @pytest.fixture
        def moved(sms_clock):
            return sms_clock

        def test_both(sms_outbox, sms_sandbox, sms_clock):
            assert sms_outbox.clock is sms_sandbox.clock is sms_clock

        class TestOptions:
            @pytest.fixture
            def sms_options(self):
                return {"clock": time.time}

            def test_without(self, sms_outbox):
                pass

            def test_two(self, sms_outbox, moved):
                pass
        """
    )
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["fixture sms_options: clock: the test uses sms_clock as well*"])
