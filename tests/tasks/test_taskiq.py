"""Sending with taskiq, in this process: enqueued, sent once, cancelled, run again, given up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from engine_gateway import KEY
from fake_vendors import CANARY, LOGIN, Wire, alpha, login, number
from taskiq import InMemoryBroker, ScheduledTask, ScheduleSource, SimpleRetryMiddleware, TaskiqMessage
from taskiq.abc.middleware import TaskiqMiddleware

from smsgate import ConfigurationError, Gateway, MessageError, Outcome, Reason
from smsgate.ledger import SqlLedger
from smsgate.tasks import Enqueued, Lane
from smsgate.tasks.taskiq import SmsTasks

pytestmark = pytest.mark.anyio

ACCEPTED, GIVEN_UP = (Outcome.ACCEPTED, None), (Outcome.NOT_SENT, Reason.GIVEN_UP)
CANCELLED = (Outcome.NOT_SENT, Reason.CANCELLED)


@pytest.fixture
def anyio_backend() -> str:
    """taskiq runs on asyncio alone."""
    return "asyncio"


class Seen(TaskiqMiddleware):
    """Keeps what is enqueued."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[TaskiqMessage] = []

    def pre_send(self, message: TaskiqMessage) -> TaskiqMessage:
        self.messages.append(message)
        return message


class Schedules(ScheduleSource):
    """Keeps what waits for its time."""

    def __init__(self) -> None:
        self.added: list[ScheduledTask] = []

    async def get_schedules(self) -> list[ScheduledTask]:
        return self.added

    async def add_schedule(self, schedule: ScheduledTask) -> None:
        self.added.append(schedule)


@asynccontextmanager
async def tasks(
    path: Path, wire: Wire, *middlewares: TaskiqMiddleware, **options: Any
) -> AsyncIterator[tuple[SmsTasks, SqlLedger, InMemoryBroker]]:
    """Tasks that send over *wire* as soon as they are enqueued."""

    def make() -> Gateway:
        return Gateway([alpha(batch_limit=100)], templates=[LOGIN], transport=wire, ledger=ledger)

    async with SqlLedger(f"sqlite:///{path}/ledger.db") as ledger:
        broker = InMemoryBroker(await_inplace=True)
        broker.add_middlewares(*middlewares)
        async with SmsTasks(broker, gateway=make, **{"encrypt": KEY, **options}) as sms:
            await broker.startup()
            yield sms, ledger, broker
            await broker.shutdown()


async def told(ledger: SqlLedger, key: str) -> tuple[Outcome, Reason | None] | None:
    result = await ledger.result(key)
    return None if result is None else (result.outcome, result.reason)


async def test_a_message_and_a_campaign(tmp_path: Path) -> None:
    """What is enqueued is sent, in the lane of its kind; nothing personal is in the queue. A key is sent once."""
    wire, seen = Wire(), Seen()
    async with tasks(tmp_path, wire, seen, lanes={"code": Lane("urgent", 99)}) as (sms, ledger, _):
        for _ in range(2):
            assert await sms.enqueue(login(code=CANARY, kind="code", key="order-1")) == "order-1"
            people = (login(number(each), CANARY, key=f"spring:{each}") for each in range(7))
            made = await sms.enqueue_many(people, campaign="spring", chunk=3, labels={"priority": 5, "team": "shop"})
            assert made == Enqueued(messages=7, jobs=3, campaign="spring")
        assert await told(ledger, "order-1") == ACCEPTED
        assert (await ledger.progress("spring")).accepted == 7
    assert sorted(len(call.to) for call in wire.calls) == [1, 1, 3, 3]
    labels = [(each.task_name, each.labels["queue_name"], each.labels["priority"]) for each in seen.messages[:2]]
    assert labels == [("smsgate.send", "urgent", "99"), ("smsgate.send_chunk", "sms-marketing", "5")]
    for secret in (CANARY, "138000", number(1)[3:]):
        assert secret not in str(seen.messages)


async def test_a_time(tmp_path: Path) -> None:
    """A task with a time waits in the schedule source; half of that is refused, and moving it is not possible."""
    wire, source, later = Wire(), Schedules(), datetime.now(UTC) + timedelta(hours=1)
    async with tasks(tmp_path, wire) as (sms, _, _):
        await sms.enqueue(login(), time=later, schedule_source=source)
        [waiting] = source.added
        assert (waiting.task_name, waiting.time, waiting.labels["queue_name"]) == (
            "smsgate.send",
            later,
            "sms-notification",
        )
        for wrong in ({"time": later}, {"schedule_source": source}, {"time": datetime(2026, 1, 1)}):  # noqa: DTZ001
            with pytest.raises(ConfigurationError, match="time"):
                await sms.enqueue(login(), **wrong)
        with pytest.raises(ConfigurationError, match=r"^reschedule: taskiq cannot move"):
            await sms.reschedule("a", later)
        with pytest.raises(MessageError):
            await sms.enqueue(login(key=""))
        with pytest.raises(ConfigurationError, match="task_id is none of its options, which are time"):
            await sms.enqueue_many([login()], task_id="mine")  # type: ignore[call-arg]
    assert wire.calls == []


async def test_cancelling(tmp_path: Path) -> None:
    """A cancelled message is not sent when its task runs."""
    wire = Wire()
    async with tasks(tmp_path, wire) as (sms, ledger, _):
        assert await sms.cancel("order-1")
        await sms.enqueue_many([login(key="order-1"), login(number(1), key="order-2")])
        assert [await told(ledger, key) for key in ("order-1", "order-2")] == [CANCELLED, ACCEPTED]
        assert not await sms.cancel("order-2"), "it was sent"
    assert [call.to for call in wire.calls] == [(number(1),)]


async def test_what_never_left_is_run_again(tmp_path: Path) -> None:
    """With a middleware that retries, a task has as many runs as `max_retries` says; then it is given up."""
    wire = Wire(alpha=[httpx.ConnectError("refused")] * 4 + [None])
    async with tasks(tmp_path, wire, SimpleRetryMiddleware(), max_retries=2) as (sms, ledger, _):
        await sms.enqueue(login(key="order-1"))
        assert await told(ledger, "order-1") == GIVEN_UP
        await sms.enqueue(login(number(1), key="order-2"), labels={"max_retries": 3})
        assert await told(ledger, "order-2") == ACCEPTED
    assert len(wire.calls) == 5


async def test_without_retries_it_is_given_up_at_once(tmp_path: Path) -> None:
    """Without such a middleware each task has one run, and nothing is lost without a result."""
    wire = Wire(alpha=[httpx.ConnectError("refused"), None])
    async with tasks(tmp_path, wire) as (sms, ledger, _):
        await sms.enqueue(login(key="order-1"))
        assert await told(ledger, "order-1") == GIVEN_UP
        await sms.enqueue(login(key="order-1"))
        assert await told(ledger, "order-1") == ACCEPTED


def test_wrong_settings() -> None:
    """A key that is none is refused when the tasks are made."""
    with pytest.raises(ConfigurationError, match="encrypt: must be a Fernet key"):
        SmsTasks(InMemoryBroker(), gateway=lambda: Gateway([alpha()]), encrypt="not-a-key")
