"""Live events: each has an id, and who was cut off goes on from the last one that it has."""

import json
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import anyio
import httpx
import pytest
from push_receiver import until
from sandbox_callers import NOW, TencentCaller
from sandbox_managers import control

from smsgate.sandbox import Sandbox
from smsgate.sandbox.inbox.stream import COMMENT_SECONDS, follow_events
from smsgate.sandbox.server import SandboxServer
from smsgate.sandbox.state import history as history_module

pytestmark = pytest.mark.anyio


def read_event(part: bytes) -> tuple[str, str, Any]:
    """The id, the name and the data of one event."""
    fields = dict(line.split(": ", 1) for line in part.decode().strip().split("\n"))
    return fields["id"], fields["event"], json.loads(fields["data"])


async def next_event(stream: AsyncGenerator[bytes]) -> tuple[str, str, Any]:
    with anyio.fail_after(30):
        while True:
            part = await anext(stream)
            if part.startswith(b"id:"):
                return read_event(part)


def last_id(sandbox: Sandbox) -> str:
    return str(sandbox.inbox.page()["event"])


async def test_event_for_each_change_with_an_id() -> None:
    """A message, its report, a fault and the clearing come as they happen, and each id is newer than the last."""
    caller = TencentCaller()
    async with aclosing(follow_events(caller.sandbox, last_id(caller.sandbox))) as stream:
        assert await anext(stream) == b"retry: 1000\n\n"
        caller.sendsms()
        first, name, data = await next_event(stream)
        assert (name, [each["text"] for each in data]) == (
            "entries",
            ["【Acme】Your code is 4821, valid for 5 minutes."],
        )
        caller.sandbox.report(now=NOW + 1, to="+8613788888888", code="UNDELIV")
        second, name, data = await next_event(stream)
        assert (name, [each["state"] for each in data]) == ("entries", ["failed"])
        control(caller.sandbox, "/sandbox/faults", {"vendor": "huawei", "drop": "after"})
        assert (await next_event(stream))[1] == "faults"
        caller.sandbox.clear()
        last, name, _ = await next_event(stream)
        assert name == "clear"
    numbers = [int(each.partition("-")[2]) for each in (first, second, last)]
    assert numbers == sorted(set(numbers))
    assert last == last_id(caller.sandbox)


async def test_goes_on_from_the_last_id() -> None:
    """After a cut, exactly what was missed comes: no message twice, none left out."""
    caller = TencentCaller()
    caller.sendsms("13788888881")
    known = last_id(caller.sandbox)
    for number in (2, 3):
        caller.sendsms(f"1378888888{number}")
    async with aclosing(follow_events(caller.sandbox, known)) as stream:
        _, _, data = await next_event(stream)
    assert [each["number"][-1] for each in data] == ["2", "3"]


@pytest.mark.parametrize("known", ["", "x", "00000000-1", "-", "99", "{epoch}-999999", "{epoch}-x", "{epoch}-0"])
async def test_unknown_id_reads_everything_again(known: str) -> None:
    """An id of another run, of the future or no id at all gives "reset", once, and then what comes."""
    caller = TencentCaller()
    caller.sandbox.clear()
    caller.sendsms()
    epoch = caller.sandbox._history.epoch
    async with aclosing(follow_events(caller.sandbox, known.format(epoch=epoch))) as stream:
        id, name, _ = await next_event(stream)
        assert (id, name) == (last_id(caller.sandbox), "reset")
        caller.sendsms()
        assert (await next_event(stream))[1] == "entries"


async def test_bulk_is_few_events() -> None:
    """Two hundred changes share an event, and more than the ring buffer holds is a reset."""
    caller = TencentCaller()
    known = last_id(caller.sandbox)
    for batch in range(3):
        caller.sendmultisms2([("86", f"1370000{batch}{number:03}") for number in range(200)])
    async with aclosing(follow_events(caller.sandbox, known)) as stream:
        seen: set[str] = set()
        events = 0
        while len(seen) < 600:
            _, _, data = await next_event(stream)
            seen |= {each["id"] for each in data}
            events += 1
    assert events <= 12
    for number in range(history_module._RING):
        caller.sandbox._history._note(str(number))
    assert caller.sandbox.inbox.events_after(known)[1] == [("reset", None)]


async def test_comment_where_nothing_happens() -> None:
    """A comment keeps the connection: every 15 seconds."""
    assert COMMENT_SECONDS == 15.0
    sandbox = Sandbox()
    async with aclosing(follow_events(sandbox, last_id(sandbox), comment_seconds=0.0)) as stream:
        assert [await anext(stream) for _ in range(3)] == [b"retry: 1000\n\n", b":\n\n", b":\n\n"]


def test_stream_over_http_and_its_end() -> None:
    """The header `Last-Event-ID` counts, else the query; the stream ends with its reader or with the server."""
    with SandboxServer(clock=lambda: NOW) as server:
        caller = TencentCaller(server.sandbox)
        known = last_id(server.sandbox)
        caller.sendsms("13788888881")
        newer = last_id(server.sandbox)
        caller.sendsms("13788888882")
        for path, headers, numbers in (
            (f"/sandbox/events?last={known}", {}, ["1", "2"]),
            (f"/sandbox/events?last={known}", {"Last-Event-ID": newer}, ["2"]),
        ):
            with httpx.stream(
                "GET", server.url + path, headers=headers, trust_env=False, verify=False, timeout=30
            ) as answer:
                assert answer.headers["content-type"] == "text/event-stream"
                parts = answer.iter_text()
                text = next(parts)
                while "data:" not in text or not text.endswith("\n\n"):
                    text += next(parts)
                data = json.loads(text.partition("data: ")[2].partition("\n")[0])
                assert [each["number"][-1] for each in data] == numbers
        until(lambda: not server.sandbox._watch._wakers)
        open_one = socket.create_connection(("127.0.0.1", server.port))
        open_one.sendall(b"GET /sandbox/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        until(lambda: bool(server.sandbox._watch._wakers))
    open_one.close()
