"""Sends that share requests: what several callers of `send` want at the same moment leaves in one request.

Rule 1: what shares a request here would share it in `send_many`: the same `Batcher` sorts it.
Rule 2: nobody waits longer than the window for others, and nobody whose deadline would pass meanwhile waits at all.
Rule 3: a caller that is cancelled takes its own message along, unless its request has begun, and no other one.
Rule 4: no task, timer or cancel scope per message: a request has a task, and all open batches have one that waits.
"""

import contextvars
from collections.abc import Mapping, Sequence

import anyio
import attrs
from anyio.lowlevel import current_token

from smsgate.model.result import Result
from smsgate.sending.batching import Batcher
from smsgate.sending.dispatch import Dispatch
from smsgate.sending.dispatcher import Dispatcher
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.sending.resolve import KnownTexts

__all__ = ["Coalescing"]


class Coalescing:
    """The sends of a gateway that share requests, on each event loop apart: a gateway of tests may be used on several.

    *window*: the seconds that a message may wait for others.
    """

    def __init__(self, window: float, dispatcher: Dispatcher) -> None:
        self._window = window
        self._dispatcher = dispatcher
        self._by_loop: dict[object, _Coalescer] = {}

    def begin_on_loop(self) -> None:
        """Begin anew on this loop. After a fork, those who wait are the parent's."""
        self._by_loop[current_token().native_token] = _Coalescer(self._window, self._dispatcher)

    @property
    def texts(self) -> KnownTexts:
        """What is known of the texts of messages that came before, on this loop: most callers send the same ones."""
        return self._on_loop.texts

    async def send(self, outgoing: OutgoingMessage) -> Result:
        """Send a message to its end, and return its result."""
        return await self._on_loop.send(outgoing)

    @property
    def _on_loop(self) -> "_Coalescer":
        return self._by_loop[current_token().native_token]


@attrs.define(eq=False)
class _Caller:
    """Who waits for the result of a message."""

    context: contextvars.Context
    done: anyio.Event = attrs.field(factory=anyio.Event)
    dispatch: Dispatch | None = None
    """The last one that its message was in."""
    has_left: bool = False
    """It waits no longer."""

    def leave(self, outgoing: OutgoingMessage) -> None:
        """Wait no longer. A request that is for nobody any more is not begun."""
        self.has_left = True
        if self.dispatch is not None:
            self.dispatch.drop(outgoing)


class _Coalescer:
    """The sends of one event loop."""

    def __init__(self, window: float, dispatcher: Dispatcher) -> None:
        self._window = window
        self._dispatcher = dispatcher
        self._batcher = Batcher(window)
        self._time = dispatcher.timing.now or dispatcher.tasks.time
        self.texts: KnownTexts = {}  # of its own: they know the open groups of its batcher
        self._callers: dict[OutgoingMessage, _Caller] = {}
        self._watching = False

    async def send(self, outgoing: OutgoingMessage) -> Result:
        caller = self._callers[outgoing] = _Caller(contextvars.copy_context())
        self._sort(outgoing)
        try:
            await caller.done.wait()
        finally:
            if not caller.done.is_set():
                caller.leave(outgoing)
        return outgoing.result or outgoing.conclude()

    def _sort(self, outgoing: OutgoingMessage) -> None:
        """Put a message into its batch, or dispatch it now if it cannot wait. One that goes on may find new company."""
        if outgoing.expires - self._dispatcher.now() <= self._window + outgoing.pause:
            self._start([outgoing])
            return
        for batch in self._batcher.add(outgoing, self._time()):
            self._start(batch)
        if self._batcher and not self._watching:
            self._watching = True
            self._dispatcher.tasks.start(self._watch, until_close=True)

    async def _watch(self) -> None:
        """Dispatch each batch whose oldest message has waited as long as it may, until none is open."""
        linger = self._dispatcher.timing.linger
        try:
            while self._batcher:
                await linger(self._batcher.next_due(self._time()))
                while (batch := self._batcher.due(self._time())) is not None:
                    self._start(batch)
        finally:
            self._watching = False
            for batch in self._batcher.flush():  # the gateway or the loop closes
                await self._dispatcher.conclude(batch)
                for message in batch:
                    self._wake(message)

    def _start(self, batch: list[OutgoingMessage]) -> None:
        """Make the request of *batch*, with the context variables of the caller who came first."""
        by_message = {id(outgoing.message): outgoing for outgoing in batch}  # a number, so a message, is in it once
        dispatch = Dispatch(batch, lambda results: self._publish(results, by_message))
        for outgoing in batch:
            caller = self._callers[outgoing]
            caller.dispatch = dispatch
            if caller.has_left:
                dispatch.drop(outgoing)
        self._dispatcher.start(dispatch, self._on_done, self._callers[batch[0]].context)

    def _publish(self, results: Sequence[Result], by_message: Mapping[int, OutgoingMessage]) -> None:
        for result in results:
            self._wake(by_message[id(result.message)])

    def _on_done(self, dispatch: Dispatch) -> None:
        going = set(dispatch.onward)
        for outgoing in dispatch.messages:
            if outgoing not in going:
                self._wake(outgoing)
        for outgoing in dispatch.onward:
            self._sort(outgoing)

    def _wake(self, outgoing: OutgoingMessage) -> None:
        caller = self._callers.pop(outgoing, None)
        if caller is not None:
            caller.done.set()
