"""What is checked of the arguments of `send_many` before anything is read. Pure."""

import math
from collections.abc import AsyncIterable, Iterable

from smsgate.model.errors import ConfigurationError

__all__ = ["check_bulk_options"]


def check_bulk_options(messages: object, *, concurrency: object, window: object, linger: object) -> None:
    """Raise `ConfigurationError` if one of the arguments cannot be what it is to be."""
    if not all(isinstance(each, int) and each >= 1 for each in (concurrency, window)):
        raise ConfigurationError("send_many: concurrency and window must be at least 1")
    if not isinstance(linger, int | float) or not 0 <= linger < math.inf:
        raise ConfigurationError("send_many: linger must be seconds, 0 or more")
    if not isinstance(messages, Iterable | AsyncIterable):
        raise ConfigurationError(f"send_many: messages must be iterable, not a {type(messages).__name__}")
