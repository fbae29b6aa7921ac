"""Server-sent events: what changes in the inbox, as it changes.

Each event has an `id:`. A browser that was cut off sends the last one as `Last-Event-ID` and gets what came since, from
a ring buffer; what the buffer no longer has makes the page read everything again ("reset").
"""

import json
from collections.abc import AsyncGenerator

import anyio

from smsgate.sandbox.sandbox import Sandbox

__all__ = ["COMMENT_SECONDS", "follow_events"]

COMMENT_SECONDS = 15.0
_PAUSE = 0.02
"""Seconds in which changes gather, so that a bulk send is not an event a message."""


async def follow_events(
    sandbox: Sandbox, last_id: str, *, comment_seconds: float = COMMENT_SECONDS
) -> AsyncGenerator[bytes]:
    """The stream after the event *last_id*, for ever. A comment goes out whenever nothing did for *comment_seconds*."""
    yield b"retry: 1000\n\n"
    while True:
        async with sandbox.changes() as changed:
            new_id, events = sandbox.inbox.events_after(last_id)
            for name, data in events:
                text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
                yield f"id: {new_id}\nevent: {name}\ndata: {text}\n\n".encode()
            if new_id != last_id:
                last_id = new_id
                await anyio.sleep(_PAUSE)
                continue
            with anyio.move_on_after(comment_seconds) as wait:
                await changed.wait()
        if wait.cancelled_caught:
            yield b":\n\n"
