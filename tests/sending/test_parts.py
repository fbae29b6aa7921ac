"""The parts of a gateway that have to do with an event loop are made with its first use, once."""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from fake_vendors import Wire, alpha

from smsgate import Gateway
from smsgate.observers import Event, HealthChanged
from smsgate.sending import parts

THREADS = 8


class Notes:
    """An observer."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def observe(self, event: Event) -> None:
        self.events.append(event)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[parts.Parts]:
    """Whatever parts are made."""
    found: list[parts.Parts] = []

    class Counted(parts.Parts):
        def __init__(self, *args: object) -> None:
            found.append(self)
            super().__init__(*args)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(parts, "Parts", Counted)
    return found


def test_they_are_made_with_the_first_use(made: list[parts.Parts]) -> None:
    """A gateway that is made, shown, and asked for its health and templates has none; its first use makes them."""
    gateway = Gateway([alpha()])
    assert (repr(gateway), [*gateway.health()], gateway.templates) == ("Gateway(alpha)", ["alpha"], ())
    assert not made
    assert (gateway.failed_records, len(made)) == (0, 1)
    assert (gateway.failed_records, len(made)) == (0, 1)


def test_what_only_they_can_check_makes_them_at_once(made: list[parts.Parts]) -> None:
    """A transport of the caller's is checked when the gateway is made, not by a message whose fate is then unknown."""
    Gateway([alpha()], transport=Wire())
    assert len(made) == 1


def test_they_are_made_once(made: list[parts.Parts]) -> None:
    """Metrics that another thread reads while the first message is sent see the parts that it is sent with."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(THREADS) as threads:
            for _ in range(20):
                gateway, barrier = Gateway([alpha()]), Barrier(THREADS)

                def first_use(gateway: Gateway = gateway, barrier: Barrier = barrier) -> parts.Parts:
                    barrier.wait()
                    return gateway._parts

                made.clear()
                seen = {id(each.result()) for each in [threads.submit(first_use) for _ in range(THREADS)]}
                assert (len(seen), len(made)) == (1, 1)
    finally:
        sys.setswitchinterval(interval)


def test_a_mark_before_the_first_message_is_told() -> None:
    """An observer learns of a provider that is marked down before anything was sent."""
    notes = Notes()
    gateway = Gateway([alpha()], observer=notes)
    gateway.mark("alpha", "down", why="maintenance")
    [event] = notes.events
    assert isinstance(event, HealthChanged)
    assert (event.provider, event.why) == ("alpha", "maintenance")
