"""The results of a blocking `send_many`: messages are read in the caller's thread, and sent on the event loop's."""

import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from types import TracebackType
from typing import Final, Self

import anyio

from smsgate.model.message import Message
from smsgate.model.result import Result
from smsgate.sending.results import Results
from smsgate.sync.portal import LoopThread

__all__ = ["BlockingResults"]

_MOST_AT_ONCE: Final = 500
"""How many messages or results go from one thread to the other in one call: such a call costs about 100 µs."""
_READING_SECONDS: Final = 0.02
"""How long a source is read before its messages are handed over: a slow one holds up nothing."""


class _Messages(AsyncIterator[Message]):
    """The source as the event loop sees it. What the caller's thread has read is noted here at once.

    Whatever one thread notes for the other stays where both see it: a call from one to the other may be interrupted.
    """

    def __init__(self) -> None:
        self.read: deque[Message] = deque()
        self.error: Exception | None = None
        """What the source raised, after all that was read."""
        self.ended = False
        """The source has ended. Set last."""
        self.wanted = False
        """Whether more is waited for."""
        self.on_wanted: Callable[[], None] | None = None
        self._given = anyio.Event()

    def give(self) -> None:
        """Let what was noted be taken."""
        self.wanted = False
        self._given.set()

    async def __anext__(self) -> Message:
        while True:
            ended = self.ended  # asked first: all that was read before is there then
            if self.read:
                return self.read.popleft()
            if ended:
                if (error := self.error) is not None:
                    self.error = None
                    raise error
                raise StopAsyncIteration
            self.wanted, self._given = True, anyio.Event()
            if self.on_wanted is not None:
                self.on_wanted()
            await self._given.wait()


class _Sending:
    """One `send_many` on the event loop. Its methods run there; the caller's thread looks at what they note."""

    def __init__(self, send_many: Callable[[AsyncIterator[Message]], Results]) -> None:
        self.messages = _Messages()
        self.results = send_many(self.messages)
        self.ready: deque[Result] = deque()
        """What the caller has not read yet."""
        self.error: Exception | None = None
        """What ended it, after all results."""
        self.ended = False
        """There is nothing more to come. Set last."""

    async def step(self, *, give: bool) -> None:
        """Wait until there are results, or until more messages are wanted. *give*: some were read."""
        if give:
            self.messages.give()
        with anyio.CancelScope() as scope:
            self.messages.on_wanted = scope.cancel
            if self.messages.wanted:
                scope.cancel()
            try:
                self.ready.append(await anext(self.results))
            except StopAsyncIteration:
                self.ended = True
            except Exception as error:
                self.error, self.ended = error, True
        self.messages.on_wanted = None
        while len(self.ready) < _MOST_AT_ONCE and (result := self.results.take()) is not None:
            self.ready.append(result)


class BlockingResults(Iterator[Result]):
    """The results of one blocking `send_many` call: `for result in results`, in one thread.

    The source is read in that thread too, while the results are iterated over: a database cursor stays where it
    belongs. Sending ends early, and nothing more is begun, when `with results` is left, when `close()` is called, or
    when the object is dropped, as it is by a `break` out of a loop over `gateway.send_many(…)` itself.
    """

    def __init__(
        self,
        loop: LoopThread,
        messages: Iterable[Message],
        send_many: Callable[[AsyncIterator[Message]], Results],
    ) -> None:
        self._loop = loop
        self._source: Iterator[Message] | None = iter(messages)
        self._closed = False
        self._sending = loop.call(_begin, send_many)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __next__(self) -> Result:
        sending = self._sending
        while True:
            ended = sending.ended or self._closed  # asked first: all results are there then
            if sending.ready:
                return sending.ready.popleft()
            if ended:
                if (error := sending.error) is not None:
                    sending.error = None
                    raise error
                raise StopIteration
            wanted = sending.messages.wanted
            if wanted:
                self._read(sending.messages)
            self._loop.call(partial(sending.step, give=wanted))

    def close(self) -> None:
        """Begin nothing more. What was read and has not been dispatched is recorded as not sent, soon after."""
        self._source, self._closed = None, True
        self._loop.call(self._sending.results.aclose)

    def _read(self, messages: _Messages) -> None:
        """Note some messages of the source, whether it has ended, and what it raised."""
        until, count = time.monotonic() + _READING_SECONDS, 0
        try:
            for message in islice(self._source or (), _MOST_AT_ONCE):
                messages.read.append(message)
                count += 1
                if time.monotonic() > until:
                    break
            else:
                if count < _MOST_AT_ONCE:
                    self._source = None
        except Exception as error:
            self._source, messages.error = None, error
        messages.ended = self._source is None


async def _begin(send_many: Callable[[AsyncIterator[Message]], Results]) -> _Sending:
    return _Sending(send_many)
