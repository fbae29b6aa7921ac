"""What the codes in Tencent's delivery reports mean. The tables are loaded at the first report of a failure."""

from typing import Final

from smsgate.provider.codes import Codebook

__all__ = ["STATUS_CODES"]


def _load() -> Codebook:
    from smsgate.tencent.status_tables import STATUS_TABLES

    return STATUS_TABLES


STATUS_CODES: Final = Codebook({}, late=_load)
"""The codes of delivery reports that say `FAIL`."""
