"""Calls about templates.

Message & SMS API Reference, 3.1.4.2 to 3.1.4.7; its online edition of 2024, "Deleting SMS Templates in Batches"; the
official SDK for `sign_name`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal, Unpack

from smsgate.huawei.management.account import REGIONS, Account, Region, to_json
from smsgate.huawei.management.checks import check, id_problem, page_problem, span, span_problem, texts_problem
from smsgate.huawei.management.neutral import applied_template, template_record
from smsgate.huawei.management.reading import read_list, read_one, read_page, read_record
from smsgate.huawei.management.records import HuaweiDeletion, HuaweiVariable
from smsgate.huawei.management.template_draft import TemplateDraft, TemplateOptions
from smsgate.model.errors import InvalidCallError
from smsgate.model.masking import safe_text
from smsgate.provider.call import Call
from smsgate.provider.checks import choice_problem
from smsgate.provider.reading import as_list, as_object
from smsgate.provider.records import Page, TemplateKind, TemplateRecord

__all__ = ["TemplateCalls"]


_MOST_DELETED: Final = 50
_FLOWS: Final = ("Adopted", "Reviewing", "Reject", "Pending", "Disable")


class TemplateCalls:
    """The part of `HuaweiManagement` that is about templates: a `TemplateAdmin`."""

    _account: Account

    def list_templates(
        self,
        *,
        offset: int = 0,
        limit: int = 50,
        app_key: str | None = None,
        app_name: str | None = None,
        start_time: datetime | str | None = None,
        end_time: datetime | str | None = None,
        flow_status: str | None = None,
        has_variable: Literal["Yes", "No"] | None = None,
        region: Region | None = None,
        sign_name: str | None = None,
        sort_dir: Literal["asc", "desc"] | None = None,
        sort_key: str | None = None,
        template_id: str | None = None,
        template_name: str | None = None,
        template_type: str | None = None,
    ) -> Call[Page[TemplateRecord]]:
        """One page of the templates (Table 3-29), of all regions unless *region* is given.

        Each record's `extra` is a `HuaweiTemplate`. *start_time*, *end_time*: aware datetimes, or text as Huawei writes
        it. *sort_key*: `create_time` is the one that is known to work.
        """
        texts = {
            "app_key": app_key,
            "app_name": app_name,
            "sign_name": sign_name,
            "sort_key": sort_key,
            "template_id": template_id,
            "template_name": template_name,
            "template_type": template_type,
        }
        choices = {"flow_status": flow_status, "has_variable": has_variable, "region": region, "sort_dir": sort_dir}
        check(
            page_problem(offset, limit),
            span_problem(start_time, end_time),
            choice_problem("flow_status", flow_status, _FLOWS, optional=True),
            choice_problem("has_variable", has_variable, ("Yes", "No"), optional=True),
            choice_problem("region", region, REGIONS, optional=True),
            choice_problem("sort_dir", sort_dir, ("asc", "desc"), optional=True),
            texts_problem(texts),
        )
        query = {"limit": limit, "offset": offset, **choices, **texts, **span(start_time, end_time)}
        read = read_page(partial(template_record, self._account.name))
        return self._account.call("GET templates", read, query=query)

    def get_template(self, id: str) -> Call[TemplateRecord]:
        """One template, by its primary key id; the record's `extra` is a `HuaweiTemplate`."""
        check(id_problem("id", id))
        return self._account.call("GET templates/{id}", read_one(partial(template_record, self._account.name)), id=id)

    def add_template(
        self,
        *,
        name: str,
        text: str,
        kind: TemplateKind = TemplateKind.NOTIFICATION,
        remark: str = "",
        international: bool = False,
        **options: Unpack[TemplateOptions],
    ) -> Call[TemplateRecord]:
        """Apply for a template; it is reviewed before it can be sent. *text*: at most 500 characters.

        *international*: for other countries than mainland China; always so in an account of another region than "cn".
        """
        fields = TemplateDraft(
            account=self._account,
            name=name,
            text=text,
            kind=kind,
            remark=remark,
            international=international,
            **options,
        ).fields()
        read = read_one(partial(applied_template, self._account.name, fields))
        return self._account.call("POST templates", read, body=to_json(fields))

    def modify_template(
        self,
        id: str,
        *,
        name: str,
        text: str,
        kind: TemplateKind = TemplateKind.NOTIFICATION,
        remark: str = "",
        international: bool = False,
        **options: Unpack[TemplateOptions],
    ) -> Call[TemplateRecord]:
        """Change a template, which is reviewed again. Huawei takes this for rejected ones only (3.1.4.5)."""
        check(id_problem("id", id))
        fields = TemplateDraft(
            account=self._account,
            name=name,
            text=text,
            kind=kind,
            remark=remark,
            international=international,
            **options,
        ).fields()
        read = read_one(partial(applied_template, self._account.name, fields))
        return self._account.call("PUT templates/{id}", read, id=id, body=to_json(fields))

    def delete_template(self, id: str) -> Call[None]:
        """Delete a template; sends that name it are refused from then on."""
        check(id_problem("id", id))
        return self._account.action("DELETE templates/{id}", id=id)

    def delete_templates(self, ids: Sequence[str]) -> Call[HuaweiDeletion]:
        """Delete up to 50 templates, with an outcome for each."""
        if isinstance(ids, str) or not 1 <= len(ids) <= _MOST_DELETED:
            raise InvalidCallError(f"ids: must be a list of 1 to {_MOST_DELETED} ids")
        check(*(id_problem(f"ids[{index}]", id) for index, id in enumerate(ids)))
        return self._account.call("POST templates/batch-delete", _deletion, body=to_json({"ids": list(ids)}))

    def list_template_variables(self, id: str) -> Call[tuple[HuaweiVariable, ...]]:
        """The variables of a template. The path ends in `varilable`, as 3.1.4.7 has it and the service takes it."""
        check(id_problem("id", id))
        return self._account.call("GET templates/{id}/varilable", _variables, id=id)


def _read_deletion(item: Mapping[str, Any]) -> HuaweiDeletion:
    failed = map(as_object, as_list(item.get("failed_template_list")))
    return HuaweiDeletion(
        success_ids=tuple(map(str, as_list(item.get("success_ids")))),
        failed={str(row.get("id", "")): safe_text(str(row.get("error_msg", ""))) for row in failed},
        raw=item,
    )


_deletion = read_one(_read_deletion)
_variables = read_list(partial(read_record, HuaweiVariable))
