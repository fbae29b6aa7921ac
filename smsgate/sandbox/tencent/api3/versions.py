"""The two versions of the SMS API, by their dates."""

from typing import Final

__all__ = ["NEW", "OLD"]

OLD: Final = "2019-07-11"
NEW: Final = "2021-01-11"
