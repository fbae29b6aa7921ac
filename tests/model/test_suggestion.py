"""The nearest of the known names."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smsgate.model.suggestion import did_you_mean

KNOWN = ("tencent-v5", "tencent", "huawei")


def test_a_swap_among_letters_that_are_there_several_times() -> None:
    """Also where the two names have no longer part in common."""
    assert did_you_mean("abcaba", ["abacba"]) == " (did you mean 'abacba'?)"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("huwaei", " (did you mean 'huawei'?)"),
        ("TENCENT", " (did you mean 'tencent'?)"),
        ("tencent-v", " (did you mean 'tencent-v5'?)"),
        ("nexmo", ""),
        ("", ""),
    ],
)
def test_the_nearest_name_is_shown(name: str, hint: str) -> None:
    """One near name, in its own spelling, or nothing."""
    assert did_you_mean(name, KNOWN) == hint


@given(name=st.text(max_size=60), known=st.lists(st.text(min_size=1, max_size=20)))
def test_only_known_names_are_shown(name: str, known: list[str]) -> None:
    """What was typed may be a secret, and is never part of the hint unless it is known."""
    hint = did_you_mean(name, known)
    assert hint in {"", *(f" (did you mean {each!r}?)" for each in known)}


@given(known=st.lists(st.text("abcdefghij", min_size=6, max_size=12), min_size=1, unique=True), data=st.data())
def test_a_swap_of_two_letters_is_near(known: list[str], data: st.DataObject) -> None:
    """The commonest slip of all always has a hint."""
    name = data.draw(st.sampled_from(known))
    at = data.draw(st.integers(0, len(name) - 2))
    typed = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    assume(typed not in known)
    assert did_you_mean(typed, known)
