"""What is put off until somebody asks for it is there when they do, and takes no room before."""

import copy
import gc
import pickle
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Attempt, Message, Outcome, PhoneNumber, Reason, Result, Verdict
from smsgate.model.lazy import Try
from smsgate.model.result import result_of_only_try

AT = datetime(2026, 1, 1, tzinfo=UTC)
TEXTS = st.sampled_from([None, "", "a", "86"])
VERDICTS = st.builds(
    Verdict,
    st.just(Outcome.ACCEPTED),
    st.sampled_from([None, Reason.TRY_LATER]),
    TEXTS,
    TEXTS,
    TEXTS,
    TEXTS,
    st.sampled_from([None, 0, 2]),
    TEXTS,
    TEXTS,
    st.sampled_from([None, AT]),
    st.sampled_from([None, 1.5]),
    remedy=st.sampled_from(["", "wait"]),
)
WAYS: list[Callable[[Any], Any]] = [
    copy.copy,
    copy.deepcopy,
    attrs.evolve,
    lambda value: pickle.loads(pickle.dumps(value)),
]
FIELDS = [field.name for field in attrs.fields(Result)]


def as_a_whole(message: Message, said: Verdict) -> Result:
    """The result of an acceptance, made of all that it says."""
    attempt = Attempt(
        "alpha",
        said.outcome,
        said.reason,
        said.code,
        said.description,
        said.message_id,
        said.request_id,
        started_at=AT,
        duration=0.25,
        retry_after=said.retry_after,
        reference="tag",
        remedy=said.remedy,
    )
    return Result(
        message,
        said.outcome,
        "alpha",
        said.message_id,
        said.reason,
        said.code,
        said.description,
        (attempt,),
        "tag",
        said.segments,
        country=said.country,
        sender=said.sender,
        accepted_at=said.accepted_at,
        remedy=said.remedy,
    )


@given(VERDICTS, st.permutations(FIELDS))
def test_a_result_has_all_that_was_said_in_whatever_order_it_is_asked(said: Verdict, fields: list[str]) -> None:
    """Each field of a result of one accepted try is what it would be if the result had been made as a whole."""
    message = Message("+8613800138000", "login")
    whole = as_a_whole(message, said)
    put_off = result_of_only_try(message, said.message_id, said, "tag", Try("alpha", AT, 0.25))
    assert [getattr(put_off, field) for field in fields] == [getattr(whole, field) for field in fields]
    assert repr(put_off) == repr(whole)


@pytest.mark.parametrize("way", [lambda it: it, *WAYS])
def test_a_result_that_nothing_was_asked_of_can_be_compared_copied_and_stored(way: Any) -> None:
    """It is equal to one that was made as a whole, has its hash, and stays so in a copy and a pickle."""
    message, said = Message("+8613800138000", "login"), Verdict.accepted("id", segments=2)
    put_off = way(result_of_only_try(message, said.message_id, said, "tag", Try("alpha", AT, 0.25)))
    assert put_off == as_a_whole(message, said)
    assert hash(put_off) == hash(as_a_whole(message, said))


def test_what_is_set_stays() -> None:
    """A field that was set before it was asked for keeps its value when others are."""
    put_off = result_of_only_try(Message("+1", "login"), "id", Verdict.accepted("id"), "tag", Try("alpha", AT, 0.0))
    put_off.description = "mine"
    assert (put_off.code, put_off.description) == (None, "mine")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        put_off.nothing  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("to", ["+8613800138000", PhoneNumber("+8613800138000")])
def test_a_message_can_be_copied_and_stored(way: Any, to: Any) -> None:
    """A copy is equal and frozen, and its number is a `PhoneNumber`, however it was given."""
    message = Message(to, "login", {"code": "1"}, key="k", extend="1", on_unknown="stop", kind="code", expires_at=AT)
    copied = way(message)
    assert copied == message
    assert hash(copied) == hash(message)
    assert repr(copied) == repr(message)
    assert type(copied) is Message
    assert type(copied.to) is PhoneNumber
    assert copied.to is copied.to
    for name in ("to", "template", "params"):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(copied, name, "other")


def test_a_class_may_be_made_of_message() -> None:
    """With fields and a `__dict__` of its own, it has those of a message, and is no less frozen."""

    class Plain(Message):
        """One with a `__dict__`."""

    @attrs.frozen
    class WithCampaign(Message):
        campaign: str = attrs.field(default="none", kw_only=True)

    plain = Plain("+8613800138000", "login", key="k")
    own = WithCampaign("+8613800138000", "login", {"code": "1"}, campaign="spring")
    assert (plain.to, plain.key, own.to, own.params, own.campaign) == (own.to, "k", plain.to, {"code": "1"}, "spring")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        own.template = "other"  # type: ignore[misc]


def test_a_message_that_waits_takes_little() -> None:
    """A message takes at most 100 bytes beside its texts and the copy of its parameters."""
    payload = [(f"+8613{number:09}", {"code": f"{number:06}"}) for number in range(1000)]
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        mappings = [dict(params) for _, params in payload]
        between = tracemalloc.get_traced_memory()[0]
        messages = [Message(to, "login", params) for to, params in payload]
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(messages) == len(mappings)
    assert (after - between - (between - before)) / len(messages) <= 100
