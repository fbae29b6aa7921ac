"""Many messages: read from any source, sorted into batches, dispatched a few at a time, results given as they come.

Rule 1: nothing waits per message; tasks, scopes and wake-ups are per request.
Rule 2: at most `window` messages are held (read, and their result not yet given), whatever the source and the reader
        do; while a closed batch waits for its turn, nothing more is read.
Rule 3: a message that goes on to another provider is sorted like one that was just read, and its request has its turn
        under the same `concurrency`.
"""

import math
from collections.abc import AsyncIterable, Iterable, Sequence
from typing import Final

import anyio
import anyio.lowlevel

from smsgate.model.errors import ClosedError, MessageError, SmsgateError
from smsgate.model.message import Message
from smsgate.model.result import Result
from smsgate.sending.assigning import Assignment
from smsgate.sending.bulk_batches import BulkBatches
from smsgate.sending.bulk_claims import BulkClaims
from smsgate.sending.bulk_options import check_bulk_options
from smsgate.sending.claiming import Claiming
from smsgate.sending.dispatcher import Dispatcher
from smsgate.sending.last_place import LastPlace
from smsgate.sending.numbering import NumberingLoader
from smsgate.sending.outgoing import OutgoingMessage, refusal
from smsgate.sending.preparing import Preparing
from smsgate.sending.renewed_event import RenewedEvent
from smsgate.sending.resolve import Problem
from smsgate.sending.result_queue import ResultQueue
from smsgate.sending.source import read_source
from smsgate.transport.loop import cancelled_natively, raise_if_cancelled_natively
from smsgate.transport.tasks import Task

__all__ = ["BulkSend"]

_READS_PER_CHECKPOINT: Final = 200
_SECONDS_PER_CHECKPOINT: Final = 0.005
"""How much is read from a source that does not suspend before the event loop gets its turn."""


class BulkSend:
    """One `send_many` call."""

    def __init__(
        self,
        messages: Iterable[Message] | AsyncIterable[Message],
        prepare: Preparing,
        numbering: NumberingLoader,
        dispatcher: Dispatcher,
        *,
        concurrency: int,
        window: int,
        linger: float,
        claiming: Claiming | None = None,
        campaign: str | None = None,
    ) -> None:
        check_bulk_options(messages, concurrency=concurrency, window=window, linger=linger)
        self._messages = messages
        self._prepare = prepare
        self._dispatcher = dispatcher
        self._window = window
        self._numbering = numbering
        self._ready = ResultQueue(dispatcher.tasks.make_event)
        self._changed = RenewedEvent(dispatcher.tasks.make_event)
        self._batches = BulkBatches(
            dispatcher,
            self._ready.put,
            concurrency=concurrency,
            linger=linger,
            campaign=campaign,
            more_comes=self._more_comes,
            is_stopping=self._is_stopping,
            on_cancelled=self._stop,
            on_done=self._wake,
            changed=self._changed,
        )
        self._claims: BulkClaims | None = None
        if claiming is not None:
            self._claims = BulkClaims(
                claiming, send=self._batches.collect, give=self._ready.put, record=self._record_claimed
            )
        self._refused: list[Result] = []
        self._lingers = linger > 0
        self._last: Assignment | None = None
        """That of the last message."""
        self._place: LastPlace | None = None
        self._held_count = 0
        self._reads = 0
        self._checkpoint_at = math.inf
        self._now = dispatcher.tasks.clock()
        self._running = self._reading = True
        self._ended = False
        self._error: BaseException | None = None
        self._main: Task | None = None

    def begin(self) -> None:
        """Start reading and sending."""
        tasks = self._dispatcher.tasks
        self._checkpoint_at = self._now() + _SECONDS_PER_CHECKPOINT
        self._main = tasks.start(self._run, until_close=True)

    def start_watch(self) -> None:
        """Begin to watch `linger`: before anything that may take its time while groups are open."""
        self._batches.start_watch()

    def take(self) -> Result | None:
        """The next result if it is there, so that nobody need wait for it."""
        known = self._ready.results
        if not known:
            return None
        self._held_count -= 1
        if self._held_count == self._window - 1:
            self._wake()
        return known.popleft()

    async def next(self) -> Result | None:
        """The next result; None after the last one. Raises what the source raised, after all results."""
        while not self._ready.results and (self._running or self._batches.in_flight):
            self._dispatcher.tasks.bind()  # raises on another event loop, which could not be woken
            await self._ready.wait()
        result = self.take()
        if result is None and (error := self._error) is not None:
            self._error = None
            raise error
        return result

    def end(self) -> None:
        """Begin nothing more: what was read and has not been dispatched is recorded as not sent."""
        self._ended = self._ready.is_closed = True
        if self._running:
            self._stop()

    def _stop(self) -> None:
        if self._main is not None:
            self._main.scope.cancel()

    def _is_stopping(self) -> bool:
        """Whether nothing may be begun any more: the results were left, or the gateway closes."""
        return self._main is not None and self._main.scope.cancel_called

    def _more_comes(self) -> bool:
        """Whether more messages may come for the open groups: some are to be read, or their keys to be claimed."""
        return self._reading or (self._claims is not None and self._claims.is_asking)

    async def _run(self) -> None:
        """Read to the end of the source, then wait until every message has its result."""
        try:
            if self._is_stopping():  # it was ended at once: nothing is read
                return
            await self._read()
            self._reading = False
            self._batches.go_on()
            while self._batches.waiting or self._batches.in_flight or (self._claims and self._claims.is_busy):
                await self._changed.wait()
        finally:
            try:
                await self._conclude_rest()
            finally:  # whatever happens: a reader waits until it is not running any more
                self._batches.stop_watch()
                self._running = self._reading = False
                self._wake()

    async def _conclude_rest(self) -> None:
        """Conclude what has not been dispatched, if the results were left, or the gateway or the loop closes.

        What is in flight goes no further after that: the dispatcher concludes it.
        """
        unclaimed = True
        try:
            unclaimed = self._claims is not None and await self._claims.stop()
        finally:
            unsent = self._batches.cancel()
            if (self._reading or unsent or unclaimed) and not self._ended:
                self._error = self._error or ClosedError("the Gateway was closed before every message was sent")
            await self._record_unsent(unsent)

    async def _read(self) -> None:
        """Read the source. What it raises is kept, and raised after the results of what was read before it."""
        try:
            await read_source(self._messages, self, self._numbering)
        except Exception as error:
            self._error = self._error or error
        except anyio.get_cancelled_exc_class() as error:
            if self._is_stopping() or cancelled_natively():
                raise
            self._error = SmsgateError(f"messages: the source was cancelled ({type(error).__name__})")
        self._messages = ()  # a list of all of them is not to live as long as what reads it
        await self.catch_up()

    async def _record_unsent(self, batches: Iterable[list[OutgoingMessage]]) -> None:
        """Conclude what was read and has not been dispatched."""
        await self._record_refused()
        for batch in batches:
            for result in await self._dispatcher.conclude(batch):
                self._ready.put([result])

    async def _record_refused(self) -> None:
        refused, self._refused = self._refused, []
        if refused and self._dispatcher.recorder.records_results:
            self.start_watch()
        for result in refused:
            await self._dispatcher.recorder.record(result)
            self._ready.put([result])

    def add_like_last(self, message: Message) -> bool | None:
        """As `add`, of a message that differs from one before in number alone. None: it does not, `add` it."""
        if self._place is not None and self._place.put(message):
            return self._is_pause(self._now(), waits=bool(self._batches.waiting))
        prepared = self._prepare.like_last(message)
        if prepared is None:
            return None
        if self._claims is not None and message.key is not None:
            return self._claim(message, prepared)
        pause = self._sort(prepared)
        assigned = prepared.assigned
        if self._lingers and assigned.is_shared:  # without lingering each is dispatched as soon as there is room
            # Where texts take turns, a place is of no use to the next message.
            self._place = LastPlace.of(prepared, self._prepare.again) if assigned is self._last else None
            self._last = assigned
        return pause

    def add(self, message: Message) -> bool:
        """Prepare and sort one message. Returns whether `catch_up` must be called before the next one is read."""
        try:
            prepared = self._prepare.patiently(message)
        except MessageError as error:  # no Message at all, so no result can be made of it: it is raised at the end
            self._error = self._error or error
            self._reads += 1
            return self._reads >= _READS_PER_CHECKPOINT
        if message.key is not None and (full := self._claim(message, prepared)) is not None:
            return full
        if isinstance(prepared, OutgoingMessage):
            return self._sort(prepared)
        self._held_count += 1
        self._reads += 1
        self._refused.append(refusal(message, prepared))
        return True

    def _sort(self, prepared: OutgoingMessage) -> bool:
        now = self._now()
        return self._is_pause(now, waits=self._batches.add(prepared, now))

    def _is_pause(self, now: float, *, waits: bool) -> bool:
        """Count a message that was sorted. Returns whether `catch_up` must be called before the next one is read."""
        self._held_count += 1
        self._reads += 1
        return (
            waits
            or self._reads >= _READS_PER_CHECKPOINT
            or self._held_count >= self._window
            or now > self._checkpoint_at
        )

    def _claim(self, message: Message, prepared: OutgoingMessage | Problem) -> bool | None:
        """As `_sort`, of a message that is sent if nobody has sent its key. None: its key is not asked for."""
        if self._claims is None or not self._claims.add(message, prepared):
            return None
        self._held_count += 1
        self._reads += 1
        return self._held_count >= self._window or self._reads >= _READS_PER_CHECKPOINT

    async def _record_claimed(self, results: Sequence[Result]) -> None:
        """After keys were claimed: dispatch what can be, and record what is refused or not sent."""
        self._refused += results
        self._batches.go_on()
        await self._record_refused()
        self._wake()
        if results:
            raise_if_cancelled_natively()

    async def catch_up(self) -> None:
        """Record what was refused, let the event loop have its turn, and wait until there is room for more."""
        refused = bool(self._refused)
        await self._record_refused()
        if refused:
            raise_if_cancelled_natively()
        if refused or self._reads >= _READS_PER_CHECKPOINT or self._now() > self._checkpoint_at:
            await anyio.lowlevel.checkpoint()  # also because the results may have been left meanwhile
            self._reads = 0
            self._checkpoint_at = self._now() + _SECONDS_PER_CHECKPOINT
            self._batches.start()
        while self._batches.waiting or self._held_count >= self._window:
            if self._batches.waiting or not self._batches.close_oldest():
                await self._changed.wait()

    def _wake(self) -> None:
        self._changed.set()
        if not self._running:  # perhaps the last thing that happens: a reader looks whether it was
            self._ready.wake()
