"""The results of a blocking `send_many`: messages are read in the caller's thread, and sent on the event loop's."""

import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

import anyio

from smsgate.model.message import Message
from smsgate.model.result import Result
from smsgate.sending.results import Results
from smsgate.sync.portal import LoopThread

__all__ = ["BlockingResults"]

T = TypeVar("T")

_MOST_AT_ONCE: Final = 500
"""How many messages or results go from one thread to the other in one call: such a call costs about 100 µs."""
_READING_SECONDS: Final = 0.02
"""How long a source is read before its messages are handed over: a slow one holds up nothing."""


class _Noted(Generic[T]):
    """What one thread notes for the other: it stays where both see it, for a call between them may be interrupted."""

    def __init__(self) -> None:
        self.items: deque[T] = deque()
        self.error: Exception | None = None
        """What is raised once, after all items."""
        self.ended = False
        """There is nothing more to come. Set last."""

    def is_next(self, end: type[Exception]) -> bool:
        """Whether an item is there. After the last one, raises what ended it, or else *end*."""
        ended = self.ended  # asked first: all items are there then
        if ended and not self.items:
            error, self.error = self.error, None
            raise end if error is None else error
        return bool(self.items)


class _Messages(AsyncIterator[Message]):
    """The source as the event loop sees it."""

    def __init__(self) -> None:
        self.noted: _Noted[Message] = _Noted()
        """What the caller's thread has read, at once."""
        self.wanted = False
        """Whether more is waited for."""
        self.on_wanted: Callable[[], None] | None = None
        self._given = anyio.Event()

    def give(self) -> None:
        """Let what was noted be taken."""
        self.wanted = False
        self._given.set()

    async def __anext__(self) -> Message:
        while not self.noted.is_next(StopAsyncIteration):
            self.wanted, self._given = True, anyio.Event()
            if self.on_wanted is not None:
                self.on_wanted()
            await self._given.wait()
        return self.noted.items.popleft()


class _Sending:
    """One `send_many` on the event loop. Its methods run there; the caller's thread looks at what they note."""

    def __init__(self, send_many: Callable[[AsyncIterator[Message]], Results]) -> None:
        self.messages = _Messages()
        self.results = send_many(self.messages)
        self.noted: _Noted[Result] = _Noted()
        """What the caller has not read yet."""

    async def step(self, *, give: bool) -> None:
        """Wait until there are results, or until more messages are wanted. *give*: some were read."""
        if give:
            self.messages.give()
        noted = self.noted
        with anyio.CancelScope() as scope:
            self.messages.on_wanted = scope.cancel
            if self.messages.wanted:
                scope.cancel()
            try:
                noted.items.append(await anext(self.results))
            except StopAsyncIteration:
                noted.ended = True
            except Exception as error:
                noted.error, noted.ended = error, True
        self.messages.on_wanted = None
        while len(noted.items) < _MOST_AT_ONCE and (result := self.results.take()) is not None:
            noted.items.append(result)


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
        self._sending = loop.call(_begin, send_many)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __next__(self) -> Result:
        sending = self._sending
        while not sending.noted.is_next(StopIteration):
            wanted = sending.messages.wanted
            if wanted:
                self._read(sending.messages.noted)
            self._loop.call(partial(sending.step, give=wanted))
        return sending.noted.items.popleft()

    def close(self) -> None:
        """Begin nothing more. What was read and has not been dispatched is recorded as not sent, soon after."""
        self._source, self._sending.noted.ended = None, True
        self._loop.call(self._sending.results.aclose)

    def _read(self, noted: _Noted[Message]) -> None:
        """Note some messages of the source, whether it has ended, and what it raised."""
        until, count = time.monotonic() + _READING_SECONDS, 0
        try:
            for message in islice(self._source or (), _MOST_AT_ONCE):
                noted.items.append(message)
                count += 1
                if time.monotonic() > until:
                    break
            else:
                if count < _MOST_AT_ONCE:
                    self._source = None
        except Exception as error:
            self._source, noted.error = None, error
        noted.ended = self._source is None


async def _begin(send_many: Callable[[AsyncIterator[Message]], Results]) -> _Sending:
    return _Sending(send_many)
