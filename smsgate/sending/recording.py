"""What is written of a send: the ledger around each request, `on_result` at its end, and the log.

All of it calls code that is not ours, or may fail. None of it changes what was sent.
"""

import inspect
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from smsgate.model.masking import describe_failure
from smsgate.model.message import Attempt, Result
from smsgate.model.reason import Fault, Outcome
from smsgate.sending.ledger import Ledger, SendRequest
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.transport.loop import BackgroundTasks

__all__ = ["Recorder", "log_attempts", "log_failover"]

logger: Final = logging.getLogger("smsgate")

_NOT_IN_TIME: Final = "no end before the gateway closed"


class Recorder:
    """Calls the ledger and `on_result`, where the gateway was given them, and survives what they raise."""

    def __init__(
        self,
        tasks: BackgroundTasks,
        on_result: Callable[[Result], Awaitable[object] | object] | None,
        ledger: Ledger | None,
    ) -> None:
        self._tasks = tasks
        self.failures: int = 0
        """How many calls of `on_result` and of the ledger's `left` failed."""
        self._on_result = on_result
        self._ledger = ledger
        self.records_results: bool = on_result is not None
        """Whether there is an `on_result` to call."""
        self._open: set[str] = set()
        """The ids of requests for which `leaving` was called and `left` was not."""

    async def leaving(self, request: SendRequest) -> bool:
        """Whether it is recorded that *request* is about to leave. Nothing may be sent otherwise."""
        if self._ledger is None:
            return True
        self._open.add(request.id)
        try:
            await self._ledger.leaving(request)
        except Exception as error:
            self._open.discard(request.id)
            logger.error("ledger: a request to %s is not sent: %s", request.provider, describe_failure(error))
            return False
        return True

    async def left(self, request: SendRequest, messages: Sequence[OutgoingMessage]) -> None:
        """Record what a request led to for its *messages*, if it was recorded that it leaves."""
        if self._ledger is None or request.id not in self._open:
            return
        self._open.discard(request.id)
        try:
            attempts = [message.attempts[-1] for message in messages]
            if await self._tasks.shielded(self._ledger.left(request, attempts)):
                return
            failure = _NOT_IN_TIME
        except GeneratorExit:
            raise
        except BaseException as error:  # also a cancellation: the results must be recorded all the same
            failure = describe_failure(error)
        self.failures += 1
        logger.error("ledger: a request to %s was made: %s", request.provider, failure)

    async def record(self, result: Result) -> None:
        """Call `on_result`, which is let finish whoever is cancelled meanwhile.

        What it raises is counted and logged, a cancellation or a `SystemExit` among it: it cannot undo what was sent,
        and must not cost the next message its record. Who calls this asks `cancelled_natively()` before it goes on.
        """
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
        self.failures += 1
        logger.error("on_result failed with %s for: %s", failure, result.summary())


def log_attempts(provider: str, messages: Sequence[OutgoingMessage]) -> None:
    """One line for a request that failed for some of its messages.

    A warning if some of them may have been sent, or if the account is at fault and every further request fails alike.
    """
    failed = [message.attempts[-1] for message in messages if message.result is None]
    if not failed:
        return
    causes = Counter((each.outcome, each.reason, each.code) for each in failed)
    urgent = any(_is_urgent(attempt) for attempt in failed)
    logger.log(
        logging.WARNING if urgent else logging.INFO,
        "%s: %d of %d messages not accepted: %s; the first: %s",
        provider,
        len(failed),
        len(messages),
        ", ".join(f"{' '.join(map(str, filter(None, cause)))} ({count})" for cause, count in causes.items()),
        failed[0].description or "no description",
    )


def _is_urgent(attempt: Attempt) -> bool:
    at_fault = attempt.reason.rule.fault if attempt.reason else None
    return attempt.outcome is Outcome.UNKNOWN or at_fault is Fault.ACCOUNT


def log_failover(onward: Sequence[OutgoingMessage]) -> None:
    """One warning for each provider that messages leave for another one."""
    left = [message for message in onward if message.attempts[-1].provider != message.provider.name]
    ways = Counter((each.attempts[-1].provider, each.provider.name, each.attempts[-1].reason) for each in left)
    for (failed, following, reason), count in ways.items():
        messages = "1 message" if count == 1 else f"{count} messages"
        logger.warning("fail over from %s to %s: %s (%s)", failed, following, reason, messages)
