"""The gateway in a generator fixture of pytest-asyncio, which sets up and tears down in different tasks."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from fake_vendors import LOGIN, Wire, alpha, login
from loopback import Loopback
from networks import expression

from smsgate import ClosedError, Gateway

SUITE = """
import pytest
import pytest_asyncio
from fake_vendors import LOGIN, alpha, login
import smsgate.transport
from smsgate import Gateway

LEFT = []

@pytest_asyncio.fixture
async def gateway():
    async with Gateway([alpha(url={url!r})], templates=[LOGIN], transport={transport}) as gateway:
        yield gateway
    LEFT.append(gateway)

@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shared():
    gateway = Gateway([alpha(url={url!r})], templates=[LOGIN], transport={transport})
    yield gateway
    await gateway.aclose()

@pytest.mark.asyncio
async def test_one(gateway):
    assert (await gateway.send(login())).accepted

@pytest.mark.asyncio
async def test_two(gateway):
    assert len(LEFT) == 1
    assert (await gateway.send(login())).accepted

@pytest.mark.asyncio(loop_scope="module")
async def test_three(shared):
    assert (await shared.send(login())).accepted

@pytest.mark.asyncio(loop_scope="module")
async def test_four(shared):
    assert (await shared.send(login())).accepted

@pytest.mark.asyncio
async def test_on_another_loop(shared):
    with pytest.raises(RuntimeError, match="in use on another event loop"):
        await shared.send(login())
"""


@pytest_asyncio.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway([alpha()], templates=[LOGIN], transport=Wire()) as gateway:
        yield gateway
    with pytest.raises(ClosedError):
        await gateway.send(login())


@pytest.mark.asyncio
@pytest.mark.parametrize("_", range(2))
async def test_generator_fixture(gateway: Gateway, _: int) -> None:
    """A fixture that enters the gateway and leaves it in another task works, test after test."""
    assert (await gateway.send(login())).accepted


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("mode", ["strict", "auto"])
def test_in_a_suite_of_its_own(mode: str, pytester: pytest.Pytester) -> None:
    """Fixtures of both scopes, real connections, warnings as errors: all closed in time, nothing left over."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n")
    with Loopback.running() as vendor:
        pytester.makepyfile(SUITE.replace("{url!r}", repr(vendor.url)).replace("{transport}", expression()))
        result = pytester.runpytest_inprocess("-p", "no:cacheprovider", f"--asyncio-mode={mode}")
    result.assert_outcomes(passed=5)
    assert len(vendor.requests) == 4
