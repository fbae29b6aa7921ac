"""One item of what Tencent reports: a delivery status or a reply. Callbacks push such items, pulls return them.

Tencent SMS Development Guide 2.0, Notification of MT SMS Delivery Status and SMS Reply. A spontaneous reply has a
`port` and no country code. Other keys are kept in `raw`: `sub_error` and `sub_error_desc` come with international
reports from December 2026.

Tencent dates reports without a zone: see `smsgate.tencent.times`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NoReturn, cast

from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Reason
from smsgate.model.report import DeliveryState, Reply, StatusReport
from smsgate.provider.callback import Found
from smsgate.provider.codes import Meaning, state_of
from smsgate.tencent import status_meanings as meanings
from smsgate.tencent.status_codes import STATUS_CODES
from smsgate.tencent.values import CHINA_OFFSET, moment_of, text_of

__all__ = ["judge", "read_items"]

_MAINLAND: Final = "86"

_DELIVERED: Final = meanings.DELIVERED
_UNLISTED_STATUS: Final = Meaning(
    Reason.UNKNOWN, "a report status that is neither SUCCESS nor FAIL", "wait for another report", state="PENDING"
)

# Looking these up for each report would cost as much as reading one.
_read_time: Final = datetime.fromisoformat
_STATE_DELIVERED: Final = DeliveryState.DELIVERED


def read_items(items: Sequence[object], provider: str, *, skip_empty: bool = False) -> Found:
    """Read every item that can be read. Never raises. *skip_empty*: an empty object is no item, and no fault."""
    found = Found()
    for index, item in enumerate(items):
        try:
            found.reports.append(_plain_report(cast("dict[str, Any]", item), provider))
        except (KeyError, TypeError, ValueError):
            if not (skip_empty and item == {}):
                _read_odd(item, provider, found, f"[{index}]")
    return found


def _plain_report(item: dict[str, Any], provider: str) -> StatusReport:
    """A report as the guide prints it, which is nearly every one.

    Raises KeyError, TypeError or ValueError for any other item, which `_read_odd` then reads with more patience.
    """
    code, description, message_id = item["errmsg"], item["description"], item["sid"]
    nation, mobile, time, reference = item["nationcode"], item["mobile"], item["user_receive_time"], item.get("ext")
    if not (code.__class__ is description.__class__ is message_id.__class__ is str and message_id):
        raise TypeError
    if not (reference.__class__ is str or reference is None):
        raise TypeError
    if not ("1" <= nation < ":" and "0" <= mobile < ":" and "2000" < time < "2100"):
        raise ValueError
    status = item["report_status"]
    if status == "SUCCESS":
        meaning, state = _DELIVERED, _STATE_DELIVERED
    elif status == "FAIL":
        meaning, state = _failure(code)
    else:
        raise ValueError
    return StatusReport(
        provider,
        message_id,
        PhoneNumber(f"+{nation}{mobile}"),
        state,
        meaning.reason,
        code,
        meaning.text,
        meaning.remedy,
        description,
        meaning.carrier,
        None,
        None,
        reference or None,
        _read_time(time + CHINA_OFFSET),
        item,
        None,
        None,
        meaning.certainty,
        meaning.suppress,
    )


def judge(status: str, code: str) -> tuple[Meaning, DeliveryState]:
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


class _BadItem(Exception):
    """An item that cannot be read. Its arguments are a key and what is wrong with it."""


def _read_odd(item: object, provider: str, found: Found, where: str) -> None:
    if not isinstance(item, dict):
        found.fault(where, "is not an object")
        return
    fields = cast("dict[str, Any]", item)
    try:
        if "report_status" in fields:
            found.reports.append(_odd_report(fields, provider))
        elif "text" in fields:
            found.replies.append(_reply(fields, provider))
        else:
            found.fault(where, "is neither a report nor a reply: it has no report_status and no text")
    except _BadItem as bad:
        key, problem = bad.args
        found.fault(f"{where}.{key}", problem)


def _odd_report(item: dict[str, Any], provider: str) -> StatusReport:
    status, code = item["report_status"], text_of(item.get("errmsg")) or ""
    if not isinstance(status, str):
        _bad("report_status", "is not text")
    meaning, state = judge(status, code)
    return StatusReport(
        provider=provider,
        message_id=text_of(item.get("sid")) or _bad("sid", "is missing, or is not text"),
        to=_number(item),
        state=state,
        reason=meaning.reason,
        code=code,
        meaning=meaning.text,
        remedy=meaning.remedy,
        description=text_of(item.get("description")),
        carrier=meaning.carrier,
        reference=text_of(item.get("ext")),
        reported_at=moment_of(item.get("user_receive_time")),
        raw=item,
        certainty=meaning.certainty,
        suppress=meaning.suppress,
    )


def _reply(item: dict[str, Any], provider: str) -> Reply:
    text = item["text"]
    return Reply(
        provider=provider,
        to=text_of(item.get("port")),
        sender=_number(item) or _bad("mobile", "is missing"),
        text=text if isinstance(text, str) else text_of(text) or _bad("text", "is not text"),
        received_at=moment_of(item.get("time")),
        signature=text_of(item.get("sign")),
        extend=text_of(item.get("extend")),
        raw=item,
    )


def _number(item: Mapping[str, Any]) -> PhoneNumber | None:
    """The number with its country code. Without one it is of the mainland, where spontaneous replies come from."""
    mobile, nation = item.get("mobile"), item.get("nationcode")
    if mobile in (None, ""):
        return None
    digits = text_of(mobile) or _bad("mobile", "is not text")
    if digits.startswith("+"):
        return PhoneNumber(digits)
    code = _MAINLAND if nation in (None, "") else text_of(nation) or _bad("nationcode", "is not text")
    return PhoneNumber(f"+{code.removeprefix('+')}{digits}")


def _bad(key: str, problem: str) -> NoReturn:
    raise _BadItem(key, problem)
