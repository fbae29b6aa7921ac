"""Connections that nobody uses: they are closed after `keepalive_expiry`, and nothing runs on their account."""

import contextvars
import gc
import os
import subprocess
import sys
import weakref
from typing import Any

import anyio
import pytest
from networks import expression

from smsgate import Gateway

from . import scripts as s
from .driver import check_resources, code, gateway, resources, tencent, until
from .stub import Line, Stub

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("network")]

BURST = 20


def slow(line: Line) -> None:
    """Keeps a connection busy for long enough that every message of a burst needs its own."""
    request = line.read()
    line.charge(request)
    while line.stub.open_lines < BURST:
        line.wait(0.01)
    line.write(s.v5(request))


async def burst(sms: Gateway) -> None:
    async with anyio.create_task_group() as group:
        for index in range(BURST):
            group.start_soon(sms.send, code(f"1390000{index:04d}"))


def established(port: int) -> int:
    """How many sockets of this process are connected to *port*, as Linux counts them."""
    with open("/proc/self/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table][1:]
    return sum(1 for row in rows if int(row[2].partition(":")[2], 16) == port and row[3] == "01")


async def test_no_socket_stays_after_a_burst() -> None:
    """After 20 sends at once no connection stays established, although nothing is sent any more."""
    with Stub(slow) as stub:
        async with gateway(tencent("first", stub.url), keepalive_expiry=0.2) as sms:
            before = resources()
            await burst(sms)
            assert stub.connections == BURST
            await until(lambda: not stub.open_lines, "a connection was left open")
            if sys.platform == "linux":
                await until(lambda: not established(stub.port), "a socket stayed ESTABLISHED")
            await check_resources(before)  # file descriptors, and no task is left waiting either
            stub.script = s.accept
            assert (await sms.send(code())).accepted
            assert stub.connections == BURST + 1
            await until(lambda: not stub.open_lines, "the timer did not start again")


async def test_a_connection_in_use_is_kept() -> None:
    """A connection that is used more often than it would expire stays the same one."""
    with Stub(s.accept) as stub:
        async with gateway(tencent("first", stub.url), keepalive_expiry=5.0) as sms:
            for index in range(10):
                assert (await sms.send(code(f"1390000{index:04d}"))).accepted
                await anyio.sleep(0.01)
    assert stub.connections == 1


async def test_close_stops_the_timer() -> None:
    """A gateway that is closed leaves nothing behind that waits for its connections to expire."""
    before = resources()
    with Stub(s.accept) as stub:
        async with gateway(tencent("first", stub.url), keepalive_expiry=45.0) as sms:
            assert (await sms.send(code())).accepted
    await check_resources(before)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("expiry", [0.0, 45.0])
def test_a_gateway_that_is_never_closed(backend: str, expiry: float) -> None:
    """A program that ends without closing it ends at once, without a word about tasks that are left."""
    program = f"""
import anyio, asyncio, sys
import smsgate.transport
from smsgate import Gateway, Message, Template
from smsgate.tencent import TencentV5

def make():
    provider = TencentV5("1400006666", "canary-app-key-2b7e151628aed2a6", base_url=sys.argv[1])
    return Gateway(
        [provider],
        templates=[Template("login", ids={{"tencent-v5": "19"}})],
        keepalive_expiry={expiry},
        transport={expression()},
    )

async def main(sms):
    assert (await sms.send(Message("+8613800138000", "login"))).accepted
    await anyio.sleep(0.05)

anyio.run(main, make(), backend={backend!r})
if {backend!r} == "asyncio":  # a loop that is closed without an end to its tasks, as old code does
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main(make()))
    loop.close()
"""
    with Stub(s.accept) as stub:
        done = subprocess.run(
            [sys.executable, "-W", "ignore::ResourceWarning", "-c", program, stub.url],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no os.fork")
def test_a_fork_while_connections_are_idle(backend: str) -> None:
    """The child has timers of its own, and leaves the parent's connections to the parent."""
    program = f"""
import anyio, gc, os, stat, sys
import smsgate.transport
from smsgate import Gateway, Message, Template
from smsgate.tencent import TencentV5

provider = TencentV5("1400006666", "canary-app-key-2b7e151628aed2a6", base_url=sys.argv[1])
sms = Gateway(
    [provider],
    templates=[Template("login", ids={{"tencent-v5": "19"}})],
    keepalive_expiry=0.2,
    transport={expression()},
)

def sockets():
    return sum(1 for each in os.listdir("/dev/fd") if is_socket(int(each)))

def is_socket(number):
    try:
        return stat.S_ISSOCK(os.fstat(number).st_mode)
    except OSError:  # the directory itself
        return False

async def main():
    assert (await sms.send(Message("+8613800138000", "login"))).accepted
    gc.collect()  # the parent's event loop, which the child has inherited, had sockets too
    opened = sockets()
    for _ in range(1000):
        if sockets() == opened - 1:
            return
        await anyio.sleep(0.01)
    raise AssertionError("a connection was left open")

async def parent():
    assert (await sms.send(Message("+8613800138000", "login"))).accepted

anyio.run(parent, backend={backend!r})
child = os.fork()
if child == 0:
    try:
        anyio.run(main, backend={backend!r})
    except BaseException as error:
        print(repr(error), file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""
    environment = os.environ | {"PYTHONWARNINGS": "ignore"}
    with Stub(s.accept) as stub:
        done = subprocess.run(
            [sys.executable, "-c", program, stub.url],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (0, "")


class Session:
    """What an application keeps in the context of a request."""


async def test_the_timer_keeps_nothing_of_its_starter() -> None:
    """What the context of a send held is let go of when the send is over, however long its connection then idles."""
    held: contextvars.ContextVar[Any] = contextvars.ContextVar("held")
    seen: list[weakref.ref[Session]] = []

    async def request(sms: Gateway) -> None:
        session = Session()
        held.set(session)
        seen.append(weakref.ref(session))
        assert (await sms.send(code())).accepted

    with Stub(s.accept) as stub:
        async with gateway(tencent("first", stub.url), keepalive_expiry=45.0) as sms:
            async with anyio.create_task_group() as group:
                group.start_soon(request, sms)
            await anyio.wait_all_tasks_blocked()
            gc.collect()
            assert seen[0]() is None
