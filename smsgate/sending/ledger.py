"""The protocols of a record: of each request before its first byte may leave and after it, and of each key.

An implementation of `Ledger` is given to `Gateway(ledger=…)`. The dispatcher calls it, at the one place where a request
begins and ends. What `ClaimsKeys` adds to it is asked before messages are sorted into batches.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol, runtime_checkable

import attrs

from smsgate.model.correlation import correlation_id
from smsgate.model.masking import safe_repr
from smsgate.model.message import Message
from smsgate.model.result import Attempt, Result

__all__ = ["GRANTED", "Claim", "ClaimsKeys", "Ledger", "SendRequest"]


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
    campaign: str | None = attrs.field(default=None, repr=safe_repr)
    """That of `send_many(…, campaign=…)`, if its messages are of one."""

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


@attrs.frozen(kw_only=True)
class Claim:
    """What a record knows of the key of a message. With none of the first three it is the message's: to be sent."""

    result: Result | None = None
    """The first result with this key: the message is not sent again."""
    differs: str | None = None
    """The attribute of `Message` in which it differs from the first message with this key."""
    held: bool = False
    """Another send has the key and no result yet. The gateway asks again."""
    tried: Sequence[Attempt] = ()
    """Of a key that is the message's: earlier tries, which may have sent it. They count in its result, as its first."""


GRANTED: Final = Claim()
"""Of a key that is the message's, and was not tried before."""


@runtime_checkable
class ClaimsKeys(Protocol):
    """What a `Ledger` may have beside its other methods: keys of messages are idempotency keys, also across processes.

    Without it, the gateway remembers the last keys in its own process.
    """

    async def claim(self, messages: Sequence[Message]) -> Sequence[Claim]:
        """Claim the key of each of *messages*, and say what is known of it, in their order.

        Called for messages with a key, their numbers in E.164, a chunk at a time before they are sorted into batches;
        each key is in a chunk once. A key that is claimed is nobody else's until `concluded`, or until its process has
        died. If it raises, nothing is sent: the messages end as `NOT_SENT` with reason `NOT_RECORDED`.
        """
        ...

    async def concluded(self, results: Sequence[Result]) -> None:
        """Called with the final results of messages whose keys were claimed, once each.

        What may be tried again (`smsgate.sending.idempotency.may_try_again`) can be claimed again from now on. What
        this raises is logged and changes no result.
        """
        ...
