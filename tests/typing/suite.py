"""A stranger's test suite. Checked by mypy and pyright in their strict modes, without a cast, never run."""

from collections.abc import Mapping, Sequence
from typing import assert_type

import httpx
import pytest

from smsgate import Gateway, Message, Outcome, Policy, Reason, Result, Template, Timeouts
from smsgate.sandbox import AcceptedMessage, Drop, Push, Scenario
from smsgate.tencent import TencentV5
from smsgate.testing import Outbox, SandboxGateway, SmsOptions

LOGIN = Template("login-code", params=("code",), ids={"tencent-v5": "19"})


class App:
    """An application that takes a gateway."""

    def __init__(self, sms: Gateway) -> None:
        self.sms = sms

    async def send_code(self, number: str) -> bool:
        """Send a code."""
        return (await self.sms.send(Message(number, "login-code", {"code": "4821"}))).accepted


@pytest.fixture
def sms_templates() -> Sequence[Template]:
    """Those of the application."""
    return [LOGIN]


@pytest.fixture
def sms_callbacks() -> Mapping[str, str]:
    """Where the application takes pushes."""
    return {"tencent-v5": "https://app.example.com/sms/tencent-v5/token"}


@pytest.fixture
def results() -> list[Result]:
    """What became of each message."""
    return []


@pytest.fixture
def sms_options(results: list[Result]) -> SmsOptions:
    """As in production."""
    return {
        "tag_secret": "secret",
        "policy": Policy(retries=2),
        "default_region": "CN",
        "on_result": results.append,
        "timeouts": Timeouts(read=3),
        "clock": lambda: 0.0,
        "one_event_loop": True,
    }


@pytest.mark.anyio
async def test_outbox(sms_outbox: Outbox) -> None:
    """What is sent."""
    assert await App(sms_outbox).send_code("13788888888")
    assert_type(sms_outbox.code_for("13788888888"), str)
    assert_type(sms_outbox.last_to("13788888888"), Message)
    assert_type(await sms_outbox.wait_for("13788888888", timeout=1), Message)
    assert sms_outbox.last_to("13788888888").params["code"] == sms_outbox.code_for("13788888888")
    assert_type(sms_outbox.messages, tuple[Message, ...])
    assert [result.reason for result in sms_outbox.results] == [None]
    sms_outbox.fail(Reason.NETWORK, to="13788888888", times=2)
    async with sms_outbox as entered:
        assert_type(entered, Outbox)


@pytest.mark.anyio
async def test_sandbox(sms_sandbox: SandboxGateway) -> None:
    """What the vendors do with it."""
    assert await App(sms_sandbox).send_code(Scenario.PHONE_OFF.number)
    message = await sms_sandbox.wait_for(Scenario.PHONE_OFF.number)
    assert_type(message, AcceptedMessage)
    assert_type(message.code, str | None)
    assert_type(sms_sandbox.code_for(Scenario.PHONE_OFF.number), str)
    assert_type(sms_sandbox.messages, tuple[AcceptedMessage, ...])
    sms_sandbox.sandbox.faults.drop("tencent", Drop.AFTER)
    async with Gateway([TencentV5("1", "k")], templates=[LOGIN], transport=sms_sandbox.transport) as own:
        assert (await own.send(Message("+8613788888888", "login-code", {"code": "1"}))).outcome is Outcome.UNKNOWN
    async with httpx.AsyncClient(transport=sms_sandbox.transport) as client:
        await client.get("https://vendor.example")


async def pushes(sms_sandbox: SandboxGateway) -> Sequence[Push]:
    """What the application answers to the vendors."""

    async def app(scope: object, receive: object, send: object) -> None:
        """Any ASGI application."""

    return await sms_sandbox.push_callbacks(app)


outbox = Outbox(templates=[LOGIN], default_region="CN", one_event_loop=True)
sandbox = SandboxGateway(callbacks={}, policy=Policy(), ledger=None)
