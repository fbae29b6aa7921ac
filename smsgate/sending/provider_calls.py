"""One call of a provider: its request is built, sent, and the response read, for the messages that are in time."""

import logging
import math
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import attrs

from smsgate.guard.deadline import expiry_of, read_clock
from smsgate.model.masking import describe_failure
from smsgate.model.reason import Outcome, Reason, outcome_of
from smsgate.provider.protocol import Batch, Job, SmsProvider, Verdict
from smsgate.provider.responses import http_date
from smsgate.provider.verdicts import kinds_of
from smsgate.sending.deadlines import first_expiry, in_time, time_left
from smsgate.transport.exchange import Exchange, NoResponse, TimeLeft
from smsgate.transport.progress import Progress
from smsgate.wire import HttpResponse

__all__ = ["CANCELLED", "Called", "ProviderCalls", "unanswered"]

logger: Final = logging.getLogger("smsgate")

_LARGEST_OFFSET: Final = 366 * 86400.0
"""Seconds between two clocks that can be believed: further apart, TLS certificates would not be valid."""
_FAIR_SECONDS: Final = 2.0
"""A vendor that had less time than this, because of a message's deadline, cannot be blamed for no response."""
_NOT_BUILT: Final = Verdict(Outcome.NOT_SENT, Reason.INVALID_REQUEST, description="its request could not be built")
CANCELLED: Final = Verdict(Outcome.NOT_SENT, Reason.NETWORK, description="cancelled before the request began")
_EXPIRED: Final = Verdict(Outcome.NOT_SENT, Reason.EXPIRED, description="it expired before its request could begin")


@attrs.define
class Called:
    """What a call led to."""

    verdicts: Sequence[Verdict]
    """One for each message."""
    evidence: Sequence[Verdict] | None
    """What it says of the provider's health; None: nothing."""


class ProviderCalls:
    """Calls providers. It owns the clock, and what it has learnt of the vendors' clocks."""

    def __init__(self, exchange: Exchange, clock: Callable[[], float]) -> None:
        self._exchange = exchange
        self._clock = clock
        self._clock_offsets: dict[str, float] = {}

    def now(self) -> float:
        """Unix time, in seconds; NaN if the clock fails, which the next request says."""
        return read_clock(self._clock)

    def longest(self, jobs: Sequence[Job]) -> float:
        """How many seconds a step of a request for *jobs* may take at most."""
        return max(0.0, min(self._exchange.timeouts.total, first_expiry(jobs) - self.now()))

    async def make(
        self,
        jobs: Sequence[Job],
        signer: SmsProvider,
        reference: str,
        nonce: str,
        progress: Progress,
        unwanted: AbstractSet[int],
    ) -> Called:
        """Call *signer*, which their provider is, for those of *jobs* that are of use when the request can begin.

        *unwanted*: see `in_time`. It is looked at again whenever the request has waited.
        """
        called = Called((), None)
        candidates = jobs
        while asked := in_time(candidates, self.now(), unwanted):
            batch = Batch(asked, reference)
            called = await self._call(signer, batch, nonce, progress, time_left(asked, self.now()))
            if called.verdicts[0] is not _EXPIRED:
                break
            # It waited for a connection until the first of them was too late. The others may still be in time.
            first = first_expiry(asked)
            candidates = [job for job in asked if expiry_of(job.message.expires_at) > first]
        if asked is not jobs:
            told = {id(job.message): said for job, said in zip(asked, called.verdicts, strict=True)} if asked else {}
            ids = [id(job.message) for job in jobs]
            called.verdicts = [told.get(each, CANCELLED if each in unwanted else _EXPIRED) for each in ids]
        return called

    async def _call(
        self, provider: SmsProvider, batch: Batch, nonce: str, progress: Progress, left: TimeLeft | None
    ) -> Called:
        count = len(batch.jobs)
        now = self._clock() + self._clock_offsets.get(provider.name, 0.0)
        try:
            wire = provider.build_request(batch, now=now, nonce=nonce)
        except Exception as error:
            logger.error("%s could not build its request: %s", provider.name, describe_failure(error))
            verdicts: Sequence[Verdict] = [_NOT_BUILT] * count
            return Called(verdicts, verdicts)
        response = await self._exchange.send(wire, progress, left)
        if isinstance(response, NoResponse):
            return _without_response(response, count)
        verdicts = _parse_response(provider, batch, response)
        if Reason.CLOCK_SKEW in {verdict.reason for verdict in kinds_of(verdicts)}:
            self._resync(provider, response)
        return Called(verdicts, verdicts)

    def _resync(self, provider: SmsProvider, response: HttpResponse) -> None:
        """Learn how far the vendor's clock is from ours by the `Date` of its response, unless that is absurd."""
        date = http_date(response.headers.get("date", ""))
        if date is None:
            return
        offset = date.timestamp() - self._clock()
        if abs(offset) >= _LARGEST_OFFSET:
            return
        self._clock_offsets[provider.name] = offset
        if offset:
            logger.warning("this machine's clock differs from that of %s by %.0f seconds", provider.name, offset)


def unanswered(reason: Reason, description: str) -> Verdict:
    """What is said of a message whose request got no response."""
    return Verdict(outcome_of(reason), reason, description=description)


def _without_response(response: NoResponse, count: int) -> Called:
    expired = response.reason is Reason.EXPIRED
    told = unanswered(Reason.NETWORK if expired else response.reason, response.error)
    evidence = None if (response.cut_after or math.inf) < _FAIR_SECONDS else [told] * count
    return Called([_EXPIRED if expired else told] * count, evidence)


def _parse_response(provider: SmsProvider, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
    """What the provider reads in the response; one that fails to read it leaves the outcome open."""
    try:
        verdicts = provider.parse_response(batch, response)
        whole = len(verdicts) == len(batch.jobs)
        if whole and all(issubclass(kind, Verdict) for kind in set(map(type, kinds_of(verdicts)))):  # pyright: ignore[reportUnnecessaryIsInstance]
            return verdicts
        problem = "not one Verdict for each message"
    except Exception as error:
        problem = describe_failure(error)
    logger.error("%s could not read a response: %s", provider.name, problem)
    return [Verdict.unanswered(f"{provider.name} could not read the response: {problem}")] * len(batch.jobs)
