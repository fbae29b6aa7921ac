"""Worker processes of a task engine that are killed, and the vendor that counts what they send."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import anyio
import attrs
from counting_vendor import Vendor
from engine_gateway import KEYS

from smsgate import Outcome
from smsgate.ledger import SqlLedger

__all__ = ["Workers"]

_SECONDS = 90.0


@attrs.define
class Workers:
    """Processes, each with a command of its own."""

    vendor: Vendor
    ledger: str
    environment: dict[str, str]
    running: dict[str, "subprocess.Popen[bytes]"] = attrs.field(factory=dict[str, "subprocess.Popen[bytes]"])

    @classmethod
    @contextmanager
    def of(cls, queue: str, ledger: str) -> Iterator[Self]:
        """None yet, with a vendor, while the context lasts."""
        with Vendor.running(seconds=0.1) as vendor:
            own = {"QUEUE": queue, "LEDGER": ledger, "VENDOR": vendor.url, "PYTHONPATH": os.pathsep.join(sys.path)}
            workers = cls(vendor, ledger, {**os.environ, **own})
            anyio.run(workers._create)
            try:
                yield workers
            finally:
                for process in workers.running.values():
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()

    async def _create(self) -> None:
        async with SqlLedger(self.ledger):
            pass

    def run(self, *command: str) -> None:
        """Run *command* to its end."""
        subprocess.run([sys.executable, *command], env=self.environment, check=True, timeout=_SECONDS)

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start *command* as the process *name*, in place of one that has ended."""
        self.running[name] = subprocess.Popen([sys.executable, *command], env=self.environment, start_new_session=True)

    def kill(self, name: str) -> None:
        """Kill that process."""
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def kill_child(self, name: str) -> None:
        """Kill what that process, a supervisor, has started last."""
        process = self.running[name].pid
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        os.kill(max(map(int, children)), signal.SIGKILL)

    def wait(self, until: Callable[[], bool]) -> None:
        """Wait until it is so."""
        end = time.monotonic() + _SECONDS
        while not until():
            assert time.monotonic() < end, f"{self.vendor.taken.total()} sent, {self.outcomes()}"
            time.sleep(0.05)

    def outcomes(self) -> dict[str, Outcome | None]:
        """What the ledger knows of each message, by its key."""

        async def ask() -> dict[str, Outcome | None]:
            async with SqlLedger(self.ledger) as ledger:
                results = {key: await ledger.result(key) for key in KEYS}
            return {key: None if result is None else result.outcome for key, result in results.items()}

        return anyio.run(ask)

    def all_told(self) -> bool:
        """Whether the ledger has a result for each message."""
        return None not in self.outcomes().values()

    def check(self, most_unknown: int) -> None:
        """None was lost, and none was sent twice, by the vendor's own count."""
        outcomes = self.outcomes()
        assert max(self.vendor.taken.values()) == 1
        assert set(outcomes.values()) <= {Outcome.ACCEPTED, Outcome.UNKNOWN}
        assert all(self.vendor.taken[KEYS[key]] == 1 for key, each in outcomes.items() if each is Outcome.ACCEPTED)
        assert sum(each is Outcome.UNKNOWN for each in outcomes.values()) <= most_unknown
