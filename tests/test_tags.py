"""The tag that comes back with a report: what it carries, what it proves, and what it refuses to prove."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smsgate.model.errors import MessageError
from smsgate.model.phone import PhoneNumber
from smsgate.model.report import Tag
from smsgate.model.secret import Secret
from smsgate.sending.own_tags import tags_of
from smsgate.tags import MAX_TAG, make_tag, read_tag

SECRET = Secret("the current tag secret")
OLD = Secret("the tag secret before it")
ME = PhoneNumber("+8613800138000")
OTHER = PhoneNumber("+8613800138001")
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(key=KEYS, to=st.sampled_from([None, ME]), secret=st.sampled_from([None, SECRET]))
@example(key="a {b} c", to=None, secret=None)
@example(key="订单\r\n", to=ME, secret=SECRET)
def test_any_key_travels(key: str, to: PhoneNumber | None, secret: Secret | None) -> None:
    """Any key comes back as it was, in characters that every vendor takes, proven if and only if a secret was set."""
    tag = make_tag(key, to=to, secret=secret)
    assert re.fullmatch(r"[A-Za-z0-9._-]{4,128}", tag)
    assert read_tag(tag, to=ME, secrets=[SECRET]) == Tag(key, proven=secret is not None)


@given(
    owners=st.lists(st.tuples(st.none() | KEYS, st.sampled_from([ME, OTHER])), max_size=12),
    fresh=st.text(st.sampled_from("0123456789abcdef"), min_size=7, max_size=7),
    secret=st.sampled_from([None, SECRET]),
)
def test_tags_of_many_are_those_of_each(
    owners: list[tuple[str | None, PhoneNumber]], fresh: str, secret: Secret | None
) -> None:
    """Whoever has no key has one of its own, made of its place."""
    keys = [key or f"{fresh}{at}" for at, (key, _) in enumerate(owners)]
    each = [make_tag(key, to=to, secret=secret) for key, (_, to) in zip(keys, owners, strict=True)]
    assert tags_of(owners, fresh, secret) == each


def test_a_short_key_fits_the_printed_limit() -> None:
    """With a key of ten characters a proven tag has the 28 characters that some printed guides allow."""
    assert len(make_tag("0123456789", to=ME, secret=SECRET)) == 28


def test_a_known_tag() -> None:
    """Tags made by one release are read by the next: the format does not drift."""
    assert make_tag("order-1") == "sgu.order-1"
    assert make_tag("订单") == "sgu_6K6i5Y2V"
    assert make_tag("order-1", to=ME, secret=SECRET) == "sgnboGzFmHNrR1ag3.order-1"
    assert make_tag("order-1", secret=SECRET) == "sgkQ7Pc3coFBi0_eJ.order-1"


def test_a_tag_of_another_number_is_not_proven() -> None:
    """A tag bound to a number proves nothing about another number, nor about a report without one."""
    tag = make_tag("k", to=ME, secret=SECRET)
    assert read_tag(tag, to=OTHER, secrets=[SECRET]) == Tag("k", proven=False)
    assert read_tag(tag, to=None, secrets=[SECRET]) == Tag("k", proven=False)


def test_a_shared_tag_proves_the_key_for_any_number() -> None:
    """A tag made for several numbers proves its key, whichever number the report is about."""
    tag = make_tag("batch", secret=SECRET)
    assert [read_tag(tag, to=to, secrets=[SECRET]) for to in (ME, OTHER, None)] == [Tag("batch", proven=True)] * 3


def test_a_shared_tag_cannot_be_turned_into_a_bound_one() -> None:
    """The kind of a tag is part of what is proven."""
    tag = make_tag("k", secret=SECRET)
    assert read_tag(tag.replace("sgk", "sgn", 1), to=PhoneNumber(""), secrets=[SECRET]) == Tag("k", proven=False)


def test_secrets_rotate() -> None:
    """A tag made with the secret before this one is still proven while both are given, and not after."""
    tag = make_tag("k", to=ME, secret=OLD)
    assert read_tag(tag, to=ME, secrets=[SECRET, OLD]) == Tag("k", proven=True)
    assert read_tag(tag, to=ME, secrets=[SECRET]) == Tag("k", proven=False)
    assert read_tag(tag, to=ME) == Tag("k", proven=False)


@given(data=st.data())
def test_a_changed_tag_is_not_proven(data: st.DataObject) -> None:
    """One changed character anywhere leaves no proof."""
    tag = make_tag("订单-1", to=ME, secret=SECRET)
    place = data.draw(st.integers(0, len(tag) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda char: char != tag[place]))
    read = read_tag(tag[:place] + other + tag[place + 1 :], to=ME, secrets=[SECRET])
    assert read is None or not read.proven


@pytest.mark.parametrize(
    "text",
    [
        *[None, "", " ", "session-1", "sg", "sgu", "sgu.", "sgu_", "sgu.a b", "sgu.{a}", "sgx.a", "SGU.a", "\u0661"],
        *[
            "sgn.short",
            "sgk12345678901234",
            "sgu_A",
            "sgu_YQ==",
            "sgu_YR",
            "sgu__w",
            "sgu_YQ",
            "sgu.a\n",
            "sgu." + "a" * 125,
        ],
    ],
)
def test_foreign_text_is_no_tag(text: str | None) -> None:
    """What we did not write is not read: neither another's reference nor a tag that we would have written otherwise."""
    assert read_tag(text, to=ME, secrets=[SECRET]) is None


@given(st.text())
def test_reading_never_raises(text: str) -> None:
    """Whatever a stranger puts in, reading answers."""
    assert read_tag(text, secrets=[SECRET]) is None or text.startswith("sg")


@pytest.mark.parametrize(("key", "problem"), [("", "empty"), ("\ud800", "surrogate"), ("x" * 111, "too long")])
def test_keys_that_cannot_travel(key: str, problem: str) -> None:
    """A key that no tag can carry is refused by name before anything is sent, and is not shown."""
    with pytest.raises(MessageError, match=f"^key: .*{problem}") as caught:
        make_tag(key, to=ME, secret=SECRET)
    assert not key or key not in str(caught.value)


def test_the_longest_key() -> None:
    """A key of 110 plain characters makes the longest tag."""
    assert len(make_tag("x" * 110, to=ME, secret=SECRET)) == MAX_TAG
