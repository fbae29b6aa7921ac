"""Enqueued in the caller's own transaction: committed is sent, rolled back is not."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fake_vendors import Wire, login, number
from procrastinate import App, PsycopgConnector
from queues import KEY, Queue, told
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from smsgate import ConfigurationError, Gateway, Outcome
from smsgate.tasks.procrastinate import SmsTasks

pytestmark = pytest.mark.anyio

SUPPORT = Path(__file__).parents[1] / "support"


class RolledBackError(Exception):
    """What the caller's own code raises."""


@pytest.fixture
def anyio_backend() -> str:
    """procrastinate runs on asyncio alone."""
    return "asyncio"


def engine_url(queue: Queue) -> str:
    return queue.url.replace("postgresql:", "postgresql+psycopg:")


@contextmanager
def closing_engine(queue: Queue) -> Iterator[Engine]:
    engine = create_engine(engine_url(queue))
    try:
        yield engine
    finally:
        engine.dispose()


@asynccontextmanager
async def closing_async_engine(queue: Queue) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(engine_url(queue))
    try:
        yield engine
    finally:
        await engine.dispose()


@contextmanager
def of_psycopg(queue: Queue) -> Iterator[Any]:
    with psycopg.connect(queue.url) as connection, connection.transaction():
        connection.execute("INSERT INTO orders VALUES (1)")
        yield connection


@contextmanager
def of_psycopg_in_autocommit(queue: Queue) -> Iterator[Any]:
    with psycopg.connect(queue.url, autocommit=True) as connection, connection.transaction():
        connection.execute("INSERT INTO orders VALUES (1)")
        yield connection


@contextmanager
def of_an_engine(queue: Queue) -> Iterator[Any]:
    with closing_engine(queue) as engine, engine.begin() as connection:
        yield connection
        connection.execute(text("INSERT INTO orders VALUES (1)"))


@contextmanager
def of_a_session(queue: Queue) -> Iterator[Any]:
    with closing_engine(queue) as engine, Session(engine) as session, session.begin():
        yield session
        session.execute(text("INSERT INTO orders VALUES (1)"))


@asynccontextmanager
async def of_async_psycopg(queue: Queue) -> AsyncIterator[Any]:
    async with await psycopg.AsyncConnection.connect(queue.url) as connection, connection.transaction():
        await connection.execute("INSERT INTO orders VALUES (1)")
        yield connection


@asynccontextmanager
async def of_an_async_engine(queue: Queue) -> AsyncIterator[Any]:
    async with closing_async_engine(queue) as engine, engine.begin() as connection:
        yield connection
        await connection.execute(text("INSERT INTO orders VALUES (1)"))


@asynccontextmanager
async def of_an_async_session(queue: Queue) -> AsyncIterator[Any]:
    async with closing_async_engine(queue) as engine, AsyncSession(engine) as session, session.begin():
        yield session
        await session.execute(text("INSERT INTO orders VALUES (1)"))


BLOCKING: list[Callable[[Queue], AbstractContextManager[Any]]] = [
    of_psycopg,
    of_psycopg_in_autocommit,
    of_an_engine,
    of_a_session,
]
ASYNC: list[Callable[[Queue], AbstractAsyncContextManager[Any]]] = [
    of_async_psycopg,
    of_an_async_engine,
    of_an_async_session,
]


@asynccontextmanager
async def opened(queue: Queue, way: Callable[[Queue], Any]) -> AsyncIterator[Any]:
    queue.rows("CREATE TABLE IF NOT EXISTS orders (id int)")
    if way in ASYNC:
        async with way(queue) as connection:
            yield connection
    else:
        with way(queue) as connection:
            yield connection


@pytest.mark.parametrize("way", [*BLOCKING, *ASYNC])
async def test_committed_is_sent_and_rolled_back_is_not(queue: Queue, way: Callable[[Queue], Any]) -> None:
    """Jobs are there with the rest of the transaction or not at all, whoever it is of, one message or many."""
    wire = Wire()
    async with queue.tasks(wire) as (sms, ledger):
        with suppress(RolledBackError):
            async with opened(queue, way) as connection:
                await sms.enqueue(login(key="undone"), connection=connection)
                await sms.enqueue_many([login(key="undone-2")], connection=connection)
                raise RolledBackError
        async with opened(queue, way) as connection:
            await sms.enqueue(login(key="a"), connection=connection)
            await sms.enqueue(login(key="a"), connection=connection)  # a copy leaves the transaction whole
            await sms.enqueue_many([login(number(1), key="b")], connection=connection)
            assert queue.rows() == [], "nothing is there before the commit"
        assert len(queue.rows("SELECT * FROM orders")) == 1
        await queue.work()
        assert [await told(ledger, key) for key in ("a", "b")] == [(Outcome.ACCEPTED, None)] * 2
        assert await told(ledger, "undone") is None
    assert sorted(call.to for call in wire.calls) == [(str(login().to),), (number(1),)]


@pytest.mark.parametrize("way", BLOCKING)
def test_without_an_event_loop(queue: Queue, way: Callable[[Queue], AbstractContextManager[Any]]) -> None:
    """Code that is not async enqueues in its transaction, too, and without one."""
    queue.rows("CREATE TABLE IF NOT EXISTS orders (id int)")
    sms = SmsTasks(queue.app, gateway=lambda: Gateway([]), encrypt=KEY)
    with suppress(RolledBackError), way(queue) as connection:
        sms.enqueue_blocking(login(), connection=connection)
        raise RolledBackError
    with way(queue) as connection:
        assert sms.enqueue_blocking(login(key="a"), connection=connection) == "a"
        sms.enqueue_blocking(login(key="a"), connection=connection)
        messages = [login(number(each)) for each in range(50)]
        assert sms.enqueue_many_blocking(messages, chunk=2, connection=connection).jobs == 25
        assert queue.rows() == []
    assert len(queue.rows()) == 26
    with queue.app.open():
        assert sms.enqueue_blocking(login(key="a")) == "a"
        assert sms.enqueue_many_blocking(messages, chunk=25).jobs == 2
    assert len(queue.rows()) == 28


async def test_an_async_connection_where_nothing_is_awaited(queue: Queue) -> None:
    """What needs to be awaited is refused by what blocks, with the method to use."""
    sms = SmsTasks(queue.app, gateway=lambda: Gateway([]), encrypt=KEY)
    for way in ASYNC:
        async with opened(queue, way) as connection:
            with pytest.raises(ConfigurationError, match="await enqueue"):
                sms.enqueue_blocking(login(), connection=connection)


async def test_a_driver_that_is_none_of_procrastinates(queue: Queue) -> None:
    """A connection to another database, or over another driver, is refused."""
    engine = create_engine("sqlite://")
    sms = SmsTasks(queue.app, gateway=lambda: Gateway([]), encrypt=KEY)
    with engine.connect() as connection, Session(engine) as session:
        for given in (connection, session):
            with pytest.raises(ConfigurationError, match="psycopg 3"):
                await sms.enqueue(login(), connection=given)
    engine.dispose()


@pytest.mark.parametrize("connector", ["django", "psycopg"])
def test_the_orm_of_django(queue: Queue, connector: str) -> None:
    """In `transaction.atomic()` jobs are part of the transaction: with procrastinate's application for Django, which
    uses Django's connection, and with one of your own, which is given it."""
    queue.rows("CREATE TABLE orders (id int)")
    own = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SUPPORT), *sys.path]), "QUEUE": queue.url, "KEY": KEY}
    program = str(SUPPORT / "django_queue.py")
    done = subprocess.run([sys.executable, program, connector], env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"inside": 0}
    keys = {row["args"]["job"]["base"]["key"] for row in queue.rows()}
    assert keys == {"committed", "committed-many"}
    assert len(queue.rows("SELECT * FROM orders")) == 1


def test_an_application_that_was_made_for_it(queue: Queue) -> None:
    """Two applications of one process have tasks of their own."""
    other = App(connector=PsycopgConnector(conninfo=queue.url))
    for app in (queue.app, other):
        SmsTasks(app, gateway=lambda: Gateway([]), encrypt=KEY)
        assert {"smsgate.send", "smsgate.send_chunk", "smsgate.sweep"} <= set(app.tasks)
