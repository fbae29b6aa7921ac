"""Whether what a test gateway was given, what it said and what the vendors have agree."""

from collections import Counter
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Sequence,
)
from typing import Any, Final, cast

import attrs

from smsgate.model.errors import InvalidNumberError
from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Outcome
from smsgate.model.result import Result
from smsgate.testing.sent import Received, describe

__all__ = ["Accounts", "Tries", "sent_twice", "unaccounted"]

_TAKEN: Final = (Outcome.ACCEPTED, Outcome.UNKNOWN)


class Accounts:
    """The messages that a gateway was given, and their results."""

    def __init__(self, resolve: Callable[[PhoneNumber], PhoneNumber]) -> None:
        self.results: list[Result] = []
        self._given: list[Message] = []
        self._resolve = resolve

    @property
    def has_any(self) -> bool:
        """Whether the gateway was given a message."""
        return bool(self._given)

    def clear(self) -> None:
        """Forget all of them."""
        self.results.clear()
        self._given.clear()

    def give(self, message: Message) -> Message:
        """Note that *message* was given to the gateway."""
        if isinstance(message, Message):  # pyright: ignore[reportUnnecessaryIsInstance]  # else it has no result
            self._given.append(message)
        return message

    def source(self, messages: Any) -> Any:
        """*messages* of `send_many`, each of which is noted as it is read. What is no source comes back as it is."""
        if isinstance(messages, AsyncIterable):
            return _Source(self, cast("AsyncIterable[Message]", messages))
        return _Reading(self, cast("Iterable[Message]", messages)) if isinstance(messages, Iterable) else messages

    def without_result(self) -> list[str]:
        """A line for each message that has no result, or more than one."""
        given = Counter(map(self._identity, self._given))
        ended = Counter(map(self._identity, (result.message for result in self.results)))
        by_identity = {self._identity(message): message for message in self._given}
        lines: list[str] = []
        for identity, message in by_identity.items():
            if message.key is not None:  # sends of one key share a result
                given[identity] = min(given[identity], max(1, ended[identity]))
                ended[identity] = min(ended[identity], given[identity])
            if ended[identity] < given[identity]:
                lines.append(f"{describe(message)} has no result yet: await its send, or close the gateway before")
            elif ended[identity] > given[identity]:
                lines.append(f"{describe(message)} has {ended[identity]} results for {given[identity]} sends")
        return lines

    def _identity(self, message: Message) -> tuple[str, ...]:
        try:
            number = self._resolve(message.to)
        except InvalidNumberError:
            number = message.to
        if message.key is not None:
            return str(number), str(message.key)
        return str(number), str(message.template), repr(message.params)


@attrs.frozen
class _Reading:
    """The plain source of a `send_many`. Like any, it is closed by its reader if it is left before its end."""

    accounts: Accounts
    messages: Iterable[Message]

    def __iter__(self) -> Iterator[Message]:
        source = iter(self.messages)
        try:
            for message in source:
                yield self.accounts.give(message)
        finally:
            if isinstance(source, Generator):
                source.close()


@attrs.frozen
class _Source:
    """The async source of a `send_many`."""

    accounts: Accounts
    messages: AsyncIterable[Message]

    async def __aiter__(self) -> AsyncIterator[Message]:
        source = aiter(self.messages)
        try:
            async for message in source:
                yield self.accounts.give(message)
        finally:
            if isinstance(source, AsyncGenerator):
                await source.aclose()


class Tries:
    """Finds the result of an accepted message by the try that it was sent with."""

    def __init__(self, results: Iterable[Result]) -> None:
        self.results: tuple[Result, ...] = tuple(results)
        self._by_id: dict[str, Result] = {}
        self._by_reference: dict[tuple[str, str], Result] = {}
        for result in self.results:
            for attempt in result.attempts:
                if attempt.message_id is not None:
                    self._by_id[attempt.message_id] = result
                elif attempt.reference:  # the response was lost, and the id with it
                    self._by_reference[attempt.reference, str(result.message.to)] = result

    def result_of(self, received: Received[Any]) -> Result | None:
        """The result that *received* is in, if any is."""
        found = self._by_id.get(received.id)
        return found or self._by_reference.get((received.reference or "", str(received.to)))


def sent_twice(received: Sequence[Received[Any]], tries: Tries) -> list[str]:
    """Lines about messages that were accepted more than once: those of one key, or without one of one content."""
    groups: dict[tuple[object, ...], list[Received[Any]]] = {}
    for each in received:
        result = tries.result_of(each)
        key = None if result is None else result.message.key
        groups.setdefault(each.content if key is None else (str(each.to), key), []).append(each)
    lines: list[str] = []
    for copies in groups.values():
        if len(copies) > 1:
            lines.append(f"{copies[0].what} was accepted {len(copies)} times:")
            lines += [f"  by {each.by}{_said(tries.result_of(each))}" for each in copies]
    return lines


def _said(result: Result | None) -> str:
    """What the caller of the send was told, by which one sees why it was sent again."""
    if result is None:
        return ", for another gateway (give its results as results=)"
    if result.possible_duplicate:
        return f"; its send said {result.outcome} and possible_duplicate: a failover that was opted into"
    return f"; its send said {result.outcome}{f' ({result.reason})' if result.reason else ''}"


def unaccounted(received: Sequence[Received[Any]], tries: Tries) -> list[str]:
    """Lines about what the vendors have and no result tells, and the other way round."""
    lines: list[str] = []
    for each in received:
        result = tries.result_of(each)
        if result is None:
            lines.append(f"{each.line}, is in no result (give those of other gateways as results=)")
        elif result.outcome not in _TAKEN:
            lines.append(f"{each.line}, but its result says {result.outcome}")
    ids = {each.id for each in received}
    lines += [
        f"{describe(result.message)} is ACCEPTED with an id that {result.provider} does not know"
        for result in tries.results
        if result.accepted and result.message_id is not None and result.message_id not in ids
    ]
    return lines
