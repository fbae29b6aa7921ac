"""What management calls return, in one shape for every vendor: templates, signatures, pulls, statistics."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

import attrs

from smsgate.model.report import Reply, StatusReport

__all__ = [
    "DeliveryStatistics",
    "Page",
    "Pulled",
    "ReviewState",
    "SendStatistics",
    "SignatureRecord",
    "TemplateKind",
    "TemplateRecord",
]

T_co = TypeVar("T_co", covariant=True)


class ReviewState(StrEnum):
    """How far a vendor's review of a template or signature has come."""

    APPROVED = "APPROVED"
    PENDING = "PENDING"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"
    """A state that is not in the vendor's list; see the record's raw item."""


class TemplateKind(StrEnum):
    """What a template is for."""

    VERIFICATION = "VERIFICATION"
    NOTIFICATION = "NOTIFICATION"
    """Also Tencent's "common" templates, which carry codes as well."""
    MARKETING = "MARKETING"
    VOICE = "VOICE"
    UNKNOWN = "UNKNOWN"


@attrs.frozen(kw_only=True)
class TemplateRecord:
    """One template as a vendor has it."""

    provider: str
    id: str
    """The id that its management calls take."""
    send_id: str | None = None
    """The id that a send takes (`Binding.id`), where the vendor has given one."""
    name: str | None = None
    text: str | None = None
    kind: TemplateKind = TemplateKind.UNKNOWN
    state: ReviewState = ReviewState.UNKNOWN
    review: str | None = None
    """The reviewer's text."""
    international: bool | None = None
    created_at: datetime | None = None
    """Aware, or None where the vendor does not say."""
    extra: object = None
    """The vendor's own record of it, typed by the vendor package."""
    raw: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False, hash=False)


@attrs.frozen(kw_only=True)
class SignatureRecord:
    """One signature as a vendor has it."""

    provider: str
    id: str
    text: str | None = None
    state: ReviewState = ReviewState.UNKNOWN
    review: str | None = None
    """The reviewer's text."""
    international: bool | None = None
    created_at: datetime | None = None
    extra: object = None
    """The vendor's own record of it, typed by the vendor package."""
    raw: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False, hash=False)


@attrs.frozen
class Page(Generic[T_co]):
    """One page of a list."""

    items: tuple[T_co, ...]
    total: int | None = None
    """How many there are in all, where the vendor says."""


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
    failed: int
    causes: Mapping[str, int] = attrs.field(factory=dict[str, int], hash=False)
    """Failed ones by cause: "carrier", "invalid_number", "unreachable", "blocklisted", "rate_limited", "other" …"""


@attrs.frozen
class Pulled:
    """One response to a pull."""

    reports: tuple[StatusReport, ...] = ()
    replies: tuple[Reply, ...] = ()
    unreadable: int = 0
    """How many items beside these could not be read; the raw response has them."""
