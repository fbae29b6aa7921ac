"""A queue of procrastinate and a ledger in one database of PostgreSQL, made for each test, and what stands in it."""

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import attrs
import psycopg
from fake_vendors import LOGIN, Wire, alpha
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from psycopg.rows import dict_row

from smsgate import Gateway, Outcome, Reason
from smsgate.ledger import SqlLedger
from smsgate.tasks.procrastinate import SmsTasks

__all__ = ["KEY", "Queue", "ledger_at", "made_queue", "told"]

KEY = "7pXqjSmUaSJ1OEMZq1hBxC4v6hWw1rFNQn2C5zQ0JpA="


@attrs.frozen
class Queue:
    """Where it is, and an application that uses it."""

    url: str
    app: App

    def ledger(self) -> SqlLedger:
        """A ledger in the same database."""
        return ledger_at(self.url)

    @asynccontextmanager
    async def tasks(self, wire: Wire, **options: Any) -> AsyncIterator[tuple[SmsTasks, SqlLedger]]:
        """Tasks whose workers send over *wire*, while the application is open."""
        ledger = self.ledger()

        def make() -> Gateway:
            return Gateway([alpha(batch_limit=100)], templates=[LOGIN], transport=wire, ledger=ledger)

        sms = SmsTasks(self.app, gateway=make, **{"encrypt": KEY, "sweep": "0 0 1 1 *", **options})
        async with ledger, self.app.open_async(), sms:
            yield sms, ledger

    async def work(self, **options: Any) -> None:
        """Run what waits, and what is to be run again at once."""
        await self.app.run_worker_async(wait=False, listen_notify=False, install_signal_handlers=False, **options)

    def rows(self, query: str = "SELECT * FROM procrastinate_jobs ORDER BY id") -> list[dict[str, Any]]:
        """What stands in it."""
        with psycopg.connect(self.url, autocommit=True, row_factory=dict_row) as connection:
            found = connection.execute(query)
            return found.fetchall() if found.description else []


def ledger_at(url: str, **options: Any) -> SqlLedger:
    """The ledger in the database at *url*, which is written as psycopg takes it."""
    return SqlLedger(url.replace("postgresql:", "postgresql+psycopg:"), **options)


async def told(ledger: SqlLedger, key: str) -> tuple[Outcome, Reason | None] | None:
    """What became of the message with this key."""
    result = await ledger.result(key)
    return None if result is None else (result.outcome, result.reason)


@contextmanager
def made_queue(server: str) -> Iterator[Queue]:
    """One in a database of its own on the server with this URL, for as long as the block runs."""
    server, name = server.replace("+psycopg", ""), f"queue{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = server.replace("/postgres?", f"/{name}?")
    with App(connector=SyncPsycopgConnector(conninfo=url)).open() as app:
        app.schema_manager.apply_schema()
    yield Queue(url, App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=4)))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
