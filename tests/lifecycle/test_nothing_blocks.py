"""What takes long happens in a thread: importing the HTTP client, reading certificates."""

import subprocess
import sys
import threading
from typing import Any

import anyio
import httpx
import pytest
from fake_vendors import LOGIN, FakeVendor, login, number

from smsgate import Batch, Gateway, HttpRequest, Outcome

PROGRAM = """
import sys, threading

class Watch:
    threads = {}
    def find_spec(self, name, path=None, target=None):
        self.threads.setdefault(name, threading.current_thread())

sys.meta_path.insert(0, Watch())

import anyio
from smsgate import Gateway, Message, Template
from smsgate.tencent import TencentV5

async def main():
    gateway = Gateway(
        [TencentV5("1400006666", "key", base_url="BASE")],
        templates=[Template("login", ids={"tencent-v5": "19"})],
    )
    assert "httpx" not in sys.modules
    async with gateway:
        result = await gateway.send(Message("+8613800138000", "login"))
    assert str(result.outcome) == "NOT_SENT", result

anyio.run(main, backend="BACKEND")
for name in ("httpx", "httpcore", "smsgate.transport.httpx_request"):
    assert Watch.threads[name] is not threading.main_thread(), name
"""


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("base", ["https://127.0.0.1:1", "http://127.0.0.1:1"])
def test_httpx_is_imported_in_a_thread(base: str, backend: str) -> None:
    """The first send imports the HTTP client, which takes a fifth of a second, while the event loop goes on."""
    program = PROGRAM.replace("BASE", base).replace("BACKEND", backend)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


class Unreachable(FakeVendor):
    """A provider that nothing listens for, over TLS."""

    def build_request(self, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        return HttpRequest("POST", "https://127.0.0.1:1/", {}, b"{}")


@pytest.mark.anyio
async def test_certificates_are_read_once_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many messages come first at once, the certificates are read once, and not on the event loop."""
    threads: list[threading.Thread] = []
    create = httpx.create_ssl_context

    def watched(**options: Any) -> object:
        threads.append(threading.current_thread())
        return create(**options)

    monkeypatch.setattr(httpx, "create_ssl_context", watched)
    outcomes: list[Outcome] = []
    async with Gateway([Unreachable("alpha")], templates=[LOGIN]) as gateway, anyio.create_task_group() as tasks:

        async def send(to: str) -> None:
            outcomes.append((await gateway.send(login(to))).outcome)

        for index in range(20):
            tasks.start_soon(send, number(index))
    assert outcomes == [Outcome.NOT_SENT] * 20
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()
