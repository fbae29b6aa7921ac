"""The console that commands print to: coloured on a terminal, plain and wide enough in a pipe."""

import sys
from typing import Final

from rich.console import Console

__all__ = ["make_console"]

_PIPE_WIDTH: Final = 120


def make_console() -> Console:
    """A console for standard output."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
