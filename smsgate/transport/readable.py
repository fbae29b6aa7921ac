"""Whether there is something to read from a socket, which no request may then go over."""

import select
from collections.abc import Callable
from functools import partial
from typing import Any

__all__ = ["readable"]


def readable(sock: Any) -> Callable[[], bool]:
    """What tells whether there is something to read from *sock*: bytes or the end. Unless it is known, there is."""
    if sock.fileno() < 0:  # it was closed meanwhile
        return lambda: True
    if not hasattr(select, "poll"):  # Windows; a process that gevent has patched
        return partial(_is_selected, sock)
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return lambda: bool(poll.poll(0))


def _is_selected(sock: Any) -> bool:
    try:
        return bool(select.select([sock], [], [], 0)[0])
    except ValueError:  # its number is above those that `select` can take
        return True
