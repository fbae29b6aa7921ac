"""Runs one fault: a message to a vendor that misbehaves, a healthy one behind it, then everything that must hold."""

import asyncio
import logging
import os
import pickle
import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import anyio
import attrs
import trio
from networks import over_network

from smsgate import Gateway, Message, Outcome, Policy, Result, SendError, SmsProvider, Template, Timeouts
from smsgate.tencent import TencentV5

from .scripts import accept
from .stub import APP_KEY, Script, Stub
from .vendors import Bulky

__all__ = [
    "CANARIES",
    "HASTY",
    "NUMBER",
    "PARAM",
    "PATIENT",
    "PROBES",
    "TEMPLATE",
    "Fault",
    "Recorder",
    "check_resources",
    "code",
    "gateway",
    "leakless",
    "probe",
    "resources",
    "run",
    "tencent",
    "until",
]

NUMBER = "13712345678"
PARAM = "canary-param-4821"
CANARIES = (APP_KEY, PARAM, NUMBER)
TEMPLATE = Template("login", params=("code", "minutes"), ids=dict.fromkeys(("first", "second", "bulky"), "19"))
PATIENT = Timeouts(connect=5, write=5, read=5, total=10)
HASTY = Timeouts(connect=2, write=0.8, read=0.8, total=1.5)
PROBES = 10


@attrs.frozen
class Fault:
    """One row of the matrix: what the first vendor does, and what must be told of it."""

    row: str
    """The fault's number; several rows may try the same fault in several ways."""
    name: str
    script: Script = attrs.field(repr=False)
    outcomes: tuple[Outcome, ...]
    """What may be said of the first vendor. More than one where the network decides."""
    charged: bool
    """Whether the first vendor processed it."""
    onward: bool = False
    """Whether a refusal sends the message on to the second vendor."""
    timeouts: Timeouts = PATIENT
    size: int = 0
    """Makes the first vendor a stranger's, whose requests are that large."""


@attrs.define
class Recorder:
    """An `on_result` that takes its time, as a database would."""

    begun: list[Result] = attrs.field(factory=list[Result])
    ended: list[Result] = attrs.field(factory=list[Result])

    async def __call__(self, result: Result) -> None:
        self.begun.append(result)
        await anyio.lowlevel.checkpoint()
        self.ended.append(result)


def code(mobile: str = NUMBER, **options: Any) -> Message:
    """A message with canaries in it."""
    return Message(f"+86{mobile}", "login", {"code": PARAM, "minutes": "5"}, **options)


def tencent(name: str, url: str) -> TencentV5:
    """The vendor behind a stub."""
    return TencentV5("1400006666", APP_KEY, name=name, base_url=url)


def gateway(*providers: SmsProvider, **options: Any) -> Gateway:
    """A gateway that knows the template and does not dawdle."""
    settings: dict[str, Any] = {"policy": Policy(pause=0.01, max_pause=0.02), "timeouts": PATIENT, **options}
    return Gateway(providers, templates=[TEMPLATE], **over_network(settings))


async def run(fault: Fault, logs: Sequence[logging.LogRecord]) -> Result:
    """Send one message into *fault*, check what must hold, and probe the vendor after it has recovered."""
    before = resources()
    record = Recorder()
    with Stub(fault.script) as first, Stub(accept) as second:
        faulty = Bulky("first", first.url, fault.size) if fault.size else tencent("first", first.url)
        vendors = (faulty, tencent("second", second.url))
        async with gateway(*vendors, timeouts=fault.timeouts, on_result=record, max_connections=PROBES) as sms:
            result = await sms.send(code())
            _check_outcome(fault, result, first, second)
            assert record.ended == [result], "one recorded outcome per message"
            leakless([result, sms], result, logs)
            if isinstance(faulty, Bulky):
                faulty.size = 0
            first.script = accept
            await probe(sms, first)
            assert not first.violations + second.violations
    await check_resources(before)
    return result


def _check_outcome(fault: Fault, result: Result, first: Stub, second: Stub) -> None:
    told = result.attempts[0]
    assert told.provider == "first"
    assert told.outcome in fault.outcomes, f"{told.outcome}: {told.description}"
    assert NUMBER in first.charges or not fault.charged, "the script did not get as far as it should"
    if told.outcome is Outcome.NOT_SENT:
        assert not first.charges, "NOT_SENT of what was processed"
    asked_on = told.outcome is Outcome.NOT_SENT or (told.outcome is Outcome.REJECTED and fault.onward)
    assert bool(second.requests) is asked_on
    assert result.outcome is (Outcome.ACCEPTED if asked_on else told.outcome)
    if told.outcome is not Outcome.REJECTED:
        assert len(first.charges + second.charges) <= 1, "charged twice"
    assert not result.possible_duplicate


async def probe(sms: Gateway, stub: Stub) -> None:
    """The vendor has recovered: every slot of the pool must work, all at once.

    Asked again where none is lost, but the machine stood still for longer than the fault's deadlines.
    """
    mobiles = [f"1390000{index:04d}" for index in range(PROBES)]
    results: list[Result] = []

    async def one(mobile: str) -> None:
        results.append(await sms.send(code(mobile), providers=["first"]))

    for _ in range(3):
        results.clear()
        charged = len(stub.charges)
        async with anyio.create_task_group() as group:
            for mobile in mobiles:
                group.start_soon(one, mobile)
        if all(result.accepted for result in results):
            assert sorted(stub.charges[charged:]) == mobiles
            return
    raise AssertionError([result.summary() for result in results])


def leakless(things: Iterable[object], result: Result, logs: Sequence[logging.LogRecord]) -> None:
    """No canary in what can be printed, logged, raised or pickled."""
    texts = [text for thing in things for text in (repr(thing), str(thing))]
    texts += [result.summary(), *(repr(attempt) for attempt in result.attempts)]
    texts += [text for log in logs for text in (log.getMessage(), repr(log.args), str(log.exc_text))]
    if not result.accepted:
        texts += exposures(result.raise_for_outcome)
    for text in texts:
        for canary in CANARIES:
            assert canary not in text


def exposures(call: Callable[[], object]) -> list[str]:
    """Everything that an error gives away: its text, its traceback with locals, its pickle."""
    try:
        call()
    except SendError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        return [shown, repr(error), str(error), pickle.dumps(error).decode("latin-1")]
    raise AssertionError("nothing was raised")


def resources() -> tuple[int, int]:
    """How many file descriptors this process and how many tasks this loop has."""
    try:
        tasks = len(asyncio.all_tasks())
    except RuntimeError:  # no asyncio loop: it is trio's
        tasks = trio.lowlevel.current_statistics().tasks_living
    return len(os.listdir("/dev/fd")), tasks


async def check_resources(before: tuple[int, int]) -> None:
    """What was opened is closed, once the other side's threads have ended and the loop has turned."""
    # Fewer is no leak: what an earlier test left to the garbage collector may have gone meanwhile.
    await until(
        lambda: all(now <= then for now, then in zip(resources(), before, strict=True)),
        "a file descriptor or a task leaked",
    )


async def until(condition: Callable[[], object], problem: str) -> None:
    """Wait until *condition* holds, for as long as a slow machine may take."""
    for _ in range(1000):
        if condition():
            return
        await anyio.sleep(0.01)
    raise AssertionError(problem)
