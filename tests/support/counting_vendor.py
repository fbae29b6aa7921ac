"""A vendor on the loopback that counts what it takes, for processes that are measured or killed."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import attrs

__all__ = ["Vendor"]


@attrs.define
class Vendor:
    """Takes every message, late, and counts them."""

    url: str = ""
    taken: Counter[str] = attrs.field(factory=Counter[str])
    at_once: int = 0
    most_at_once: int = 0
    seconds: float = 0.2
    stop: Callable[[], object] = lambda: None

    @classmethod
    @contextmanager
    def running(cls, *, seconds: float = 0.2) -> Iterator["Vendor"]:
        """It, in a thread, while the context lasts."""
        vendor, ready = cls(seconds=seconds), threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(vendor._run(ready)))
        thread.start()
        ready.wait()
        try:
            yield vendor
        finally:
            vendor.stop()
            thread.join()

    async def _run(self, ready: threading.Event) -> None:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        self.stop = lambda: loop.call_soon_threadsafe(stopped.set)
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=2048)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/send"
        ready.set()
        await stopped.wait()
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
                to = json.loads(await reader.readexactly(length))["to"]
                self.taken.update(to)
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
                await asyncio.sleep(self.seconds)
                self.at_once -= 1
                body = json.dumps(dict.fromkeys(to, "OK")).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        writer.close()
