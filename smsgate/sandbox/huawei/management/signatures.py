"""Signatures.

Source: Huawei Cloud Message & SMS API Reference (mainland edition), signature APIs: what was rejected can be changed
and nothing else; the channel number comes with the approval.
"""

import uuid
from functools import partial
from typing import Any, Final

from smsgate.sandbox.huawei.account import VENDOR, account_of
from smsgate.sandbox.huawei.management.apps import CUSTOMER, TENANT, application
from smsgate.sandbox.huawei.management.fields import chosen, number_of, page, read_body, read_query, text_of, timestamp
from smsgate.sandbox.huawei.management.refusal import Refusal
from smsgate.sandbox.state.review import ReviewState, SignatureEntry
from smsgate.sandbox.state.state import SandboxState
from smsgate.wire import HttpRequest

__all__ = ["activate", "create", "delete", "list_all", "modify", "show"]

_TYPES: Final = ("VERIFY_CODE_TYPE", "PROMOTION_TYPE", "NOTIFY_TYPE")
_STATUS: Final = {
    ReviewState.PENDING: "PENDING_REVIEW",
    ReviewState.APPROVED: "REVIEW_PROCESSING_COMPLETED",
    ReviewState.REJECTED: "REVIEW_NOT_PASS",
}


def list_all(state: SandboxState, request: HttpRequest, now: float) -> dict[str, Any]:
    """GET signatures."""
    return page(state.signatures.all(VENDOR), read_query(request), partial(_row, state))


def create(state: SandboxState, request: HttpRequest, now: float) -> dict[str, Any]:
    """POST signatures: not one that is pending or approved already."""
    fields = _read(state, request)
    _check_new(state, fields, None)
    entry = SignatureEntry(
        vendor=VENDOR,
        id=str(uuid.uuid4()),
        created=now,
        updated=now,
        remark=fields["apply_desc"],
        details={**fields, "signature_id": uuid.uuid4().hex},
        signature=fields["signature_name"],
    )
    state.signatures.add(entry)
    return _payload(entry)


def show(state: SandboxState, request: HttpRequest, now: float, id: str) -> dict[str, Any]:
    """GET signatures/{id}."""
    return _row(state, _known(state, id))


def modify(state: SandboxState, request: HttpRequest, now: float, id: str) -> dict[str, Any]:
    """PUT signatures/{id}: only what was rejected."""
    entry = _known(state, id)
    fields = _read(state, request)
    if entry.state is not ReviewState.REJECTED:
        raise Refusal("MSGSMS.0007", "status")
    _check_new(state, fields, entry)
    entry.signature, entry.remark = fields["signature_name"], fields["apply_desc"]
    entry.details = {**entry.details, **fields}
    entry.submit(now)
    return _payload(entry)


def delete(state: SandboxState, request: HttpRequest, now: float, id: str) -> None:
    """DELETE signatures/{id}."""
    state.signatures.remove(_known(state, id))


def activate(state: SandboxState, request: HttpRequest, now: float, id: str) -> None:
    """PUT signatures/{id}/active: an approved one is active, and stays so."""
    if _known(state, id).state is not ReviewState.APPROVED:
        raise Refusal("MSGSMS.0002", "status")


def _known(state: SandboxState, id: str) -> SignatureEntry:
    entry = state.signatures.get(VENDOR, id)
    if entry is None:
        raise Refusal("MSGSMS.0005", "id")
    return entry


def _read(state: SandboxState, request: HttpRequest) -> dict[str, Any]:
    """What an application for a signature says, complete with what it leaves out."""
    body = read_body(request)
    fields = {
        "app_id": application(state, text_of(body, "app_id")).id,
        "signature_name": text_of(body, "signature_name"),
        "signature_type": chosen(body, "signature_type", _TYPES),
        "signature_source": number_of(body, "signature_source", 0, 5),
        "is_involved_third": chosen(body, "is_involved_third", ("Yes", "No"), "No"),
        "apply_desc": text_of(body, "apply_desc", ""),
        "file_id": text_of(body, "file_id", ""),
        "power_attorney_file_id": text_of(body, "power_attorney_fileid", ""),
        "source_title_content": text_of(body, "source_title_content", ""),
        "qualification_id": text_of(body, "qualification_id", ""),
    }
    for name in ("file_id", "power_attorney_file_id"):
        if fields[name] and fields[name] not in account_of(state).files:
            raise Refusal("MSGSMS.0011", name)
    return fields


def _check_new(state: SandboxState, fields: dict[str, Any], entry: SignatureEntry | None) -> None:
    for other in state.signatures.all(VENDOR):
        same = other.signature == fields["signature_name"] and other.state is not ReviewState.REJECTED
        if same and other is not entry:
            raise Refusal("MSGSMS.0004", "signature_name")


def _payload(entry: SignatureEntry) -> dict[str, Any]:
    return {"id": entry.id, "signature_id": entry.details["signature_id"], "signature_name": entry.signature}


def _row(state: SandboxState, entry: SignatureEntry) -> dict[str, Any]:
    fields, app = entry.details, account_of(state).application_of(entry.details.get("app_id"))
    row = {
        "id": entry.id,
        "create_time": timestamp(entry.created),
        "update_time": timestamp(entry.updated),
        "customer_id": CUSTOMER,
        "tenant": TENANT,
        "signature_name": entry.signature,
        "signature_id": fields.get("signature_id", entry.id.replace("-", "")),
        "signature_type": fields.get("signature_type", "NOTIFY_TYPE"),
        "app_name": app.name,
        "app_key": app.key,
        "apply_desc": entry.remark,
        "review_desc": entry.reason,
        "status": _STATUS[entry.state],
        "site": "cn",
        "urge_status": "NO",
        "signature_usage": "",
        "qualification_name": "",
        **{name: fields.get(name, "") for name in ("file_id", "power_attorney_file_id", "qualification_id")},
        **{name: fields.get(name, "") for name in ("is_involved_third", "source_title_content")},
        "signature_source": fields.get("signature_source", 0),
    }
    return {**row, "channel_num": app.channel} if entry.state is ReviewState.APPROVED else row
