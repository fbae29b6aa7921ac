"""Sending with procrastinate, on a real PostgreSQL: enqueued, sent once, cancelled, moved, given up, swept."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet
from fake_vendors import CANARY, LOGIN, Wire, alpha, login, number
from procrastinate import RetryStrategy
from procrastinate.jobs import Job
from queues import KEY, Queue, told

from smsgate import ConfigurationError, Gateway, Message, MessageError, Outcome, Reason
from smsgate.tasks import Enqueued, Lane
from smsgate.tasks.procrastinate import SmsTasks, Swept

pytestmark = pytest.mark.anyio

ONCE = RetryStrategy(max_attempts=1)
ACCEPTED, GIVEN_UP = (Outcome.ACCEPTED, None), (Outcome.NOT_SENT, Reason.GIVEN_UP)
CANCELLED = (Outcome.NOT_SENT, Reason.CANCELLED)


@pytest.fixture
def anyio_backend() -> str:
    """procrastinate runs on asyncio alone."""
    return "asyncio"


def states(queue: Queue) -> list[tuple[str, str]]:
    return [(row["task_name"], row["status"]) for row in queue.rows()]


async def test_a_message_and_a_campaign(queue: Queue, caplog: pytest.LogCaptureFixture) -> None:
    """What is enqueued is sent by a worker, in the lane of its kind; nothing personal is in the queue or in the log."""
    caplog.set_level(logging.DEBUG)
    wire = Wire()
    async with queue.tasks(wire) as (sms, ledger):
        key = await sms.enqueue(login(code=CANARY, kind="code"))
        people = (login(number(each), CANARY, key=f"spring:{each}") for each in range(7))
        assert await sms.enqueue_many(people, campaign="spring", chunk=3) == Enqueued(
            messages=7, jobs=3, campaign="spring"
        )
        lanes = [(row["task_name"], row["queue_name"], row["priority"]) for row in queue.rows()]
        waiting = str(queue.rows())
        await queue.work()
        assert await told(ledger, key) == ACCEPTED
        assert (await ledger.progress("spring")).accepted == 7
    assert lanes == [("smsgate.send", "sms-code", 20)] + [("smsgate.send_chunk", "sms-marketing", 0)] * 3
    assert {status for _, status in states(queue)} == {"succeeded"}
    assert [len(call.to) for call in wire.calls] == [1, 3, 3, 1]
    for written in (waiting, caplog.text):
        assert CANARY not in written
        assert "138000" not in written
        assert number(1)[3:] not in written


async def test_a_code_waits_for_no_campaign(queue: Queue) -> None:
    """A worker that has both takes a code before the chunks that wait; one for codes alone is never kept by them."""
    wire = Wire()
    async with queue.tasks(wire) as (sms, _):
        await sms.enqueue_many((login(number(each)) for each in range(6)), chunk=2)
        await sms.enqueue(login(number(90), kind="code"))
        await queue.work()
        assert [call.to[0] for call in wire.calls] == [number(each) for each in (90, 0, 2, 4)]
        await sms.enqueue_many((login(number(each)) for each in range(6)), chunk=2)
        await sms.enqueue(login(number(91), kind="code"))
        await queue.work(queues=["sms-code"])
        assert wire.calls[-1].to == (number(91),)
    assert [status for _, status in states(queue)][-4:] == ["todo", "todo", "todo", "succeeded"]


async def test_engine_options(queue: Queue) -> None:
    """Time, priority and queue of a job are given under procrastinate's own names; lanes can be the caller's."""
    later = datetime.now(UTC) + timedelta(hours=1)
    async with queue.tasks(Wire(), lanes={"code": Lane("urgent", 99)}) as (sms, _):
        await sms.enqueue(login(kind="code"), schedule_at=later)
        await sms.enqueue(login(kind="code"), queue="other", priority=7, lock="one-at-a-time")
        await sms.enqueue_many([login()], schedule_in={"hours": 2})
        first, second, third = queue.rows()
    assert (first["queue_name"], first["priority"], first["scheduled_at"]) == ("urgent", 99, later)
    assert (second["queue_name"], second["priority"], second["lock"]) == ("other", 7, "one-at-a-time")
    assert third["scheduled_at"] > later


async def test_the_same_key_again(queue: Queue) -> None:
    """A key that waits is not enqueued twice; one that was sent is not sent again, whatever is enqueued."""
    wire = Wire()
    async with queue.tasks(wire) as (sms, _):
        for _ in range(2):
            assert await sms.enqueue(login(key="order-1")) == "order-1"
        assert len(queue.rows()) == 1
        await queue.work()
        await sms.enqueue(login(key="order-1"))
        await sms.enqueue_many([login(key="order-1"), login(number(1), key="order-2")])
        await queue.work()
    assert [call.to for call in wire.calls] == [(str(login().to),), (number(1),)]
    assert [status for _, status in states(queue)] == ["succeeded"] * 3


async def test_what_cannot_be_a_message(queue: Queue) -> None:
    """What no worker could send is refused when it is enqueued, and nothing is."""
    async with queue.tasks(Wire()) as (sms, _):
        with pytest.raises(MessageError):
            await sms.enqueue(login(key=""))
        with pytest.raises(MessageError):
            await sms.enqueue_many([login(), "message"])  # type: ignore[list-item]
        with pytest.raises(ConfigurationError, match="connection: must be"):
            await sms.enqueue(login(), connection=object())
        with pytest.raises(ConfigurationError, match="time zone"):
            await sms.reschedule("a", datetime(2026, 1, 1))  # noqa: DTZ001
    assert queue.rows() == []


async def test_cancelling(queue: Queue) -> None:
    """A cancelled message is not sent, alone or in a chunk; the job of a single one is cancelled too."""
    wire = Wire()
    async with queue.tasks(wire) as (sms, ledger):
        key = await sms.enqueue(login())
        await sms.enqueue_many([login(number(each), key=f"m-{each}") for each in range(3)], campaign="spring")
        assert await sms.cancel(key)
        assert await sms.cancel("m-1")
        assert states(queue) == [("smsgate.send", "cancelled"), ("smsgate.send_chunk", "todo")]
        await queue.work()
        assert [await told(ledger, each) for each in (key, "m-0", "m-1")] == [CANCELLED, ACCEPTED, CANCELLED]
        assert not await sms.cancel("m-0"), "it was sent"
    [call] = wire.calls
    assert call.to == (number(0), number(2))


async def test_rescheduling(queue: Queue) -> None:
    """A waiting message is moved to another time; what has run, or is in a chunk, has no job to be moved."""
    wire = Wire()
    async with queue.tasks(wire) as (sms, ledger):
        key = await sms.enqueue(login(), schedule_in={"hours": 1})
        await queue.work()
        assert wire.calls == []
        assert await sms.reschedule(key, datetime.now(UTC))
        await queue.work()
        assert await told(ledger, key) == ACCEPTED
        assert not await sms.reschedule(key, datetime.now(UTC))
        await sms.enqueue_many([login(key="m-1")])
        assert not await sms.reschedule("m-1", datetime.now(UTC))


async def test_what_is_too_late_is_not_sent(queue: Queue) -> None:
    """A message whose job runs after its deadline is not sent, and the ledger says so."""
    wire = Wire()
    async with queue.tasks(wire) as (sms, ledger):
        past = datetime.now(UTC) - timedelta(seconds=1)
        key = await sms.enqueue(login(expires_at=past))
        await queue.work()
        assert await told(ledger, key) == (Outcome.NOT_SENT, Reason.EXPIRED)
    assert wire.calls == []
    assert states(queue) == [("smsgate.send", "succeeded")]


async def test_keys_rotate(queue: Queue) -> None:
    """What was enqueued with the key of yesterday is sent by workers that have it after the one of today."""
    wire, today = Wire(), Fernet.generate_key()
    async with queue.tasks(wire) as (sms, _):
        await sms.enqueue(login())
    rotated = Queue(queue.url, queue.app.__class__(connector=queue.app.connector))
    async with rotated.tasks(wire, encrypt=[today, KEY]) as (sms, _):
        await sms.enqueue(login(number(1)))
        await rotated.work()
    assert len(wire.calls) == 2


async def test_what_never_left_is_run_again_and_then_given_up(queue: Queue) -> None:
    """A job is run as often as `retry` says; then the ledger has `GIVEN_UP`, and the engine a failed job."""
    wire = Wire(alpha=httpx.ConnectError("refused"))
    async with queue.tasks(wire, retry=ONCE) as (sms, ledger):
        key = await sms.enqueue(login())
        await sms.enqueue_many([login(number(1), key="m-1")], campaign="spring")
        await queue.work()
        assert await told(ledger, key) == await told(ledger, "m-1") == GIVEN_UP
        assert (await ledger.progress("spring")).not_sent == 1
    assert [(row["status"], row["attempts"]) for row in queue.rows()] == [("failed", 2), ("failed", 2)]
    assert len(wire.calls) == 4


async def test_a_retry_is_sent(queue: Queue) -> None:
    """What did not leave at first is sent by the next run."""
    wire = Wire(alpha=[httpx.ConnectError("refused"), None])
    async with queue.tasks(wire, retry=ONCE) as (sms, ledger):
        key = await sms.enqueue(login())
        await queue.work()
        assert await told(ledger, key) == ACCEPTED


async def take(queue: Queue) -> Job:
    """A job, taken by a worker that dies at once."""
    manager = queue.app.job_manager
    job = await manager.fetch_job(queues=None, worker_id=await manager.register_worker())
    assert job is not None
    queue.rows("UPDATE procrastinate_workers SET last_heartbeat = NOW() - INTERVAL '1 hour'")
    return job


async def test_what_a_dead_worker_left_is_sent(queue: Queue) -> None:
    """A job whose worker was killed runs again once that counts as dead, and sends what was not sent."""
    wire = Wire()
    async with queue.tasks(wire) as (sms, ledger):
        await sms.enqueue_many([login(number(each), key=f"m-{each}") for each in range(3)])
        job = await take(queue)
        await ledger.claim([])  # its ledger had begun nothing
        assert await sms.sweep() == Swept(requeued=1)
        assert await sms.sweep() == Swept()
        queue.rows("UPDATE procrastinate_jobs SET scheduled_at = NULL")
        await queue.work()
        assert await told(ledger, "m-2") == ACCEPTED
    assert [(row["id"], row["status"]) for row in queue.rows()] == [(job.id, "succeeded")]


async def test_a_job_that_kills_its_workers_is_given_up(queue: Queue) -> None:
    """A job whose workers die each time is given up after as many runs as it has, with a result in the ledger."""
    async with queue.tasks(Wire(), retry=ONCE) as (sms, ledger):
        key = await sms.enqueue(login())
        await take(queue)
        assert await sms.sweep() == Swept(requeued=1)
        await take(queue)
        assert await sms.sweep() == Swept(given_up=1)
        assert await told(ledger, key) == GIVEN_UP
    assert states(queue) == [("smsgate.send", "failed")]


async def test_what_a_living_worker_has_is_left_to_it(queue: Queue) -> None:
    """A job of a worker that is alive is not touched, until it has been running for longer than any job does."""
    async with queue.tasks(Wire(), longest_run=600) as (sms, _):
        await sms.enqueue(login())
        await take(queue)
        queue.rows("UPDATE procrastinate_workers SET last_heartbeat = NOW()")
        assert await sms.sweep() == Swept()
        queue.rows("UPDATE procrastinate_events SET at = NOW() - INTERVAL '11 minutes'")
        assert await sms.sweep() == Swept(requeued=1)


async def test_a_lost_job_whose_message_waits_again(queue: Queue) -> None:
    """A message that was enqueued again while its lost job was running is left to the job that waits."""
    async with queue.tasks(Wire()) as (sms, _):
        await sms.enqueue(login(key="order-1"))
        await take(queue)
        await sms.enqueue(login(key="order-1"))
        assert await sms.sweep() == Swept()
    assert [status for _, status in states(queue)] == ["failed", "todo"]


async def test_a_lost_job_that_is_none_of_ours(queue: Queue, caplog: pytest.LogCaptureFixture) -> None:
    """A row that is no job of smsgate's is given up with a line in the log, and holds up no other."""
    async with queue.tasks(Wire(), retry=RetryStrategy(max_attempts=0, retry_exceptions=[KeyError])) as (sms, _):
        await queue.app.configure_task("smsgate.send").defer_async(job={"smsgate": "x"})
        await take(queue)
        assert await sms.sweep() == Swept(given_up=1)
    assert "its messages are not known" in caplog.text


async def test_workers_sweep(queue: Queue) -> None:
    """The sweep is a periodic task in the lane of codes, so that a worker which serves that runs it."""
    async with queue.tasks(Wire(), sweep="* * * * * *") as (sms, _):
        await sms.enqueue(login())
        await take(queue)
        [(_, periodic)] = queue.app.periodic_registry.periodic_tasks.items()
        assert (periodic.task.name, periodic.task.queue, periodic.cron) == ("smsgate.sweep", "sms-code", "* * * * * *")
        await periodic.task.defer_async(timestamp=1)
        await queue.work()
    assert ("smsgate.sweep", "succeeded") in states(queue)
    assert ("smsgate.send", "todo") in states(queue)


async def test_a_sweep_whose_worker_died(queue: Queue) -> None:
    """The job of a sweep whose worker was killed is removed by the next one, and that of a living worker is not."""
    async with queue.tasks(Wire()) as (sms, _):
        [(_, periodic)] = queue.app.periodic_registry.periodic_tasks.items()
        await periodic.task.defer_async(timestamp=1)
        await take(queue)
        queue.rows("UPDATE procrastinate_workers SET last_heartbeat = NOW()")
        assert await sms.sweep() == Swept()
        assert states(queue) == [("smsgate.sweep", "doing")]
        queue.rows("UPDATE procrastinate_workers SET last_heartbeat = NOW() - INTERVAL '1 hour'")
        assert await sms.sweep() == Swept()
    assert states(queue) == []


async def test_options_that_are_none(queue: Queue) -> None:
    """An option that smsgate uses itself, or that there is not, is refused before anything is enqueued."""
    async with queue.tasks(Wire()) as (sms, _):
        unknown: list[dict[str, Any]] = [{"queueing_lock": "a"}, {"task_kwargs": {}}, {"delay": 5}]
        for options in unknown:
            with pytest.raises(ConfigurationError, match="none of its options"):
                await sms.enqueue(login(), **options)
            with pytest.raises(ConfigurationError, match="none of its options"):
                await sms.enqueue_many([login()], **options)
    assert queue.rows() == []


@pytest.mark.parametrize(
    ("options", "says"),
    [({"retry": 3}, "retry"), ({"stalled_after": 0}, "stalled_after"), ({"longest_run": float("nan")}, "longest_run")],
)
def test_settings_that_cannot_be(queue: Queue, options: Any, says: str) -> None:
    """A setting that would fail in a worker is an error when the tasks are made."""
    with pytest.raises(ConfigurationError, match=says):
        SmsTasks(queue.app, gateway=lambda: Gateway([alpha()], templates=[LOGIN]), encrypt=KEY, **options)


async def test_a_source_that_fails(queue: Queue) -> None:
    """What a source raises is raised; it is closed, and what came before it can be enqueued again with it."""
    closed: list[bool] = []

    async def source() -> AsyncIterator[Message]:
        try:
            for each in range(3):
                yield login(number(each), key=f"m-{each}")
            raise OSError("the file is cut off")
        finally:
            closed.append(True)

    wire = Wire()
    async with queue.tasks(wire) as (sms, _):
        with pytest.raises(OSError, match="cut off"):
            await sms.enqueue_many(source(), chunk=1)
        assert closed == [True]
        await sms.enqueue_many([login(number(each), key=f"m-{each}") for each in range(4)], chunk=1)
        await queue.work()
    assert [call.to for call in wire.calls] == [(number(each),) for each in range(4)]


@pytest.mark.parametrize("encrypt", ["", "not-a-key", None])
def test_wrong_settings(queue: Queue, encrypt: Any) -> None:
    """A key that is none is an error when the tasks are made, and is not in its traceback."""
    with pytest.raises(ConfigurationError, match="encrypt"):
        SmsTasks(queue.app, gateway=lambda: Gateway([alpha()], templates=[LOGIN]), encrypt=encrypt)


async def test_a_gateway_without_a_ledger(queue: Queue) -> None:
    """A worker whose gateway has no ledger sends nothing: a job that runs twice would be sent twice."""
    wire = Wire()
    gateway = Gateway([alpha()], templates=[LOGIN], transport=wire)
    sms = SmsTasks(queue.app, gateway=lambda: gateway, encrypt=KEY, sweep="0 0 1 1 *")
    async with queue.app.open_async():
        await sms.enqueue(Message(number(1), "login", {"code": "4821", "minutes": "5"}))
        await queue.work()
    assert wire.calls == []
    assert states(queue) == [("smsgate.send", "todo")]
