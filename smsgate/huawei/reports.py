"""One item of what Huawei pushes: a status report or a reply.

Message & SMS API Reference, Table 3-67 (status report); its online edition of 2024 for `statusDesc`, the batch of
status reports and the reply ("Receiving Uplink SMSs"). All times are UTC. Keys that are not listed are kept in `raw`.
"""

from collections.abc import Mapping
from typing import Any, Final

from smsgate.huawei.apig import LONGEST_ID
from smsgate.huawei.status_codes import STATUS_CODES
from smsgate.model.report import Reply, Segment, Source, StatusReport
from smsgate.provider.callback import BadItem
from smsgate.provider.meanings import state_of
from smsgate.provider.reading import read_int, read_number, read_text, read_time

__all__ = ["read_reply", "read_report"]

_SOURCES: Final[dict[str | None, Source]] = {"1": Source.PLATFORM, "2": Source.SMSC, "3": Source.VENDOR}
_MOST_PARTS: Final = 99_999
_NOT_SPLIT: Final = Segment(1, 1)


def read_report(item: Mapping[str, Any], provider: str) -> StatusReport:
    """The status report in *item*. Raises `BadItem` if it names no message or no status."""
    message_id, code = item.get("smsMsgId"), read_text(item.get("status"))
    if not isinstance(message_id, str) or not 0 < len(message_id) <= LONGEST_ID:
        raise BadItem("smsMsgId", "is missing, empty or not an id")
    if code is None:
        raise BadItem("status", "is missing, empty or not text")
    # Without a `to`: the guide's example has none, and `extend` and `to` come together (Table 3-67).
    meaning = STATUS_CODES[code]
    return StatusReport(
        provider,
        message_id,
        read_number(item.get("to")),
        state_of(meaning),
        meaning.reason,
        code,
        meaning.text,
        meaning.remedy,
        read_text(item.get("statusDesc")),
        meaning.carrier,
        _segment(item.get("sequence"), item.get("total")),
        _SOURCES.get(read_text(item.get("source"))),
        read_text(item.get("extend")),
        read_time(item.get("updateTime")),
        item,
        None,
        read_text(item.get("orgCode")),
        meaning.certainty,
        suppress=meaning.suppress,
    )


def read_reply(item: Mapping[str, Any], provider: str) -> Reply:
    """The reply in *item*, which has a `body`. Raises `BadItem` if it does not say who sent it."""
    sender = read_number(item.get("from"))
    if sender is None:
        raise BadItem("from", "is missing or not a phone number")
    to, message_id = read_text(item.get("to")), read_text(item.get("smsMsgId"))
    return Reply(provider, to, sender, item["body"], read_time(item.get("createTime")), message_id, raw=item)


def _segment(sequence: object, total: object) -> Segment | None:
    """The part, if both numbers are numbers. Whether they make sense together is not checked here."""
    if sequence == "1" and total == "1":
        return _NOT_SPLIT
    part, parts = read_int(sequence, 0, _MOST_PARTS), read_int(total, 0, _MOST_PARTS)
    return Segment(part, parts) if part is not None and parts is not None else None
