"""What takes long happens in a thread: importing the HTTP client and the numbering plans, reading certificates."""

import importlib
import ssl
import subprocess
import sys
import threading
from typing import Any

import anyio
import pytest
from fake_vendors import LOGIN, FakeVendor, Wire, login, number
from networks import expression, over_network

from smsgate import Batch, ClosedError, Gateway, HttpRequest, Outcome, Reason, Result
from smsgate.sending import numbering

PROGRAM = """
import sys, threading

class Watch:
    threads = {}
    def find_spec(self, name, path=None, target=None):
        self.threads.setdefault(name, threading.current_thread())

sys.meta_path.insert(0, Watch())

import anyio
import smsgate.transport
from smsgate import Gateway, Message, Policy, Template
from smsgate.tencent import TencentV5

async def main():
    gateway = Gateway(
        [TencentV5("1400006666", "key", base_url="BASE")],
        templates=[Template("login", ids={"tencent-v5": "19"})],
        transport=TRANSPORT,
    )
    assert not {"httpx", "httpx2", "aiohttp"} & set(sys.modules)
    async with gateway:
        result = await gateway.send(Message("+8613800138000", "login"))
    assert str(result.outcome) == "NOT_SENT", result

anyio.run(main, backend="BACKEND")
assert not {"httpx", "httpx2"} & set(sys.modules)  # what they send over is enough
for name in LIBRARY:
    assert Watch.threads[name] is not threading.main_thread(), name
"""


LIBRARIES = {
    "httpx": ("httpcore",),
    "httpx2": ("httpcore2",),
    "aiohttp": ("aiohttp", "smsgate.transport.aiohttp_connection"),
}


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("base", ["https://127.0.0.1:1", "http://127.0.0.1:1"])
def test_the_http_library_is_imported_in_a_thread(base: str, backend: str, network: str) -> None:
    """The first send imports the HTTP client, which takes a fifth of a second, while the event loop goes on."""
    program = PROGRAM.replace("BASE", base).replace("BACKEND", backend)
    program = program.replace("TRANSPORT", expression()).replace("LIBRARY", repr(LIBRARIES[network]))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


NUMBERING = (
    PROGRAM.split("async def main")[0]
    + """
async def main():
    gateway = Gateway(
        [TencentV5("1400006666", "key", base_url="http://127.0.0.1:1")],
        templates=[Template("login", ids={"tencent-v5": "19"})],
        default_region="CN",
        policy=Policy(health=None),
    )
    async with gateway:
        for to in ("+86 138-0013-8000", "138 0013 8000", "+86 110", "10086"):
            async for result in gateway.send_many([Message(to, "login")]):
                assert str(result.reason) in ("NETWORK", "INVALID_NUMBER"), result
        assert "phonenumbers" not in sys.modules
        if "HOW" == "send":
            async with anyio.create_task_group() as tasks:
                for to in ("+6581234567", "+447911123456", "00852 6123 4567"):
                    tasks.start_soon(gateway.send, Message(to, "login"))
        else:
            async for result in gateway.send_many([Message("+6581234567", "login")]):
                assert str(result.reason) == "NETWORK", result

anyio.run(main, backend="BACKEND")
for name in ("phonenumbers", "smsgate.model.numbering"):
    assert Watch.threads[name] is not threading.main_thread(), name
"""
)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("how", ["send", "send_many"])
def test_numbering_plans_are_imported_in_a_thread(how: str, backend: str) -> None:
    """Numbers of the mainland never need them, sound or not; the first of another country loads them, in a thread."""
    program = NUMBERING.replace("HOW", how).replace("BACKEND", backend)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.anyio
@pytest.mark.parametrize("how", ["send", "send_many"])
@pytest.mark.parametrize("to", ["+6581234567", "+1415555"])
async def test_cancelled_while_they_load(monkeypatch: pytest.MonkeyPatch, to: str, how: str) -> None:
    """A message whose send is cancelled meanwhile has its one recorded result, and nothing is sent."""
    recorded: list[Result] = []
    entered, release = threading.Event(), threading.Event()

    def load() -> None:
        entered.set()
        release.wait(30)

    monkeypatch.setattr(numbering, "_import", load)
    wire = Wire()
    gateway = Gateway([FakeVendor("alpha")], templates=[LOGIN], transport=wire, on_result=recorded.append)
    async with anyio.create_task_group() as tasks:

        async def send() -> None:
            if how == "send":
                await gateway.send(login(to))
            else:
                async with gateway.send_many([login(to), login()]) as results:
                    await anext(results)

        tasks.start_soon(send)
        assert await anyio.to_thread.run_sync(entered.wait, 30)
        tasks.cancel_scope.cancel()
        release.set()
    await gateway.aclose()
    assert [str(result.message.to) for result in recorded] == [to]
    assert recorded[0].reason is (Reason.NETWORK if to.startswith("+65") else Reason.INVALID_NUMBER)
    assert not wire.calls


@pytest.mark.anyio
async def test_closed_while_they_load(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that is closed meanwhile sends nothing more."""
    entered, release = threading.Event(), threading.Event()

    def load() -> None:
        entered.set()
        release.wait(30)

    monkeypatch.setattr(numbering, "_import", load)
    wire = Wire()
    gateway = Gateway([FakeVendor("alpha")], templates=[LOGIN], transport=wire)
    async with anyio.create_task_group() as tasks:

        async def send() -> None:
            with pytest.raises(ClosedError):
                await gateway.send(login("+6581234567"))

        tasks.start_soon(send)
        assert await anyio.to_thread.run_sync(entered.wait, 30)
        await gateway.aclose()
        release.set()
    assert not wire.calls


class Unreachable(FakeVendor):
    """A provider that nothing listens for, over TLS."""

    def build_request(self, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        return HttpRequest("POST", "https://127.0.0.1:1/", {}, b"{}")


@pytest.mark.anyio
@pytest.mark.usefixtures("network")
async def test_certificates_are_read_once_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many messages come first at once, the certificates are read once, and not on the event loop."""
    importlib.import_module("aiohttp")  # which makes contexts of its own when it is imported
    threads: list[threading.Thread] = []
    create = ssl.create_default_context

    def watched(**options: Any) -> object:
        threads.append(threading.current_thread())
        return create(**options)

    monkeypatch.setattr(ssl, "create_default_context", watched)
    outcomes: list[Outcome] = []
    async with (
        Gateway([Unreachable("alpha")], templates=[LOGIN], **over_network({})) as gateway,
        anyio.create_task_group() as tasks,
    ):

        async def send(to: str) -> None:
            outcomes.append((await gateway.send(login(to))).outcome)

        for index in range(20):
            tasks.start_soon(send, number(index))
    assert outcomes == [Outcome.NOT_SENT] * 20
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()
