"""The results of a `send_many` that are known and not yet read, and whoever waits for one."""

from collections import deque

import anyio

from smsgate.model.message import Result

__all__ = ["ResultQueue"]


class ResultQueue:
    """Results in the order in which they became known. Any number of tasks may wait for the next one."""

    def __init__(self) -> None:
        self._results: deque[Result] = deque()
        self._readable = anyio.Event()

    def __bool__(self) -> bool:
        return bool(self._results)

    def put(self, result: Result) -> None:
        """Add *result*."""
        self._results.append(result)
        if len(self._results) == 1:  # a reader waits only while there is none
            self.wake()

    def take(self) -> Result | None:
        """The next result, or None if there is none yet."""
        return self._results.popleft() if self._results else None

    async def wait(self) -> None:
        """Wait until there may be a result again, or none will come."""
        await self._readable.wait()

    def wake(self) -> None:
        """Let everybody who waits look again."""
        self._readable.set()
        self._readable = anyio.Event()
