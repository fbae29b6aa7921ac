"""A fork while sends and calls are in flight: these are the parent's, and the child works without them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from loopback import Loopback

SUPPORT = Path(__file__).parent.parent / "support"

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no os.fork")

FORKING = """
import os, signal, sys, time
import anyio, anyio.to_thread

parent = os.getpid()

async def slow(*_):
    if os.getpid() == parent:
        await anyio.sleep(1)

def fork(work):
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        try:
            anyio.run(work, backend="BACKEND")
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

"""
SENDING = """
from fake_vendors import LOGIN, Wire, alpha, login, number
from smsgate import Gateway

async def rest():
    began = time.process_time()
    await anyio.sleep(0.5)
    used = time.process_time() - began
    assert used < 0.05, f"its event loop was busy for {used:.2f} s of 0.5 s"

async def main():
    gateway = Gateway([alpha()], templates=[LOGIN], OPTIONS)
    accepted = []

    async def send(index):
        accepted.append((await gateway.send(login(number(index)))).accepted)

    async def in_child():
        CHILD
        await rest()

    async with anyio.create_task_group() as group:
        group.start_soon(send, 1)
        group.start_soon(send, 2)
        results = gateway.send_many([login(number(3))])
        await anyio.sleep(0.2)
        await anyio.to_thread.run_sync(fork, in_child)
    assert [result.accepted async for result in results] == [True]
    await gateway.aclose()
    assert accepted == [True, True]

anyio.run(main, backend="BACKEND")
"""
WAITING = "transport=Wire(alpha=slow), max_connections=1"
ASKING = """
import httpx
from datetime import UTC, datetime, timedelta
from smsgate.management import ManagementClient
from smsgate.model.secret import Secret
from smsgate.provider.call import Call, Token, TokenSource
from smsgate.wire import HttpRequest

def request(context):
    return HttpRequest("POST", "https://vendor.test/")

def token(response):
    return Token(Secret("a token of the vendor"), datetime.now(UTC) + timedelta(hours=1))

async def answer(request):
    await slow()
    return httpx.Response(200)

source = TokenSource("account", Call("token", request, token))
call = Call("list", request, lambda response: response.status, token=source)
client = ManagementClient(transport=httpx.MockTransport(answer))

async def in_child():
    assert await client.run(call) == 200
    await client.aclose()

async def main():
    async with client, anyio.create_task_group() as group:
        group.start_soon(client.run, call)
        await anyio.sleep(0.2)
        await anyio.to_thread.run_sync(fork, in_child)
        assert await client.run(call) == 200

anyio.run(main, backend="BACKEND")
"""
SEND = """
import sys, threading
from importlib import import_module
import anyio
from fake_vendors import LOGIN, alpha, login
from smsgate import Gateway

gateway = Gateway([alpha(url="URL")], templates=[LOGIN])

async def send():
    result = await gateway.send(login("+14155552671"))
    assert result.accepted, result.summary()

async def send_and_close():
    await send()
    await gateway.aclose()
"""
LISTING = """
anyio.run(send_and_close, backend="BACKEND")
print(*sys.modules)
"""
IMPORTING = """
for name in NAMES:
    import_module(name)
importing = threading.Event()

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "MODULE" and os.getpid() == parent:
            importing.set()
            time.sleep(0.5)

sys.meta_path.insert(0, Slow())
thread = threading.Thread(target=anyio.run, args=(send,), kwargs={"backend": "BACKEND"})
thread.start()
importing.wait()
fork(send_and_close)
thread.join()
"""
RECORDING = "transport=Wire(), on_result=slow"
CLOSE = "await gateway.aclose()"
SEND_AND_CLOSE = "assert (await gateway.send(login())).accepted; await gateway.aclose()"
LEAVE_RESULTS = "assert (await gateway.send(login())).accepted; await results.aclose()"


def run(program: str, **words: str) -> tuple[int, str]:
    done = start(program, **words)
    return done.returncode, done.stderr


def start(program: str, **words: str) -> "subprocess.CompletedProcess[str]":
    for word, text in words.items():
        program = program.replace(word.upper(), text)
    environment = {"PYTHONPATH": str(SUPPORT), "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        [sys.executable, "-c", program], env=os.environ | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("options", [WAITING, RECORDING], ids=["waiting", "recording"])
@pytest.mark.parametrize("child", [CLOSE, SEND_AND_CLOSE, LEAVE_RESULTS], ids=["close", "send", "results"])
def test_sends(child: str, options: str, backend: str) -> None:
    """What the child closes ends at once, nothing of the parent's is cancelled there, and the parent goes on."""
    assert run(FORKING + SENDING, child=child, options=options, backend=backend) == (0, "")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_token_is_being_requested(backend: str) -> None:
    """The child requests one of its own: nobody there gives back the lock that a call of the parent's holds."""
    assert run(FORKING + ASKING, backend=backend) == (0, "")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("module", ["smsgate.sending.admission", "smsgate.model.numbering", "httpcore"])
def test_another_thread_imports(module: str, backend: str) -> None:
    """A fork waits until a thread has imported what sends need: the child could never do it again.

    All else is imported before: for what other libraries import at any time, no fork can wait.
    """
    with Loopback.running() as vendor:
        words = {"url": vendor.url, "module": module, "backend": backend}
        listed = start(FORKING + SEND + LISTING, **words).stdout.split()
        names = [name for name in listed if name.partition(".")[0] not in ("smsgate", "httpcore", "__main__")]
        assert run(FORKING + SEND + IMPORTING, names=repr(names), **words) == (0, "")
    assert len(vendor.requests) == 3
