"""A provider written by somebody else may have faults: they cost its own turn and nothing more."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from fake_vendors import LOGIN, FakeVendor, Wire, alpha, beta, login, number

from smsgate import Gateway, HttpRequest, MessageError, Outcome, Policy, Reason, SmsProvider, Verdict

pytestmark = pytest.mark.anyio


def fails(*_: object, **__: object) -> Any:
    raise RuntimeError("code 4821 for +8613800138000")


class Odd(FakeVendor):
    """A provider whose methods return what they like."""

    def __init__(self, **methods: Callable[..., Any]) -> None:
        super().__init__("alpha", batch_limit=10)
        for name, method in methods.items():
            setattr(self, name, method)


@pytest.mark.parametrize("methods", [{"refuse": fails}, {"batch_key": fails}, {"batch_key": lambda job: [job]}])
async def test_cannot_take_a_message(methods: dict[str, Any]) -> None:
    """A provider that raises over a message, or has no usable key for it, is passed over, and said to be at fault."""
    wire = Wire()
    async with Gateway([Odd(**methods), beta()], templates=[LOGIN], transport=wire) as gateway:
        assert (await gateway.send(login())).provider == "beta"
        with pytest.raises(MessageError, match=r"alpha: its adapter raised (RuntimeError|TypeError)") as caught:
            await gateway.send(login(), providers=["alpha"])
        results = [result async for result in gateway.send_many([login(number(1)), login(number(2))], linger=60)]
    assert "4821" not in str(caught.value)
    assert [result.provider for result in results] == ["beta", "beta"]
    assert wire.asked == ["beta"] * 3


@pytest.mark.parametrize("build", [fails, lambda batch, now, nonce: None, lambda batch, now, nonce: "POST"])
async def test_cannot_build_a_request(build: Callable[..., Any]) -> None:
    """Without a request nothing was sent: the next provider is asked, and the fault's text is told to nobody."""
    wire = Wire()
    async with Gateway([Odd(build_request=build), beta()], templates=[LOGIN], transport=wire) as gateway:
        result = await gateway.send(login())
    assert [attempt.outcome for attempt in result.attempts] == [Outcome.NOT_SENT, Outcome.ACCEPTED]
    assert "4821" not in str(result.attempts[0].description)
    assert wire.asked == ["beta"]


@pytest.mark.parametrize(
    "parse",
    [
        fails,
        lambda batch, response: None,
        lambda batch, response: [],
        lambda batch, response: iter(batch.jobs),
        lambda batch, response: [None] * len(batch.jobs),
        lambda batch, response: [Verdict.accepted("1")] * (len(batch.jobs) + 1),
    ],
)
async def test_cannot_read_an_answer(parse: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    """An answer that the provider misreads leaves the outcome open: nobody else is asked."""
    wire = Wire()
    async with Gateway([Odd(parse_response=parse), beta()], templates=[LOGIN], transport=wire) as gateway:
        result = await gateway.send(login())
        many = [result async for result in gateway.send_many([login(number(1)), login(number(2))], linger=60)]
    assert (result.outcome, result.reason, result.provider) == (Outcome.UNKNOWN, Reason.NO_ANSWER, "alpha")
    assert [each.outcome for each in many] == [Outcome.UNKNOWN] * 2
    assert wire.asked == ["alpha"] * 2
    assert "alpha could not read a response" in caplog.text
    assert "4821" not in caplog.text
    assert "4821" not in str(result.attempts[0].description)


@pytest.mark.parametrize("seconds", [-5.0, float("nan"), -float("inf")])
async def test_silly_pause(seconds: float) -> None:
    """A pause that cannot be waited for is none."""

    def busy(batch: Any, response: Any) -> list[Verdict]:
        return [Verdict(Outcome.REJECTED, Reason.TRY_LATER, retry_after=seconds) for _ in batch.jobs]

    wire = Wire()
    async with Gateway([Odd(parse_response=busy), beta()], templates=[LOGIN], transport=wire) as gateway:
        assert (await gateway.send(login())).accepted
    assert wire.asked == ["alpha", "alpha", "beta"]


async def test_needs_no_base_class() -> None:
    """A provider is any object with the members: attributes or properties."""

    class Plain:
        @property
        def name(self) -> str:
            return "gamma"

        @property
        def batch_limit(self) -> int:
            return 1

        def batch_key(self, job: object) -> None:
            return None

        def refuse(self, job: object) -> None:
            return None

        def build_request(self, batch: object, *, now: float, nonce: str) -> HttpRequest:
            assert len(bytes.fromhex(nonce)) == 16
            return HttpRequest("POST", "https://gamma.test/", {}, b'{"to": [], "now": 1, "nonce": "", "tag": ""}')

        def parse_response(self, batch: object, response: object) -> list[Verdict]:
            return [Verdict.accepted("g-1")]

    assert isinstance(Plain(), SmsProvider)
    async with Gateway([Plain()], templates=[LOGIN], transport=Wire(), policy=Policy()) as gateway:
        assert (await gateway.send(login())).message_id == "g-1"
        assert [each.message_id async for each in gateway.send_many([login(), login()], linger=60)] == ["g-1", "g-1"]


async def test_failover_past_a_provider_that_cannot_take_it() -> None:
    """A later provider that cannot take the message is passed over without an attempt."""
    wire = Wire(alpha=Reason.INSUFFICIENT_BALANCE)
    choosy = attrs.evolve(beta(), takes=lambda job: "sender: not mine")
    async with Gateway([alpha(), choosy], templates=[LOGIN], transport=wire) as gateway:
        result = await gateway.send(login())
    assert (result.outcome, result.provider, result.reason) == (
        Outcome.REJECTED,
        "alpha",
        Reason.INSUFFICIENT_BALANCE,
    )
    assert wire.asked == ["alpha"]
