"""How far a request got: whether the vendor may have it, although no response came.

The evidence is what happened in this attempt, never what an error is called: one library says `ConnectTimeout` of a
connection that was reset after the vendor had read everything.

Rule 1: what was not handed to a transport was not sent.
Rule 2: what was handed over may have been sent, until the transport proves otherwise. It proves by calling httpcore's
        `trace` extension, as httpx's own transports do: a transport that never calls it proves nothing.
Rule 3: a traced request has left when the trace says that its body began to leave. A request without a body is complete
        with its headers, so these count.
Rule 4: a request whose body was read has left, whatever the trace says. One attempt may take several routes (a fallback
        transport, a retry in a transport), of which one traces and the other does not: a request that goes over the
        second takes the body out of ours, and nothing else tells of it.

That a body was not read is no proof by itself: a transport may have got at it in a way that is not noticed.
"""

from typing import Any, Final

import anyio
import attrs

__all__ = ["Progress"]

_CONNECTING: Final = "connection.connect_tcp.started"
_CONNECTED: Final = "connection.connect_tcp.complete"
_HEADERS: Final = ".send_request_headers.started"
"""After "http11" or "http2"."""
_BODY: Final = ".send_request_body.started"


@attrs.define
class Progress:
    """How far the last request got that this was given for. The caller keeps it, so that a cancelled exchange tells."""

    handed_over: bool = False
    """A transport has the request."""
    traced: bool = False
    """The transport has called the trace extension."""
    left: bool = False
    """The request began to leave: the trace says so, or its body was read."""
    address: str = ""
    """Host and port that the transport last connected to: a proxy's if there is one. Empty if that is not known."""
    _has_body: bool = True
    _connecting: Any = None
    """httpcore's stream from when it is connected until a request goes over it."""

    def begin(self, *, has_body: bool) -> None:
        """Forget the request before this one, such as one that was refused because of its token."""
        self.handed_over = self.traced = self.left = False
        self.address, self._has_body, self._connecting = "", has_body, None

    @property
    def may_have_left(self) -> bool:
        """Whether the vendor may have the request."""
        return self.handed_over and (self.left or not self.traced)

    def body_read(self) -> None:
        """Somebody has read the request's body."""
        self.left = True

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        """httpcore's trace callback, called before and after each step of a request."""
        self.traced = True
        if event == _CONNECTING:
            host, port = info.get("host"), info.get("port")
            self.address = f"{host}:{port}" if host and port else ""
        elif event == _CONNECTED:
            self._connecting = info.get("return_value")
        elif event.endswith((_HEADERS, _BODY)):
            self._connecting = None
            # A proxy's CONNECT goes over the wire before our request, with the same trace: it carries nothing of ours.
            ours = getattr(info.get("request"), "method", None) != b"CONNECT"
            self.left |= ours and (event.endswith(_BODY) or not self._has_body)

    async def close_unfinished(self) -> None:
        """Close a connection that was cancelled before it was ready: httpcore 1.0.9 does not keep track of it."""
        if self._connecting is not None:
            with anyio.CancelScope(shield=True):
                await self._connecting.aclose()
