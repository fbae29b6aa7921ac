"""Pushing what simulated vendors have to tell into an ASGI app in the same process."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import anyio
import attrs
import httpx

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox import Push, Sandbox
from smsgate.sandbox.push_sender import send

__all__ = ["AsgiApp", "Pusher", "ServerPusher", "checked_app", "push_all", "push_due", "was_taken"]

__tracebackhide__ = True
"""pytest leaves this module out of its tracebacks, and shows the line of the test and the text of the error."""

if TYPE_CHECKING:
    from smsgate.sandbox.server import SandboxServer

# Loose, because every framework has its own types for the same dictionaries.
AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]

_LOOK: Final = 0.005
"""Real seconds between looks at a server that pushes."""
_HINT: Final = "; its URL is from the fixture sms_callbacks (or callbacks=)"
_WRONG_ADDRESS: Final = (401, 403, 404, 405)
"""What an app answers that is not at the URL, or expects another token in it."""


def checked_app(app: AsgiApp) -> AsgiApp:
    """*app*. Raises `ConfigurationError` if it cannot be called as ASGI applications are."""
    try:
        signature = inspect.signature(app)
    except TypeError:  # it cannot be called at all
        signature = inspect.Signature()
    except ValueError:  # compiled code that does not tell
        return app
    try:
        signature.bind({}, None, None)
    except TypeError:
        kind = type(app)
        raise ConfigurationError(
            f"app: {kind.__module__}.{kind.__qualname__} is not an ASGI application, called with scope, receive and "
            "send; one of another kind gets its pushes at a port of this machine, from sms_sandbox_server (or serve())"
        ) from None
    return app


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


@attrs.frozen
class ServerPusher:
    """Waits, in real time, until *server* has made the pushes that are due by *clock*."""

    server: "SandboxServer"
    clock: Callable[[], float]

    def next_at(self) -> float | None:
        """When the next push is due (Unix seconds); None if there is none to come."""
        return self.server.next_push_at

    async def run(self) -> None:
        """Comes back when the application has answered those that are due, or the server has given them up."""
        while (at := self.next_at()) is not None and at <= self.clock():  # noqa: ASYNC110  # its thread sets no event here
            await anyio.sleep(_LOOK)


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
            hint = _HINT if push.status in _WRONG_ADDRESS else ""
            raise AssertionError(f"the app answered {push.status} to {push.request!r}, a push of {push.vendor}{hint}")
