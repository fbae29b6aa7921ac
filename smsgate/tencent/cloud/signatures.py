"""Signatures through API 3.0.

Tencent Cloud SMS API, AddSmsSign, ModifySmsSign, DeleteSmsSign, DescribeSmsSignList, as Tencent's own SDK documents
them for both versions.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from smsgate.model.errors import InvalidCallError, VendorError
from smsgate.model.reason import Reason
from smsgate.provider.call import Call, unreadable
from smsgate.provider.reading import objects_in, read_int, read_text
from smsgate.provider.records import Page, ReviewState, SignatureRecord
from smsgate.tencent.arguments import (
    flag,
    id_number,
    id_numbers,
    picture_text,
    plain_text,
    signature_text,
    whole_number,
)
from smsgate.tencent.cloud.api import CloudEnvelope
from smsgate.tencent.cloud.calls import MOST_ROWS, SCOPES, STATES, CloudCalls, items_in, object_in
from smsgate.tencent.cloud.field_names import FieldNames
from smsgate.tencent.cloud.records import CloudSignature, SignatureKind, SignatureProof
from smsgate.tencent.one_record import one_record
from smsgate.tencent.values import china_time

__all__ = ["CloudSignatures"]

_LIST: Final = "DescribeSmsSignList"


class CloudSignatures(CloudCalls):
    """The signatures of an account. Those for mainland China and for other countries are requested apart."""

    def list_signatures(
        self, *, offset: int = 0, limit: int = 50, international: bool = False
    ) -> Call[Page[SignatureRecord]]:
        """One page of the signatures (DescribeSmsSignList): at most 100. Not in version 2019-07-11."""
        fields = {"International": flag(international), **self._page(offset, limit, "get_signatures")}

        def read(envelope: CloudEnvelope) -> Page[SignatureRecord] | VendorError:
            records = self._signatures(envelope)
            return records if isinstance(records, VendorError) else Page(records)

        return self._call(_LIST, fields, read)

    def get_signatures(self, ids: Iterable[str], *, international: bool = False) -> Call[tuple[SignatureRecord, ...]]:
        """Those of up to 100 signatures that there are (DescribeSmsSignList)."""
        fields = {"International": flag(international), "SignIdSet": id_numbers("ids", ids, most=MOST_ROWS)}
        return self._call(_LIST, fields, self._signatures)

    def get_signature(self, id: str, *, international: bool = False) -> Call[SignatureRecord]:
        """One signature (DescribeSmsSignList). Ends in a `VendorError` if there is no such signature."""
        number = id_number("id", id)
        fields = {"International": flag(international), "SignIdSet": [number]}
        return self._call(
            _LIST,
            fields,
            lambda envelope: one_record(_LIST, self._signatures(envelope), number, Reason.SIGNATURE_REJECTED),
        )

    def add_signature(
        self,
        *,
        text: str,
        picture: bytes | None = None,
        remark: str = "",
        international: bool = False,
        kind: SignatureKind = SignatureKind.COMPANY,
        proof: SignatureProof = SignatureProof.UNIFIED_LICENCE,
        authorisation: bytes | None = None,
        qualification_id: int | None = None,
    ) -> Call[SignatureRecord]:
        """Apply for a signature, without brackets (AddSmsSign).

        *picture* shows the *proof*, and Tencent wants one: a JPEG or PNG of at most 2 MiB. A signature that names
        somebody else needs a picture of their *authorisation*. Mainland signatures rest on an approved qualification.
        """
        fields = _draft(self._names, text, picture, remark, international, kind, proof, authorisation, qualification_id)

        def read(envelope: CloudEnvelope) -> SignatureRecord | VendorError:
            row = object_in(envelope, "AddSignStatus") or {}
            id = read_text(row.get("SignId"))
            if id is None:
                return self._unreported("AddSmsSign", envelope)
            return _new_record(self.name, self._names, id, row, text=text, international=international)

        return self._call("AddSmsSign", fields, read)

    def modify_signature(
        self,
        id: str,
        *,
        text: str,
        picture: bytes | None = None,
        remark: str = "",
        international: bool = False,
        kind: SignatureKind = SignatureKind.COMPANY,
        proof: SignatureProof = SignatureProof.UNIFIED_LICENCE,
        authorisation: bytes | None = None,
        qualification_id: int | None = None,
    ) -> Call[SignatureRecord]:
        """Change a signature, which is reviewed again (ModifySmsSign). The arguments are those of `add_signature`.

        What is approved cannot be changed; *international* must be what it was.
        """
        number = id_number("id", id)
        fields = _draft(self._names, text, picture, remark, international, kind, proof, authorisation, qualification_id)

        def read(envelope: CloudEnvelope) -> SignatureRecord | VendorError:
            row = object_in(envelope, "ModifySignStatus")
            if row is None:
                return self._unreported("ModifySmsSign", envelope)
            return _new_record(self.name, self._names, id, row, text=text, international=international)

        return self._call("ModifySmsSign", {"SignId": number, **fields}, read)

    def delete_signature(self, id: str) -> Call[None]:
        """Delete a signature (DeleteSmsSign)."""
        return self._deletion("DeleteSmsSign", {"SignId": id_number("id", id)}, "DeleteSignStatus")

    def _signatures(self, envelope: CloudEnvelope) -> tuple[SignatureRecord, ...] | VendorError:
        rows = objects_in(items_in(envelope, "DescribeSignListStatusSet"))
        if rows is None:
            return unreadable(_LIST, "the response has no list of signatures", request_id=envelope.request_id)
        return tuple(self._signature(row) for row in rows)

    def _signature(self, row: Mapping[str, Any]) -> SignatureRecord:
        status, scope = read_int(row.get("StatusCode")), read_int(row.get("International"))
        return SignatureRecord(
            provider=self.name,
            id=read_text(row.get("SignId")) or "",
            text=read_text(row.get("SignName")),
            state=STATES.get(status, ReviewState.UNKNOWN),
            review=read_text(row.get("ReviewReply")),
            international=SCOPES.get(scope),
            created_at=china_time(row.get("CreateTime")),
            extra=CloudSignature(
                status_code=status,
                international_code=scope,
                qualification_id=read_int(row.get("QualificationId")),
                qualification_name=read_text(row.get("QualificationName")),
                qualification_status=read_int(row.get("QualificationStatusCode")),
            ),
            raw=row,
        )


def _new_record(
    provider: str, names: FieldNames, id: str, row: Mapping[str, Any], *, text: str, international: bool
) -> SignatureRecord:
    """What was submitted, of which the response has the ids only."""
    application = names.sign_application
    return SignatureRecord(
        provider=provider,
        id=id,
        text=text,
        state=ReviewState.PENDING,
        international=international,
        extra=CloudSignature(application_id=read_text(row.get(application)) if application else None),
        raw=row,
    )


def _draft(
    names: FieldNames,
    text: str,
    picture: bytes | None,
    remark: str,
    international: bool,
    kind: SignatureKind,
    proof: SignatureProof,
    authorisation: bytes | None,
    qualification_id: int | None,
) -> dict[str, object]:
    if picture is None:
        raise InvalidCallError("picture: Tencent Cloud takes no signature without a proof")
    draft: dict[str, object] = {
        "SignName": signature_text("text", text),
        "SignType": whole_number("kind", kind, 0, 99),
        "DocumentType": whole_number("proof", proof, 0, 99),
        "International": flag(international),
        names.sign_purpose: flag(authorisation is not None),
        "ProofImage": picture_text("picture", picture),
        "Remark": plain_text("remark", remark, required=False),
    }
    if authorisation is not None:
        draft["CommissionImage"] = picture_text("authorisation", authorisation)
    if qualification_id is not None:
        draft["QualificationId"] = whole_number("qualification_id", qualification_id, 1, 2**63 - 1)
    return draft
