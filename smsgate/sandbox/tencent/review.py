"""Applying for templates and signatures at Tencent, through either of its interfaces.

Sources: Tencent SMS Development Guide 2.0, "Template API", "Signature API" and error 1012 (2 to 12 Chinese characters,
letters and digits); Tencent Cloud SMS API 3.0, ModifySmsTemplate: what was approved can no longer be changed.
"""

import re
from typing import Any, Final, Literal

import attrs

from smsgate.sandbox.state.review import ReviewState, SignatureEntry, TemplateEntry
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.state.templates import SandboxTemplate
from smsgate.sandbox.tencent.account import VENDOR

__all__ = ["TemplateDraft", "add_signature", "add_template", "change_template", "is_signature", "same_signature"]

# Tencent SMS Development Guide 2.0, "Error Codes for SMS Delivery", 1012: Chinese characters, letters and digits.
_SIGNATURE: Final = re.compile(r"[^\W_]{2,12}")


@attrs.frozen(kw_only=True)
class TemplateDraft:
    """What an application for a template says."""

    name: str
    text: str
    kind: Literal["notice", "verification", "marketing", "voice"]
    international: bool
    remark: str

    def template(self, id: str) -> SandboxTemplate:
        """The template that it becomes once it is approved."""
        return SandboxTemplate(VENDOR, id, self.text, kind=self.kind, international=self.international)


def add_template(state: SandboxState, draft: TemplateDraft, now: float) -> TemplateEntry:
    """Hand in a new template."""
    id = str(state.templates.new_number())
    entry = TemplateEntry(
        vendor=VENDOR,
        id=id,
        created=now,
        updated=now,
        name=draft.name,
        remark=draft.remark,
        international=draft.international,
        template=draft.template(id),
    )
    state.templates.add(entry)
    return entry


def change_template(entry: TemplateEntry, draft: TemplateDraft, now: float) -> None:
    """Hand in another text for a template."""
    entry.name, entry.remark, entry.international = draft.name, draft.remark, draft.international
    entry.template = draft.template(entry.id)
    entry.submit(now)


def add_signature(
    state: SandboxState, signature: str, now: float, *, remark: str, international: bool, details: dict[str, Any]
) -> SignatureEntry:
    """Hand in a new signature."""
    entry = SignatureEntry(
        vendor=VENDOR,
        id=str(state.signatures.new_number()),
        created=now,
        updated=now,
        remark=remark,
        international=international,
        details=details,
        signature=signature,
    )
    state.signatures.add(entry)
    return entry


def is_signature(text: str) -> bool:
    """Whether *text* may be a signature."""
    return _SIGNATURE.fullmatch(text) is not None


def same_signature(state: SandboxState, signature: str) -> SignatureEntry | None:
    """The entry with the same text that is pending or approved, or None."""
    entries = state.signatures.all(VENDOR)
    return next(
        (each for each in entries if each.signature == signature and each.state is not ReviewState.REJECTED), None
    )
