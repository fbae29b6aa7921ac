"""A clock that tests move, and a network whose pauses and responses take its time."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import anyio.lowlevel
from fake_vendors import Answer, Call, Step, Wire

__all__ = ["NOW", "Clock", "SlowWire", "at"]

NOW = 1_760_000_000.0


def at(seconds: float) -> datetime:
    """The moment *seconds* after the clock's start."""
    return datetime.fromtimestamp(NOW + seconds, UTC)


class Clock:
    """Unix time that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let *seconds* go by at once."""
        self.now += seconds
        await anyio.lowlevel.checkpoint()

    def taking(self, seconds: float, answer: Answer = None) -> Callable[[Call], Awaitable[Answer]]:
        """A step of a vendor that responds after *seconds*."""

        async def step(call: Call) -> Answer:
            await self.sleep(seconds)
            return answer

        return step


class SlowWire(Wire):
    """A `Wire` on which the pauses of a gateway take the time of *clock*."""

    def __init__(self, clock: Clock, **scripts: Sequence[Step] | Step) -> None:
        super().__init__(**scripts)
        self.simulated_sleep = clock.sleep
