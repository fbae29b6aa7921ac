"""Sending with DBOS, in this process: enqueued, sent once, cancelled, moved, given up, swept."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from databases import Server
from dbos import DBOS, WorkflowStatus
from dbos._dbos import _get_dbos_instance
from engine_gateway import KEY
from fake_vendors import CANARY, LOGIN, Wire, alpha, login, number
from sqlalchemy import update

from smsgate import ConfigurationError, Gateway, MessageError, Outcome, Reason
from smsgate.ledger import SqlLedger
from smsgate.tasks import Enqueued, Lane
from smsgate.tasks.dbos import SmsTasks, Swept

pytestmark = pytest.mark.anyio

ACCEPTED, GIVEN_UP = (Outcome.ACCEPTED, None), (Outcome.NOT_SENT, Reason.GIVEN_UP)
CANCELLED = (Outcome.NOT_SENT, Reason.CANCELLED)
ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


@pytest.fixture
def anyio_backend() -> str:
    """DBOS runs on asyncio alone."""
    return "asyncio"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, database_server: Callable[[str], Server]) -> str:
    """The database of DBOS; that of the ledger is SQLite."""
    if request.param == "sqlite":
        sqlite: str = request.getfixturevalue("dbos_sqlite")
        return sqlite
    return database_server("postgresql").url


def schema_of(path: Path) -> str:
    """Of each test its own, where they share a database."""
    return f"dbos_{hashlib.md5(str(path).encode(), usedforsecurity=False).hexdigest()}"


@asynccontextmanager
async def tasks(url: str, path: Path, wire: Wire, **options: Any) -> AsyncIterator[tuple[SmsTasks, SqlLedger]]:
    """Tasks that send over *wire*, while DBOS runs."""
    schema = f"dbos_{path.name[-20:]}".replace("-", "_").lower()  # its own, where tests share a database
    DBOS(
        config={"name": "sms-tests", "system_database_url": url, "dbos_system_schema": schema, "log_level": "CRITICAL"}
    )

    def make() -> Gateway:
        return Gateway([alpha(batch_limit=100)], templates=[LOGIN], transport=wire, ledger=ledger)

    async with SqlLedger(f"sqlite:///{path}/ledger.db") as ledger:
        sms = SmsTasks(DBOS, gateway=make, **{"encrypt": KEY, "sweep": "0 0 1 1 *", **options})
        DBOS.launch()
        try:
            async with sms:
                await sms.prepare()
                yield sms, ledger
        finally:
            DBOS.destroy(destroy_registry=True)


async def workflows(states: Sequence[str] = ENDED) -> list[WorkflowStatus]:
    """All of them, once they are in one of *states*, if any are given, in the order in which they were made."""
    while True:
        found = await DBOS.list_workflows_async(name=["smsgate.send", "smsgate.send_chunk"])
        await asyncio.sleep(0.05)
        if not states or all(each.status in states for each in found):
            return found


def change(id: str, **values: object) -> None:
    """Change the row of a workflow."""
    database: Any = _get_dbos_instance()._sys_db
    table = database.tables.workflow_status
    with database.engine.begin() as connection:
        connection.execute(update(table).where(table.c.workflow_uuid == id).values(**values))


async def told(ledger: SqlLedger, key: str) -> tuple[Outcome, Reason | None] | None:
    result = await ledger.result(key)
    return None if result is None else (result.outcome, result.reason)


async def test_a_message_and_a_campaign(url: str, tmp_path: Path) -> None:
    """What is enqueued is sent, in the lane of its kind; nothing personal is in the queue. A key is sent once."""
    wire = Wire()
    async with tasks(url, tmp_path, wire) as (sms, ledger):
        key = await sms.enqueue(login(code=CANARY, kind="code", key="order-1"))
        people = (login(number(each), CANARY, key=f"spring:{each}") for each in range(7))
        assert await sms.enqueue_many(people, campaign="spring", chunk=3) == Enqueued(
            messages=7, jobs=3, campaign="spring"
        )
        found = await workflows()
        assert await told(ledger, key) == ACCEPTED
        assert (await ledger.progress("spring")).accepted == 7
        assert [(each.name, each.queue_name, each.priority) for each in found] == [
            ("smsgate.send", "sms-code", 980)
        ] + [("smsgate.send_chunk", "sms-marketing", 1000)] * 3
        for secret in (CANARY, "138000", number(1)[3:]):
            assert secret not in str(found)
        await sms.enqueue(login(code=CANARY, kind="code", key="order-1"))
        assert [each.status for each in await workflows()] == ["SUCCESS"] * 5
    assert sorted(len(call.to) for call in wire.calls) == [1, 1, 3, 3]


async def test_options_cancelling_and_rescheduling(url: str, tmp_path: Path) -> None:
    """Delay, queue and priority are DBOS's own; what waits can be cancelled, and moved while it is delayed."""
    wire = Wire()
    async with tasks(url, tmp_path, wire, lanes={"code": Lane("urgent", 7)}) as (sms, ledger):
        await sms.enqueue(login(kind="code", key="later"), delay_seconds=3600)
        await sms.enqueue(login(key="never"), delay_seconds=3600, queue_name="sms-marketing", priority=5)
        await sms.enqueue(login(key="never"), delay_seconds=3600)
        waiting = [(each.queue_name, each.priority, each.status) for each in await workflows(["DELAYED"])]
        assert waiting == [("urgent", 993, "DELAYED"), ("sms-marketing", 5, "DELAYED")]
        assert await sms.cancel("never")
        assert await sms.reschedule("later", datetime.now(UTC))
        assert not await sms.reschedule("never", datetime.now(UTC))
        assert [each.status for each in await workflows()] == ["SUCCESS", "CANCELLED"]
        assert not await sms.reschedule("later", datetime.now(UTC)), "it was sent"
        assert not await sms.cancel("later")
        assert [await told(ledger, key) for key in ("later", "never")] == [ACCEPTED, CANCELLED]
    assert len(wire.calls) == 1


async def test_what_never_left_is_run_again_and_then_given_up(url: str, tmp_path: Path) -> None:
    """A workflow tries as often as `retry` says; then the ledger has `GIVEN_UP`, and it can be enqueued again."""
    wire = Wire(alpha=[httpx.ConnectError("refused")] * 3 + [None])
    async with tasks(url, tmp_path, wire, retry={"max_attempts": 2, "interval_seconds": 0.01}) as (sms, ledger):
        await sms.enqueue(login(key="order-1"))
        assert [each.status for each in await workflows()] == ["ERROR"]
        assert await told(ledger, "order-1") == GIVEN_UP
        await sms.enqueue(login(key="order-1"))
        assert [each.status for each in await workflows()] == ["ERROR", "SUCCESS"]
        assert await told(ledger, "order-1") == ACCEPTED
    assert len(wire.calls) == 4


async def test_what_dead_processes_left(url: str, tmp_path: Path) -> None:
    """A workflow that its process has left is run again; one that was run as often as it may be is given up."""
    wire = Wire()
    async with tasks(url, tmp_path, wire, longest_run=60) as (sms, ledger):
        keys = [await sms.enqueue(login(number(each)), delay_seconds=3600) for each in range(3)]
        ids = [each.workflow_id for each in await workflows(["DELAYED"])]
        hour_ago = round((datetime.now(UTC) - timedelta(hours=1)).timestamp() * 1000)
        left = [("PENDING", hour_ago), ("PENDING", hour_ago + 3_599_000), ("MAX_RECOVERY_ATTEMPTS_EXCEEDED", hour_ago)]
        for id, (status, began) in zip(ids, left, strict=True):
            change(id, status=status, started_at_epoch_ms=began)
        assert await sms.sweep() == Swept(requeued=1, given_up=1)
        assert await sms.sweep() == Swept()
        while [each.status for each in await workflows(())] != ["SUCCESS", "PENDING", "CANCELLED"]:
            pass
        assert [await told(ledger, key) for key in keys] == [ACCEPTED, None, GIVEN_UP]
    assert len(wire.calls) == 1


async def test_what_cannot_be(tmp_path: Path, dbos_sqlite: str) -> None:
    """What no worker could send is refused when it is enqueued, and settings that cannot be when they are made."""
    async with tasks(dbos_sqlite, tmp_path, Wire()) as (sms, _):
        with pytest.raises(MessageError):
            await sms.enqueue(login(key=""))
        with pytest.raises(ConfigurationError, match="workflow_id is none of its options, which are delay_seconds"):
            await sms.enqueue(login(), workflow_id="mine")  # type: ignore[call-arg]
        with pytest.raises(ConfigurationError, match="time zone"):
            await sms.reschedule("a", datetime(2026, 1, 1))  # noqa: DTZ001
        schedule = await DBOS.get_schedule_async("smsgate.sweep")
        assert schedule is not None
        assert (schedule["workflow_name"], schedule["schedule"]) == ("smsgate.sweep", "0 0 1 1 *")
        assert await workflows() == []
    with pytest.raises(ConfigurationError, match="encrypt: must be a Fernet key"):
        SmsTasks(DBOS, gateway=lambda: Gateway([alpha()]), encrypt="not-a-key")
