"""The application's end of pushes: a `CallbackApp` behind uvicorn on a free port, and what came in."""

import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Literal

import attrs
import uvicorn

from smsgate import Reply, StatusReport, huawei, tencent
from smsgate.sandbox.server import listen
from smsgate.webhooks import CallbackApp, Route

__all__ = ["TOKEN", "Receiver", "receiver", "served", "until"]

TOKEN = "a-token-that-nobody-guesses"


@attrs.define
class Receiver:
    """What a handler took, and where it listens."""

    events: list[StatusReport | Reply] = attrs.field(factory=list[StatusReport | Reply])
    failures: int = 0
    """How many of the next events the handler fails on."""
    url: str = ""

    async def __call__(self, event: StatusReport | Reply) -> None:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the handler fails")
        self.events.append(event)

    @property
    def reports(self) -> list[StatusReport]:
        """The reports that were taken."""
        return [event for event in self.events if isinstance(event, StatusReport)]

    @property
    def tencent(self) -> str:
        """Where Tencent pushes to."""
        return f"{self.url}/tencent-v5/{TOKEN}"

    @property
    def huawei(self) -> str:
        """Where Huawei pushes to."""
        return f"{self.url}/huawei/{TOKEN}"

    def app(self, **keys: str) -> CallbackApp:
        """The app; with *keys*, Huawei's pushes must be signed with one of them."""
        signed = Route("huawei", huawei.parse_callback, tokens=[TOKEN], keys=keys or None)
        return CallbackApp(self, Route("tencent-v5", tencent.parse_callback, tokens=[TOKEN]), signed)


@contextmanager
def served(
    app: Any, listener: socket.socket | None = None, *, lifespan: Literal["on", "off"] = "off"
) -> Generator[str]:
    """*app* behind uvicorn, on *listener* or a free port of the loopback; gives its URL."""
    listener = listener or listen("127.0.0.1")
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none", lifespan=lifespan))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def receiver(**keys: str) -> Generator[Receiver]:
    """A receiver that listens."""
    made = Receiver()
    with served(made.app(**keys)) as made.url:
        yield made


def until(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for something that another thread does; an assertion fails if it never does."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
