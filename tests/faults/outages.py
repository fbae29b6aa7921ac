"""Vendors that cannot be reached: each is a context that breaks the way to a stub, and can mend it again."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from .scripts import accept
from .stub import Line, Script, Stub

__all__ = ["CERTIFICATES", "OUTAGES", "Kind", "Outage", "trusting"]

CERTIFICATES = Path(__file__).parent / "certificates"
SERVER_HELLO_OF_TLS_1_0 = bytes.fromhex("160301002a" + "02000026" + "0301" + "5a" * 32 + "00" + "002f" + "00")


@attrs.frozen
class Outage:
    """The way to the first vendor, broken until `mend` is called."""

    stub: Stub
    mend: Callable[[], None]
    url: str


Kind = Callable[[pytest.MonkeyPatch], "contextlib.AbstractContextManager[Outage]"]


def trusting() -> ssl.SSLContext:
    """What the gateway is given to trust the vendors' certificates."""
    return ssl.create_default_context(cafile=str(CERTIFICATES / "ca.pem"))


def serving(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem")
    return context


@contextlib.contextmanager
def refused(_: pytest.MonkeyPatch) -> Iterator[Outage]:
    """Nobody listens on the port."""
    with contextlib.closing(Stub(accept)) as stub:
        yield Outage(stub, stub.open, stub.url)


@contextlib.contextmanager
def syn_dropped(_: pytest.MonkeyPatch) -> Iterator[Outage]:
    """The listener's queue is full, so that the system drops what else comes."""
    with contextlib.closing(Stub(accept)) as stub, contextlib.ExitStack() as queue:
        stub.listen(0)
        for _index in range(4):
            waiting = queue.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", stub.port))

        def mend() -> None:
            queue.close()
            stub.open()

        yield Outage(stub, mend, stub.url)


def resolving(result: Callable[[threading.Event], None]) -> Kind:
    """The name's resolution does this, until it is mended."""

    @contextlib.contextmanager
    def outage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Outage]:
        mended, resolve = threading.Event(), socket.getaddrinfo

        def getaddrinfo(
            host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
        ) -> list[Any]:
            if host in ("vendor.test", b"vendor.test") and not flags & socket.AI_NUMERICHOST:
                if not mended.is_set():
                    result(mended)
                host = "127.0.0.1"
            return resolve(host, port, family, type, proto, flags)

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        with Stub(accept) as stub:
            stub.host = f"vendor.test:{stub.port}"
            yield Outage(stub, mended.set, stub.url)
            mended.set()

    return outage


def no_such_name(_: threading.Event) -> None:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def no_resolver(mended: threading.Event) -> None:
    mended.wait(60)


def handshake(script: Script = accept, certificate: str | None = None) -> Kind:
    """Something goes wrong while TLS is set up: the peer does not speak it, or has a bad certificate."""

    @contextlib.contextmanager
    def outage(_: pytest.MonkeyPatch) -> Iterator[Outage]:
        with Stub(script, tls=serving(certificate) if certificate else None) as stub:

            def mend() -> None:
                stub.tls, stub.script = serving("vendor"), accept

            yield Outage(stub, mend, f"https://{stub.host}")

    return outage


def hello_then(raw: bytes) -> Script:
    """Reads the client's greeting, says this, and leaves."""

    def script(line: Line) -> None:
        line.await_bytes()
        if raw:
            line.write(raw)
            line.hang()
        line.close()

    return script


OUTAGES: list[tuple[str, str, Kind, bool]] = [
    ("1", "name does not resolve", resolving(no_such_name), False),
    ("2", "resolution hangs", resolving(no_resolver), False),
    ("3", "connection refused", refused, False),
    ("4", "SYN dropped", syn_dropped, False),
    ("5", "FIN in the TLS handshake", handshake(hello_then(b"")), False),
    ("6", "plaintext peer", handshake(hello_then(b"HTTP/1.1 400 Bad Request\r\n\r\n")), True),
    ("7", "silence in the TLS handshake", handshake(Line.idle), False),
    ("8", "untrusted certificate", handshake(certificate="untrusted"), True),
    ("9", "certificate of another host", handshake(certificate="elsewhere"), True),
    ("10", "TLS 1.0 only", handshake(hello_then(SERVER_HELLO_OF_TLS_1_0)), True),
]
"""Row, name, the outage, and whether it is a fault of configuration, which is logged as a warning."""
