"""What people and tests let happen in a sandbox, and what its vendors push: the base of `Sandbox`."""

import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager

from smsgate.sandbox.control import end_review, set_token_lifetime
from smsgate.sandbox.core import PushSettings
from smsgate.sandbox.events import ReportOrder, add_reply, add_report
from smsgate.sandbox.pushes.push import Push
from smsgate.sandbox.pushes.scheduler import PushScheduler
from smsgate.sandbox.state.history import History
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.store import HistoryStore
from smsgate.sandbox.watch import Watch
from smsgate.wire import HttpResponse

__all__ = ["Happenings"]


class Happenings:
    """Reports, replies, reviews, tokens and pushes. `Sandbox` sets what they work on."""

    _state: SandboxState
    _scheduler: PushScheduler
    _push_settings: PushSettings
    _history: History
    _store: HistoryStore | None

    def __init__(self) -> None:
        self._watch = Watch()
        # One request at a time: the server and the tests' own threads share the state, and a vendor's check and the
        # change that follows from it must not be torn apart.
        self._lock = threading.Lock()

    @contextmanager
    def _changing(self, now: float | None = None) -> Generator[None]:
        """Hold the lock; then save what has changed, and wake whoever waits for it. *now*: Unix seconds, if known."""
        with self._lock:
            before = self._history.version
            if now is not None:
                self._history.tick(now)
            yield
            has_changed = self._history.version != before
            if has_changed and self._store is not None:
                self._store.save(self._history)
        if has_changed:
            self._watch.wake()

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
        with self._changing(now):
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
        with self._changing(now):
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
        with self._changing(now):
            return self._scheduler.due(now)

    def settle_push(self, push: Push, response: HttpResponse | None, *, now: float, error: str = "") -> Push:
        """Note the answer to *push*, or that there was none: its vendor may retry later. Gives the noted push.

        One that was given out before a `reset()` or `clear()` is forgotten, as all else is: its `number` is 0.
        """
        with self._changing(now):
            made = self._scheduler.settle(push, response, now, error=error)
            if made.number:
                self._history.add_push(made)
            return made

    def is_tried_again(self, push: Push) -> bool:
        """Whether the vendor makes *push*, which was settled, once more."""
        with self._lock:
            return self._scheduler.is_tried_again(push)

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
