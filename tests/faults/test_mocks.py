"""A user's own test suite: mocks that raise what a network would, with nothing that traces how far a request got."""

import contextlib
import functools
import json
import ssl
import sys
import types
from collections.abc import Callable
from functools import partialmethod
from typing import Any
from unittest import mock

import httpx
import httpx2
import pytest
import respx

from smsgate import HttpRequest, HttpResponse, Outcome, Reason, Timeouts
from smsgate.tencent import TencentV5
from smsgate.testing import traced
from smsgate.transport import Httpx2Transport
from smsgate.transport.exchange import Exchange
from smsgate.transport.progress import Progress

from . import scripts as s
from .driver import NUMBER, PARAM, code, gateway, leakless, tencent
from .stub import APP_KEY, Line, Stub

pytestmark = pytest.mark.anyio

TAKEN = json.loads(s.ACCEPTED)
FIRST, SECOND = "https://first.test", "https://second.test"
VENDORS = (
    TencentV5("1400006666", APP_KEY, name="first", base_url=FIRST),
    TencentV5("1400006666", APP_KEY, name="second", base_url=SECOND),
)
BEFORE_A_REQUEST: list[type[Exception]] = [
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
]
"""What httpx's own transports raise before anything of a request has left."""
LATER: list[type[Exception]] = [
    httpx.ReadTimeout,
    httpx.ReadError,
    httpx.WriteTimeout,
    httpx.WriteError,
    httpx.RemoteProtocolError,
    httpx.LocalProtocolError,
    httpx.TooManyRedirects,
    httpx.DecodingError,
    ssl.SSLError,
    ValueError,
]


async def test_respx_intercepts(respx_mock: respx.MockRouter) -> None:
    """A suite that mocks with respx sees the gateway's requests and responds as the vendor would."""
    route = respx_mock.post(f"{FIRST}/v5/tlssmssvr/sendsms").respond(json=TAKEN)
    async with gateway(*VENDORS) as sms:
        result = await sms.send(code())
    assert (result.outcome, result.message_id, route.call_count) == (Outcome.ACCEPTED, TAKEN["sid"], 1)
    body = json.loads(route.calls.last.request.content)
    assert (body["tel"]["mobile"], body["params"]) == (NUMBER, [PARAM, "5"])


@pytest.mark.parametrize("library", [httpx, httpx2])
@pytest.mark.parametrize("kind", ["function", "wraps", "object"])
async def test_whatever_is_around_the_transport_has_each_request(
    library: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As pytest-httpx puts a mock there, and OpenTelemetry a tracer: also if a connection is open already."""
    seen: list[str] = []
    genuine = library.AsyncHTTPTransport.handle_async_request
    transport = Httpx2Transport() if library is httpx2 else None

    async def function(self: Any, request: Any) -> Any:
        seen.append(json.loads(await request.aread())["params"][0])
        return library.Response(200, json=TAKEN)

    @functools.wraps(genuine)
    async def wraps(self: Any, request: Any) -> Any:
        seen.append(request.url.path)
        return await genuine(self, request)

    around: dict[str, Any] = {"function": function, "wraps": wraps, "object": mock.Mock(side_effect=genuine)}
    with Stub(s.accept) as stub:
        async with gateway(tencent("first", stub.url), transport=transport) as sms:
            assert (await sms.send(code())).accepted
            with monkeypatch.context() as patch:
                wrapper = around[kind]
                # A mock is no function: it is given no `self`.
                through = partialmethod(wrapper) if kind == "object" else wrapper
                patch.setattr(library.AsyncHTTPTransport, "handle_async_request", through)
                assert (await sms.send(code())).accepted
            assert (await sms.send(code())).accepted
        asked = len(seen) if kind != "object" else around["object"].call_count
        assert (asked, stub.heads) == (1, 2 if kind == "function" else 3)


@pytest.mark.parametrize("library", [httpx, httpx2])
async def test_what_is_around_the_transport_changes_nothing_of_the_connection(
    library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tracer's requests go over the same one connection, and what comes beside a response is never read as one."""
    genuine, sent = library.AsyncHTTPTransport.handle_async_request, 0

    @functools.wraps(genuine)
    async def traced_send(self: Any, request: Any) -> Any:
        return await genuine(self, request)

    def script(line: Line) -> None:
        nonlocal sent
        line.read_body(line.read_head())
        sent += 1
        line.write(s.http(b"{}") + (s.http(b"stray") if sent == 4 else b""))

    transport = Httpx2Transport() if library is httpx2 else None
    with Stub(script) as stub:
        over = Exchange(timeouts=Timeouts(), transport=transport)
        bodies: list[bytes] = []
        for number in range(6):
            if number == 1:
                monkeypatch.setattr(library.AsyncHTTPTransport, "handle_async_request", traced_send)
            response = await over.send(HttpRequest("POST", f"{stub.url}/{number}", {}, b"{}"), Progress())
            assert isinstance(response, HttpResponse)
            bodies.append(response.body)
        await over.aclose()
    assert bodies == [b"{}"] * 6
    assert stub.connections == 2


def respond(request: httpx.Request) -> httpx.Response:
    """A mock's response."""
    return httpx.Response(200, json=TAKEN)


class Mocked(httpx.MockTransport):
    """What a test may put in the place of httpx's transport: it takes the same arguments."""

    def __init__(self, **options: Any) -> None:
        super().__init__(respond)


class Derived(httpx.AsyncHTTPTransport):
    """One that makes itself, and is asked in another way."""

    def __init__(self, **options: Any) -> None:
        pass

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return respond(request)


@pytest.mark.parametrize("stand_in", ["mocked", "derived", "function", "autospec"])
async def test_whatever_stands_for_the_transport_has_the_request(
    stand_in: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test that replaces the class, or its method, in any way sends nothing."""
    places: dict[str, Any] = {"mocked": Mocked, "derived": Derived, "function": lambda **options: Mocked()}
    with Stub(s.accept) as stub:
        async with gateway(tencent("first", stub.url)) as sms:
            with contextlib.ExitStack() as stack:
                if stand_in == "autospec":
                    patch = mock.patch.object(httpx.AsyncHTTPTransport, "handle_async_request", autospec=True)
                    stack.enter_context(patch).side_effect = lambda self, request: respond(request)
                else:
                    monkeypatch.setattr(httpx, "AsyncHTTPTransport", places[stand_in])
                for _ in range(2):
                    assert (await sms.send(code())).message_id == TAKEN["sid"]
    assert stub.heads == 0


async def test_httpx_is_being_imported_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that another thread has begun to import is of no concern to a send."""
    monkeypatch.setitem(sys.modules, "httpx", types.ModuleType("httpx"))
    with Stub(s.accept) as stub:
        async with gateway(tencent("first", stub.url)) as sms:
            assert (await sms.send(code())).accepted


async def test_respx_connect_error(respx_mock: respx.MockRouter) -> None:
    """`side_effect=httpx.ConnectError` in a transport that is `traced`: it never left, the next vendor takes it."""
    respx_mock.post(host="first.test").mock(side_effect=httpx.ConnectError)
    second = respx_mock.post(host="second.test").respond(json=TAKEN)
    async with gateway(*VENDORS, transport=traced(httpx.AsyncHTTPTransport())) as sms:
        result = await sms.send(code())
    assert [try_.outcome for try_ in result.attempts] == [Outcome.NOT_SENT, Outcome.ACCEPTED]
    assert second.called


@respx.mock(assert_all_called=False)
async def test_respx_read_timeout(respx_mock: respx.MockRouter) -> None:
    """`side_effect=httpx.ReadTimeout`: it may have been sent, nobody else is asked."""
    respx_mock.post(host="first.test").mock(side_effect=httpx.ReadTimeout)
    second = respx_mock.post(host="second.test").respond(json=TAKEN)
    async with gateway(*VENDORS) as sms:
        result = await sms.send(code())
    assert (result.outcome, result.reason, second.called) == (Outcome.UNKNOWN, Reason.NO_ANSWER, False)


async def test_respx_refusal(respx_mock: respx.MockRouter) -> None:
    """Vendor JSON at any status is read as the vendor's word."""
    respx_mock.post(host="first.test").respond(status_code=500, json={"result": 1016, "errmsg": "bad mobile"})
    async with gateway(*VENDORS) as sms:
        result = await sms.send(code())
    assert (result.outcome, result.reason) == (Outcome.REJECTED, Reason.INVALID_NUMBER)


@pytest.mark.parametrize("claims", [False, True], ids=["mock", "traced"])
@pytest.mark.parametrize("through", ["client", "transport", "respx"])
@pytest.mark.parametrize("error", BEFORE_A_REQUEST + LATER)
async def test_errors_of_mocks(
    error: type[Exception], through: str, claims: bool, respx_mock: respx.MockRouter, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever a mock's error is called, it leaves the outcome open, unless somebody vouches for the mock."""
    asked: list[str] = []
    of_the_system = error in BEFORE_A_REQUEST or issubclass(error, OSError)  # those speak of addresses, not of requests
    words = f"to {NUMBER}" if of_the_system else f"{APP_KEY} {PARAM} {NUMBER}"

    def network(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        assert PARAM in request.content.decode()
        if request.url.host == "first.test":
            raise error(words)
        return httpx.Response(200, json=TAKEN)

    respx_mock.route().mock(side_effect=network)
    vouch: Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport] = traced if claims else lambda mock: mock
    mocked = vouch(httpx.MockTransport(network))
    async with httpx.AsyncClient(transport=mocked) as client:
        own: dict[str, Any] = {"transport": vouch(httpx.AsyncHTTPTransport())} if claims else {}
        doors: dict[str, dict[str, Any]] = {
            "client": {"client": client},
            "transport": {"transport": mocked},
            "respx": own,
        }
        async with gateway(*VENDORS, **doors[through]) as sms:
            result = await sms.send(code())
    if claims and error in BEFORE_A_REQUEST:
        assert (asked, result.outcome) == (["first.test", "second.test"], Outcome.ACCEPTED)
        assert result.attempts[0].outcome is Outcome.NOT_SENT
    else:
        assert (asked, result.outcome) == (["first.test"], Outcome.UNKNOWN)
    leakless([result], result, caplog.records)


async def test_traced_leaves_a_transport_that_traces_alone() -> None:
    """`traced` around httpx's own transport changes nothing: what the vendor has processed is UNKNOWN."""
    with Stub(s.processed(Line.close)) as first, Stub(s.accept) as second:
        async with traced(httpx.AsyncHTTPTransport()) as transport:
            vendors = (tencent("first", first.url), tencent("second", second.url))
            async with gateway(*vendors, transport=transport) as sms:
                result = await sms.send(code())
            assert (result.outcome, first.charges, second.requests) == (Outcome.UNKNOWN, [NUMBER], [])
            first.close()
            async with gateway(*vendors, transport=transport) as sms:
                assert (await sms.send(code())).provider == "second"
