"""When the digests are written by which messages are found, and how it is noted which messages are open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sql_ledgers import Place, attempts_for, request_for
from sqlalchemy import create_engine, text

from smsgate.ledger import SqlLedger, indexing
from smsgate.ledger.settling import all_open, open_positions


def rows_of(place: Place, table: str) -> int:
    """How many rows a table has."""
    engine = create_engine(place.url)
    with engine.connect() as connection:
        count: int = connection.execute(text(f"SELECT count(*) FROM {place.prefix}{table}")).scalar_one()
    engine.dispose()
    return count


@pytest.mark.anyio
async def test_sending_writes_no_digest(place: Place) -> None:
    """The first question that needs them writes those of all requests; a question of what is open needs none."""
    async with SqlLedger(**place.arguments) as ledger:
        request = request_for("a", "b")
        await ledger.leaving(request)
        await ledger.left(request, attempts_for(request))
        assert (rows_of(place, "handles"), rows_of(place, "unindexed")) == (0, 2)
        assert await ledger.result("b") is not None
        # One for the tag, and for each message a key, a number and the vendor's id.
        assert (rows_of(place, "handles"), rows_of(place, "unindexed")) == (7, 0)


@pytest.mark.anyio
async def test_many_are_indexed_in_several_transactions(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that others send in between; each message is found afterwards."""
    monkeypatch.setattr(indexing, "_MESSAGES", 3)
    monkeypatch.setattr(indexing, "_REQUESTS", 4)
    async with SqlLedger(**place.arguments) as ledger:
        for index in range(7):
            request = request_for(f"a{index}", f"b{index}", at=1_700_000_000.0 + index)
            await ledger.leaving(request)
            await ledger.left(request, attempts_for(request))
        for index in range(7):
            assert await ledger.result(f"b{index}") is not None
        assert rows_of(place, "unindexed") == 0


@given(st.integers(1, 600), st.data())
def test_bits_of_open_messages(count: int, data: st.DataObject) -> None:
    """All are open at first; the positions that are read are those that were written."""
    assert list(open_positions(all_open(count))) == list(range(count))
    some = data.draw(st.sets(st.integers(0, count - 1)))
    bits = sum(1 << position for position in some).to_bytes(len(all_open(count)), "little")
    assert list(open_positions(bits)) == sorted(some)
