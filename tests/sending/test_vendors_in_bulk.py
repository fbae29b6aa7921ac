"""How the real vendors' messages travel together, over the simulated vendors."""

import json
from collections import Counter
from urllib.parse import parse_qs

import pytest

from smsgate import HttpRequest, Message, Outcome, Policy, Reason
from smsgate.sandbox import Sandbox, Scenario
from smsgate.testing import SandboxGateway

pytestmark = pytest.mark.anyio


def same(count: int, *, first: int = 0) -> list[Message]:
    """One text for all: an announcement."""
    return [login(f"+86137{index:08d}", "4821") for index in range(first, first + count)]


def personal(count: int) -> list[Message]:
    """A code for each."""
    return [login(f"+86137{index:08d}", f"{index:06d}") for index in range(count)]


def login(to: str, code: str) -> Message:
    return Message(to, "login-code", {"code": code, "minutes": "5"})


def size(request: HttpRequest) -> tuple[str, int]:
    """The last part of the call's path, and how many numbers the request is for."""
    call = request.path.removesuffix("/v1").rpartition("/")[2]
    if request.headers["content-type"].startswith("application/json"):
        body = json.loads(request.body)
        if "smsContent" in body:
            return call, sum(len(each["to"]) for each in body["smsContent"])
        return call, len(body["tel"]) if isinstance(body["tel"], list) else 1
    return call, len(parse_qs(request.body.decode())["to"][0].split(","))


async def send(gateway: SandboxGateway, messages: list[Message], provider: str | None = None) -> Counter[str]:
    providers = [provider] if provider else None
    results = [each async for each in gateway.send_many(messages, providers=providers, concurrency=1, linger=60)]
    assert Counter(id(each.message) for each in results) == Counter(map(id, messages))
    return Counter(f"{each.outcome} {each.provider}" for each in results)


async def test_tencent_takes_200_at_once() -> None:
    """Equal texts to numbers of mainland China share a request of Tencent's, up to 200."""
    gateway = SandboxGateway()
    assert await send(gateway, same(450), "tencent-v5") == {"ACCEPTED tencent-v5": 450}
    assert [size(request) for request in gateway.transport.requests] == [
        ("sendmultisms2", 200),
        ("sendmultisms2", 200),
        ("sendmultisms2", 50),
    ]


async def test_tencent_parts_mainland_and_abroad() -> None:
    """Numbers abroad share a request of their own; a single number goes by the call for one."""
    gateway = SandboxGateway(sandbox=Sandbox(lenient=True))  # one template is sent everywhere
    abroad = [login("+85261234567", "4821"), login("+447400123456", "4821")]
    assert await send(gateway, [*same(2), *abroad, *personal(1)], "tencent-v5") == {"ACCEPTED tencent-v5": 5}
    assert sorted(size(request) for request in gateway.transport.requests) == [
        ("sendmultisms2", 2),
        ("sendmultisms2", 2),
        ("sendsms", 1),
    ]


async def test_huawei_takes_500_at_once() -> None:
    """Texts that differ share a request of Huawei's other call, up to 500; equal ones share a form."""
    gateway = SandboxGateway()
    assert await send(gateway, personal(1100), "huawei") == {"ACCEPTED huawei": 1100}
    assert [size(request) for request in gateway.transport.requests] == [
        ("batchSendDiffSms", 500),
        ("batchSendDiffSms", 500),
        ("batchSendDiffSms", 100),
    ]
    gateway.transport.requests.clear()
    assert await send(gateway, same(501), "huawei") == {"ACCEPTED huawei": 501}
    assert [size(request) for request in gateway.transport.requests] == [("batchSendSms", 500), ("batchSendSms", 1)]


async def test_what_tencent_refuses_goes_to_huawei() -> None:
    """Of a shared request only the messages that another vendor may take go on, in one request."""
    gateway = SandboxGateway()
    magic = [Scenario.OUT_OF_BALANCE, Scenario.BLOCKLISTED, Scenario.NUMBER_LIMIT]
    messages = [*same(20), *(login(each.number, "4821") for each in magic)]
    outcomes = await send(gateway, messages)
    assert outcomes == {"ACCEPTED tencent-v5": 20, "REJECTED tencent-v5": 2, "REJECTED huawei": 1}
    assert [size(request) for request in gateway.transport.requests] == [("sendmultisms2", 23), ("batchSendSms", 1)]


async def test_vendor_that_is_down() -> None:
    """When a vendor cannot be reached, each of its requests goes to the other as it is, or in parts that fit."""
    gateway = SandboxGateway(policy=Policy(health=None))
    gateway.sandbox.faults.refuse("tencent")
    assert await send(gateway, same(450)) == {"ACCEPTED huawei": 450}
    gateway.sandbox.faults.clear()
    gateway.sandbox.faults.refuse("huawei")
    gateway.transport.requests.clear()
    results = [
        each
        async for each in gateway.send_many(
            same(450, first=1000), providers=["huawei", "tencent-v5"], concurrency=1, linger=60
        )
    ]
    assert Counter(each.provider for each in results) == {"tencent-v5": 450}
    assert [size(request)[1] for request in gateway.transport.requests] == [200, 200, 50]
    assert Counter(each.attempts[0].reason for each in results) == {Reason.NETWORK: 450}


async def test_vendor_that_falls_silent() -> None:
    """When a vendor processes a request and drops the connection, all its messages are open, and stay with it."""
    gateway = SandboxGateway()
    gateway.sandbox.faults.drop("tencent")
    assert await send(gateway, same(250)) == {f"{Outcome.UNKNOWN} tencent-v5": 200, "ACCEPTED tencent-v5": 50}
    assert len(gateway.sandbox.messages_of("huawei")) == 0
