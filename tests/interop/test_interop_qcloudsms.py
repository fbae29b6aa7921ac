"""Tencent's own v5 SDK for Python, qcloudsms_py 0.1.4, sends to the sandbox over a real socket.

On Python 3.9 and later the SDK fails on every answer, because it passes `encoding=` to `json.loads`: that one call is
mended here. The SDK is otherwise as it comes.
"""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import qcloudsms_py
from qcloudsms_py import httpclient

from smsgate.sandbox import Scenario
from smsgate.sandbox.server import SandboxServer

APP_ID, APP_KEY = 1400006666, "sandbox-tencent-app-key"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxServer]:
    """A sandbox, and the SDK able to read JSON."""
    monkeypatch.setattr(httpclient, "json", SimpleNamespace(loads=lambda text, **_: json.loads(text)))
    with SandboxServer() as running:
        yield running


def single(server: SandboxServer, to: str = "13788888888", key: str = APP_KEY, **options: Any) -> Any:
    """One templated message by the SDK."""
    sender = qcloudsms_py.SmsSingleSender(APP_ID, key)
    url = f"{server.url}/v5/tlssmssvr/sendsms"
    return sender.send_with_param(86, to, 19, ["4821", "5"], url=url, **options)


def test_templated_single_send_is_accepted(server: SandboxServer) -> None:
    """The SDK's own signature is right for the sandbox, and what the sandbox answers is what the SDK reads."""
    answer = single(server, sign="Acme", ext="order-7")
    (message,) = server.sandbox.messages
    assert answer == {"result": 0, "errmsg": "OK", "ext": "order-7", "sid": message.message_id, "fee": 1}
    assert (message.to, message.params, message.reference) == ("+8613788888888", ("4821", "5"), "order-7")


def test_chinese_signature_is_accepted(server: SandboxServer) -> None:
    """The SDK escapes its JSON to ASCII."""
    assert single(server, sign="腾讯云")["result"] == 0
    assert server.sandbox.messages[0].text == "【腾讯云】Your code is 4821, valid for 5 minutes."


def test_free_text_single_send_is_accepted(server: SandboxServer) -> None:
    """The SDK's older form, `type` and `msg`."""
    sender = qcloudsms_py.SmsSingleSender(APP_ID, APP_KEY)
    url = f"{server.url}/v5/tlssmssvr/sendsms"
    text = "【Acme】Your code is 4821, valid for 5 minutes."
    assert sender.send(0, 86, "13788888888", text, url=url)["result"] == 0
    assert sender.send(0, 86, "13788888888", "【Acme】Buy now!", url=url)["result"] == 1014


def test_bulk_send_is_accepted(server: SandboxServer) -> None:
    """The numbers are signed in the order of the request, and the SDK sends the country code as a number."""
    sender = qcloudsms_py.SmsMultiSender(APP_ID, APP_KEY)
    numbers = ["13788888889", "13600000000", "13788888888", Scenario.BLOCKLISTED.number.removeprefix("+86")]
    url = f"{server.url}/v5/tlssmssvr/sendmultisms2"
    answer = sender.send_with_param(86, numbers, 19, ["4821", "5"], url=url)
    assert [row["result"] for row in answer["detail"]] == [0, 0, 0, 1015]
    assert [message.to for message in server.sandbox.messages] == [f"+86{number}" for number in numbers[:3]]
    text = "【Acme】Your code is 4821, valid for 5 minutes."
    assert sender.send(0, 86, numbers[:2], text, url=url)["result"] == 0


def test_wrong_key_is_refused(server: SandboxServer) -> None:
    """A wrong appkey is 1001, and nothing is accepted."""
    assert single(server, key="wrong")["result"] == 1001
    assert not server.sandbox.messages


def test_server_error_is_the_sdks_error(server: SandboxServer) -> None:
    """What the wire does reaches the SDK as it would from the vendor."""
    with pytest.raises(httpclient.HTTPError):
        single(server, Scenario.SERVER_ERROR.number.removeprefix("+86"))
    with pytest.raises(OSError, match=r"."):
        single(server, Scenario.DROP_BEFORE.number.removeprefix("+86"))
    assert not server.sandbox.messages
    with pytest.raises(OSError, match=r"."):
        single(server, Scenario.DROP_AFTER.number.removeprefix("+86"))
    assert len(server.sandbox.messages) == 1
