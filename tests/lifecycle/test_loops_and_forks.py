"""One gateway belongs to one event loop of one process, and says so."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from fake_vendors import LOGIN, Wire, alpha, login, number
from loopback import Loopback
from networks import NETWORKS, expression

from smsgate import ClosedError, ConfigurationError, Gateway, Result, WrongLoopError

SUPPORT = Path(__file__).parent.parent / "support"
ONE_CLEAR_ERROR = (
    "this Gateway is in use on another event loop, and its connections belong to that one. Make one Gateway per loop "
    "(in the application's lifespan, in the test's fixture). Code that is not async, and async code "
    "on a loop that lasts for one call or request, has smsgate.sync.Gateway: see docs/from-sync-code.md"
)


def gateway(wire: Wire, recorded: list[Result] | None = None, coalesce: float | None = None) -> Gateway:
    on_result = None if recorded is None else recorded.append
    return Gateway([alpha()], templates=[LOGIN], transport=wire, on_result=on_result, coalesce=coalesce)


async def send(under_test: Gateway) -> Result:
    return await under_test.send(login())


async def send_many(under_test: Gateway) -> None:
    async for _ in under_test.send_many([login()]):
        pass


async def close(under_test: Gateway) -> None:
    await under_test.aclose()


@pytest.mark.parametrize("use", [send, send_many, close])
@pytest.mark.parametrize("coalesce", [None, 0.001])
@pytest.mark.parametrize(("first", "second"), [("asyncio", "asyncio"), ("asyncio", "trio"), ("trio", "asyncio")])
def test_second_loop(first: str, second: str, use: Callable[[Gateway], Any], coalesce: float | None) -> None:
    """Used from a second event loop, one after another: one clear error of ours, and nothing is sent."""
    wire, recorded = Wire(), list[Result]()
    under_test = gateway(wire, recorded, coalesce)
    anyio.run(send, under_test, backend=first)
    with pytest.raises(WrongLoopError) as caught:
        anyio.run(use, under_test, backend=second)
    assert str(caught.value) == ONE_CLEAR_ERROR
    assert isinstance(caught.value, ConfigurationError)
    assert isinstance(caught.value, RuntimeError)
    assert len(wire.calls) == len(recorded) == 1


def test_second_asyncio_run() -> None:
    """A second `asyncio.run` has a loop of its own: the same error."""
    under_test = gateway(Wire())
    asyncio.run(send(under_test))
    with pytest.raises(WrongLoopError, match="in use on another event loop"):
        asyncio.run(send(under_test))


def test_loop_of_another_thread() -> None:
    """A loop in another thread, while the first one runs: the same error there, and the first goes on."""
    errors: list[BaseException] = []
    under_test = gateway(Wire())

    def elsewhere() -> None:
        try:
            asyncio.run(send(under_test))
        except WrongLoopError as error:
            errors.append(error)

    async def main() -> None:
        await send(under_test)
        thread = threading.Thread(target=elsewhere)
        thread.start()
        await asyncio.to_thread(thread.join)
        assert (await send(under_test)).accepted
        await under_test.aclose()

    asyncio.run(main())
    assert len(errors) == 1


def test_closed_on_its_own_loop_and_used_on_another() -> None:
    """A closed gateway says that it is closed, on whatever loop."""

    async def main(under_test: Gateway) -> None:
        async with under_test:
            await send(under_test)

    under_test = gateway(Wire())
    asyncio.run(main(under_test))
    with pytest.raises(ClosedError):
        asyncio.run(send(under_test))


def test_results_of_a_loop_that_has_ended() -> None:
    """Results that outlive their loop can be dropped."""

    async def main(under_test: Gateway) -> object:
        results = under_test.send_many([login(number(1)), login(number(2))])
        await anext(results)
        return results

    under_test = gateway(Wire())
    results = asyncio.run(main(under_test))
    del results


def test_without_any_loop() -> None:
    """Called where no loop runs, `send_many` says so, and the gateway can still be used."""
    wire = Wire()
    under_test = gateway(wire)
    with pytest.raises(ConfigurationError, match="no event loop is running"):
        under_test.send_many([login()])
    assert anyio.run(send, under_test).accepted


FORKING = """
import os, sys
import anyio
from fake_vendors import LOGIN, alpha, login
import smsgate.transport
from smsgate import Gateway

def make():
    return Gateway([alpha(url=sys.argv[1], batch_limit=10)], templates=[LOGIN], transport=TRANSPORT, coalesce=COALESCE)

async def use(gateway, times):
    for _ in range(times):
        assert (await gateway.send(login())).accepted
    assert len([result async for result in gateway.send_many([login(), login("+8613900139000")])]) == 2

async def use_and_close(gateway, times):
    async with gateway:
        await use(gateway, times)

def fork(work):
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return child

def wait_for(child):
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""
MADE_BEFORE = """
gateway = make()
children = [fork(lambda: anyio.run(use_and_close, gateway, 2, backend="BACKEND")) for _ in range(2)]
for child in children:
    wait_for(child)
anyio.run(use_and_close, gateway, 2, backend="BACKEND")
"""
USED_BEFORE = """
gateway = make()
anyio.run(use, gateway, 2, backend="BACKEND")
wait_for(fork(lambda: anyio.run(use_and_close, gateway, 1, backend="BACKEND")))
"""
USED_MEANWHILE = """
gateway = make()
async def main():
    await use(gateway, 1)
    def in_child():
        import threading
        errors = []
        def run():
            try:
                anyio.run(use_and_close, gateway, 1, backend="BACKEND")
            except BaseException as error:
                errors.append(error)
        thread = threading.Thread(target=run)  # the child's own thread still has the parent's running loop
        thread.start()
        thread.join()
        if errors:
            raise errors[0]
    wait_for(fork(in_child))
    await use(gateway, 1)
    await gateway.aclose()
anyio.run(main, backend="BACKEND")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no os.fork")
@pytest.mark.parametrize(
    ("network", "coalesce"),
    [*((network, None) for network in NETWORKS), ("httpx", 0.001)],  # what coalesces knows no library
    indirect=["network"],
)
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize(
    ("program", "sends", "connections"),
    [(MADE_BEFORE, 9, 3), (USED_BEFORE, 5, 2), (USED_MEANWHILE, 6, 2)],
    ids=["made-before", "used-before", "used-meanwhile"],
)
@pytest.mark.usefixtures("network")
def test_fork(program: str, sends: int, connections: int, backend: str, coalesce: float | None) -> None:
    """Made, or even used, before a fork: the child opens connections of its own, and the parent keeps its own."""
    environment = {"PYTHONPATH": str(SUPPORT), "PYTHONWARNINGS": "ignore::DeprecationWarning"}
    text = (FORKING + program).replace("BACKEND", backend).replace("TRANSPORT", expression())
    text = text.replace("COALESCE", repr(coalesce))
    with Loopback.running() as vendor:
        done = subprocess.run(
            [sys.executable, "-c", text, vendor.url],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(vendor.requests) == sends
    assert len(vendor.ports) == connections
