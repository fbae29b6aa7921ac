"""What an application for a signature says.

Message & SMS API Reference, online edition of 2024, "Creating an SMS Signature", and the official SDK.
"""

from collections.abc import Mapping
from typing import Final, TypedDict

import attrs

from smsgate.huawei.management.account import Account
from smsgate.huawei.management.checks import app_id_problem, check, id_problem
from smsgate.huawei.management.neutral import kind_problem, type_of
from smsgate.provider.checks import choice_problem, signature_problem, text_problem
from smsgate.provider.records import TemplateKind

__all__ = ["SignatureDraft", "SignatureOptions"]

_SOURCES: Final = range(6)


class SignatureOptions(TypedDict, total=False):
    """Further keywords of `add_signature` and `modify_signature`."""

    kind: TemplateKind
    """The templates that it is for; notifications unless given."""
    app_id: str
    """The application's primary key id, where the account has none of its own."""
    signature_source: int
    """What it is the name of: 0 an enterprise (unless given), 2 an app, 5 a trademark. New ones of 1, 3 and 4 (website,
    public account, shop) are no longer approved."""
    is_involved_third: bool
    """Somebody else has rights to it."""
    file_id: str
    """The business licence, from `upload_file`."""
    power_attorney_fileid: str
    """The power of attorney, from `upload_file`."""
    source_title_content: str
    qualification_id: str
    """The approved qualification. Without one the signature does not pass review."""


@attrs.frozen(kw_only=True)
class SignatureDraft:
    """A signature as it is applied for, with what the account supplies."""

    account: Account
    text: str
    remark: str
    kind: TemplateKind = TemplateKind.NOTIFICATION
    app_id: str | None = None
    signature_source: int = 0
    is_involved_third: bool = False
    file_id: str | None = None
    power_attorney_fileid: str | None = None
    source_title_content: str | None = None
    qualification_id: str | None = None

    def fields(self) -> Mapping[str, object]:
        """The fields as Huawei names them. Raises `InvalidCallError` if they cannot be right."""
        check(
            signature_problem("text", self.text),
            text_problem("remark", self.remark or None, optional=True),
            kind_problem(self.kind),
            app_id_problem(self.app_id or self.account.app_id),
            choice_problem("signature_source", self.signature_source, _SOURCES),
            id_problem("file_id", self.file_id, optional=True),
            id_problem("power_attorney_fileid", self.power_attorney_fileid, optional=True),
            id_problem("qualification_id", self.qualification_id, optional=True),
            text_problem("source_title_content", self.source_title_content, optional=True),
        )
        return {
            "app_id": self.app_id or self.account.app_id,
            "apply_desc": self.remark or None,
            "file_id": self.file_id,
            "is_involved_third": "Yes" if self.is_involved_third else "No",
            "power_attorney_fileid": self.power_attorney_fileid,
            "signature_name": self.text,
            "signature_source": self.signature_source,
            "signature_type": type_of(self.kind),
            "source_title_content": self.source_title_content,
            "qualification_id": self.qualification_id,
        }
