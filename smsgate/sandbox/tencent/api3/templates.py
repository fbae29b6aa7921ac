"""AddSmsTemplate, ModifySmsTemplate, DeleteSmsTemplate and DescribeSmsTemplateList.

Source: Tencent Cloud SMS API 3.0, "SMS Template APIs" of both versions. `SmsType` 0 is that of earlier editions, for
what is now 2 and 3.
"""

from typing import Any, Final

from smsgate.sandbox.state.review import ReviewState, TemplateEntry
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.tencent.account import VENDOR
from smsgate.sandbox.tencent.api3.call import Call
from smsgate.sandbox.tencent.api3.lists import STATES, listed, region_code
from smsgate.sandbox.tencent.api3.refusal import Refusal
from smsgate.sandbox.tencent.review import TemplateDraft, add_template, change_template

__all__ = ["add", "delete", "describe", "modify"]

# Position 0 is the `SmsType` of earlier editions, which covers 2 and 3 of today.
_KINDS: Final = ("notice", "marketing", "notice", "verification")


def add(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """AddSmsTemplate, whose response has the id as text, unlike all the others."""
    return {"AddTemplateStatus": {"TemplateId": add_template(state, _draft(call), now).id}}


def modify(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """ModifySmsTemplate: not for a template that was approved."""
    entry = state.templates.get(VENDOR, str(call.params["id"]))
    if entry is None:
        raise Refusal("FailedOperation.MissingTemplateToModify", "no such template")
    draft = _draft(call)
    if entry.state is ReviewState.APPROVED:
        raise Refusal("FailedOperation.TemplateAlreadyPassedCheck", "the template has been approved")
    change_template(entry, draft, now)
    return {"ModifyTemplateStatus": {"TemplateId": int(entry.id)}}


def delete(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """DeleteSmsTemplate."""
    entry = state.templates.get(VENDOR, str(call.params["id"]))
    if entry is None:
        raise Refusal("FailedOperation.TemplateIdNotExist", "no such template")
    state.templates.remove(entry)
    return {"DeleteTemplateStatus": {"DeleteStatus": "return successfully!", "DeleteTime": int(now)}}


def describe(state: SandboxState, call: Call, now: float) -> dict[str, Any]:
    """DescribeSmsTemplateList: by ids, or (2021-01-11) a page of all."""
    found = listed(call, state.templates.all(VENDOR), "Template")
    return {"DescribeTemplateStatusSet": [_row(call, entry) for entry in found]}


def _draft(call: Call) -> TemplateDraft:
    kind: int = call.params["kind"]
    international: int = call.params["international"]
    if kind >= len(_KINDS):
        raise Refusal("InvalidParameterValue.InvalidSmsType", "SmsType error")
    if international > 1:
        raise Refusal("InvalidParameterValue.InvalidInternational", "International error")
    return TemplateDraft(
        name=call.params["name"],
        text=call.params["text"],
        kind=_KINDS[kind],
        international=bool(international),
        remark=call.params["remark"],
    )


def _row(call: Call, entry: TemplateEntry) -> dict[str, Any]:
    row = {
        "TemplateId": int(entry.id),
        "International": region_code(entry),
        "StatusCode": STATES[entry.state],
        "ReviewReply": entry.reason,
        "TemplateName": entry.name,
        "CreateTime": int(entry.updated),
    }
    return {**row, "TemplateContent": entry.text} if call.is_new else row
