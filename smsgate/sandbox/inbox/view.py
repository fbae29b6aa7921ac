"""What the inbox shows of a sandbox, as plain data."""

import threading
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

from smsgate.sandbox.core import SIMULATORS
from smsgate.sandbox.inbox.copies import as_curl, as_program, as_pytest
from smsgate.sandbox.inbox.masking import raw_request, raw_response
from smsgate.sandbox.inbox.timeline import timeline_of
from smsgate.sandbox.simulator import Simulator
from smsgate.sandbox.state.entry import Entry, Exchange
from smsgate.sandbox.state.history import CLEARED, FAULTS, History
from smsgate.sandbox.state.state import SandboxState

__all__ = ["InboxView"]

_BATCH: Final = 200
"""Changes that share an event."""


class InboxView:
    """The entries of a sandbox. Made by the `Sandbox` that it belongs to."""

    def __init__(self, lock: threading.Lock, history: History, state: Callable[[], SandboxState]) -> None:
        self._lock, self._history, self._state = lock, history, state

    def page(self, before: int | None = None, limit: int = 1000) -> dict[str, Any]:
        """The newest entries, newest first: those before the serial number *before*, at most *limit*.

        "event" is the id from which a stream of events goes on.
        """
        with self._lock:
            history = self._history
            older = (each for each in reversed(history.entries.values()) if before is None or each.serial < before)
            found = list(islice(older, limit))
            return {
                "event": f"{history.epoch}-{history.version}",
                "keep": history.keep,
                "total": len(history.entries),
                "entries": [_summary(entry) for entry in found],
            }

    def entry(self, id: str, base_url: str) -> dict[str, Any] | None:
        """Everything about one entry, or None. *base_url*: where the sandbox listens."""
        with self._lock:
            entry = self._history.entries.get(id)
            return None if entry is None else self._detail(entry, base_url)

    def interfaces(self, base_url: str) -> list[dict[str, Any]]:
        """What is simulated: accounts, codes, and a program that sends."""
        return [_interface(simulator, base_url) for simulator in SIMULATORS]

    def events_after(self, id: str) -> tuple[str, list[tuple[str, Any]]]:
        """The events after the one with that *id*, each with its data, and the id that they reach to.

        An id that is not known, or too old, gives the one event "reset": read the page again.
        """
        with self._lock:
            history = self._history
            epoch, _, version = id.partition("-")
            known = epoch == history.epoch and version.isascii() and version.isdigit()
            found = history.since(int(version), _BATCH) if known else None
            if found is None:
                return f"{history.epoch}-{history.version}", [("reset", None)]
            return f"{history.epoch}-{found[0]}", list(self._events(found[1]))

    def _events(self, changed: list[str]) -> Iterator[tuple[str, Any]]:
        if CLEARED in changed:
            yield "clear", None
        entries = [self._history.entries[id] for id in changed if id in self._history.entries]
        if entries:
            yield "entries", [_summary(entry) for entry in entries]
        if FAULTS in changed:
            yield "faults", None

    def _detail(self, entry: Entry, base_url: str) -> dict[str, Any]:
        exchange = self._history.exchanges.get(entry.exchange or 0)
        message = entry.message.as_json() if entry.message else None
        detail = {**_summary(entry), "message": message, "timeline": timeline_of(entry, exchange)}
        return {**detail, "pytest": as_pytest(entry), **(self._raw(exchange, base_url) if exchange else {})}

    def _raw(self, exchange: Exchange, base_url: str) -> dict[str, Any]:
        simulator = next((each for each in SIMULATORS if each.name == exchange.record.vendor), None)
        steps = simulator.explain(self._state(), exchange.request, exchange.record.time) if simulator else ()
        return {
            "request": raw_request(exchange.request),
            "response": raw_response(exchange.response) if exchange.response else None,
            "signature": [step.as_json() for step in steps],
            "curl": as_curl(exchange.request, base_url),
        }


def _summary(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "serial": entry.serial,
        "time": entry.time,
        "state": entry.state.value,
        "reply": entry.kind.value == "reply",
        "vendor": entry.vendor,
        "interface": entry.interface,
        "number": entry.number,
        "text": entry.text,
        "code": entry.message.code if entry.message else None,
        "segments": entry.message.segments if entry.message else None,
        "refusal": " ".join(filter(None, (entry.code, entry.words))),
        "why": entry.why,
        "unanswered": sum(not push.acknowledged for push in entry.pushes[-1:]),
    }


def _interface(simulator: Simulator, base_url: str) -> dict[str, Any]:
    reports = dict.fromkeys(codes.report for codes in simulator.codes.values() if codes.report)
    return {
        "name": simulator.name,
        "vendor": simulator.vendor.name,
        "sends": bool(simulator.codes),
        "account": dict(simulator.accounts),
        "reports": list(reports),
        "refusals": list(simulator.refusals),
        "program": as_program(simulator, base_url),
    }
