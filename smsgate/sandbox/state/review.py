"""Templates and signatures that were applied for, and their review.

A review takes no time here, but something has to end it: a mark somewhere in the text, the name or the remark of the
application, or `Sandbox.review()` or `POST /sandbox/review`. Until then it is pending.

mark              the review
[approve]         approves
[reject]          rejects
[reject: text]    rejects, with this text as the reason

The response to an application that has a mark still says "pending", as the vendors' do: the next call sees the verdict.
"""

import re
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

import attrs

from smsgate.sandbox.state.templates import SandboxTemplate

__all__ = [
    "Entry",
    "ReviewState",
    "ReviewStore",
    "SignatureEntry",
    "TemplateEntry",
    "built_in_signature",
    "built_in_template",
]

_MARK: Final = re.compile(r"\[(approve|reject)(?::\s*([^\]]*))?\]", re.IGNORECASE)
_USUAL_REASON: Final = "does not meet the review standards"
_BUILT_IN_SINCE: Final = 1_704_067_200.0
"""2024-01-01, when all the built-in ones were approved."""
_NAMESPACE: Final = uuid.UUID("5b0b3e4e-7a3c-4a52-9a55-0c6f6d1f4f60")


class ReviewState(StrEnum):
    """How far a review has come."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


@attrs.define(kw_only=True, eq=False)
class Entry(ABC):
    """What a template and a signature have in common."""

    vendor: str
    id: str
    """The id that management calls take."""
    created: float
    updated: float
    """Unix seconds, as is `created`."""
    name: str = ""
    remark: str = ""
    international: bool | None = None
    """Whether it is for other countries than mainland China; None: it is for all."""
    details: Mapping[str, Any] = MappingProxyType({})
    """What else the vendor keeps about it."""
    state: ReviewState = ReviewState.PENDING
    reason: str = ""
    """Why the reviewer refused it."""

    @property
    @abstractmethod
    def text(self) -> str:
        """What is reviewed."""
        ...

    def submit(self, now: float) -> None:
        """Hand it in, for the first time or once more."""
        self.state, self.reason, self.updated = ReviewState.PENDING, "", now

    def decide(self, state: ReviewState, reason: str = "") -> None:
        """End the review, or hold another one."""
        self.state = state
        self.reason = reason or (_USUAL_REASON if state is ReviewState.REJECTED else "")

    def settle(self) -> None:
        """End a pending review as the entry's own mark, if it has one, says."""
        if self.state is not ReviewState.PENDING:
            return
        mark = _MARK.search("\n".join((self.text, self.name, self.remark)))
        if mark:
            approves = mark[1].lower() == "approve"
            self.decide(ReviewState.APPROVED if approves else ReviewState.REJECTED, (mark[2] or "").strip())


@attrs.define(kw_only=True, eq=False)
class TemplateEntry(Entry):
    """A template that was applied for."""

    template: SandboxTemplate = attrs.field(repr=False)
    """What a send may use once it is approved, with the id that sends take."""

    @property
    def text(self) -> str:
        """The template's text."""
        return self.template.text


@attrs.define(kw_only=True, eq=False)
class SignatureEntry(Entry):
    """A signature that was applied for."""

    signature: str

    @property
    def text(self) -> str:
        """The signature, without brackets."""
        return self.signature


E = TypeVar("E", bound=Entry)


class ReviewStore(Generic[E]):
    """The templates or the signatures of all vendors, oldest first."""

    def __init__(self, entries: Iterable[E]) -> None:
        self._entries = list(entries)
        self._number = max((int(entry.id) for entry in self._entries if entry.id.isdigit()), default=0)

    def new_number(self) -> int:
        """A number that was never the id of an entry here."""
        self._number = max(self._number, 1_000_000) + 1
        return self._number

    def add(self, entry: E) -> None:
        """Put in an entry, pending or not."""
        self._entries.append(entry)

    def remove(self, entry: E) -> None:
        """Take out an entry."""
        self._entries.remove(entry)

    def all(self, vendor: str) -> list[E]:
        """A vendor's entries; reviews that decide themselves have ended."""
        found = [entry for entry in self._entries if entry.vendor == vendor]
        for entry in found:
            entry.settle()
        return found

    def get(self, vendor: str, id: str) -> E | None:
        """The entry that a vendor's management calls know by *id*, or None."""
        return next((entry for entry in self.all(vendor) if entry.id == id), None)

    def approved(self, vendor: str) -> list[E]:
        """The entries that a vendor has approved."""
        return [entry for entry in self.all(vendor) if entry.state is ReviewState.APPROVED]


def built_in_template(template: SandboxTemplate, *, is_numeric: bool) -> TemplateEntry:
    """The entry of a template that was approved from the start.

    *is_numeric*: its id is a number, which management calls take as well as sends.
    """
    return TemplateEntry(
        vendor=template.vendor,
        id=template.id if is_numeric else _stable_id(f"template {template.id}"),
        created=_BUILT_IN_SINCE,
        updated=_BUILT_IN_SINCE,
        name=f"template {template.id}",
        international=template.international,
        state=ReviewState.APPROVED,
        template=template,
    )


def built_in_signature(vendor: str, signature: str, number: int | None) -> SignatureEntry:
    """The entry of a signature that was approved from the start. *number*: its id, if the vendor's are numbers."""
    return SignatureEntry(
        vendor=vendor,
        id=str(number) if number is not None else _stable_id(f"signature {signature}"),
        created=_BUILT_IN_SINCE,
        updated=_BUILT_IN_SINCE,
        state=ReviewState.APPROVED,
        signature=signature,
    )


def _stable_id(name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, name))
