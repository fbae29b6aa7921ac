"""Parameters and keys that a vendor repeats are struck out of its text, however they are written there."""

import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Job, Message, PhoneNumber, Secret
from smsgate.provider import vendor_text
from smsgate.provider.jobs import AlikeJobs


def job(*params: str) -> Job:
    return Job(Message("+8613800138000", "login"), PhoneNumber("+8613800138000"), "19", params)


def full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


WAYS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper": str.upper,
    "lower": str.lower,
    "percent": quote,
    "all percent": lambda text: quote(text, safe=""),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "plus": quote_plus,
    "plus twice": lambda text: quote_plus(quote_plus(text)),
    "percent in lower case": lambda text: quote(text, safe="").lower(),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
    "JSON in percent": lambda text: quote(json.dumps(text)[1:-1], safe=""),
    "full width": full_width,
}
CHARACTERS = st.sampled_from('abcXYZ0189 +%/"\\&=ä张伟😀')


@pytest.mark.parametrize("way", WAYS)
@given(
    word=st.text(CHARACTERS, min_size=4, max_size=12),
    short=st.text(st.sampled_from("a5张"), min_size=1, max_size=3),
    as_secret=st.booleans(),
)
def test_each_way_of_writing(way: str, word: str, short: str, as_secret: bool) -> None:
    """Whatever the value is, nothing of it is left, and all that stands around it is."""
    jobs, secrets = ([job(short)], [Secret(word)]) if as_secret else ([job(), job("", word), job(short)], [])
    found = vendor_text(f"<{WAYS[way](word)}>, <{WAYS[way](short)}>", jobs, *secrets)
    assert found == "<****>, <****>"


@given(st.text(max_size=60), st.lists(st.text(st.sampled_from("ab12%+\\u张"), max_size=6), max_size=4))
def test_what_is_not_repeated_stays(text: str, words: list[str]) -> None:
    """Text that has none of the values is left as it came, whatever looks encoded in it."""
    found = vendor_text(text, [job(*[f"\x00{word}\x00" for word in words])])
    assert found == (text or None)


@pytest.mark.parametrize(
    ("text", "param", "expected"),
    [
        ("参数张三不合法", "张三", "参数****不合法"),
        ("参数5过长", "5", "参数****过长"),
        ("15 of 50, A5, %355", "5", "15 of 50, A5, %355"),
        ("no space", " ", "no space"),
        ("a=%E5%BC%A0%E4%BC%9F&b=1", "张伟", "a=****&b=1"),
        ("a=%FF%E5%BC%A0%E4%BC%9F%FF", "张伟", "a=%FF****%FF"),
        ("%e5%bc%a0 \\u5f20 \\ud83d", "张", "**** **** \\ud83d"),
        ("to=Beijing+Road+5", "beijing road 5", "to=****"),
        ("48214821 and 482148214", "4821", "******** and ********4"),
        ("aaaaa", "aaaa", "****"),
    ],
)
def test_where_a_value_stands(text: str, param: str, expected: str) -> None:
    """Short values are struck out where they stand alone, in Chinese among its characters too; the rest stays."""
    assert vendor_text(text, [job(param)]) == expected


def test_a_value_at_the_end_of_what_is_kept() -> None:
    """A value that is cut through by the longest text is struck out all the same."""
    text = "x" * 1990 + " a-long-secret-value " + "x" * 5000
    found = vendor_text(text, [job("a-long-secret-value")]) or ""
    assert len(found) == 2000
    assert found.endswith("x **** xxxx")


def test_jobs_that_differ_in_number_alone_are_not_made() -> None:
    """Of hundreds of messages with one text, their values are looked up once."""
    alike = AlikeJobs(job("4821"), [Message(f"+86138001380{at:02d}", "login") for at in range(50)])
    assert vendor_text("4821 is too long", alike) == "**** is too long"
