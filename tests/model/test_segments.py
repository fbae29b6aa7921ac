"""How many messages a text is charged as."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import InvalidNumberError, Template
from smsgate.model.segments import count_segments


@pytest.mark.parametrize(
    ("text", "calling_code", "expected"),
    [
        ("", "86", 1),
        ("中" * 70, "86", 1),
        ("中" * 71, "86", 2),
        ("中" * 134, "86", 2),
        ("中" * 135, "86", 3),
        ("a" * 71, "86", 2),
        ("a" * 160, "852", 1),
        ("a" * 161, "852", 2),
        ("a" * 306, "852", 2),
        ("a" * 307, "852", 3),
        ("€" * 80, "852", 1),
        ("€" * 81, "852", 2),
        ("é" * 160, "852", 1),
        ("ê" * 71, "852", 2),
        ("😀" * 35, "852", 1),
        ("😀" * 36, "852", 2),
        ("a" * 152 + "€" + "a" * 152, "852", 3),
        ("]" * 153, "852", 3),
        ("]" * 152, "852", 2),
        ("中" * 66 + "😀" + "中" * 66, "86", 3),
        ("中" * 65 + "😀" + "中" * 67, "86", 2),
        ("中" * 68 + "😀", "86", 1),
        ("a" * 153, "60", 1),
        ("a" * 154, "60", 2),
        ("a" * 299, "60", 2),
        ("a" * 300, "60", 3),
        ("汉" * 63, "60", 1),
        ("汉" * 64, "60", 2),
        ("汉" * 127, "60", 2),
        ("汉" * 128, "60", 3),
        ("a" * 145 + "€" + "a" * 152, "60", 3),
        ("\ud800" * 71, "86", 2),
    ],
)
def test_counts_by_alphabet_and_country(text: str, calling_code: str, expected: int) -> None:
    """70 and 67 for mainland China and for other alphabets, 160 and 153 for the GSM alphabet; 7 more in Malaysia."""
    assert count_segments(text, calling_code=calling_code) == expected


def test_a_template_counts_its_signature() -> None:
    """The signature and its brackets are part of the text that is charged."""
    template = Template("t", params=("code",), text="{code}")
    assert template.segments({"code": "a" * 66}, to="+8613800138000", signature="ab") == 1
    assert template.segments({"code": "a" * 67}, to="+8613800138000", signature="ab") == 2
    assert template.segments({"code": "a" * 150}, to="+447911123456") == 1
    assert Template("none").segments({}, to="+8613800138000") is None


@pytest.mark.parametrize("to", ["13800138000", "0013800138000", "", "+86", "12345"])
def test_a_number_without_a_country_is_not_counted(to: str) -> None:
    """The count depends on the country, so a number that has none is refused in place of counting it as foreign."""
    with pytest.raises(InvalidNumberError):
        Template("t", text="a" * 71).segments({}, to=to)
    assert Template("t", text="a" * 71).segments({}, to="+86 138 0013 8000") == 2


TEXT: Final = st.text(alphabet="aZ9 €]汉ê😀", max_size=400)


@given(TEXT, st.sampled_from(["86", "852", "60", "1"]))
def test_no_more_segments_than_its_units_need(text: str, calling_code: str) -> None:
    """Counted by itself: all units of the text, 7 more in Malaysia, and at most one unit lost at the end of a part."""
    gsm = calling_code != "86" and not set(text) & set("汉ê😀")
    units = len(text) + sum(char in "€]" for char in text if gsm) + sum(char == "😀" for char in text)
    units += 7 * (calling_code == "60")
    single, part = (160, 153) if gsm else (70, 67)
    segments = count_segments(text, calling_code=calling_code)
    assert (segments == 1) == (units <= single)
    if segments > 1:
        assert -(-units // part) <= segments <= -(-units // (part - 1))


@given(TEXT, st.sampled_from(["汉", "a", "😀"]))
def test_a_longer_text_is_never_cheaper(text: str, more: str) -> None:
    """One character more costs as much, or one message more; or the text is counted by another alphabet."""
    for calling_code in ("86", "60", "1"):
        assert count_segments(text + more, calling_code=calling_code) >= count_segments(text, calling_code=calling_code)
