"""Errors of foreign code: where they happened, and nothing of what they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate.model.masking import describe_failure, mask, safe_text

SECRET = "the code 4821 of +8613800138000"


def fail(depth: int) -> None:
    if depth:
        fail(depth - 1)
    raise LookupError(SECRET)


@pytest.mark.parametrize(("depth", "places"), [(0, 2), (1, 3), (4, 6), (5, 7), (300, 7)])
def test_it_says_type_and_places_and_no_text(depth: int, places: int) -> None:
    """The type and up to six places, the first and the last of a deep call, each with its file and line."""
    with pytest.raises(LookupError) as caught:
        fail(depth)
    shown = describe_failure(caught.value)
    kind, _, where = shown.partition(" at ")
    assert kind == "LookupError"
    lines = where.split(" > ")
    assert len(lines) == places
    assert ("…" in lines) == (depth > 4)
    assert lines[0].startswith("test_masking.py:")
    assert lines[-1] == f"test_masking.py:{fail.__code__.co_firstlineno + 3}"
    assert "4821" not in shown
    assert "/" not in shown


def test_an_error_that_was_never_raised_has_no_place() -> None:
    """Without a traceback there is the type alone."""
    assert describe_failure(ValueError(SECRET)) == "ValueError"


def test_the_file_has_its_name_alone() -> None:
    """Paths of the machine are left out, on Windows too."""
    with pytest.raises(ZeroDivisionError) as caught:
        exec(compile("1 / 0", "C:\\app\\mine.py", "exec"))
    assert describe_failure(caught.value).endswith("> mine.py:1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("to +8613800138000 failed", "to +86*******8000 failed"),
        ("to 138-0013-8000 failed", "to *******8000 failed"),
        ("to 138 0013 8000: no", "to *******8000: no"),
        ("(+86 138-0013-8000)", "(+86*******8000)"),
        ("号码138-0013-8000不合法", "号码*******8000不合法"),
        ("+65 8123 4567, +1 415 555 2671", "+65****4567, +1******2671"),
        ("１３８００１３８０００ and ＋８６１３８００１３８０００", "*******8000 and +86*******8000"),
        ("2026-03-01 138 0013 8000", "2026-03-01 *******8000"),
        ("id1234567", "id*****67"),
    ],
)
def test_numbers_in_foreign_text_are_masked(text: str, expected: str) -> None:
    """Whatever digits they are written with, also with spaces and hyphens between them."""
    assert safe_text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01",
        "at 2026-03-01 10:22:33",
        "at 2026-03-01T10:22:33+08:00",
        "on 01-03-2026 10:22",
        "4821 2026-03-01 4821",
        "id 1d0b-4781-9300-5550-aaaa",
        "serial 2640-1234",
        "127.0.0.1:58231",
        "10 of 2000, 15 left",
        "10 20 30 40 50",
    ],
)
def test_what_is_no_number_in_foreign_text_stays(text: str) -> None:
    """Dates, times, ids in groups, addresses and counts are read by whoever looks for a fault."""
    assert safe_text(text) == text


@given(
    st.sampled_from(["+8613800138000", "+6581234567", "+14155552671", "+447700900123"]),
    st.lists(st.sampled_from(["", " ", "-"]), min_size=14, max_size=14),
    st.booleans(),
)
def test_a_number_with_its_plus_is_masked_however_it_is_spaced(number: str, between: list[str], wide: bool) -> None:
    """Of a number in E.164 no more is shown than its country's code and its last four digits."""
    written = number[0] + "".join(f"{digit}{gap}" for digit, gap in zip(number[1:], between, strict=False)).rstrip(" -")
    if wide:
        written = "".join(chr(ord(char) + 0xFEE0) if char.isdigit() else char for char in written)
    assert safe_text(f"<{written}>") == f"<{mask(number)}>"


@pytest.mark.parametrize("text", ["x" * 201, "word " * 50, "+8613800138000 " * 40])
def test_text_that_is_cut_says_so(text: str) -> None:
    """At most 200 characters are shown, and of a longer text the last one is an ellipsis."""
    shown = safe_text(text)
    assert len(shown) <= 200
    assert shown.endswith("…")


def test_text_of_the_longest_length_is_not_cut() -> None:
    """What fits is shown in full."""
    assert safe_text("x" * 200) == "x" * 200
