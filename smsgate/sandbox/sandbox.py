"""`Sandbox`: the simulated vendors, and what people and tests make happen. No socket, no clock of its own."""

import uuid
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import anyio

from smsgate.sandbox.config import SandboxConfig
from smsgate.sandbox.control import Controlled, Controls, control
from smsgate.sandbox.control.account import change_account, show_accounts
from smsgate.sandbox.control.ports import Ports
from smsgate.sandbox.core import (
    VENDORS,
    PushSettings,
    new_faults,
    recipients,
    respond,
    simulator_for,
    take_early_drop,
)
from smsgate.sandbox.events import follow, note_opt_out
from smsgate.sandbox.happenings import Happenings
from smsgate.sandbox.inbox.view import InboxView
from smsgate.sandbox.pushes.scheduler import PushScheduler
from smsgate.sandbox.seed import Seed
from smsgate.sandbox.state.answer import Answer, Drop
from smsgate.sandbox.state.entry import EntryState
from smsgate.sandbox.state.faults import Faults
from smsgate.sandbox.state.history import History
from smsgate.sandbox.state.message import AcceptedMessage
from smsgate.sandbox.state.records import RequestRecord
from smsgate.sandbox.state.report_plans import ReportPlan
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.store import HistoryStore
from smsgate.sandbox.watch import waker
from smsgate.wire import HttpRequest

__all__ = ["Sandbox"]

_REMEMBERED: Final = 1000
"""Refused requests."""
_SHOWN: Final = 10_000
"""Entries of the inbox, unless the sandbox keeps another number of messages."""


class Sandbox(Happenings):
    """Simulated vendors over one shared state. Safe to use from several threads.

    *lenient*: accept any template, parameter and signature. *pushes*: where and how reports and replies are pushed, in
    place of what *config* says. *new_id*: makes the vendors' message ids, a UUID each unless given. *keep*: how many
    messages are kept, the oldest are dropped; None for all of them, of which the inbox page shows the newest 10,000.
    *db*: an SQLite file in which the inbox is kept, and from which its messages are read at the start; raises
    `ConfigurationError` if it is something else.
    """

    def __init__(
        self,
        config: SandboxConfig | None = None,
        *,
        lenient: bool = False,
        pushes: PushSettings | None = None,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
        keep: int | None = None,
        db: str | Path | None = None,
    ) -> None:
        super().__init__()
        self._config = config or SandboxConfig()
        self._lenient, self._new_id = lenient, new_id
        self._push_settings = pushes or self._config.pushes
        self.faults: Faults = new_faults()
        """Makes vendors fail for the next requests."""
        self.ports: Ports | None = None
        """The ports of single vendors, set by the server that has some."""
        self.on_request: Callable[[RequestRecord], object] = lambda _: None
        """Called with each request to a vendor, after it was processed."""
        self._refused: deque[RequestRecord] = deque(maxlen=_REMEMBERED)
        self._seed: Seed | None = None
        self._keep = keep
        self._history = History(keep or _SHOWN)
        self._store = None
        self._reset(0.0)
        self.inbox: InboxView = InboxView(self._lock, self._history, lambda: self._state)
        """What the inbox page shows."""
        if db is not None:
            self._restore(HistoryStore(db))

    def _restore(self, store: HistoryStore) -> None:
        """Read what an earlier run has kept. A report that had not come by its end comes again."""
        store.load(self._history)
        self._store = store
        entries = list(self._history.entries.values())
        self._scheduler.count_from(max((push.number for each in entries for push in each.pushes), default=0) + 1)
        for entry in entries:
            if entry.kind is EntryState.REPLY:
                note_opt_out(self._state, entry.vendor, entry.number, entry.text)
            if entry.message is not None:
                self._state.messages.append(entry.message)
                entry.reports = [note for note in entry.reports if note.came]
                if not entry.reports:
                    follow(self._state, entry.message, entry.time)

    def close(self) -> None:
        """Close the file of the inbox, if there is one. Nothing is kept in it from then on."""
        with self._lock:
            if self._store is not None:
                self._store.close()
            self._store = None

    def handle(self, request: HttpRequest, *, now: float, client_address: str = "127.0.0.1") -> Answer:
        """Respond to *request* as its vendor would at *now* (Unix seconds). Never raises, whatever the request is.

        *client_address*: the IP address that it comes from, for accounts that allow some only.
        """
        with self._changing(now):
            self._state.client_address = client_address
            found = control(self._controls(), request, now) or self._respond(request, now)
        found.then()
        return found.answer

    def _respond(self, request: HttpRequest, now: float) -> Controlled:
        before = self._state.accepted
        answer, record = respond(self._state, self.faults, request, now)
        if record.refused:
            self._refused.append(record)
        count = self._state.accepted - before
        accepted = self._state.messages[-count:] if count else []
        self._history.add_exchange(record, request, answer, accepted, lambda: recipients(request))
        if record.struck:
            self._history.note_faults()
        return Controlled(answer, lambda: self.on_request(record))

    def claims(self, request: HttpRequest) -> bool:
        """Whether *request* is a vendor's call, so that a page for people is no answer to it."""
        return simulator_for(request) is not None

    @property
    def accounts(self) -> dict[str, dict[str, Any]]:
        """The state of each vendor's account, by vendor and field, as `GET /sandbox/account` shows it."""
        with self._lock:
            return show_accounts(self._state)

    def change_account(self, vendor: str, **changes: Any) -> None:
        """Change the state of a vendor's account, as `POST /sandbox/account` does. Raises `ValueError`."""
        with self._lock:
            change_account(self._state, {"vendor": vendor, **changes})

    def reset(self, *, now: float) -> None:
        """Be as at the start: no messages, faults, opt-outs or refusals; accounts and templates as configured.

        What `plant()` was given happens again, at *now* (Unix seconds).
        """
        with self._changing(now):
            self._reset(now)
        if self.ports is not None:
            self.ports.open()

    def _reset(self, now: float) -> None:
        formats = [each for vendor in VENDORS for each in vendor.push_formats]
        self._scheduler = PushScheduler(formats, self._push_settings)
        self._state = SandboxState(
            VENDORS,
            self._config.templates,
            self._config.signatures,
            lenient=self._lenient,
            history=self._history,
            keep=self._keep,
            new_id=self._new_id,
            pushes=self._scheduler,
            accounts=self._config.accounts,
        )
        self.faults.clear()
        self._history.clear()
        self._refused.clear()
        self._watch.forget()
        if self._seed is not None:
            self._seed.plant(self._controls(), now)

    def plant(self, seed: Seed, *, now: float) -> None:
        """Let happen at *now* (Unix seconds) what *seed* says, and again after each reset.

        Raises `ConfigurationError` for what makes no sense.
        """
        with self._changing(now):
            self._seed = seed
            seed.plant(self._controls(), now)

    def _controls(self) -> Controls:
        return Controls(
            state=self._state,
            faults=self.faults,
            ports=self.ports,
            refused=self._refused,
            push_again=self._push_again,
            reset=self._reset,
        )

    def _push_again(self, number: int, now: float) -> None:
        push = self._history.find_push(number)
        if push is None:
            raise LookupError(f"number: no push has the number {number}, or its message was dropped")
        self._scheduler.again(push, now)

    @property
    def refused(self) -> tuple[RequestRecord, ...]:
        """The newest 1,000 requests that a vendor refused, wholly or for a number of theirs, oldest first."""
        with self._lock:
            return tuple(self._refused)

    def take_message(self, to: str) -> AcceptedMessage | None:
        """The oldest message to the number *to* (E.164) that was not given out before, by this or by `wait_for()`."""
        with self._lock:
            return self._watch.take(self._state.messages, to)

    async def wait_for(self, to: str, timeout: float = 10.0) -> AcceptedMessage:
        """The next message to the number *to* (E.164): the oldest that was not given out before, or one to come.

        Raises `TimeoutError` after *timeout* seconds. Works on asyncio and trio.
        """
        with anyio.fail_after(timeout):
            while True:
                async with self.changes() as changed:
                    message = self.take_message(to)
                    if message is not None:
                        return message
                    await changed.wait()

    @asynccontextmanager
    async def changes(self) -> AsyncGenerator[anyio.Event]:
        """An event that is set by the next change of what the inbox shows, in whichever thread that is made."""
        event = anyio.Event()
        wake = waker(event)
        self._watch.add(wake)
        try:
            yield event
        finally:
            self._watch.remove(wake)

    def early_drop(self, request: HttpRequest, *, now: float) -> Drop | None:
        """The drop that comes before the body of *request* leaves at *now* (Unix seconds); the call uses it up."""
        with self._lock:
            return take_early_drop(self.faults, request, now)

    def plan_reports(self, *plans: ReportPlan) -> None:
        """Let other reports follow on messages than those of their numbers. What is set later decides first."""
        with self._lock:
            self._state.report_plans.add(*plans)

    @property
    def next_push_at(self) -> float | None:
        """When the next push is due (Unix seconds), or None if there is none to come."""
        with self._lock:
            return self._scheduler.next_due()

    @property
    def messages(self) -> tuple[AcceptedMessage, ...]:
        """The accepted messages, oldest first."""
        with self._lock:
            return tuple(self._state.messages)

    def messages_of(self, vendor: str) -> tuple[AcceptedMessage, ...]:
        """The messages that one vendor accepted, oldest first."""
        return tuple(message for message in self.messages if message.vendor == vendor)

    def clear(self) -> None:
        """Forget the accepted messages, their reports, replies, opt-outs and pushes, also those still to come."""
        with self._changing():
            self._state.forget()
            self._watch.forget()
