"""`Gateway.warm`: what the first send of a process takes longer for is done before it, and nothing is sent."""

import gc
import json
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import anyio
import httpx
import pytest
import trustme
from networks import over_network

from smsgate import ClosedError, Gateway, Message, Outcome, Template, Timeouts
from smsgate.huawei import HuaweiSms
from smsgate.sandbox import SandboxTransport
from smsgate.tencent import TencentV5

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("network")]


class Vendor(ThreadingHTTPServer):
    """Accepts every message of the v5 interface, and counts connections and requests."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.connections: list[object] = []
        self.requests = 0
        self._context = context

    def process_request(self, request: object, client_address: object) -> None:
        self.connections.append(request)
        super().process_request(request, client_address)  # type: ignore[arg-type]

    def get_request(self) -> tuple[socket.socket, Any]:
        request, address = super().get_request()
        if self._context is not None:  # the handshake is made by the thread that reads
            request = self._context.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
        return request, address

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that ends without a request is no error."""

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://localhost:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Vendor

    def do_POST(self) -> None:
        self.server.requests += 1
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        rows = [{**body["tel"], "result": 0, "errmsg": "OK", "sid": "1", "fee": 1}]
        answer = json.dumps({"result": 0, "errmsg": "OK", "ext": "", "sid": "1", "fee": 1, "detail": rows}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal."""


@contextmanager
def vendor(context: ssl.SSLContext | None = None) -> Iterator[Vendor]:
    with Vendor(context) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def gateway(*urls: str, **options: Any) -> Gateway:
    providers = [TencentV5("1400006666", "key", sign="Acme", base_url=url, name=f"v{n}") for n, url in enumerate(urls)]
    ids = {provider.name: "19" for provider in providers}
    return Gateway(providers, templates=[Template("login", params=("code",), ids=ids)], **over_network(options))


CODE = Message("+8613800138000", "login", {"code": "4821"})


async def until(found: list[object], count: int) -> None:
    with anyio.fail_after(5):
        while len(found) < count:  # noqa: ASYNC110  # the server is in a thread
            await anyio.sleep(0.005)


async def test_the_first_send_uses_the_open_connection() -> None:
    """One connection is opened and no request made; the first send and the next ones go over it."""
    with vendor() as server:
        async with gateway(server.url) as sending:
            assert await sending.warm() == {}
            await until(server.connections, 1)
            assert server.requests == 0
            for _ in range(3):
                assert (await sending.send(CODE)).outcome is Outcome.ACCEPTED
            assert (len(server.connections), server.requests) == (1, 3)
            assert await sending.warm() == {}  # there is one that is open: no other is
            assert len(server.connections) == 1


async def test_over_tls() -> None:
    """The certificate is checked when the connection is opened, and the request goes over it encrypted."""
    authority = trustme.CA()
    context, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(trusting)
    with vendor(context) as server:
        async with gateway(server.url, ssl_context=trusting) as sending:
            assert await sending.warm() == {}
            assert (await sending.send(CODE)).outcome is Outcome.ACCEPTED
            assert (len(server.connections), server.requests) == (1, 1)
        async with gateway(server.url) as doubting:
            problems = await doubting.warm()
            assert "TLS" in problems["v0"]
            assert server.requests == 1


async def test_a_vendor_that_is_not_there(caplog: pytest.LogCaptureFixture) -> None:
    """It is said in the log and in what is returned, and the others are warm all the same."""
    with vendor() as server:
        async with gateway("http://127.0.0.1:1", server.url) as sending:
            problems = await sending.warm()
            assert list(problems) == ["v0"]
            assert "no connection could be opened for v0" in caplog.text
            result = await sending.send(CODE)
            assert (result.outcome, result.provider) == (Outcome.ACCEPTED, "v1")
            assert len(server.connections) == 1


async def test_a_connection_that_the_vendor_closed_is_not_used() -> None:
    """A request over it would be of unknown outcome: the first send opens another one."""
    with vendor() as server:
        async with gateway(server.url) as sending:
            await sending.warm()
            await until(server.connections, 1)
            server.shutdown_request(server.connections[0])  # type: ignore[arg-type]
            await anyio.sleep(0.05)
            assert (await sending.send(CODE)).outcome is Outcome.ACCEPTED
            assert len(server.connections) == 2


async def test_a_connection_that_is_not_used_is_closed() -> None:
    """After `keepalive_expiry`, and when the gateway is closed."""
    with vendor() as server:
        closed: list[object] = []
        ended = server.shutdown_request

        def end(request: object) -> None:
            closed.append(request)
            ended(request)  # type: ignore[arg-type]

        server.shutdown_request = end  # type: ignore[method-assign]
        async with gateway(server.url, keepalive_expiry=0.05) as sending:
            await sending.warm()
            await until(closed, 1)
        async with gateway(server.url) as sending:
            await sending.warm()
        await until(closed, 2)
        assert server.requests == 0


async def test_a_transport_of_the_callers_is_left_alone() -> None:
    """Nothing is opened over it, and nothing fails."""
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(500)

    async with gateway("https://vendor.test", transport=httpx.MockTransport(answer)) as sending:
        assert await sending.warm() == {}
    async with gateway("https://vendor.test", transport=SandboxTransport()) as sending:
        assert await sending.warm() == {}
    assert requests == []
    with pytest.raises(ClosedError):
        await sending.warm()


class Mute:
    """Takes connections and says nothing, so that no handshake ends."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    async def next(self) -> socket.socket:
        """The connection that comes next, with the beginning of its handshake read."""
        taken, _ = await anyio.to_thread.run_sync(self._listener.accept)
        taken.settimeout(20)
        assert await anyio.to_thread.run_sync(taken.recv, 65536)
        return taken

    @staticmethod
    async def is_closed(taken: socket.socket) -> bool:
        try:
            return not await anyio.to_thread.run_sync(taken.recv, 65536)
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False
        finally:
            taken.close()


@pytest.fixture
def no_collection() -> Iterator[None]:
    """What is closed here is not closed by the garbage collector."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.mark.usefixtures("no_collection")
async def test_cancelled_in_the_handshake() -> None:
    """Nothing is left open by a `warm` that is cancelled, nor by a send that is cut short, and at once."""
    with Mute() as mute:
        async with gateway(mute.url, timeouts=Timeouts(connect=20, total=1.5)) as sending:
            async with anyio.create_task_group() as group:
                group.start_soon(sending.warm)
                taken = await mute.next()
                group.cancel_scope.cancel()
            assert await mute.is_closed(taken)
            async with anyio.create_task_group() as group:
                group.start_soon(sending.send, CODE)
                taken = await mute.next()
            assert await mute.is_closed(taken)


@pytest.mark.usefixtures("no_collection")
async def test_closed_in_the_handshake() -> None:
    """`warm` ends when the gateway is closed, and says why there is no connection."""
    problems = dict[str, str]()

    async def warm(sending: Gateway) -> None:
        problems.update(await sending.warm())

    with Mute() as mute:
        sending = gateway(mute.url, timeouts=Timeouts(connect=20, total=20))
        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                group.start_soon(warm, sending)
                taken = await mute.next()
                await sending.aclose()
        assert await mute.is_closed(taken)
    assert "ClosedError" in problems["v0"]


async def test_every_provider_says_its_address() -> None:
    """Scheme, host and port of its requests, without the path."""
    huawei = HuaweiSms("key", "secret", sender="isms1", base_url="https://smsapi.test:8443/")
    assert huawei.address == "https://smsapi.test:8443"
    assert TencentV5("1400006666", "key").address == "https://yun.tim.qq.com"


PROGRAM = """
import asyncio, sys
from smsgate import Gateway
from smsgate.tencent import TencentV5
gateway = Gateway([TencentV5("1400006666", "key", base_url="http://127.0.0.1:1")], allowed_regions=REGIONS)
async def main():
    await gateway.warm()
    before = set(sys.modules)
    print("phonenumbers.phonemetadata" in before or "smsgate.model.numbering" in before)
    from smsgate import Message, Template
    gateway.add_template(Template("login", ids={"tencent-v5": "19"}))
    await gateway.send(Message("+8613800138000", "login"))
    late = set(sys.modules) - before
    print(sorted(name for name in late if name.startswith(("httpx", "httpcore", "smsgate.transport"))))
asyncio.run(main())
"""


@pytest.mark.parametrize(("regions", "numbering"), [('{"CN"}', "False"), ('{"CN", "SG"}', "True")])
def test_the_first_send_imports_nothing_more(regions: str, numbering: str) -> None:
    """The library and its transport are there after `warm`; the numbering plans only if other countries are named."""
    program = PROGRAM.replace("REGIONS", regions)
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == [numbering, "[]"]
