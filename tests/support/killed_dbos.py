"""DBOS in the table of killed requests: a workflow with a step that sends, and ours. Its database is SQLite.

As a program it is a process of the application: python tests/support/killed_dbos.py step /folder http://…
With a number in place of the URL it enqueues a message to that, and runs nothing.
"""

import importlib.metadata
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import anyio
import attrs
from dbos import DBOS, DBOSClient
from engine_gateway import KEY, make_gateway
from fake_vendors import LOGIN, alpha, login

from smsgate import Gateway
from smsgate.ledger import SqlLedger
from smsgate.sync import run
from smsgate.tasks.dbos import SmsTasks

__all__ = ["cases"]

_WAYS = {
    "step": "as its documentation begins: a workflow with a step that sends",
    "ledger": "with keys and a ledger (`smsgate.tasks`)",
}
_KEY = "order-1"
_QUEUE = "plain"


def cases() -> Iterator[AbstractContextManager["DbosCase"]]:
    """Its cases."""
    return map(_made, _WAYS)


@contextmanager
def _made(way: str) -> Iterator["DbosCase"]:
    with tempfile.TemporaryDirectory() as folder:
        yield DbosCase(way, folder)


@attrs.frozen
class DbosCase:
    """One way to use DBOS."""

    way: str
    folder: str
    seconds: float = 15.0

    @property
    def name(self) -> str:
        """With its version."""
        return f"DBOS {importlib.metadata.version('dbos')}, {_WAYS[self.way]}"

    def enqueue(self, to: str) -> None:
        """Enqueue a message to this number, in another process: one has a single DBOS."""
        run(SqlLedger(_ledger(self.folder)).create)
        subprocess.run(self.worker(to), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def worker(self, url: str) -> Sequence[str]:
        """The command of a process that runs what is enqueued."""
        return [sys.executable, __file__, self.way, self.folder, url]

    def state(self) -> str:
        """The workflow's, and what the ledger has."""
        client = DBOSClient(system_database_url=_system(self.folder))
        [workflow] = client.list_workflows(name=["send", "smsgate.send"], load_output=False)
        client.destroy()
        result = run(SqlLedger(_ledger(self.folder)).result, _KEY)
        return f"the workflow is `{workflow.status}`{f', the message `{result.outcome}`' if result else ''}"


def _ledger(folder: str) -> str:
    return f"sqlite:///{folder}/ledger.db"


def _system(folder: str) -> str:
    return f"sqlite:///{folder}/dbos.db"


def main(way: str, folder: str, target: str) -> None:
    """Be a process of the application."""
    os.environ.update(LEDGER=_ledger(folder), VENDOR=target)
    DBOS(config={"name": "shop", "system_database_url": _system(folder), "log_level": "ERROR"})
    gateway = Gateway([alpha(url=target if "/" in target else None)], templates=[LOGIN])

    @DBOS.step()
    async def request(to: str) -> str:
        return (await gateway.send(login(to))).outcome

    @DBOS.workflow(name="send")
    async def send(to: str) -> str:
        return await request(to)

    sms = SmsTasks(DBOS, gateway=make_gateway, encrypt=KEY)
    if "/" not in target:
        DBOS.listen_queues([])
    DBOS.launch()
    DBOS.register_queue(_QUEUE)
    if "/" in target:
        threading.Event().wait()
    elif way == "ledger":
        anyio.run(sms.enqueue, login(target, key=_KEY))
    else:
        anyio.run(DBOS.enqueue_workflow_async, _QUEUE, send, target)
    DBOS.destroy()


if __name__ == "__main__":
    main(*sys.argv[1:])
