"""What goes over the wire is the same over each HTTP library: once, and as it was built."""

import gc

import anyio
import pytest
from networks import over_network

from smsgate import ConfigurationError, Outcome, Timeouts
from smsgate.transport import AiohttpTransport
from smsgate.transport.exchange import Exchange, NoResponse
from smsgate.transport.progress import Progress
from smsgate.wire import HttpRequest, HttpResponse

from . import scripts as s
from .driver import PATIENT, code, gateway, until
from .outages import serving, trusting
from .stub import Incoming, Line, Stub
from .vendors import Bulky

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("network")]

METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "PATCH"]


class Notebook:
    """A vendor of any method, which writes down every request."""

    def __init__(self) -> None:
        self.heard: list[Incoming] = []
        self.leaves = False
        """Reads requests, and goes instead of responding."""

    def __call__(self, line: Line) -> None:
        head = line.read_head()
        self.heard.append(line.read_body(head) if head.header("content-length") else head)
        if self.leaves:
            line.close()
        line.write(s.http(b"" if head.method == "HEAD" else b"{}"))


def exchange() -> Exchange:
    return Exchange(timeouts=Timeouts(), **over_network({"ssl_context": trusting()}))


@pytest.mark.parametrize("body", [b"", b"{}"])
@pytest.mark.parametrize("method", METHODS)
async def test_nothing_is_sent_twice(method: str, body: bytes) -> None:
    """A request that a kept connection breaks under is not repeated, whatever its method: the vendor has it once."""
    vendor = Notebook()
    with Stub(vendor) as stub:
        over = exchange()
        request = HttpRequest(method, f"{stub.url}/thing", {}, body)
        assert isinstance(await over.send(request, Progress()), HttpResponse)
        vendor.leaves = True
        response = await over.send(request, Progress())
        await over.aclose()
    assert isinstance(response, NoResponse)
    assert response.may_have_left
    assert len(vendor.heard) == stub.heads == 2


@pytest.mark.parametrize("body", [b"", b"{}"])
@pytest.mark.parametrize("method", METHODS)
async def test_a_request_is_sent_as_it_was_built(method: str, body: bytes) -> None:
    """Target, headers and body: nothing is encoded anew, left out or added but what is ours."""
    vendor, target = Notebook(), "/a%2Fb/~c;d=%7e?x=1%202&y=%E4%BD%A0+%25&z='*()!"
    headers = (("X-First", "1"), ("Content-Type", "application/json"), ("X-Twice", "a"), ("X-Twice", "b"))
    with Stub(vendor) as stub:
        over = exchange()
        await over.send(HttpRequest(method, stub.url + target, headers, body), Progress())
        await over.aclose()
    (heard,) = vendor.heard
    assert (heard.method, heard.target, heard.body) == (method, target, body)
    assert [pair for pair in heard.headers if pair[0].startswith(("X-", "Content-Type"))] == list(headers)
    has_length = bool(body) or method in ("PUT", "POST", "PATCH")
    assert heard.header("content-length") == ([str(len(body))] if has_length else [])
    names = sorted(name.lower() for name, _ in heard.headers)
    ours = ["accept", "accept-encoding", "host", "user-agent", *(["content-length"] if has_length else [])]
    assert [name for name in names if name not in ("connection", "transfer-encoding")] == sorted(
        [*ours, "content-type", "x-first", "x-twice", "x-twice"]
    )


@pytest.mark.parametrize(
    ("rest", "target"),
    [("", "/"), ("?a=1", "/?a=1"), ("?a=/b//c", "/?a=/b//c"), ("#b", "/"), ("/x#b", "/x"), ("/x?a=1#b", "/x?a=1")],
)
@pytest.mark.parametrize("scheme", ["http", "HTTP"])
async def test_an_address_is_understood_as_browsers_do(scheme: str, rest: str, target: str) -> None:
    """Without a path, with a query behind the host, with a fragment, with a scheme in capitals: over one connection."""
    vendor = Notebook()
    with Stub(vendor) as stub:
        over = exchange()
        for _ in range(2):
            address = stub.url.replace("http", scheme, 1) + rest
            response = await over.send(HttpRequest("POST", address, {}, b"{}"), Progress())
            assert isinstance(response, HttpResponse), response
        await over.aclose()
        assert stub.connections == 1
    assert [heard.target for heard in vendor.heard] == [target] * 2


@pytest.mark.parametrize("name", ["X-Bad", "X\r\nBad"])
@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "a\0b"])
async def test_a_header_that_cannot_be_sent(name: str, value: str) -> None:
    """A line break in a header sends nothing, and the next request is as good as before.

    httpx tells of a request without a body when its headers begin to leave, and checks them after that.
    """
    vendor = Notebook()
    with Stub(vendor) as stub:
        over = exchange()
        for body in (b"", b"{}"):
            bad = HttpRequest("POST", f"{stub.url}/thing", {name: value}, body)
            response = await over.send(bad, Progress())
            assert isinstance(response, NoResponse)
            assert not (body and response.may_have_left)
            good = HttpRequest("POST", f"{stub.url}/thing", {}, body)
            assert isinstance(await over.send(good, Progress()), HttpResponse)
        await over.aclose()
    assert len(vendor.heard) == 2


@pytest.mark.parametrize(
    "url", ["", "vendor.test/send", "ftp://vendor.test/send", "https:///send", "https://[::1/send"]
)
async def test_an_address_that_is_none(url: str) -> None:
    """It was not sent, and the error says which address it was."""
    over = exchange()
    response = await over.send(HttpRequest("POST", url, {}, b"{}"), Progress())
    await over.aclose()
    assert isinstance(response, NoResponse)
    assert not response.may_have_left


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("size", [0, 5_000_000])
@pytest.mark.parametrize("tls", [False, True])
async def test_aiohttp_writes_nothing_before_it_says_so(
    tls: bool, size: int, network: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That it says so is the whole evidence: what is refused at that moment has sent no byte, on any connection."""
    if network != "aiohttp":
        return

    def refuse(_: object) -> None:
        raise ValueError

    lines: list[Line] = []

    def script(line: Line) -> None:
        lines.append(line)
        s.accept(line)

    with Stub(script, tls=serving("vendor") if tls else None) as stub:
        vendor = Bulky("first", stub.url if not tls else f"https://{stub.host}", size)
        async with gateway(vendor, ssl_context=trusting()) as sms:
            assert (await sms.send(code())).accepted
            for kept in (True, False):
                heads = stub.heads
                with monkeypatch.context() as patch:
                    patch.setattr(Progress, "body_read", refuse)
                    assert (await sms.send(code())).outcome is Outcome.NOT_SENT, kept
                await anyio.sleep(0.05)
                assert stub.heads == heads
                assert not [line for line in lines if line.buffer]
            assert (await sms.send(code())).accepted


async def test_nothing_piles_up_over_a_vendor_that_hangs_up() -> None:
    """A connection that is replaced before each request leaves nothing of the one before behind."""

    def accept_and_leave(line: Line) -> None:
        s.accept(line)
        line.wait(0.02)  # the connection is idle by then
        line.close()

    def held() -> int:
        gc.collect()
        return sum(type(each).__name__ in ("_Protocol", "AsyncHTTPConnection") for each in gc.get_objects())

    before = held()
    with Stub(accept_and_leave) as stub:
        async with gateway(Bulky("first", stub.url)) as sms:
            for _ in range(10):
                assert (await sms.send(code())).accepted
                await until(lambda: not stub.open_lines, "the stub did not close its connection")
                await anyio.sleep(0.02)  # for the client's side of the system to hear of it
            assert stub.connections == 10
            assert held() <= before + 2


@pytest.mark.parametrize("anyio_backend", ["trio"])
async def test_aiohttp_says_that_it_needs_asyncio() -> None:
    """However often it is tried, and for management calls as for messages: one clear error, and nothing is sent."""
    with Stub(s.accept) as stub:
        sms = gateway(Bulky("first", stub.url), transport=AiohttpTransport())
        for _ in range(2):
            with pytest.raises(ConfigurationError, match="AiohttpTransport: runs on asyncio only"):
                await sms.send(code())
        assert stub.connections == 0


async def test_timeouts_of_a_large_write() -> None:
    """A vendor that stops reading half-way is given up after the time for a write to make progress."""
    hurried = Timeouts(connect=PATIENT.connect, write=0.3, read=60, total=60)
    with Stub(Line.idle) as stub:
        async with gateway(Bulky("first", stub.url, 20_000_000), timeouts=hurried) as sms:
            with anyio.fail_after(20):
                assert (await sms.send(code())).outcome is Outcome.UNKNOWN
