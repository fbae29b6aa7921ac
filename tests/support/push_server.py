"""Processes of an application behind one address, and the pushes that come to it."""

import json
import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import urlencode

import attrs
import uvicorn
from fake_vendors import number
from push_client import make_push
from sql_ledgers import attempts_for, request_for
from sqlalchemy import create_engine, text

from smsgate import huawei, tencent
from smsgate.ledger import SqlLedger
from smsgate.webhooks import CallbackApp, Route

__all__ = ["Servers", "pushes_of", "record_messages", "stored_ids"]

_TOKEN = "a-token-that-nobody-guesses"
_NAMES = ("tencent-v5", "huawei")


def serve(address: tuple[str, int], ledger: dict[str, Any], options: dict[str, Any]) -> None:
    """Serve at *address*, beside others that do."""
    parsers = (tencent.parse_callback, huawei.parse_callback)
    routes = [Route(name, parse, tokens=[_TOKEN]) for name, parse in zip(_NAMES, parsers, strict=True)]
    app = CallbackApp(None, *routes, ledger=SqlLedger(**ledger), **options)
    with _listener(address) as listener:
        _Server(uvicorn.Config(app, log_config=None, ws="none")).run([listener])


def _listener(address: tuple[str, int]) -> socket.socket:
    # With the protocol spelled out: asyncio switches Nagle's delay off only then.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(tuple(address))
    return listener


class _Server(uvicorn.Server):
    """Says when it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write("listens\n")
        sys.stdout.flush()


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


@attrs.define
class Servers:
    """Processes that serve at one address of the loopback."""

    address: tuple[str, int]
    arguments: list[str]
    running: list["subprocess.Popen[bytes]"] = attrs.field(factory=list["subprocess.Popen[bytes]"])
    kills: int = 0

    @classmethod
    @contextmanager
    def of(cls, count: int, ledger: dict[str, Any], **options: Any) -> Iterator[Self]:
        """That many, while the context lasts."""
        with _listener(("127.0.0.1", 0)) as place:  # bound and not listening, it keeps the port
            servers = cls(place.getsockname(), [json.dumps([place.getsockname(), ledger, options])])
            try:
                for _ in range(count):
                    servers.start()
                servers.wait()
                yield servers
            finally:
                for process in servers.running:
                    process.terminate()
                for process in servers.running:
                    _end(process)

    def start(self) -> None:
        """Start one more."""
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, __file__, *self.arguments]
        self.running.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE))

    def kill_one(self) -> None:
        """Kill one of them, as a crash does, and start another in its place."""
        process = self.running.pop(random.randrange(len(self.running)))
        process.kill()
        _end(process)
        self.kills += 1
        self.start()

    def wait(self) -> None:
        """Wait until all of them listen."""
        for process in self.running:
            assert process.stdout is not None
            assert process.stdout.readline(), f"a server did not start: {process.wait()}"


async def record_messages(ledger: SqlLedger, count: int, each: int) -> None:
    """Record *count* messages as sent, in requests of *each*, through both providers in turn."""
    for index, first in enumerate(range(0, count, each)):
        keys = [str(key) for key in range(first, min(first + each, count))]
        request = request_for(*keys, provider=_NAMES[index % 2], at=1_700_000_000 + index)
        await ledger.leaving(request)
        await ledger.left(request, attempts_for(request))


def pushes_of(count: int, each: int) -> list[bytes]:
    """A report on each of those messages, as its vendor pushes it."""
    return [_push(index, index // each % 2, number(index % each)) for index in range(count)]


def _push(index: int, vendor: int, to: str) -> bytes:
    path, when = f"/{_NAMES[vendor]}/{_TOKEN}", f"{index // 3600 % 24:02}:{index // 60 % 60:02}:{index % 60:02}"
    if vendor:
        fields = {"smsMsgId": f"id-{index}", "total": 1, "sequence": 1, "status": "DELIVRD", "source": 2, "to": to}
        fields["updateTime"] = f"2026-01-01T{when}Z"
        return make_push(path, urlencode(fields).encode(), "application/x-www-form-urlencoded")
    item = {
        "user_receive_time": f"2026-01-01 {when}",
        "nationcode": "86",
        "mobile": to.removeprefix("+86"),
        "report_status": "SUCCESS",
        "errmsg": "DELIVRD",
        "description": "用户短信送达成功",
        "sid": f"id-{index}",
    }
    return make_push(path, json.dumps([item]).encode(), "application/json")


def stored_ids(ledger: dict[str, Any]) -> list[int]:
    """The indexes of the messages of which a report is stored, once for each."""
    engine = create_engine(ledger["url_or_engine"])
    with engine.connect() as connection:
        rows = connection.scalars(text(f"SELECT data FROM {ledger.get('prefix', 'smsgate_')}events")).all()
    engine.dispose()
    return [int(json.loads(row)["message_id"].removeprefix("id-")) for row in rows]


if __name__ == "__main__":
    serve(*json.loads(sys.argv[1]))
