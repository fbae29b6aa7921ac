"""The protocol of a record that is written before the first byte of a request may leave, and again after it.

An implementation of it is given to `Gateway(ledger=…)`. The dispatcher calls it, at the one place where a request
begins and ends.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

import attrs

from smsgate.model.correlation import correlation_id
from smsgate.model.masking import safe_repr
from smsgate.model.message import Attempt, Message

__all__ = ["Ledger", "SendRequest"]


@attrs.frozen(kw_only=True)
class SendRequest:
    """One request to a provider, as a `Ledger` records it."""

    id: str
    """Unique for each request: 32 hex digits."""
    provider: str
    """The name of the provider."""
    messages: tuple[Message, ...]
    """The messages in it, their numbers in E.164."""
    reference: str = attrs.field(repr=safe_repr)
    """The tag that the vendor is to echo in the delivery reports of these messages."""
    references: tuple[str, ...] = attrs.field(repr=lambda each: f"({len(each)})")
    """The tag that the reports of each message carry: `reference`, unless the vendor has one for each number."""
    started_at: datetime
    """When the request began (aware, UTC)."""

    @property
    def correlation_ids(self) -> tuple[str | None, ...]:
        """What the reports of each message will have in common with it: `StatusReport.correlation_id`."""
        pairs = zip(self.references, self.messages, strict=True)
        return tuple(correlation_id(reference, message.to) for reference, message in pairs)


@runtime_checkable
class Ledger(Protocol):
    """A record of requests: what has left, even if this process dies before the vendor has responded.

    Both methods run in a background task of the gateway, once for each request, also for retries and failover. They
    should be quick and have timeouts of their own: nothing is sent before `leaving` returns.
    """

    async def leaving(self, request: SendRequest) -> None:
        """Called before the first byte of *request* may leave.

        If it raises, nothing is sent and no other provider is tried: the messages end as `NOT_SENT` with reason
        `NOT_RECORDED`, and `left` is not called.
        """
        ...

    async def left(self, request: SendRequest, attempts: Sequence[Attempt]) -> None:
        """Called after *request*, with the attempt for each of its messages in their order, before results are given.

        Also called when the request was cancelled, in `leaving` too. What it raises is logged and changes no result.
        """
        ...
