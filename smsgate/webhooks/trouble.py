"""What went wrong in somebody else's code, in one line that shows no value."""

from pathlib import Path
from traceback import walk_tb

__all__ = ["trouble"]


def trouble(error: BaseException) -> str:
    """The type of *error* and the last places it went through. Its text may hold a number, so it is left out."""
    frames = [(Path(frame.f_code.co_filename).name, line) for frame, line in walk_tb(error.__traceback__)]
    places = " > ".join(f"{name}:{line}" for name, line in frames[-3:])
    return f"{type(error).__name__} at {places}"
