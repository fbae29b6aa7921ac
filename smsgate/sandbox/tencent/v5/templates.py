"""add_template, mod_template, del_template and get_template.

Source: Tencent SMS Development Guide 2.0, "Template API"; `international`, `title` and `apply_time` from its later
Chinese edition.
"""

from typing import Any, Final, cast

from smsgate.sandbox.state.review import ReviewState, TemplateEntry
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.account import VENDOR
from smsgate.sandbox.tencent.formats import china_time
from smsgate.sandbox.tencent.review import TemplateDraft, add_template, change_template
from smsgate.sandbox.tencent.v5.refusal import Refusal
from smsgate.sandbox.tencent.v5.verify import V5Call, read_choice, read_ids, read_number, read_text

__all__ = ["STATES", "add", "delete", "get", "modify"]

# API 3.0 says -1 for what is rejected, this interface 2 ("Template API", `status`).
STATES: Final = {ReviewState.APPROVED: 0, ReviewState.PENDING: 1, ReviewState.REJECTED: 2}
_KINDS: Final = ("notice", "marketing", "voice")
# Tencent SMS Development Guide 2.0, "Template API", get_template: `tpl_page.max` is at most 50.
_MAX_PAGE: Final = 50


def add(state: SandboxState, call: V5Call, now: float) -> dict[str, Any]:
    """add_template."""
    return {"data": _row(add_template(state, _draft(call), now))}


def modify(state: SandboxState, call: V5Call, now: float) -> dict[str, Any]:
    """mod_template: not for a template that was approved."""
    entry = _known(state, str(read_number(call.body, "tpl_id")))
    draft = _draft(call)
    if entry.state is ReviewState.APPROVED:
        raise Refusal(1014, "template already approved, cannot be modified")
    change_template(entry, draft, now)
    return {"data": _row(entry)}


def delete(state: SandboxState, call: V5Call, now: float) -> dict[str, Any]:
    """del_template: all of them, or none if one is not known."""
    for entry in [_known(state, id) for id in dict.fromkeys(read_ids(call.body, "tpl_id"))]:
        state.templates.remove(entry)
    return {}


def get(state: SandboxState, call: V5Call, now: float) -> dict[str, Any]:
    """get_template: by ids, or a page of all."""
    entries = state.templates.all(VENDOR)
    found = _paged(call.body["tpl_page"], entries) if _is_paged(call) else _named(call, entries)
    rows = [{**_row(entry), **_more(entry)} for entry in found]
    return {"total": len(entries), "count": len(rows), "data": rows}


def _is_paged(call: V5Call) -> bool:
    if "tpl_page" in call.body and "tpl_id" in call.body:
        raise Refusal(1004, "package format error, tpl_id and tpl_page cannot both be given")
    return "tpl_page" in call.body


def _named(call: V5Call, entries: list[TemplateEntry]) -> list[TemplateEntry]:
    wanted = read_ids(call.body, "tpl_id")
    return [entry for entry in entries if entry.id in wanted]


def _paged(page: object, entries: list[TemplateEntry]) -> list[TemplateEntry]:
    if not isinstance(page, dict):
        raise Refusal(1004, "package format error, cannot get tpl_page")
    fields = cast("dict[str, Any]", page)
    offset, limit = read_number(fields, "offset"), read_number(fields, "max", low=1, high=_MAX_PAGE)
    return entries[offset : offset + limit]


def _draft(call: V5Call) -> TemplateDraft:
    body = call.body
    return TemplateDraft(
        name=read_text(body, "title", required=False),
        text=read_text(body, "text"),
        kind=_KINDS[read_choice(body, "type", high=2)],
        international=bool(read_choice(body, "international", high=1)),
        remark=read_text(body, "remark", required=False),
    )


def _known(state: SandboxState, id: str) -> TemplateEntry:
    entry = state.templates.get(VENDOR, id)
    if entry is None:
        raise Refusal(1014, "tpl_id not exist")
    return entry


def _row(entry: TemplateEntry) -> dict[str, Any]:
    kind = entry.template.kind
    return {
        "id": int(entry.id),
        "international": int(bool(entry.international)),
        "status": STATES[entry.state],
        "text": entry.text,
        "type": _KINDS.index(kind) if kind in _KINDS else 0,
    }


def _more(entry: TemplateEntry) -> dict[str, Any]:
    return {"title": entry.name, "reply": entry.reason, "apply_time": china_time(entry.updated)}
