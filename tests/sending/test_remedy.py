"""A result says what to do about the vendor's code, as a report does."""

import pytest

from smsgate import Gateway, Outcome, Reason, Result, Template
from smsgate.model.message import Message
from smsgate.model.reason import Fault
from smsgate.provider import Meaning
from smsgate.provider.protocol import Verdict
from smsgate.sandbox.transport import SandboxTransport
from smsgate.tencent import TencentV5

pytestmark = pytest.mark.anyio


def test_a_verdict_takes_the_remedy_of_its_code() -> None:
    """What the vendor's table says to do about a code goes with the verdict, whatever the outcome."""
    for reason in (Reason.BLOCKLISTED, Reason.UNKNOWN):
        verdict = Verdict.refused("1", Meaning(reason, "what it means", "what to do"))
        assert (verdict.reason, verdict.remedy) == (reason, "what to do")


async def test_a_refused_send_says_what_to_do() -> None:
    """Result and attempt have the remedy of the deciding code, and whether the number is to be left alone."""
    recorded: list[Result] = []
    template = Template("login", params=("code",), ids={"tencent-v5": "999999"})
    provider = TencentV5("1400006666", "5f03a35d00ee52a21327ab048186a2c4", sign="Acme")
    async with Gateway(
        [provider], templates=[template], transport=SandboxTransport(), on_result=recorded.append
    ) as gateway:
        result = await gateway.send(Message("+8613800138000", "login", {"code": "4821"}))
    assert result.outcome is Outcome.REJECTED
    assert result.remedy
    assert result.remedy == result.attempts[-1].remedy
    assert (result.fault, result.permanent, result.suppress) == (Fault.ACCOUNT, True, False)
    assert recorded == [result]
