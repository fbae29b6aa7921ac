"""What a fork has to wait for."""

import os
import threading
from types import TracebackType
from typing import Final

__all__ = ["IMPORTING", "MAKING", "ForkLock"]


class ForkLock:
    """A lock that whoever forks waits for. It lives as long as the process.

    For imports: a child that finds one half done, by a thread that it does not have, waits for its end for ever.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._is_held_for_fork = False
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self._hold, after_in_parent=self._let_go, after_in_child=self._renew)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._lock.release()

    def _hold(self) -> None:
        self._lock.acquire()
        self._is_held_for_fork = True

    def _let_go(self) -> None:
        if self._is_held_for_fork:  # it is not, if it was made while the fork waited for another one
            self._is_held_for_fork = False
            self._lock.release()

    def _renew(self) -> None:
        """A server that forks by itself, as uWSGI, does not wait: another thread may have the lock."""
        self._is_held_for_fork = False
        self._lock = threading.RLock()


# A fork knows the locks that were there when it began: these are there before anything is imported late.
MAKING: Final = ForkLock()
"""Held while the parts of a gateway are made, in the thread of its event loop."""
IMPORTING: Final = ForkLock()
"""Held by threads that import."""
