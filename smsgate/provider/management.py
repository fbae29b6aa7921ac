"""The neutral face of what vendors offer beside sending: templates, signatures, reports to pull, statistics.

Small protocols of pure methods that return `Call`s, and the records that those give. A vendor implements those that it
has. What a vendor has beyond a neutral record stays reachable and typed in the record's `extra`.
"""

from datetime import datetime
from typing import Protocol, runtime_checkable

from smsgate.model.phone import PhoneNumber
from smsgate.provider.call import Call
from smsgate.provider.records import (
    DeliveryStatistics,
    Page,
    Pulled,
    SendRecord,
    SendStatistics,
    SignatureRecord,
    TemplateKind,
    TemplateRecord,
)

__all__ = ["ReportSource", "SendRecordSource", "SignatureAdmin", "SignatureList", "Statistics", "TemplateAdmin"]


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
        picture: bytes | None = None,
        remark: str = "",
        international: bool = ...,
    ) -> Call[SignatureRecord]:
        """Apply for a signature (without brackets). *picture*: a JPEG or PNG as proof."""
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
class SendRecordSource(Protocol):
    """The accounts that list what was sent to a number, accepted or refused, with a report or without."""

    def find_sends(
        self, to: PhoneNumber, *, begin: datetime, end: datetime | None = None, offset: int = 0, limit: int = 50
    ) -> Call[Page[SendRecord]]:
        """One page of the sends to a number between two aware times, *end* being the present by default."""
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
        """Its delivery reports."""
        ...
