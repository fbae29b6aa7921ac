"""The results of a `send_many` that are known and not yet read, and whoever waits for one."""

from collections import deque
from collections.abc import Callable, Sequence

from smsgate.model.result import Result
from smsgate.sending.renewed_event import RenewedEvent
from smsgate.transport.loop import LoopEvent

__all__ = ["ResultQueue"]


class ResultQueue:
    """Results in the order in which they became known. Any number of tasks may wait for the next one."""

    def __init__(self, make_event: Callable[[], LoopEvent]) -> None:
        self.results: deque[Result] = deque()
        """Those that are known. Whoever takes one takes the first."""
        self.is_closed: bool = False
        """Nobody reads them any more: what is put is dropped."""
        self._readable = RenewedEvent(make_event)

    def put(self, results: Sequence[Result]) -> None:
        """Add *results*."""
        if self.is_closed:
            return
        waited_for = not self.results  # a reader waits only while there is none
        self.results.extend(results)
        if waited_for:
            self.wake()

    async def wait(self) -> None:
        """Wait until there may be a result again, or none will come."""
        await self._readable.wait()

    def wake(self) -> None:
        """Let everybody who waits look again."""
        self._readable.set()
