"""Tencent's times: Unix seconds, dates without a zone, and hours written `yyyymmddhh`.

Where Tencent names no zone we read and write China time (UTC+8), which no document says.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from smsgate.tencent.answer import code_of

__all__ = ["CHINA_OFFSET", "YEARS", "china_hour", "first_moment", "moment_of"]

CHINA_OFFSET: Final = "+08:00"
YEARS: Final = range(2000, 2100)
"""The years in which a time is believed."""

_CHINA: Final = timezone(timedelta(hours=8))


def moment_of(value: object) -> datetime | None:
    """Unix seconds, or a date without a zone in China time, as an aware datetime. None if it is neither."""
    seconds = code_of(value)
    try:
        if seconds is not None:
            found = datetime.fromtimestamp(int(seconds), UTC)
        elif isinstance(value, str):
            found = datetime.fromisoformat(value.strip())
            found = found if found.tzinfo else datetime.fromisoformat(value.strip() + CHINA_OFFSET)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.year in YEARS else None


def first_moment(item: Mapping[str, Any], keys: Iterable[str]) -> datetime | None:
    """The first time among *keys* that can be read."""
    return next((moment for key in keys if (moment := moment_of(item.get(key))) is not None), None)


def china_hour(moment: datetime) -> int:
    """The hour that the aware *moment* lies in, as `yyyymmddhh` in China time."""
    local = moment.astimezone(_CHINA)
    return ((local.year * 100 + local.month) * 100 + local.day) * 100 + local.hour
