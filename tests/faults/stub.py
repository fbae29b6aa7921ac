"""A vendor on a real socket that does what a script says. It shares no code with smsgate.

A script is a function that is handed a connection, in a thread of its own, and deals with one request on it. It reads
the request by hand, checks it strictly, and says itself when it has "processed" it: that is a charge.
"""

import contextlib
import hashlib
import json
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import attrs

__all__ = ["Incoming", "Line", "LineClosedError", "Script", "Stub"]

APP_KEY = "canary-app-key-2b7e151628aed2a6"
"""The key that a stub verifies signatures with."""
_QUOTED_MOBILE = re.compile(rb'"(?:\+?86)?(1[3-9]\d{9})"')
_MAX_HEAD = 16_384


class LineClosedError(Exception):
    """The other side has gone, or the stub is being stopped."""


@attrs.frozen
class Incoming:
    """A request as it was read off the wire."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]

    @property
    def mobiles(self) -> list[str]:
        """The mobile numbers of mainland China in the body."""
        return [found.decode() for found in _QUOTED_MOBILE.findall(self.body)]


@attrs.define(eq=False)
class Line:
    """One accepted connection."""

    sock: socket.socket
    stub: "Stub"
    index: int
    """How many connections came before it."""
    buffer: bytearray = attrs.field(factory=bytearray)

    def read_head(self) -> Incoming:
        """The request line and the headers. Raises `LineClosedError` if the client has gone."""
        while b"\r\n\r\n" not in self.buffer:
            if len(self.buffer) > _MAX_HEAD:
                self.stub.violations.append("the head is longer than 16 KiB")
                raise LineClosedError
            self._more()
        head, _, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        self.buffer[:] = rest
        first, *fields = head.decode("ascii").split("\r\n")
        method, target, version = first.split(" ")
        if version != "HTTP/1.1":
            self.stub.violations.append(f"the version is {version}")
        pairs = tuple((name, value.strip()) for name, _, value in (field.partition(":") for field in fields))
        self.stub.heads += 1
        return Incoming(method, target, pairs)

    def read_body(self, head: Incoming) -> Incoming:
        """The body whole; the request is then checked."""
        length = int(head.header("content-length")[0])
        while len(self.buffer) < length:
            self._more()
        request = attrs.evolve(head, body=bytes(self.buffer[:length]))
        del self.buffer[:length]
        self.stub.requests.append(request)
        self.stub.violations += problems(request, self.stub.host)
        return request

    def read(self) -> Incoming:
        """A whole request."""
        return self.read_body(self.read_head())

    def charge(self, request: Incoming) -> None:
        """The vendor has processed it: from here on the message is paid for and on its way."""
        self.stub.charges += request.mobiles

    def write(self, data: bytes) -> None:
        try:
            self.sock.sendall(data)
        except OSError:
            raise LineClosedError from None

    def drip(self, data: bytes, *, seconds: float) -> None:
        """One byte at a time."""
        for position in range(len(data)):
            self.write(data[position : position + 1])
            self.wait(seconds)

    def reset(self) -> NoReturn:
        """RST instead of FIN; the script ends here."""
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> NoReturn:
        """FIN, or RST if there is something that was not read; the script ends here."""
        self.sock.close()
        raise LineClosedError

    def wait(self, seconds: float) -> None:
        """Sleep, but not beyond the end of the test."""
        if self.stub.released.wait(seconds):
            raise LineClosedError

    def hang(self) -> None:
        """Say nothing until the client leaves or the test ends."""
        while True:
            self._more()

    def idle(self) -> None:
        """Read nothing, say nothing."""
        self.wait(3600)

    def await_bytes(self) -> None:
        if not self.buffer:
            self._more()

    def _more(self) -> None:
        try:
            data = self.sock.recv(65536)
        except OSError:
            data = b""
        if not data:
            raise LineClosedError
        self.buffer += data


Script = Callable[[Line], None]


class Stub:
    """Listens on a free port of loopback from `open` to `close`, or as a context."""

    def __init__(self, script: Script, *, tls: ssl.SSLContext | None = None) -> None:
        self.script = script
        self.charges: list[str] = []
        """The mobile number of each message that was processed."""
        self.requests: list[Incoming] = []
        """What was read whole."""
        self.heads = 0
        self.connections = 0
        self.violations: list[str] = []
        """What was wrong with the requests."""
        self.released = threading.Event()
        self.tls = tls
        self._lines: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self._acceptor = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    @property
    def open_lines(self) -> int:
        """How many connections it has at the moment."""
        return len(self._lines)

    def listen(self, backlog: int = 1024) -> None:
        """Let connections queue up. Before, they are refused."""
        self._listener.listen(backlog)

    def open(self) -> None:
        """Accept connections."""
        self.listen()
        self._acceptor.start()

    def close(self) -> None:
        """Cut all connections and wait for all threads."""
        self.released.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        if self._acceptor.ident:
            self._acceptor.join(5)
        self._listener.close()
        for sock in list(self._lines):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def __enter__(self) -> "Stub":
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._lines.add(sock)
            thread = threading.Thread(target=self._serve, args=(sock, self.connections), daemon=True)
            self.connections += 1
            self._threads.append(thread)
            thread.start()

    def _serve(self, raw: socket.socket, index: int) -> None:
        sock = raw
        try:
            if self.tls is not None:
                sock = self.tls.wrap_socket(raw, server_side=True)
                self._lines.add(sock)
            line = Line(sock, self, index)
            self.script(line)
            while True:  # the connection was kept: what happens next is as the stub then is
                line.await_bytes()
                self.script(line)
        except (LineClosedError, OSError):
            pass
        finally:
            sock.close()
            raw.close()
            self._lines -= {raw, sock}


def problems(request: Incoming, host: str) -> Iterator[str]:
    """What is wrong with a request, looked at as an HTTP server and as Tencent's v5 interface would."""
    if request.method != "POST":
        yield f"the method is {request.method}"
    if request.header("host") != [host]:
        yield f"Host is {request.header('host')}, not [{host!r}]"
    for name in ("content-length", "content-type"):
        if len(request.header(name)) != 1:
            yield f"{name} is there {len(request.header(name))} times"
    for name in ("transfer-encoding", "expect", "cookie"):
        if request.header(name):
            yield f"{name} is there"
    if request.target.startswith("/v5/"):
        yield from _v5_problems(request)


def _v5_problems(request: Incoming) -> Iterator[str]:
    path, _, query = request.target.partition("?")
    fields = dict(field.split("=") for field in query.split("&"))
    body: dict[str, Any] = json.loads(request.body)
    if set(fields) != {"sdkappid", "random"}:
        yield f"the query has {sorted(fields)}"
    if path.endswith("/sendisms"):
        return
    tel = body["tel"] if isinstance(body["tel"], list) else [body["tel"]]
    mobiles = ",".join(each["mobile"] for each in tel)
    text = f"appkey={APP_KEY}&random={fields['random']}&time={body['time']}&mobile={mobiles}"
    if body["sig"] != hashlib.sha256(text.encode()).hexdigest():
        yield "the sig is wrong"
