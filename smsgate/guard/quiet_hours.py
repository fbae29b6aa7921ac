"""Hours in which messages of a kind are not sent to a country."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta, timezone, tzinfo
from typing import Final, cast

import attrs

from smsgate.guard.regions import checked_names, checked_regions
from smsgate.model.errors import ConfigurationError
from smsgate.model.kind import MessageKind, kind_problem
from smsgate.model.masking import safe_text
from smsgate.model.suggestion import did_you_mean

__all__ = ["QuietHours", "checked_quiet_hours"]

_CHINA: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""All of China has one time, without summer time since 1991: no time zone database is needed for it."""


def _time(name: str, given: object) -> time:
    found = given
    if isinstance(given, str):
        try:
            found = time.fromisoformat(given)
        except ValueError:
            raise ConfigurationError(f'QuietHours: {name}: {safe_text(given)!r} is no time such as "21:00"') from None
    if not isinstance(found, time):
        raise ConfigurationError(f'QuietHours: {name}: must be a time such as "21:00", not {type(given).__name__}')
    if found.tzinfo is not None:
        raise ConfigurationError(f"QuietHours: {name}: must have no time zone of its own; give tz=")
    return found


def _start(given: time | str) -> time:
    return _time("start", given)


def _end(given: time | str) -> time:
    return _time("end", given)


def _kinds(given: Iterable[str]) -> frozenset[str]:
    names = checked_names("QuietHours: kinds", given)
    if not names:
        raise ConfigurationError("QuietHours: kinds: is empty; leave it out, or name at least one")
    for name in sorted(names):
        if problem := kind_problem(name):
            raise ConfigurationError(f"QuietHours: kinds: {problem.removeprefix('kind: ')}")
    return names


def _regions(given: Iterable[str] | None) -> frozenset[str] | None:
    return None if given is None else checked_regions("QuietHours: regions", given)


def _zone(given: str | tzinfo | None) -> tzinfo | None:
    if given is None or isinstance(given, tzinfo):
        return given
    if not isinstance(given, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(f'QuietHours: tz: must be a name such as "Asia/Singapore", not {type(given).__name__}')
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    try:
        return ZoneInfo(given)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        names = available_timezones()
        shown = safe_text(given)
        hint = did_you_mean(shown, names) if names else "; there are none: install the package tzdata"
        raise ConfigurationError(f"QuietHours: tz: {shown!r} is no time zone of this machine{hint}") from None


@attrs.frozen
class QuietHours:
    """Hours in which messages of *kinds* are not sent to *regions*: from *start* to *end*, over midnight if need be.

    Raises `ConfigurationError` for a value that cannot be right.
    """

    start: time = attrs.field(converter=_start)
    """The first moment that is quiet: a `datetime.time`, or text ("21:00")."""
    end: time = attrs.field(converter=_end)
    """The first moment that is quiet no more."""
    kinds: frozenset[str] = attrs.field(default=frozenset({"marketing"}), kw_only=True, converter=_kinds)
    """The kinds of messages that wait (`Message.kind`). A message without a kind is of none of them."""
    regions: frozenset[str] | None = attrs.field(default=None, kw_only=True, converter=_regions)
    """The countries of the recipients, by ISO 3166. None: every country."""
    tz: tzinfo | None = attrs.field(default=None, kw_only=True, converter=_zone)
    """The time zone of these hours, or its name ("Asia/Singapore"). Not needed for `regions={"CN"}`."""

    def __attrs_post_init__(self) -> None:
        if self.start == self.end:
            raise ConfigurationError("QuietHours: start and end are equal, which is no hours at all or all of them")
        if self.tz is None and self.regions != frozenset({"CN"}):
            text = 'QuietHours: tz: must be given, such as "Asia/Singapore", unless regions is {"CN"}'
            raise ConfigurationError(text)

    def problem(self, kind: MessageKind | None, region: str | None, now: float) -> str | None:
        """Why a message of *kind* is not sent to *region* at *now* (Unix seconds); None if it may be."""
        if kind not in self.kinds or (self.regions is not None and region not in self.regions):
            return None
        zone = self.tz or _CHINA
        local = datetime.fromtimestamp(now, zone).time()
        if not self._covers(local):
            return None
        hours = f"{self.start:%H:%M} to {self.end:%H:%M} ({zone})"
        return f"kind: no {kind} messages from {hours}; it was {local:%H:%M} (quiet_hours)"

    def _covers(self, local: time) -> bool:
        if self.start < self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end


def checked_quiet_hours(given: object) -> tuple[QuietHours, ...]:
    """*given* as a tuple. Raises `ConfigurationError` for what is not `QuietHours`."""
    if not isinstance(given, Iterable):
        raise ConfigurationError(f"quiet_hours: must be a list of QuietHours, not {type(given).__name__}")
    found: list[QuietHours] = []
    for each in cast("Iterable[object]", given):
        if not isinstance(each, QuietHours):
            raise ConfigurationError(f"quiet_hours: {type(each).__name__} is not a QuietHours")
        found.append(each)
    return tuple(found)
