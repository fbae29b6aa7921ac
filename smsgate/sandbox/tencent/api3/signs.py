"""AddSmsSign, ModifySmsSign, DeleteSmsSign and DescribeSmsSignList.

Source: Tencent Cloud SMS API 3.0, "SMS Signature APIs" of both versions: which proof goes with which type of signature,
pictures in Base64 without a `data:` prefix, the authorisation of somebody else's signature.
"""

import base64
import binascii
from typing import Any, Final

from smsgate.sandbox.state.review import ReviewState, SignatureEntry
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.account import VENDOR
from smsgate.sandbox.tencent.api3.call import Call
from smsgate.sandbox.tencent.api3.lists import STATES, listed, region_code
from smsgate.sandbox.tencent.api3.refusal import Refusal
from smsgate.sandbox.tencent.review import add_signature, is_signature, same_signature

__all__ = ["add", "delete", "describe", "modify"]

_DOCUMENTS: Final = frozenset(range(9))
_TYPES: Final = frozenset(range(7))
# Tencent SMS Development Guide 2.0, error 1012: 2 to 12 characters; API 3.0 has a code of its own for those that are
# too long.
_MAX_LENGTH: Final = 12
_APPROVED_QUALIFICATION: Final = 1


def add(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """AddSmsSign: not one that is pending or approved already."""
    _check(call)
    signature: str = call.params["signature"]
    _check_same(same_signature(state, signature))
    entry = add_signature(
        state,
        signature,
        now,
        remark=call.params.get("remark", ""),
        international=bool(call.params["international"]),
        details={"qualification": call.params.get("qualification", 0)},
    )
    return {"AddSignStatus": _ids(call, entry, int(entry.id))}


def modify(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """ModifySmsSign: not for a signature that was approved."""
    entry = state.signatures.get(VENDOR, str(call.params["id"]))
    if entry is None:
        raise Refusal("FailedOperation.MissingSignatureToModify", "no such signature")
    _check(call)
    if entry.state is ReviewState.APPROVED:
        raise Refusal("InvalidParameterValue.SignAlreadyPassedCheck", "the signature has been approved")
    other = same_signature(state, call.params["signature"])
    _check_same(None if other is entry else other)
    entry.signature, entry.remark = call.params["signature"], call.params.get("remark", "")
    entry.submit(now)
    return {"ModifySignStatus": _ids(call, entry, entry.id)}


def delete(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """DeleteSmsSign."""
    entry = state.signatures.get(VENDOR, str(call.params["id"]))
    if entry is None:
        raise Refusal("FailedOperation.SignIdNotExist", "no such signature")
    state.signatures.remove(entry)
    return {"DeleteSignStatus": {"DeleteStatus": "return successfully!", "DeleteTime": int(now)}}


def describe(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """DescribeSmsSignList: by ids, or (2021-01-11) a page of all."""
    found = listed(call, state.signatures.all(VENDOR), "Sign")
    return {"DescribeSignListStatusSet": [_row(entry) for entry in found]}


def _ids(call: Call, entry: SignatureEntry, applied: int | str) -> dict[str, Any]:
    """The old version gives the id of the application as well, once as a number and once as text."""
    return {"SignId": int(entry.id)} if call.is_new else {"SignId": int(entry.id), "SignApplyId": applied}


def _check(call: Call) -> None:
    params = call.params
    if len(params["signature"]) > _MAX_LENGTH:
        raise Refusal("InvalidParameterValue.SignNameLengthTooLong", "the signature is too long")
    if not is_signature(params["signature"]):
        raise Refusal("FailedOperation.SignatureIncorrectOrUnapproved", "2 to 12 letters or digits")
    if params["international"] > 1:
        raise Refusal("InvalidParameterValue.InvalidInternational", "International error")
    if params["kind"] not in _TYPES or params["document"] not in _DOCUMENTS:
        raise Refusal("InvalidParameterValue.InvalidDocumentType", "SignType or DocumentType error")
    if params["purpose"] > 1:
        raise Refusal(f"InvalidParameterValue.Invalid{call.name('UsedMethod', 'SignPurpose')}", "purpose error")
    for picture in (params["proof"], params.get("commission", "")):
        if not _is_base64(picture):
            raise Refusal("InvalidParameterValue.ImageInvalid", "a picture is not Base64")


def _check_same(other: SignatureEntry | None) -> None:
    if other is not None and other.state is ReviewState.APPROVED:
        raise Refusal("InvalidParameterValue.SignAlreadyPassedCheck", "the same signature has been approved")
    if other is not None:
        raise Refusal("InvalidParameterValue.SignExistAndUnapproved", "the same signature is under review")


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _row(entry: SignatureEntry) -> dict[str, Any]:
    qualification: int = entry.details.get("qualification", 0)
    return {
        "SignId": int(entry.id),
        "International": region_code(entry),
        "StatusCode": STATES[entry.state],
        "ReviewReply": entry.reason,
        "SignName": entry.signature,
        "CreateTime": int(entry.updated),
        "QualificationId": qualification,
        "QualificationName": f"qualification {qualification}" if qualification else "",
        "QualificationStatusCode": _APPROVED_QUALIFICATION if qualification else 0,
    }
