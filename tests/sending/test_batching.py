"""Which messages share a request, as a pure function of messages and times."""

from collections import Counter

import pytest
from fake_vendors import LOGIN, FakeVendor, alpha, login, number
from hypothesis import given
from hypothesis import strategies as st

from smsgate.sending.batching import Batcher
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.sending.preparer import Preparer

PREPARER = Preparer([LOGIN], ["alpha"], None)


def outgoing(index: int, code: str = "1", provider: FakeVendor | None = None) -> OutgoingMessage:
    order = [provider or alpha(batch_limit=4)]
    prepared = PREPARER.prepare(login(number(index), code), lambda *_: order, lambda: 0.0)
    assert isinstance(prepared, OutgoingMessage)
    return prepared


STREAMS = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from(["1", "2", "3", "alone"]), st.floats(0, 0.2)), max_size=60
)


@given(STREAMS, st.floats(0, 0.1))
def test_every_message_is_in_one_batch(stream: list[tuple[int, str, float]], linger: float) -> None:
    """Whatever comes when: each message once, equal keys only, no number twice, no batch above the limit."""
    provider = alpha(batch_limit=4, shares=lambda job: None if job.params[0] == "alone" else job.params[0])
    batcher, now, added = Batcher(linger), 0.0, list[OutgoingMessage]()
    batches: list[list[OutgoingMessage]] = []
    for index, code, later in stream:
        now += later
        added.append(outgoing(index, code, provider))
        batches += batcher.add(added[-1], now)
        while (due := batcher.due(now)) is not None:
            batches.append(due)
    batches += batcher.flush()
    assert not batcher
    assert Counter(map(id, added)) == Counter(id(message) for batch in batches for message in batch)
    for batch in batches:
        assert 1 <= len(batch) <= 4
        assert len({message.request_key() for message in batch}) == 1
        assert len({message.job.to for message in batch}) == len(batch)
        assert len(batch) == 1 or batch[0].job.params[0] != "alone"


@given(STREAMS, st.floats(0.01, 0.1))
def test_none_waits_longer_than_linger(stream: list[tuple[int, str, float]], linger: float) -> None:
    """Asked whenever `next_due` says, a batcher keeps no message longer than `linger`, whatever arrives meanwhile."""
    batcher, now, came = Batcher(linger), 0.0, dict[int, float]()

    def closed(batches: list[list[OutgoingMessage]], at: float) -> None:
        for message in [message for batch in batches for message in batch]:
            assert at - came.pop(id(message)) <= linger + 1e-9

    keep = []
    for index, code, later in stream:
        until = now + later
        while batcher and now + batcher.next_due(now) <= until:
            now += batcher.next_due(now)
            batch = batcher.due(now + 1e-9)
            assert batch is not None
            closed([batch], now)
        now = until
        message = outgoing(index, code)
        keep.append(message)
        came[id(message)] = now
        closed(batcher.add(message, now), now)
    closed(batcher.flush(), now)
    assert came == {}


def test_the_oldest_group_comes_first() -> None:
    """Groups are due in the order in which they were opened, however full others are."""
    batcher = Batcher(0.05)
    assert batcher.add(outgoing(0, "rare"), 1.0) == []
    for index in range(1, 4):
        assert batcher.add(outgoing(index, "common"), 1.01) == []
    assert batcher.next_due(1.02) == pytest.approx(0.03)
    assert batcher.due(1.04) is None
    due = batcher.due(1.055)
    assert due is not None
    assert [message.job.params[0] for message in due] == ["rare"]
    assert batcher.due(1.055) is None
    assert len(batcher.close_oldest()) == 3
    assert batcher.next_due(9.0) == 0.05


@pytest.mark.parametrize("groups", [10, 5_000])
def test_no_call_looks_at_all_groups(groups: int) -> None:
    """Adding to one of many groups touches that group alone: its neighbours' keys are not even compared."""
    compared = 0

    class Key:
        def __init__(self, name: int) -> None:
            self.name = name

        def __hash__(self) -> int:
            return hash(self.name)

        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return isinstance(other, Key) and other.name == self.name

    provider = alpha(batch_limit=500, shares=lambda job: Key(int(job.params[0])))
    batcher = Batcher(60.0)
    for index in range(groups):
        batcher.add(outgoing(index, str(index), provider), float(index))
    compared = 0
    batcher.add(outgoing(groups, "0", provider), float(groups))
    batcher.due(0.0)
    batcher.next_due(0.0)
    assert compared <= 3
