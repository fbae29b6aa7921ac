"""Errors of foreign code: where they happened, and nothing of what they say."""

import pytest

from smsgate.model.masking import describe_failure

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
