"""The tables of a ledger: made once, by whoever comes first, and brought up to date."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from sqlite3 import connect

import anyio
import pytest
from fake_vendors import login, number
from sql_ledgers import Place, request_for
from sqlalchemy import Connection, create_engine, inspect, text

from smsgate import ConfigurationError, MessageStatus, Outcome
from smsgate.ledger import SqlLedger, schema

pytestmark = pytest.mark.anyio

STORED = Path(__file__).parent / "samples"


async def test_create_again_does_nothing(place: Place) -> None:
    """Also from several ledgers at once, with a prefix for each application."""
    ledgers = [SqlLedger(**place.arguments) for _ in range(4)]
    async with anyio.create_task_group() as tasks:
        for ledger in ledgers:
            tasks.start_soon(ledger.create)
    await ledgers[0].leaving(request_for("a"))
    await ledgers[1].create()
    assert await ledgers[2].result("a") is not None
    for ledger in ledgers:
        await ledger.aclose()


async def test_metadata_is_what_create_makes(place: Place) -> None:
    """The tables of `metadata`, for a tool for migrations."""
    async with SqlLedger(**place.arguments) as ledger:
        engine = create_engine(place.url)
        made = {name for name in inspect(engine).get_table_names() if name.startswith(place.prefix)}
        engine.dispose()
        assert set(ledger.metadata.tables) == made


async def test_tables_of_a_later_release(place: Place) -> None:
    """They are left alone, and the error says why."""
    ledger = SqlLedger(**place.arguments)
    await ledger.create()
    engine = create_engine(place.url)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {place.prefix}version SET version = 99"))
    engine.dispose()
    with pytest.raises(ConfigurationError, match="of version 99, made by a later release"):
        await ledger.create()
    await ledger.aclose()


async def test_a_migration_is_made_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables of an older version become those of this one, step by step, in one transaction."""
    steps: list[int] = []

    def step(version: int) -> Callable[[Connection, schema.Tables], None]:
        return lambda connection, tables: steps.append(version)

    async with SqlLedger(**place.arguments) as ledger:
        monkeypatch.setattr(schema, "VERSION", 3)
        monkeypatch.setattr(schema, "MIGRATIONS", {1: step(1), 2: step(2)})
        await ledger.create()
        await ledger.create()
    assert steps == [1, 2]


async def test_files_of_each_version_are_read(tmp_path: Path) -> None:
    """What a release has stored is read by later ones: sends of all outcomes, reports and replies."""
    samples = sorted(STORED.glob("version-*.sql"))
    assert [sample.stem for sample in samples] == [f"version-{each}" for each in range(1, schema.VERSION + 1)]
    for sample in samples:
        file = tmp_path / f"{sample.stem}.db"
        with connect(file) as connection:
            connection.executescript(sample.read_text("utf-8"))
        connection.close()
        async with SqlLedger(f"sqlite:///{file}") as ledger:
            outcomes = {}
            for key in ("accepted", "refused", "unknown", "open", "bulk-0", "bulk-1"):
                result = await ledger.result(key)
                outcomes[key] = result and result.outcome
            assert outcomes == {
                "accepted": Outcome.ACCEPTED,
                "refused": Outcome.REJECTED,
                "unknown": Outcome.UNKNOWN,
                "open": Outcome.UNKNOWN,
                "bulk-0": Outcome.ACCEPTED,
                "bulk-1": Outcome.ACCEPTED,
            }
            [known] = await ledger.claim([login(number(0), key="accepted")])
            assert known.result is not None
            assert known.result.accepted
            delivery = await ledger.delivery("bulk-1")
            assert delivery is not None
            assert delivery.status is MessageStatus.DELIVERED
            assert [reply.text async for reply in ledger.replies()] == ["TD"]
            assert {entry.message.key async for entry in ledger.unsettled()} == {
                "accepted",
                "unknown",
                "open",
                "bulk-0",
            }


def test_sqlalchemy_is_imported_late() -> None:
    """Neither smsgate nor `smsgate.ledger` imports it; without it the error says what to install."""
    code = (
        "import sys, smsgate, smsgate.ledger; smsgate.Gateway; smsgate.Ledger; "
        "assert 'sqlalchemy' not in sys.modules; sys.modules['sqlalchemy'] = None\n"
        "try: smsgate.ledger.SqlLedger\n"
        "except smsgate.ConfigurationError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == 'smsgate.ledger needs: pip install "smsgate[ledger]"\n'
