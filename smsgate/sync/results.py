"""The results of a blocking `send_many`: messages are read in the caller's thread, and sent on the event loop's."""

import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
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
    """The source as the event loop sees it: what the caller's thread has read, given in pieces."""

    def __init__(self) -> None:
        self.wanted = False
        """Whether more is waited for."""
        self.on_wanted: Callable[[], None] | None = None
        self._read: deque[Message] = deque()
        self._ended = False
        self._error: Exception | None = None
        self._given = anyio.Event()

    def give(self, messages: Iterable[Message], *, ended: bool, error: Exception | None) -> None:
        self._read.extend(messages)
        self._ended, self._error = ended, error
        self.wanted = False
        self._given.set()

    async def __anext__(self) -> Message:
        while not self._read:
            if (error := self._error) is not None:
                self._error = None
                raise error
            if self._ended:
                raise StopAsyncIteration
            self.wanted, self._given = True, anyio.Event()
            if self.on_wanted is not None:
                self.on_wanted()
            await self._given.wait()
        return self._read.popleft()


class _Sending:
    """One `send_many` on the event loop. All of its methods run there."""

    def __init__(self, send_many: Callable[[AsyncIterator[Message]], Results]) -> None:
        self._messages = _Messages()
        self.results = send_many(self._messages)
        self._ended = False

    async def step(
        self, messages: list[Message] | None, ended: bool, error: Exception | None
    ) -> tuple[list[Result], bool, bool]:
        """Send *messages*, and wait until there are results, or until more messages are wanted.

        Returns the results, whether more is wanted, and whether these were the last ones.
        """
        if messages is not None:
            self._messages.give(messages, ended=ended, error=error)
        ready: list[Result] = []
        with anyio.CancelScope() as scope:
            self._messages.on_wanted = scope.cancel
            if self._messages.wanted:
                scope.cancel()
            try:
                ready.append(await anext(self.results))
            except StopAsyncIteration:
                self._ended = True
        self._messages.on_wanted = None
        while len(ready) < _MOST_AT_ONCE and (result := self.results.take()) is not None:
            ready.append(result)
        return ready, self._messages.wanted, self._ended


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
        self._ready: deque[Result] = deque()
        self._wanted = self._ended = False
        self._sending = loop.call(_begin, send_many)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __next__(self) -> Result:
        while not self._ready:
            if self._ended:
                raise StopIteration
            given = self._read() if self._wanted else (None, False, None)
            ready, self._wanted, self._ended = self._loop.call(self._sending.step, *given)
            self._ready.extend(ready)
        return self._ready.popleft()

    def close(self) -> None:
        """Begin nothing more. What was read and has not been dispatched is recorded as not sent, soon after."""
        self._source, self._ended = None, True
        self._loop.call(self._sending.results.aclose)

    def _read(self) -> tuple[list[Message], bool, Exception | None]:
        """Some messages of the source, whether it has ended, and what it raised."""
        messages: list[Message] = []
        until = time.monotonic() + _READING_SECONDS
        try:
            for message in islice(self._source or (), _MOST_AT_ONCE):
                messages.append(message)
                if time.monotonic() > until:
                    break
            else:
                if len(messages) < _MOST_AT_ONCE:
                    self._source = None
        except Exception as error:
            self._source = None
            return messages, True, error
        return messages, self._source is None, None


async def _begin(send_many: Callable[[AsyncIterator[Message]], Results]) -> _Sending:
    return _Sending(send_many)
