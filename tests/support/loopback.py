"""A vendor behind a real socket, in a thread of its own."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

__all__ = ["Loopback"]


class Loopback(ThreadingHTTPServer):
    """Accepts every message. `requests` has the client's port and the numbers of each."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[int, list[str]]] = []
        self.seconds: float = 0.0
        """How long it takes for a request."""
        self.arrived: threading.Event = threading.Event()

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Self]:
        """One that serves while the context lasts."""
        with cls() as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            try:
                yield server
            finally:
                server.shutdown()
                thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/send"

    @property
    def ports(self) -> set[int]:
        """One for each connection."""
        return {port for port, _ in self.requests}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Loopback

    def do_POST(self) -> None:
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.client_address[1], content["to"]))
        self.server.arrived.set()
        time.sleep(self.server.seconds)
        answer = json.dumps(dict.fromkeys(content["to"], "OK")).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal."""
