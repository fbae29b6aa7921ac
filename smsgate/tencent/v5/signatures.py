"""Signatures through the v5 interface.

Tencent SMS Development Guide 2.0, Signature API: add_sign, mod_sign, del_sign, get_sign. `international` and
`apply_time`: the later Chinese edition.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from smsgate.model.errors import VendorError
from smsgate.model.reason import Reason
from smsgate.provider.call import Call, unreadable
from smsgate.provider.reading import objects_in, read_int, read_text
from smsgate.provider.records import ReviewState, SignatureRecord
from smsgate.tencent.arguments import flag, id_number, id_numbers, picture_text, plain_text, signature_text
from smsgate.tencent.one_record import one_record
from smsgate.tencent.v5.api import V5Envelope
from smsgate.tencent.v5.calls import FLAGS, MOST_IDS, PENDING, STATES, V5Calls, items_in, object_in, with_draft
from smsgate.tencent.values import china_time

__all__ = ["V5Signatures"]


class V5Signatures(V5Calls):
    """The signatures of one application. The interface finds signatures by their ids; it cannot list them."""

    def get_signatures(self, ids: Iterable[str]) -> Call[tuple[SignatureRecord, ...]]:
        """Those of up to 50 signatures that there are (get_sign)."""
        return self._call("get_sign", {"sign_id": id_numbers("ids", ids, most=MOST_IDS)}, self._signatures)

    def get_signature(self, id: str) -> Call[SignatureRecord]:
        """One signature (get_sign). Ends in a `VendorError` if there is no such signature."""
        number = id_number("id", id)
        return self._call(
            "get_sign",
            {"sign_id": [number]},
            lambda envelope: one_record("get_sign", self._signatures(envelope), number, Reason.SIGNATURE_REJECTED),
        )

    def add_signature(
        self, *, text: str, picture: bytes | None = None, remark: str = "", international: bool = False
    ) -> Call[SignatureRecord]:
        """Apply for a signature, without brackets (add_sign). *picture*: proof, a JPEG or PNG of at most 2 MiB."""
        draft = _draft(text, picture, remark, international)

        def read(envelope: V5Envelope) -> SignatureRecord | VendorError:
            row = object_in(envelope)
            if row is None or read_text(row.get("id")) is None:
                return unreadable("add_sign", "the response does not have the signature's id")
            return self._signature(row, {"status": PENDING, **draft})

        return self._call("add_sign", draft, read)

    def modify_signature(
        self, id: str, *, text: str, picture: bytes | None = None, remark: str = "", international: bool = False
    ) -> Call[SignatureRecord]:
        """Change a signature, which is reviewed again (mod_sign)."""
        number = id_number("id", id)
        draft = _draft(text, picture, remark, international)
        return self._call(
            "mod_sign",
            {"sign_id": number, **draft},
            lambda envelope: self._signature(object_in(envelope) or {}, {"status": PENDING, "id": number, **draft}),
        )

    def delete_signature(self, id: str) -> Call[None]:
        """Delete a signature (del_sign)."""
        return self._call("del_sign", {"sign_id": [id_number("id", id)]}, lambda _: None)

    def delete_signatures(self, ids: Iterable[str]) -> Call[None]:
        """Delete up to 50 signatures in one call (del_sign)."""
        return self._call("del_sign", {"sign_id": id_numbers("ids", ids, most=MOST_IDS)}, lambda _: None)

    def _signatures(self, envelope: V5Envelope) -> tuple[SignatureRecord, ...] | VendorError:
        rows = objects_in(items_in(envelope))
        if rows is None:
            return unreadable("get_sign", "the response has no list of signatures that can be read")
        return tuple(self._signature(row, {}) for row in rows)

    def _signature(self, row: Mapping[str, Any], draft: Mapping[str, object]) -> SignatureRecord:
        fields = with_draft(row, draft)
        return SignatureRecord(
            provider=self.name,
            id=read_text(fields.get("id")) or "",
            text=read_text(fields.get("text")),
            state=STATES.get(read_int(fields.get("status")), ReviewState.UNKNOWN),
            review=read_text(fields.get("reply")),
            international=FLAGS.get(read_int(fields.get("international"))),
            created_at=china_time(fields.get("apply_time")),
            raw=row,
        )


def _draft(text: str, picture: bytes | None, remark: str, international: bool) -> dict[str, object]:
    draft: dict[str, object] = {
        "text": signature_text("text", text),
        "remark": plain_text("remark", remark, required=False),
        "international": flag(international),
    }
    if picture is not None:
        draft["pic"] = picture_text("picture", picture)
    return draft
