"""Loading the numbering plans at the first number that needs them, and not on the event loop."""

import importlib
import logging
from typing import Final

import anyio
from anyio.lowlevel import RunVar, checkpoint_if_cancelled

from smsgate.model.masking import describe_failure
from smsgate.model.message import Message
from smsgate.model.phone import needs_numbering
from smsgate.transport.threads import import_in_own_thread

__all__ = ["NumberingLoader"]

logger: Final = logging.getLogger("smsgate")

_LOADING: Final[RunVar[anyio.Lock]] = RunVar("smsgate_loading_numbering")
"""One for each event loop: a gateway of tests may be used on several, a lock may not."""


class NumberingLoader:
    """Imports `smsgate.model.numbering`, once, in a thread: on the event loop all other sends would wait for it.

    *looked_up*: countries and types of numbers are, see `Destinations.looks_up`.
    """

    def __init__(self, default_region: str | None, *, looked_up: bool) -> None:
        self.is_expected: bool = looked_up or default_region not in (None, "CN")
        """Whether it is known before any message that they will be needed."""
        self._default_region = default_region
        self._loaded = False

    def is_needed_for(self, message: Message) -> bool:
        """Whether `load` is to be awaited before *message* is prepared. Never raises, whatever *message* is."""
        if self._loaded:
            return False
        try:
            return needs_numbering(message.to, self._default_region)
        except Exception:  # no message, or a text of the caller's own that fails when it is read: `prepare` says so
            return False

    async def load(self) -> None:
        """Import them, or wait until another send has.

        If that fails, as where no thread can be started, it is logged: whoever needs them imports them where it is.
        """
        lock = _LOADING.get(None)
        if lock is None:
            lock = anyio.Lock()
            _LOADING.set(lock)
        async with lock:
            if not self._loaded:
                try:
                    await import_in_own_thread(_import)
                except Exception as error:
                    logger.error("the numbering plans could not be loaded ahead: %s", describe_failure(error))
                self._loaded = True
        await checkpoint_if_cancelled()  # the thread has been waited for, whoever was cancelled meanwhile


def _import() -> None:
    importlib.import_module("smsgate.model.numbering")
