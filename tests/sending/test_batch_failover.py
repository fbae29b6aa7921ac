"""Messages that set out together and part on the way."""

import httpx
import pytest
from fake_vendors import LOGIN, Wire, alpha, beta, login, number

from smsgate import Gateway, Outcome, Policy, Reason, Result

pytestmark = pytest.mark.anyio

NO_PAUSE = Policy(pause=0)


async def send(gateway: Gateway, count: int) -> dict[str, Result]:
    messages = [login(number(index)) for index in range(count)]
    return {str(result.message.to): result async for result in gateway.send_many(messages)}


async def test_only_the_refused_go_on() -> None:
    """Of a shared request only the messages whose reason asks for another provider go to it."""
    wire = Wire(
        alpha={
            number(1): Reason.INSUFFICIENT_BALANCE,
            number(2): Reason.INVALID_NUMBER,
            number(3): Reason.UNKNOWN,
            number(4): Reason.QUOTA_EXCEEDED,
        }
    )
    async with Gateway([alpha(batch_limit=10), beta(batch_limit=10)], templates=[LOGIN], transport=wire) as gateway:
        results = await send(gateway, 6)
    assert [(call.vendor, call.to) for call in wire.calls] == [
        ("alpha", tuple(number(index) for index in range(6))),
        ("beta", (number(1), number(4))),
    ]
    assert {to: (result.outcome, result.provider) for to, result in results.items()} == {
        number(0): (Outcome.ACCEPTED, "alpha"),
        number(1): (Outcome.ACCEPTED, "beta"),
        number(2): (Outcome.REJECTED, "alpha"),
        number(3): (Outcome.UNKNOWN, "alpha"),
        number(4): (Outcome.ACCEPTED, "beta"),
        number(5): (Outcome.ACCEPTED, "alpha"),
    }
    assert [attempt.provider for attempt in results[number(4)].attempts] == ["alpha", "beta"]


async def test_next_provider_takes_fewer_at_once() -> None:
    """A group that goes on is split to what the next provider takes in one request."""
    wire = Wire(alpha=httpx.ConnectError("refused"))
    async with Gateway([alpha(batch_limit=7), beta(batch_limit=3)], templates=[LOGIN], transport=wire) as gateway:
        results = await send(gateway, 7)
    assert [len(call.to) for call in wire.calls] == [7, 3, 3, 1]
    assert [result.outcome for result in results.values()] == [Outcome.ACCEPTED] * 7
