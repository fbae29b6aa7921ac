"""Waiting for a message without looking again and again: whoever waits is woken by the message itself."""

import asyncio
import contextlib
import sys
from collections.abc import Callable
from typing import Any

import anyio

from smsgate.sandbox.state.message import AcceptedMessage

__all__ = ["Watch", "waker"]


class Watch:
    """Messages that were accepted and that no waiter has been given yet. Guarded by the lock of its sandbox."""

    def __init__(self) -> None:
        # Each is held, so that no other message can get its `id()` while it stands here.
        self._given: dict[int, AcceptedMessage] = {}
        self._wakers: list[Callable[[], None]] = []

    def take(self, messages: list[AcceptedMessage], to: str) -> AcceptedMessage | None:
        """The oldest of *messages* to the number *to* (E.164) that was not given out before, or None."""
        for message in messages:
            if message.to == to and id(message) not in self._given:
                self._given[id(message)] = message
                self._drop_old(messages)
                return message
        return None

    def _drop_old(self, messages: list[AcceptedMessage]) -> None:
        """Let go of messages that the sandbox has dropped, once they are the most of those that were given out."""
        if len(self._given) > 2 * len(messages):
            kept = {id(message) for message in messages}
            self._given = {key: message for key, message in self._given.items() if key in kept}

    def forget(self) -> None:
        """Forget what was given out: the messages are gone."""
        self._given.clear()

    def add(self, wake: Callable[[], None]) -> None:
        """Call *wake*, from any thread, after each request from now on."""
        self._wakers.append(wake)

    def remove(self, wake: Callable[[], None]) -> None:
        """Call *wake* no more."""
        self._wakers.remove(wake)

    def wake(self) -> None:
        """Wake whoever waits."""
        for each in tuple(self._wakers):
            each()


def waker(event: anyio.Event) -> Callable[[], None]:
    """What sets *event* of the running loop, asyncio's or trio's, from any thread."""
    try:
        soon: Callable[[Callable[[], object]], object] = asyncio.get_running_loop().call_soon_threadsafe
    except RuntimeError:  # no asyncio: only trio is left
        trio: Any = sys.modules["trio"]
        soon = trio.lowlevel.current_trio_token().run_sync_soon

    def wake() -> None:
        with contextlib.suppress(RuntimeError):  # the loop may have ended between the message and the end of the wait
            soon(event.set)

    return wake
