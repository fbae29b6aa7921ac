"""What a check of settings and accounts found."""

from enum import StrEnum

import attrs

__all__ = ["Finding", "Level"]


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    SKIPPED = "skipped"
    """It could not be looked at."""
    WARNING = "warning"
    ERROR = "error"
    """Messages will be refused, or will not be what you meant."""


@attrs.frozen
class Finding:
    """One thing that was looked at."""

    level: Level
    subject: str
    """What it is about: an account, a template at an account, an address."""
    check: str
    """What was looked at, in one or two words."""
    text: str
    remedy: str = ""
    """What to do. Empty where there is nothing to do."""
