"""What management calls return, in one shape for every vendor: templates, signatures, pulls, statistics."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

import attrs

from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Outcome, Reason
from smsgate.model.report import Reply, StatusReport

__all__ = [
    "DeliveryStatistics",
    "Page",
    "Pulled",
    "ReviewState",
    "SendRecord",
    "SendStatistics",
    "SignatureRecord",
    "TemplateKind",
    "TemplateRecord",
]

T_co = TypeVar("T_co", covariant=True)


class ReviewState(StrEnum):
    """How far a vendor's review of a template or signature has come."""

    APPROVED = "APPROVED"
    """It can be used."""
    PENDING = "PENDING"
    """It waits for the review, or for its start."""
    REJECTED = "REJECTED"
    """The review refused it."""
    UNKNOWN = "UNKNOWN"
    """A state that is not in the vendor's list; see the record's raw item."""


class TemplateKind(StrEnum):
    """What a template is for."""

    VERIFICATION = "VERIFICATION"
    """Codes."""
    NOTIFICATION = "NOTIFICATION"
    """Also Tencent's "common" templates, which carry codes as well."""
    MARKETING = "MARKETING"
    """Advertising."""
    VOICE = "VOICE"
    """Calls that read a code out."""
    UNKNOWN = "UNKNOWN"
    """The vendor does not say, or says something else."""


@attrs.frozen(kw_only=True)
class TemplateRecord:
    """One template as a vendor has it."""

    provider: str
    """The account's name."""
    id: str
    """The id that its management calls take."""
    send_id: str | None = None
    """The id that a send takes (`Binding.id`), where the vendor has given one."""
    name: str | None = None
    """Its name at the vendor."""
    text: str | None = None
    """Its text, with the vendor's placeholders."""
    kind: TemplateKind = TemplateKind.UNKNOWN
    """What its messages are for."""
    state: ReviewState = ReviewState.UNKNOWN
    """How far its review has come."""
    review: str | None = None
    """The reviewer's text."""
    international: bool | None = None
    """Whether it is for other countries than mainland China; None if the vendor does not say."""
    created_at: datetime | None = None
    """Aware, or None where the vendor does not say."""
    extra: object = None
    """The vendor's own record of it, typed by the vendor package."""
    raw: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False, hash=False)
    """The vendor's item as it came."""


@attrs.frozen(kw_only=True)
class SignatureRecord:
    """One signature as a vendor has it."""

    provider: str
    """The account's name."""
    id: str
    """The id that management calls take."""
    text: str | None = None
    """The signature, without brackets."""
    state: ReviewState = ReviewState.UNKNOWN
    """How far its review has come."""
    review: str | None = None
    """The reviewer's text."""
    international: bool | None = None
    """Whether it is for other countries than mainland China; None if the vendor does not say."""
    created_at: datetime | None = None
    """When it was applied for (aware)."""
    extra: object = None
    """The vendor's own record of it, typed by the vendor package."""
    raw: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False, hash=False)
    """The vendor's item as it came."""


@attrs.frozen
class Page(Generic[T_co]):
    """One page of a list."""

    items: tuple[T_co, ...]
    """The items of this page."""
    total: int | None = None
    """How many there are in all, where the vendor says."""


@attrs.frozen(kw_only=True)
class SendRecord:
    """What became of one send to a number. None stands for what the vendor does not say.

    It has no tag: what `Result` it is of, `message_id` says, or for a result that is `UNKNOWN` the number and the time.
    """

    provider: str
    message_id: str | None = None
    """As in `Result.message_id`."""
    to: PhoneNumber | None = None
    outcome: Outcome
    """`ACCEPTED`, also if it was not delivered in the end; or what its code says if it was refused."""
    reason: Reason | None = None
    """Why it was refused."""
    code: str | None = None
    """The vendor's code of the refusal."""
    description: str | None = None
    """Our meaning of the code."""
    country: str | None = None
    """The vendor's code of the country: of ISO 3166, or "DEF"."""
    text: str | None = attrs.field(default=None, repr=False)
    """The text with its signature. The vendor has masked the parameters."""
    sent_at: datetime | None = None
    """Aware."""
    report: StatusReport | None = None
    """The delivery report, if it has one: what `Delivery.apply` takes."""
    raw: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False, hash=False)


@attrs.frozen(kw_only=True)
class SendStatistics:
    """What was sent in a span of time."""

    requested: int
    """Messages submitted."""
    accepted: int
    """Messages that the vendor took."""
    billed: int
    """Messages charged, long ones by their segments."""


@attrs.frozen(kw_only=True)
class DeliveryStatistics:
    """The delivery reports of a span of time."""

    accepted: int
    """Messages that the vendor took."""
    reports: int
    """Delivery reports that came in."""
    delivered: int
    """Those that report a delivery."""
    failed: int
    """Those that report a failure."""
    causes: Mapping[str, int] = attrs.field(factory=dict[str, int], hash=False)
    """Failed ones by cause: "carrier", "invalid_number", "unreachable", "blocklisted", "rate_limited", "other" …"""


@attrs.frozen
class Pulled:
    """One response to a pull."""

    reports: tuple[StatusReport, ...] = ()
    """The delivery reports."""
    replies: tuple[Reply, ...] = ()
    """The replies."""
    unreadable: int = 0
    """How many items beside these could not be read; the raw response has them."""
