"""How Tencent writes times and numbers, in both its interfaces.

Source: Tencent SMS Development Guide 2.0, "Notification of MT SMS Delivery Status": times without a zone are China's.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from smsgate.model.phone import PhoneNumber

__all__ = ["china_time", "hour", "split_number"]

_CHINA: Final = timezone(timedelta(hours=8))
_HOUR: Final = re.compile(r"[0-9]{10}", re.ASCII)


def hour(text: str) -> float | None:
    """The beginning of the hour `yyyymmddhh`, China time, in Unix seconds; None if it is none."""
    try:
        return datetime.strptime(text, "%Y%m%d%H").replace(tzinfo=_CHINA).timestamp() if _HOUR.fullmatch(text) else None
    except ValueError:
        return None


def china_time(seconds: float) -> str:
    """Unix seconds as Tencent writes them: "2015-10-17 08:03:04", China time."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(_CHINA).strftime("%Y-%m-%d %H:%M:%S")


def split_number(number: str) -> tuple[str, str]:
    """Country code and national digits of a number in E.164."""
    parsed = PhoneNumber(number)
    return parsed.calling_code, parsed.national
