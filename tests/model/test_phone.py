"""Phone numbers: one normal form or a refusal, and never in full unless that was requested."""

import copy
import pickle
import re
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import InvalidNumberError, PhoneNumber, resolve_number
from smsgate.model.masking import safe_repr, safe_text

NORMAL = "+8613800138000"


@pytest.mark.parametrize(
    "text",
    [
        "+8613800138000",
        " +8613800138000\n",
        "+86 138 0013 8000",
        "+86-138-0013-8000",
        "+86 (138) 0013.8000",
        "+86\u00a0138\u00a00013\u00a08000",
        "\u202d+8613800138000\u202c",
        "+86\u3000138\u20110013\uff0d8000",
        "\ufeff+86（138）0013\u22128000\u200b",
        "+86\t138\t0013\t8000",
        "+86 (0)138 0013 8000",
        "+86013800138000",
    ],
)
def test_one_normal_form(text: str) -> None:
    """However its digits are grouped, a number has one normal form, with one hash."""
    number = resolve_number(text)
    assert str(number) == NORMAL
    assert number == PhoneNumber(NORMAL)
    assert hash(number) == hash(PhoneNumber(NORMAL))
    assert resolve_number(number) is number


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("13800138000", "CN", NORMAL),
        ("138 0013 8000", "CN", NORMAL),
        ("07400 123456", "GB", "+447400123456"),
        ("(415) 555-2671", "US", "+14155552671"),
        (NORMAL, "GB", NORMAL),
        ("0 4 1234", "GB", None),
        ("14911479837", "CN", "+8614911479837"),
        ("013800138000", "CN", NORMAL),
        ("(0) 138-0013-8000", "CN", NORMAL),
        ("8613800138000", "CN", NORMAL),
        ("008613800138000", "CN", NORMAL),
        ("008613800138000", "GB", NORMAL),
        ("0085261234567", "CN", "+85261234567"),
        ("1064912345678", "CN", "+861064912345678"),
        ("110", "CN", None),
        ("10086", "CN", None),
        ("0", "CN", None),
        ("9" * 60, "CN", None),
        ("02087654321", "CN", None),
    ],
)
def test_national_numbers(text: str, region: str, expected: str | None) -> None:
    """A number without a country code is one of the default region, if it can be one of its mobile numbers."""
    if expected is None:
        with pytest.raises(InvalidNumberError, match=r"^to: "):
            resolve_number(text, region)
    else:
        assert str(resolve_number(text, region)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "+",
        "86",
        "+0013800138000",
        "0013800138000",
        "008613800138000",
        "+86+8613800138000",
        "++8613800138000",
        "+8613800138000+",
        "+86138001380001",
        "+861380013800",
        "+8612800138000",
        "+86110",
        "+8610086",
        "+1",
        "+123456",
        "+1234567890123456",
        "+" + "9" * 40,
        "＋8613800138000",
        "+８６13800138000",
        "+٨٦١٣٨٠٠١٣٨٠٠٠",
        "+86138001३8000",
        "+8613800138000\0",
        "+86138\u202e00138000",
        "+8613800138000;ext=5",
        "+8613800138000,+8613800138001",
        "tel:+8613800138000",
        "+86 138 0013 8000/1",
        "+861380013800\u034f0",
    ],
)
def test_refused(text: str) -> None:
    """What is no number in E.164 and no national one is refused, with the field's name and a mask."""
    with pytest.raises(InvalidNumberError, match=r"^to: ") as caught:
        resolve_number(text)
    digits = text.strip().lstrip("+")
    assert len(digits) < 5 or digits not in str(caught.value)


@pytest.mark.parametrize("text", [None, 8613800138000, b"+8613800138000", ["+8613800138000"]])
def test_not_text(text: object) -> None:
    """A number is text; something else is refused by its type alone."""
    number = PhoneNumber(text)  # type: ignore[arg-type]  # the mistake
    with pytest.raises(InvalidNumberError, match="a phone number is text, not"):
        resolve_number(number)
    assert "138" not in repr(number)


@pytest.mark.parametrize(
    ("text", "calling_code", "national", "mainland"),
    [
        (NORMAL, "86", "13800138000", True),
        ("+861064912345678", "86", "1064912345678", True),
        ("+85261234567", "852", "61234567", False),
        ("+14155552671", "1", "4155552671", False),
        ("+79161234567", "7", "9161234567", False),
        ("+447400123456", "44", "7400123456", False),
        ("+19005551234", "1", "9005551234", False),
    ],
)
def test_parts(text: str, calling_code: str, national: str, mainland: bool) -> None:
    """A number in E.164 knows its country code, the digits after it, and whether it is of mainland China."""
    number = resolve_number(text)
    assert str(number) == text
    assert (number.calling_code, number.national, number.is_mainland) == (calling_code, national, mainland)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (NORMAL, "+86*******8000"),
        ("+85261234567", "+852****4567"),
        ("+1234567", "+1****67"),
        ("13800138000", "*******8000"),
        ("12345", "***45"),
        ("12", "***"),
        ("", "***"),
        ("+86+8613800138000", "************8000"),
        ("+86 138 0013 8000 ", "************"),
    ],
)
def test_masked(text: str, masked: str) -> None:
    """The mask keeps the country code and the last digits, fewer of a short number."""
    assert PhoneNumber(text).masked == masked
    assert repr(PhoneNumber(text)) == f"PhoneNumber({masked!r})"


@given(st.text(alphabet="+0123456789 -()٣８", min_size=5, max_size=45))
def test_mask_hides_most(text: str) -> None:
    """Whatever was given, its mask shows its country code and at most four characters, and never the whole."""
    masked = PhoneNumber(text).masked
    assert text not in masked
    assert sum(char.isalnum() for char in masked) <= 7
    assert len(masked) <= 20


@given(st.text(max_size=40), st.sampled_from([None, "CN", "US"]))
def test_parse_never_raises(text: str, region: str | None) -> None:
    """Any text is a number in its one normal form, or there are words for what is wrong with it."""
    found = PhoneNumber(text).parse(region)
    if isinstance(found, PhoneNumber):
        assert found.parse(region) is found
        assert str(found).startswith("+")
        assert str(found)[1:].isascii()
        assert str(found)[1:].isdigit()
    else:
        assert found


def test_equality() -> None:
    """A number equals the text that it is, and nothing else."""
    number = PhoneNumber(NORMAL)
    assert number == NORMAL
    assert number != PhoneNumber("+8613800138001")
    assert number != 8613800138000
    assert PhoneNumber.wrap(number) is number
    assert PhoneNumber.wrap(NORMAL) == number


def test_pickles_and_copies() -> None:
    """A number goes through a queue or a copy whole."""
    number = PhoneNumber(NORMAL)
    assert str(pickle.loads(pickle.dumps(number))) == NORMAL
    assert copy.deepcopy(number) == number


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("no credit", "no credit"),
        ("number 13800138000 is on a list", "number *******8000 is on a list"),
        ("+8613800138000", "+86*******8000"),
        ("two\r\nlines\x1b[31m", "two��lines�[31m"),
        ("\u202eevil", "�evil"),
        ("\ud800", "�"),
        ("x" * 900, "x" * 199 + "…"),
        ("1 2 3 123456", "1 2 3 123456"),
    ],
)
def test_safe_words(text: str, safe: str) -> None:
    """A stranger's words become one printable line of at most 200 characters, with numbers masked."""
    assert safe_text(text) == safe
    assert safe_repr(text) == repr(safe)


def test_safe_repr_of_something_else() -> None:
    """What is not text has its own `repr`."""
    assert safe_repr(None) == "None"


@given(st.text(max_size=450))
def test_safe_words_has_no_long_number(text: str) -> None:
    """No run of digits that could be a phone number is left."""
    words = safe_text(text)
    assert len(words) <= 200
    run = 0
    for char in words:
        run = run + 1 if char in "0123456789" else 0
        assert run < 7


@given(st.text(alphabet="+0123456789 -()٣", max_size=18))
def test_parts_of_what_is_not_e164_are_refused(text: str) -> None:
    """Country code, national digits and mainland are those of E.164; of anything else they raise, masked."""
    number = PhoneNumber(text)
    if re.fullmatch(r"\+[1-9][0-9]{6,14}", text, re.ASCII):
        assert f"+{number.calling_code}{number.national}" == text
        assert number.is_mainland == (number.calling_code == "86")
        return
    for part in ("calling_code", "national", "is_mainland"):
        with pytest.raises(InvalidNumberError, match=r"is not in E\.164: resolve it first") as caught:
            getattr(number, part)
        assert len(text) < 6 or text not in str(caught.value)


@pytest.mark.parametrize("text", [None, 8613800138000, b"+8613800138000"])
def test_parts_of_what_is_not_text_are_refused(text: object) -> None:
    """What is not even text has no parts either."""
    with pytest.raises(InvalidNumberError, match="is not in E"):
        _ = PhoneNumber(text).is_mainland  # type: ignore[arg-type]  # the mistake


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+886 0912 345 678", "+886912345678"),
        ("+44-0-20 7946 0000", "+442079460000"),
        ("+44 07911 123456", "+447911123456"),
        ("+39 06 1234 5678", "+390612345678"),
        ("+225 07 12 34 56 78", "+2250712345678"),
        ("+81 090 1234 5678", "+819012345678"),
        ("+65 8123 4567", "+6581234567"),
        ("+870773111632", "+870773111632"),
        ("+99912345678", None),
        ("+12345678", None),
        ("+1415555", None),
        ("+4412345678901", None),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("+44 ( 0 ) 20 7946 0958", "+442079460958"),
        ("+39 (0)6 1234 5678", "+390612345678"),
        ("+7 8 916 123-45-67", "+79161234567"),
        ("+352 0621 123 456", None),
        ("+852 0 6123 4567", None),
        ("+65 (0)8123 4567", None),
    ],
)
def test_numbers_abroad(text: str, expected: str | None) -> None:
    """Behind a country code a trunk prefix is left out, and a length or code that no number has is refused."""
    if expected is None:
        with pytest.raises(InvalidNumberError, match=r"^to: (no country has|no number of|too few or too many digits)"):
            resolve_number(text)
    else:
        assert str(resolve_number(text)) == expected
        assert resolve_number(expected) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("+8６13800138000", r"has U\+FF16 \(FULLWIDTH DIGIT SIX\): use the digits 0-9 only"),
        ("+86138001٣8000", r"has U\+0663 \(ARABIC-INDIC DIGIT THREE\): use the digits"),
        ("＋8613800138000", r"has U\+FF0B \(FULLWIDTH PLUS SIGN\): a number has digits only"),
        ("+86138\u202e00138000", r"has U\+202E \(RIGHT-TO-LEFT OVERRIDE\), which shows the digits in reverse"),
        ("+86138\x0000138000", r"has U\+0000 \(a character without a name\)"),
        ("008613800138000", r"no country code: write '\+' in place of 00"),
        ("+85206123456", r"leave out the 0 after \+852"),
        ("+86 110", r"not a mobile number of mainland China"),
        ("+4901000", r"too few digits for a number of country code \+49"),
    ],
)
def test_the_cause_is_named(text: str, problem: str) -> None:
    """The character that is in the way is named, since on a screen it may look like another one, or like none."""
    with pytest.raises(InvalidNumberError, match=r"^to: .*" + problem):
        resolve_number(text)


INSERTED: Final = st.text(
    alphabet=" -.()\t\u00a0\u2009\u3000\u2010\u2011\u2013\uff0d\u2212\u200b\u200e\u2068\u00ad\ufeff", max_size=3
)
MAINLAND: Final = st.from_regex(r"1[3-9][0-9]{9}|1[0-9]{12}", fullmatch=True)
ABROAD: Final = st.sampled_from(
    ["+1", "+7", "+33", "+39", "+44", "+49", "+60", "+65", "+81", "+225", "+352", "+852", "+86"]
)


@given(MAINLAND, st.sampled_from(["+86", "+860", "", "0", "86", "0086"]), st.data())
def test_one_answer_however_it_is_written(mobile: str, prefix: str, data: st.DataObject) -> None:
    """A mainland number is the same one with any prefix that it is dialled with, and anything invisible between."""
    text = "".join(char + data.draw(INSERTED) for char in prefix + mobile)
    assert str(resolve_number(text, "CN")) == "+86" + mobile


@given(ABROAD, st.from_regex(r"[0-9]{4,13}", fullmatch=True), st.data())
def test_one_answer_abroad(code: str, digits: str, data: st.DataObject) -> None:
    """Nothing between the digits changes the answer, which is in its normal form and is its own answer."""
    plain = PhoneNumber(code + digits).parse()
    spaced = PhoneNumber(data.draw(INSERTED) + "".join(char + data.draw(INSERTED) for char in code + digits))
    assert str(spaced.parse()) == str(plain)
    if isinstance(plain, PhoneNumber):
        assert plain.parse() is plain
        assert re.fullmatch(r"\+[1-9][0-9]{6,14}", str(plain), re.ASCII)


@given(st.sampled_from(["GB", "US", "DE", "IT", "HK", "JP", "RU"]), st.from_regex(r"0?[0-9]{4,12}", fullmatch=True))
def test_national_input_is_judged_as_e164_is(region: str, digits: str) -> None:
    """What is taken in national spelling is taken as E.164, and is the same number."""
    found = PhoneNumber(digits).parse(region)
    if isinstance(found, PhoneNumber):
        assert found.parse() is found


@pytest.mark.parametrize(
    ("number", "region"),
    [
        ("+8613800138000", "CN"),
        ("+85251234567", "HK"),
        ("+6581234567", "SG"),
        ("+12125550123", "US"),
        ("+14165550123", "CA"),
        ("+881612345678", None),
    ],
)
def test_the_country_of_a_number(number: str, region: str | None) -> None:
    """A number has the country that its range belongs to, also where countries share a country code."""
    assert resolve_number(number).region == region
