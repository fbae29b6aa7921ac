"""What the tests of the login share."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from smsgate import Template
from smsgate.testing import SandboxGateway, SmsOptions, VirtualClock

from .backend import make_app

TOKEN = "a-token-that-nobody-guesses"
LOGIN = Template(
    "login-code",
    params=("code", "minutes"),
    text="Your code is {code}, valid for {minutes} minutes.",
    ids={"tencent-v5": "1234567", "huawei": "0d7ea6b1c2f34e5a96b7c8d9e0f1a2b3"},
)


@pytest.fixture
def sms_templates() -> list[Template]:
    return [LOGIN]


@pytest.fixture
def sms_options() -> SmsOptions:
    return {"default_region": "CN"}


@pytest.fixture
def sms_callbacks() -> dict[str, str]:
    return {name: f"https://login.example.com/sms/{name}/{TOKEN}" for name in ("tencent-v5", "huawei")}


@pytest.fixture
def app(sms_sandbox: SandboxGateway, sms_clock: VirtualClock) -> FastAPI:
    return make_app(sms_sandbox, token=TOKEN, clock=sms_clock)


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://login.example.com") as client:
        yield client
