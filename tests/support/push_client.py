"""A client for many pushes a second that takes little of the machine it shares with the servers.

Requests are bytes that were made before. A connection carries one at a time, and some hundred before another takes its
place: several processes that listen at one address share the work by its connections. Pushes come at their own times,
whether or not those before were answered: what waits for a connection is late, and counts as such.
"""

import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress

import attrs

__all__ = ["Taken", "make_push", "push_all"]

_END_OF_HEAD = b"\r\n\r\n"
_RETRY_SECONDS = 0.05
_SECONDS = 60.0
_PUSHES_OF_CONNECTION = 100


@attrs.define
class Taken:
    """What became of the pushes of one run."""

    stored: list[int] = attrs.field(factory=list[int])
    """The indexes of those that were answered 200."""
    statuses: Counter[int] = attrs.field(factory=Counter[int])
    """How many had each status; 0 for those whose connection was lost."""
    seconds: list[float] = attrs.field(factory=list[float])
    """From the moment at which each was due to its answer, for those that were answered 200."""
    elapsed: float = 0.0
    cpu: float = 0.0
    """CPU seconds of the client."""

    def percentile(self, percent: float) -> float:
        """How many seconds that many percent of the pushes took at most."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def make_push(path: str, body: bytes, content_type: str) -> bytes:
    """A push as it goes over the wire."""
    head = f"POST {path} HTTP/1.1\r\nHost: sms.example\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}"
    return head.encode() + _END_OF_HEAD + body


def push_all(
    address: tuple[str, int], pushes: Sequence[bytes], *, rate: float, connections: int, again: bool = False
) -> Taken:
    """Send *pushes*, that many a second over that many connections, and wait for all answers.

    *again*: what was not answered 200 is pushed again, as vendors do, until it is.
    """
    client = _Client(address, pushes, rate, again)
    began, cpu = time.monotonic(), time.process_time()
    client.run(connections)
    client.taken.elapsed, client.taken.cpu = time.monotonic() - began, time.process_time() - cpu
    return client.taken


@attrs.define
class _Client:
    address: tuple[str, int]
    pushes: Sequence[bytes]
    rate: float
    again: bool
    taken: Taken = attrs.field(factory=Taken)
    idle: deque[socket.socket] = attrs.field(factory=deque[socket.socket])
    sent: dict[socket.socket, int] = attrs.field(factory=dict[socket.socket, int])
    read: dict[socket.socket, bytes] = attrs.field(factory=dict[socket.socket, bytes])
    repeated: deque[tuple[float, int]] = attrs.field(factory=deque[tuple[float, int]])
    due: dict[int, float] = attrs.field(factory=dict[int, float])
    left: dict[socket.socket, int] = attrs.field(factory=dict[socket.socket, int])
    selector: selectors.DefaultSelector = attrs.field(factory=selectors.DefaultSelector)

    def run(self, connections: int) -> None:
        for number in range(connections):
            self._connect(1 + number * _PUSHES_OF_CONNECTION // connections)
        began, following, count = time.monotonic(), 0, len(self.pushes)
        with self.selector:
            while following < count or self.sent or self.repeated:
                now = time.monotonic()
                while self.idle and self.repeated and self.repeated[0][0] <= now:
                    self._send(self.repeated.popleft()[1])
                while self.idle and following < count and (at := began + following / self.rate) <= now:
                    self.due[following] = at
                    self._send(following)
                    following += 1
                for key, _ in self.selector.select(0.001):
                    self._receive(key.fileobj)  # type: ignore[arg-type]
            for connection in [*self.idle, *self.sent]:
                connection.close()

    def _connect(self, pushes: int = _PUSHES_OF_CONNECTION) -> None:
        connection = _connected(self.address)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
        self.selector.register(connection, selectors.EVENT_READ)
        self.left[connection] = pushes
        self.idle.append(connection)

    def _send(self, index: int) -> None:
        connection = self.idle.popleft()
        self.sent[connection] = index
        try:
            connection.sendall(self.pushes[index])
        except OSError:
            self._lost(connection)

    def _receive(self, connection: socket.socket) -> None:
        try:
            piece = connection.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if not piece:
            self._lost(connection)
            return
        answer = self.read.pop(connection, b"") + piece
        if not _is_whole(answer):
            self.read[connection] = answer
            return
        self._answered(self.sent.pop(connection), int(answer[9:12]))
        self.left[connection] -= 1
        if b"connection: close" in answer.lower() or not self.left[connection]:
            self._reconnect(connection)
        else:
            self.idle.append(connection)

    def _answered(self, index: int, status: int) -> None:
        self.taken.statuses[status] += 1
        now = time.monotonic()
        if status == 200:
            self.taken.stored.append(index)
            self.taken.seconds.append(now - self.due[index])
        elif self.again:
            self.repeated.append((now + _RETRY_SECONDS, index))

    def _lost(self, connection: socket.socket) -> None:
        if (index := self.sent.pop(connection, None)) is not None:
            self._answered(index, 0)
        else:
            with suppress(ValueError):
                self.idle.remove(connection)
        self._reconnect(connection)

    def _reconnect(self, connection: socket.socket) -> None:
        self.read.pop(connection, None)
        del self.left[connection]
        self.selector.unregister(connection)
        connection.close()
        self._connect()


def _connected(address: tuple[str, int]) -> socket.socket:
    """A connection, as soon as somebody listens."""
    end = time.monotonic() + _SECONDS
    while True:
        try:
            return socket.create_connection(address, timeout=_SECONDS)
        except (ConnectionRefusedError, ConnectionResetError):
            if time.monotonic() > end:
                raise
        time.sleep(_RETRY_SECONDS)


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(_END_OF_HEAD)
    if not end:
        return False
    _, _, length = head.lower().partition(b"content-length:")
    return len(body) >= int(length.split(b"\r\n")[0])
