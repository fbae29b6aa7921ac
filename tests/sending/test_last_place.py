"""A message that differs from the last one in number alone is put where that one went, as if it were sorted anew."""

from collections.abc import Callable, Hashable, Iterator
from datetime import UTC, datetime
from typing import Any, Literal
from unittest import mock

import anyio
import attrs
import pytest
from fake_vendors import LOGIN, FakeVendor, Wire, login, number
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Gateway, Job, Message, PhoneNumber, Template
from smsgate.sending import bulk
from smsgate.sending.last_place import LastPlace

LIMIT = 9
OTHER = Template("other", params=("code", "minutes"), ids={"alpha": "a-2", "beta": "b-2"})


@attrs.define
class Sorting(FakeVendor):
    """One that treats numbers of a country alike, and takes few numbers and little text at a time."""

    batch_limit: int = LIMIT
    shares: Callable[[Job], Hashable | None] = lambda job: (job.template_id, job.to.calling_code)
    weight_limit: int = 40

    def number_kind(self, to: PhoneNumber) -> Hashable:
        return to.calling_code

    def weight(self, job: Job) -> int:
        return sum(map(len, job.params))

    def text_key(self, job: Job) -> Hashable:
        return job.params


@attrs.frozen
class Note(Message):
    """A message of the caller's own kind."""

    about: str = "order 7"


UNUSUAL: list[dict[str, Any]] = [
    *({"key": "order-1"}, {"key": ""}, {"extend": "01"}, {"kind": "marketing"}, {"on_unknown": "failover"}),
    *({"to": "+6581234567"}, {"to": "+861064912345678"}, {"to": "x"}, {"to": PhoneNumber(number(1))}),
    *({"to": f" {number(2)}"}, {"expires_at": datetime(1960, 1, 1, tzinfo=UTC)}),
]
RUNS = st.lists(
    st.tuples(
        st.sampled_from(["login", "login", "other", "none"]),
        st.sampled_from(["1", "1", "1", "x" * 12, "x" * 30, "x" * 30, "", "\n"]),
        st.lists(
            st.tuples(
                st.integers(0, 20), st.sampled_from([*[{}] * 20, *UNUSUAL]), st.sampled_from([*[Message] * 9, Note])
            ),
            min_size=1,
            max_size=12,
        ),
    ),
    min_size=1,
    max_size=7,
)
MARKS = st.dictionaries(st.integers(0, 40), st.sampled_from(["up", "down"]), max_size=3)


def sent(messages: list[Message], marks: dict[int, Literal["up", "down"]], **options: Any) -> tuple[Any, int]:
    """What is sent and how it ends, if *marks* are set while the messages are read; and how many took the short way."""
    wire, put = Wire(), list[bool]()
    gateway = Gateway([Sorting("alpha"), Sorting("beta")], templates=[LOGIN, OTHER], transport=wire)

    def source() -> Iterator[Message]:
        for index, message in enumerate(messages):
            if index in marks:
                gateway.mark("alpha", marks[index])
            yield message

    def noting(place: LastPlace, message: Message, original: Any = LastPlace.put) -> bool:
        put.append(original(place, message))
        return put[-1]

    async def run() -> object:
        given = source() if marks else messages
        async with gateway:
            # What the event loop does meanwhile depends on the time that reading takes: it is not to.
            with mock.patch.object(LastPlace, "put", noting), mock.patch.object(bulk, "_SECONDS_PER_CHECKPOINT", 60.0):
                results = [each async for each in gateway.send_many(given, concurrency=1, **options)]
        told = [(each.message, each.outcome, each.provider, each.reason, each.description) for each in results]
        return told, gateway._router.budget.messages  # pyright: ignore[reportPrivateUsage]

    said = anyio.run(run)
    return (said, [(call.vendor, call.to) for call in wire.calls]), sum(put)


@pytest.mark.parametrize("options", [{}, {"window": 7}], ids=str)
@given(runs=RUNS, marks=st.just(dict[int, str]()) | MARKS)
def test_each_goes_where_it_would_go(options: dict[str, Any], runs: Any, marks: dict[int, Any]) -> None:
    """With the short way and without it: the same requests, with the same numbers in them, and the same results."""
    messages = [
        kind(**{"to": number(index), "template": template, "params": {"code": code, "minutes": "5"}, **more})
        for template, code, each in runs
        for index, more, kind in each
    ]
    short, _ = sent(messages, marks, linger=60, **options)
    with mock.patch.object(LastPlace, "of", return_value=None):
        long, put = sent(messages, marks, linger=60, **options)
    assert put == 0
    assert short == long


def test_most_of_a_large_send_take_the_short_way() -> None:
    """All but the first and the last of each request, and three more before their text is known to be likely."""
    (_, calls), put = sent([login(number(index)) for index in range(10 * LIMIT)], {}, linger=60)
    assert [len(to) for _, to in calls] == [LIMIT] * 10
    assert put == 10 * (LIMIT - 2) - 3


def test_nothing_is_held_back_without_linger() -> None:
    """Each message is dispatched as soon as there is room, so that none is put to others without a look for that."""
    (_, calls), put = sent([login(number(index)) for index in range(3 * LIMIT)], {}, linger=0)
    assert put == 0
    assert calls[0] == ("alpha", (number(0),))
