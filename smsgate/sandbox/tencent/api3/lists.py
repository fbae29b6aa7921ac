"""What the lists of templates and of signatures have in common.

Source: Tencent Cloud SMS API 3.0, DescribeSmsTemplateList and DescribeSmsSignList of both versions: status 0 approved,
1 under review, -1 rejected; `International` 3 for what fits all numbers; up to 100 ids, or a page in 2021-01-11.
"""

from typing import Final, TypeVar

from smsgate.sandbox.state.review import Entry, ReviewState
from smsgate.sandbox.tencent.api3.call import Call
from smsgate.sandbox.tencent.api3.pulls import bad_limit
from smsgate.sandbox.tencent.api3.refusal import Refusal

__all__ = ["STATES", "listed", "region_code"]

STATES: Final = {ReviewState.APPROVED: 0, ReviewState.PENDING: 1, ReviewState.REJECTED: -1}
# DescribeSmsTemplateList, `TemplateIdSet`: at most 100.
_MAX_IDS: Final = 100
# DescribeSmsTemplateList of 2021-01-11, `Limit`: at most 100.
_MAX_PAGE: Final = 100
_ALL_REGIONS: Final = 3

E = TypeVar("E", bound=Entry)


def region_code(entry: Entry) -> int:
    """The `International` of a row."""
    return _ALL_REGIONS if entry.international is None else int(entry.international)


def listed(call: Call, entries: list[E], what: str) -> list[E]:
    """Those of *entries* that the call wants. *what*: "Template" or "Sign"."""
    if call.params["international"] > 1:
        raise Refusal("InvalidParameterValue.InvalidInternational", "International error")
    ids: list[int] = call.params.get("ids", [])
    if len(ids) > _MAX_IDS:
        raise Refusal("InvalidParameter.InvalidParameters", f"more than {_MAX_IDS} ids")
    fitting = [entry for entry in entries if region_code(entry) in (call.params["international"], _ALL_REGIONS)]
    found = [entry for entry in fitting if int(entry.id) in ids]
    if ids and not found:
        raise Refusal(f"FailedOperation.{what}IdNotExist", "none of the ids exists")
    return found or _page(call, fitting, what)


def _page(call: Call, entries: list[E], what: str) -> list[E]:
    if not call.is_new:
        missing = {"Template": "MissingTemplateList", "Sign": "MissingSignatureList"}[what]
        raise Refusal(f"FailedOperation.{missing}", "no ids given")
    offset, limit = call.params.get("offset", 0), call.params.get("limit", 0 if what == "Template" else 10)
    if limit > _MAX_PAGE:
        raise bad_limit(call)
    return entries[offset : offset + limit]
