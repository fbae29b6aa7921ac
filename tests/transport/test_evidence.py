"""Whether a request may have left is told by what happened to it, whatever the transport and its errors are called."""

import copy
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any, cast

import anyio
import attrs
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Reason, Timeouts
from smsgate.transport.exchange import Exchange, NoResponse
from smsgate.transport.progress import Progress
from smsgate.wire import HttpRequest, HttpResponse

pytestmark = pytest.mark.anyio

POST = HttpRequest("POST", "https://vendor.test/send", {"Content-Type": "text/plain"}, b"the message")
GET = HttpRequest("GET", "https://vendor.test/send?message=1")
ERRORS: list[type[Exception]] = [
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.ReadTimeout,
    httpx.ReadError,
    httpx.RemoteProtocolError,
    type("ConnectError", (Exception,), {}),
    OSError,
    ValueError,
]


async def by_stream(request: httpx.Request) -> bytes:
    return b"".join([chunk async for chunk in cast("AsyncIterator[bytes]", request.stream)])


async def by_sync_stream(request: httpx.Request) -> bytes:
    return b"".join(cast("Iterable[bytes]", request.stream))


async def by_content(request: httpx.Request) -> bytes:
    return request.content


async def by_read(request: httpx.Request) -> bytes:
    return request.read()


async def by_aread(request: httpx.Request) -> bytes:
    return await request.aread()


async def by_new_request(request: httpx.Request) -> bytes:
    return await httpx.Request(request.method, request.url, stream=request.stream).aread()


async def by_copy(request: httpx.Request) -> bytes:
    return copy.copy(request).content


async def by_deepcopy(request: httpx.Request) -> bytes:
    return copy.deepcopy(request).content


async def by_pickle(request: httpx.Request) -> bytes:
    return cast("httpx.Request", pickle.loads(pickle.dumps(request))).content


READERS: Sequence[Callable[[httpx.Request], Awaitable[bytes]]] = [
    by_stream,
    by_sync_stream,
    by_content,
    by_read,
    by_aread,
    by_new_request,
    by_copy,
    by_deepcopy,
    by_pickle,
]


@attrs.define
class Route(httpx.AsyncBaseTransport):
    """One way to the vendor, which ends in an error."""

    traces: bool
    sends: bool
    error: type[Exception]
    read: Callable[[httpx.Request], Awaitable[bytes]] = by_stream
    got: list[bytes] = attrs.field(factory=list[bytes])

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._tell(request, "connection.connect_tcp.started", {"host": request.url.host, "port": 443})
        if self.sends:
            about = {"request": request}
            await self._tell(request, "http11.send_request_headers.started", about)
            await self._tell(request, "http11.send_request_body.started", about)
            self.got.append(await self.read(request))
        raise self.error("it broke")

    async def _tell(self, request: httpx.Request, event: str, info: dict[str, Any]) -> None:
        if self.traces:
            await request.extensions["trace"](event, info)


@attrs.define
class Fallback(httpx.AsyncBaseTransport):
    """Takes one route after another, until one does not raise."""

    routes: Sequence[httpx.AsyncBaseTransport]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        for route in self.routes[:-1]:
            try:
                return await route.handle_async_request(request)
            except Exception:
                continue
        return await self.routes[-1].handle_async_request(request)


async def exchanged(transport: httpx.AsyncBaseTransport, request: HttpRequest = POST) -> HttpResponse | NoResponse:
    exchange = Exchange(timeouts=Timeouts(), transport=transport)
    response = await exchange.send(request, Progress())
    await exchange.aclose()
    return response


ROUTES = st.builds(
    Route, traces=st.booleans(), sends=st.booleans(), error=st.sampled_from(ERRORS), read=st.sampled_from(READERS)
)


@given(routes=st.lists(ROUTES, min_size=1, max_size=4), nested=st.booleans())
def test_what_the_vendor_has_may_have_left(routes: list[Route], nested: bool) -> None:
    """However an attempt is routed, what the vendor has got is never said not to have left."""
    transport: httpx.AsyncBaseTransport = Fallback([Fallback(routes[:2]), *routes[2:]] if nested else routes)
    response = anyio.run(exchanged, transport)
    assert isinstance(response, NoResponse)
    got = [body for route in routes for body in route.got]
    assert set(got) <= {POST.body}
    if got or not any(route.traces for route in routes):
        assert response.reason is Reason.NO_ANSWER
    else:
        assert response.reason is Reason.NETWORK


@pytest.mark.parametrize("read", READERS)
async def test_every_way_to_the_body_is_noticed(read: Callable[[httpx.Request], Awaitable[bytes]]) -> None:
    """A traced route without a connection proves nothing of the untraced one beside it, however that reads the body."""
    silent = Route(traces=False, sends=True, error=httpx.ConnectTimeout, read=read)
    for routes in ([Route(True, False, httpx.ConnectError), silent], [silent, Route(True, False, httpx.ConnectError)]):
        response = await exchanged(Fallback(routes))
        assert isinstance(response, NoResponse)
        assert response.reason is Reason.NO_ANSWER
    assert silent.got == [POST.body] * 2


@pytest.mark.parametrize("error", ERRORS)
async def test_a_transport_that_never_traces_proves_nothing(error: type[Exception]) -> None:
    """Whatever its errors are called, and although it did not even look at the body."""
    response = await exchanged(Route(traces=False, sends=False, error=error))
    assert isinstance(response, NoResponse)
    assert response.reason is Reason.NO_ANSWER


@pytest.mark.parametrize(("sends", "reason"), [(False, Reason.NETWORK), (True, Reason.NO_ANSWER)])
async def test_a_request_without_a_body_has_left_with_its_headers(sends: bool, reason: Reason) -> None:
    """A vendor can act on the headers of a GET: nothing comes after them."""

    class HeadersOnly(Route):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await self._tell(request, "connection.connect_tcp.started", {})
            if self.sends:
                await self._tell(request, "http11.send_request_headers.started", {"request": request})
            raise self.error("it broke")

    response = await exchanged(HeadersOnly(traces=True, sends=sends, error=httpx.WriteError), GET)
    assert isinstance(response, NoResponse)
    assert response.reason is reason
    headers_of_a_post = await exchanged(HeadersOnly(traces=True, sends=sends, error=httpx.WriteError))
    assert isinstance(headers_of_a_post, NoResponse)
    assert headers_of_a_post.reason is Reason.NETWORK


@pytest.mark.parametrize("protocol", ["http11", "http2"])
async def test_connect_is_not_the_request(protocol: str) -> None:
    """What goes to a proxy before the request is traced with the same events, and carries nothing of it."""
    connect, post = httpx.Request("CONNECT", "https://vendor.test"), httpx.Request("POST", "https://vendor.test")
    for method, left in ((connect, False), (post, True)):
        progress = Progress()
        progress.begin(has_body=True)
        progress.handed_over = True
        about = attrs.make_class("About", ["method"])(method.method.encode())
        await progress.trace(f"{protocol}.send_request_headers.started", {"request": about})
        await progress.trace(f"{protocol}.send_request_body.started", {"request": about})
        assert progress.may_have_left is left


async def test_each_request_is_judged_by_itself() -> None:
    """Nothing of an earlier request sticks to the progress of the next one."""
    progress = Progress()
    for route, reason in (
        (Route(True, True, httpx.ReadError), Reason.NO_ANSWER),
        (Route(True, False, httpx.ConnectError), Reason.NETWORK),
        (Route(False, False, httpx.ConnectError), Reason.NO_ANSWER),
    ):
        response = await Exchange(timeouts=Timeouts(), transport=route).send(POST, progress)
        assert isinstance(response, NoResponse)
        assert (response.reason, response.may_have_left) == (reason, progress.may_have_left)
        assert response.may_have_left is (reason is Reason.NO_ANSWER)


@pytest.mark.parametrize("reads", [False, True])
@pytest.mark.parametrize("traces", [False, True])
async def test_the_total_deadline_is_judged_alike(traces: bool, reads: bool) -> None:
    """A transport that hangs until the deadline has sent what it has read, or what it does not tell of."""

    class Hanging(Route):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await self._tell(request, "connection.connect_tcp.started", {"host": "proxy.test", "port": 3128})
            if reads:
                self.got.append(await request.aread())
            await anyio.sleep_forever()
            raise AssertionError

    transport = Hanging(traces=traces, sends=True, error=ValueError)
    response = await Exchange(timeouts=Timeouts(total=0.05), transport=transport).send(POST, Progress())
    if traces and not reads:
        address = "vendor.test:443 through proxy.test:3128"
        assert response == NoResponse(Reason.NETWORK, f"no connection within 0.05 seconds ({address})")
    else:
        assert response == NoResponse(Reason.NO_ANSWER, "no response within 0.05 seconds")


async def test_a_body_can_be_read_again() -> None:
    """A transport that tries again, itself or on another route, sends the same body."""
    routes = [Route(True, True, httpx.ReadError, read) for read in READERS]
    await exchanged(Fallback(routes))
    assert [route.got for route in routes] == [[POST.body]] * len(routes)
