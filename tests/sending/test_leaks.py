"""Canaries: keys, codes and numbers that must not turn up where nobody asked for them."""

import logging
import pickle
from collections.abc import Iterator

import pytest
from fake_vendors import CANARY
from own_frames import own_frames

from smsgate import Gateway, Message, MessageError, Policy, Result, SendError
from smsgate.huawei import HuaweiSms
from smsgate.sandbox import Sandbox, Scenario
from smsgate.sandbox.huawei import HUAWEI_APP_KEY, HUAWEI_APP_SECRET, HUAWEI_SENDER
from smsgate.sandbox.server import SandboxServer
from smsgate.sandbox.tencent import TENCENT_APP_KEY, TENCENT_SDK_APP_ID
from smsgate.tencent import TencentV5
from smsgate.testing import LOGIN_CODE

pytestmark = pytest.mark.anyio

TAG_SECRET = "canary-tag-secret"
SCENARIOS = [each for each in Scenario if each is not Scenario.SLOW]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Simulated vendors behind a real socket."""
    with SandboxServer(Sandbox()) as server:
        yield server.url


def canaries() -> list[str]:
    numbers = [each.number.removeprefix("+86") for each in SCENARIOS]
    return [CANARY, TAG_SECRET, TENCENT_APP_KEY, HUAWEI_APP_SECRET, *numbers]


async def test_nothing_leaks(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever vendors do: no canary in a log of any level, a `repr`, a summary, an error, its frames or its pickle."""
    caplog.set_level(logging.DEBUG)
    told: list[object] = []

    def hook(result: Result) -> None:
        told.append(result)
        raise RuntimeError(f"{result.message.to} {dict(result.message.params)}")

    tencent = TencentV5(TENCENT_SDK_APP_ID, TENCENT_APP_KEY, sign="Acme", base_url=url)
    huawei = HuaweiSms(
        HUAWEI_APP_KEY,
        HUAWEI_APP_SECRET,
        sender=HUAWEI_SENDER,
        base_url=url,
    )
    wrong = TencentV5("1400006667", TENCENT_APP_KEY, name="wrong", base_url=url)
    down = TencentV5("1400006666", TENCENT_APP_KEY, name="down", base_url="https://127.0.0.1:1")
    gateway = Gateway(
        [tencent, huawei, wrong, down],
        templates=[LOGIN_CODE],
        policy=Policy(pause=0),
        on_result=hook,
        tag_secret=TAG_SECRET,
    )
    told += [gateway, tencent, huawei]
    async with gateway:
        for provider in ("tencent-v5", "huawei", "wrong", "down"):
            for scenario in SCENARIOS:
                message = Message(scenario.number, "login-code", {"code": CANARY, "minutes": "5"})
                try:
                    result = await gateway.send(message, providers=[provider])
                    told += [result, result.summary()]
                    result.raise_for_outcome()
                except (SendError, MessageError) as error:
                    told += [error, pickle.dumps(error), *own_frames(error)]
        bad = [Message(each.number + "0", "login-code", {"code": CANARY, "minutes": "5"}) for each in SCENARIOS]
        async for result in gateway.send_many(bad):
            told += [result, result.summary()]
    text = caplog.text + "\n".join(map(repr, told)) + "\n".join(map(str, told))
    assert "on_result failed with RuntimeError" in text
    assert "tencent-v5 (BLOCKLISTED)" in text
    assert "raise_for_outcome {" in text
    assert [canary for canary in canaries() if canary in text] == []
