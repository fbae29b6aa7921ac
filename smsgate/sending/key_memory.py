"""The keys that were sent last, in memory: what makes a key an idempotency key where no ledger does."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from smsgate.model.message import Message
from smsgate.model.result import Result
from smsgate.sending.idempotency import copy_for, differing_field, may_try_again
from smsgate.sending.ledger import GRANTED, Claim

__all__ = ["KeyMemory"]


class KeyMemory:
    """A `ClaimsKeys` that remembers up to *most* results for *seconds*. Its methods never suspend.

    *now*: gives seconds, from a clock that is not set.
    """

    def __init__(self, most: int, seconds: float, now: Callable[[], float]) -> None:
        self._most = most
        self._seconds = seconds
        self._now = now
        self._results: OrderedDict[str | None, tuple[float, Result]] = OrderedDict()
        """By key, the oldest first, with the time at which it is forgotten."""

    def __len__(self) -> int:
        return len(self._results)

    async def claim(self, messages: Sequence[Message]) -> Sequence[Claim]:
        """See `ClaimsKeys`."""
        self._forget(self._now())
        return [self._claim(message) for message in messages]

    async def concluded(self, results: Sequence[Result]) -> None:
        """See `ClaimsKeys`."""
        now = self._now()
        for result in results:
            if not may_try_again(result):
                self._results[result.message.key] = (now + self._seconds, result)
        self._forget(now)

    def _claim(self, message: Message) -> Claim:
        known = self._results.get(message.key)
        if known is None:
            return GRANTED
        differs = differing_field(known[1].message, message)
        return Claim(differs=differs) if differs else Claim(result=copy_for(message, known[1]))

    def _forget(self, now: float) -> None:
        results = self._results
        while results and (len(results) > self._most or next(iter(results.values()))[0] <= now):
            results.popitem(last=False)
