"""One management call as plain data: how its request is built and how its answer is read.

Every call that is not a send has this one pattern: vendor packages make `Call`s, `smsgate.management` runs them.
"""

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Generic, TypeVar

import attrs

from smsgate.secret import Secret
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["Call", "Moment", "Token", "TokenSource"]

T_co = TypeVar("T_co", covariant=True)


@attrs.frozen
class Moment:
    """What a request needs from outside to be built and signed."""

    now: float
    """Unix seconds."""
    nonce: str
    """32 random hex digits, new for each request."""
    token: Secret | None = None
    """The token of the call's `TokenSource`, if it has one."""


@attrs.frozen
class Token:
    """A token that a vendor gave out."""

    value: Secret
    expires_at: datetime
    """Aware."""


@attrs.frozen
class TokenSource:
    """Where a call's token comes from. Calls with equal *key* share one token."""

    key: Hashable = attrs.field(repr=False)
    call: "Call[Token]"


@attrs.frozen
class Call(Generic[T_co]):
    """A call that is ready to be made, as often as you like: each time it is signed anew."""

    name: str
    """What the vendor calls it: "get_template", "DescribeSmsTemplateList", "GET /v2/{project_id}/msgsms/apps"."""
    build: Callable[[Moment], HttpRequest] = attrs.field(repr=False)
    parse: Callable[[HttpResponse], T_co] = attrs.field(repr=False)
    """Reads the answer. Raises `VendorError` when the vendor refused, or when the answer cannot be read."""
    token: TokenSource | None = None
