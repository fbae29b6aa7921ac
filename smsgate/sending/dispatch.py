"""A batch of messages on its way, and what may still be begun for it: shared by who sends it and the dispatcher."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import attrs

from smsgate.model.result import Result
from smsgate.sending.outgoing import OutgoingMessage

if TYPE_CHECKING:
    import anyio

__all__ = ["Dispatch"]


@attrs.define(eq=False)
class Dispatch:
    """A batch of messages and the one request that is made for them."""

    messages: list[OutgoingMessage]
    publish: Callable[[Sequence[Result]], None] | None = None
    """Called with results once they are recorded."""
    cancelled: bool = False
    """What is in flight is waited for, nothing new is begun."""
    unwanted: set[int] = attrs.field(factory=set[int])
    """The ids (`id`) of the `Message`s whose callers wait no longer: nothing more is begun for these, whatever else of
    the batch goes on. Empty where a caller has more than one message in it."""
    unfinished: deque[OutgoingMessage] = attrs.field(factory=deque[OutgoingMessage])
    """While it runs: those whose results are to be recorded. Each leaves it before that."""
    onward: list[OutgoingMessage] = attrs.field(factory=list[OutgoingMessage])
    """The messages that go on, once it has ended in a task of its own."""
    pausing: "anyio.CancelScope | None" = None
    patient: bool = False
    """It waits for its turn however many others wait, and however long: its source waits for it."""
    campaign: str | None = None
    """What its messages are part of, for the ledger."""

    def cancel(self) -> None:
        """Begin nothing more for it."""
        self.cancelled = True
        if self.pausing is not None:
            self.pausing.cancel()

    def drop(self, outgoing: OutgoingMessage) -> None:
        """Begin nothing more for one message of it; nor for the batch, if that was the last one that is wanted."""
        self.unwanted.add(id(outgoing.message))
        if len(self.unwanted) == len(self.messages):
            self.cancel()

    def unwanted_of(self, messages: Sequence[OutgoingMessage]) -> list[OutgoingMessage]:
        """Those of *messages* for which nothing more may be begun."""
        if self.cancelled:
            return list(messages)
        return [message for message in messages if id(message.message) in self.unwanted] if self.unwanted else []
