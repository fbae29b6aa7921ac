"""From messages to jobs: each message gets a key, a lane, and a place in a job. Pure but for the keys that it makes."""

import secrets
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any, Final

import attrs

from smsgate.data import from_data, to_data
from smsgate.model.errors import ConfigurationError, MessageError
from smsgate.model.kind import MessageKind
from smsgate.model.message import Message
from smsgate.sending.bulk_options import check_campaign_name
from smsgate.sending.resolve import key_problem
from smsgate.tasks.job import write_job
from smsgate.tasks.lanes import Lane, Lanes
from smsgate.tasks.sealing import Sealing

__all__ = ["Enqueued", "Enqueuing", "NewJob", "check_aware", "check_options"]

_KEY_BYTES: Final = 9
"""12 characters: a tag with it stays short, and of a thousand million messages no two are likely to have the same."""
_MOST_IN_CHUNK: Final = 1000


@attrs.frozen(kw_only=True)
class Enqueued:
    """What `enqueue_many` has enqueued."""

    messages: int
    jobs: int
    campaign: str | None = None


@attrs.frozen
class NewJob:
    """A job that is to be enqueued."""

    data: dict[str, Any]
    """What the task is called with, in plain JSON types: see `smsgate.tasks.job`."""
    lane: Lane
    keys: tuple[str, ...]
    """Those of its messages, in their order."""


@attrs.frozen
class Enqueuing:
    """Makes jobs of messages."""

    sealing: Sealing
    lanes: Lanes

    def one(self, message: Message) -> NewJob:
        """The job for one message. Without a kind it counts as a notification. Raises `MessageError`."""
        keyed = with_key(message)
        return self.job([keyed], self.lanes.lane_of(keyed, "notification"), None)

    async def many(
        self, source: Iterable[Message] | AsyncIterable[Message], chunk: int, campaign: str | None
    ) -> AsyncGenerator[NewJob]:
        """The jobs for the messages of *source*, each with up to *chunk* of one kind. Without a kind it is marketing.

        Not more than a chunk of each kind is in memory. Raises `MessageError` and `ConfigurationError`.
        """
        if not isinstance(source, AsyncIterable):
            for job in self.many_blocking(source, chunk, campaign):
                yield job
            return
        chunks, messages = self._chunks(chunk, campaign), aiter(source)
        try:
            async for message in messages:
                if (closed := chunks.add(message)) is not None:
                    yield closed
        finally:
            if isinstance(messages, AsyncGenerator):  # only its reader knows when it is done with
                await messages.aclose()
        for job in chunks.rest():
            yield job

    def many_blocking(self, source: Iterable[Message], chunk: int, campaign: str | None) -> Iterator[NewJob]:
        """As `many`, for code that is not async."""
        chunks = self._chunks(chunk, campaign)
        for message in source:
            if (job := chunks.add(message)) is not None:
                yield job
        yield from chunks.rest()

    async def each(
        self,
        source: Iterable[Message] | AsyncIterable[Message],
        chunk: int,
        campaign: str | None,
        enqueue: Callable[[NewJob], Awaitable[object]],
    ) -> Enqueued:
        """Await *enqueue* for each of `many`, for an engine that takes one at a time; what was enqueued."""
        messages = count = 0
        async with aclosing(self.many(source, chunk, campaign)) as jobs:
            async for job in jobs:
                await enqueue(job)
                messages, count = messages + len(job.keys), count + 1
        return Enqueued(messages=messages, jobs=count, campaign=campaign)

    def _chunks(self, chunk: int, campaign: str | None) -> "_Chunks":
        if not isinstance(chunk, int) or not 1 <= chunk <= _MOST_IN_CHUNK:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"chunk: must be a number of messages from 1 to {_MOST_IN_CHUNK}")
        if campaign is not None:
            check_campaign_name(campaign)
        return _Chunks(self, chunk, campaign)

    def job(self, messages: Sequence[Message], lane: Lane, campaign: str | None) -> NewJob:
        """The job for *messages*, which have keys."""
        keys = tuple(message.key or "" for message in messages)
        return NewJob(write_job(messages, self.sealing, campaign), lane, keys)


@attrs.define
class _Chunks:
    """Messages of each kind, until there are enough for a job."""

    enqueuing: Enqueuing
    size: int
    campaign: str | None
    waiting: dict[MessageKind, list[Message]] = attrs.field(factory=dict[MessageKind, list[Message]])

    def add(self, message: Message) -> NewJob | None:
        keyed = with_key(message)
        kind = self.enqueuing.lanes.kind_of(keyed, "marketing")
        waiting = self.waiting.setdefault(kind, [])
        waiting.append(keyed)
        return self._close(kind) if len(waiting) >= self.size else None

    def rest(self) -> Iterator[NewJob]:
        for kind in list(self.waiting):
            yield self._close(kind)

    def _close(self, kind: MessageKind) -> NewJob:
        lanes = self.enqueuing.lanes
        return self.enqueuing.job(self.waiting.pop(kind), lanes.by_kind[kind], self.campaign)


def check_options(options: Mapping[str, Any], kind: type) -> None:
    """Raise `ConfigurationError` for what is none of *kind*, a `TypedDict`, and for a time without a time zone.

    An engine may have more options, which are used here.
    """
    if unknown := sorted(set(options) - set(kind.__annotations__)):
        known = ", ".join(kind.__annotations__)
        raise ConfigurationError(f"enqueue: {', '.join(unknown)} is none of its options, which are {known}")
    for name, value in options.items():
        if isinstance(value, datetime):
            check_aware(name, value)


def check_aware(name: str, time: datetime) -> None:
    """Raise `ConfigurationError` for a *time* without a time zone, which may be another one where the worker is."""
    if time.utcoffset() is None:
        raise ConfigurationError(f"{name}: must have a time zone")


def with_key(message: Message) -> Message:
    """*message* with a key: its own, or one made for it. Raises `MessageError` for what cannot be a job."""
    if not isinstance(message, Message):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise MessageError(f"enqueue: takes a smsgate.Message, not {type(message).__name__}. Nothing was enqueued.")
    if message.key is None:
        message = attrs.evolve(message, key=secrets.token_urlsafe(_KEY_BYTES))
    problem = key_problem(message.key) or _loss(message)
    if problem:
        raise MessageError(f"{problem}. Nothing was enqueued for {message.to.masked}.")
    return message


def _loss(message: Message) -> str | None:
    """What of *message* no worker would get, because it is none of what a message may have."""
    found = from_data(to_data(message, params=True), Message)
    for field in attrs.fields(Message):
        if getattr(found, field.name) != getattr(message, field.name):
            return f"{field.name}: must be what smsgate.Message says of it"
    return None
