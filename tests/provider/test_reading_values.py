"""One reader of numbers and one of times for all vendors, and JSON of which one item is odd."""

from datetime import UTC, timedelta, timezone, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate.model.masking import E164
from smsgate.provider import (
    RepeatedNames,
    objects_in,
    read_int,
    read_leniently,
    read_number,
    read_text,
    read_time,
    short_text,
)

CHINA = timezone(timedelta(hours=8))
ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers(), max_size=2)
    | st.text("0123456789+- :TZW.", max_size=30)
    | st.datetimes().map(str)
)  # fmt: skip


@pytest.mark.parametrize(
    ("value", "country", "expected"),
    [
        ("+8613800138000", None, "+8613800138000"),
        ("+8613800138000", "1", "+8613800138000"),
        ("13800138000", None, "+8613800138000"),
        ("13800138000", "", "+8613800138000"),
        ("13800138000", "86", "+8613800138000"),
        (13800138000, 86, "+8613800138000"),
        ("13800138000", "+86", "+8613800138000"),
        ("8613800138000", None, "+8613800138000"),
        ("4155552671", "1", "+14155552671"),
        ("2412000000", None, "+2412000000"),
        (" 13800138000 ", None, "+8613800138000"),
        ("12800138000", None, "+12800138000"),
        ("13800138000", "086", None),
        ("13800138000", {}, None),
        ("13800138000", "x", None),
        ("１３８００１３８０００", None, None),
        ("138001380001380013800", None, None),
        ("138 0013 8000", None, None),
        ("0013800138000", None, None),
        ("1; DROP\r\nTABLE", "86", None),
        ("+", None, None),
        ("", None, None),
        (None, None, None),
        (True, None, None),
        ([], None, None),
    ],
)
def test_numbers(value: object, country: object, expected: str | None) -> None:
    """E.164 or nothing; without a country calling code, what can be a mainland mobile number is one."""
    found = read_number(value, country)
    assert (str(found) if found else None) == expected


@given(ANYTHING, ANYTHING)
def test_a_number_is_e164_or_nothing(value: object, country: object) -> None:
    """Whatever came."""
    found = read_number(value, country)
    assert found is None or E164.fullmatch(str(found))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2015-10-17 08:03:04", "2015-10-17T08:03:04+08:00"),
        ("2015-10-17T08:03:04Z", "2015-10-17T08:03:04+00:00"),
        ("2015-10-17T08:03:04.5-03:30", "2015-10-17T08:03:04.500000-03:30"),
        ("1445040184", "2015-10-17T00:03:04+00:00"),
        (1445040184.0, "2015-10-17T00:03:04+00:00"),
        ("2015-10-17+08:00", "2015-10-17T08:00:00+08:00"),
        ("2015-10-17", None),
        ("20151017", None),
        ("2015-W42-6", None),
        ("1999-12-31T23:59:59Z", None),
        ("2000-01-01 00:00:00", None),
        ("2100-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+12:00", None),
        ("9999-12-31T23:59:59-12:00", None),
        (10**18, None),
        ("9" * 19, None),
    ],
)
def test_times(value: object, expected: str | None) -> None:
    """Aware, from 2000 to 2099, or nothing; a date alone does not say when."""
    found = read_time(value, CHINA)
    assert (found.isoformat() if found else None) == expected


@given(ANYTHING, st.sampled_from([UTC, CHINA]))
def test_a_time_is_aware_and_believable_or_nothing(value: object, zone: tzinfo) -> None:
    """Whatever came."""
    found = read_time(value, zone)
    assert found is None or (found.utcoffset() is not None and 2000 <= found.astimezone(UTC).year < 2100)


@given(ANYTHING, st.integers(-5, 5), st.integers(6, 10**6))
def test_texts_and_whole_numbers(value: object, low: int, high: int) -> None:
    """Text is not empty, a short text prints, a whole number is within its limits; or they are nothing."""
    assert read_text(value) != ""
    short = short_text(value, 8)
    assert short is None or (0 < len(short) <= 8 and short.isprintable())
    number = read_int(value, low, high)
    assert number is None or (type(number) is int and low <= number <= high)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'[{"a": 1}, {"b": NaN}]', 2),
        (b'[{"a": "\xff"}]', 1),
        (b'\xef\xbb\xbf[{"a": 1}]', 1),
        (b"[", None),
        (b"[" * 100_000, None),
        (b"", None),
    ],
)
def test_lenient_json(body: bytes, expected: int | None) -> None:
    """What is no JSON inside one value does not take the other items with it."""
    found = read_leniently(body)
    assert (len(found) if isinstance(found, list) else None) == expected


@given(st.lists(ANYTHING | st.dictionaries(st.text(max_size=3), ANYTHING)))
def test_every_row_of_a_list_is_kept(rows: list[object]) -> None:
    """Objects as they are, anything else under a name that no field has; what is no list has no rows."""
    found = objects_in(rows)
    assert found == [row if isinstance(row, dict) else {"": row} for row in rows]
    assert objects_in({"rows": rows}) is None


def test_row_that_cannot_be_believed_has_no_field() -> None:
    """Of two values of one name neither is read."""
    rows = read_leniently(b'[{"SendStatus": 2, "SendStatus": 1}]')
    assert objects_in(rows) == [{"": {"SendStatus": 1}}]


def test_a_name_with_two_values_marks_its_own_object() -> None:
    """And no other, be it inside or outside."""
    found = read_leniently(b'{"items": [{"a": 1, "a": 2}, {"a": 1, "a": 1}, {"b": {"a": 1, "a": 2}}]}')
    assert isinstance(found, dict)
    assert [isinstance(item, RepeatedNames) for item in (found, *found["items"])] == [False, True, False, False]
