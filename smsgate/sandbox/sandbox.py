"""`Sandbox`: the simulated vendors, and what people and tests make happen. No socket, no clock of its own."""

import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final

import anyio

from smsgate.sandbox.config import SandboxConfig
from smsgate.sandbox.control import Controlled, Controls, control, end_review, set_token_lifetime
from smsgate.sandbox.control.account import change_account, show_accounts
from smsgate.sandbox.control.ports import Ports
from smsgate.sandbox.core import VENDORS, PushSettings, new_faults, respond, simulator_for, take_early_drop
from smsgate.sandbox.events import ReportOrder, add_reply, add_report
from smsgate.sandbox.pushes.push import Push
from smsgate.sandbox.pushes.scheduler import PushScheduler
from smsgate.sandbox.seed import Seed
from smsgate.sandbox.state.answer import Answer, Drop
from smsgate.sandbox.state.faults import Faults
from smsgate.sandbox.state.message import AcceptedMessage
from smsgate.sandbox.state.records import RequestRecord
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.watch import Watch, waker
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["Sandbox"]

_REMEMBERED: Final = 1000
"""Refused requests."""


class Sandbox:
    """Simulated vendors over one shared state. Safe to use from several threads.

    *lenient*: accept any template, parameter and signature. *pushes*: where and how reports and replies are pushed, in
    place of what *config* says. *new_id*: makes the vendors' message ids, a UUID each unless given.
    """

    def __init__(
        self,
        config: SandboxConfig | None = None,
        *,
        lenient: bool = False,
        pushes: PushSettings | None = None,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
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
        self._watch = Watch()
        self._seed: Seed | None = None
        # One request at a time: the server and the tests' own threads share the state, and a vendor's check and the
        # change that follows from it must not be torn apart.
        self._lock = threading.Lock()
        self._reset(0.0)

    def handle(self, request: HttpRequest, *, now: float, client_address: str = "127.0.0.1") -> Answer:
        """Respond to *request* as its vendor would at *now* (Unix seconds). Never raises, whatever the request is.

        *client_address*: the IP address that it comes from, for accounts that allow some only.
        """
        with self._lock:
            self._state.client_address = client_address
            found = control(self._controls(), request, now) or self._respond(request, now)
        found.then()
        return found.answer

    def _respond(self, request: HttpRequest, now: float) -> Controlled:
        answer, record = respond(self._state, self.faults, request, now)
        if record.refused:
            self._refused.append(record)

        def then() -> None:
            self._watch.wake()
            self.on_request(record)

        return Controlled(answer, then)

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
        with self._lock:
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
            new_id=self._new_id,
            pushes=self._scheduler,
            accounts=self._config.accounts,
        )
        self.faults.clear()
        self._refused.clear()
        self._watch.forget()
        if self._seed is not None:
            self._seed.plant(self._controls(), now)

    def plant(self, seed: Seed, *, now: float) -> None:
        """Let happen at *now* (Unix seconds) what *seed* says, and again after each reset.

        Raises `ConfigurationError` for what makes no sense.
        """
        with self._lock:
            self._seed = seed
            seed.plant(self._controls(), now)

    def _controls(self) -> Controls:
        return Controls(
            state=self._state, faults=self.faults, ports=self.ports, refused=self._refused, reset=self._reset
        )

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
                event = anyio.Event()
                wake = waker(event)
                self._watch.add(wake)
                try:
                    message = self.take_message(to)
                    if message is not None:
                        return message
                    await event.wait()
                finally:
                    self._watch.remove(wake)

    def early_drop(self, request: HttpRequest) -> Drop | None:
        """The drop that comes before the body of *request* leaves, if one is set; the call uses it up."""
        with self._lock:
            return take_early_drop(self.faults, request)

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
        with self._lock:
            self._state.forget()
            self._watch.forget()

    def review(self, vendor: str, kind: str, id: str, state: str, reason: str = "") -> None:
        """End the review of a template or signature, as `POST /sandbox/review` does.

        *kind*: "template" or "signature". *id*: the one of management calls or, for a template, the one of sends.
        *state*: "approved", "rejected" or "pending". Raises `ValueError` for others and `LookupError` if there is
        no such entry.
        """
        with self._lock:
            end_review(self._state, vendor, kind, id, state, reason)

    def report(
        self,
        *,
        now: float,
        message_id: str | None = None,
        to: str | None = None,
        code: str | None = None,
        times: int = 1,
        segment: tuple[int, int] | None = None,
        reported_at: float | None = None,
        sub_error: str = "",
        sub_error_description: str = "",
    ) -> None:
        """Let a report come at *now* (Unix seconds), as `POST /sandbox/reports` does.

        On the message with *message_id*, or the newest one to the number *to* (E.164). *code*: the vendor's, that of
        its number unless given. *segment*: part and total, for vendors that report on each part; without it, all parts.
        *reported_at*: its date in Unix seconds. *sub_error* and its text: a finer code of the failure, where the vendor
        has one. Raises `LookupError` for an unknown message, `ValueError` for what makes no sense.
        """
        order = ReportOrder(
            message_id=message_id,
            to=to,
            code=code,
            times=times,
            segment=segment,
            reported_at=reported_at,
            sub_error=sub_error,
            sub_error_description=sub_error_description,
        )
        with self._lock:
            add_report(self._state, order, now)

    def reply(
        self,
        sender: str,
        text: str,
        *,
        now: float,
        vendor: str | None = None,
        to: str = "",
        signature: str | None = None,
        extend: str | None = None,
    ) -> None:
        """Let a person's reply come at *now* (Unix seconds), as `POST /sandbox/replies` does.

        *sender*: their number in E.164. *vendor*: the first of the registry unless given; a reply waits to be pulled
        where that vendor has a queue and does not push it. *to*: the number that they sent it to, where the vendor
        says so. *signature*, *extend*: of the message that they reply to; unless given, *extend* is that of the last
        message to them. Raises `ValueError` for what makes no sense.
        """
        with self._lock:
            add_reply(self._state, sender, text, now, vendor=vendor, to=to, signature=signature, extend=extend)

    @property
    def push_settings(self) -> PushSettings:
        """Where and how reports and replies are pushed. Setting it concerns what comes from then on."""
        return self._push_settings

    @push_settings.setter
    def push_settings(self, settings: PushSettings) -> None:
        with self._lock:
            self._push_settings = self._scheduler.settings = settings

    def due_pushes(self, *, now: float) -> list[Push]:
        """The pushes that are due at *now* (Unix seconds), each given out once. Make each `push.request`.

        `SandboxServer` does this by itself. Without one: send them, and hand each answer to `settle_push()`.
        """
        with self._lock:
            return self._scheduler.due(now)

    def settle_push(self, push: Push, response: HttpResponse | None, *, now: float, error: str = "") -> Push:
        """Note the answer to *push*, or that there was none: its vendor may retry later. Gives the noted push."""
        with self._lock:
            return self._scheduler.settle(push, response, now, error=error)

    def put_back_pushes(self, pushes: Iterable[Push]) -> None:
        """Let *pushes* be due again, which were given out and not made."""
        with self._lock:
            self._scheduler.put_back(pushes)

    @property
    def pushes(self) -> tuple[Push, ...]:
        """The newest 10,000 pushes that were made, each try, oldest first."""
        with self._lock:
            return tuple(self._scheduler.log)

    def expire_tokens(self) -> None:
        """Withdraw every token that a vendor has issued, as `POST /sandbox/expire-tokens` does."""
        with self._lock:
            self._state.expire_tokens()

    @property
    def token_lifetime(self) -> float:
        """Seconds for which vendors' tokens are good, 24 hours at first. Setting it concerns new tokens only."""
        return self._state.token_lifetime

    @token_lifetime.setter
    def token_lifetime(self, seconds: float) -> None:
        with self._lock:
            set_token_lifetime(self._state, seconds)
