"""In process: an httpx transport with the simulated vendors behind it.

It raises what a real connection would raise, and calls the `trace` extension of a request as httpcore would,
in httpcore's order, so that a client can see whether the body began to leave.
"""

import math
import time
from collections.abc import AsyncIterable, Callable
from typing import Any, Final, cast

import anyio
import httpx

from smsgate.sandbox.sandbox import Sandbox
from smsgate.sandbox.state.addresses import check_address
from smsgate.sandbox.state.answer import Answer, Drop
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["SandboxTransport"]

_CONNECT: Final = "connection.connect_tcp"
_TLS: Final = "connection.start_tls"
_HEADERS: Final = "http11.send_request_headers"
_BODY: Final = "http11.send_request_body"
_RESPONSE: Final = "http11.receive_response_headers"


class SandboxTransport(httpx.AsyncBaseTransport):
    """Requests to any host go to the simulated vendor that their path belongs to.

    *clock*: gives Unix seconds, the vendors' own time. *delay_scale*: multiplies the delays of slow responses, the wait
    for a response that never comes, and a gateway's pauses before a retry; 0 for none. *client_address*: the IP address
    that requests come from, for accounts that allow some only; it may be set at any time. Works on asyncio and trio.
    """

    def __init__(
        self,
        sandbox: Sandbox | None = None,
        *,
        clock: Callable[[], float] = time.time,
        delay_scale: float = 1.0,
        client_address: str = "127.0.0.1",
    ) -> None:
        self.sandbox: Sandbox = sandbox or Sandbox()
        self.client_address: str = check_address(client_address, "client_address")
        self.requests: list[HttpRequest] = []
        """The requests that reached a vendor, with a response or without."""
        self._clock = clock
        self._delay_scale = delay_scale
        self._connected: set[str] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The response to one request. Raises the `httpx.TransportError` that a real connection would."""
        response = await self._exchange(request)
        return httpx.Response(
            response.status,
            headers=list(response.headers.pairs),
            stream=httpx.ByteStream(response.body),
            extensions={"http_version": b"HTTP/1.1"},
        )

    async def simulated_sleep(self, seconds: float) -> None:
        """Sleep for *seconds* of this network's time. A `Gateway` over it pauses in this way before it retries."""
        await anyio.sleep(seconds * self._delay_scale)

    async def _exchange(self, request: httpx.Request) -> HttpResponse:
        trace = _Trace(request)
        drop = self.sandbox.early_drop(_plain(request, b""), now=self._clock())
        await self._connect(trace, request, refused=drop is Drop.CONNECT)
        await trace.started(_HEADERS)
        if drop is Drop.HEADERS:
            raise await self._lost(trace, request, _HEADERS, httpx.ReadError("the connection was reset"))
        await trace.complete(_HEADERS)
        await trace.started(_BODY)
        plain = _plain(request, b"".join([chunk async for chunk in cast("AsyncIterable[bytes]", request.stream)]))
        await trace.complete(_BODY)
        await trace.started(_RESPONSE)
        self.requests.append(plain)
        answer = self.sandbox.handle(plain, now=self._clock(), client_address=self.client_address)
        await self._wait(trace, request, answer)
        if answer.response is None:
            error = httpx.RemoteProtocolError("Server disconnected without sending a response.")
            reset = httpx.ReadError("the connection was reset")
            raise await self._lost(trace, request, _RESPONSE, error if answer.drop is Drop.AFTER else reset)
        await trace.complete(_RESPONSE)
        return answer.response

    async def _connect(self, trace: "_Trace", request: httpx.Request, *, refused: bool) -> None:
        origin = _origin(request)
        if refused:
            await trace.started(_CONNECT)
            raise await self._lost(trace, request, _CONNECT, httpx.ConnectError("All connection attempts failed"))
        if origin in self._connected:
            return
        for step in (_CONNECT, _TLS) if request.url.scheme == "https" else (_CONNECT,):
            await trace.started(step)
            await trace.complete(step)
        self._connected.add(origin)

    async def _wait(self, trace: "_Trace", request: httpx.Request, answer: Answer) -> None:
        seconds = answer.delay if math.isinf(answer.delay) else answer.delay * self._delay_scale
        limit: float | None = request.extensions.get("timeout", {}).get("read")
        if limit is not None and seconds > limit:
            await (self.simulated_sleep(limit) if math.isinf(seconds) else anyio.sleep(limit))
            raise await self._lost(trace, request, _RESPONSE, httpx.ReadTimeout("the response did not come in time"))
        if seconds:
            await anyio.sleep(seconds)

    async def _lost(
        self, trace: "_Trace", request: httpx.Request, step: str, error: httpx.TransportError
    ) -> httpx.TransportError:
        """The error to raise once the connection is gone."""
        self._connected.discard(_origin(request))
        await trace.failed(step, error)
        error.request = request
        return error


class _Trace:
    """The `trace` extension of one request, if it has one."""

    def __init__(self, request: httpx.Request) -> None:
        self._callback = request.extensions.get("trace")
        self._request = request

    async def started(self, step: str) -> None:
        if self._callback is not None:
            await self._callback(f"{step}.started", self._about(step))

    async def complete(self, step: str) -> None:
        if self._callback is not None:
            await self._callback(f"{step}.complete", {"return_value": None})

    async def failed(self, step: str, error: Exception) -> None:
        if self._callback is not None:
            await self._callback(f"{step}.failed", {"exception": error})

    def _about(self, step: str) -> dict[str, Any]:
        import httpcore  # slow to import, and only those who trace need it

        url = self._request.url
        if step in (_CONNECT, _TLS):
            return {"host": url.host, "port": url.port}
        core = httpcore.Request(self._request.method, str(url), headers=self._request.headers.raw)
        return {"request": core}


def _plain(request: httpx.Request, body: bytes) -> HttpRequest:
    return HttpRequest(request.method, str(request.url), tuple(request.headers.multi_items()), body)


def _origin(request: httpx.Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
