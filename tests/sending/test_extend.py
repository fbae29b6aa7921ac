"""The channel extension: whose is sent, and that a reply to the message carries it."""

import json
import time

import pytest

from smsgate import Binding, Message, MessageError, Template
from smsgate.sandbox.huawei import HUAWEI_TEMPLATE
from smsgate.tencent import parse_callback
from smsgate.testing import SandboxGateway

pytestmark = pytest.mark.anyio
PLAIN = Template("plain", text="Hello.", ids={"tencent-v5": "19", "huawei": HUAWEI_TEMPLATE})
BOUND = Template("bound", text="Hello.", ids={"tencent-v5": Binding("20", extend="02"), "huawei": HUAWEI_TEMPLATE})
NUMBER = "+8613788888888"


async def test_message_overrides_binding_and_a_reply_carries_it() -> None:
    """`Message.extend` is sent if there is one, else `Binding.extend`; a reply names that of the last message."""
    gateway = SandboxGateway(templates=[PLAIN, BOUND])
    gateway.sandbox.change_account("tencent", extend=True)
    for message, expected in [
        (Message(NUMBER, "plain"), None),
        (Message(NUMBER, "bound"), "02"),
        (Message(NUMBER, "bound", extend="3"), "3"),
        (Message(NUMBER, "plain", extend="04"), "04"),
    ]:
        (await gateway.send(message)).raise_for_outcome()
        gateway.sandbox.reply(NUMBER, "Yes", now=time.time(), vendor="tencent")
        pushes = [push for push in gateway.sandbox.due_pushes(now=time.time()) if b'"text"' in push.request.body]
        (reply,) = parse_callback(pushes[0].request).replies
        assert (reply.text, reply.extend) == ("Yes", expected)


async def test_messages_with_different_extensions_do_not_share_a_request() -> None:
    """A bulk request has one `extend`, so that messages with another one are in a request of their own."""
    gateway = SandboxGateway(templates=[PLAIN])
    messages = [Message(f"+86137888800{index:02d}", "plain", extend=f"{index % 2}") for index in range(10)]
    results = [result async for result in gateway.send_many(messages, providers=["tencent-v5"])]
    assert all(result.accepted for result in results)
    sent = [json.loads(request.body) for request in gateway.transport.requests]
    assert sorted((body["extend"], len(body["tel"])) for body in sent) == [("0", 5), ("1", 5)]


async def test_vendor_without_extensions_ignores_it() -> None:
    """Huawei's `extend` is the tag that its reports echo: a message with an extension is sent there without it."""
    gateway = SandboxGateway(templates=[PLAIN])
    result = await gateway.send(Message(NUMBER, "plain", extend="not digits"), providers=["huawei"])
    assert result.accepted
    assert gateway.sandbox.messages[0].reference == result.reference


async def test_extension_that_cannot_be_sent_is_refused_before_the_request() -> None:
    """Text that Tencent would ignore is refused by name; so is an empty one, at any vendor."""
    gateway = SandboxGateway(templates=[PLAIN])
    with pytest.raises(MessageError, match="extend: must be 1 to 20 decimal digits"):
        await gateway.send(Message(NUMBER, "plain", extend="x"), providers=["tencent-v5"])
    with pytest.raises(MessageError, match="extend: must be text, and not empty"):
        await gateway.send(Message(NUMBER, "plain", extend=""), providers=["huawei"])
    assert gateway.transport.requests == []
