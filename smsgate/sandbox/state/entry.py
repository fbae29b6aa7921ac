"""What the inbox shows as one line of a conversation: a message, accepted or not, or a reply, and what came of it."""

from enum import StrEnum
from typing import Final

import attrs

from smsgate.sandbox.pushes.push import Push
from smsgate.sandbox.state.answer import Answer
from smsgate.sandbox.state.message import AcceptedMessage
from smsgate.sandbox.state.records import RequestRecord
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["Entry", "EntryState", "Exchange", "ReportNote"]

# SMPP 3.4, message states: after these another report comes.
_INTERIM: Final = frozenset({"ACCEPTD", "ENROUTE"})
_DELIVERED: Final = "DELIVRD"


class EntryState(StrEnum):
    """What can be said of an entry."""

    ACCEPTED = "accepted"
    """The vendor took it; no final report has come."""
    DELIVERED = "delivered"
    FAILED = "failed"
    """It was accepted, and a report says that it did not arrive."""
    REFUSED = "refused"
    """The vendor's response refuses it."""
    LOST = "lost"
    """It was not processed: the connection dropped, or a bare HTTP status came back."""
    REPLY = "reply"


@attrs.frozen(kw_only=True)
class ReportNote:
    """A delivery report that came, or is to come."""

    code: str
    due: float
    """Unix seconds."""
    url: str = ""
    """Where it is pushed to; empty if it is not."""
    waits: bool = False
    """Without a URL: it waits to be pulled. Otherwise it is lost."""
    came: bool = False


@attrs.frozen(kw_only=True)
class Exchange:
    """One request as it came, and what was sent back."""

    number: int
    """Counted from 1."""
    record: RequestRecord
    request: HttpRequest
    response: HttpResponse | None
    drop: str = ""
    """Where the connection ended, if it did."""
    delay: float = 0.0

    @classmethod
    def made(cls, number: int, record: RequestRecord, request: HttpRequest, answer: Answer) -> "Exchange":
        """What *answer* did with *request*."""
        drop = str(answer.drop) if answer.drop else ""
        return cls(
            number=number, record=record, request=request, response=answer.response, drop=drop, delay=answer.delay
        )

    @property
    def size(self) -> int:
        """The bytes that both bodies take."""
        return len(self.request.body) + len(self.response.body if self.response else b"")


@attrs.define(kw_only=True, eq=False)
class Entry:
    """A message to one number or a reply from it. Changed only by `History`."""

    id: str
    """The vendor's id of an accepted message; for others one of the sandbox's own."""
    serial: int = 0
    """Counted from 1, in the order in which they came."""
    time: float
    """Unix seconds."""
    kind: EntryState
    """ACCEPTED, REFUSED, LOST or REPLY: what it is from the start."""
    vendor: str = ""
    interface: str = ""
    number: str = attrs.field(default="", repr=False)
    """E.164; empty if it cannot be read."""
    text: str = attrs.field(default="", repr=False)
    code: str = ""
    """Of a refusal: the vendor's code."""
    words: str = ""
    """The vendor's words for it."""
    why: str = ""
    """Why, where the vendor says less."""
    message: AcceptedMessage | None = None
    exchange: int | None = None
    reports: list[ReportNote] = attrs.field(factory=list[ReportNote])
    pushes: list[Push] = attrs.field(factory=list[Push])
    pulls: list[float] = attrs.field(factory=list[float])
    """When a report on it, or the reply, was pulled (Unix seconds)."""

    @property
    def state(self) -> EntryState:
        """What can be said of it by now."""
        final = [note.code for note in self.reports if note.came and note.code not in _INTERIM]
        if self.kind is not EntryState.ACCEPTED or not final:
            return self.kind
        return EntryState.DELIVERED if final[-1] == _DELIVERED else EntryState.FAILED
