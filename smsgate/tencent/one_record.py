"""The record with an id, out of the list that Tencent's calls respond with."""

from collections.abc import Sequence
from typing import TypeVar

from smsgate.model.errors import VendorError
from smsgate.model.reason import Outcome, Reason
from smsgate.provider.records import SignatureRecord, TemplateRecord

__all__ = ["one_record"]

R = TypeVar("R", TemplateRecord, SignatureRecord)


def one_record(call: str, records: Sequence[R] | VendorError, id: int, reason: Reason) -> R | VendorError:
    """The record with *id* out of a response; if the vendor has none, the error that says so, with *reason*."""
    if isinstance(records, VendorError):
        return records
    found = next((record for record in records if record.id == str(id)), None)
    return found or VendorError(
        f"{call}: the vendor has none with the id {id}", outcome=Outcome.REJECTED, reason=reason
    )
