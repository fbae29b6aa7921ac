"""Pushing what simulated vendors have to tell into an ASGI app in the same process."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from smsgate.sandbox import Push, Sandbox
from smsgate.sandbox.push_sender import send

__all__ = ["AsgiApp", "push_all"]

# Loose, because every framework has its own types for the same dictionaries.
AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]


async def push_all(sandbox: Sandbox, app: AsgiApp) -> tuple[Push, ...]:
    """Make all pushes of *sandbox*, those that are not due yet and further tries too, without waiting for any.

    Gives every try. Raises `AssertionError` if the app did not take a push in the end.
    """
    settings, made = sandbox.push_settings, list[Push]()
    now = time.time() + 2 * settings.report_delay
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), trust_env=False) as client:
        while pushes := sandbox.due_pushes(now=now):
            for push in pushes:
                answer = await send(client, push.request)
                made.append(sandbox.settle_push(push, answer, now=now))
            now += settings.retry_after
    for push in _lost(made):
        raise AssertionError(f"the app answered {push.status} to {push.request!r}, a push of {push.vendor}")
    return tuple(made)


def _lost(made: list[Push]) -> list[Push]:
    """The pushes that no try got acknowledged. Some vendors take any answer for that; a test does not."""
    taken = {id(push.request) for push in made if push.acknowledged and (push.status or 500) < 400}
    return [push for push in made if id(push.request) not in taken]
