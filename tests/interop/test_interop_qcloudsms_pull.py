"""The pullers of Tencent's own v5 SDK for Python, qcloudsms_py 0.1.4, against the sandbox over a real socket.

The SDK passes `encoding=` to `json.loads`, which Python 3.9 and later refuse: that one call is mended here.
"""

import json
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import qcloudsms_py
from qcloudsms_py import httpclient
from sandbox_callers import enabled_sandbox

from smsgate.sandbox import Scenario
from smsgate.sandbox.server import SandboxServer

APP_ID, APP_KEY = 1400006666, "sandbox-tencent-app-key"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxServer]:
    """A sandbox in which two messages were sent and one was answered, and the SDK able to read JSON."""
    monkeypatch.setattr(httpclient, "json", SimpleNamespace(loads=lambda text, **_: json.loads(text)))
    with SandboxServer(enabled_sandbox()) as running:
        sender = qcloudsms_py.SmsMultiSender(APP_ID, APP_KEY)
        numbers = ["13788888888", Scenario.PHONE_OFF.number.removeprefix("+86")]
        sender.send_with_param(86, numbers, 19, ["4821", "5"], url=url(running, "sendmultisms2"))
        running.sandbox.reply("+8613788888888", "退订", now=time.time(), extend="7")
        yield running


def url(server: SandboxServer, operation: str) -> str:
    """Where the SDK calls an operation."""
    return f"{server.url}/v5/tlssmssvr/{operation}"


def test_reports_are_pulled_once(server: SandboxServer) -> None:
    """Type 0: what became of each message, then nothing more."""
    puller = qcloudsms_py.SmsStatusPuller(APP_ID, APP_KEY)
    first, rest, none = (puller.pull_callback(1, url=url(server, "pullstatus")) for _ in range(3))
    assert [(answer["result"], answer["count"]) for answer in (first, rest, none)] == [(0, 1), (0, 1), (0, 0)]
    assert [message.message_id for message in server.sandbox.messages] == [
        answer["data"][0]["sid"] for answer in (first, rest)
    ]
    assert [answer["data"][0]["report_status"] for answer in (first, rest)] == ["SUCCESS", "FAIL"]


def test_replies_are_pulled_once(server: SandboxServer) -> None:
    """Type 1: what people texted back."""
    puller = qcloudsms_py.SmsStatusPuller(APP_ID, APP_KEY)
    (reply,) = puller.pull_reply(100, url=url(server, "pullstatus"))["data"]
    assert (reply["nationcode"], reply["mobile"], reply["text"], reply["extend"]) == ("86", "13788888888", "退订", "7")
    assert puller.pull_reply(100, url=url(server, "pullstatus"))["count"] == 0


def test_one_number_is_asked_again_and_again(server: SandboxServer) -> None:
    """The query by number takes nothing out of the queue."""
    puller = qcloudsms_py.SmsMobileStatusPuller(APP_ID, APP_KEY)
    now = int(time.time())
    span: tuple[Any, ...] = (86, "13788888888", now - 60, now + 60, 10)
    for _ in range(2):
        assert puller.pull_callback(*span, url=url(server, "pullstatus4mobile"))["count"] == 1
        assert puller.pull_reply(*span, url=url(server, "pullstatus4mobile"))["count"] == 1


def test_wrong_key_is_refused(server: SandboxServer) -> None:
    """A wrong appkey is 1001, and the queue stays as it was."""
    puller = qcloudsms_py.SmsStatusPuller(APP_ID, "wrong")
    assert puller.pull_callback(10, url=url(server, "pullstatus"))["result"] == 1001
    right = qcloudsms_py.SmsStatusPuller(APP_ID, APP_KEY)
    assert right.pull_callback(10, url=url(server, "pullstatus"))["count"] == 2
