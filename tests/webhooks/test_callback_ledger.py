"""An app with a ledger: committed first, then the handler, then the answer."""

import logging
import math
from collections.abc import Callable, Sequence

import pytest
from asgi_driver import TOKEN, parse_lines, post

from smsgate.model.errors import ConfigurationError, LedgerError
from smsgate.model.report import Reply, StatusReport
from smsgate.webhooks import CallbackApp, Route

pytestmark = pytest.mark.anyio
Event = StatusReport | Reply


class Sink:
    """Stores events, until its database is down, or has so many of them."""

    def __init__(self, told: list[str], room: float = math.inf) -> None:
        self.told = told
        self.room = room

    async def handle(self, event: Event, /) -> None:
        if self.room < 1:
            raise LedgerError("ledger: its database cannot be reached")
        self.room -= 1
        self.told.append(f"ledger {event.message_id}")


class BatchSink(Sink):
    """Stores all events of a push, or none."""

    async def handle_all(self, events: Sequence[Event], /) -> None:
        if self.room < len(events):
            raise LedgerError("ledger: its database cannot be reached")
        self.told.append(f"ledger {[event.message_id for event in events]}")


def app_for(told: list[str], handler: Callable[[Event], object] | None, sink: Sink) -> CallbackApp:
    return CallbackApp(handler, Route("lines", parse_lines, tokens=[TOKEN]), ledger=sink)


async def test_the_ledger_has_it_before_the_handler() -> None:
    """Each event is stored, then handled, and counted once."""
    told: list[str] = []
    app = app_for(told, lambda event: told.append(f"handler {event.message_id}"), Sink(told))
    answer = await post(app, b"1 DELIVERED\n2 PENDING\n")
    assert (answer.status, answer.body) == (200, b"got it")
    assert told == ["ledger 1", "ledger 2", "handler 1", "handler 2"]
    assert (app.counters.reports, app.counters.failed) == (2, 0)


async def test_a_push_is_one_call_of_a_ledger_that_takes_many() -> None:
    """It has all events of a push in one call, before the handler; if that fails, none is handled, and each counts."""
    told: list[str] = []
    sink = BatchSink(told)
    app = app_for(told, lambda event: told.append(f"handler {event.message_id}"), sink)
    assert (await post(app, b"1 DELIVERED\n2 PENDING\n")).status == 200
    assert told == ["ledger ['1', '2']", "handler 1", "handler 2"]
    sink.room = 1
    assert (await post(app, b"3 DELIVERED\n4 PENDING\n")).status == 503
    assert len(told) == 3
    assert (app.counters.reports, app.counters.failed) == (2, 2)


async def test_a_push_without_events_is_not_stored() -> None:
    """A push that has no valid event does not come to the ledger."""
    told: list[str] = []
    assert (await post(app_for(told, None, BatchSink(told)), b"bad\n")).status == 400
    assert told == []


async def test_a_ledger_needs_no_handler() -> None:
    """With a ledger the handler may be None; without both there is nothing to do, and that is said."""
    told: list[str] = []
    assert (await post(app_for(told, None, Sink(told)), b"1 DELIVERED\n")).status == 200
    assert told == ["ledger 1"]
    with pytest.raises(ConfigurationError, match=r"^handler: "):
        CallbackApp(None, Route("lines", parse_lines, tokens=[TOKEN]))
    with pytest.raises(ConfigurationError, match=r"^ledger: must have the method handle"):
        CallbackApp(None, Route("lines", parse_lines, tokens=[TOKEN]), ledger=object())  # type: ignore[arg-type]


async def test_the_database_is_down(caplog: pytest.LogCaptureFixture) -> None:
    """What the ledger does not have is not handled, and the vendor is told to push it again: 503."""
    told: list[str] = []
    sink = Sink(told)
    app = app_for(told, lambda event: told.append("handler"), sink)
    sink.room = 0
    answer = await post(app, b"1 DELIVERED\n2 PENDING\n")
    assert answer.status == 503
    assert told == []
    assert (app.counters.failed, app.counters.reports, app.counters.refused) == (2, 0, {503: 1})
    [line] = [record for record in caplog.records if record.levelno == logging.ERROR]
    why = "the ledger failed on 2 of 2 events: ledger: its database cannot be reached"
    assert f"503 Service Unavailable: {why}" in line.getMessage()
    sink.room = 2
    assert (await post(app, b"1 DELIVERED\n2 PENDING\n")).status == 200
    assert told == ["ledger 1", "ledger 2", "handler", "handler"]


async def test_what_the_handler_refuses_is_stored_all_the_same() -> None:
    """A handler that fails is answered with 500, and the ledger has the event."""
    told: list[str] = []

    def fail(event: Event) -> None:
        raise OSError

    assert (await post(app_for(told, fail, Sink(told)), b"1 DELIVERED\n")).status == 500
    assert told == ["ledger 1"]


async def test_the_ledger_counts_for_more_than_the_handler() -> None:
    """A push of which one event is not stored and another not handled is answered with 503."""
    told: list[str] = []

    def fail(event: Event) -> None:
        raise OSError

    assert (await post(app_for(told, fail, Sink(told, room=1)), b"1 DELIVERED\n2 DELIVERED\n")).status == 503
    assert told == ["ledger 1"]
