"""How many messages a text is charged as."""

import pytest

from smsgate import InvalidNumberError, Template
from smsgate.model.segments import count_segments


@pytest.mark.parametrize(
    ("text", "mainland", "expected"),
    [
        ("", True, 1),
        ("中" * 70, True, 1),
        ("中" * 71, True, 2),
        ("中" * 134, True, 2),
        ("中" * 135, True, 3),
        ("a" * 71, True, 2),
        ("a" * 160, False, 1),
        ("a" * 161, False, 2),
        ("a" * 306, False, 2),
        ("a" * 307, False, 3),
        ("€" * 80, False, 1),
        ("€" * 81, False, 2),
        ("é" * 160, False, 1),
        ("ê" * 71, False, 2),
        ("😀" * 35, False, 1),
        ("😀" * 36, False, 2),
        ("a" * 152 + "€" + "a" * 152, False, 3),
        ("]" * 153, False, 3),
        ("]" * 152, False, 2),
        ("中" * 66 + "😀" + "中" * 66, True, 3),
        ("中" * 65 + "😀" + "中" * 67, True, 2),
        ("中" * 68 + "😀", True, 1),
        ("\ud800" * 71, True, 2),
    ],
)
def test_counts_by_alphabet_and_country(text: str, mainland: bool, expected: int) -> None:
    """70 and 67 for mainland China and for other alphabets, 160 and 153 for the GSM alphabet elsewhere."""
    assert count_segments(text, mainland=mainland) == expected


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
