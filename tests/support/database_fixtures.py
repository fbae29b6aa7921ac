"""Fixtures for every database that smsgate supports: each server is started once a session, when it is first needed."""

import secrets
import string
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from databases import SERVERS, CannotRun, Server, running
from sql_ledgers import Place

__all__ = ["database_server", "place", "sqlite"]


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


@pytest.fixture
def sqlite(tmp_path: Path) -> Place:
    """A database in a file."""
    return Place(f"sqlite:///{tmp_path}/ledger.db", "smsgate_")
