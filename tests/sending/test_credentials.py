"""Credentials from a source: asked once for each request, and without any there is nothing sent and nothing shown."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import anyio
import httpx
import pytest
from fake_vendors import LOGIN, Wire, alpha, beta, login, number
from hypothesis import given, settings
from hypothesis import strategies as st
from own_frames import own_frames
from rotating import HELLO, NAMES, RotatingVendor, Rotation, sender

from smsgate import ConfigurationError, Gateway, Message, Outcome, Policy, Reason, Result, Timeouts
from smsgate.huawei import HuaweiAppKey, HuaweiSms
from smsgate.provider import MaskedSource, RenewsCredentials
from smsgate.tencent import TencentCloud, TencentCredentials, TencentV5

pytestmark = pytest.mark.anyio

HELLO_MESSAGE = Message(number(1), "hello")


def gateway_of(provider: object, vendor: RotatingVendor, **options: Any) -> Gateway:
    made: Any = provider
    return Gateway([made], templates=[HELLO], transport=httpx.MockTransport(vendor), **options)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("kind", NAMES)
@given(counts=st.lists(st.integers(1, 4), max_size=3), asynchronous=st.booleans(), rotates=st.sets(st.integers(1, 12)))
@settings(max_examples=12)
def test_once_a_request(kind: str, backend: str, counts: list[int], asynchronous: bool, rotates: set[int]) -> None:
    """In a campaign each request, whatever it carries, asks once and is signed with what it got."""
    source, vendor = Rotation(kind), RotatingVendor()

    def rotate() -> None:
        source.generation += source.asked in rotates

    async def campaign() -> list[Result]:
        source.before = rotate
        provider = sender(kind, source.asynchronous if asynchronous else source)
        provider.batch_limit = 3
        messages = [Message(number(index), "hello") for index in range(sum(counts))]
        async with gateway_of(provider, vendor) as gateway:
            many = [result async for result in gateway.send_many(messages, linger=60, concurrency=1)]
            return [*many, *[await gateway.send(HELLO_MESSAGE) for _ in counts]]

    results = anyio.run(campaign, backend=backend)
    assert {result.outcome for result in results} <= {Outcome.ACCEPTED}
    assert sum(vendor.sizes) == len(results)
    assert source.asked == len(vendor.signers) == -(-sum(counts) // 3) + len(counts)
    expected = [sum(1 for each in rotates if each <= asked) for asked in range(1, source.asked + 1)]
    assert vendor.signers == expected


@pytest.mark.parametrize("kind", NAMES)
async def test_the_next_request_asks_anew(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """Credentials that were refused, such as an STS token that has expired, are not kept for the next request."""
    caplog.set_level(logging.DEBUG)
    source = Rotation(kind)
    async with gateway_of(sender(kind, source), RotatingVendor(valid=lambda each: each > 0)) as gateway:
        refused = await gateway.send(HELLO_MESSAGE)
        source.generation = 1
        accepted = await gateway.send(HELLO_MESSAGE)
    assert (refused.outcome, refused.reason) == (Outcome.REJECTED, Reason.AUTH_FAILED)
    assert "wrong: " in (refused.attempts[0].description or "")
    assert accepted.accepted
    assert "canary" not in caplog.text + repr(refused) + repr(gateway)


def raise_canary() -> object:
    raise PermissionError("vault refused canary-secret-0 to +8613800138000")


async def hang() -> object:
    await anyio.sleep_forever()
    return None


async def cancelled_elsewhere() -> object:
    raise anyio.get_cancelled_exc_class()()


NOTHING: object = None
FAILURES: dict[str, tuple[Callable[[], object], str]] = {
    "raises": (raise_canary, "PermissionError at "),
    "hangs": (hang, "gave none within 0.05 seconds"),
    "gives nothing": (lambda: NOTHING, "not NoneType"),
    "gives another type": (lambda: {"secret": "canary-secret-0"}, "not dict"),
}


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("failure", FAILURES)
async def test_a_source_that_fails(kind: str, failure: str, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing was sent, so the next provider has the message; neither result nor log shows what the source said."""
    source, words = FAILURES[failure]
    providers: list[Any] = [sender(kind, source), sender("v5" if kind == "cloud" else "cloud", Rotation("cloud"))]
    if kind == "cloud":
        providers[1] = sender("v5", Rotation("v5"))
    vendor = RotatingVendor()
    gateway = Gateway(
        providers, templates=[HELLO], transport=httpx.MockTransport(vendor), timeouts=Timeouts(total=0.05)
    )
    async with gateway:
        result = await gateway.send(HELLO_MESSAGE)
        alone = await gateway.send(HELLO_MESSAGE, providers=[kind])
    assert result.accepted
    assert [attempt.provider for attempt in result.attempts] == [kind, providers[1].name]
    assert (alone.outcome, alone.reason) == (Outcome.NOT_SENT, Reason.NO_CREDENTIALS)
    assert words in (alone.attempts[0].description or "")
    assert words in caplog.text
    shown = caplog.text + repr(result) + repr(alone)
    assert "canary" not in shown
    assert "13800138000" not in shown


@pytest.mark.parametrize(
    ("kind", "returned", "field"),
    [
        ("v5", "canary\n", "app_key"),
        ("v5", "", "app_key"),
        ("cloud", TencentCredentials("id", "canary key\n"), "secret_key"),
        ("cloud", TencentCredentials("id", "key", "canary\u00e9"), "token"),
        ("aksk", HuaweiAppKey("canary,", "secret"), "app_key"),
        ("wsse", HuaweiAppKey("id", ""), "app_secret"),
    ],
)
async def test_unsound_credentials_are_none(kind: str, returned: object, field: str) -> None:
    """What a source returns is checked as an argument is, and the description names the field alone."""
    async with gateway_of(sender(kind, lambda: returned), RotatingVendor()) as gateway:
        result = await gateway.send(HELLO_MESSAGE)
    (attempt,) = result.attempts
    assert (attempt.outcome, attempt.reason) == (Outcome.NOT_SENT, Reason.NO_CREDENTIALS)
    assert f"{field}: " in (attempt.description or "")
    assert "canary" not in repr(attempt)


async def test_a_cancelled_caller_ends_the_wait() -> None:
    """While the source is asked nothing has left: who is cancelled then gets a result of NOT_SENT, and no request."""
    told: list[Result] = []
    asked, vendor = anyio.Event(), RotatingVendor()

    async def source() -> str:
        asked.set()
        return str(await hang())

    async with gateway_of(sender("v5", source), vendor, on_result=told.append) as gateway:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(gateway.send, HELLO_MESSAGE)
            await asked.wait()
            tasks.cancel_scope.cancel()
        await gateway.aclose(timeout=1)
    assert [result.outcome for result in told] == [Outcome.NOT_SENT]
    assert vendor.signers == []


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_cancellation_of_the_source_alone(anyio_backend: str) -> None:
    """A source whose own task was cancelled, as one that callers share, has failed; the send goes on."""
    async with gateway_of(sender("v5", cancelled_elsewhere), RotatingVendor()) as gateway:
        result = await gateway.send(HELLO_MESSAGE)
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, Reason.NO_CREDENTIALS)


def build(make: Callable[..., object], *arguments: object, **options: object) -> Callable[[], object]:
    return partial(make, *arguments, **options)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (build(TencentCloud, "canary-id", credentials=lambda: None, sdk_app_id="1"), "credentials: takes the place of"),
        (build(TencentCloud, sdk_app_id="1", token="canary", credentials=lambda: None), "credentials: takes the place"),
        (build(TencentCloud, sdk_app_id="1"), "secret_id: is empty"),
        (build(TencentCloud, sdk_app_id="1", credentials="canary"), "credentials: must be a function"),
        (build(HuaweiSms, sender="s", base_url="https://h.test"), "app_key: is empty"),
        (build(HuaweiSms, "canary", credentials=len, sender="s", base_url="https://h.test"), "credentials: takes the"),
        (build(TencentV5, "1400006666", 17), "app_key: must be text, not int"),
    ],
)
def test_either_credentials_or_a_source(make: Callable[[], object], words: str) -> None:
    """Whoever gives both, or neither, is told which arguments, and none of them is in a frame of the error."""
    with pytest.raises(ConfigurationError) as caught:
        make()
    assert str(caught.value).startswith(words)
    assert "canary" not in str(caught.value) + "".join(own_frames(caught.value))


@pytest.mark.parametrize("kind", NAMES)
def test_a_source_is_not_shown(kind: str) -> None:
    """A provider with a source is a `RenewsCredentials`; it hands the source on, masked, and cannot sign without it."""
    source = Rotation(kind)
    provider = sender(kind, source)
    renewing: object = provider
    assert isinstance(renewing, RenewsCredentials)
    assert isinstance(provider.credential_source, MaskedSource)
    assert "canary" in repr(source)
    assert "canary" not in repr(provider.credential_source) + repr(vars(provider))
    renewed = provider.with_credentials(source())
    assert (renewed.credential_source, renewed.name) == (None, kind)
    assert provider.credential_source is not None
    assert "canary" not in repr(vars(renewed))


async def test_vendors_of_others() -> None:
    """Any provider may have a source: it names it and is handed what it returned. Its copy makes the request."""
    asked: list[str] = []

    def key() -> str:
        asked.append("asked")
        return "key"

    class Renewing(type(alpha())):  # type: ignore[misc]  # the class of the fake
        credential_source = MaskedSource(key)

        def with_credentials(self, credentials: str) -> "Renewing":
            asked.append(credentials)
            return Renewing("alpha")

    wire = Wire(alpha=Reason.TRY_LATER)
    providers: list[Any] = [Renewing("alpha"), beta()]
    async with Gateway(providers, templates=[LOGIN], transport=wire, policy=Policy(pause=0)) as gateway:
        assert (await gateway.send(login())).provider == "beta"
    assert asked == ["asked", "key"] * 2  # the first time, and once more after a pause


async def test_an_adapter_that_cannot_take_them(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever `with_credentials` raises: nothing is sent, and its text is not shown."""

    class Broken(type(alpha())):  # type: ignore[misc]  # the class of the fake
        credential_source = MaskedSource(lambda: "canary")

        def with_credentials(self, credentials: str) -> object:
            raise ValueError(credentials)

    providers: list[Any] = [Broken("alpha"), beta()]
    async with Gateway(providers, templates=[LOGIN], transport=Wire()) as gateway:
        result = await gateway.send(login())
    assert result.attempts[0].reason is Reason.NO_CREDENTIALS
    assert result.accepted
    assert "ValueError at " in caplog.text
    assert "canary" not in caplog.text


async def test_without_a_source_nothing_is_asked() -> None:
    """A provider without a source is asked for no copy."""
    provider: Any = TencentV5("1400006666", "canary-secret-0", name="v5", base_url="https://v5.test")
    assert provider.credential_source is None
    provider.with_credentials = pytest.fail
    async with gateway_of(provider, RotatingVendor()) as gateway:
        assert (await gateway.send(HELLO_MESSAGE)).accepted
