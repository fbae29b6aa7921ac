"""Templates and their variables.

Source: Huawei Cloud Message & SMS API Reference, 3.1.4: what was rejected can be changed and nothing else; the
variables are at `varilable`, misspelt; `template_type` and `sign_id` stand in its examples. An approved template has a
`template_id`, and that is what sends take. Its online edition of 2024, "Deleting SMS Templates in Batches".
"""

import uuid
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final, Literal, cast

from smsgate.sandbox.huawei.account import VENDOR, account_of
from smsgate.sandbox.huawei.management.apps import CUSTOMER, TENANT, application
from smsgate.sandbox.huawei.management.countries import NAMES
from smsgate.sandbox.huawei.management.fields import chosen, number_of, page, read_body, read_query, text_of, timestamp
from smsgate.sandbox.huawei.management.refusal import Refusal
from smsgate.sandbox.state.review import ReviewState, TemplateEntry
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.state.templates import SandboxTemplate
from smsgate.wire import HttpRequest

__all__ = ["create", "delete", "delete_several", "list_all", "list_variables", "modify", "show"]

_KINDS: Final[Mapping[str, Literal["notice", "verification", "marketing"]]] = MappingProxyType(
    {"NOTIFY_TYPE": "notice", "VERIFY_CODE_TYPE": "verification", "PROMOTION_TYPE": "marketing"}
)
_REGIONS: Final = ("intl", "cn", "eu")
# Online edition of 2024, "Deleting SMS Templates in Batches": at most 50 ids.
_MAX_DELETED: Final = 50
_FLOW: Final = {
    ReviewState.PENDING: "Reviewing",
    ReviewState.APPROVED: "Adopted",
    ReviewState.REJECTED: "Reject",
}


def list_all(state: SandboxState, request: HttpRequest, now: float) -> dict[str, Any]:
    """GET templates."""
    return page(state.templates.all(VENDOR), read_query(request), partial(_row, state))


def create(state: SandboxState, request: HttpRequest, now: float) -> dict[str, Any]:
    """POST templates."""
    fields = _read(state, request)
    id = str(uuid.uuid4())
    entry = TemplateEntry(
        vendor=VENDOR,
        id=id,
        created=now,
        updated=now,
        name=fields["template_name"],
        remark=fields["template_desc"],
        details=fields,
        template=_template(state, uuid.uuid4().hex, fields),
    )
    state.templates.add(entry)
    return {"id": entry.id, "template_name": entry.name}


def show(state: SandboxState, request: HttpRequest, now: float, id: str) -> dict[str, Any]:
    """GET templates/{id}."""
    return _row(state, _known(state, id))


def modify(state: SandboxState, request: HttpRequest, now: float, id: str) -> dict[str, Any]:
    """PUT templates/{id}: only what was rejected."""
    entry = _known(state, id)
    fields = _read(state, request)
    if entry.state is not ReviewState.REJECTED:
        raise Refusal("MSGSMS.0010", "flow_status")
    entry.name, entry.remark, entry.details = fields["template_name"], fields["template_desc"], fields
    entry.template = _template(state, entry.template.id, fields)
    entry.submit(now)
    return {"id": entry.id, "template_name": entry.name}


def delete(state: SandboxState, request: HttpRequest, now: float, id: str) -> None:
    """DELETE templates/{id}."""
    state.templates.remove(_known(state, id))


def delete_several(state: SandboxState, request: HttpRequest, now: float) -> dict[str, Any]:
    """POST templates/batch-delete: up to 50, each for itself."""
    ids: object = read_body(request).get("ids")
    if not isinstance(ids, list) or not 1 <= len(cast("list[object]", ids)) <= _MAX_DELETED:
        raise Refusal("MSGSMS.0002", "ids")
    deleted: list[object] = []
    failed: list[dict[str, Any]] = []
    for id in cast("list[object]", ids):
        entry = state.templates.get(VENDOR, str(id))
        if entry is None:
            failed.append({"id": id, "error_msg": "Template does not exist."})
        else:
            state.templates.remove(entry)
            deleted.append(id)
    return {
        "success_count": len(deleted),
        "success_ids": deleted,
        "failed_count": len(failed),
        "failed_template_list": failed,
    }


def list_variables(state: SandboxState, request: HttpRequest, now: float, id: str) -> dict[str, Any]:
    """GET templates/{id}/varilable."""
    entry = _known(state, id)
    described = {each.get("variable_index"): each for each in entry.details.get("variable_attributes", ())}
    rows = [
        {
            "id": 15_000_000 + index,
            "user_name": None,
            "temp_name": entry.name,
            "variable_index": index,
            "variable_type": "NUM" if slot.digits_only else "TXT",
            "variable_length": slot.limit,
            "variable_desc": described.get(index, {}).get("variable_desc", ""),
        }
        for index, slot in enumerate(entry.template.slots, 1)
    ]
    return {"results": rows, "total": len(rows)}


def _known(state: SandboxState, id: str) -> TemplateEntry:
    entry = state.templates.get(VENDOR, id)
    if entry is None:
        raise Refusal("MSGSMS.0009", "id")
    return entry


def _read(state: SandboxState, request: HttpRequest) -> dict[str, Any]:
    """What an application for a template says, complete with what it leaves out."""
    body = read_body(request)
    region = chosen(body, "region", _REGIONS)
    fields: dict[str, Any] = {
        "app_id": application(state, text_of(body, "app_id")).id,
        "region": region,
        "brackets": chosen(body, "brackets", ("CN", "GB"), "CN" if region == "cn" else "GB"),
        "template_name": text_of(body, "template_name"),
        "template_content": text_of(body, "template_content"),
        "template_desc": text_of(body, "template_desc", ""),
        "template_type": chosen(body, "template_type", tuple(_KINDS), "NOTIFY_TYPE"),
        "universal_template": number_of(body, "universal_template", 0, 1),
        "sign_id": text_of(body, "sign_id", ""),
        "variable_attributes": body.get("variable_attributes", []),
        "send_country": body.get("send_country", []),
    }
    if region == "cn" and not fields["universal_template"] and not state.signatures.get(VENDOR, fields["sign_id"]):
        raise Refusal("MSGSMS.0005", "sign_id")
    _check_lists(fields)
    return fields


def _check_lists(fields: dict[str, Any]) -> None:
    attributes, countries = fields["variable_attributes"], fields["send_country"]
    if not isinstance(attributes, list) or not all(map(_is_attribute, cast("list[object]", attributes))):
        raise Refusal("MSGSMS.0002", "variable_attributes")
    if not isinstance(countries, list) or not all(map(_is_country, cast("list[object]", countries))):
        raise Refusal("MSGSMS.0002", "send_country")
    if fields["region"] == "eu" and not countries:
        raise Refusal("MSGSMS.0002", "send_country")


def _is_attribute(value: object) -> bool:
    fields = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    return isinstance(fields.get("variable_index"), int) and isinstance(fields.get("variable_desc", ""), str)


def _is_country(value: object) -> bool:
    return isinstance(value, int) and value in NAMES


def _template(state: SandboxState, template_id: str, fields: dict[str, Any]) -> SandboxTemplate:
    signature = state.signatures.get(VENDOR, fields["sign_id"])
    return SandboxTemplate(
        VENDOR,
        template_id,
        fields["template_content"],
        kind=_KINDS[fields["template_type"]],
        general=fields["region"] == "cn" and fields["universal_template"] == 1,
        signature=signature.signature if signature else "",
    )


def _row(state: SandboxState, entry: TemplateEntry) -> dict[str, Any]:
    fields, app = entry.details, account_of(state).application_of(entry.details.get("app_id"))
    countries: list[int] = fields.get("send_country", [])[:3]
    row = {
        "id": entry.id,
        "create_time": timestamp(entry.created),
        "update_time": timestamp(entry.updated),
        "customer_id": CUSTOMER,
        "tenant": TENANT,
        "template_name": entry.name,
        "template_type": fields.get("template_type", "NOTIFY_TYPE"),
        "template_content": entry.text,
        "template_desc": entry.remark,
        "app_name": app.name,
        "app_key": app.key,
        "sign_id": fields.get("sign_id", ""),
        "has_variable": "Yes" if entry.template.slots else "No",
        "flow_status": _FLOW[entry.state],
        "status": "Normal",
        "review_desc": entry.reason,
        "universal_template": fields.get("universal_template", 0),
        "region": fields.get("region", "intl"),
        "brackets": fields.get("brackets", "GB"),
        "site": "cn",
        "urge_status": "NO",
        "is_support_multiomp": False,
        "country_name": "~".join(NAMES[country] for country in countries),
        **{f"send_country{index}": country for index, country in enumerate(countries, 1)},
    }
    return {**row, "template_id": entry.template.id} if entry.state is ReviewState.APPROVED else row
