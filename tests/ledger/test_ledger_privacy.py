"""What a ledger writes of numbers and parameters, looked for in the bytes of its files; and what `erase` leaves."""

import json
import re
from pathlib import Path

import attrs
import pytest
from fake_vendors import LOGIN, Call, FakeVendor, Wire, alpha, login, number
from sql_ledgers import Place
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from smsgate import (
    Batch,
    ConfigurationError,
    DeliveryState,
    Gateway,
    HttpResponse,
    Job,
    PhoneNumber,
    Reason,
    Reply,
    StatusReport,
    Verdict,
)
from smsgate.data import Numbers
from smsgate.ledger import SqlLedger
from smsgate.ledger.database import as_ledger_error
from smsgate.ledger.handles import of_number
from smsgate.provider import Meaning, vendor_text

pytestmark = pytest.mark.anyio

CODE = "731946"
TEXT = "Your code is {code}"
SECRET = "a secret for hashes"
OPTIONS: list[tuple[Numbers, bool, str | None]] = [
    ("full", False, None),
    ("full", False, SECRET),
    ("full", True, SECRET),
    ("masked", False, None),
    ("masked", False, SECRET),
    ("masked", True, SECRET),
    ("hashed", False, SECRET),
    ("hashed", True, SECRET),
]


@attrs.define
class Echoing(FakeVendor):
    """Refuses all, and repeats the whole message in its description, as some vendors do."""

    def parse_response(self, batch: Batch, response: HttpResponse) -> list[Verdict]:
        return [self._refused(job) for job in batch.jobs]

    def _refused(self, job: Job) -> Verdict:
        text = vendor_text(f"{TEXT.format(code=job.params[0])}, to {job.to}", [job])
        return Verdict.refused("KEYWORD", Meaning(Reason.CONTENT_BLOCKED, "content refused"), text)


async def fill(ledger: SqlLedger) -> None:
    """One single send, one that is refused, one bulk send, reports with raw items, and replies."""
    async with Gateway([Echoing("beta")], templates=[LOGIN], transport=Wire(), ledger=ledger) as gateway:
        refused = await gateway.send(login(number(5), CODE, key="key-5"))
        assert refused.description == f"content refused ({TEXT.format(code='****')}, to +86*******0005)"
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


def rows_of(place: Place, *tables: str) -> str:
    """All rows of *tables*."""
    engine = create_engine(place.url)
    with engine.connect() as connection:
        rows = [connection.execute(text(f"SELECT * FROM {place.prefix}{name}")).all() for name in tables]
    engine.dispose()
    return repr(rows)


@pytest.mark.parametrize(("numbers", "params", "secret"), OPTIONS)
async def test_the_files_have_what_was_asked_for(
    numbers: Numbers, params: bool, secret: str | None, sqlite: Place, tmp_path: Path
) -> None:
    """Numbers and their digests stand there only with "full", codes only with `params`, texts and the secret never."""
    async with SqlLedger(sqlite.url, numbers=numbers, params=params, secret=secret) as ledger:
        await fill(ledger)
        written = stored(tmp_path)
        for index in range(1, 6):
            assert (number(index)[3:].encode() in written) == (numbers == "full")
        for index in range(2, 5):  # these were looked for
            assert (of_number(number(index)) in written) == (numbers == "full")
        assert (CODE.encode() in written) == params
        assert SECRET.encode() not in written
        assert b"Your code is 7" not in written
        assert b"valid for" not in written  # of the template
        assert b"key-3" in written
        assert b"content refused (Your code is ****" in written
        entries = [entry async for entry in ledger.unsettled()]
        assert len(entries) == 1  # the others were reported, and found their messages
    assert CODE.encode() not in stored(tmp_path) or params
    assert re.search(rf"key-|{CODE}|{number(0)[1:6]}", rows_of(sqlite, "keys")) is None


@pytest.mark.parametrize("secret", [None, SECRET])
async def test_what_is_kept_beside_a_key(secret: str | None, sqlite: Place) -> None:
    """Without a secret nothing that tells one code or number from another: their digests could be tried out."""
    contents: list[str] = []
    for index, code in enumerate(("731946", "111111")):
        place = attrs.evolve(sqlite, prefix=f"p{index}_")
        async with SqlLedger(**place.arguments, secret=secret) as ledger:
            await ledger.claim([login(number(index), code, key="order-1")])
        engine = create_engine(place.url)
        with engine.connect() as connection:
            contents.append(connection.execute(text(f"SELECT content FROM {place.prefix}keys")).scalar_one())
        engine.dispose()
    assert (contents[0] == contents[1]) == (secret is None)


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


async def test_erased_while_it_is_sent(place: Place) -> None:
    """Of a message that is erased before its response has come nothing is written; of the others, all."""
    async with SqlLedger(**place.arguments) as ledger:

        async def erase(call: Call) -> None:
            assert await ledger.erase(number(3)) == 1

        async with Gateway(
            [alpha(batch_limit=10)], templates=[LOGIN], transport=Wire(alpha=erase), ledger=ledger
        ) as mine:
            messages = [login(number(index), key=f"key-{index}") for index in range(2, 5)]
            assert len([result async for result in mine.send_many(messages, linger=60)]) == 3
            await mine.send(login(number(3), key="key-3"))
        assert [await ledger.result(f"key-{index}") is None for index in range(2, 5)] == [False, True, False]
        result = await ledger.result("key-4")
        assert result is not None
        assert result.message_id == "alpha-0004"
        report = StatusReport("alpha", "alpha-0003", None, DeliveryState.DELIVERED)
        assert await ledger.apply(report) is None
        assert [entry.message.key async for entry in ledger.unsettled()] == ["key-2", "key-4"]
    written = rows_of(place, "requests", "handles", "unindexed")
    assert "alpha-0004" in written
    assert "alpha-0003" not in written
    assert number(3) not in written


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


async def test_a_log_shows_no_value(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """What a database says of a row that it refuses is logged, without what is in the row."""
    requests = f"{place.prefix}requests"
    never = f"ALTER TABLE {requests} ADD CONSTRAINT {place.prefix}never CHECK (started_at < 0)"
    if place.url.startswith("sqlite"):  # which adds no constraints
        never = f"CREATE TRIGGER never BEFORE INSERT ON {requests} BEGIN SELECT RAISE(ABORT, 'CHECK never'); END"
    async with SqlLedger(**place.arguments, params=True) as ledger:
        engine = create_engine(place.url)
        with engine.begin() as connection:
            connection.execute(text(never))
        engine.dispose()
        async with Gateway([alpha()], templates=[LOGIN], transport=Wire(), ledger=ledger) as gateway:
            result = await gateway.send(login(number(1), CODE, key="canary"))
    assert result.description == "the ledger could not record it: the log says why"
    [line] = [record.getMessage() for record in caplog.records]
    assert line.startswith("ledger: a request to alpha is not sent: ledger: ")
    assert "never" in line
    assert re.search(rf"canary|{CODE}|{number(1)[1:6]}", line) is None


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (1062, "Duplicate entry '{}' for key 'PRIMARY'"),
        (1366, "Incorrect string value: '{}' for column `test`.`smsgate_requests`.`messages` at row 1"),
        (1292, "Truncated incorrect INTEGER value: '{}' for column 'started_at' at row 1"),
    ],
)
async def test_an_error_of_mysql_shows_no_value(code: int, words: str) -> None:
    """It quotes values, and where they were to be written, which is what is told."""
    error = IntegrityError("INSERT", None, Exception(code, words.format('"canary\'s"')))
    told = str(as_ledger_error(error))
    assert "canary" not in told
    assert str(code) in told
    assert words.format("…")[-20:] in told
