"""Huawei's records as the neutral ones of `smsgate.provider.records`.

Times of the management API have no zone, and are taken for UTC as those of its delivery reports are.
"""

from collections.abc import Mapping
from typing import Any, Final

import attrs

from smsgate.huawei.management.reading import read_record
from smsgate.huawei.management.records import HuaweiSignature, HuaweiTemplate
from smsgate.provider.reading import read_time
from smsgate.provider.records import ReviewState, SignatureRecord, TemplateKind, TemplateRecord

__all__ = [
    "applied_signature",
    "applied_template",
    "kind_of",
    "kind_problem",
    "signature_record",
    "template_record",
    "type_of",
]

_TEMPLATE_STATES: Final[Mapping[str, ReviewState]] = {
    "ADOPTED": ReviewState.APPROVED,
    "REVIEWING": ReviewState.PENDING,
    "PENDING": ReviewState.PENDING,  # kept, and not submitted for review
    "REJECT": ReviewState.REJECTED,
}
_SIGNATURE_STATES: Final[Mapping[str, ReviewState]] = {
    "PENDING_REVIEW": ReviewState.PENDING,
    "PROCESSING": ReviewState.PENDING,
    "PENDING_QUALIFICATION_REVIEW": ReviewState.PENDING,
    "REAL_NAME_REGISTRATING": ReviewState.PENDING,
    "PENDING_ACTIVATE": ReviewState.PENDING,
    "TO_BE_ACTIVATED": ReviewState.PENDING,  # until `activate_signature` and another review
    "REVIEW_NOT_PASS": ReviewState.REJECTED,
    "REVIEW_PROCESSING_COMPLETED": ReviewState.APPROVED,
    # Can be sent, though carriers may stop it until its papers are complete.
    "REVIEW_PASSED": ReviewState.APPROVED,
    "REVIEW_PASSED_QUALIFICATION_PROCESSING": ReviewState.APPROVED,
    "REVIEW_PASSED_REAL_NAME_REGISTRATING": ReviewState.APPROVED,
    "REVIEW_PASSED_REAL_NAME_REGISTRATE_FAIL": ReviewState.APPROVED,
}
_TYPES: Final[Mapping[TemplateKind, str]] = {
    TemplateKind.VERIFICATION: "VERIFY_CODE_TYPE",
    TemplateKind.NOTIFICATION: "NOTIFY_TYPE",
    TemplateKind.MARKETING: "PROMOTION_TYPE",
}
_KINDS: Final[Mapping[str, TemplateKind]] = {name: kind for kind, name in _TYPES.items()}


def template_record(provider: str, item: Mapping[str, Any]) -> TemplateRecord:
    """A template of a list, or a single one."""
    found = read_record(HuaweiTemplate, item)
    return TemplateRecord(
        provider=provider,
        id=found.id or "",
        send_id=found.template_id or None,
        name=found.template_name,
        text=found.template_content,
        kind=kind_of(found.template_type),
        state=_TEMPLATE_STATES.get((found.flow_status or "").upper(), ReviewState.UNKNOWN),
        review=found.review_desc or None,
        international=None if found.region is None else found.region != "cn",
        created_at=read_time(found.create_time),
        extra=found,
        raw=found.raw,
    )


def applied_template(provider: str, fields: Mapping[str, Any], item: Mapping[str, Any]) -> TemplateRecord:
    """A template that has been applied for: the response has its id and name, the rest is what was submitted."""
    given = {name: value for name, value in fields.items() if value is not None}
    record = template_record(provider, {"flow_status": "Reviewing", **given, **item})
    return attrs.evolve(record, extra=read_record(HuaweiTemplate, item), raw=item)


def signature_record(provider: str, item: Mapping[str, Any]) -> SignatureRecord:
    """A signature of a list, or a single one. All are of mainland China."""
    found = read_record(HuaweiSignature, item)
    return SignatureRecord(
        provider=provider,
        id=found.id or "",
        text=found.signature_name,
        state=_SIGNATURE_STATES.get((found.status or "").upper(), ReviewState.UNKNOWN),
        review=found.review_desc or None,
        international=False,
        created_at=read_time(found.create_time),
        extra=found,
        raw=found.raw,
    )


def applied_signature(provider: str, fields: Mapping[str, Any], item: Mapping[str, Any]) -> SignatureRecord:
    """A signature that has been applied for: the response has its ids and name."""
    record = signature_record(provider, {"status": "PENDING_REVIEW", **fields, **item})
    return attrs.evolve(record, extra=read_record(HuaweiSignature, item), raw=item)


def kind_problem(kind: object) -> str | None:
    """What is wrong with the kind of a template or signature that is to be made."""
    return None if kind in _TYPES else f"kind: Huawei has {', '.join(_TYPES)}"


def type_of(kind: TemplateKind) -> str:
    """Huawei's name of a kind that has no problem."""
    return _TYPES[kind]


def kind_of(name: str | None) -> TemplateKind:
    """The kind that Huawei calls *name*."""
    return _KINDS.get((name or "").upper(), TemplateKind.UNKNOWN)
