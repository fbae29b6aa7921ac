"""Whoever stops waiting, and whenever: each message has one recorded outcome, and a true one."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable

import anyio
import pytest

from smsgate import Gateway, Outcome, Timeouts

from . import scripts as s
from .driver import Recorder, check_resources, code, gateway, leakless, resources, tencent, until
from .steps import Steps
from .stub import Script, Stub

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("network")]

PROBE = "13899999999"
PATIENT = Timeouts(connect=5, write=5, read=5, total=6)
SCRIPTS: dict[str, Script] = {
    "accepts": s.accept,
    "reads-and-leaves": s.unprocessed(lambda line: line.close()),
    "processes-and-leaves": s.processed(lambda line: line.close()),
    "resets": lambda line: line.reset(),
    "is-busy": s.refuse(60007),
}


async def by_cancel_scope(sms: Gateway, mobile: str, number: int) -> bool:
    """The scope around the send is cancelled, as by a timeout of the caller's own."""
    scope = anyio.CancelScope()

    async def caller() -> None:
        with scope:
            await sms.send(code(mobile))

    steps = Steps(number, scope.cancel)
    with steps.counting():
        async with anyio.create_task_group() as group:
            group.start_soon(caller)
    return steps.reached


async def by_task_cancel(sms: Gateway, mobile: str, number: int) -> bool:
    """asyncio's own cancellation of the caller."""
    steps = Steps(number, lambda: caller.cancel())
    with steps.counting():
        caller = asyncio.ensure_future(sms.send(code(mobile)))
        await asyncio.wait([caller])
    return steps.reached


async def by_cancelling_whoever_pauses(sms: Gateway, mobile: str, number: int) -> bool:
    """asyncio's own cancellation of the gateway's task, as when a loop is shut down."""

    def cancel() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()

    steps = Steps(number, cancel)
    with steps.counting():
        await asyncio.wait([asyncio.ensure_future(sms.send(code(mobile)))])
    return steps.reached


async def by_closing(sms: Gateway, mobile: str, number: int) -> bool:
    """The gateway is closed, and its deadline is now."""
    due = anyio.Event()

    async def caller() -> None:
        await sms.send(code(mobile))
        due.set()

    async def closer() -> None:
        await due.wait()
        await sms.aclose(timeout=0)

    steps = Steps(number, due.set)
    with steps.counting():
        async with anyio.create_task_group() as group:
            group.start_soon(caller)
            group.start_soon(closer)
    return steps.reached


Interruption = Callable[[Gateway, str, int], Awaitable[bool]]
"""Sends to a mobile, interrupts that at the n-th pause, and tells whether it came to so many."""


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("interrupt", [by_cancel_scope, by_closing])
async def test_interrupted_at_every_await(
    interrupt: Interruption, script: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Fault 51: at whichever await a send ends, one outcome is recorded, NOT_SENT only of what was not processed."""
    await sweep(interrupt, script, caplog)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("interrupt", [by_task_cancel, by_cancelling_whoever_pauses])
async def test_cancelled_by_asyncio_at_every_await(
    interrupt: Interruption, script: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Fault 51: so too where asyncio's own `task.cancel()` does it, which no scope shields from."""
    await sweep(interrupt, script, caplog)


async def sweep(interrupt: Interruption, script: str, caplog: pytest.LogCaptureFixture) -> None:
    """Interrupt one send after another, each one pause later, until one comes through."""
    before = resources()
    with Stub(SCRIPTS[script]) as first, Stub(s.accept) as second:
        for number in itertools.count(1):
            first.script = SCRIPTS[script]
            reached = await interrupt_once(interrupt, number, first, second, caplog)
            if not reached:
                break
    assert number > 5, "the send had hardly any awaits"
    await check_resources(before)


async def interrupt_once(
    interrupt: Interruption, number: int, first: Stub, second: Stub, caplog: pytest.LogCaptureFixture
) -> bool:
    """Interrupt a send, probe the one connection that there is, and account for the message."""
    record, mobile = Recorder(), f"139{number:08d}"
    vendors = (tencent("first", first.url), tencent("second", second.url))
    sms = gateway(*vendors, timeouts=PATIENT, on_result=record, max_connections=1)
    reached = await interrupt(sms, mobile, number)
    if interrupt is not by_closing:
        await until(lambda: record.begun, "the outcome was not recorded")
        first.script = s.accept
        assert (await sms.send(code(PROBE), providers=["first"])).accepted
    await sms.aclose()
    await until(lambda: not first.open_lines + second.open_lines, "a connection was left open")
    (result,) = (result for result in record.begun if str(result.message.to) == f"+86{mobile}")
    assert result in record.ended or interrupt is by_cancelling_whoever_pauses
    charges = first.charges.count(mobile) + second.charges.count(mobile)
    assert charges <= (result.outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN)), (number, result)
    leakless([result, sms], result, caplog.records)
    return reached
