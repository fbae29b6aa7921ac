"""What a pull may have lost, and what can be got back of it."""

from datetime import datetime
from typing import Literal

import attrs

from smsgate.model.errors import SmsgateError
from smsgate.model.phone import PhoneNumber
from smsgate.provider.records import Pulled

__all__ = ["Gap", "KeepError", "Kind", "Repaired"]

Kind = Literal["reports", "replies"]


@attrs.frozen
class Gap:
    """A pull whose answer was lost or not kept: what the queue held between these times may be gone."""

    provider: str
    """The name of the account."""
    kind: Kind
    """Reports or replies."""
    began_at: datetime
    """When the request left (aware, UTC)."""
    ended_at: datetime
    """When the pull ended (aware)."""
    error: str
    """What went wrong."""
    body: bytes | None = attrs.field(default=None, repr=False)
    """The raw answer, where it came but could not be kept: store it elsewhere, `Puller.replay` reads it. Else None."""


class KeepError(SmsgateError):
    """The vendor answered a pull, and `keep` failed to store the answer: `__cause__` is what it raised.

    The vendor has forgotten what it gave out, so this error is all that has it. A pickle has the text alone, because
    the answer holds numbers.
    """

    def __init__(self, text: str, *, body: bytes = b"", pulled: Pulled | None = None) -> None:
        super().__init__(text)
        self.body = body
        """The raw answer: store it elsewhere, `Puller.replay` reads it."""
        self.pulled = pulled
        """What is in it. None if it cannot be read."""


@attrs.frozen
class Repaired(Pulled):
    """What the queries after a gap have found."""

    incomplete: tuple[PhoneNumber, ...] = ()
    """The numbers for which the vendor gave as many items as were requested, so that it may have more."""
