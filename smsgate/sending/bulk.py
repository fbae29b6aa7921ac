"""Many messages: read from any source, sorted into requests, flown a few at a time, results given out as they come.

Rule 1: nothing waits per message; tasks, scopes and wake-ups are per request.
Rule 2: a number is in a request once: a vendor removes the second as a duplicate (Huawei's code E200041).
Rule 3: at most `window` messages are held (read and not yet given out), whatever the source and the reader do.
"""

from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Hashable,
    Iterable,
    Sequence,
)
from functools import partial
from typing import Final

import anyio
import anyio.lowlevel

from smsgate.model.errors import ClosedError, ConfigurationError
from smsgate.model.message import Message, Result
from smsgate.model.phone import PhoneNumber
from smsgate.sending.batching import MIXED, Scales
from smsgate.sending.dispatcher import Flight
from smsgate.sending.outgoing import Journey, refusal
from smsgate.sending.resolve import Problem
from smsgate.transport.loop import Task

__all__ = ["Campaign", "Results"]

_BREATH: Final = 200
"""Messages of a plain iterable that are read before the event loop gets its turn."""
_LINGER: Final = 0.05
"""Seconds that a slow source keeps a request waiting for company."""


class Campaign:
    """One `send_many` call."""

    def __init__(
        self,
        messages: Iterable[Message] | AsyncIterable[Message],
        *,
        depart: Callable[[Message], Journey | Problem],
        fly: Callable[[Flight, Callable[[], None] | None], Task],
        start: Callable[[Callable[[], Awaitable[object]]], Task],
        record: Callable[[Result], Awaitable[None]],
        give_up: Callable[[Sequence[Journey]], Awaitable[Sequence[Result]]],
        concurrency: int,
        window: int,
    ) -> None:
        if concurrency < 1 or window < 1:
            raise ConfigurationError("send_many: concurrency and window must be at least 1")
        self._messages = messages
        self._depart = depart
        self._fly = fly
        self._start = start
        self._record = record
        self._give_up = give_up
        self._concurrency = concurrency
        self._window = window
        self._groups: dict[Hashable, dict[PhoneNumber, Journey]] = {}
        self._sizes: dict[Hashable, float] = {}
        self._texts: dict[Hashable, object] = {}
        self._scales = Scales()
        self._sealed: deque[Flight] = deque()
        self._flights: set[Flight] = set()
        self._ready: deque[Result] = deque()
        self._held = 0
        self._arrivals = 0
        self._reading = True
        self._abandoned = False
        self._error: Exception | None = None
        self._news = anyio.Event()
        self._tasks: list[Task] = []

    def begin(self) -> None:
        """Start reading."""
        self._tasks.append(self._start(self._read))
        if isinstance(self._messages, AsyncIterable):
            self._tasks.append(self._start(self._flush_when_idle))

    async def next(self) -> Result | None:
        """The next result; None after the last one. Raises what the source raised, after all results."""
        while not self._ready and (self._reading or self._flights):
            await self._news.wait()
        if self._ready:
            self._held -= 1
            if self._held == self._window - 1:
                self._wake()
            return self._ready.popleft()
        error, self._error = self._error, None
        if error is not None:
            raise error
        return None

    def abandon(self, error: Exception | None = None) -> None:
        """Begin nothing more; what was read and has not set out is recorded as not sent. *error* is for the reader."""
        self._abandoned = True
        self._error = self._error or error
        for flight in self._flights:
            flight.abandoned = True
        for task in self._tasks:
            task.scope.cancel()

    async def _read(self) -> None:
        complete = False
        try:
            await anyio.lowlevel.checkpoint()  # one that was abandoned at once reads nothing
            try:
                await self._read_source()
            except Exception as error:  # the source's own: raised after the results of what was read before it
                self._error = error
            await self._launch_all()
            complete = True
        finally:
            if not complete:
                await self._leave_behind()
            self._reading = False
            self._wake()

    async def _leave_behind(self) -> None:
        """Cancelled: the reader has left or the gateway closes. What was read and has not set out is not sent."""
        if not self._abandoned:
            self._error = self._error or ClosedError("the Gateway was closed before every message was sent")
        flights = [*self._sealed, *map(_flight, self._groups.values())]
        self._sealed.clear()
        self._groups.clear()
        for flight in flights:
            self._give_out(await self._give_up(flight.journeys))

    async def _read_source(self) -> None:
        if isinstance(self._messages, AsyncIterable):
            source = aiter(self._messages)
            try:
                async for message in source:
                    await self._take(message)
            finally:
                if isinstance(source, AsyncGenerator):
                    await source.aclose()  # nobody else can tell when it is not needed any more
        else:
            for count, message in enumerate(self._messages, 1):
                await self._take(message)
                if count % _BREATH == 0:
                    await anyio.lowlevel.checkpoint()

    async def _take(self, message: Message) -> None:
        """Sort one message; then wait until there is room for the next one to be read."""
        self._held += 1
        self._arrivals += 1
        journey = self._depart(message)
        if isinstance(journey, Problem):
            result = refusal(message, journey)
            await self._record(result)
            self._give_out([result])
            await anyio.lowlevel.checkpoint()  # the reader may have left while the record was written
        else:
            self._sort(journey)
        await self._launch()
        while self._held >= self._window:
            if self._groups:
                self._seal(max(self._groups, key=lambda key: len(self._groups[key])))
                await self._launch()
            else:
                await self._news.wait()

    def _sort(self, journey: Journey) -> None:
        key, to, size = journey.request_key(), journey.resolved.to, self._scales.size_of(journey)
        if to in self._groups.get(key, ()):  # vendors drop the second message to a number in one request
            self._seal(key)
        if size:
            own = self._scales.text_of(journey)
            if self._sizes.get(key, 0.0) + size > 1.0 and self._texts.get(key, own) != own:
                self._seal(key)
            self._sizes[key] = self._sizes.get(key, 0.0) + size
            self._texts[key] = own if self._texts.get(key, own) == own else MIXED
        group = self._groups.setdefault(key, {})
        group[to] = journey
        if key is journey or len(group) >= journey.chosen.batch_limit:
            self._seal(key)

    def _seal(self, key: Hashable) -> None:
        """Nothing more joins this group."""
        self._sizes.pop(key, None)
        self._texts.pop(key, None)
        self._sealed.append(_flight(self._groups.pop(key)))

    async def _launch(self) -> None:
        """Let what is sealed fly as soon as there is room in the air."""
        while self._sealed:
            if len(self._flights) < self._concurrency:
                flight = self._sealed.popleft()
                self._flights.add(flight)
                self._fly(flight, partial(self._land, flight))
            else:
                await self._news.wait()

    async def _launch_all(self) -> None:
        for key in list(self._groups):
            self._seal(key)
        await self._launch()

    async def _flush_when_idle(self) -> None:
        """A source that pauses must not keep what it gave waiting for company that may never come."""
        while self._reading:
            seen = self._arrivals
            await anyio.sleep(_LINGER)
            if seen == self._arrivals:
                await self._launch_all()

    def _land(self, flight: Flight) -> None:
        self._flights.discard(flight)
        self._give_out([journey.result or journey.conclude() for journey in flight.journeys])

    def _give_out(self, results: Sequence[Result]) -> None:
        if not self._abandoned:
            self._ready.extend(results)
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = anyio.Event()


def _flight(group: dict[PhoneNumber, Journey]) -> Flight:
    return Flight(list(group.values()))


class Results(AsyncIterator[Result]):
    """The results of one `send_many` call. Leaving the loop early, being cancelled in it, or `aclose()`, ends it.

    Not an async generator: one that is left half-way is closed late on asyncio and with a warning on trio.
    """

    def __init__(self, campaign: Campaign, here: Callable[[], bool]) -> None:
        self._campaign = campaign
        self._here = here

    async def __anext__(self) -> Result:
        try:
            result = await self._campaign.next()
        except anyio.get_cancelled_exc_class():
            self._campaign.abandon(ClosedError("these results were left when their reader was cancelled"))
            raise
        if result is None:
            raise StopAsyncIteration
        return result

    async def aclose(self) -> None:
        """Begin nothing more; what was read and has not set out is recorded as not sent."""
        self._campaign.abandon()

    def __del__(self) -> None:
        if self._here():
            self._campaign.abandon()
