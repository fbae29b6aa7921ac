"""Fixtures for every database that smsgate supports: each server is started once a session, when it is first needed."""

import secrets
import sqlite3
import string
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from databases import SERVERS, CannotRun, Server, running
from sql_ledgers import Place

if TYPE_CHECKING:
    from queues import Queue
    from shared_rates import RateStore

__all__ = ["database_server", "dbos_sqlite", "place", "queue", "rate_store", "sqlite"]


@pytest.fixture(scope="session")
def database_server() -> Iterator[Callable[[str], Server]]:
    """The server of a name; the test that asks is skipped, with the reason, where it cannot run."""
    found: dict[str, Server | CannotRun] = {}
    with ExitStack() as stack:

        def start(name: str) -> Server:
            if name not in found:
                try:
                    found[name] = stack.enter_context(running(name))
                except CannotRun as why:
                    found[name] = why
            server = found[name]
            if isinstance(server, CannotRun):
                pytest.skip(f"{name}: {server}")
            return server

        yield start


@pytest.fixture(params=["sqlite", *SERVERS])
def place(request: pytest.FixtureRequest, tmp_path: Path, database_server: Callable[[str], Server]) -> Place:
    """A database, and a prefix that no other test has."""
    if request.param == "sqlite":
        return Place(f"sqlite:///{tmp_path}/ledger.db", "smsgate_")
    prefix = "".join(secrets.choice(string.ascii_lowercase) for _ in range(12))  # digits would be masked in errors
    return Place(database_server(request.param).url, f"{prefix}_")


@pytest.fixture(params=["sqlite", *SERVERS, "redis"])
def rate_store(request: pytest.FixtureRequest, tmp_path: Path, database_server: Callable[[str], Server]) -> "RateStore":
    """Where the rates of a test are."""
    from shared_rates import RateStore

    if request.param == "sqlite":
        return RateStore(f"sqlite:///{tmp_path}/rates.db", "smsgate_")
    prefix = "".join(secrets.choice(string.ascii_lowercase) for _ in range(12))
    return RateStore(database_server(request.param).url, f"{prefix}_")


@pytest.fixture
def sqlite(tmp_path: Path) -> Place:
    """A database in a file."""
    return Place(f"sqlite:///{tmp_path}/ledger.db", "smsgate_")


@pytest.fixture
def dbos_sqlite(tmp_path: Path) -> str:
    """The URL of a database of DBOS in a file; the test is skipped where DBOS asks more of SQLite than there is."""
    if sys.version_info >= (3, 12) and sqlite3.sqlite_version_info < (3, 42):
        pytest.skip(f"DBOS needs SQLite 3.42 with this Python: this is {sqlite3.sqlite_version}")
    return f"sqlite:///{tmp_path}/dbos.db"


@pytest.fixture
def queue(database_server: Callable[[str], Server]) -> "Iterator[Queue]":
    """The tables of procrastinate in a database of their own, where a ledger can be too."""
    from queues import made_queue  # every run of pytest loads this file

    with made_queue(database_server("postgresql").url) as queue:
        yield queue
