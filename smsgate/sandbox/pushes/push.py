"""One request that a simulated vendor makes, and the formats in which vendors make them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import attrs

from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["Push", "PushFormat", "get", "post"]


@attrs.frozen(kw_only=True)
class PushFormat:
    """How one kind of report or reply is pushed."""

    name: str
    """What `Push.kind` says: "TENCENT_REPORTS" …"""
    vendor: str
    write: Callable[[Sequence[Any], str], HttpRequest]
    """The request with these items to this URL."""
    limit: int = 1
    """How many items share a request at most."""
    tries: int = 1
    """How often the vendor pushes until it is acknowledged, the first time counted."""
    is_acknowledged: Callable[[HttpResponse], bool] = lambda _: True
    """Whether the vendor takes this answer for an acknowledgement."""
    sign: Callable[[HttpRequest, float], HttpRequest] | None = None
    """How the vendor signs it, at Unix seconds, if it can."""


@attrs.frozen(kw_only=True)
class Push:
    """A request to the application's callback, and what came of it."""

    vendor: str
    """The vendor's name, as in the registry."""
    kind: str
    """What is pushed, in the format that it takes: "TENCENT_REPORTS", "HUAWEI_BATCH" …"""
    request: HttpRequest
    attempt: int = 1
    """Which try this is, counted from 1."""
    time: float
    """When it was due; once it was made, when that was (Unix seconds)."""
    status: int | None = None
    """The answer's HTTP status. None while there is no answer."""
    acknowledged: bool = False
    """Whether the vendor took the answer for an acknowledgement, and does not retry."""
    error: str = ""
    """Why there is no answer."""
    number: int = 0
    """Once it was made: which one of all pushes that is, counted from 1."""
    about: tuple[str, ...] = ()
    """The entries of the inbox that it is about: for reports the ids of their messages."""

    def as_json(self) -> dict[str, Any]:
        """The push as `GET /sandbox/pushes` shows it."""
        return {
            "number": self.number,
            "vendor": self.vendor,
            "kind": self.kind,
            "method": self.request.method,
            "url": self.request.url,
            "headers": dict(self.request.headers.pairs),
            "body": self.request.body.decode(errors="replace"),
            "attempt": self.attempt,
            "time": datetime.fromtimestamp(self.time, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "status": self.status,
            "acknowledged": self.acknowledged,
            "error": self.error,
        }


def post(url: str, content_type: str, body: bytes, *, connection: str = "") -> HttpRequest:
    """A POST with all the headers that go over the wire, so that they can be signed."""
    headers = {"Host": _host(url), "Content-Type": content_type, "Content-Length": str(len(body))}
    return HttpRequest("POST", url, {**headers, "Connection": connection} if connection else headers, body)


def get(url: str, query: str) -> HttpRequest:
    """A GET with *query* behind that of the URL, if it has one."""
    return HttpRequest("GET", f"{url}{'&' if '?' in url else '?'}{query}", {"Host": _host(url)})


def _host(url: str) -> str:
    authority = url.partition("://")[2].partition("?")[0].partition("/")[0]
    return authority.rpartition("@")[2]
