"""What both test gateways share: no pauses, no connections, and any number of event loops."""

from collections.abc import Awaitable, Callable, Iterable
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
from smsgate.transport.loop import Task, TaskKeeper

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
        self._tasks = _TasksPerLoop()

    def _e164(self, number: PhoneNumber) -> PhoneNumber:
        return resolve_number(number, self._default_region)


def nothing_to(number: PhoneNumber, others: Iterable[PhoneNumber]) -> NoReturn:
    """Fail the test that looks for a message to *number*, and say to whom there are messages."""
    masked = ", ".join(dict.fromkeys(each.masked for each in others)) or "nobody"
    raise AssertionError(f"no message was accepted for {number.masked}; there are messages to {masked}")


class _TasksPerLoop(TaskKeeper):
    """Tasks on whatever loop asks: a web framework's test client may open one for each request."""

    def __init__(self) -> None:
        super().__init__()
        self._keepers: dict[object, TaskKeeper] = {}

    def bind(self) -> bool:
        return self._here().bind()

    def is_here(self) -> bool:
        return any(keeper.is_here() for keeper in self._keepers.values())

    def start(
        self,
        work: Callable[[], Awaitable[object]],
        on_done: Callable[[], None] | None = None,
        *,
        until_close: bool = False,
    ) -> Task:
        return self._here().start(work, on_done, until_close=until_close)

    async def drain(self, seconds: float) -> None:
        await self._here().drain(seconds)

    def _here(self) -> TaskKeeper:
        return self._keepers.setdefault(current_token().native_token, TaskKeeper())
