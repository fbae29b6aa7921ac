"""The observer that a gateway has unless it is given another one: lines in the log `smsgate`."""

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Final

from smsgate.model.reason import Fault, Outcome
from smsgate.model.result import Attempt
from smsgate.observers.events import Event, FailedOver, HealthChanged, RequestEnded

__all__ = ["LogObserver"]

_SMSGATE: Final = logging.getLogger("smsgate")


class LogObserver:
    """One line in the log for each request that failed for some of its messages, and for whatever somebody must know.

    Each has its facts as attributes of the record beside its text (`extra`), for logs that are written as JSON: their
    names begin with `smsgate_`. *logger*: in place of the one called "smsgate". Raises nothing.
    """

    wants: Final = frozenset({RequestEnded, FailedOver, HealthChanged})

    def __init__(self, logger: logging.Logger = _SMSGATE) -> None:
        self._logger = logger

    def observe(self, event: Event) -> None:
        """Write the line for *event*, if it is worth one."""
        match event:
            case RequestEnded():
                self._request_ended(event)
            case FailedOver():
                self._failed_over(event)
            case HealthChanged():
                self._health_changed(event)
            case _:
                pass

    def _request_ended(self, event: RequestEnded) -> None:
        """A warning if some may have been sent, or if the account is at fault and every further request fails alike."""
        failed = event.failed
        if not failed:
            return
        self._logger.log(
            logging.WARNING if any(map(_is_urgent, failed)) else logging.INFO,
            "%s: %d of %d messages not accepted: %s; the first: %s",
            event.provider,
            len(failed),
            len(event.attempts),
            _causes(failed),
            failed[0].description or "no description",
            extra={
                "smsgate_event": "request_ended",
                "smsgate_provider": event.provider,
                "smsgate_request": event.id,
                "smsgate_messages": len(event.attempts),
                "smsgate_failed": len(failed),
                "smsgate_outcome": str(failed[0].outcome),
                "smsgate_reason": _text(failed[0].reason),
                "smsgate_code": failed[0].code,
                "smsgate_duration": event.duration,
            },
        )

    def _failed_over(self, event: FailedOver) -> None:
        messages = "1 message" if event.messages == 1 else f"{event.messages} messages"
        self._logger.warning(
            "fail over from %s to %s: %s (%s)",
            event.left,
            event.provider,
            event.reason,
            messages,
            extra={
                "smsgate_event": "failed_over",
                "smsgate_left": event.left,
                "smsgate_provider": event.provider,
                "smsgate_reason": _text(event.reason),
                "smsgate_messages": event.messages,
            },
        )

    def _health_changed(self, event: HealthChanged) -> None:
        """A warning when a provider goes down and when it is up again: what lies between is no news for an operator."""
        self._logger.log(
            logging.WARNING if "up" in (event.previous, event.state) else logging.INFO,
            "%s is %s: %s",
            event.provider,
            event.state,
            event.why,
            extra={
                "smsgate_event": "health_changed",
                "smsgate_provider": event.provider,
                "smsgate_state": event.state,
                "smsgate_previous": event.previous,
                "smsgate_why": event.why,
            },
        )


def _causes(failed: Sequence[Attempt]) -> str:
    causes = Counter(" ".join(str(word) for word in (each.outcome, each.reason, each.code) if word) for each in failed)
    return ", ".join(f"{cause} ({count})" for cause, count in causes.items())


def _is_urgent(attempt: Attempt) -> bool:
    at_fault = attempt.reason.rule.fault if attempt.reason else None
    return attempt.outcome is Outcome.UNKNOWN or at_fault is Fault.ACCOUNT


def _text(reason: object) -> str | None:
    return None if reason is None else str(reason)
