"""The code of docs/from-dbos.md and of docs/from-taskiq.md, run as it is printed, with a simulated vendor."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from databases import Server
from dbos import DBOS
from docs_examples import load, load_application
from engine_gateway import KEY
from networks import simulate_network
from redis import Redis

from smsgate import Message
from smsgate.sandbox import Sandbox, SandboxTransport
from smsgate.sandbox.tencent import TENCENT_APP_KEY

pytestmark = pytest.mark.anyio

PAGE: Final = "from-dbos.md"


@pytest.fixture
def anyio_backend() -> str:
    """DBOS and taskiq run on asyncio alone."""
    return "asyncio"


@pytest.fixture
def sms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The reader's own module."""
    simulate_network(monkeypatch, SandboxTransport(Sandbox(lenient=True), delay_scale=0))
    monkeypatch.setenv("TENCENT_APP_KEY", TENCENT_APP_KEY)
    monkeypatch.setenv("SMS_TASK_KEY", KEY)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/shop.db")
    return load_application(PAGE, monkeypatch)


@pytest.mark.usefixtures("dbos_sqlite")
async def test_workers_of_dbos(sms: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the page enqueues is sent by its worker, and by a workflow of one's own."""
    orders: Any = load(PAGE, "myapp/orders.py", "myapp.orders", monkeypatch)
    worker: Any = load(PAGE, "worker.py", "worker", monkeypatch)
    page: Any = load(PAGE, "enqueue", "myapp.enqueue", monkeypatch)
    try:
        await asyncio.to_thread(worker.start, "worker-1")
        assert await orders.order("+8613788888888") == "ACCEPTED"
        key = await page.send_code("+8613788888888", "4821")
        assert await page.send_offers(["+8613788888888", "+8613788888889"]) == 1
        for id in [
            each.workflow_id for each in await DBOS.list_workflows_async(name=["smsgate.send", "smsgate.send_chunk"])
        ]:
            await DBOS.get_result_async(id)
        assert (await sms.ledger.result(key)).accepted
        assert (await sms.ledger.progress("spring")).accepted == 2
    finally:
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True)
        await orders.gateway.aclose()
        await sms.ledger.aclose()


async def test_the_broker_of_taskiq(
    sms: ModuleType, monkeypatch: pytest.MonkeyPatch, database_server: Callable[[str], Server]
) -> None:
    """What is enqueued waits in the stream of its lane."""
    monkeypatch.setenv("REDIS_URL", database_server("redis").url)
    try:
        page: Any = load("from-taskiq.md", "myapp/queue.py", "myapp.queue", monkeypatch)
        await page.broker.startup()
        await page.sms.enqueue(Message("+8613788888888", "login-code", {"code": "4821", "minutes": "5"}))
        await page.broker.shutdown()
    finally:
        DBOS.destroy(destroy_registry=True)
    with Redis.from_url(database_server("redis").url) as redis:
        assert redis.xlen("sms-code") == 1
        redis.flushall()
