"""Which code is smsgate's own, and what a traceback with local variables shows of it."""

import traceback
from pathlib import Path
from types import CodeType

import smsgate

__all__ = ["is_own", "own_frames"]

PACKAGE = Path(smsgate.__file__).parent


def is_own(code: CodeType) -> bool:
    """Whether *code* stands in the package. A clone may be in a directory named `smsgate` too."""
    return PACKAGE in Path(code.co_filename).parents


def own_frames(error: BaseException) -> list[str]:
    """Name and locals of each frame of smsgate that *error* came through.

    Only these are rendered, and they are told by the package's directory. A test's frame holds what the test searches
    for, and all that it has collected so far: rendered once an error, in a clone whose directory is named `smsgate` as
    well, that doubles with every error.
    """
    walk = traceback.walk_tb(error.__traceback__)
    own = ((frame, line) for frame, line in walk if is_own(frame.f_code))
    return [f"{frame.name} {frame.locals}" for frame in traceback.StackSummary.extract(own, capture_locals=True)]
