"""add_sign, mod_sign, del_sign and get_sign.

Source: Tencent SMS Development Guide 2.0, "Signature API": the picture is optional and Base64; `international` and
`apply_time` from its later Chinese edition.
"""

import base64
import binascii
from typing import Any

from smsgate.sandbox.state.review import ReviewState, SignatureEntry
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.account import VENDOR
from smsgate.sandbox.tencent.formats import china_time
from smsgate.sandbox.tencent.review import add_signature, is_signature, same_signature
from smsgate.sandbox.tencent.v5.refusal import Refusal
from smsgate.sandbox.tencent.v5.templates import STATES
from smsgate.sandbox.tencent.v5.verify import V5Call, read_choice, read_ids, read_number, read_text

__all__ = ["add", "delete", "get", "modify"]


def add(state: SandboxState, call: V5Call, now: float) -> dict[str, Any]:
    """add_sign: not one that is pending or approved already."""
    signature, remark, international = _read(call)
    if same_signature(state, signature):
        raise Refusal(1012, "sign already exist")
    entry = add_signature(state, signature, now, remark=remark, international=international, details={})
    return {"data": _row(entry)}


def modify(state: SandboxState, call: V5Call, now: float) -> dict[str, Any]:
    """mod_sign: not for a signature that was approved."""
    entry = _known(state, str(read_number(call.body, "sign_id")))
    signature, remark, international = _read(call)
    if entry.state is ReviewState.APPROVED:
        raise Refusal(1012, "sign already approved, cannot be modified")
    if same_signature(state, signature) not in (None, entry):
        raise Refusal(1012, "sign already exist")
    entry.signature, entry.remark, entry.international = signature, remark, international
    entry.submit(now)
    return {"data": _row(entry)}


def delete(state: SandboxState, call: V5Call, now: float) -> dict[str, Any]:
    """del_sign: all of them, or none if one is not known."""
    for entry in [_known(state, id) for id in dict.fromkeys(read_ids(call.body, "sign_id"))]:
        state.signatures.remove(entry)
    return {}


def get(state: SandboxState, call: V5Call, now: float) -> dict[str, Any]:
    """get_sign: by ids only."""
    wanted = read_ids(call.body, "sign_id")
    found = [entry for entry in state.signatures.all(VENDOR) if entry.id in wanted]
    rows = [{**_row(entry), "reply": entry.reason, "apply_time": china_time(entry.updated)} for entry in found]
    return {"count": len(rows), "data": rows}


def _read(call: V5Call) -> tuple[str, str, bool]:
    signature = read_text(call.body, "text")
    if not is_signature(signature):
        raise Refusal(1012)
    _check_picture(read_text(call.body, "pic", required=False))
    international = bool(read_choice(call.body, "international", high=1))
    return signature, read_text(call.body, "remark", required=False), international


def _check_picture(text: str) -> None:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(1004, "package format error, pic error") from None


def _known(state: SandboxState, id: str) -> SignatureEntry:
    entry = state.signatures.get(VENDOR, id)
    if entry is None:
        raise Refusal(1012, "sign_id not exist")
    return entry


def _row(entry: SignatureEntry) -> dict[str, Any]:
    return {
        "id": int(entry.id),
        "international": int(bool(entry.international)),
        "status": STATES[entry.state],
        "text": entry.signature,
    }
