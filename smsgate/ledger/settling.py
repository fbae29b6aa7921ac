"""Of which messages something is still expected: a bit for each message of a request, in one row."""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, delete

from smsgate.ledger.rows import Place, delete_in, lock_rows, update_rows
from smsgate.ledger.schema import Tables

__all__ = ["all_open", "open_positions", "settle"]


def all_open(count: int) -> bytes:
    """The bits of a request of *count* messages that is about to leave."""
    return ((1 << count) - 1).to_bytes((count + 7) // 8, "little")


def open_positions(bits: bytes) -> Iterator[int]:
    """The positions that are open."""
    left = int.from_bytes(bits, "little")
    while left:
        lowest = left & -left
        yield lowest.bit_length() - 1
        left ^= lowest


def settle(connection: Connection, tables: Tables, places: Iterable[Place]) -> None:
    """Note that nothing more is expected of the messages at *places*."""
    masks: dict[bytes, int] = {}
    for place in places:
        masks[place.request] = masks.get(place.request, 0) | 1 << place.position
    if not masks:  # as nearly always: not even a query is made
        return
    left: list[tuple[bytes, bytes]] = []
    over: list[bytes] = []
    for own, bits in lock_rows(connection, tables.unsettled, masks):
        still = int.from_bytes(bits, "little") & ~masks[own]
        if still:
            left.append((still.to_bytes(len(bits), "little"), own))
        else:
            over.append(own)
    update_rows(connection, tables.unsettled, "open", left)
    delete_in(connection, delete(tables.unsettled), tables.unsettled.c.request, over)
