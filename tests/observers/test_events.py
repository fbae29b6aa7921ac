"""Observers are told of each request, failover, refusal and result once, with numbers masked."""

import json
import logging
from collections.abc import Collection
from typing import Any

import attrs
import httpx
import pytest
from fake_vendors import LOGIN, Call, Wire, alpha, beta, login, number
from ledger import messages

from smsgate import ConfigurationError, Gateway, Outcome, Policy, Reason
from smsgate.observers import (
    Event,
    FailedOver,
    LogObserver,
    MessageRefused,
    RequestEnded,
    RequestStarted,
    ResultRecorded,
)

pytestmark = pytest.mark.anyio


class Keeping:
    """An observer that keeps every event."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def observe(self, event: Event) -> None:
        self.events.append(event)

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


class Choosy(Keeping):
    """One that wants some events only."""

    def __init__(self, wants: Collection[type[Event]]) -> None:
        super().__init__()
        self.wants = wants


class Broken:
    """One that fails at everything."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def observe(self, event: Event) -> None:
        raise self._error


def gateway(wire: Wire, observer: Any, **options: Any) -> Gateway:
    return Gateway(
        [alpha(batch_limit=4), beta(batch_limit=4)], templates=[LOGIN], transport=wire, observer=observer, **options
    )


async def test_a_send_that_fails_over_is_told_in_order() -> None:
    """Each request is told before and after it, the failover between them, the result at the end."""
    seen = Keeping()
    wire = Wire(alpha=Reason.INSUFFICIENT_BALANCE)
    async with gateway(wire, seen) as gate:
        await gate.send(login(key="k-1", kind="code"))
    started, ended, over, again, done, result = seen.events
    assert [type(each).__name__ for each in seen.events] == (
        "RequestStarted RequestEnded FailedOver RequestStarted RequestEnded ResultRecorded".split()
    )
    assert isinstance(started, RequestStarted)
    assert isinstance(ended, RequestEnded)
    assert isinstance(result, ResultRecorded)
    assert (started.provider, started.messages, started.to) == ("alpha", 1, ("+86*******8000",))
    assert ended.id == started.id
    assert [attempt.reason for attempt in ended.attempts] == [Reason.INSUFFICIENT_BALANCE]
    assert over == FailedOver(left="alpha", provider="beta", reason=Reason.INSUFFICIENT_BALANCE, messages=1)
    assert isinstance(again, RequestStarted)
    assert isinstance(done, RequestEnded)
    assert (again.provider, done.id) == ("beta", again.id)
    assert (result.key, result.kind, result.outcome, result.provider) == ("k-1", "code", Outcome.ACCEPTED, "beta")
    assert len(result.attempts) == 2


async def test_a_refusal_is_told() -> None:
    """A message that is refused before any request has an event of its own, and its result."""
    seen = Keeping()
    async with gateway(Wire(), seen) as gate:
        [result] = [each async for each in gate.send_many([login("+861234")])]
    refused, recorded = seen.events
    assert isinstance(refused, MessageRefused)
    assert isinstance(recorded, ResultRecorded)
    assert (refused.reason, refused.description) == (Reason.INVALID_NUMBER, result.description)


async def test_every_message_of_a_bulk_send_has_one_result_and_one_attempt_told() -> None:
    """Requests are told once each, and what became of each message once."""
    seen = Keeping()
    async with gateway(Wire(alpha={number(3): Reason.BLOCKLISTED}), seen) as gate:
        results = [each async for each in gate.send_many(messages(10), linger=60)]
    assert sum(each.messages for each in seen.of(RequestStarted)) == 10
    assert sum(len(each.attempts) for each in seen.of(RequestEnded)) == 10
    assert len(seen.of(ResultRecorded)) == len(results) == 10
    assert [each.reason for each in seen.of(ResultRecorded) if each.reason] == [Reason.BLOCKLISTED]


async def test_nothing_told_shows_a_number_or_a_parameter() -> None:
    """No event has a full number or a parameter, whatever is read of it."""
    seen = Keeping()
    refused = httpx.Response(500, text="no room for +8613800138000 with 4821")
    async with gateway(Wire(alpha=[refused, httpx.ConnectError("x"), None]), seen) as gate:
        for to in ("+8613800138000", "+8613900139000", "+86123"):
            [_] = [each async for each in gate.send_many([login(to, "4821")], linger=0)]
    text = json.dumps([attrs.asdict(event) for event in seen.events], default=str) + repr(seen.events)
    for secret in ("13800138000", "13900139000", "4821"):
        assert secret not in text


async def test_an_observer_is_told_what_it_wants() -> None:
    """`wants` limits what an observer is told, for each of several on its own."""
    some, all_of_it = Choosy([ResultRecorded]), Keeping()
    async with gateway(Wire(), [some, all_of_it]) as gate:
        await gate.send(login())
    assert [type(event) for event in some.events] == [ResultRecorded]
    assert len(all_of_it.events) == 3


@pytest.mark.parametrize("error", [ValueError("code 4821"), SystemExit(3), KeyboardInterrupt()], ids=repr)
async def test_a_broken_observer_breaks_nothing(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    """What an observer raises is logged, and neither the send nor the next observer notices."""
    seen = Keeping()
    async with gateway(Wire(alpha=Reason.INSUFFICIENT_BALANCE), [Broken(error), seen]) as gate:
        result = await gate.send(login())
    assert result.provider == "beta"
    assert len(seen.events) == 6
    lines = [record.getMessage() for record in caplog.records if "observer Broken failed" in record.getMessage()]
    assert len(lines) == 6
    assert "4821" not in caplog.text


async def test_an_event_comes_while_the_request_is_on_its_way() -> None:
    """`RequestStarted` is told before the vendor has the request, `RequestEnded` after its response."""
    seen = Keeping()
    then: list[int] = []

    async def look(call: Call) -> None:
        then.append(len(seen.events))

    async with gateway(Wire(alpha=look), seen) as gate:
        await gate.send(login())
    assert then == [1]


@pytest.mark.parametrize(
    "observer", [object(), Keeping, "log", [LogObserver(), 3]], ids=["object", "class", "text", "list"]
)
async def test_what_is_no_observer_is_refused(observer: object) -> None:
    """A gateway takes observers only, and says so when it is made."""
    with pytest.raises(ConfigurationError, match=r"observer: must have a method observe\(event\)"):
        gateway(Wire(), observer)


async def test_the_log_has_facts_beside_its_words(caplog: pytest.LogCaptureFixture) -> None:
    """The lines of `LogObserver` have their facts as attributes that a JSON formatter finds."""
    caplog.set_level(logging.INFO, "smsgate")
    async with gateway(Wire(alpha=Reason.INSUFFICIENT_BALANCE), None) as gate:
        await gate.send(login())
    ended, over = [vars(record) for record in caplog.records]
    assert ended["smsgate_event"] == "request_ended"
    assert (ended["smsgate_provider"], ended["smsgate_reason"], ended["smsgate_failed"]) == (
        "alpha",
        "INSUFFICIENT_BALANCE",
        1,
    )
    assert (over["smsgate_event"], over["smsgate_left"], over["smsgate_provider"]) == ("failed_over", "alpha", "beta")


async def test_no_observer_at_all() -> None:
    """An empty list of observers is one: nothing is told, also not to the log."""
    async with gateway(Wire(alpha=httpx.ReadError("gone")), [], policy=Policy()) as gate:
        assert (await gate.send(login())).outcome is Outcome.UNKNOWN
