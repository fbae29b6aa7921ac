"""The pace of one provider whose rate all processes share: its time is booked ahead, for all requests that wait."""

import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import anyio

from smsgate.guard.slots import Slots
from smsgate.model.masking import describe_failure
from smsgate.model.reason import Outcome, Reason
from smsgate.provider.protocol import PacesRequests, Verdict
from smsgate.sending.booked_time import BookedTime
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.sending.pacing import Turn, cost_of, slot_of
from smsgate.sending.rates import SharedRates

__all__ = ["SharedPace"]

logger: Final = logging.getLogger("smsgate")

_SPARE_SECONDS: Final = 0.025
"""How many seconds' worth may be sent at once after a pause."""
_GRACE: Final = 0.075
"""How many seconds late a turn may be used. With the burst: in no second is it more than a tenth above the rate."""
_BLOCK_SECONDS: Final = 0.05
"""How much of the account's time a process books at once, and so what is lost with a process that dies."""
_LEAST_SECONDS: Final = 0.001
_EARLY: Final = 0.05
"""How many seconds before the end of a block the next one is booked."""
_CROWDED: Final = 0.5
"""If a block begins that many seconds from now, so many processes book that each books less at once."""


class SharedPace:
    """The rate of *provider* in all processes that use *rates*, and what this one has of it.

    It belongs to one event loop. *now*: seconds since some moment. *sleep* waits by the same clock.
    """

    def __init__(
        self,
        provider: PacesRequests,
        name: str,
        rates: SharedRates,
        *,
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._provider = provider
        self._name = name
        self._rates = rates
        self._now = now
        self._sleep = sleep
        self._spare = max(1.0 / provider.rate, _SPARE_SECONDS)
        self._slots = Slots(slot_of(provider.rate))
        self._booked = BookedTime(self._spare, _GRACE)
        self._line = anyio.Lock()
        self._in_line: list[float] = []
        """The spans of those who wait in line."""
        self._most = _BLOCK_SECONDS
        self._usual_delay = math.inf
        self._failures = 0

    def reserve(self, messages: Sequence[OutgoingMessage], now: float, longest: float) -> Turn | None:
        """A turn for the request for *messages* out of what is booked, if none waits in line for one.

        None if it would wait more than *longest* seconds.
        """
        span = self._span(messages)
        if self._in_line or not self._booked.holds(span, now):
            return None
        return self._take(span, now, longest)

    async def obtain(self, messages: Sequence[OutgoingMessage], longest: float) -> Turn | Verdict | None:
        """A turn for the request for *messages*, or why there can be none; None if it would wait more than *longest*.

        For this, more is booked if need be.
        """
        span, give_up_at, failures = self._span(messages), self._now() + longest, self._failures
        if sum(self._in_line) > longest:  # it has the whole rate at most
            return None
        self._in_line.append(span)
        turn: Turn | Verdict | None = None
        try:
            with anyio.move_on_after(longest):
                async with self._line:
                    turn = await self._next(span, give_up_at, failures)
        finally:
            self._in_line.remove(span)
        return turn

    async def _next(self, span: float, give_up_at: float, failures: int) -> Turn | Verdict | None:
        while not self._booked.holds(span, self._now()):
            try:
                if failures == self._failures and not await self._book(span, give_up_at):
                    return None
            except Exception as error:
                self._failures += 1  # for all who wait in line: each would wait for the same failure
                logger.error("the shared rate of %s cannot be booked: %s", self._name, describe_failure(error))
            if failures != self._failures:
                return _NOT_BOOKED
        return self._take(span, self._now(), give_up_at - self._now())

    def _take(self, span: float, now: float, longest: float) -> Turn | None:
        at = self._slots.moment(now, self._booked.wait(span, now))
        if at - now > longest:
            return None
        self._slots.take(at)
        return Turn(at, self._booked.take(span))

    async def _book(self, span: float, give_up_at: float) -> bool:
        """Book the next block: at least *span*, more if others wait or as many come as before."""
        early = self._booked.end - self._now() - _EARLY
        if early > 0:  # a process has one block at a time
            await self._sleep(early)
        seconds, asked_at = self._worth(span), self._now()
        longest = give_up_at - asked_at + max(0.0, self._spare - span)
        wait = await self._rates.book(self._name, seconds, longest=longest)
        if wait is None:
            return False
        arrived = self._now()
        delay, self._usual_delay = max(0.0, arrived - asked_at - self._usual_delay), arrived - asked_at
        self._booked.add(arrived + wait, seconds, arrived, delay)
        self._most = max(_LEAST_SECONDS, self._most / 2) if wait > _CROWDED else min(_BLOCK_SECONDS, 2 * self._most)
        return True

    def _worth(self, span: float) -> float:
        """How much to book for a request that takes *span* seconds, for those in line, and for as many as came before.

        Whole spans: what is left of one is lost.
        """
        in_line = 0.0
        for each in self._in_line:
            if in_line + each > self._most:
                break
            in_line += each
        expected = min(self._most, self._booked.taken * (1 if self._booked.wasted else 2))
        return max(span, in_line, span * (expected // span) if span else 0.0)

    def _span(self, messages: Sequence[OutgoingMessage]) -> float:
        return cost_of(self._provider, messages) / self._provider.rate


_NOT_BOOKED: Final = Verdict(
    Outcome.NOT_SENT,
    Reason.NOT_RECORDED,
    description="the rate that processes share could not be booked: its store failed, the log says why",
)
