"""The batches of one `send_many`: messages are sorted into them, and a few at a time are dispatched."""

import contextvars
from collections import deque
from collections.abc import Callable, Sequence

from smsgate.model.result import Result
from smsgate.sending.batching import Batcher
from smsgate.sending.dispatch import Dispatch
from smsgate.sending.dispatcher import Dispatcher
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.sending.renewed_event import RenewedEvent
from smsgate.transport.tasks import Task

__all__ = ["BulkBatches"]


class BulkBatches:
    """Sorts what it is given, and dispatches at most *concurrency* batches at a time.

    *publish*: called with results once they are recorded. *more_comes*: whether more messages may come for the open
    groups. *is_stopping*: whether nothing may be begun any more. *on_cancelled*: called when a batch was cancelled,
    before anything else begins. *on_done*: called after each batch; it sets *changed*.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        publish: Callable[[Sequence[Result]], None],
        *,
        concurrency: int,
        linger: float,
        campaign: str | None,
        more_comes: Callable[[], bool],
        is_stopping: Callable[[], bool],
        on_cancelled: Callable[[], None],
        on_done: Callable[[], None],
        changed: RenewedEvent,
    ) -> None:
        self._dispatcher = dispatcher
        self._publish = publish
        self._concurrency = concurrency
        self._linger = linger
        self._campaign = campaign
        self._more_comes = more_comes
        self._is_stopping = is_stopping
        self._on_cancelled = on_cancelled
        self._on_done = on_done
        self._changed = changed
        self._batcher = Batcher(linger)
        self.waiting: deque[list[OutgoingMessage]] = deque()
        """Batches that are closed and wait for their turn."""
        self.in_flight: set[Dispatch] = set()
        """Those that are dispatched."""
        self._own_time = dispatcher.timing.now
        self._now = self._own_time or dispatcher.tasks.clock()
        self._grouped = RenewedEvent(dispatcher.tasks.make_event)
        self._starting = False
        self._context = contextvars.copy_context()
        self._watch: Task | None = None

    def start_watch(self) -> None:
        """Begin to watch `linger`: before anything that may take its time while groups are open."""
        if self._watch is None and self._linger:
            self._watch = self._dispatcher.tasks.start(self._watch_linger, until_close=True)

    def add(self, prepared: OutgoingMessage, now: float) -> bool:
        """Sort one message at *now*, by the event loop's clock. Returns whether a batch waits for its turn."""
        closed = self._batcher.add(prepared, now if self._own_time is None else self._own_time())
        if self._watch is not None:
            self._grouped.set()
        if not (closed or self.waiting) and self._linger:
            return False  # what is due waits for the next checkpoint
        self.waiting.extend(closed)
        self.start()
        return bool(self.waiting)

    def collect(self, prepared: OutgoingMessage) -> None:
        """Sort one message. Nothing is begun: `go_on` follows."""
        self.waiting.extend(self._batcher.add(prepared, self._now()))

    def go_on(self) -> None:
        """Close all groups if nothing more comes for them, and dispatch what there is room for."""
        if not self._more_comes():
            self.waiting.extend(self._batcher.flush())
        self._grouped.set()
        self.start()

    def close_oldest(self) -> bool:
        """Close the oldest group, and dispatch it if there is room. False if there is none."""
        if not self._batcher:
            return False
        self.waiting.append(self._batcher.close_oldest())
        self.start()
        return True

    def start(self) -> None:
        """Dispatch batches as long as `concurrency` has room for them.

        A group that has waited for `linger` is closed when there is room, and not before: until then it may still find
        company, and waits for its turn.
        """
        if self._starting:  # an eager task has ended within `start`: the loop below goes on
            return
        self._starting = True
        try:
            while len(self.in_flight) < self._concurrency and not self._is_stopping():
                batch = self.waiting.popleft() if self.waiting else self._batcher.due(self._now())
                if batch is None:
                    break
                dispatch = Dispatch(batch, self._publish, patient=True, campaign=self._campaign)
                self.in_flight.add(dispatch)
                self._dispatcher.start(dispatch, self._done, self._context)
        finally:
            self._starting = False

    def cancel(self) -> list[list[OutgoingMessage]]:
        """Let what is in flight go no further than its request. Returns what was not dispatched."""
        for dispatch in self.in_flight:
            dispatch.cancel()
        unsent = [*self.waiting, *self._batcher.flush()]
        self.waiting.clear()
        return unsent

    def stop_watch(self) -> None:
        """End what `start_watch` began."""
        if self._watch is not None:
            self._watch.scope.cancel()

    async def _watch_linger(self) -> None:
        """Dispatch what has waited for `linger`, also while the source or the reader pauses."""
        while self._more_comes() and not self._is_stopping():
            seconds = self._batcher.next_due(self._now())
            if not self._batcher:
                await self._grouped.wait()
            elif seconds:
                await self._dispatcher.timing.linger(seconds)
            elif len(self.in_flight) >= self._concurrency:
                await self._changed.wait()
            self.start()

    def _done(self, dispatch: Dispatch) -> None:
        self.in_flight.discard(dispatch)
        if dispatch.cancelled:
            self._on_cancelled()
        now = self._now()
        for message in dispatch.onward:
            self.waiting.extend(self._batcher.add(message, now))
        # One that is due gets in line each time, so that a stream of full batches does not keep it waiting for ever.
        if (batch := self._batcher.due(now)) is not None:
            self.waiting.append(batch)
        self.go_on()
        self._on_done()
