"""What a log says of a record that failed: a ledger, or a store of rates."""

from typing import Final

from smsgate.model.errors import LedgerError
from smsgate.model.masking import describe_failure, safe_text

__all__ = ["describe_record_failure"]

_MOST: Final = 600
"""Characters: the places of an error, and a database's words."""


def describe_record_failure(error: BaseException) -> str:
    """The text of a `LedgerError`, which has no value that was to be written; of all others, the type and the places.

    Whoever reads it learns from the text what to do: no table is there, the disk is full.
    """
    return safe_text(str(error), _MOST) if isinstance(error, LedgerError) else describe_failure(error)
