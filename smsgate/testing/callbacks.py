"""Pushing what simulated vendors have to tell into an ASGI app in the same process."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import attrs
import httpx

from smsgate.sandbox import Push, Sandbox
from smsgate.sandbox.push_sender import send

__all__ = ["AsgiApp", "Pusher", "push_all", "push_due", "was_taken"]

# Loose, because every framework has its own types for the same dictionaries.
AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]

_HINT: Final = "; its URL is from the fixture sms_callbacks (or callbacks=)"
_WRONG_ADDRESS: Final = (401, 403, 404, 405)
"""What an app answers that is not at the URL, or expects another token in it."""


@attrs.frozen
class Pusher:
    """Makes the pushes of *sandbox* into *app*, when they are due by *clock*."""

    sandbox: Sandbox
    app: AsgiApp
    clock: Callable[[], float]

    def next_at(self) -> float | None:
        """When the next push is due (Unix seconds); None if there is none to come."""
        return self.sandbox.next_push_at

    async def run(self) -> None:
        """Make those that are due. Raises `AssertionError` if the app did not take one, and it is not tried again."""
        await push_due(self.sandbox, self.app, self.clock)


async def push_due(sandbox: Sandbox, app: AsgiApp, clock: Callable[[], float]) -> tuple[Push, ...]:
    """Make the pushes of *sandbox* that are due by *clock*. Gives every try.

    Raises `AssertionError` if the app did not take one, and its vendor does not try again.
    """
    made = await _push(sandbox, app, clock())
    _check(sandbox, made, is_over=False)
    return tuple(made)


async def push_all(sandbox: Sandbox, app: AsgiApp, now: float) -> tuple[Push, ...]:
    """Make all pushes of *sandbox*, those not due at *now* (Unix seconds) and further tries too, without waiting.

    Gives every try. Raises `AssertionError` if the app did not take a push in the end.
    """
    made = list[Push]()
    while (due := sandbox.next_push_at) is not None:
        now = max(now, due)
        made += await _push(sandbox, app, now)
    _check(sandbox, made, is_over=True)
    return tuple(made)


async def _push(sandbox: Sandbox, app: AsgiApp, now: float) -> list[Push]:
    made = list[Push]()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), trust_env=False) as client:
        for push in sandbox.due_pushes(now=now):
            answer = await send(client, push.request)
            made.append(sandbox.settle_push(push, answer, now=now))
    return made


def was_taken(push: Push) -> bool:
    """Whether the app took *push*. Some vendors take any answer for that; a test does not."""
    return push.acknowledged and (push.status or 500) < 400


def _check(sandbox: Sandbox, made: Sequence[Push], *, is_over: bool) -> None:
    taken = {id(push.request) for push in sandbox.pushes if was_taken(push)}
    for push in made:
        if id(push.request) not in taken and (is_over or not sandbox.is_tried_again(push)):
            hint = (
                "; its URL is from the fixture sms_callbacks (or callbacks=)" if push.status in _WRONG_ADDRESS else ""
            )
            raise AssertionError(f"the app answered {push.status} to {push.request!r}, a push of {push.vendor}{hint}")
