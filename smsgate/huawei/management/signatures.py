"""Calls about signatures, and about the files that prove a right to them. For mainland China only.

The guide names these calls in its table of permissions (Message & SMS API Reference, Table 4-1); their fields are those
of its online edition of 2024 ("Creating an SMS Signature" and the pages beside it) and of the official SDK.
"""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal, Unpack

from smsgate.admin import Page, Picture, SignatureRecord
from smsgate.call import Call
from smsgate.errors import InvalidCallError
from smsgate.huawei.management.account import Account, written
from smsgate.huawei.management.checks import (
    check,
    choice_problem,
    id_problem,
    page_problem,
    span,
    span_problem,
    text_problem,
    texts_problem,
)
from smsgate.huawei.management.multipart import file_name_problem, one_file
from smsgate.huawei.management.neutral import applied_signature, signature_record
from smsgate.huawei.management.reading import read_record
from smsgate.huawei.management.records import HuaweiFile
from smsgate.huawei.management.shapes import read_one, read_page
from smsgate.huawei.management.signature_draft import SignatureDraft, SignatureOptions

__all__ = ["SignatureCalls"]


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
        picture: Picture | None = None,
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
        return self._account.call("POST signatures", read, body=written(fields))

    def modify_signature(
        self, id: str, *, text: str, remark: str = "", **options: Unpack[SignatureOptions]
    ) -> Call[SignatureRecord]:
        """Change a signature, which is reviewed again. Huawei takes this for rejected ones only."""
        check(id_problem("id", id))
        fields = SignatureDraft(account=self._account, text=text, remark=remark, **options).fields()
        read = read_one(partial(applied_signature, self._account.name, fields))
        return self._account.call("PUT signatures/{id}", read, id=id, body=written(fields))

    def delete_signature(self, id: str) -> Call[None]:
        """Delete a signature."""
        check(id_problem("id", id))
        return self._account.act("DELETE signatures/{id}", id=id)

    def activate_signature(self, id: str) -> Call[None]:
        """Apply to have a signature activated that has not been used for long (`TO_BE_ACTIVATED`)."""
        check(id_problem("id", id))
        return self._account.act("PUT signatures/{id}/active", id=id)

    def upload_file(self, file: Picture, *, name: str | None = None, file_desc: str | None = None) -> Call[HuaweiFile]:
        """Upload a paper (JPEG, PNG or PDF) as bytes or from its path, which is read now. The answer has its `file_id`.

        *name*: the file's name; needed for bytes.
        """
        content = file if isinstance(file, bytes) else _content(file)
        name = name or (None if isinstance(file, bytes) else Path(file).name)
        check(
            None if content else "file: is empty",
            file_name_problem("name", name),
            text_problem("file_desc", file_desc, optional=True),
        )
        content_type, body = one_file("file", str(name), content)
        query = {"file_desc": file_desc}
        return self._account.call("POST upload-files", _file, query=query, body=body, content_type=content_type)

    def get_file(self, file_id: str) -> Call[HuaweiFile]:
        """What is known of a file that was uploaded."""
        check(id_problem("file_id", file_id))
        return self._account.call("GET upload-files", _file, query={"file_id": file_id})


def _content(path: Any) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InvalidCallError(f"file: cannot be read: {error.strerror}") from None
    except (TypeError, ValueError):
        raise InvalidCallError("file: must be bytes, or the path of a file") from None


_file = read_one(partial(read_record, HuaweiFile))
