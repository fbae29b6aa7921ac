"""The neutral face of what vendors offer beside sending: templates, signatures, reports to pull, statistics.

Small protocols of pure methods that return `Call`s, and the records that those give. A vendor implements those that it
has. What a vendor has beyond a neutral record stays reachable and typed in the record's `extra`.
"""

import os
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, runtime_checkable

import attrs

from smsgate.call import Call
from smsgate.phone import PhoneNumber
from smsgate.report import Reply, StatusReport

__all__ = [
    "DeliveryStatistics",
    "Page",
    "Picture",
    "Pulled",
    "ReportSource",
    "ReviewState",
    "SendStatistics",
    "SignatureAdmin",
    "SignatureList",
    "SignatureRecord",
    "Statistics",
    "TemplateAdmin",
    "TemplateKind",
    "TemplateRecord",
]

T_co = TypeVar("T_co", covariant=True)

Picture: TypeAlias = bytes | os.PathLike[str]
"""A JPEG or PNG: its bytes, or the path of its file."""


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
    """The reviewer's words."""
    international: bool | None = None
    created_at: datetime | None = None
    """Aware, or None where the vendor does not tell it."""
    extra: object = None
    """The vendor's own record of it, typed by the vendor package."""
    raw: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False)


@attrs.frozen(kw_only=True)
class SignatureRecord:
    """One signature as a vendor has it."""

    provider: str
    id: str
    text: str | None = None
    state: ReviewState = ReviewState.UNKNOWN
    review: str | None = None
    """The reviewer's words."""
    international: bool | None = None
    created_at: datetime | None = None
    extra: object = None
    """The vendor's own record of it, typed by the vendor package."""
    raw: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False)


@attrs.frozen
class Page(Generic[T_co]):
    """One page of a list."""

    items: tuple[T_co, ...]
    total: int | None = None
    """How many there are in all, where the vendor tells it."""


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
    """What became of what was sent in a span of time."""

    accepted: int
    """Messages that the vendor took."""
    reports: int
    """Delivery reports that came in."""
    delivered: int
    failed: int
    causes: Mapping[str, int] = attrs.field(factory=dict[str, int])
    """Failed ones by cause: "carrier", "invalid_number", "unreachable", "blocklisted", "rate_limited", "other" …"""


@attrs.frozen
class Pulled:
    """One answer to a pull."""

    reports: tuple[StatusReport, ...] = ()
    replies: tuple[Reply, ...] = ()
    unreadable: int = 0
    """How many items beside these could not be read; the raw answer has them."""


@runtime_checkable
class TemplateAdmin(Protocol):
    """Templates of one account. Methods are pure: a `ManagementClient` runs the calls that they return.

    All raise `InvalidCallError`, before anything is sent, for arguments that the vendor's guide rules out.
    """

    @property
    def name(self) -> str:
        """The name of the account, as with providers."""
        ...

    def list_templates(self, *, offset: int = 0, limit: int = 50) -> Call[Page[TemplateRecord]]:
        """One page of all templates."""
        ...

    def get_template(self, id: str) -> Call[TemplateRecord]:
        """One template."""
        ...

    def add_template(
        self, *, name: str, text: str, kind: TemplateKind = ..., remark: str = "", international: bool = False
    ) -> Call[TemplateRecord]:
        """Apply for a template; it is reviewed before it can be sent."""
        ...

    def modify_template(
        self, id: str, *, name: str, text: str, kind: TemplateKind = ..., remark: str = "", international: bool = False
    ) -> Call[TemplateRecord]:
        """Change a template, which is reviewed again."""
        ...

    def delete_template(self, id: str) -> Call[None]:
        """Delete a template; sends that name it are refused from then on."""
        ...


@runtime_checkable
class SignatureAdmin(Protocol):
    """Signatures of one account. What a vendor wants beside the text, its own method takes as further keywords."""

    @property
    def name(self) -> str:
        """The name of the account, as with providers."""
        ...

    def get_signature(self, id: str) -> Call[SignatureRecord]:
        """One signature."""
        ...

    def add_signature(
        self,
        *,
        text: str,
        picture: Picture | None = None,
        remark: str = "",
        international: bool = ...,
    ) -> Call[SignatureRecord]:
        """Apply for a signature (without brackets). *picture*: a JPEG or PNG as proof, as bytes or the file's path."""
        ...

    def delete_signature(self, id: str) -> Call[None]:
        """Delete a signature."""
        ...


@runtime_checkable
class SignatureList(Protocol):
    """The accounts that can list their signatures (Tencent's v5 interface cannot)."""

    def list_signatures(self, *, offset: int = 0, limit: int = 50) -> Call[Page[SignatureRecord]]:
        """One page of all signatures."""
        ...


@runtime_checkable
class ReportSource(Protocol):
    """Reports and replies that are fetched. `pull_*` takes them out of the vendor's queue; `find_*` only reads."""

    @property
    def name(self) -> str:
        """The name of the account, as with providers."""
        ...

    def pull_reports(self, *, limit: int = 100) -> Call[Pulled]:
        """Take up to *limit* delivery reports out of the queue."""
        ...

    def pull_replies(self, *, limit: int = 100) -> Call[Pulled]:
        """Take up to *limit* replies out of the queue."""
        ...

    def find_reports(self, to: PhoneNumber, *, begin: datetime, end: datetime, limit: int = 100) -> Call[Pulled]:
        """The delivery reports of one number in a span of time (aware datetimes)."""
        ...

    def find_replies(self, sender: PhoneNumber, *, begin: datetime, end: datetime, limit: int = 100) -> Call[Pulled]:
        """The replies of one number in a span of time (aware datetimes)."""
        ...


@runtime_checkable
class Statistics(Protocol):
    """Counts of an account, by the hour. *begin* and *end* are aware datetimes, both hours included."""

    @property
    def name(self) -> str:
        """The name of the account, as with providers."""
        ...

    def send_statistics(self, *, begin: datetime, end: datetime) -> Call[SendStatistics]:
        """What was sent."""
        ...

    def delivery_statistics(self, *, begin: datetime, end: datetime) -> Call[DeliveryStatistics]:
        """What became of it."""
        ...
