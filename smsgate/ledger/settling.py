"""Of which messages something is still expected: a bit for each message of a request, in one row."""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, delete, select, update

from smsgate.ledger.rows import Place, fetch_in
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
    unsettled = tables.unsettled
    for row in fetch_in(connection, select(unsettled).with_for_update(), unsettled.c.request, sorted(masks)):
        own = unsettled.c.request == row.request
        left = int.from_bytes(row.open, "little") & ~masks[row.request]
        if left:
            bits = left.to_bytes(len(row.open), "little")
            connection.execute(update(unsettled).where(own).values(open=bits))
        else:
            connection.execute(delete(unsettled).where(own))
