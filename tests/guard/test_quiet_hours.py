"""Hours in which messages of a kind are not sent: over midnight, by country, through summer time."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import ConfigurationError, QuietHours
from smsgate.guard.quiet_hours import checked_quiet_hours

BERLIN = ZoneInfo("Europe/Berlin")
SOME_TIMES = st.times().map(lambda each: each.replace(fold=0))
SOME_MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def at(text: str, zone: str = "Asia/Shanghai") -> float:
    """Unix seconds of a local time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [("20:59:59", False), ("21:00", True), ("23:59:59", True), ("00:00", True), ("07:59:59", True), ("08:00", False)],
)
def test_over_midnight(moment: str, quiet: bool) -> None:
    """Hours that begin in the evening end in the morning: the start is in them, the end is not."""
    hours = QuietHours("21:00", "08:00", regions={"CN"})
    problem = hours.problem("marketing", "CN", at(f"2026-11-25T{moment}"))
    assert (problem is not None) is quiet
    if problem:
        expected = f"21:00 to 08:00 (Asia/Shanghai); it was {moment[:5]} (quiet_hours)"
        assert problem == f"kind: no marketing messages from {expected}"


def test_kinds_and_regions() -> None:
    """They are for their kinds and countries alone; without countries for all; never for a message without a kind."""
    night = at("2026-11-25T03:00")
    chinese = QuietHours("21:00", "08:00", regions={"CN"}, kinds={"marketing", "notification"})
    assert chinese.problem("marketing", "CN", night)
    assert chinese.problem("notification", "CN", night)
    assert chinese.problem("code", "CN", night) is None
    assert chinese.problem(None, "CN", night) is None
    assert chinese.problem("marketing", "SG", night) is None
    assert chinese.problem("marketing", None, night) is None
    everywhere = QuietHours("21:00", "08:00", tz="Asia/Singapore")
    assert everywhere.problem("marketing", "SG", night)
    assert everywhere.problem("marketing", None, night)


@pytest.mark.parametrize(
    ("utc", "quiet"),
    [
        ("2026-03-29T00:30", True),  # 01:30 in winter time
        ("2026-03-29T01:30", False),  # 03:30 in summer time, an hour later: 02:30 does not exist on this day
        ("2026-10-25T00:30", True),  # 02:30 in summer time
        ("2026-10-25T01:30", True),  # 02:30 again, in winter time
        ("2026-10-25T02:00", False),  # 03:00
    ],
)
def test_summer_time(utc: str, quiet: bool) -> None:
    """What counts is the clock on the recipient's wall, on the days when it is set, too."""
    now = datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp()
    assert (QuietHours("01:00", "03:00", tz=BERLIN).problem("marketing", "DE", now) is not None) is quiet


@given(SOME_TIMES, SOME_TIMES, SOME_MOMENTS, st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata"]))
def test_a_moment_is_in_the_hours_or_in_their_complement(start: time, end: time, moment: datetime, zone: str) -> None:
    """The hours from a to b and those from b to a share no moment and leave none out, in every zone."""
    if start == end:
        return
    now = moment.timestamp()
    one = QuietHours(start, end, tz=zone).problem("marketing", "DE", now)
    other = QuietHours(end, start, tz=zone).problem("marketing", "DE", now)
    assert (one is None) is (other is not None)
    walked, local = start, datetime.fromtimestamp(now, ZoneInfo(zone)).time()
    inside = walked <= local < end if start < end else not (end <= local < walked)
    assert (one is not None) is inside


@given(SOME_MOMENTS)
def test_china_needs_no_time_zone_database(moment: datetime) -> None:
    """The default for China is what the database says, at every moment since 2001."""
    now, hours = moment.timestamp(), ("21:00", "08:00")
    default = QuietHours(*hours, regions={"CN"}).problem("marketing", "CN", now)
    named = QuietHours(*hours, regions={"CN"}, tz="Asia/Shanghai").problem("marketing", "CN", now)
    assert default == named


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"start": "9 pm"}, "QuietHours: start: '9 pm' is no time such as \"21:00\""),
        ({"end": 8}, 'QuietHours: end: must be a time such as "21:00", not int'),
        ({"end": time(8, tzinfo=UTC)}, "QuietHours: end: must have no time zone of its own; give tz="),
        ({"end": "21:00"}, "QuietHours: start and end are equal"),
        ({"kinds": {"marketin"}}, "QuietHours: kinds: 'marketin' is none; it is one of"),
        ({"kinds": "marketing"}, "QuietHours: kinds: must be a set of names, not str"),
        ({"kinds": ()}, "QuietHours: kinds: is empty"),
        ({"regions": {"China"}}, "QuietHours: regions: 'China' is not a region"),
        ({"regions": None}, "QuietHours: tz: must be given"),
        ({"regions": {"CN", "SG"}}, "QuietHours: tz: must be given"),
        ({"tz": "Asia/Singapur"}, "QuietHours: tz: 'Asia/Singapur' is no time zone of this machine (did you mean"),
        ({"tz": "../etc/passwd"}, "QuietHours: tz: '../etc/passwd' is no time zone"),
        ({"tz": 8}, 'QuietHours: tz: must be a name such as "Asia/Singapore", not int'),
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], text: str) -> None:
    """An option that is wrong is said when it is given, with its name and what would be right."""
    with pytest.raises(ConfigurationError) as caught:
        QuietHours(**{"start": "21:00", "end": "08:00", "regions": {"CN"}, **options})
    assert str(caught.value).startswith(text)


def test_a_list_of_them() -> None:
    """A gateway takes a list of them, and says so of anything else."""
    hours = QuietHours("21:00", "08:00", regions={"CN"})
    assert checked_quiet_hours([hours]) == (hours,)
    assert hash(hours) == hash(QuietHours(time(21), time(8), regions=["CN"]))
    with pytest.raises(ConfigurationError, match="quiet_hours: must be a list of QuietHours, not QuietHours"):
        checked_quiet_hours(hours)
    with pytest.raises(ConfigurationError, match="quiet_hours: str is not a QuietHours"):
        checked_quiet_hours(["21:00"])


def test_a_machine_without_a_time_zone_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no database the error says what to install; China needs none."""
    monkeypatch.setattr("zoneinfo.available_timezones", set)
    with pytest.raises(ConfigurationError, match="install the package tzdata"):
        QuietHours("21:00", "08:00", tz="Asia/Nowhere")
    QuietHours("21:00", "08:00", regions={"CN"})


def test_a_day_is_quiet_as_long_as_it_says() -> None:
    """Eleven hours of 24 are quiet from 21:00 to 08:00, on any day without a change of the clock."""
    hours = QuietHours("21:00", "08:00", regions={"CN"})
    start = datetime(2026, 11, 25, tzinfo=ZoneInfo("Asia/Shanghai"))
    minutes = [(start + timedelta(minutes=each)).timestamp() for each in range(24 * 60)]
    assert sum(hours.problem("marketing", "CN", now) is not None for now in minutes) == 11 * 60
