"""Writes tests/ledger/samples/version-N.sql: what this release stores, for later ones to read.

python tests/support/ledger_sample.py
"""

import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
from fake_vendors import number
from sql_ledgers import attempts_for, request_for

from smsgate import DeliveryState, Outcome, PhoneNumber, Reply, StatusReport
from smsgate.ledger import SqlLedger, schema

SAMPLES = Path(__file__).parents[1] / "ledger" / "samples"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


async def store(file: Path) -> None:
    """Sends of all outcomes, a report and a reply."""
    async with SqlLedger(f"sqlite:///{file}", clock=NOW.timestamp) as ledger:
        for key, outcome in (
            ("accepted", Outcome.ACCEPTED),
            ("refused", Outcome.REJECTED),
            ("unknown", Outcome.UNKNOWN),
        ):
            request = request_for(key)
            await ledger.claim(request.messages)
            await ledger.leaving(request)
            await ledger.left(request, attempts_for(request, outcome))
        await ledger.leaving(request_for("open"))
        bulk = request_for("bulk-0", "bulk-1")
        await ledger.leaving(bulk)
        await ledger.left(bulk, attempts_for(bulk))
        to = PhoneNumber(number(1))
        at = NOW + timedelta(seconds=5)
        await ledger.apply(StatusReport("alpha", "id-bulk-1", to, DeliveryState.DELIVERED, reported_at=at))
        await ledger.apply(Reply("alpha", "106", to, "TD", at))


def main() -> None:
    """Write it."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "ledger.db"
        anyio.run(store, file)
        connection = sqlite3.connect(file)
        lines = "\n".join(connection.iterdump())
        connection.close()
    (SAMPLES / f"version-{schema.VERSION}.sql").write_text(f"{lines}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
