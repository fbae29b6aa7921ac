"""What comes back later: delivery reports and replies, in one shape for every vendor.

A vendor's `parse_callback` makes these from what it pushes. A report says what is known at one moment; how several
reports make one state is in `smsgate.model.delivery`.
"""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import attrs

from smsgate.model.correlation import correlation_id
from smsgate.model.masking import safe_repr, safe_text
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Fault, Reason
from smsgate.model.states import Certainty, DeliveryState

__all__ = ["Reply", "Segment", "Source", "StatusReport", "Tag"]

_OPT_OUTS: Final = frozenset({"t", "td", "退订", "退訂", "stop", "unsubscribe"})
_FINAL_STOPS: Final = ".。!"


class Source(StrEnum):
    """Who made a report, where the vendor says it."""

    PLATFORM = "PLATFORM"
    """The vendor's messaging platform."""
    SMSC = "SMSC"
    """The carrier's message centre."""
    VENDOR = "VENDOR"
    """The vendor's own network behind its messaging platform."""


@attrs.frozen
class Segment:
    """Which part of a long message a report is about. The numbers are the vendor's and not checked."""

    sequence: int
    """This part, counted from 1."""
    total: int
    """How many parts there are."""


@attrs.frozen
class Tag:
    """What an echoed tag says."""

    key: str = attrs.field(repr=lambda key: repr(safe_text(key)))
    """The key in it: `Message.key` or an id that stands for it; with `of_request`, the id of a request."""
    proven: bool
    """Whether it was made with one of the secrets and for this number. What the report says is not proven by it."""
    of_request: bool = False
    """Whether several messages share it, so that `key` is no message's key: see `StatusReport.correlation_id`."""


def _suppress_by_reason(report: "StatusReport") -> bool:
    return report.reason is not None and report.reason.rule.suppress


# Not frozen: these are made by the hundred thousand, and freezing doubles the cost of each.
@attrs.define(unsafe_hash=True, weakref_slot=False)
class StatusReport:
    """What a vendor says about one message, or about one part of a long one, at one moment.

    Treat it as a value: two that say the same are equal (raw item and tag aside), and a set of them holds each once.
    Its `repr` masks numbers and leaves the raw item out.
    """

    provider: str
    """The name of the provider that it came through."""
    message_id: str
    """The vendor's id, as in `Result.message_id`."""
    to: PhoneNumber | None
    """The recipient in E.164. None where the vendor leaves it out, or gives what cannot be a number."""
    state: DeliveryState
    """Where the message is."""
    reason: Reason | None = None
    """Why it was not delivered. None if it was, or while it is not known."""
    code: str = attrs.field(default="", repr=safe_repr)
    """The vendor's code as it came."""
    meaning: str = ""
    """What the code means, in our words."""
    remedy: str = ""
    """What to do about it. Empty where there is nothing to do."""
    description: str | None = attrs.field(default=None, repr=safe_repr)
    """The vendor's own words."""
    carrier: str | None = None
    """The mobile network, where the code says it."""
    segment: Segment | None = None
    """Which part of a long message. None if the vendor does not say."""
    source: Source | None = None
    """Who made the report, if the vendor says it."""
    reference: str | None = attrs.field(default=None, repr=safe_repr)
    """What the vendor echoes of the send, as it came: `Attempt.reference`, or a text of your own."""
    reported_at: datetime | None = None
    """When it happened, as the vendor dates it (aware). None if it is not dated."""
    raw: Mapping[str, Any] = attrs.field(factory=dict[str, Any], eq=False, repr=False)
    """The vendor's item as it came, with keys that smsgate does not know."""
    tag: Tag | None = attrs.field(default=None, eq=False)
    """What `reference` says if it is a tag: your key, and whether it is proven. `smsgate.webhooks` fills it in."""
    carrier_code: str | None = attrs.field(default=None, repr=safe_repr)
    """The code of the carrier's own system, as it came, where the vendor passes it on beside its own code."""
    certainty: Certainty = Certainty.LISTED
    """What stands behind `meaning` and `reason`: the vendor's list, or less."""
    sub_error: str | None = attrs.field(default=None, repr=safe_repr)
    """The vendor's finer code of an international failure, where it gives one (Tencent `sub_error`, `SubError`)."""
    sub_error_description: str | None = attrs.field(default=None, repr=safe_repr)
    """The vendor's words for `sub_error`."""
    suppress: bool = attrs.field(default=attrs.Factory(_suppress_by_reason, takes_self=True))
    """Whether to send nothing more to this number: it does not exist, is blocklisted, or has opted out, and that is
    proven. By default as the reason's rule says."""

    @property
    def correlation_id(self) -> str | None:
        """The same as `Result.correlation_id` of the message that it is about. None if the vendor echoed too little."""
        return correlation_id(self.reference, self.to)

    @property
    def final(self) -> bool:
        """Whether the vendor has nothing more to say about this message or part."""
        return self.state is not DeliveryState.PENDING

    @property
    def permanent(self) -> bool:
        """Whether the same message to the same number will fail again tomorrow."""
        return self.reason is not None and self.reason.rule.permanent

    @property
    def fault(self) -> Fault | None:
        """Who has to act before it can be delivered. None if it was delivered, or while the cause is not known."""
        return None if self.reason is None else self.reason.rule.fault


@attrs.define(unsafe_hash=True, weakref_slot=False)
class Reply:
    """A text that a person sent back: a value like `StatusReport`. Its `repr` shows neither the text nor a number."""

    provider: str
    """The name of the provider that it came through."""
    to: str | None = attrs.field(repr=safe_repr)
    """Your channel number that it was sent to, as the vendor writes it. None where the vendor leaves it out."""
    sender: PhoneNumber
    """The person's number in E.164."""
    text: str = attrs.field(repr=False)
    """What the person wrote."""
    received_at: datetime | None = None
    """When the vendor received it (aware). None if it is not dated."""
    message_id: str | None = None
    """The vendor's id of this reply, not of the message that it answers."""
    signature: str | None = None
    """The signature of the message that it answers, where the vendor says it."""
    extend: str | None = attrs.field(default=None, repr=safe_repr)
    """The channel extension of the message that it answers, where the vendor says it."""
    raw: Mapping[str, Any] = attrs.field(factory=dict[str, Any], eq=False, repr=False)
    """The vendor's item as it came, with keys that smsgate does not know."""

    @property
    def opt_out(self) -> bool:
        """Whether the person wants no more messages: the text is T, TD, 退订, STOP or UNSUBSCRIBE and nothing else.

        In any case, in full width too, with blanks or a final stop. What else means it, your application knows.
        """
        text = "".join(unicodedata.normalize("NFKC", self.text).split())
        return text.rstrip(_FINAL_STOPS).casefold() in _OPT_OUTS
