"""The code of docs/several-workers.md, run as it is printed on a real PostgreSQL, with a simulated vendor."""

from types import ModuleType
from typing import Any, Final

import pytest
from docs_examples import example, load, load_application
from networks import simulate_network
from queues import KEY, Queue
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from smsgate import Outcome
from smsgate.sandbox import Sandbox, SandboxTransport
from smsgate.sandbox.tencent import TENCENT_APP_KEY

pytestmark = pytest.mark.anyio

PAGE: Final = "several-workers.md"


@pytest.fixture
def anyio_backend() -> str:
    """procrastinate runs on asyncio alone."""
    return "asyncio"


@pytest.fixture
def sms(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The reader's own module, with its tables made."""
    simulate_network(monkeypatch, SandboxTransport(Sandbox(lenient=True), delay_scale=0))
    monkeypatch.setenv("TENCENT_APP_KEY", TENCENT_APP_KEY)
    monkeypatch.setenv("SMS_TASK_KEY", KEY)
    monkeypatch.setenv("DATABASE_URL", queue.url)
    return load_application(PAGE, monkeypatch)


async def work(sms: ModuleType) -> None:
    async with sms.app.open_async():
        await sms.app.run_worker_async(wait=False, listen_notify=False, install_signal_handlers=False)
        await sms.sms.aclose()


async def test_a_code_and_a_campaign(
    sms: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the page enqueues is sent by its workers, and is in its ledger."""
    page: Any = load(PAGE, "enqueue", "myapp.enqueue", monkeypatch)
    await sms.ledger.create()
    await page.main()
    assert capsys.readouterr().out == "1 12\n"
    await work(sms)
    assert (await sms.ledger.progress("spring")).accepted == 2
    await sms.ledger.aclose()


async def test_the_order_of_a_transaction(sms: ModuleType, queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message of an order is sent once the order is committed."""
    queue.rows("CREATE TABLE orders (id int, confirmed bool)")
    page: Any = load(PAGE, "orders_sqlalchemy", "myapp.orders", monkeypatch)
    await sms.ledger.create()
    engine = create_async_engine(queue.url.replace("postgresql:", "postgresql+psycopg:"))
    async with AsyncSession(engine) as session:
        await page.confirm(session, 7, "+8613788888888")
    await engine.dispose()
    await work(sms)
    result = await sms.ledger.result("order-7")
    assert result.outcome is Outcome.ACCEPTED
    await sms.ledger.aclose()


def test_the_tables_are_made(queue: Queue, sms: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program makes the tables of both, in a database that has none."""
    queue.rows("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    code = compile(example(PAGE, "create.py"), "create.py", "exec")
    exec(code, {"__name__": "__main__"})
    assert queue.rows() == []
    assert len(queue.rows("SELECT * FROM smsgate_version")) == 1
