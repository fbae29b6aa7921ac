"""What both test gateways share: no pauses, no connections, and any number of event loops."""

from collections.abc import Awaitable, Callable, Iterable
from contextvars import Context
from typing import Final, NoReturn

import httpx
from anyio.lowlevel import current_token

from smsgate.model.message import Result
from smsgate.model.phone import PhoneNumber, resolve_number
from smsgate.model.template import Template
from smsgate.provider.protocol import SmsProvider
from smsgate.sending.failover import Policy
from smsgate.sending.gateway import Gateway
from smsgate.transport.exchange import Timeouts
from smsgate.transport.loop import BackgroundTasks, Task

__all__ = ["InProcessGateway", "OnResult", "nothing_to"]

OnResult = Callable[[Result], Awaitable[object] | object]

_NO_PAUSE: Final = Policy(pause=0.0, max_pause=0.0)
_STALLED_SECONDS: Final = 0.05
"""How long a vendor that was told to stall is waited for. Nothing else takes any time here."""


class InProcessGateway(Gateway):
    """A gateway over *transport*, which belongs to no event loop."""

    def __init__(
        self,
        providers: Iterable[SmsProvider],
        *,
        templates: Iterable[Template],
        policy: Policy | None,
        default_region: str | None,
        on_result: OnResult | None,
        transport: httpx.AsyncBaseTransport,
    ) -> None:
        super().__init__(
            providers,
            templates=templates,
            policy=policy or _NO_PAUSE,
            default_region=default_region,
            on_result=on_result,
            timeouts=Timeouts(read=_STALLED_SECONDS),
            transport=transport,
        )

    def _make_tasks(self) -> BackgroundTasks:
        return _TasksPerLoop()

    def _e164(self, number: PhoneNumber) -> PhoneNumber:
        return resolve_number(number, self._preparer.default_region)


def nothing_to(number: PhoneNumber, others: Iterable[PhoneNumber]) -> NoReturn:
    """Fail the test that looks for a message to *number*, and say to whom there are messages."""
    masked = ", ".join(dict.fromkeys(each.masked for each in others)) or "nobody"
    raise AssertionError(f"no message was accepted for {number.masked}; there are messages to {masked}")


class _TasksPerLoop(BackgroundTasks):
    """Tasks on whatever loop asks: a web framework's test client may open one for each request."""

    def __init__(self) -> None:
        super().__init__()
        self._by_loop: dict[object, BackgroundTasks] = {}

    def bind(self) -> bool:
        return self._here().bind()

    def on_own_loop(self) -> bool:
        return any(tasks.on_own_loop() for tasks in self._by_loop.values())

    def time(self) -> float:
        return self._here().time()

    def call_soon(self, work: Callable[[], object]) -> None:
        """What another thread drops is of no loop in particular: a test that needs it closes what it reads."""

    def start(
        self,
        work: Callable[[], Awaitable[object]],
        on_done: Callable[[], None] | None = None,
        *,
        until_close: bool = False,
        context: Context | None = None,
    ) -> Task:
        return self._here().start(work, on_done, until_close=until_close, context=context)

    async def shielded(self, work: Awaitable[object]) -> bool:
        return await self._here().shielded(work)

    async def drain(self, seconds: float) -> None:
        await self._here().drain(seconds)

    def _here(self) -> BackgroundTasks:
        return self._by_loop.setdefault(current_token().native_token, BackgroundTasks())
