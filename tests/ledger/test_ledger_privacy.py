"""What a ledger writes of numbers and parameters, looked for in the bytes of its files; and what `erase` leaves."""

import json
from pathlib import Path

import pytest
from fake_vendors import LOGIN, Wire, alpha, login, number
from sql_ledgers import Place

from smsgate import ConfigurationError, DeliveryState, Gateway, PhoneNumber, Reply, StatusReport
from smsgate.data import Numbers
from smsgate.ledger import SqlLedger

pytestmark = pytest.mark.anyio

CODE = "731946"
SECRET = "a secret for hashes"
OPTIONS: list[tuple[Numbers, bool]] = [
    ("full", False),
    ("full", True),
    ("masked", False),
    ("masked", True),
    ("hashed", False),
    ("hashed", True),
]


async def fill(ledger: SqlLedger) -> None:
    """One single send, one bulk send, a report with raw items, and a reply."""
    async with Gateway([alpha(batch_limit=10)], templates=[LOGIN], transport=Wire(), ledger=ledger) as gateway:
        await gateway.send(login(number(1), CODE))
        messages = [login(number(index), CODE, key=f"key-{index}") for index in range(2, 5)]
        results = [result async for result in gateway.send_many(messages, linger=60)]
    for result in results:
        to = result.message.to
        raw = {"mobile": str(to), "text": f"for {to}"}
        event = StatusReport("alpha", str(result.message_id), to, DeliveryState.DELIVERED, raw=raw)
        await ledger.apply(event)
        await ledger.apply(Reply("alpha", "106", to, "TD", raw=raw))


def stored(directory: Path) -> bytes:
    """All bytes of the database, its log included."""
    return b"".join(path.read_bytes() for path in directory.glob("ledger.db*"))


@pytest.mark.parametrize(("numbers", "params"), OPTIONS)
async def test_the_files_have_what_was_asked_for(numbers: Numbers, params: bool, sqlite: Place, tmp_path: Path) -> None:
    """Numbers stand there only with "full", codes only with `params`, the secret never."""
    async with SqlLedger(sqlite.url, numbers=numbers, params=params, secret=SECRET) as ledger:
        await fill(ledger)
        written = stored(tmp_path)
        for index in range(1, 5):
            assert (number(index)[3:].encode() in written) == (numbers == "full")
        assert (CODE.encode() in written) == params
        assert SECRET.encode() not in written
        assert b"key-3" in written
        entries = [entry async for entry in ledger.unsettled()]
        assert len(entries) == 1  # the others were reported, and found their messages
    assert CODE.encode() not in stored(tmp_path) or params


@pytest.mark.parametrize("numbers", ["full", "hashed"])
async def test_what_is_about_a_number(numbers: Numbers, sqlite: Place) -> None:
    """`history`, `replies` and `export` find a number that is written in full or as a hash."""
    async with SqlLedger(sqlite.url, numbers=numbers, secret=SECRET) as ledger:
        await fill(ledger)
        assert [entry.message.key async for entry in ledger.history(number(3))] == ["key-3"]
        assert [reply.text async for reply in ledger.replies(number(3))] == ["TD"]
        exported = await ledger.export(number(3))
        assert {name: len(found) for name, found in exported.items()} == {"messages": 1, "reports": 1, "replies": 1}
        assert exported["messages"][0]["message"]["key"] == "key-3"
        json.dumps(exported)


async def test_masked_numbers_are_not_found(sqlite: Place) -> None:
    """What needs a number says that it does; everything else works."""
    async with SqlLedger(sqlite.url, numbers="masked") as ledger:
        await fill(ledger)
        with pytest.raises(ConfigurationError, match="history: needs a ledger with numbers"):
            ledger.history(number(3))
        with pytest.raises(ConfigurationError, match="replies: needs"):
            ledger.replies(number(3))
        for method in (ledger.erase, ledger.export):
            with pytest.raises(ConfigurationError, match="needs a ledger with numbers"):
                await method(number(3))
        delivery = await ledger.delivery("key-3")
        assert delivery is not None
        assert delivery.final


@pytest.mark.parametrize("numbers", ["full", "hashed"])
async def test_erase(numbers: Numbers, sqlite: Place, tmp_path: Path) -> None:
    """Nothing about the number is left in the files, and everything about the others is."""
    async with SqlLedger(sqlite.url, numbers=numbers, params=True, secret=SECRET) as ledger:
        await fill(ledger)
        before = {index: await ledger.delivery(f"key-{index}") for index in (2, 4)}
        assert await ledger.erase(number(3)) == 3
        assert await ledger.erase(number(1)) == 1
        assert await ledger.erase(number(3)) == 0
        assert await ledger.result("key-3") is None
        assert {index: await ledger.delivery(f"key-{index}") for index in (2, 4)} == before
        assert [entry async for entry in ledger.unsettled()] == []
        assert await ledger.export(number(3)) == {"messages": [], "reports": [], "replies": []}
        written = stored(tmp_path)
    for index in range(1, 5):
        assert (number(index)[3:].encode() in written) == (numbers == "full" and index in (2, 4))
        assert (f"key-{index}".encode() in written) == (index in (2, 4))


async def test_an_error_shows_no_number(sqlite: Place, tmp_path: Path) -> None:
    """What a database says of a failure is told without the parameters of the statement."""
    async with SqlLedger(sqlite.url) as ledger:
        await fill(ledger)
    (tmp_path / "ledger.db").write_bytes(b"this is no database, but has a length all the same" * 200)
    for log in ("ledger.db-wal", "ledger.db-shm"):
        (tmp_path / log).unlink(missing_ok=True)
    broken = SqlLedger(sqlite.url)
    with pytest.raises(Exception, match=r"ledger: DatabaseError at .*file is not a database") as caught:
        await broken.apply(Reply("alpha", "106", PhoneNumber(number(1)), "TD"))
    assert number(1)[3:] not in str(caught.value)
    assert caught.value.__cause__ is None
    await broken.aclose()
