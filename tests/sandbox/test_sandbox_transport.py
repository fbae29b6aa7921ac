"""The in-process transport: what a client sees, and what the trace reports, on both event loops."""

import math
from typing import Any

import anyio
import httpx
import pytest
from sandbox_callers import NOW, HuaweiCaller, TencentCaller

from smsgate.sandbox import Drop, Sandbox, SandboxTransport, Scenario
from smsgate.wire import HttpRequest

pytestmark = pytest.mark.anyio

CONNECT = ["connection.connect_tcp.started", "connection.connect_tcp.complete"]
TLS = ["connection.start_tls.started", "connection.start_tls.complete"]
HEADERS = ["http11.send_request_headers.started", "http11.send_request_headers.complete"]
BODY = ["http11.send_request_body.started", "http11.send_request_body.complete"]
ANSWER = ["http11.receive_response_headers.started", "http11.receive_response_headers.complete"]
LOST = ["http11.receive_response_headers.started", "http11.receive_response_headers.failed"]


class Wire:
    """A transport at a fixed time, and the events of its last request."""

    def __init__(self, **options: Any) -> None:
        self.transport = SandboxTransport(Sandbox(), clock=lambda: NOW, **options)
        self.sandbox = self.transport.sandbox
        self.events: list[str] = []

    async def send(
        self, to: str = "+8613788888888", *, scheme: str = "http", read: float | None = None
    ) -> httpx.Response:
        """One sendsms."""
        mobile = to.removeprefix("+86")
        body = {"tel": {"mobile": mobile, "nationcode": "86"}, "tpl_id": 19, "params": ["1", "2"], "sign": "Acme"}
        return await self.pass_on(TencentCaller().request("sendsms", body, f"&mobile={mobile}"), scheme, read)

    async def pass_on(self, plain: HttpRequest, scheme: str = "http", read: float | None = None) -> httpx.Response:
        """One request of any kind."""
        self.events = []

        async def trace(event: str, info: dict[str, Any]) -> None:
            self.events.append(event)
            assert info

        extensions = {"trace": trace, "timeout": {"read": read}}
        url = plain.url.replace("http://", f"{scheme}://")
        request = httpx.Request(
            plain.method, url, headers=list(plain.headers.pairs), content=plain.body, extensions=extensions
        )
        response = await self.transport.handle_async_request(request)
        await response.aread()
        return response


async def test_answer_comes_through_an_httpx_client() -> None:
    """A plain httpx client over the transport gets the vendor's answer, dated with the vendor's clock."""
    async with httpx.AsyncClient(transport=SandboxTransport(clock=lambda: NOW)) as client:
        response = await client.post("http://vendor/v5/tlssmssvr/sendsms?sdkappid=1&random=2", json={})
    assert response.json()["result"] == 1019
    assert response.headers["date"] == "Mon, 24 Nov 2025 16:00:00 GMT"


async def test_both_vendors_answer() -> None:
    """Vendors are recognised by the path, whatever the host; a path of none is a 404."""
    wire = Wire()
    assert (await wire.send()).json()["result"] == 0
    assert (await wire.pass_on(HuaweiCaller().form_request())).json()["code"] == "000000"
    assert (await wire.pass_on(HttpRequest("GET", "http://vendor/elsewhere"))).status_code == 404
    assert [message.vendor for message in wire.sandbox.messages] == ["tencent", "huawei"]
    assert len(wire.transport.requests) == 3


async def test_trace_has_httpcores_events_in_order() -> None:
    """A new connection, then a kept one; TLS for https."""
    wire = Wire()
    await wire.send()
    assert wire.events == [*CONNECT, *HEADERS, *BODY, *ANSWER]
    await wire.send()
    assert wire.events == [*HEADERS, *BODY, *ANSWER]
    await wire.send(scheme="https")
    assert wire.events == [*CONNECT, *TLS, *HEADERS, *BODY, *ANSWER]


async def test_refused_connection_never_sends_the_body() -> None:
    """A vendor that refuses connections raises ConnectError, and the body did not begin to leave."""
    wire = Wire()
    await wire.send()
    wire.sandbox.faults.refuse("tencent")
    for _ in range(2):
        with pytest.raises(httpx.ConnectError):
            await wire.send()
        assert wire.events == ["connection.connect_tcp.started", "connection.connect_tcp.failed"]
    assert (await wire.pass_on(HuaweiCaller(host="huawei").form_request())).status_code == 200
    wire.sandbox.faults.clear("tencent")
    assert (await wire.send()).status_code == 200
    assert wire.events[:2] == CONNECT


async def test_drop_after_the_headers_never_sends_the_body() -> None:
    """A connection can end before the body begins to leave."""
    wire = Wire()
    wire.sandbox.faults.drop("tencent", Drop.HEADERS)
    with pytest.raises(httpx.ReadError):
        await wire.send()
    assert wire.events == [*CONNECT, HEADERS[0], "http11.send_request_headers.failed"]
    assert not wire.transport.requests


@pytest.mark.parametrize(
    ("scenario", "error", "kept"),
    [(Scenario.DROP_BEFORE, httpx.ReadError, 0), (Scenario.DROP_AFTER, httpx.RemoteProtocolError, 1)],
)
async def test_drop_comes_after_the_body(scenario: Scenario, error: type[httpx.TransportError], kept: int) -> None:
    """Before and after processing look the same to the trace: the body has left. The connection is not used again."""
    wire = Wire()
    with pytest.raises(error) as caught:
        await wire.send(scenario.number)
    assert caught.value.request.method == "POST"
    assert wire.events == [*CONNECT, *HEADERS, *BODY, *LOST]
    assert len(wire.sandbox.messages) == kept
    await wire.send()
    assert wire.events[:2] == CONNECT


async def test_body_may_be_a_stream() -> None:
    """A chunked body is put together."""

    async def chunks() -> Any:
        for part in (b'{"tel":', b"{}}"):
            yield part

    async with httpx.AsyncClient(transport=SandboxTransport()) as client:
        url = "http://vendor/v5/tlssmssvr/sendsms?sdkappid=1400006666&random=2"
        response = await client.post(url, content=chunks())
    assert response.json()["errmsg"] == "package format errorcannot get /tel/mobile"


async def test_slow_answer_meets_the_read_timeout() -> None:
    """An answer slower than the read timeout raises ReadTimeout; the message was processed."""
    wire = Wire()
    with pytest.raises(httpx.ReadTimeout):
        await wire.send(Scenario.SLOW.number, read=0.01)
    assert len(wire.sandbox.messages) == 1
    assert wire.events[-1] == LOST[-1]


async def test_delays_can_be_scaled() -> None:
    """With scale 0 a slow answer comes at once; a scaled delay is what the timeout is compared with."""
    assert (await Wire(delay_scale=0).send(Scenario.SLOW.number, read=0.001)).status_code == 200
    assert (await Wire(delay_scale=0.001).send(Scenario.SLOW.number, read=0.006)).status_code == 200
    with pytest.raises(httpx.ReadTimeout):
        await Wire(delay_scale=0.001).send(Scenario.SLOW.number, read=0.004)


async def test_stall_lasts_until_the_timeout_or_cancellation() -> None:
    """An answer that never comes ends in ReadTimeout, or waits until the caller gives up."""
    wire = Wire(delay_scale=0)
    wire.sandbox.faults.stall("tencent", times=2)
    with pytest.raises(httpx.ReadTimeout):
        await wire.send(read=0.01)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wire.send)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    wire.sandbox.faults.stall("tencent", math.pi, processed=False)
    with pytest.raises(httpx.ReadError):
        await wire.send()
    assert len(wire.sandbox.messages) == 2


async def test_any_status_can_be_answered() -> None:
    """A fault may answer any status and body, processed or not, for the next requests and no longer."""
    wire = Wire()
    wire.sandbox.faults.answer("tencent", 503, headers={"Retry-After": "5"})
    wire.sandbox.faults.answer("tencent", 200, b"<html>", processed=True)
    first, second, third = [await wire.send() for _ in range(3)]
    assert (first.status_code, first.headers["retry-after"], first.content) == (503, "5", b"")
    assert (second.status_code, second.content) == (200, b"<html>")
    assert third.json()["result"] == 0
    assert len(wire.sandbox.messages) == 2


async def test_request_without_trace_is_answered() -> None:
    """The trace extension is optional, also where the connection drops."""
    transport = SandboxTransport()
    transport.sandbox.faults.drop("tencent")
    request = httpx.Request("POST", "http://vendor/v5/tlssmssvr/sendsms?sdkappid=1&random=2", content=b"")
    with pytest.raises(httpx.RemoteProtocolError):
        await transport.handle_async_request(request)
    assert (await transport.handle_async_request(request)).status_code == 200
