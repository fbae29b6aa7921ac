"""What comes back for a request: an HTTP response, and what happens on the wire in place of it or before it."""

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import attrs

from smsgate.wire import HttpResponse

__all__ = ["Answer", "Drop", "json_response"]


class Drop(StrEnum):
    """Where a connection ends without a response."""

    CONNECT = "CONNECT"
    """It is refused. A server that listens cannot do that for one vendor alone: it resets, stop the server instead."""
    HEADERS = "HEADERS"
    """It ends after the headers, before the body begins to leave. In process only: a server resets as for BEFORE."""
    BEFORE = "BEFORE"
    """The request was read and not processed; the connection is reset (RST)."""
    AFTER = "AFTER"
    """The request was processed; the connection is closed (FIN)."""


@attrs.frozen
class Answer:
    """What comes back for one request."""

    response: HttpResponse | None = None
    """None when the connection is dropped."""
    delay: float = 0.0
    """Seconds until the response or the drop; `math.inf` for a response that never comes."""
    drop: Drop | None = None
    why: str = ""
    """Why the request is refused, where the response says less."""


def json_response(
    value: Mapping[str, Any] | Sequence[Any], *, status: int = 200, content_type: str = "application/json"
) -> HttpResponse:
    """A JSON response in UTF-8, not escaped to ASCII, as vendors send it."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return HttpResponse(status, {"Content-Type": content_type, "Content-Length": str(len(body))}, body)
