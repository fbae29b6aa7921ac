"""Providers that limit the size of a request: groups are parted before they are too heavy."""

from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any

import httpx
import pytest
from fake_vendors import LOGIN, FakeVendor, Wire, alpha, login, number

from smsgate import Gateway, Job, Outcome, Reason
from smsgate.provider import WeighsJobs

pytestmark = pytest.mark.anyio


class Scale(FakeVendor):
    """A provider whose jobs weigh what their code says, and which can carry 10."""

    asked = 0

    def __init__(self, name: str = "alpha", weigh: Callable[[Job], int] = lambda job: int(job.params[0])) -> None:
        super().__init__(name, batch_limit=4, shares=lambda job: "all")
        self._weigh = weigh

    @property
    def weight_limit(self) -> int:
        type(self).asked += 1
        return 10

    def weight(self, job: Job) -> int:
        return self._weigh(job)

    def text_key(self, job: Job) -> Hashable:
        return job.to


def messages(*codes: str) -> list[Any]:
    return [login(number(index), code=code) for index, code in enumerate(codes)]


async def groups(provider: FakeVendor, *codes: str) -> list[int]:
    """How many messages each request carried."""
    wire = Wire()
    async with Gateway([provider], templates=[LOGIN], transport=wire) as gateway:
        results = [result async for result in gateway.send_many(messages(*codes), concurrency=1, linger=60)]
    assert sorted(str(result.message.to) for result in results) == [number(index) for index in range(len(codes))]
    assert all(result.accepted for result in results)
    return [len(call.to) for call in wire.calls]


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (("4", "4", "2", "1"), [3, 1]),
        (("9", "2", "9", "1"), [1, 1, 2]),
        (("1", "1", "1", "1", "1"), [4, 1]),
        (("1", "99", "99", "1"), [1, 1, 1, 1]),
        (("0", "0", "0", "10"), [4]),
        (("1",) * 3 + ("7", "1"), [4, 1]),
    ],
)
async def test_a_request_is_closed_before_it_is_too_heavy(codes: tuple[str, ...], expected: list[int]) -> None:
    """Weights add up to the limit at most; what is heavier than that travels alone; the number still counts."""
    assert await groups(Scale(), *codes) == expected


async def test_a_provider_that_does_not_weigh_is_not_limited() -> None:
    """Without a weight only the number of messages closes a request."""
    assert not isinstance(alpha(), WeighsJobs)
    assert await groups(alpha(batch_limit=3, shares=lambda job: "all"), *["99"] * 5) == [3, 2]


async def test_the_next_provider_may_take_less() -> None:
    """A group that goes on to a provider that weighs is split to what that can carry."""
    wire = Wire(gamma=httpx.ConnectError("refused"))
    providers = [FakeVendor("gamma", batch_limit=9, shares=lambda job: "all"), Scale("beta")]
    async with Gateway(providers, templates=[LOGIN], transport=wire) as gateway:
        results = [
            result async for result in gateway.send_many(messages("6", "4", "5", "1", "1", "1", "1", "1"), linger=60)
        ]
    assert Counter((call.vendor, len(call.to)) for call in wire.calls) == {
        ("gamma", 8): 1,
        ("beta", 2): 2,
        ("beta", 4): 1,
    }
    assert [result.outcome for result in results] == [Outcome.ACCEPTED] * 8


def raises(job: Job) -> int:
    raise RuntimeError("code 4821")


@pytest.mark.parametrize("weigh", [raises, lambda job: None, lambda job: -1, lambda job: float("nan")])
async def test_a_faulty_weight_costs_company_only(weigh: Callable[[Job], Any]) -> None:
    """A message that its provider cannot weigh is sent all the same, alone."""
    assert await groups(Scale(weigh=weigh), "1", "2", "3") == [1, 1, 1]


async def test_a_busy_provider_is_asked_again_with_the_same_group() -> None:
    """A group that fitted one request still does when it is sent again."""
    wire = Wire(alpha=[Reason.TRY_LATER, None])
    async with Gateway([Scale()], templates=[LOGIN], transport=wire) as gateway:
        results = [result async for result in gateway.send_many(messages("3", "3", "3", "1"), linger=60)]
    assert [len(call.to) for call in wire.calls] == [4, 4]
    assert all(result.accepted for result in results)
