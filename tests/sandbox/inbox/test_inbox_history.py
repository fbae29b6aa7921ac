"""The history behind the inbox: bounded, and each change has a number from which a page can go on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_callers import NOW, TencentCaller

from smsgate.sandbox import Sandbox
from smsgate.sandbox.state import history as history_module
from smsgate.sandbox.state.history import CLEARED, History
from smsgate.sandbox.state.queue import SandboxReply


def reply(number: int) -> SandboxReply:
    return SandboxReply(sender="+8613788888888", text=str(number), time=0.0, entry=str(number))


def test_oldest_are_dropped() -> None:
    """`keep` bounds messages and the inbox; what was given out by `wait_for` before is not given again."""
    caller = TencentCaller(Sandbox(keep=3))
    for number in range(8):
        caller.sendsms(f"1378888888{number}")
        assert caller.sandbox.take_message(f"+861378888888{number}") is not None
    assert [message.to[-1] for message in caller.sandbox.messages] == ["5", "6", "7"]
    page = caller.sandbox.inbox.page()
    assert (page["total"], page["keep"]) == (3, 3)
    assert [entry["number"][-1] for entry in page["entries"]] == ["7", "6", "5"]
    assert len(caller.sandbox._history.exchanges) == 3
    assert len(caller.sandbox._watch._given) <= 8
    assert caller.sandbox.take_message("+8613788888887") is None


def test_bytes_of_requests_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large bodies push out the oldest requests; their entries stay."""
    caller = TencentCaller()
    monkeypatch.setattr(history_module, "_MOST_BYTES", 10_000)
    for _ in range(6):
        caller.sendsms(ext="x" * 3000)
    history = caller.sandbox._history
    assert len(history.entries) == 6
    assert 0 < len(history.exchanges) < 4
    assert sum(exchange.size for exchange in history.exchanges.values()) <= 10_000
    first = next(iter(history.entries))
    shown = caller.sandbox.inbox.entry(first, "http://localhost")
    assert shown is not None
    assert "request" not in shown


@given(st.lists(st.sampled_from("abcd"), max_size=40), st.integers(1, 5), st.integers(0, 45))
def test_changes_since_any_number_lead_to_the_newest(names: list[str], step: int, start: int) -> None:
    """From any number that is known, following the changes passes over none of them and ends at the newest."""
    history = History(100)
    for name in names:
        history._note(name)
    if start > history.version:
        assert history.since(start, step) is None
        return
    seen: list[str] = []
    version = start
    while version < history.version:
        found = history.since(version, step)
        assert found is not None
        assert version < found[0] <= version + step
        version = found[0]
        seen += found[1]
    assert set(seen) == set(names[start:])
    assert history.since(version, step) == (version, [])


def test_buffer_that_does_not_reach_back() -> None:
    """What was pushed out of the ring buffer cannot be caught up with."""
    history = History(10)
    for number in range(history_module._RING + 5):
        history._note(str(number))
    assert history.since(4, 10) is None
    assert history.since(5, 2) == (7, ["5", "6"])


def test_clearing_is_a_change_of_its_own() -> None:
    """Who was before it hears of it; nothing from before it is told after it."""
    history = History(10)
    history.add_reply("tencent", reply(1))
    before = history.version
    history.clear()
    history.add_reply("tencent", reply(2))
    assert history.since(before, 10) == (before + 2, [CLEARED, "2"])
    assert history.since(0, 10) is None


def test_dropped_message_takes_no_report() -> None:
    """A report on a message that is no longer kept changes nothing."""
    history = History(1)
    history.add_reply("tencent", reply(1))
    version = history.version
    history.add_report("gone", "DELIVRD", NOW, url="", waits=True)
    assert history.version == version
