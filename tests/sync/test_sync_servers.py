"""A module-level gateway under real servers of blocking code: gunicorn with forks and threads, Celery's prefork."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from smsgate.sandbox.server import SandboxServer, listen
from smsgate.sandbox.tencent import TENCENT_APP_KEY

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

SMS: Final = """
import os
from smsgate import Message, Template
from smsgate.sync import Gateway
from smsgate.tencent import TencentV5

tencent = TencentV5("1400006666", os.environ["APP_KEY"], sign="Acme", base_url=os.environ["SANDBOX"])
sms = Gateway([tencent], templates=[Template("login-code", params=("code", "minutes"), ids={"tencent-v5": "19"})])

def send(number):
    return sms.send(Message(number, "login-code", {"code": "4821", "minutes": "5"})).outcome
"""
FLASK: Final = """
import os
from flask import Flask, request
from sms import send

if "SEND_BEFORE_THE_FORK" in os.environ:
    send("+8613700000000")
app = Flask(__name__)

@app.post("/code")
def code():
    return {"outcome": send(request.form["to"]), "pid": os.getpid()}

@app.post("/async")
async def in_an_async_view():
    return {"outcome": send(request.form["to"]), "pid": os.getpid()}
"""
CELERY: Final = """
import os
from celery import Celery
from celery.signals import worker_process_shutdown
from sms import send, sms

app = Celery("tasks", broker="filesystem://", backend="file://" + os.environ["QUEUE"])
app.conf.broker_transport_options = {
    name: os.environ["QUEUE"] for name in ("data_folder_in", "data_folder_out", "control_folder")
}

@app.task
def send_code(number):
    return [str(send(number)), os.getpid()]

@worker_process_shutdown.connect
def close(**_):
    sms.close()
"""


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@contextmanager
def program(folder: Path, server: SandboxServer, *command: str, **environment: str) -> Iterator[None]:
    """*command*, run in *folder* beside the modules above, and ended as a supervisor does."""
    for name, text in {"sms": SMS, "web": FLASK, "tasks": CELERY}.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    environment = {**os.environ, "APP_KEY": TENCENT_APP_KEY, "SANDBOX": server.url, **environment}
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", *command], cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
    )
    try:
        yield
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    except BaseException as error:
        error.add_note((folder / "log").read_text("utf-8"))
        raise
    finally:
        process.kill()
        process.wait()
        log.close()


def post(port: int, path: str, number: str) -> tuple[str, int]:
    """The outcome that a view answers with, and the process that did; asked again until the server is up."""
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", data=b"to=%2B" + number.encode()) as response:
                answer = json.load(response)
                return answer["outcome"], answer["pid"]
        except ConnectionError:
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.05)
        except OSError as error:
            if not isinstance(getattr(error, "reason", None), ConnectionError) or time.monotonic() > until:
                raise
            time.sleep(0.05)


@pytest.mark.parametrize("used_before", [False, True], ids=["first used after the fork", "used before it"])
def test_gunicorn_with_preload_forks_and_threads(tmp_path: Path, server: SandboxServer, used_before: bool) -> None:
    """Every request of every thread of every worker is answered, also in async views, and each message is sent once."""
    with listen("127.0.0.1", 0) as probe:
        port = probe.getsockname()[1]
    options = f"--preload --workers 2 --threads 8 --worker-class gthread --bind 127.0.0.1:{port}".split()
    environment = {"SEND_BEFORE_THE_FORK": "1"} if used_before else {}
    with program(tmp_path, server, "gunicorn", *options, "web:app", **environment):
        calls = [("/async" if index % 5 == 0 else "/code", f"86137{index:08}") for index in range(1, 201)]
        post(port, *calls[0])
        with ThreadPoolExecutor(20) as threads:
            answers = list(threads.map(lambda call: post(port, *call), calls[1:]))
    assert Counter(outcome for outcome, _ in answers) == {"ACCEPTED": 199}
    assert len({pid for _, pid in answers}) == 2
    sent = Counter(str(message.to) for message in server.sandbox.messages)
    assert sent == Counter([f"+{number}" for _, number in calls] + ["+8613700000000"] * used_before)


def test_celery_with_prefork(tmp_path: Path, server: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every task of every worker process sends its message once, and the worker ends when it is told to."""
    from celery import Celery

    queue = tmp_path / "queue"
    queue.mkdir()
    options = "worker --pool prefork --concurrency 2 --without-gossip --without-mingle --loglevel info".split()
    client = Celery("tasks", broker="filesystem://", backend=f"file://{queue}")
    client.conf.broker_transport_options = {
        name: str(queue) for name in ("data_folder_in", "data_folder_out", "control_folder")
    }
    with program(tmp_path, server, "celery", "-A", "tasks", *options, QUEUE=str(queue), C_FORCE_ROOT="1"):
        numbers = [f"+86137{index:08}" for index in range(40)]
        waiting = [client.send_task("tasks.send_code", (number,)) for number in numbers]
        answers = [task.get(timeout=60) for task in waiting]
    assert [outcome for outcome, _ in answers] == ["ACCEPTED"] * 40
    assert len({pid for _, pid in answers}) == 2
    assert Counter(str(message.to) for message in server.sandbox.messages) == Counter(numbers)
