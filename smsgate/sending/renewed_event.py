"""An event that happens again and again."""

from collections.abc import Callable

from smsgate.transport.loop import LoopEvent

__all__ = ["RenewedEvent"]


class RenewedEvent:
    """Each `set` wakes all who wait, and only them: who waits later waits for the next one. *make*: makes an event."""

    def __init__(self, make: Callable[[], LoopEvent]) -> None:
        self._make = make
        self._next: LoopEvent | None = None
        """There once somebody waits: mostly nobody does."""

    def set(self) -> None:
        """Wake all who wait."""
        happening, self._next = self._next, None
        if happening is not None:
            happening.set()

    async def wait(self) -> None:
        """Wait until it happens next."""
        if self._next is None:
            self._next = self._make()
        await self._next.wait()
