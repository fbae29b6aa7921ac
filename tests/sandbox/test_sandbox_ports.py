"""Ports of single vendors, over real sockets: one vendor is down while the others work."""

import threading
from collections.abc import Iterator
from typing import Any

import anyio
import httpx
import pytest
from sandbox_callers import NOW, HuaweiCaller, TencentCaller

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox.server import SandboxServer, listen
from smsgate.wire import HttpRequest

NUMBER = "+8613788888888"


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    """A running server with a port for v5."""
    with SandboxServer(clock=lambda: NOW, port_for={"tencent-v5": 0}) as running:
        yield running


def send(url: str, plain: HttpRequest) -> Any:
    """The JSON of the answer to *plain*, sent to *url*."""
    target = plain.url.partition("://")[2].partition("/")[2]
    headers = list(plain.headers.pairs)
    with httpx.Client(trust_env=False, verify=False) as client:
        return client.request(plain.method, f"{url}/{target}", headers=headers, content=plain.body).json()


def sendsms(mobile: str = "13788888888") -> HttpRequest:
    """A right sendsms."""
    body = {"tel": {"mobile": mobile, "nationcode": "86"}, "tpl_id": 19, "params": ["4821", "5"], "sign": "Acme"}
    return TencentCaller().request("sendsms", body, f"&mobile={mobile}")


def control(server: SandboxServer, method: str, path: str, body: Any = None) -> httpx.Response:
    """A call of the sandbox's own."""
    with httpx.Client(trust_env=False, verify=False) as client:
        return client.request(method, f"{server.url}{path}", json=body)


def test_closed_port_refuses_until_it_is_cleared(server: SandboxServer) -> None:
    """The vendor refuses connections on its own port alone, idle ones are gone, and DELETE opens it again."""
    own = server.urls["tencent-v5"]
    assert own != server.url
    with httpx.Client(trust_env=False, verify=False) as client:
        target = sendsms().url.partition("8025")[2]
        assert client.post(own + target, content=sendsms().body).json()["result"] == 0
        answer = control(server, "POST", "/sandbox/faults", {"vendor": "tencent-v5", "refuse": True})
        assert (answer.status_code, answer.json()) == (200, {"vendors": ["tencent-v5"], "refuse": True})
        with pytest.raises(httpx.ConnectError):
            client.post(own + target, content=sendsms().body)
    assert send(server.url, sendsms())["result"] == 0
    assert send(server.url, HuaweiCaller(host=f"127.0.0.1:{server.port}").form_request())["code"] == "000000"
    assert control(server, "DELETE", "/sandbox/faults", {"vendor": "tencent-v5"}).status_code == 204
    assert send(own, sendsms())["result"] == 0


def test_reset_opens_the_port(server: SandboxServer) -> None:
    """So does a reset, and a port that is open stays open."""
    for _ in range(2):
        control(server, "POST", "/sandbox/faults", {"vendor": "tencent-v5", "refuse": True})
        assert control(server, "POST", "/sandbox/reset", {}).status_code == 204
        assert send(server.urls["tencent-v5"], sendsms())["result"] == 0
    assert control(server, "DELETE", "/sandbox/faults").status_code == 204


def test_without_a_port_of_its_own_it_is_an_error(server: SandboxServer) -> None:
    """Huawei has none here: 400, and the error says how to get one."""
    answer = control(server, "POST", "/sandbox/faults", {"vendor": "huawei", "refuse": True})
    assert answer.status_code == 400
    assert "--port-for huawei=PORT" in answer.json()["error"]


def test_own_port_serves_nothing_else(server: SandboxServer) -> None:
    """Another vendor's path and the sandbox's own calls are a 404 that names the main address."""
    own = server.urls["tencent-v5"]
    answers = [
        send(own, HuaweiCaller().form_request()),
        httpx.get(f"{own}/sandbox/messages", trust_env=False, verify=False).json(),
    ]
    assert all(server.url in answer["error"] for answer in answers)


def test_stopped_server_stops_its_ports() -> None:
    """Stopping closes all, a reset does not open them again, and starting opens the same ones."""
    server = SandboxServer(clock=lambda: NOW, port_for={"tencent-v5": 0, "huawei": 0})
    with server:
        urls = server.urls
    server.sandbox.reset(now=NOW)
    for url in urls.values():
        with pytest.raises(httpx.ConnectError):
            send(url, sendsms())
    with server:
        assert server.urls == urls
        assert send(urls["tencent-v5"], sendsms())["result"] == 0


def test_wrong_ports_are_errors() -> None:
    """An unknown name, and a port that is taken: nothing is left listening."""
    with pytest.raises(ConfigurationError, match="port for 'tencnet': no such vendor; known are tencent-v5"):
        SandboxServer(port_for={"tencnet": 0})
    with listen("127.0.0.1") as taken:
        server = SandboxServer(port_for={"huawei": taken.getsockname()[1]})
        with pytest.raises(ConfigurationError, match=r"cannot listen on 127\.0\.0\.1 port"):
            server.start()
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url, trust_env=False, verify=False)


@pytest.mark.anyio
async def test_wait_over_http(server: SandboxServer) -> None:
    """A message that comes later ends the wait, with its code; a blank stands for a plus sign that nobody escaped."""
    found: list[Any] = []
    waits = waiting(server)
    async with (
        httpx.AsyncClient(trust_env=False, verify=False, timeout=30) as client,
        anyio.create_task_group() as group,
    ):

        async def wait() -> None:
            answer = await client.get(f"{server.url}/sandbox/messages/wait?to={NUMBER}&timeout=30")
            found.append(answer.json())

        group.start_soon(wait)
        await anyio.to_thread.run_sync(waits.wait)
        await anyio.to_thread.run_sync(send, server.url, sendsms())
    assert [(row["code"], row["to"], row["vendor"]) for row in found] == [("4821", NUMBER, "tencent")]


def waiting(server: SandboxServer) -> threading.Event:
    """Set as soon as somebody waits for a message."""
    event, watch = threading.Event(), server.sandbox._watch
    add = watch.add

    def noted(wake: Any) -> None:
        add(wake)
        event.set()

    watch.add = noted  # type: ignore[method-assign]
    return event


@pytest.mark.parametrize(
    ("query", "status", "error"),
    [
        ("", 400, "to: a number in E.164, as in ?to=%2B8613800138000"),
        ("?to=137", 400, "to: a number in E.164, as in ?to=%2B8613800138000"),
        ("?to=%2B8613788888888&timeout=x", 400, "timeout: seconds, 0 to 600"),
        ("?to=%2B8613788888888&timeout=nan", 400, "timeout: seconds, 0 to 600"),
        ("?to=%2B8613788888888&timeout=601", 400, "timeout: seconds, 0 to 600"),
        ("?to=%2B8613788888888&timeout=0", 404, "no message to this number came within 0 s"),
    ],
)
def test_wrong_wait_is_an_error(server: SandboxServer, query: str, status: int, error: str) -> None:
    """400 for what makes no sense, 404 if nothing came."""
    answer = httpx.get(f"{server.url}/sandbox/messages/wait{query}", trust_env=False, verify=False)
    assert (answer.status_code, answer.json()) == (status, {"error": error})


def test_server_stops_while_somebody_waits() -> None:
    """A wait is no reason to stay."""
    server = SandboxServer().start()
    waits = waiting(server)

    def stop() -> None:
        waits.wait()
        server.stop()

    thread = threading.Thread(target=stop)
    thread.start()
    with httpx.Client(trust_env=False, verify=False) as client, pytest.raises(httpx.HTTPError):
        client.get(f"{server.url}/sandbox/messages/wait?to=%2B8613788888888&timeout=600", timeout=600)
    thread.join()
    assert server.sandbox._watch._wakers == []
