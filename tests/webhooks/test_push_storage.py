"""Several processes behind one address, with one ledger: what is answered 200 is stored, whatever happens to them."""

import http.client
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import anyio
import pytest
from docs_examples import example
from push_client import push_all
from push_server import Servers, pushes_of, record_messages, stored_ids
from sql_ledgers import Place

from smsgate.ledger import SqlLedger

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes share an address by SO_REUSEPORT")

COUNT, EACH = 400, 20


def test_nothing_that_was_answered_is_lost(place: Place) -> None:
    """Pushes come twice and processes are killed meanwhile: each report is stored once, and settles its message."""
    anyio.run(record, place)
    pushes = pushes_of(COUNT, EACH) * 2
    random.Random(5).shuffle(pushes)
    with Servers.of(2, place.arguments) as servers:
        killers = [threading.Timer(seconds, servers.kill_one) for seconds in (0.3, 0.9)]
        for killer in killers:
            killer.start()
        taken = push_all(servers.address, pushes, rate=600.0, connections=16, again=True)
        for killer in killers:
            killer.join()
    assert servers.kills == 2
    assert sorted(taken.stored) == list(range(len(pushes)))
    assert sorted(stored_ids(place.arguments)) == list(range(COUNT))
    assert anyio.run(unsettled, place) == []


def test_a_flood_is_refused_and_loses_nothing(place: Place) -> None:
    """More pushes at once than may be in progress are answered 503. Those that were answered 200 are stored alone."""
    anyio.run(record, place)
    with Servers.of(2, place.arguments, max_concurrent=4) as servers:
        taken = push_all(servers.address, pushes_of(COUNT, EACH), rate=1e6, connections=64)
    assert set(taken.statuses) == {200, 503}
    assert sorted(stored_ids(place.arguments)) == sorted(taken.stored)


async def record(place: Place) -> None:
    async with SqlLedger(**place.arguments, timeout=60) as ledger:
        await record_messages(ledger, COUNT, EACH)


async def unsettled(place: Place) -> list[str | None]:
    async with SqlLedger(**place.arguments) as ledger:
        return [entry.message.key async for entry in ledger.unsettled()]


def test_the_example_shares_an_address(tmp_path: Path) -> None:
    """The processes of the page listen at one address, and go on when one of them ends."""
    (tmp_path / "myapp").mkdir()
    for name in ("myapp/sms.py", "serve.py"):
        (tmp_path / name).write_text(example("callbacks.md", name), "utf-8")
    with _listener() as place:  # bound and not listening, it keeps the port
        port = place.getsockname()[1]
        tokens = dict.fromkeys(("TENCENT_CALLBACK_TOKEN", "HUAWEI_CALLBACK_TOKEN"), "a-token-of-sixteen")
        environment = {**os.environ, **tokens, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
        command = [sys.executable, str(tmp_path / "serve.py"), str(port)]
        servers = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) for _ in range(2)]
    try:
        for server in servers:
            assert server.stderr is not None
            assert any(b"startup complete" in line for line in server.stderr)
        statuses = Counter(_ask(port) for _ in range(40))
        servers[0].terminate()
        servers[0].wait()
        assert statuses + Counter(_ask(port) for _ in range(10)) == {404: 50}
    finally:
        for server in servers:
            server.terminate()
            server.communicate()


def _listener() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(("127.0.0.1", 0))
    return made


def _ask(port: int) -> int:
    end = time.monotonic() + 60
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        try:
            connection.request("POST", "/no/such-route", b"")
            return connection.getresponse().status
        except ConnectionRefusedError:  # it has started, and does not listen yet
            assert time.monotonic() < end
            time.sleep(0.01)
        finally:
            connection.close()
