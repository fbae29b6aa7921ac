"""Every fault again, over transports that the caller brings: what the vendor has read is never called NOT_SENT."""

import contextlib
from collections.abc import AsyncIterator, Callable

import httpx
import httpx2
import httpx_aiohttp
import pytest

from smsgate import Outcome, Timeouts

from .driver import NUMBER, Fault, Recorder, code, gateway, leakless, tencent
from .matrix import MATRIX
from .outages import OUTAGES, Kind, trusting
from .scripts import accept
from .stub import Stub
from .vendors import Bulky

pytestmark = pytest.mark.anyio

Make = Callable[[], httpx.AsyncBaseTransport | httpx2.AsyncBaseTransport]


def by_httpx() -> httpx.AsyncBaseTransport:
    return httpx.AsyncHTTPTransport(verify=trusting())


def by_httpx2() -> httpx2.AsyncBaseTransport:
    return httpx2.AsyncHTTPTransport(verify=trusting())


def by_aiohttp() -> httpx.AsyncBaseTransport:
    return httpx_aiohttp.AiohttpTransport(verify=trusting())


class Fallback(httpx.AsyncBaseTransport):
    """Takes the second transport where the first one raises."""

    def __init__(self, first: httpx.AsyncBaseTransport, second: httpx.AsyncBaseTransport) -> None:
        self._transports = first, second

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._transports[0].handle_async_request(request)
        except httpx.TransportError:
            return await self._transports[1].handle_async_request(request)

    async def aclose(self) -> None:
        for transport in self._transports:
            await transport.aclose()


class Unreachable(httpx.AsyncHTTPTransport):
    """Traces, as httpx's own transport does, and never gets a connection."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request = httpx.Request("POST", "http://127.0.0.1:1/", content=b"", extensions=request.extensions)
        return await super().handle_async_request(request)


BOTH = ["asyncio", "trio"]
TRANSPORTS: dict[str, tuple[Make, list[str]]] = {
    "httpx": (by_httpx, BOTH),
    "httpx2": (by_httpx2, BOTH),
    "aiohttp": (by_aiohttp, ["asyncio"]),
    "unreachable, then aiohttp": (lambda: Fallback(Unreachable(), by_aiohttp()), ["asyncio"]),
    "aiohttp, then unreachable": (lambda: Fallback(by_aiohttp(), Unreachable()), ["asyncio"]),
}
EVERY = pytest.mark.parametrize(
    ("make", "anyio_backend"),
    [
        pytest.param(make, backend, id=f"{name}-{backend}".replace(" ", "-"))
        for name, (make, backends) in TRANSPORTS.items()
        for backend in backends
    ],
)


@contextlib.asynccontextmanager
async def opened(make: Make) -> AsyncIterator[httpx.AsyncBaseTransport | httpx2.AsyncBaseTransport]:
    """A transport that is closed by its owner, in the end."""
    transport = make()
    try:
        yield transport
    finally:
        await transport.aclose()


@EVERY
@pytest.mark.parametrize(
    "fault", [pytest.param(fault, id=f"{fault.row}-{fault.name}".replace(" ", "-")) for fault in MATRIX]
)
async def test_fault(fault: Fault, make: Make, caplog: pytest.LogCaptureFixture) -> None:
    """Charged once at most, recorded once, and NOT_SENT only of what no vendor has read."""
    record = Recorder()
    with Stub(fault.script) as first, Stub(accept) as second:
        faulty = Bulky("first", first.url, fault.size) if fault.size else tencent("first", first.url)
        async with opened(make) as transport:
            vendors = (faulty, tencent("second", second.url))
            async with gateway(*vendors, timeouts=fault.timeouts, on_result=record, transport=transport) as sms:
                result = await sms.send(code())
        tried = result.attempts[0]
        assert record.ended == [result]
        if tried.outcome is Outcome.NOT_SENT:
            assert not first.requests, f"NOT_SENT of what was read: {tried.description}"
        if tried.outcome is Outcome.UNKNOWN:
            assert not second.requests, "another vendor was asked for what may have been sent"
        if tried.outcome is not Outcome.REJECTED:
            assert len(first.charges + second.charges) <= 1, f"charged twice: {result.summary()}"
        assert Outcome.ACCEPTED not in fault.outcomes or result.accepted
        leakless([result, sms], result, caplog.records)


@EVERY
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, id=f"{row}-{name}".replace(" ", "-")) for row, name, kind, _ in OUTAGES]
)
async def test_outage(kind: Kind, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is charged twice where a vendor cannot be reached; what traces fails over, what does not is UNKNOWN."""
    record = Recorder()
    with kind(monkeypatch) as outage, Stub(accept) as second:
        async with opened(make) as transport:
            vendors = (tencent("first", outage.url), tencent("second", second.url))
            timeouts = Timeouts(connect=0.5, read=20, write=20, total=1.5)
            async with gateway(*vendors, timeouts=timeouts, on_result=record, transport=transport) as sms:
                result = await sms.send(code())
        proven = make in (by_httpx, by_httpx2)
        assert result.attempts[0].outcome is (Outcome.NOT_SENT if proven else Outcome.UNKNOWN)
        assert (outage.stub.charges, second.charges) == ([], [NUMBER] if proven else [])
        assert record.ended == [result]
