"""What is known of numbers by their looks is what the numbering plans say of them."""

import random
from itertools import chain

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import PhoneNumber
from smsgate.model import number_forms, numbering
from smsgate.model.masking import E164
from smsgate.model.number_forms import code_if_normal

CODES = sorted(set(phonenumbers.COUNTRY_CODE_TO_REGION_CODE) - {86})
PREFIXES = ("", "0", "00", "1", "8", "9", "01", "06", "15", "90", "0549", "180020")
"""What national numbers begin with, and what is dialled before them."""
_OTHERS = frozenset({54, 225, 229, 241, 242})
"""Whose mobile numbers begin with 0, or with what may be a national prefix: each is read with its plan."""


@pytest.fixture
def nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the numbers of mainland China are known, as in a new process."""
    monkeypatch.setattr(number_forms, "_KNOWN", {"+861": number_forms._KNOWN["+861"]})  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize("code", CODES)
def test_what_looks_normal_is_normal(code: int) -> None:
    """Of each calling code: a number that the form takes is one that the numbering plan gives back as it is."""
    form, draw, taken = numbering._form_of(code), random.Random(code), 0  # pyright: ignore[reportPrivateUsage]
    for length in range(1, 16):
        for prefix in PREFIXES:
            number = f"+{code}{prefix}{draw.randrange(10**length):0{length}}"
            if form.pattern.fullmatch(number):
                taken += 1
                assert numbering.international(number) == ("", number)
                assert PhoneNumber(number).calling_code == form.calling_code
    assert taken or code == 54


def test_mobile_numbers_look_normal() -> None:
    """The example of a mobile number of nearly every country is taken, so that few need to be read with a plan."""
    mobile = phonenumbers.PhoneNumberType.MOBILE
    examples = [phonenumbers.example_number_for_type(region, mobile) for region in phonenumbers.SUPPORTED_REGIONS]
    left = set[int]()
    for example in filter(None, examples):
        number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        code = int(example.country_code or 0)
        form = numbering._form_of(code)  # pyright: ignore[reportPrivateUsage]
        if code != 86 and not form.pattern.fullmatch(number):
            left.add(code)
    assert left <= _OTHERS


EXAMPLES = ("+447400123456", "+14155552671", "+6581234567", "+85251234567", "+79161234567")
DIGITS = st.text("0123456789", max_size=13)
ABROAD = st.builds(
    "+{}{}{}".format, st.sampled_from([1, 7, 39, 44, 54, 65, 81, 852, 378, 290]), st.sampled_from(PREFIXES), DIGITS
)


@given(st.lists(ABROAD | st.builds("+86{}".format, DIGITS) | st.text(max_size=9) | DIGITS, max_size=20))
def test_what_came_before_a_number_does_not_matter(texts: list[str]) -> None:
    """A number is read the same after others of its country as it is by its plan."""
    for example in chain(texts, EXAMPLES, texts):
        PhoneNumber(example).parse()
    assert [_read(text) for text in texts] == [_read_by_its_plan(text) for text in texts]


def _read(text: str) -> tuple[str, str | None]:
    """The number and its calling code, or what is wrong."""
    found = PhoneNumber(text).parse()
    return (found, None) if isinstance(found, str) else (str(found), found.calling_code)


def _read_by_its_plan(text: str) -> tuple[str, str | None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(number_forms, "_KNOWN", {})
        return _read(text)


@pytest.mark.usefixtures("nothing_is_known")
def test_a_country_is_known_after_its_first_number() -> None:
    """Before it nothing is said of a number, and of one that is dialled or written otherwise nothing ever is."""
    assert code_if_normal("+447400123456") is None
    assert isinstance(PhoneNumber("+4407400123456").parse(), PhoneNumber)
    assert code_if_normal("+447400123456") is None
    assert isinstance(PhoneNumber("+447400123456").parse(), PhoneNumber)
    assert code_if_normal("+447400999999") == "44"
    for text in ("+4407400123456", "+44 7400 123456", "447400123456", "+4474001234567", "+447400123456\n", "", "+44"):
        assert code_if_normal(text) is None


def test_every_form_is_of_e164() -> None:
    """No form takes what is not in E.164, however long a country's numbers may be."""
    draw = random.Random(1)
    for code in CODES:
        pattern = numbering._form_of(code).pattern  # pyright: ignore[reportPrivateUsage]
        numbers = [f"+{code}{draw.randrange(10**length)}" for length in range(1, 20)]
        assert all(E164.fullmatch(number) for number in numbers if pattern.fullmatch(number))
