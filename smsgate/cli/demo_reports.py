"""What the demo's vendors report: the log of their reports, and the server of the callbacks that take them."""

from collections.abc import AsyncGenerator, Generator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from secrets import token_urlsafe
from typing import Final

import anyio
import attrs
import uvicorn

from smsgate import huawei, tencent
from smsgate.model.correlation import correlation_id
from smsgate.model.delivery import Delivery
from smsgate.model.report import Reply, StatusReport
from smsgate.model.result import Result
from smsgate.sandbox.server import listen
from smsgate.webhooks import CallbackApp, Route

__all__ = ["CallbackServer", "ReportLog", "serve_callbacks"]

_WAIT_SECONDS: Final = 20.0


@attrs.define
class ReportLog:
    """The reports that came in."""

    reports: list[StatusReport] = attrs.field(factory=list[StatusReport])
    _goal: int = 0
    _reached: anyio.Event = attrs.field(factory=anyio.Event)

    async def take(self, event: StatusReport | Reply) -> None:
        """Keep what a vendor reports: which message it is about may not be known yet."""
        if isinstance(event, StatusReport):
            self.reports.append(event)
            if len(self.reports) == self._goal:
                self._reached.set()

    async def wait_for(self, count: int) -> None:
        """Until so many reports are in, but not for ever."""
        self._goal = count
        if len(self.reports) < count:
            with anyio.move_on_after(_WAIT_SECONDS):
                await self._reached.wait()

    def deliveries(self, results: Iterable[Result]) -> list[Delivery]:
        """The delivery of each message, by the reports that share the vendor's id or our proven tag with it."""
        by_name: dict[_Name, list[StatusReport]] = {}
        for report in self.reports:
            for name in _names_of_report(report):
                by_name.setdefault(name, []).append(report)
        return [
            Delivery.for_result(result, [each for name in _names_of_result(result) for each in by_name.get(name, ())])
            for result in results
        ]

    def unmatched(self, results: Iterable[Result]) -> int:
        """How many reports are about none of these."""
        known = {name for result in results for name in _names_of_result(result)}
        return sum(not known.intersection(_names_of_report(report)) for report in self.reports)


_Name = tuple[str, str] | str | None


def _names_of_report(report: StatusReport) -> tuple[_Name, _Name]:
    return (report.provider, report.message_id), report.correlation_id if report.tag else None


def _names_of_result(result: Result) -> Iterator[_Name]:
    for attempt in result.attempts:
        if attempt.message_id:
            yield attempt.provider, attempt.message_id
        yield correlation_id(attempt.reference, result.message.to)


@attrs.frozen
class CallbackServer:
    """Where vendors report to."""

    url: str
    tencent: str
    """The whole URL for Tencent, with an unguessable token."""
    huawei: str


@asynccontextmanager
async def serve_callbacks(log: ReportLog, tag_secret: str) -> AsyncGenerator[CallbackServer]:
    """A `CallbackApp` that adds to *log*, on a free port of the loopback."""
    tokens = {"tencent-v5": token_urlsafe(), "huawei": token_urlsafe()}
    routes = (
        Route("tencent-v5", tencent.parse_callback, tokens=[tokens["tencent-v5"]]),
        Route("huawei", huawei.parse_callback, tokens=[tokens["huawei"]]),
    )
    app = CallbackApp(log.take, *routes, tag_secrets=[tag_secret])
    listener = listen("127.0.0.1")
    server = _Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none", lifespan="off"))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with anyio.create_task_group() as group:
        group.start_soon(server.serve, [listener])
        paths = {name: f"{url}/{name}/{token}" for name, token in tokens.items()}
        try:
            yield CallbackServer(url, paths["tencent-v5"], paths["huawei"])
        finally:
            server.should_exit = True


class _Server(uvicorn.Server):
    """Leaves signals to the program that it runs in."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
