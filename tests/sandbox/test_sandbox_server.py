"""The sandbox behind a real socket."""

import json
import logging
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from push_receiver import until
from sandbox_callers import NOW, HuaweiCaller, TencentCaller

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox import Drop, Sandbox, Scenario
from smsgate.sandbox.server import SandboxServer
from smsgate.wire import HttpRequest


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    """A running server at a fixed time."""
    with SandboxServer(clock=lambda: NOW) as running:
        yield running


def pass_on(server: SandboxServer, plain: HttpRequest) -> httpx.Response:
    """Send a request as it is to the server."""
    target = plain.url.partition("://")[2].partition("/")[2]
    headers = list(plain.headers.pairs)
    with httpx.Client(trust_env=False, verify=False) as client:
        return client.request(plain.method, f"{server.url}/{target}", headers=headers, content=plain.body)


def raw(server: SandboxServer, request: bytes) -> bytes:
    """What comes back for raw bytes until the server closes; "RST" for a reset."""
    received = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request)
        try:
            while part := connection.recv(65536):
                received += part
        except ConnectionResetError:
            return received + b"RST"
    return received


def bytes_of(plain: HttpRequest) -> bytes:
    """An HTTP/1.1 request that asks the server to keep the connection."""
    target = "/" + plain.url.partition("://")[2].partition("/")[2]
    lines = [f"{plain.method} {target} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(plain.body)}"]
    return (
        "\r\n".join([*lines, *(f"{name}: {value}" for name, value in plain.headers.pairs), "", ""]).encode()
        + plain.body
    )


def send_to(number: str = "+8613788888888") -> HttpRequest:
    """A right sendsms."""
    mobile = number.removeprefix("+86")
    body = {"tel": {"mobile": mobile, "nationcode": "86"}, "tpl_id": 19, "params": ["4821", "5"], "sign": "Acme"}
    return TencentCaller().request("sendsms", body, f"&mobile={mobile}")


def test_both_vendors_answer_on_one_port(server: SandboxServer) -> None:
    """Vendors are recognised by the path; the response carries the vendor's date and nothing of the server."""
    tencent = pass_on(server, send_to())
    assert tencent.json()["result"] == 0
    assert tencent.headers["date"] == "Mon, 24 Nov 2025 16:00:00 GMT"
    assert "server" not in tencent.headers
    host = f"127.0.0.1:{server.port}"
    assert pass_on(server, HuaweiCaller(host=host).form_request()).json()["code"] == "000000"
    assert [message.vendor for message in server.sandbox.messages] == ["tencent", "huawei"]


def test_chunked_body_is_put_together(server: SandboxServer) -> None:
    """A body in chunks, as a vendor's JavaScript SDK sends it, is taken."""
    plain = send_to()

    def chunks() -> Iterator[bytes]:
        yield plain.body[:10]
        yield plain.body[10:]

    target = plain.url.partition("8025")[2]
    with httpx.Client(trust_env=False, verify=False) as client:
        assert client.post(server.url + target, content=chunks()).json()["result"] == 0


def test_messages_are_listed_and_forgotten(server: SandboxServer) -> None:
    """GET /sandbox/messages lists what was accepted, DELETE forgets it."""
    pass_on(server, send_to())
    listed = httpx.get(f"{server.url}/sandbox/messages", trust_env=False, verify=False).json()
    assert listed == [server.sandbox.messages[0].as_json()]
    assert {"vendor", "api", "to", "template_id", "params", "text", "message_id", "time"} <= set(listed[0])
    assert httpx.delete(f"{server.url}/sandbox/messages", trust_env=False, verify=False).status_code == 204
    assert httpx.get(f"{server.url}/sandbox/messages", trust_env=False, verify=False).json() == []
    assert httpx.post(f"{server.url}/sandbox/messages", json={}, trust_env=False, verify=False).status_code == 405


def test_drop_before_processing_is_a_reset(server: SandboxServer) -> None:
    """The connection is reset; nothing was accepted."""
    assert raw(server, bytes_of(send_to(Scenario.DROP_BEFORE.number))) == b"RST"
    assert not server.sandbox.messages


def test_drop_after_processing_is_a_close(server: SandboxServer) -> None:
    """The connection is closed without an answer; the message was accepted."""
    assert raw(server, bytes_of(send_to(Scenario.DROP_AFTER.number))) == b""
    assert len(server.sandbox.messages) == 1


def test_server_error_has_no_body_and_unreadable_answer_is_cut(server: SandboxServer) -> None:
    """Both come whole on the wire, so that it is the content that fails."""
    failed = pass_on(server, send_to(Scenario.SERVER_ERROR.number))
    assert (failed.status_code, failed.content) == (500, b"")
    cut = pass_on(server, send_to(Scenario.UNREADABLE.number))
    assert cut.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        cut.json()


def test_client_that_gives_up_ends_a_slow_answer(server: SandboxServer) -> None:
    """A slow answer does not outlive its client, and the message was accepted."""
    server.sandbox.faults.stall("tencent")
    with socket.create_connection(("127.0.0.1", server.port), timeout=0.2) as connection:
        connection.sendall(bytes_of(send_to()))
        until(lambda: len(server.sandbox.messages) == 1)
        with pytest.raises(TimeoutError):
            connection.recv(1)


def test_delayed_answer_comes(server: SandboxServer) -> None:
    """After the delay comes the vendor's own answer."""
    server.sandbox.faults.stall("tencent", 0.05)
    assert pass_on(server, send_to()).json()["result"] == 0


def test_stop_does_not_wait_for_slow_answers() -> None:
    """Stopping closes connections that wait, and the port refuses from then on."""
    server = SandboxServer(clock=lambda: NOW)
    with server:
        server.sandbox.faults.stall("tencent")
        answers: list[bytes] = []
        client = threading.Thread(target=lambda: answers.append(raw(server, bytes_of(send_to()))))
        client.start()
        until(lambda: bool(server.sandbox.messages))
    client.join()
    assert answers == [b""]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))


def test_stopped_server_starts_again_on_its_port() -> None:
    """A vendor that refuses connections for a while is a server that is stopped and started."""
    server = SandboxServer(clock=lambda: NOW).start()
    port, url = server.port, server.url
    assert server.start() is server
    server.stop()
    server.stop()
    with server:
        assert (server.port, server.url) == (port, url)
        assert pass_on(server, send_to()).json()["result"] == 0


def test_two_servers_share_one_sandbox() -> None:
    """Each vendor can have its own port over the same state."""
    sandbox = Sandbox()
    with SandboxServer(sandbox, clock=lambda: NOW) as first, SandboxServer(sandbox, clock=lambda: NOW) as second:
        assert first.port != second.port
        for server in (first, second):
            assert pass_on(server, send_to()).json()["result"] == 0
    assert len(sandbox.messages) == 2


@pytest.mark.anyio
async def test_server_is_an_async_context_manager() -> None:
    """It runs beside either event loop."""
    async with SandboxServer(clock=lambda: NOW) as server, httpx.AsyncClient(trust_env=False, verify=False) as client:
        assert (await client.get(server.url)).status_code == 200


def test_port_in_use_is_a_clear_error(server: SandboxServer) -> None:
    """An address that cannot be had is named."""
    with pytest.raises(ConfigurationError, match=rf"cannot listen on 127\.0\.0\.1 port {server.port}"):
        SandboxServer(port=server.port).start()


@pytest.mark.parametrize(
    ("host", "loopback", "url"),
    [
        ("127.0.0.1", True, "http://127.0.0.1:0"),
        ("::1", True, "http://[::1]:0"),
        ("localhost", True, "http://localhost:0"),
        ("0.0.0.0", False, "http://0.0.0.0:0"),
        ("sms.example", False, "http://sms.example:0"),
    ],
)
def test_loopback_is_told_apart(host: str, loopback: bool, url: str) -> None:
    """Anything but loopback is open to others."""
    server = SandboxServer(host=host)
    assert (server.is_loopback, server.url) == (loopback, url)


def test_open_server_warns(caplog: pytest.LogCaptureFixture) -> None:
    """Listening on all addresses logs a warning."""
    with caplog.at_level(logging.WARNING, "smsgate"), SandboxServer(host="0.0.0.0"):
        assert "its keys are public" in caplog.text


def test_too_large_a_body_is_refused(server: SandboxServer) -> None:
    """More than 12 MB is refused before it is kept."""
    plain = send_to()
    with httpx.Client(trust_env=False, verify=False) as client:
        target = server.url + plain.url.partition("8025")[2]
        assert client.post(target, content=b" " * (12 * 1024 * 1024 + 1)).status_code == 413
    assert not server.sandbox.messages


def test_half_a_request_does_no_harm(server: SandboxServer, caplog: pytest.LogCaptureFixture) -> None:
    """A client that leaves in the middle of its body is forgotten quietly."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(bytes_of(send_to())[:-10])
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert pass_on(server, send_to()).json()["result"] == 0
    assert len(server.sandbox.messages) == 1
    assert not caplog.records


@pytest.mark.parametrize("fault", [Drop.CONNECT, Drop.HEADERS])
def test_early_drops_reset_over_a_socket(server: SandboxServer, fault: Drop) -> None:
    """A listening server cannot refuse one vendor's connections: it resets them."""
    faults: Any = server.sandbox.faults
    faults.drop("tencent", fault)
    assert raw(server, bytes_of(send_to())) == b"RST"
    assert not server.sandbox.messages
