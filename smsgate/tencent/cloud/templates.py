"""Templates through API 3.0.

Tencent Cloud SMS API, AddSmsTemplate, ModifySmsTemplate, DeleteSmsTemplate, DescribeSmsTemplateList, as Tencent's own
SDK documents them for both versions.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from smsgate.model.errors import InvalidCallError, VendorError
from smsgate.model.reason import Reason
from smsgate.provider.call import Call, unreadable
from smsgate.provider.reading import objects_in, read_int, read_text
from smsgate.provider.records import Page, ReviewState, TemplateKind, TemplateRecord
from smsgate.tencent.arguments import flag, id_number, id_numbers, plain_text, template_text
from smsgate.tencent.cloud.api import CloudEnvelope
from smsgate.tencent.cloud.calls import MOST_ROWS, SCOPES, STATES, CloudCalls, items_in, object_in
from smsgate.tencent.cloud.records import CloudTemplate
from smsgate.tencent.one_record import one_record
from smsgate.tencent.values import china_time

__all__ = ["CloudTemplates"]

_LIST: Final = "DescribeSmsTemplateList"
_TYPES: Final = {TemplateKind.MARKETING: 1, TemplateKind.NOTIFICATION: 2, TemplateKind.VERIFICATION: 3}


class CloudTemplates(CloudCalls):
    """The templates of an account. The id that a send takes is the template's own.

    Templates for mainland China and for other countries are requested apart. The response does not say their kind.
    """

    def list_templates(
        self, *, offset: int = 0, limit: int = 50, international: bool = False
    ) -> Call[Page[TemplateRecord]]:
        """One page of the templates (DescribeSmsTemplateList): at most 100. Not in version 2019-07-11."""
        fields = {"International": flag(international), **self._page(offset, limit, "get_templates")}

        def read(envelope: CloudEnvelope) -> Page[TemplateRecord] | VendorError:
            records = self._templates(envelope)
            return records if isinstance(records, VendorError) else Page(records)

        return self._call(_LIST, fields, read)

    def get_templates(self, ids: Iterable[str], *, international: bool = False) -> Call[tuple[TemplateRecord, ...]]:
        """Those of up to 100 templates that there are (DescribeSmsTemplateList)."""
        fields = {"International": flag(international), "TemplateIdSet": id_numbers("ids", ids, most=MOST_ROWS)}
        return self._call(_LIST, fields, self._templates)

    def get_template(self, id: str, *, international: bool = False) -> Call[TemplateRecord]:
        """One template (DescribeSmsTemplateList). Ends in a `VendorError` if there is no such template."""
        number = id_number("id", id)
        fields = {"International": flag(international), "TemplateIdSet": [number]}
        return self._call(
            _LIST,
            fields,
            lambda envelope: one_record(_LIST, self._templates(envelope), number, Reason.TEMPLATE_REJECTED),
        )

    def add_template(
        self,
        *,
        name: str,
        text: str,
        kind: TemplateKind = TemplateKind.NOTIFICATION,
        remark: str = "",
        international: bool = False,
    ) -> Call[TemplateRecord]:
        """Apply for a template (AddSmsTemplate). *text* numbers its parameters: "Your code is {1}.".

        API 3.0 knows marketing, notification and verification templates.
        """
        fields = _draft(name, text, kind, remark, international)

        def read(envelope: CloudEnvelope) -> TemplateRecord | VendorError:
            row = object_in(envelope, "AddTemplateStatus") or {}
            id = read_text(row.get("TemplateId"))
            if id is None:
                return self._unreported("AddSmsTemplate", envelope)
            return _new_record(self.name, id, row, name=name, text=text, kind=kind, international=international)

        return self._call("AddSmsTemplate", fields, read)

    def modify_template(
        self,
        id: str,
        *,
        name: str,
        text: str,
        kind: TemplateKind = TemplateKind.NOTIFICATION,
        remark: str = "",
        international: bool = False,
    ) -> Call[TemplateRecord]:
        """Change a template, which is reviewed again (ModifySmsTemplate). What is approved cannot be changed.

        *international* must be what it was.
        """
        fields = {"TemplateId": id_number("id", id), **_draft(name, text, kind, remark, international)}

        def read(envelope: CloudEnvelope) -> TemplateRecord | VendorError:
            row = object_in(envelope, "ModifyTemplateStatus")
            if row is None:
                return self._unreported("ModifySmsTemplate", envelope)
            return _new_record(self.name, id, row, name=name, text=text, kind=kind, international=international)

        return self._call("ModifySmsTemplate", fields, read)

    def delete_template(self, id: str) -> Call[None]:
        """Delete a template (DeleteSmsTemplate)."""
        return self._deletion("DeleteSmsTemplate", {"TemplateId": id_number("id", id)}, "DeleteTemplateStatus")

    def _templates(self, envelope: CloudEnvelope) -> tuple[TemplateRecord, ...] | VendorError:
        rows = objects_in(items_in(envelope, "DescribeTemplateStatusSet"))
        if rows is None:
            return unreadable(_LIST, "the response has no list of templates", request_id=envelope.request_id)
        return tuple(self._template(row) for row in rows)

    def _template(self, row: Mapping[str, Any]) -> TemplateRecord:
        id, text = read_text(row.get("TemplateId")), self._names.template_text
        status, scope = read_int(row.get("StatusCode")), read_int(row.get("International"))
        return TemplateRecord(
            provider=self.name,
            id=id or "",
            send_id=id,
            name=read_text(row.get("TemplateName")),
            text=read_text(row.get(text)) if text else None,
            state=STATES.get(status, ReviewState.UNKNOWN),
            review=read_text(row.get("ReviewReply")),
            international=SCOPES.get(scope),
            created_at=china_time(row.get("CreateTime")),
            extra=CloudTemplate(status_code=status, international_code=scope),
            raw=row,
        )


def _new_record(
    provider: str, id: str, raw: Mapping[str, Any], *, name: str, text: str, kind: TemplateKind, international: bool
) -> TemplateRecord:
    """What was submitted, of which the response has the id only."""
    return TemplateRecord(
        provider=provider,
        id=id,
        send_id=id,
        name=name,
        text=text,
        kind=kind,
        state=ReviewState.PENDING,
        international=international,
        extra=CloudTemplate(),
        raw=raw,
    )


def _draft(name: str, text: str, kind: TemplateKind, remark: str, international: bool) -> dict[str, object]:
    if kind not in _TYPES:
        raise InvalidCallError(f"kind: must be one of {', '.join(_TYPES)}")
    return {
        "TemplateName": plain_text("name", name),
        "TemplateContent": template_text(text, international=international),
        "SmsType": _TYPES[kind],
        "International": flag(international),
        "Remark": plain_text("remark", remark, required=False),
    }
