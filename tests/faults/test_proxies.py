"""A caller's client behind a proxy: the CONNECT that goes before a message is not the message."""

import contextlib
import socket
import threading

import httpx
import pytest

from smsgate import Outcome, Timeouts

from . import scripts as s
from .driver import NUMBER, Recorder, code, gateway, leakless, tencent
from .outages import serving, trusting
from .stub import Line, LineClosedError, Script, Stub

pytestmark = pytest.mark.anyio


def tunnel(line: Line) -> None:
    """A proxy that does what it should."""
    head = line.read_head()
    assert head.method == "CONNECT"
    host, _, port = head.target.partition(":")
    with socket.create_connection((host, int(port))) as onward:
        line.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=pump, args=(onward, line.sock))
        back.start()
        pump(line.sock, onward)
        back.join(5)
    raise LineClosedError


def pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def says(raw: bytes) -> Script:
    """A proxy that responds with this to CONNECT, and leaves."""

    def script(line: Line) -> None:
        line.read_head()
        line.write(raw)
        line.close()

    return script


def silent(line: Line) -> None:
    line.read_head()
    line.hang()


SHORT = Timeouts(connect=5, write=5, read=2, total=20)
PROXIES: list[tuple[str, Script, Script, Outcome, str]] = [
    (
        "CONNECT refused",
        says(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"),
        s.accept,
        Outcome.NOT_SENT,
        "ProxyError: 403 Forbidden",
    ),
    (
        "CONNECT wants credentials",
        says(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
        s.accept,
        Outcome.NOT_SENT,
        "ProxyError: 407 Proxy Authentication Required",
    ),
    (
        "CONNECT quotes a number",
        says(f"HTTP/1.1 500 no {NUMBER} {'x' * 500}\r\n\r\n".encode()),
        s.accept,
        Outcome.NOT_SENT,
        "ProxyError: 500 no *******5678 xxx",
    ),
    ("FIN after CONNECT", says(b""), s.accept, Outcome.NOT_SENT, "RemoteProtocolError"),
    ("garbage after CONNECT", says(b"SSH-2.0-OpenSSH\r\n\r\n"), s.accept, Outcome.NOT_SENT, "RemoteProtocolError"),
    ("silence after CONNECT", silent, s.accept, Outcome.NOT_SENT, "ReadTimeout"),
    (
        "no TLS in the tunnel",
        says(b"HTTP/1.1 200 Fine\r\n\r\nhello, this is no TLS"),
        s.accept,
        Outcome.NOT_SENT,
        "ConnectError",
    ),
    ("accepted through the tunnel", tunnel, s.accept, Outcome.ACCEPTED, ""),
    ("processed, then FIN", tunnel, s.processed(Line.close), Outcome.UNKNOWN, "RemoteProtocolError"),
    ("not processed, then FIN", tunnel, s.unprocessed(Line.close), Outcome.UNKNOWN, "RemoteProtocolError"),
]


@pytest.mark.parametrize(
    ("proxy", "vendor", "outcome", "words"), [pytest.param(*case[1:], id=case[0]) for case in PROXIES]
)
async def test_through_a_proxy(
    proxy: Script, vendor: Script, outcome: Outcome, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A tunnel that does not come about has carried nothing: NOT_SENT, with what the proxy said of it."""
    record = Recorder()
    with Stub(vendor, tls=serving("vendor")) as first, Stub(s.accept) as second, Stub(proxy) as between:
        route = {f"https://{first.host}": httpx.AsyncHTTPTransport(proxy=between.url, verify=trusting())}
        async with httpx.AsyncClient(mounts=route, trust_env=False) as client:
            vendors = (tencent("first", f"https://{first.host}"), tencent("second", second.url))
            async with gateway(*vendors, client=client, timeouts=SHORT, on_result=record) as sms:
                result = await sms.send(code())
        assert result.attempts[0].outcome is outcome, result.attempts[0].description
        assert words in str(result.attempts[0].description)
        if outcome is Outcome.NOT_SENT:
            assert f"({first.host} through {between.host})" in str(result.attempts[0].description)
        assert second.charges == ([NUMBER] if outcome is Outcome.NOT_SENT else [])
        assert between.connections == 1
        assert record.ended == [result]
        leakless([result], result, caplog.records)
