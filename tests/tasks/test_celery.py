"""Sending with Celery: real workers in front of Redis, redelivered to and killed, and what a job is in its queue."""

import json
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from celery import Celery, exceptions, signals
from celery_shop import KEY, open_shop, wait_until_done
from databases import Server
from fake_vendors import CANARY, LOGIN, Wire, alpha, login, number

from smsgate import ClosedError, ConfigurationError, Gateway, MessageError, Outcome, Reason, sync
from smsgate.ledger import SqlLedger
from smsgate.sync import run
from smsgate.tasks import Enqueued, Lane
from smsgate.tasks.celery import SmsTasks


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    """One that this process reads, and writes beside its workers."""
    ledger = SqlLedger(f"sqlite:///{tmp_path}/ledger.db", lease=1.0)
    run(ledger.create)
    yield ledger
    run(ledger.aclose)


def told(ledger: SqlLedger, key: str) -> tuple[Outcome, Reason | None] | None:
    """What became of the message with this key."""
    result = run(ledger.result, key)
    return None if result is None else (result.outcome, result.reason)


def test_redelivered_and_killed(database_server: Callable[[str], Server], tmp_path: Path, ledger: SqlLedger) -> None:
    """Every job is there twice, processes and whole workers are killed with -9: one request a key, and none is lost."""
    keys = {f"one-{index}": number(index) for index in range(20)}
    keys |= {f"many-{index}": number(100 + index) for index in range(60)}
    with open_shop(database_server("redis").url, tmp_path, latency=0.1) as (shop, taken):
        for _ in range(2):
            for key in list(keys)[:20]:
                shop.sms.enqueue(login(keys[key], key=key))
            made = shop.sms.enqueue_many(
                (login(keys[key], key=key) for key in list(keys)[20:]), campaign="spring", chunk=10
            )
            assert (made.messages, made.jobs) == (60, 6)
        with shop.worker(tmp_path) as worker:
            for least in (5, 25):
                taken.wait(lambda found, least=least: len(found) >= least)  # type: ignore[misc]
                worker.kill_one()
            taken.wait(lambda found: len(found) >= 40)
            worker.crash()
        with shop.worker(tmp_path):
            wait_until_done(shop.redis, shop.prefix)
    found = taken.count()
    assert set(found.values()) == {1}
    results = {key: told(ledger, key) for key in keys}
    for key, to in keys.items():
        match results[key]:
            case (Outcome.ACCEPTED, None):
                assert found[to] == 1
            case (Outcome.REJECTED, reason):  # the vendor refuses one of fifty
                assert (found[to], reason) == (0, Reason.INSUFFICIENT_BALANCE)
            case result:
                assert result == (Outcome.UNKNOWN, Reason.NO_ANSWER), key
    # What was in a request when its process was killed: a job's messages, of one process twice, of both at last.
    assert sum(result == (Outcome.UNKNOWN, Reason.NO_ANSWER) for result in results.values()) <= 4 * 10


@contextmanager
def sms_tasks(wire: Wire, ledger: SqlLedger, **options: Any) -> Iterator[tuple[SmsTasks, Any]]:
    """An application whose jobs are run at once, by whoever enqueues them."""
    app: Any = Celery("eager", broker="memory://", set_as_current=False)
    app.conf.task_always_eager = True

    def make() -> Gateway:
        return Gateway([alpha(batch_limit=10)], templates=[LOGIN], transport=wire, ledger=ledger)

    sms = SmsTasks(app, **{"gateway": make, "encrypt": KEY, "wait": lambda retries: 0.0, **options})
    yield sms, app
    sms.close()


def test_a_message_and_a_campaign(ledger: SqlLedger) -> None:
    """What is enqueued is sent, in jobs of the size that is asked for; messages without a key get one."""
    wire = Wire()
    with sms_tasks(wire, ledger) as (sms, _):
        key = sms.enqueue(login())
        made = sms.enqueue_many((login(number(index)) for index in range(7)), campaign="spring", chunk=3)
    assert made == Enqueued(messages=7, jobs=3, campaign="spring")
    assert [len(call.to) for call in wire.calls] == [1, 3, 3, 1]
    assert told(ledger, key) == (Outcome.ACCEPTED, None)
    assert run(ledger.progress, "spring").accepted == 7


def test_what_stands_in_the_queue(database_server: Callable[[str], Server], tmp_path: Path) -> None:
    """Jobs wait in the queue of their kind, with Celery's own options; nothing personal is in them, nor in headers."""
    later = datetime.now(UTC) + timedelta(hours=1)
    with open_shop(database_server("redis").url, tmp_path, latency=0.0, lanes={"marketing": Lane("ads")}) as (shop, _):
        shop.sms.enqueue(login(code=CANARY, kind="code"), eta=later, priority=None)
        shop.sms.enqueue(login(code=CANARY))
        shop.sms.enqueue(login(code=CANARY, kind="marketing"), queue="other", countdown=60)
        shop.sms.enqueue_many([login(number(1), CANARY), login(number(2), CANARY)])
        code, notification, other, campaign = map(shop.waiting, ("sms-code", "sms-notification", "other", "ads"))
    assert [len(jobs) for jobs in (code, notification, other, campaign)] == [1, 1, 1, 1]
    assert datetime.fromisoformat(code[0]["headers"]["eta"]) == later
    assert other[0]["headers"]["eta"] is not None
    assert notification[0]["headers"]["eta"] is None
    assert [jobs[0]["headers"]["task"] for jobs in (code, campaign)] == ["smsgate.send", "smsgate.send_chunk"]
    assert campaign[0]["headers"]["kwargsrepr"] == "{'job': <2 messages>}"
    written = json.dumps([code, notification, other, campaign])
    bodies = "".join(b64decode(jobs[0]["body"]).decode() for jobs in (code, notification, other, campaign))
    for text in (CANARY, "138000", number(1)[3:]):
        assert text not in written + bodies


@pytest.mark.parametrize("retries", [0, 2])
def test_the_last_run_gives_up(ledger: SqlLedger, retries: int) -> None:
    """What never left is run again as often as it may be, then has a result; other messages of its job keep theirs."""
    wire = Wire(alpha=[*[httpx.ConnectError("down")] * (retries + 1), None])
    with sms_tasks(wire, ledger, max_retries=retries) as (sms, _):
        key = sms.enqueue(login())
        assert len(wire.calls) == retries + 1
        assert told(ledger, key) == (Outcome.NOT_SENT, Reason.GIVEN_UP)
        assert sms.enqueue(login(key=key)) == key  # once more, by hand
    assert told(ledger, key) == (Outcome.ACCEPTED, None)


def test_runs_again_until_it_is_sent(ledger: SqlLedger) -> None:
    """Nothing is given up before the last run, and what was sent in one run is not sent in the next."""
    wire = Wire(alpha=[{number(1): Reason.TRY_LATER}, httpx.ConnectError("down"), None])
    waits: list[int] = []

    def wait(retries: int) -> float:
        waits.append(retries)
        return 0.0

    with sms_tasks(wire, ledger, wait=wait) as (sms, _):
        sms.enqueue_many([login(number(index), key=f"k{index}") for index in range(3)])
    assert Counter(to for call in wire.calls[:1] for to in call.to) == Counter(map(number, range(3)))
    assert {to for call in wire.calls[1:] for to in call.to} == {number(1)}
    assert [told(ledger, f"k{index}") for index in range(3)] == [(Outcome.ACCEPTED, None)] * 3
    assert waits == list(range(len(waits)))


@pytest.mark.parametrize("queue", [None, "urgent"])
def test_runs_again_from_its_own_queue(ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch, queue: str | None) -> None:
    """Where RabbitMQ delays a job, Celery would put it into its default queue, which no worker of ours reads."""
    wire = Wire(alpha=[httpx.ConnectError("down"), httpx.ConnectError("down"), None])
    with sms_tasks(wire, ledger) as (sms, app):
        task, again = type(app.tasks["smsgate.send"]), list[object]()

        def retry(self: Any, original: Any = task.retry, **options: Any) -> Any:
            again.append(options["queue"])
            return original(self, **options)

        monkeypatch.setattr(task, "retry", retry)
        key = sms.enqueue(login(), queue=queue)
    assert again == [queue or "sms-notification"] * 2
    assert told(ledger, key) == (Outcome.ACCEPTED, None)


def test_whether_publishing_is_confirmed(ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """RabbitMQ may lose what it has not confirmed: nothing is enqueued unless the application says what it wants."""
    app: Any = Celery("unconfirmed", broker="amqp://127.0.0.1:1", set_as_current=False)
    made: list[Any] = []
    sms = SmsTasks(app, gateway=lambda: Gateway([alpha()], templates=[LOGIN], ledger=ledger), encrypt=KEY)
    monkeypatch.setattr(type(app.tasks["smsgate.send"]), "apply_async", lambda *_, **options: made.append(options))
    for connection in (None, app.connection()):
        with pytest.raises(ConfigurationError, match=r'broker_transport_options = {"confirm_publish": True}'):
            sms.enqueue(login(), connection=connection)
        with pytest.raises(ConfigurationError, match="RabbitMQ may lose"):
            sms.enqueue_many([login()], connection=connection)
    assert made == []
    chosen = {"confirm_publish": False}
    sms.enqueue(login(), connection=app.connection(transport_options=chosen))
    app.conf.broker_transport_options = chosen
    sms.enqueue(login())
    assert len(made) == 2


def test_cancelled_and_too_late(ledger: SqlLedger) -> None:
    """A cancelled key and an expired message are not sent by any worker; each has its result."""
    wire = Wire()
    with sms_tasks(wire, ledger) as (sms, _):
        assert sms.cancel("gone")
        sms.enqueue(login(key="gone"))
        sms.enqueue(login(key="late", expires_at=datetime.now(UTC) - timedelta(seconds=1)))
        assert sms.enqueue(login(key="sent")) == "sent"
        assert not sms.cancel("sent")
    assert told(ledger, "gone") == (Outcome.NOT_SENT, Reason.CANCELLED)
    assert told(ledger, "late") == (Outcome.NOT_SENT, Reason.EXPIRED)
    assert len(wire.calls) == 1


def test_reschedule_says_what_to_do(ledger: SqlLedger) -> None:
    """Celery cannot change a job that waits."""
    with sms_tasks(Wire(), ledger) as (sms, _), pytest.raises(ConfigurationError, match="Cancel the key"):
        sms.reschedule("order-1", datetime.now(UTC))


def test_a_broker_that_is_away(ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that cannot be enqueued again goes back to its queue: Celery alone would drop it."""
    wire = Wire(alpha=httpx.ConnectError("down"))
    with sms_tasks(wire, ledger) as (sms, app):
        task = app.tasks["smsgate.send"]
        monkeypatch.setattr(type(task), "retry", lambda *_, **__: (_ for _ in ()).throw(exceptions.Reject("away")))
        caught: list[Any] = []
        monkeypatch.setattr(type(task), "apply_async", lambda self, kwargs, **_: caught.append(kwargs))
        sms.enqueue(login())
        with pytest.raises(exceptions.Reject) as raised:
            task.run(**caught[0])
    assert raised.value.requeue


def test_how_its_tasks_are_acknowledged(ledger: SqlLedger) -> None:
    """Late, again if their process is lost or out of time; their results are the ledger's."""
    with sms_tasks(Wire(), ledger) as (_, app):
        for name in ("smsgate.send", "smsgate.send_chunk"):
            task = app.tasks[name]
            assert (task.acks_late, task.reject_on_worker_lost, task.ignore_result) == (True, True, True)
            assert task.acks_on_failure_or_timeout is False


def test_the_end_of_a_worker_process(ledger: SqlLedger) -> None:
    """Celery's signal closes its gateway, since such a process ends without what `atexit` has."""
    with sms_tasks(Wire(), ledger):
        pass  # another application of the process
    made: list[Gateway] = []

    def make() -> Gateway:
        made.append(Gateway([alpha()], templates=[LOGIN], transport=Wire(), ledger=ledger))
        return made[-1]

    with sms_tasks(Wire(), ledger, gateway=make) as (sms, _):
        sms.enqueue(login())
        signals.worker_process_shutdown.send(None)
        with pytest.raises(ClosedError):
            run(made[0].send, login())


def test_a_gateway_of_blocking_code(ledger: SqlLedger) -> None:
    """The one that other code of the process sends with can be the workers' too."""
    wire = Wire()
    own = sync.Gateway([alpha()], templates=[LOGIN], transport=wire, ledger=ledger)
    with sms_tasks(Wire(), ledger, gateway=lambda: own) as (sms, _):
        sms.enqueue(login())
    assert len(wire.calls) == 1


def test_set_ups_that_cannot_work(ledger: SqlLedger) -> None:
    """They are told when the tasks are made or first run, and by no traceback with a key in it."""
    wire = Wire()
    for options, words in (
        ({"encrypt": "canary"}, "encrypt: must be a Fernet key"),
        ({"max_retries": -1}, "max_retries: must be a whole number"),
        ({"gateway": sync.Gateway([alpha()], templates=[LOGIN])}, "gateway: must be a function"),
        ({"lanes": {"code": "fast"}}, "lanes: 'code' must have a smsgate.tasks.Lane"),
    ):
        with pytest.raises(ConfigurationError, match=words), sms_tasks(wire, ledger, **options):
            pass
    with sms_tasks(wire, ledger, gateway=lambda: Gateway([alpha()], templates=[LOGIN])) as (sms, _):
        with pytest.raises(ConfigurationError, match="needs a ledger that keeps keys"):
            sms.cancel("order-1")
        for wrong in ({"expires": 1, "countdown": 3}, {"schedule_in": {"seconds": 3}}):
            with pytest.raises(ConfigurationError, match="is none of its options, which are eta, countdown"):
                sms.enqueue(login(), **wrong)
            with pytest.raises(ConfigurationError, match="is none of its options, which are eta, countdown"):
                sms.enqueue_many([login()], **wrong)
        naive = datetime.now(UTC).replace(tzinfo=None)
        with pytest.raises(ConfigurationError, match="eta: must have a time zone"):
            sms.enqueue(login(), eta=naive)
        with pytest.raises(ConfigurationError, match="eta: must have a time zone"):
            sms.enqueue_many([login()], eta=naive)
        with pytest.raises(MessageError, match="takes a smsgate"):
            sms.enqueue("text")  # type: ignore[arg-type]  # the point of the test
