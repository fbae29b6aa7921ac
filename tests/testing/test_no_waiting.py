"""Nothing over a simulated network is waited out for real: no stall, no pause before a retry."""

import anyio
import anyio.lowlevel
import httpx
import pytest

from smsgate import Gateway, Message, Outcome, Policy, Reason, Timeouts
from smsgate.sandbox import Sandbox, SandboxTransport
from smsgate.sandbox.tencent import TENCENT_APP_KEY, TENCENT_SDK_APP_ID
from smsgate.tencent import TencentV5
from smsgate.testing import LOGIN_CODE, Outbox, SandboxGateway

NUMBER = "+8613788888888"
CODE = Message(NUMBER, "login-code", {"code": "4821", "minutes": "5"})

pytestmark = pytest.mark.anyio


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of every sleep, none of which is slept."""
    seconds: list[float] = []

    async def sleep(delay: float) -> None:
        seconds.append(delay)
        await anyio.lowlevel.checkpoint()

    monkeypatch.setattr(anyio, "sleep", sleep)
    return seconds


def own_gateway(transport: SandboxTransport, policy: Policy | None = None, *, by_client: bool = False) -> Gateway:
    """The gateway of an application, over the simulated network."""
    provider = TencentV5(TENCENT_SDK_APP_ID, TENCENT_APP_KEY, sign="Acme")
    if by_client:
        client = httpx.AsyncClient(transport=transport)
        return Gateway([provider], templates=[LOGIN_CODE], client=client, policy=policy)
    return Gateway([provider], templates=[LOGIN_CODE], transport=transport, policy=policy)


def busy(sandbox: Sandbox, times: int, **headers: str) -> None:
    """Let the vendor say that calls come too fast."""
    sandbox.faults.answer("tencent", 200, b'{"result":60007,"errmsg":"busy"}', headers=headers, times=times)


async def test_a_gateway_of_ones_own_waits_for_no_stall(slept: list[float]) -> None:
    """A vendor that never responds is a read timeout at once, with the timeouts of the application."""
    kit = SandboxGateway()
    kit.sandbox.faults.stall("tencent")
    result = await own_gateway(kit.transport).send(CODE)
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, Reason.NO_ANSWER)
    assert len(kit.messages) == 1
    assert not any(slept)


@pytest.mark.parametrize("by_client", [False, True], ids=["transport", "client"])
@pytest.mark.parametrize("headers", [{}, {"Retry-After": "50"}], ids=["busy", "retry-after"])
async def test_a_gateway_of_ones_own_waits_for_no_pause(
    slept: list[float], headers: dict[str, str], by_client: bool
) -> None:
    """A vendor that is busy is retried as often as the policy says, without the pauses before it."""
    kit = SandboxGateway()
    busy(kit.sandbox, 2, **headers)
    policy = Policy(retries=2, pause=60, max_pause=60)
    result = await own_gateway(kit.transport, policy, by_client=by_client).send(CODE)
    assert [attempt.outcome for attempt in result.attempts] == ["REJECTED", "REJECTED", "ACCEPTED"]
    assert len(slept) == 2
    assert not any(slept)


async def test_what_asks_for_too_long_a_pause_is_not_retried(slept: list[float]) -> None:
    """Whether a vendor is retried is decided by the seconds that it states, as in production."""
    kit = SandboxGateway()
    busy(kit.sandbox, 1, **{"Retry-After": "61"})
    result = await own_gateway(kit.transport, Policy(pause=60, max_pause=60)).send(CODE)
    assert (result.reason, len(result.attempts), slept) == (Reason.TRY_LATER, 1, [])


async def test_test_gateways_wait_for_no_pause_of_any_policy(slept: list[float]) -> None:
    """A policy with pauses, among the options of the fixtures, costs a suite no time either."""
    policy = Policy(retries=2, pause=60, max_pause=60)
    outbox, sandbox = Outbox(policy=policy), SandboxGateway(policy=policy, timeouts=Timeouts(read=60))
    outbox.fail(Reason.TRY_LATER)
    assert len((await outbox.send(CODE)).attempts) == 3
    busy(sandbox.sandbox, 2)
    assert len((await sandbox.send(CODE, providers=["tencent-v5"])).attempts) == 3
    sandbox.sandbox.faults.stall("tencent")
    assert (await sandbox.send(CODE, providers=["tencent-v5"])).outcome is Outcome.UNKNOWN
    assert not any(slept)


async def test_real_time_is_waited_for(slept: list[float]) -> None:
    """Over a simulated network that keeps real time, the pauses of the policy are real."""
    transport = SandboxTransport()
    busy(transport.sandbox, 1)
    await own_gateway(transport, Policy(pause=60, max_pause=60)).send(CODE)
    assert [seconds for seconds in slept if seconds] == [60]
