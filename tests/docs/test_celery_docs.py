"""The code of docs/from-celery.md, run as it is printed with a real worker and Redis, and a simulated vendor."""

import logging
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from celery.contrib.testing.worker import start_worker
from celery.signals import setup_logging
from celery_shop import KEY, wait_until_done
from databases import Server
from docs_examples import DOCS, load, load_application
from networks import simulate_network

from smsgate.sandbox import Sandbox, SandboxTransport
from smsgate.sandbox.tencent import TENCENT_APP_KEY
from smsgate.sync import run

PAGE: Final = "from-celery.md"
NUMBERS: Final = [f"+86137000000{index:02}" for index in range(5)]


@pytest.fixture(autouse=True)
def loggers_as_they_are() -> Iterator[None]:
    """A worker sets up the loggers of its process, which here goes on with other tests."""

    def leave(**_: object) -> None:
        """Whoever listens does it in Celery's place."""

    setup_logging.connect(leave)
    yield
    setup_logging.disconnect(leave)


@pytest.fixture
def sms(
    database_server: Callable[[str], Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ModuleType]:
    """The reader's own module, with its tables made."""
    url = database_server("redis").url
    simulate_network(monkeypatch, SandboxTransport(Sandbox(lenient=True), delay_scale=0))
    monkeypatch.setenv("TENCENT_APP_KEY", TENCENT_APP_KEY)
    monkeypatch.setenv("SMS_TASK_KEY", KEY)
    monkeypatch.setenv("BROKER_URL", url.replace("unix:", "redis+socket:"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/ledger.db")
    module = load_application(PAGE, monkeypatch)
    module.app.conf.broker_transport_options["global_keyprefix"] = f"{secrets.token_hex(6)}:"
    module.create_tables()
    yield module
    module.sms.close()
    run(module.ledger.aclose)


def test_a_code_and_a_campaign(sms: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the page enqueues is sent by a worker, but for what it cancels, and is in its ledger."""
    level = logging.root.level
    enqueue: Any = load(PAGE, "enqueue", "myapp.enqueue", monkeypatch)
    outcome: Any = load(PAGE, "outcome", "myapp.outcome", monkeypatch)
    key = enqueue.send_code("+8613788888888", "4821")
    assert enqueue.send_offers(NUMBERS) == 1
    assert outcome.outcome(key) == "it waits"
    assert outcome.cancel(f"spring:{NUMBERS[0]}")
    prefix = sms.app.conf.broker_transport_options["global_keyprefix"]
    redis = sms.app.conf.broker_url.replace("redis+socket:", "unix:")
    queues = ["sms-code", "sms-notification", "sms-marketing"]
    with start_worker(sms.app, pool="solo", perform_ping_check=False, queues=queues):
        wait_until_done(redis, prefix)
    assert outcome.outcome(key) == "ACCEPTED"
    assert [outcome.outcome(f"spring:{each}") for each in NUMBERS] == ["NOT_SENT"] + ["ACCEPTED"] * 4
    assert logging.root.level == level


def test_quorum_queues(sms: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The queues that the application then makes are such ones, with exchanges that RabbitMQ can delay jobs for."""
    load(PAGE, "quorum", "myapp.quorum", monkeypatch)
    queue = sms.app.amqp.queues["sms-code"]
    assert queue.queue_arguments == {"x-queue-type": "quorum"}
    assert queue.exchange.type == "topic"


def test_each_worker_has_a_name() -> None:
    """RabbitMQ refuses a worker that has the name of another on its machine."""
    commands = re.findall(r"^celery .* worker .*$", (DOCS / PAGE).read_text("utf-8"), re.MULTILINE)
    names = re.findall(r"--hostname=(\w+@%h) ", "\n".join(commands))
    assert len(commands) == len(set(names)) == 2
