"""Calls about signatures, and about the files that prove a right to them. For mainland China only.

The guide names these calls in its table of permissions (Message & SMS API Reference, Table 4-1); their fields are those
of its online edition of 2024 ("Creating an SMS Signature" and the pages beside it) and of the official SDK.
"""

import re
from datetime import datetime
from functools import partial
from typing import Final, Literal, Unpack

from smsgate.huawei.management.account import Account, to_json
from smsgate.huawei.management.checks import check, id_problem, page_problem, span, span_problem, texts_problem
from smsgate.huawei.management.neutral import applied_signature, signature_record
from smsgate.huawei.management.reading import read_one, read_page, read_record
from smsgate.huawei.management.records import HuaweiFile
from smsgate.huawei.management.signature_draft import SignatureDraft, SignatureOptions
from smsgate.model.digests import sha256
from smsgate.model.errors import InvalidCallError
from smsgate.provider.call import Call
from smsgate.provider.checks import choice_problem, text_problem
from smsgate.provider.records import Page, SignatureRecord

__all__ = ["SignatureCalls", "file_name_problem", "one_file"]

_file = read_one(partial(read_record, HuaweiFile))
_NAME: Final = re.compile(r"""[^\s#'"$%&*/\\|<>{}\[\];]{1,255}""")
"""Message & SMS API Reference, online edition of 2024, error codes MSGSMS.0132 and MSGSMS.0133."""
_TYPES: Final = ((b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"%PDF", "application/pdf"))


class SignatureCalls:
    """The part of `HuaweiManagement` that is about signatures: a `SignatureAdmin` and a `SignatureList`."""

    _account: Account

    def list_signatures(
        self,
        *,
        offset: int = 0,
        limit: int = 50,
        app_name: str | None = None,
        start_time: datetime | str | None = None,
        end_time: datetime | str | None = None,
        signature_id: str | None = None,
        signature_name: str | None = None,
        signature_type: str | None = None,
        site: str | None = None,
        sort_dir: Literal["asc", "desc"] | None = None,
        sort_key: str | None = None,
        status: str | None = None,
    ) -> Call[Page[SignatureRecord]]:
        """One page of the signatures. Each record's `extra` is a `HuaweiSignature`.

        *start_time*, *end_time*: aware datetimes, or text as Huawei writes it.
        """
        texts = {
            "app_name": app_name,
            "signature_id": signature_id,
            "signature_name": signature_name,
            "signature_type": signature_type,
            "site": site,
            "sort_key": sort_key,
            "status": status,
        }
        check(
            page_problem(offset, limit),
            span_problem(start_time, end_time),
            choice_problem("sort_dir", sort_dir, ("asc", "desc"), optional=True),
            texts_problem(texts),
        )
        query = {"limit": limit, "offset": offset, "sort_dir": sort_dir, **texts, **span(start_time, end_time)}
        return self._account.call(
            "GET signatures", read_page(partial(signature_record, self._account.name)), query=query
        )

    def get_signature(self, id: str) -> Call[SignatureRecord]:
        """One signature, by its primary key id; the record's `extra` is a `HuaweiSignature`."""
        check(id_problem("id", id))
        return self._account.call("GET signatures/{id}", read_one(partial(signature_record, self._account.name)), id=id)

    def add_signature(
        self,
        *,
        text: str,
        picture: bytes | None = None,
        remark: str = "",
        international: bool = False,
        **options: Unpack[SignatureOptions],
    ) -> Call[SignatureRecord]:
        """Apply for a signature (without brackets). Its papers are uploaded first: see `upload_file`."""
        if picture is not None:
            raise InvalidCallError("picture: upload it with upload_file(), and give its id as file_id")
        if international:
            raise InvalidCallError("international: Huawei has signatures for mainland China only")
        fields = SignatureDraft(account=self._account, text=text, remark=remark, **options).fields()
        read = read_one(partial(applied_signature, self._account.name, fields))
        return self._account.call("POST signatures", read, body=to_json(fields))

    def modify_signature(
        self, id: str, *, text: str, remark: str = "", **options: Unpack[SignatureOptions]
    ) -> Call[SignatureRecord]:
        """Change a signature, which is reviewed again. Huawei takes this for rejected ones only."""
        check(id_problem("id", id))
        fields = SignatureDraft(account=self._account, text=text, remark=remark, **options).fields()
        read = read_one(partial(applied_signature, self._account.name, fields))
        return self._account.call("PUT signatures/{id}", read, id=id, body=to_json(fields))

    def delete_signature(self, id: str) -> Call[None]:
        """Delete a signature."""
        check(id_problem("id", id))
        return self._account.action("DELETE signatures/{id}", id=id)

    def activate_signature(self, id: str) -> Call[None]:
        """Apply to have a signature activated that has not been used for long (`TO_BE_ACTIVATED`)."""
        check(id_problem("id", id))
        return self._account.action("PUT signatures/{id}/active", id=id)

    def upload_file(self, file: bytes, *, name: str, file_desc: str | None = None) -> Call[HuaweiFile]:
        """Upload a paper (JPEG, PNG or PDF). The response has its `file_id`. *name*: the file's name."""
        check(
            _file_problem(file),
            file_name_problem("name", name),
            text_problem("file_desc", file_desc, optional=True),
        )
        content_type, body = one_file("file", name, file)
        query = {"file_desc": file_desc}
        return self._account.call("POST upload-files", _file, query=query, body=body, content_type=content_type)

    def get_file(self, file_id: str) -> Call[HuaweiFile]:
        """What is known of a file that was uploaded."""
        check(id_problem("file_id", file_id))
        return self._account.call("GET upload-files", _file, query={"file_id": file_id})


def _file_problem(file: object) -> str | None:
    if not isinstance(file, bytes):
        return f"file: must be bytes, not {type(file).__name__}"
    return None if file else "file: is empty"


def one_file(field: str, name: str, content: bytes) -> tuple[str, bytes]:
    """The content type and the body of a form with one file. Pure: the boundary is made of the content's own hash."""
    boundary = f"smsgate-{sha256(content)}"
    kind = next((kind for start, kind in _TYPES if content.startswith(start)), "application/octet-stream")
    head = f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
    body = b"".join((f"--{boundary}\r\n{head}".encode(), content, f"\r\n--{boundary}--\r\n".encode()))
    return f"multipart/form-data; boundary={boundary}", body


def file_name_problem(field: str, name: object) -> str | None:
    """What is wrong with the name of a file."""
    if isinstance(name, str) and name.isprintable() and _NAME.fullmatch(name):
        return None
    return f"{field}: must be the name of a file, without spaces and any of # ' \" $ % & * / \\ | < > {{ }} [ ] ;"
