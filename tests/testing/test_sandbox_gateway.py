"""`SandboxGateway`: a gateway with simulated vendors behind it."""

import asyncio
import json

import anyio
import pytest

from smsgate import Binding, Gateway, Message, Outcome, Policy, Reason, Template
from smsgate.sandbox import Drop, Sandbox, Scenario
from smsgate.testing import LOGIN_CODE, SandboxGateway

NUMBER = "+8613788888888"
PARAMS = {"code": "4821", "minutes": "5"}
CODE = Message(NUMBER, "login-code", PARAMS)

pytestmark = pytest.mark.anyio


async def test_sends_signed_requests_that_the_vendors_accept() -> None:
    """Both simulated vendors check the signature and accept `login-code`."""
    gateway = SandboxGateway()
    assert isinstance(gateway, Gateway)
    for provider, vendor in (("tencent-v5", "tencent"), ("huawei", "huawei")):
        result = await gateway.send(CODE, providers=[provider])
        accepted = gateway.last_to(NUMBER)
        assert (result.outcome, result.message_id) == (Outcome.ACCEPTED, accepted.message_id)
        assert accepted.vendor == vendor
        assert accepted.text == "【Acme】Your code is 4821, valid for 5 minutes."
    assert len(gateway.messages) == len(gateway.transport.requests) == 2
    assert json.loads(gateway.transport.requests[0].body)["sig"]


async def test_last_to_gives_the_newest() -> None:
    """`last_to` finds the newest message to a number among those to others."""
    gateway = SandboxGateway()
    for number, code in ((NUMBER, "1"), (NUMBER, "2"), (Scenario.DELIVERED.number, "3")):
        await gateway.send(Message(number, "login-code", {"code": code, "minutes": "5"}))
    assert gateway.last_to(NUMBER).params == ("2", "5")


async def test_last_to_a_number_without_messages_fails_the_test() -> None:
    """The failure is an assertion, with numbers masked."""
    with pytest.raises(AssertionError, match=r"for \+86\*+8888; nothing was accepted at all"):
        SandboxGateway().last_to(NUMBER)


@pytest.mark.parametrize(
    ("scenario", "outcome", "reason", "tried"),
    [
        (Scenario.DELIVERED, Outcome.ACCEPTED, None, ["tencent-v5"]),
        (Scenario.BLOCKLISTED, Outcome.REJECTED, Reason.BLOCKLISTED, ["tencent-v5"]),
        (Scenario.NUMBER_LIMIT, Outcome.REJECTED, Reason.RATE_LIMITED, ["tencent-v5"]),
        (Scenario.OUT_OF_BALANCE, Outcome.REJECTED, Reason.INSUFFICIENT_BALANCE, ["tencent-v5", "huawei"]),
        (Scenario.SLOW, Outcome.ACCEPTED, None, ["tencent-v5"]),
        (Scenario.DROP_AFTER, Outcome.UNKNOWN, Reason.NO_ANSWER, ["tencent-v5"]),
        (Scenario.SERVER_ERROR, Outcome.UNKNOWN, Reason.NO_ANSWER, ["tencent-v5"]),
    ],
)
async def test_magic_numbers(scenario: Scenario, outcome: Outcome, reason: Reason | None, tried: list[str]) -> None:
    """A magic number leads to its outcome, without any waiting."""
    result = await SandboxGateway().send(Message(scenario.number, "login-code", PARAMS))
    assert (result.outcome, result.reason) == (outcome, reason)
    assert [attempt.provider for attempt in result.attempts] == tried


async def test_vendors_can_be_made_to_fail() -> None:
    """The sandbox's switchboard works, and a stall ends at a short deadline."""
    gateway = SandboxGateway(policy=Policy(alternate_within=0))
    gateway.sandbox.faults.refuse("tencent", times=1)
    assert (await gateway.send(CODE)).provider == "huawei"
    gateway.sandbox.faults.drop("tencent", Drop.AFTER)
    assert (await gateway.send(CODE)).outcome is Outcome.UNKNOWN
    gateway.sandbox.faults.stall("tencent")
    assert (await gateway.send(CODE)).outcome is Outcome.UNKNOWN


async def test_vendors_know_your_templates() -> None:
    """Your ids, parameter orders and signatures are approved; a channel number is the sandbox's own."""
    shipped = Template(
        "shipped",
        params=("order", "day"),
        text="Order {order} comes on {day}.",
        ids={
            "tencent-v5": Binding("77", params=["day", "order"], signature="Contoso"),
            "huawei": Binding("a1b2", sender="isms42", signature="Contoso"),
            "another": "9",
        },
    )
    gateway = SandboxGateway(templates=[shipped])
    message = Message(NUMBER, "shipped", {"order": "A1", "day": "Monday"})
    assert (await gateway.send(message)).accepted
    first = gateway.last_to(NUMBER)
    assert (first.template_id, first.params, first.signature) == ("77", ("Monday", "A1"), "Contoso")
    assert first.text == "【Contoso】shipped Monday A1"
    assert (await gateway.send(message, providers=["huawei"])).accepted
    assert gateway.last_to(NUMBER).text == "【Contoso】Order A1 comes on Monday."


async def test_built_in_template_gives_way_to_yours() -> None:
    """`login-code` is there only if you declare nothing."""
    gateway = SandboxGateway(templates=[Template("other", ids={"huawei": "1"})])
    with pytest.raises(ValueError, match="'login-code' is not a template of this gateway"):
        await gateway.send(CODE)


async def test_a_sandbox_can_be_shared() -> None:
    """A gateway of your own and this one can talk to the same vendors."""
    sandbox = Sandbox(lenient=True)
    first, second = SandboxGateway(sandbox=sandbox), SandboxGateway(sandbox=sandbox, policy=Policy(retries=0))
    await first.send(CODE)
    await second.send(CODE)
    assert first.messages == second.messages == sandbox.messages
    assert len(sandbox.messages) == 2


def test_serves_one_event_loop_after_another() -> None:
    """A test client that opens a loop per request can use one gateway throughout."""
    gateway = SandboxGateway()
    assert asyncio.run(gateway.send(CODE)).accepted
    assert anyio.run(gateway.send, CODE, backend="trio").accepted


async def test_login_code_is_the_template_of_the_readme() -> None:
    """The built-in template has a text, so that it can be previewed."""
    assert LOGIN_CODE.render(PARAMS) == "Your code is 4821, valid for 5 minutes."
