"""One item of what Tencent reports: a delivery status or a reply. Callbacks push such items, v5 pulls return them.

Tencent SMS Development Guide 2.0, Notification of MT SMS Delivery Status and SMS Reply. A spontaneous reply has a
`port` and no country code. `sub_error` and `sub_error_desc` come with international reports from December 2026. Other
keys are kept in `raw`.

Tencent dates reports without a zone: see `smsgate.tencent.values.CHINA`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Reason
from smsgate.model.report import Reply, StatusReport
from smsgate.model.states import DeliveryState
from smsgate.provider.callback import BadItem, ParsedItems
from smsgate.provider.meanings import Meaning, state_of
from smsgate.provider.reading import read_number, read_text
from smsgate.tencent import status_meanings as meanings
from smsgate.tencent.status_codes import STATUS_CODES
from smsgate.tencent.values import CHINA_OFFSET, china_time

__all__ = ["UNLIKE_PLAIN", "classify", "plain_report", "read_item", "read_items", "read_reply"]

_DELIVERED: Final = meanings.DELIVERED
_UNLISTED_STATUS: Final = Meaning(
    Reason.UNKNOWN,
    "a report status that is neither SUCCESS nor FAIL",
    "wait for another report",
    state=DeliveryState.PENDING,
)

UNLIKE_PLAIN: Final = (AttributeError, LookupError, TypeError, ValueError)
"""What `plain_report` raises for an item that is not as the guide prints it."""
# Looking these up for each report would cost as much as reading one.
_parse_time: Final = datetime.fromisoformat
_STATE_DELIVERED: Final = DeliveryState.DELIVERED


def read_items(items: Sequence[object], provider: str) -> ParsedItems:
    """Read every item of a pull that can be read. Never raises."""
    found = ParsedItems()
    for index, item in enumerate(items):
        found.read(item, lambda each: read_item(each, provider), f"[{index}]")
    return found


def plain_report(item: dict[str, Any], provider: str) -> StatusReport:
    """A report as the guide prints it, in a third of the time of `read_item`.

    It takes only what `read_item` reads to the same report and has no value but text; for anything else it raises one
    of `UNLIKE_PLAIN`.
    """
    code, description, message_id = item["errmsg"], item["description"], item["sid"]
    nation, mobile, time, reference = item["nationcode"], item["mobile"], item["user_receive_time"], item.get("ext")
    if not (code.__class__ is description.__class__ is message_id.__class__ is str and message_id):
        raise TypeError
    if len(item) != 7 and not (len(item) == 8 and reference.__class__ is str) and {*map(type, item.values())} != {str}:
        raise TypeError
    digits = nation + mobile
    # E.164, and a date with a time of day in years that need no second look.
    if not (digits.isdigit() and digits.isascii() and 6 < len(digits) < 16 and nation >= "1" and mobile):
        raise ValueError
    if not (len(time) == 19 and "2001" < time < "2099"):
        raise ValueError
    status = item["report_status"]
    if status == "SUCCESS":
        meaning, state = _DELIVERED, _STATE_DELIVERED
    elif status == "FAIL":
        # Vendors send few codes. Long ones, from anyone, are not to fill the cache.
        meaning, state = _known_failure(code) if len(code) < 32 else _failure(code)
    else:
        raise ValueError
    return StatusReport(
        provider,
        message_id,
        PhoneNumber("+" + digits),
        state,
        meaning.reason,
        code,
        meaning.text,
        meaning.remedy,
        description or None,
        meaning.carrier,
        None,
        None,
        reference or None,
        _parse_time(time + CHINA_OFFSET),
        item,
        None,
        None,
        meaning.certainty,
        item.get("sub_error") or None,
        item.get("sub_error_desc") or None,
        meaning.suppress,
    )


def classify(status: str, code: str) -> tuple[Meaning, DeliveryState]:
    """What the report status *status* ("SUCCESS", "FAIL") with the carrier's *code* means."""
    match status.strip().upper():
        case "SUCCESS":
            return _DELIVERED, _STATE_DELIVERED
        case "FAIL":
            return _failure(code)
        case _:
            return _UNLISTED_STATUS, DeliveryState.PENDING


def _failure(code: str) -> tuple[Meaning, DeliveryState]:
    """What `FAIL` with *code* means. Delivered is what `report_status` calls so, whatever the code says."""
    meaning = STATUS_CODES[code]
    state = state_of(meaning)
    return (meaning, state) if state is not _STATE_DELIVERED else (meanings.NOT_FINAL, DeliveryState.UNDELIVERED)


_known_failure: Final = lru_cache(maxsize=512)(_failure)


def read_item(item: dict[str, Any], provider: str) -> StatusReport | Reply:
    """The report or reply in *item*, whatever the JSON types of its values. Raises `BadItem`."""
    # A reply never has a report_status; no page says so of a report and `text`.
    if "report_status" in item:
        return _report(item, provider)
    if "text" in item:
        return read_reply(item, provider)
    raise BadItem("", "is neither a report nor a reply: it has no report_status and no text")


def _report(item: dict[str, Any], provider: str) -> StatusReport:
    status, code, message_id = item["report_status"], read_text(item.get("errmsg")) or "", read_text(item.get("sid"))
    if not isinstance(status, str):
        raise BadItem("report_status", "is not text")
    if message_id is None:
        raise BadItem("sid", "is missing, or is not text")
    meaning, state = classify(status, code)
    return StatusReport(
        provider=provider,
        message_id=message_id,
        to=_number(item),
        state=state,
        reason=meaning.reason,
        code=code,
        meaning=meaning.text,
        remedy=meaning.remedy,
        description=read_text(item.get("description")),
        carrier=meaning.carrier,
        reference=read_text(item.get("ext")),
        reported_at=china_time(item.get("user_receive_time")),
        raw=item,
        certainty=meaning.certainty,
        sub_error=read_text(item.get("sub_error")),
        sub_error_description=read_text(item.get("sub_error_desc")),
        suppress=meaning.suppress,
    )


def read_reply(item: dict[str, Any], provider: str) -> Reply:
    """The reply in *item*, whatever the JSON types of its values. Raises `BadItem`."""
    if "text" not in item:
        raise BadItem("", "is no reply: it has no text")
    sender = _number(item)
    text = item["text"] if isinstance(item["text"], str) else read_text(item["text"])
    if sender is None:
        raise BadItem("mobile", "is missing, or is not a phone number")
    if text is None:
        raise BadItem("text", "is not text")
    return Reply(
        provider=provider,
        to=read_text(item.get("port")),
        sender=sender,
        text=text,
        received_at=china_time(item.get("time")),
        signature=read_text(item.get("sign")),
        extend=read_text(item.get("extend")),
        raw=item,
    )


def _number(item: Mapping[str, Any]) -> PhoneNumber | None:
    # Spontaneous replies have no nationcode: they come from the mainland.
    return read_number(item.get("mobile"), item.get("nationcode"))
