"""A thousand sends at once by code that is not async: threads of gunicorn, and prefork workers of Celery.

python tests/support/sync_load.py                     both, ten rounds of 1,000
python tests/support/sync_load.py --only gunicorn --rounds 50

Each process has one gateway with a plain `on_result`, made before the fork. Every call must be answered, each message
be sent once by the vendor's own count, and the memory of the processes stay what it is once they are warm.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import Final

import attrs
from counting_vendor import Vendor
from fake_vendors import number
from push_client import make_push, push_all

__all__ = ["SERVERS", "Load", "main"]

_WARM: Final = 3
"""How many rounds come before the memory is measured."""
_SMS: Final = """
import itertools, os
from fake_vendors import LOGIN, alpha, login, number
from smsgate import Outcome
from smsgate.sync import Gateway

results = itertools.count()
sms = Gateway([alpha(url=os.environ["VENDOR"])], templates=[LOGIN], on_result=lambda result: next(results))

def send(index):
    result = sms.send(login(number(index)))
    assert result.outcome is Outcome.ACCEPTED, result
"""
_WEB: Final = """
from flask import Flask
from sms import send

app = Flask(__name__)

@app.post("/<int:index>")
def code(index):
    send(index)
    return "sent"
"""
_TASKS: Final = """
import os
from concurrent.futures import ThreadPoolExecutor
from celery import Celery
from sms import send

queue = os.environ["QUEUE"]
app = Celery("tasks", broker="filesystem://", backend="file://" + queue)
app.conf.broker_transport_options = dict.fromkeys(("data_folder_in", "data_folder_out", "control_folder"), queue)
app.conf.worker_prefetch_multiplier = 1

@app.task
def send_at_once(first, count):
    with ThreadPoolExecutor(count) as threads:
        return len(list(threads.map(send, range(first, first + count))))
"""


@attrs.define
class Load:
    """What a server went through."""

    calls: int
    vendor: Vendor
    process: "subprocess.Popen[bytes]"
    answered: int = 0
    megabytes: list[float] = attrs.field(factory=list[float])
    """Of all worker processes, after each round."""

    def note(self, answered: int) -> None:
        """Note the end of a round."""
        self.answered += answered
        self.megabytes.append(sum(_resident(child) for child in _children(self.process.pid)))

    @property
    def growth(self) -> float:
        """How much the memory grew between the first and the last third of the rounds in which it was warm, if any."""
        warm = self.megabytes[_WARM:]
        if len(warm) < 2:
            return 0.0
        third = max(1, len(warm) // 3)
        return statistics.median(warm[-third:]) / statistics.median(warm[:third]) - 1

    def faults(self) -> Iterator[str]:
        """What is not as it should be."""
        if self.answered != self.calls:
            yield f"{self.calls - self.answered} of {self.calls} calls failed"
        if dict(self.vendor.taken) != {number(index): 1 for index in range(self.calls)}:
            yield f"{self.vendor.taken.total()} requests for {len(self.vendor.taken)} of {self.calls} messages"
        if self.growth > 0.05:
            yield f"memory grew by {self.growth:.0%}"


def _gunicorn(folder: Path, vendor: Vendor, rounds: int, at_once: int) -> Load:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = f"--preload --workers 2 --threads {at_once // 2} --worker-class gthread --bind 127.0.0.1:{port}"
    with _program(folder, vendor, "gunicorn", *options.split(), "--backlog", "2048", "web:app") as process:
        load = Load(rounds * at_once, vendor, process)
        for first in range(0, rounds * at_once, at_once):
            calls = [make_push(f"/{index}", b"", "text/plain") for index in range(first, first + at_once)]
            taken = push_all(("127.0.0.1", port), calls, rate=1e6, connections=at_once)
            load.note(taken.statuses[200])
    return load


def _celery(folder: Path, vendor: Vendor, rounds: int, at_once: int) -> Load:
    from celery import Celery

    queue, workers = folder / "queue", 4
    queue.mkdir()
    client = Celery("tasks", broker="filesystem://", backend=f"file://{queue}")
    names = ("data_folder_in", "data_folder_out", "control_folder")
    client.conf.broker_transport_options = dict.fromkeys(names, str(queue))
    options = f"worker --pool prefork --concurrency {workers} -O fair --without-gossip --without-mingle".split()
    with _program(folder, vendor, "celery", "-A", "tasks", *options) as process:
        load = Load(rounds * at_once, vendor, process)
        for first in range(0, rounds * at_once, at_once):
            each = at_once // workers
            parts = [(start, each) for start in range(first, first + at_once, each)]
            waiting = [client.send_task("tasks.send_at_once", part) for part in parts]
            load.note(sum(task.get(timeout=120) for task in waiting))
    return load


SERVERS: Final[dict[str, Callable[[Path, Vendor, int, int], Load]]] = {"gunicorn": _gunicorn, "celery": _celery}


@contextmanager
def _program(folder: Path, vendor: Vendor, *command: str) -> Iterator["subprocess.Popen[bytes]"]:
    """*command*, run in *folder* beside the modules above."""
    for name, text in {"sms": _SMS, "web": _WEB, "tasks": _TASKS}.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    environment = {**os.environ, "VENDOR": vendor.url, "QUEUE": str(folder / "queue"), "C_FORCE_ROOT": "1"}
    environment["PYTHONPATH"] = os.pathsep.join([str(folder), *sys.path])
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield process
        except BaseException as error:
            error.add_note((folder / "log").read_text("utf-8", "replace")[-3000:])
            raise
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def _children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _resident(process: int) -> float:
    """The megabytes of *process* that are its own (Linux, proc(5))."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=SERVERS, action="append")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--at-once", type=int, default=1000)
    options = parser.parse_args(arguments)
    failed = False
    for name in options.only or SERVERS:
        with tempfile.TemporaryDirectory() as directory, Vendor.running() as vendor:
            load = SERVERS[name](Path(directory), vendor, options.rounds, options.at_once)
        memory = ", ".join(f"{each:.0f}" for each in load.megabytes)
        sys.stdout.write(f"{name}: {load.answered} calls answered, {vendor.taken.total()} requests, at most ")
        sys.stdout.write(f"{vendor.most_at_once} at once\nmegabytes after each round: {memory}\n")
        faults = [*load.faults()]
        failed |= bool(faults)
        sys.stdout.write("".join(f"{fault}\n" for fault in faults) or "no fault\n")
    return failed


if __name__ == "__main__":
    sys.exit(main())
