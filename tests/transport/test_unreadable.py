"""A response that cannot be read is closed, and so are the generators that read it."""

from collections.abc import AsyncGenerator
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from smsgate.transport.httpx_connection import read_response
from smsgate.transport.response_body import UnreadableError

pytestmark = pytest.mark.anyio


class Response:
    """One whose compression is broken. The time for it is over when its first bytes are there."""

    def __init__(self, deadline: anyio.CancelScope) -> None:
        self._deadline = deadline
        self.stream: Any = self._chunks()
        self.closed = False

    async def _chunks(self) -> AsyncGenerator[bytes]:
        self._deadline.cancel()
        yield b"no gzip"
        while not self.closed:
            await anyio.lowlevel.checkpoint()
            yield b"more"

    async def aclose(self) -> None:
        await anyio.lowlevel.checkpoint()
        self.closed = True


async def test_the_deadline_passes_while_it_is_closed() -> None:
    """It is closed all the same, and no generator is left for the garbage collector, of which trio would warn."""
    with anyio.CancelScope() as deadline:
        response = Response(deadline)
        with pytest.raises((UnreadableError, anyio.get_cancelled_exc_class())):
            await read_response(response, 200, [], "gzip")
    assert response.closed
    assert response.stream.ag_frame is None
