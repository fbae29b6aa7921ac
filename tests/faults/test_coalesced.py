"""Two callers share a request, and one of them, a task of the gateway's or the loop ends at whichever await."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from functools import partial

import anyio
import pytest

from smsgate import Gateway, Outcome, Result

from . import scripts as s
from .driver import PATIENT, Recorder, check_resources, code, gateway, resources, tencent, until
from .steps import Steps
from .stub import Script, Stub

# httpx2's connection is httpx's, and a sweep over each library without sharing is in test_cancellation.
pytestmark = [
    pytest.mark.usefixtures("network"),
    pytest.mark.parametrize("network", ["httpx", "aiohttp"], indirect=True),
]

SCRIPTS: dict[str, Script] = {
    "accepts": s.accept,
    "processes-and-leaves": s.processed(lambda line: line.close()),
    "resets": lambda line: line.reset(),
    "is-busy": s.refuse(60007),
}
LEFT, STAYS = "13900000001", "13900000002"


async def by_cancel_scope(sms: Gateway, told: list[Result], number: int) -> bool:
    """The scope around one of the sends is cancelled."""
    scope = anyio.CancelScope()

    async def leave() -> None:
        with scope:
            await sms.send(code(LEFT))

    async def stay() -> None:
        told.append(await sms.send(code(STAYS)))

    steps = Steps(number, scope.cancel)
    with steps.counting():
        async with anyio.create_task_group() as group:
            group.start_soon(leave)
            group.start_soon(stay)
    return steps.reached


async def by_task_cancel(sms: Gateway, told: list[Result], number: int) -> bool:
    """asyncio's own cancellation of one caller."""
    steps = Steps(number, lambda: leaver.cancel())
    with steps.counting():
        leaver = asyncio.ensure_future(sms.send(code(LEFT)))
        stayer = asyncio.ensure_future(sms.send(code(STAYS)))
        await asyncio.wait([leaver, stayer])
    told.append(stayer.result())
    return steps.reached


async def by_cancelling_whoever_pauses(sms: Gateway, told: list[Result], number: int) -> bool:
    """asyncio's own cancellation of whichever task it is."""

    def cancel() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()

    steps = Steps(number, cancel)
    with steps.counting():
        await asyncio.wait([asyncio.ensure_future(sms.send(code(mobile))) for mobile in (LEFT, STAYS)])
    return steps.reached


async def by_closing(sms: Gateway, told: list[Result], number: int) -> bool:
    """The gateway is closed, and its deadline is now."""
    due = anyio.Event()

    async def caller(mobile: str) -> None:
        result = await sms.send(code(mobile))
        if mobile == STAYS:
            told.append(result)

    async def closer() -> None:
        await due.wait()
        await sms.aclose(timeout=0)

    steps = Steps(number, due.set)
    with steps.counting():
        async with anyio.create_task_group() as group:
            group.start_soon(closer)
            async with anyio.create_task_group() as callers:
                callers.start_soon(caller, LEFT)
                callers.start_soon(caller, STAYS)
            due.set()
    return steps.reached


Interruption = Callable[[Gateway, list[Result], int], Awaitable[bool]]
"""Sends to two mobiles, interrupts that at the n-th pause, and tells whether it came to so many."""


def has_two(record: Recorder) -> bool:
    return len(record.begun) == 2


def check(record: Recorder, *stubs: Stub) -> None:
    """One outcome for each message, and a true one; none is charged twice."""
    assert sorted(str(result.message.to) for result in record.begun) == [f"+86{LEFT}", f"+86{STAYS}"]
    for result in record.begun:
        mobile = str(result.message.to).removeprefix("+86")
        charges = sum(stub.charges.count(mobile) for stub in stubs)
        assert charges <= (result.outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN)), result


async def sweep(interrupt: Interruption, script: str, window: float) -> None:
    before = resources()
    for number in itertools.count(1):
        record, told = Recorder(), list[Result]()
        with Stub(SCRIPTS[script]) as first, Stub(s.accept) as second:
            vendors = (tencent("first", first.url), tencent("second", second.url))
            sms = gateway(*vendors, timeouts=PATIENT, on_result=record, coalesce=window)
            reached = await interrupt(sms, told, number)
            await until(partial(has_two, record), "an outcome was not recorded")
            await sms.aclose()
            await until(lambda: not first.open_lines + second.open_lines, "a connection was left open")
            check(record, first, second)
            if interrupt is not by_cancelling_whoever_pauses:
                (result,) = told
                assert result in record.begun
            if interrupt in (by_cancel_scope, by_task_cancel) and script in ("accepts", "is-busy"):
                assert told[0].accepted, "the caller who stayed lost something"
        if not reached:
            break
    assert number > 5, "the sends had hardly any awaits"
    await check_resources(before)


@pytest.mark.anyio
@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("interrupt", [by_cancel_scope, by_closing])
async def test_interrupted_at_every_await(interrupt: Interruption, script: str) -> None:
    """At whichever await one of two ends, both messages have one outcome, and the caller who stays is told it."""
    await sweep(interrupt, script, 0.001)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("interrupt", [by_task_cancel, by_cancelling_whoever_pauses])
async def test_cancelled_by_asyncio_at_every_await(interrupt: Interruption, script: str) -> None:
    """So too where asyncio's own `task.cancel()` does it, also to a task of the gateway's."""
    await sweep(interrupt, script, 0.001)


# anyio's own, of its connection attempts: a task that asyncio cancels before its first step drops what it should run.
@pytest.mark.filterwarnings("ignore:coroutine 'connect_tcp:RuntimeWarning")
def test_asyncio_run_ends_at_every_await() -> None:
    """A program may return at any moment: as many outcomes as sends, and none untrue."""
    leave_no_connection = s.respond(s.http(headers=["Content-Type: application/json", "Connection: close"]))

    async def main(sms: Gateway, number: int) -> bool:
        due = asyncio.Event()
        steps = Steps(number, due.set)
        with steps.counting():
            callers = [asyncio.ensure_future(sms.send(code(mobile))) for mobile in (LEFT, STAYS)]
            for caller in callers:
                caller.add_done_callback(lambda _: due.set())
            await asyncio.sleep(0)
            await due.wait()
        return steps.reached

    for number in itertools.count(1):
        with Stub(leave_no_connection) as first, Stub(s.accept) as second:
            record = Recorder()
            vendors = (tencent("first", first.url), tencent("second", second.url))
            sms = gateway(*vendors, timeouts=PATIENT, on_result=record, coalesce=0.001)
            reached = asyncio.run(main(sms, number))
            check(record, first, second)
        if not reached:
            break
    assert number > 5
