"""Pushing what simulated vendors have to tell into an ASGI app in the same process."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx

from smsgate.sandbox import Push, Sandbox
from smsgate.sandbox.push_sender import send

__all__ = ["AsgiApp", "push_all"]

# Loose, because every framework has its own types for the same dictionaries.
AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]

_WRONG_ADDRESS: Final = (401, 403, 404, 405)
"""What an app answers that is not at the URL, or expects another token in it."""


async def push_all(sandbox: Sandbox, app: AsgiApp, now: float) -> tuple[Push, ...]:
    """Make all pushes of *sandbox*, those not due at *now* (Unix seconds) and further tries too, without waiting.

    Gives every try. Raises `AssertionError` if the app did not take a push in the end.
    """
    settings, made = sandbox.push_settings, list[Push]()
    now += 2 * settings.report_delay
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), trust_env=False) as client:
        while pushes := sandbox.due_pushes(now=now):
            for push in pushes:
                answer = await send(client, push.request)
                made.append(sandbox.settle_push(push, answer, now=now))
            now += settings.retry_after
    for push in _lost(made):
        hint = "; its URL is from the fixture sms_callbacks (or callbacks=)" if push.status in _WRONG_ADDRESS else ""
        raise AssertionError(f"the app answered {push.status} to {push.request!r}, a push of {push.vendor}{hint}")
    return tuple(made)


def _lost(made: list[Push]) -> list[Push]:
    """The pushes that no try got acknowledged. Some vendors take any answer for that; a test does not."""
    taken = {id(push.request) for push in made if push.acknowledged and (push.status or 500) < 400}
    return [push for push in made if id(push.request) not in taken]
