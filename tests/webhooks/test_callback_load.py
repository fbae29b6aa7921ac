"""The app over real sockets: ten connections at once, copies, any order, and bodies without an end."""

import http.client
import json
import random
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlencode

import anyio.lowlevel
import pytest
import uvicorn

from smsgate import Reply, StatusReport, huawei, tencent
from smsgate.model.delivery import Delivery
from smsgate.webhooks import CallbackApp, Route

TOKEN = "a-token-that-nobody-guesses"
CODES = ("DELIVRD", "UNDELIV", "EXPIRED", "MK:0001", "REJECTD")
Push = tuple[str, bytes]
MessageId = tuple[str, str]


class Deduplicating:
    """A reader's handler: takes each report once and merges them by message."""

    def __init__(self) -> None:
        self.calls = 0
        self.seen: set[StatusReport] = set()
        self.deliveries: dict[MessageId, Delivery] = {}

    async def __call__(self, event: StatusReport | Reply) -> None:
        assert isinstance(event, StatusReport)
        self.calls += 1
        await anyio.lowlevel.checkpoint()
        if event not in self.seen:
            self.seen.add(event)
            name = (event.provider, event.message_id)
            self.deliveries[name] = self.deliveries.get(name, Delivery()).apply(event)

    @property
    def states(self) -> dict[MessageId, tuple[object, ...]]:
        return {name: (d.state, d.reason, d.partial, d.conflict) for name, d in self.deliveries.items()}


def app_for(handler: Deduplicating) -> CallbackApp:
    routes = [Route("tencent-v5", tencent.parse_callback, tokens=[TOKEN])]
    return CallbackApp(handler, *routes, Route("huawei", huawei.parse_callback, tokens=[TOKEN]))


@contextmanager
def served(app: CallbackApp) -> Iterator[tuple[str, int]]:
    """*app* behind uvicorn, on a free port of the loopback."""
    # With the protocol spelled out: asyncio switches Nagle's delay off only then.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none", lifespan="on"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def tencent_push(number: int, copy: int) -> Push:
    """One report on message *number*; some messages fail first and are delivered later."""
    code = CODES[(number + copy) % len(CODES)]
    item = {
        "user_receive_time": f"2026-01-01 08:{number % 60:02}:{copy:02}",
        "nationcode": "86",
        "mobile": f"138{number:08}",
        "report_status": "SUCCESS" if code == "DELIVRD" else "FAIL",
        "errmsg": code,
        "description": "",
        "sid": f"8:{number}",
    }
    return "/tencent-v5", json.dumps([item]).encode()


def huawei_push(number: int, part: int) -> Push:
    """One report on one of the three parts of message *number*."""
    code = CODES[number % len(CODES)] if part == 2 else "DELIVRD"
    fields = {"smsMsgId": f"id-{number}", "total": 3, "sequence": part, "status": code, "source": 2}
    fields["updateTime"] = f"2026-01-01T00:00:{part:02}Z"
    return "/huawei", urlencode(fields).encode()


def deliver(address: tuple[str, int], pushes: Sequence[Push], statuses: list[int]) -> None:
    connection = http.client.HTTPConnection(*address)
    for path, body in pushes:
        connection.request("POST", f"{path}/{TOKEN}", body)
        answer = connection.getresponse()
        statuses.append(answer.status)
        answer.read()
    connection.close()


def test_a_thousand_reports_three_times_in_any_order() -> None:
    """1,000 reports, three times each, shuffled over ten connections: 1,000 events, and the same states as in order."""
    pushes = [tencent_push(number, copy) for number in range(200) for copy in range(2)]
    pushes += [huawei_push(number, part) for number in range(200) for part in (1, 2, 3)]
    in_order, handler = Deduplicating(), Deduplicating()
    with served(app_for(in_order)) as address:
        deliver(address, pushes, [])
    shuffled = pushes * 3
    random.Random(3).shuffle(shuffled)
    statuses: list[int] = []
    app = app_for(handler)
    with served(app) as address:
        threads = [threading.Thread(target=deliver, args=(address, shuffled[lane::10], statuses)) for lane in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert statuses == [200] * 3000
    assert (handler.calls, len(handler.seen)) == (3000, 1000)
    assert (app.counters.reports, app.counters.requests) == (3000, 3000)
    assert handler.states == in_order.states
    assert handler.deliveries == in_order.deliveries
    assert len(handler.states) == 400
    assert len({state for state, *_ in handler.states.values()}) >= 4


def chunks(size: int) -> Iterator[bytes]:
    for _ in range(size // 65536):
        yield bytes(65536)


def test_a_body_without_an_end_is_cut_off() -> None:
    """A chunked gigabyte is answered 413 or cut, long before its end, and the next push is taken."""
    sent = 0

    def counted() -> Iterator[bytes]:
        nonlocal sent
        for chunk in chunks(1 << 30):
            sent += len(chunk)
            yield chunk

    with served(app_for(Deduplicating())) as address:
        connection = http.client.HTTPConnection(*address)
        try:
            connection.request(
                "POST", f"/huawei/{TOKEN}", counted(), {"Transfer-Encoding": "chunked"}, encode_chunked=True
            )
            assert connection.getresponse().status == 413
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server closed while we were still sending
        connection.close()
        assert sent < 64 << 20
        statuses: list[int] = []
        deliver(address, [huawei_push(1, 1)], statuses)
        assert statuses == [200]


def test_a_lying_length_is_not_waited_for() -> None:
    """A body that stays behind its announced length is given up at the deadline."""
    app = CallbackApp(Deduplicating(), Route("huawei", huawei.parse_callback, tokens=[TOKEN]), read_deadline=0.05)
    with served(app) as address, socket.create_connection(address) as raw:
        raw.sendall(f"POST /huawei/{TOKEN} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nstatus=".encode())
        answer = raw.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert app.counters.refused == {408: 1}


@pytest.mark.parametrize(("path", "status"), [("/huawei/a-wrong-token-of-a-stranger", 404), (f"/huawei/{TOKEN}", 413)])
def test_a_refused_client_is_not_reset(path: str, status: int) -> None:
    """A client that sends 900 kB to a server that refuses it can send all of it, and then reads the whole answer."""
    size, piece = 900_000, bytes(50_000)
    app = app_for(Deduplicating())
    with served(app) as address:
        for _ in range(5):
            with socket.create_connection(address) as raw:
                raw.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode())
                for _ in range(size // len(piece)):
                    raw.sendall(piece)
                answer = raw.makefile("rb").read()
            assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert app.counters.refused == {status: 5}
