"""An event that happens again and again."""

import anyio

__all__ = ["RenewedEvent"]


class RenewedEvent:
    """Each `set` wakes all who wait, and only them: who waits later waits for the next one."""

    def __init__(self) -> None:
        self._event = anyio.Event()

    def set(self) -> None:
        """Wake all who wait."""
        self._event.set()
        self._event = anyio.Event()

    async def wait(self) -> None:
        """Wait until it happens next."""
        await self._event.wait()
