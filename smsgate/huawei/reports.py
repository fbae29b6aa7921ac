"""One item of what Huawei pushes: a status report or a reply.

Message & SMS API Reference, Table 3-67 (status report); its online edition of 2024 for `statusDesc`, the batch of
status reports and the reply ("Receiving Uplink SMSs"). All times are UTC. Keys that are not listed are kept in `raw`.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from smsgate.huawei.status_codes import STATUS_CODES
from smsgate.model.phone import PhoneNumber
from smsgate.model.report import Reply, Segment, Source, StatusReport
from smsgate.provider.codes import state_of

__all__ = ["BadItem", "read_reply", "read_report"]

_LONGEST_ID: Final = 128
_SOURCES: Final = {"1": Source.PLATFORM, "2": Source.SMSC, "3": Source.HUAWEI}
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_MAINLAND: Final = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
_COUNT: Final = re.compile(r"[0-9]{1,5}", re.ASCII)
_NOT_SPLIT: Final = Segment(1, 1)


class BadItem(Exception):
    """An item lacks what it is about. Its arguments are the key and what is wrong with it, never a value."""


def read_report(item: Mapping[str, Any], provider: str) -> StatusReport:
    """The status report in *item*. Raises `BadItem` if it names no message or no status."""
    message_id, code = item.get("smsMsgId"), item.get("status")
    if not isinstance(message_id, str) or not 0 < len(message_id) <= _LONGEST_ID:
        raise BadItem("smsMsgId", "is missing, empty or not an id")
    if not isinstance(code, str) or not code:
        raise BadItem("status", "is missing, empty or not text")
    meaning = STATUS_CODES[code]
    return StatusReport(
        provider,
        message_id,
        _number(item.get("to")),
        state_of(meaning),
        meaning.reason,
        code,
        meaning.text,
        meaning.remedy,
        _text(item.get("statusDesc")),
        meaning.carrier,
        _segment(item.get("sequence"), item.get("total")),
        _SOURCES.get(_plain(item.get("source"))),
        _text(item.get("extend")),
        _time(item.get("updateTime")),
        item,
        None,
        _text(item.get("orgCode")),
        meaning.certainty,
        meaning.suppress,
    )


def read_reply(item: Mapping[str, str], provider: str) -> Reply:
    """The reply in *item*. Raises `BadItem` if it does not say who sent it."""
    sender = _number(item.get("from"))
    if sender is None:
        raise BadItem("from", "is missing or not a phone number")
    to, message_id = _text(item.get("to")), _text(item.get("smsMsgId"))
    return Reply(provider, to, sender, item["body"], _time(item.get("createTime")), message_id, raw=item)


def _text(value: object) -> str | None:
    return value or None if isinstance(value, str) else None


def _plain(value: object) -> str:
    """A number as text, whether it came as text or, in JSON, as a number."""
    return value if isinstance(value, str) else str(value) if type(value) is int else ""


def _number(value: object) -> PhoneNumber | None:
    """The number in E.164. One without "+" is of mainland China, or begins with its country code."""
    if not isinstance(value, str):
        return None
    if _NUMBER.fullmatch(value):
        return PhoneNumber(value)
    digits = value.strip()
    written = f"+86{digits}" if _MAINLAND.fullmatch(digits) else f"+{digits.removeprefix('+')}"
    return PhoneNumber(written) if _NUMBER.fullmatch(written) else None


def _segment(sequence: object, total: object) -> Segment | None:
    """The part, if both numbers are numbers. Whether they make sense together is not asked here."""
    if sequence == "1" and total == "1":
        return _NOT_SPLIT
    part, parts = _plain(sequence), _plain(total)
    return Segment(int(part), int(parts)) if _COUNT.fullmatch(part) and _COUNT.fullmatch(parts) else None


def _time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
