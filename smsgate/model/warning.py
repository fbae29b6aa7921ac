"""Warnings of a set-up that may be right and mostly is not."""

import inspect
import warnings

__all__ = ["ConfigurationWarning", "warn"]


class ConfigurationWarning(UserWarning):
    """An option or template that may be right, and mostly is a mistake. Silence it with `warnings.filterwarnings`."""


def warn(text: str) -> None:
    """Issue a `ConfigurationWarning` at the caller's own line: the first outside smsgate and attrs."""
    level, frame = 1, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in ("smsgate", "attr"):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, ConfigurationWarning, stacklevel=level)
