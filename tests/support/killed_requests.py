"""A worker is killed with -9 in the middle of a request: how often the vendor has the message in the end.

python tests/support/killed_requests.py                   the table of docs/several-workers.md
python tests/support/killed_requests.py procrastinate     some engines

Each engine is used twice: as its own documentation says, and with keys and a ledger. The vendor takes the first request
and does not respond. Its worker is killed then, and another one is started, which has time to take the job up again.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import Protocol

import attrs
from crash_jobs import vendor
from fake_vendors import number

__all__ = ["ENGINES", "Case", "Row", "measure", "rows_of"]

ENGINES = ("procrastinate", "dbos", "celery", "taskiq")
"""Each has a module with its cases."""
_STARTS_WITHIN = 30.0


class Case(Protocol):
    """One way to use an engine, in a place of its own."""

    @property
    def name(self) -> str:
        """The engine with its version, and the way."""
        ...

    @property
    def seconds(self) -> float:
        """How long the second worker is given."""
        ...

    def enqueue(self, to: str) -> None:
        """Enqueue a message to this number."""
        ...

    def worker(self, url: str) -> Sequence[str]:
        """The command of a worker that sends to the vendor at *url*."""
        ...

    def state(self) -> str:
        """What the engine, and the ledger if there is one, say of the job at last."""
        ...


@attrs.frozen
class Row:
    """What a case came to."""

    case: str
    taken: int
    """How many times the vendor had the message."""
    state: str


def rows_of(engines: Sequence[str]) -> Iterator[Row]:
    """The rows of these engines."""
    for engine in engines:
        for make in _cases(engine):
            with make as case:
                yield measure(case)


def measure(case: Case) -> Row:
    """Kill the first worker in the middle of its request, and let a second one go on."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "taken"
        with vendor(file, refusing=0.0, holds=1) as url:
            case.enqueue(number(1))
            first = _start(case, url)
            end = time.monotonic() + _STARTS_WITHIN
            while not file.exists() or not file.read_text():
                assert time.monotonic() < end, "the first worker sends nothing"
                time.sleep(0.01)
            first.kill()
            first.wait()
            second = _start(case, url)
            time.sleep(case.seconds)
            second.kill()
            second.wait()
        return Row(case.name, len(file.read_text().split()), case.state())


def _start(case: Case, url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(list(case.worker(url)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _cases(engine: str) -> Iterator[AbstractContextManager[Case]]:
    cases: Iterator[AbstractContextManager[Case]] = import_module(f"killed_{engine}").cases()
    return cases


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("engines", nargs="*", metavar="engine", help=f"{', '.join(ENGINES)}: all of them by default")
    given = parser.parse_args(arguments)
    sys.stdout.write("| | requests for the message | after that |\n|---|---:|---|\n")
    for row in rows_of(given.engines or ENGINES):
        sys.stdout.write(f"| {row.case} | {row.taken} | {row.state} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
