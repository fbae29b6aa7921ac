"""What is written of a send: the ledger around each request, and `on_result` and the observers at its end.

All of it calls code that is not ours, or may fail. None of it changes what was sent.
"""

import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

from smsgate.model.masking import describe_failure
from smsgate.model.reason import Outcome
from smsgate.model.result import Result
from smsgate.observers.attempts import RequestAttempts
from smsgate.observers.events import MessageRefused, ResultRecorded, message_refused, result_recorded
from smsgate.observers.observer import Emitter
from smsgate.sending.keys import Keys
from smsgate.sending.ledger import Ledger, SendRequest
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.transport.tasks import BackgroundTasks

__all__ = ["Recorder"]

logger: Final = logging.getLogger("smsgate")

_NOT_IN_TIME: Final = "no end before the gateway closed"


class Recorder:
    """Calls the ledger and `on_result`, where the gateway was given them, and survives what they raise."""

    def __init__(
        self,
        tasks: BackgroundTasks,
        on_result: Callable[[Result], Awaitable[object] | object] | None,
        ledger: Ledger | None,
        events: Emitter,
        keys: Keys | None = None,
    ) -> None:
        self._tasks = tasks
        self._events = events
        self.keys: Keys | None = keys
        """The keys of messages on their way, which `record` gives back."""
        self._failures = 0
        self._on_result = on_result
        self.ledger: Ledger | None = ledger
        self.records_results: bool = on_result is not None or any(map(events.wants, (MessageRefused, ResultRecorded)))
        """Whether `record` has anything to do."""
        self._open: set[str] = set()
        """The ids of requests for which `leaving` was called and `left` was not."""

    @property
    def failures(self) -> int:
        """How many calls of `on_result`, and of the ledger after a request, failed."""
        return self._failures + (0 if self.keys is None else self.keys.failures)

    async def leaving(self, request: SendRequest) -> bool:
        """Whether it is recorded that *request* is about to leave. Nothing may be sent otherwise."""
        if self.ledger is None:
            return True
        self._open.add(request.id)
        try:
            await self.ledger.leaving(request)
        except Exception as error:
            self._open.discard(request.id)
            logger.error("ledger: a request to %s is not sent: %s", request.provider, describe_failure(error))
            return False
        return True

    async def left(self, request: SendRequest, messages: Sequence[OutgoingMessage]) -> None:
        """Record what a request led to for its *messages*, if it was recorded that it leaves."""
        if self.ledger is None or request.id not in self._open:
            return
        self._open.discard(request.id)
        try:
            attempts = RequestAttempts([message.result or message.attempts[-1] for message in messages])
            if await self._tasks.shielded(self.ledger.left(request, attempts)):
                return
            failure = _NOT_IN_TIME
        except GeneratorExit:
            raise
        except BaseException as error:  # also a cancellation: the results must be recorded all the same
            failure = describe_failure(error)
        self._failures += 1
        logger.error("ledger: a request to %s was made: %s", request.provider, failure)

    async def conclude_keys(self, messages: Iterable[OutgoingMessage]) -> None:
        """Give back the keys that *messages* have, which go no further: once for all, before each is recorded."""
        if self.keys is not None and self.keys.any_held:
            await self.keys.conclude([message.conclude() for message in messages])

    async def record(self, result: Result) -> None:
        """Tell the observers, then call `on_result`, which is let finish whoever is cancelled meanwhile.

        What it raises is counted and logged, a cancellation or a `SystemExit` among it: it cannot undo what was sent,
        and must not cost the next message its record. Who calls this asks `cancelled_natively()` before it goes on.
        """
        if self.keys is not None and self.keys.any_held:
            await self.keys.conclude([result])
        self._tell(result)
        if self._on_result is None:
            return
        try:
            returned = self._on_result(result)
            if not inspect.isawaitable(returned) or await self._tasks.shielded(returned):
                return
            failure = _NOT_IN_TIME
        except GeneratorExit:  # the coroutine itself is being closed: nothing can be awaited here any more
            raise
        except BaseException as error:
            failure = describe_failure(error)
        self._failures += 1
        logger.error("on_result failed with %s for: %s", failure, result.summary())

    def _tell(self, result: Result) -> None:
        if not result.attempts and result.outcome is Outcome.REJECTED and self._events.wants(MessageRefused):
            self._events.emit(message_refused(result))
        if self._events.wants(ResultRecorded):
            self._events.emit(result_recorded(result))
