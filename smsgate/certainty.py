"""How sure the meaning of a vendor's code is."""

from enum import StrEnum

__all__ = ["Certainty"]


class Certainty(StrEnum):
    """What stands behind the meaning of a code."""

    LISTED = "LISTED"
    """The vendor's own document, or the protocol's, has this code."""
    INFERRED = "INFERRED"
    """The document lacks this code; its family, or a state that it names, tells the cause in general."""
    UNOFFICIAL = "UNOFFICIAL"
    """Seen in use and explained by others than the vendor. Such a meaning never suppresses a number."""
    UNLISTED = "UNLISTED"
    """Nobody explains it: the reason is `UNKNOWN`."""
