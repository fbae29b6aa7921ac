"""One item of what API 3.0's pulls return: a delivery status or a reply, in the names of either version.

Tencent Cloud SMS API, PullSmsSendStatus and PullSmsReplyStatus, as Tencent's own SDK documents them. The carrier's
code stands in `Description`. The SDK of 2019-07-11 says of `PurePhoneNumber` what is true of `PhoneNumber`, and the
other way round: the number that begins with "+" is taken.
"""

from collections.abc import Mapping
from typing import Any, Final

from smsgate.phone import PhoneNumber
from smsgate.report import Reply, StatusReport
from smsgate.tencent.answer import text_of
from smsgate.tencent.names import Names
from smsgate.tencent.reports import judge
from smsgate.tencent.times import first_moment

__all__ = ["read_cloud_reply", "read_cloud_report"]

_MAINLAND: Final = "86"


def read_cloud_report(item: Mapping[str, Any], names: Names, provider: str) -> StatusReport | None:
    """A delivery report, or None if *item* does not tell of which message, or what became of it. Never raises."""
    message_id, status = text_of(item.get("SerialNo")), item.get("ReportStatus")
    if message_id is None or not isinstance(status, str):
        return None
    code = text_of(item.get("Description")) or ""
    meaning, state = judge(status, code)
    return StatusReport(
        provider=provider,
        message_id=message_id,
        to=_number(item, names),
        state=state,
        reason=meaning.reason,
        code=code,
        meaning=meaning.text,
        remedy=meaning.remedy,
        description=text_of(item.get("SubErrorDesc")),
        carrier=meaning.carrier,
        reference=text_of(item.get("SessionContext")),
        reported_at=first_moment(item, names.report_times),
        raw=item,
        certainty=meaning.certainty,
        suppress=meaning.suppress,
    )


def read_cloud_reply(item: Mapping[str, Any], names: Names, provider: str) -> Reply | None:
    """A reply, or None if *item* does not tell who sent it, or what. Never raises."""
    sender, text = _number(item, names), item.get("ReplyContent")
    if sender is None or not isinstance(text, str):
        return None
    return Reply(
        provider=provider,
        to=None,
        sender=sender,
        text=text,
        received_at=first_moment(item, names.reply_times),
        signature=text_of(item.get(names.reply_sign)),
        extend=text_of(item.get("ExtendCode")),
        raw=item,
    )


def _number(item: Mapping[str, Any], names: Names) -> PhoneNumber | None:
    told = [text for key in ("PhoneNumber", names.subscriber) if (text := text_of(item.get(key)))]
    whole = next((text for text in told if text.startswith("+")), None)
    if whole or not told:
        return PhoneNumber(whole) if whole else None
    country = text_of(item.get(names.country)) or _MAINLAND
    return PhoneNumber(f"+{country.removeprefix('+')}{told[-1]}")
