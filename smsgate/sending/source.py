"""Reading the source of a `send_many`, whatever kind of iterable it is, to its end."""

from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable
from typing import Protocol

import anyio

from smsgate.model.message import Message
from smsgate.sending.numbering import NumberingLoader

__all__ = ["SourceReader", "read_source"]


class SourceReader(Protocol):
    """Who takes what is read."""

    def add_like_last(self, message: Message) -> bool | None:
        """As `add`, of a message that differs from one before in number alone. None: it does not, `add` it."""
        ...

    def add(self, message: Message) -> bool:
        """Take *message*. Returns whether `catch_up` must be awaited before the next one is read."""
        ...

    async def catch_up(self) -> None:
        """Wait until there is room for more."""
        ...

    def start_watch(self) -> None:
        """Called before anything that may take its time."""
        ...


async def read_source(
    messages: Iterable[Message] | AsyncIterable[Message], reader: SourceReader, numbering: NumberingLoader
) -> None:
    """Read *messages* to its end, and close it if it is a generator: only its reader knows when it is done with."""
    if isinstance(messages, AsyncIterable):
        async_source = aiter(messages)
        reader.start_watch()
        try:
            async for message in async_source:
                full = reader.add_like_last(message)
                if full or (full is None and await _add(message, reader, numbering)):
                    await reader.catch_up()
        finally:
            if isinstance(async_source, AsyncGenerator):
                await async_source.aclose()
    else:
        source = iter(messages)
        try:
            for message in source:
                full = reader.add_like_last(message)
                if full or (full is None and await _add(message, reader, numbering)):
                    await reader.catch_up()
        finally:
            if isinstance(source, Generator):
                source.close()


async def _add(message: Message, reader: SourceReader, numbering: NumberingLoader) -> bool:
    """Add a message that is not like the last one, once the numbering plans are there, if its number needs them."""
    if numbering.is_needed_for(message):
        reader.start_watch()
        try:
            await numbering.load()
        except anyio.get_cancelled_exc_class():
            reader.add(message)  # it was read, so it is to have a result
            raise
    return reader.add(message)
