"""A vendor that does not read a request to its end does not keep the connection open."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
import pytest
from networks import over_network

from smsgate import HttpRequest, Timeouts
from smsgate.transport.exchange import Exchange
from smsgate.transport.progress import Progress

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("network")]

EARLY = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"
BODY = b"x" * 20_000_000
"""More than the buffers of two sockets hold."""


@contextmanager
def vendor(answer: bytes) -> Iterator[tuple[str, threading.Event]]:
    """Reads the beginning of a request, sends *answer*, reads no more; the event is set when the connection ends."""
    ended, done = threading.Event(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)

        def serve() -> None:
            line, _ = server.accept()
            with line:
                line.recv(1000)
                line.sendall(answer)
                poll = threading.Event()
                while not done.is_set():
                    try:  # what is not read stays in the buffer: the end is seen by a write that fails
                        line.send(b"\n")
                    except OSError:
                        ended.set()
                        return
                    poll.wait(0.02)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/", ended
        finally:
            done.set()
            thread.join()


@pytest.mark.parametrize("answer", [EARLY, b""], ids=["answers early", "says nothing"])
async def test_the_connection_is_closed_at_once(answer: bytes) -> None:
    """Whether it answers without reading, or does neither: nobody waits until what is left is written."""
    timeouts = Timeouts(connect=5, write=0.5, read=0.5, total=2)
    exchange = Exchange(timeouts=timeouts, **over_network({}))
    exchange.bind()
    with vendor(answer) as (url, ended):
        await exchange.send(HttpRequest("POST", url, {"Content-Type": "text/plain"}, BODY), Progress())
        with anyio.fail_after(5):
            while not ended.is_set():  # noqa: ASYNC110  # the vendor is in a thread
                await anyio.sleep(0.01)
    await exchange.aclose()
