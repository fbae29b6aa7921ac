"""Asks a caller's source for the credentials of one request."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any, Final, TypeVar

import anyio
import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.masking import describe_failure, safe_text
from smsgate.transport.loop import cancelled_natively

__all__ = ["NoCredentials", "obtain"]

T = TypeVar("T")

_SOURCE: Final = "its source of credentials"


@attrs.frozen
class NoCredentials:
    """There is nothing to sign with, so that nothing can be sent."""

    problem: str
    """Why, in words fit for a log: never the text of the source's error, which may hold a secret."""


async def obtain(source: Callable[[], object], use: Callable[[Any], T], *, seconds: float) -> T | NoCredentials:
    """What *use* makes of the credentials that *source* returns within *seconds*. Never raises what either raises."""
    with anyio.move_on_after(seconds):
        try:
            found = source()
            if inspect.isawaitable(found):
                found = await found
        except (Exception, asyncio.CancelledError) as error:
            if cancelled_natively():  # else the source met a cancellation of its own, as of a task that it shares
                raise
            return NoCredentials(f"{_SOURCE} failed: {describe_failure(error)}")
        return _use(use, found)
    return NoCredentials(f"{_SOURCE} gave none within {seconds:g} seconds")


def _use(use: Callable[[Any], T], found: object) -> T | NoCredentials:
    try:
        return use(found)
    except ConfigurationError as error:  # of the vendor's package, which keeps secrets out of it
        return NoCredentials(f"{_SOURCE} gave what cannot be used: {safe_text(str(error))}")
    except Exception as error:
        return NoCredentials(f"{_SOURCE} gave what cannot be used: {describe_failure(error)}")
