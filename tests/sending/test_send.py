"""One message through the gateway: what is asked of whom, and what the result tells."""

import logging
from datetime import UTC, datetime

import anyio
import httpx
import pytest
from fake_vendors import LOGIN, Call, FakeVendor, Wire, alpha, beta, gamma, login

from smsgate import (
    Attempt,
    Binding,
    ConfigurationError,
    Gateway,
    Outcome,
    Policy,
    Reason,
    Result,
    Secret,
    SmsProvider,
    Template,
)
from smsgate.model.reason import RULES, Next
from smsgate.tags import read_tag

pytestmark = pytest.mark.anyio

NOW = 1_760_000_000.0
NO_PAUSE = Policy(pause=0)


def gateway(wire: Wire, *providers: SmsProvider, policy: Policy = NO_PAUSE) -> Gateway:
    return Gateway(
        providers or [alpha(), beta(), gamma()],
        templates=[LOGIN],
        transport=wire,
        policy=policy,
        clock=lambda: NOW,
    )


def story(result: Result) -> list[tuple[str, Outcome, Reason | None]]:
    return [(attempt.provider, attempt.outcome, attempt.reason) for attempt in result.attempts]


async def test_accepted() -> None:
    """The first provider that takes a message ends it; the result has the vendor's id and the reports' reference."""
    wire = Wire()
    async with gateway(wire) as under_test:
        message = login(key="order-7")
        result = await under_test.send(message)
    assert result == Result(
        message,
        Outcome.ACCEPTED,
        "alpha",
        "alpha-8000",
        attempts=result.attempts,
        reference="sgu.order-7",
        segments=1,
    )
    (attempt,) = result.attempts
    assert attempt == Attempt(
        "alpha",
        Outcome.ACCEPTED,
        message_id="alpha-8000",
        request_id="r-1",
        started_at=datetime.fromtimestamp(NOW, UTC),
        duration=attempt.duration,
        reference="sgu.order-7",
    )
    assert 0 < attempt.duration < 10
    assert result.accepted
    assert result.raise_for_outcome() is result
    assert [(call.vendor, call.now, call.tag) for call in wire.calls] == [("alpha", NOW, "sgu.order-7")]


@pytest.mark.parametrize("reason", list(Reason))
async def test_refusals_follow_the_table(reason: Reason) -> None:
    """What happens after a refusal is the reason's row of the table, and nothing else."""
    wire = Wire(alpha=reason, beta=None)
    async with gateway(wire) as under_test:
        result = await under_test.send(login())
    asked = {
        Next.STOP: ["alpha"],
        Next.RATE_LIMIT_OPT_IN: ["alpha"],
        Next.UNKNOWN_OPT_IN: ["alpha"],
        Next.OTHER_PROVIDER: ["alpha", "beta"],
        Next.PAUSE: ["alpha", "alpha", "beta"],
        Next.RESYNC: ["alpha", "alpha", "beta"],
    }[RULES[reason].next]
    assert wire.asked == asked
    assert result.accepted is (asked[-1] == "beta")
    first = result.attempts[0]
    assert (first.reason, first.code, first.description) == (reason, reason.value, reason.meaning)
    assert len(result.attempts) == len(asked)


async def test_story() -> None:
    """`attempts` has every try in order, each with its own reason."""
    wire = Wire(alpha=httpx.ConnectError("no route to host"), beta=[Reason.TRY_LATER, Reason.QUOTA_EXCEEDED])
    async with gateway(wire) as under_test:
        result = await under_test.send(login())
    assert story(result) == [
        ("alpha", Outcome.NOT_SENT, Reason.NETWORK),
        ("beta", Outcome.REJECTED, Reason.TRY_LATER),
        ("beta", Outcome.REJECTED, Reason.QUOTA_EXCEEDED),
        ("gamma", Outcome.ACCEPTED, None),
    ]
    assert result.attempts[0].description == "ConnectError: no route to host (alpha.test:443)"
    assert (result.provider, result.reason, result.code) == ("gamma", None, None)


async def test_nobody_took_it() -> None:
    """When all refuse, the last refusal is the result's."""
    wire = Wire(alpha=Reason.AUTH_FAILED, beta=httpx.ConnectError("refused"), gamma=Reason.INSUFFICIENT_BALANCE)
    async with gateway(wire) as under_test:
        result = await under_test.send(login())
    assert (result.outcome, result.provider, result.reason) == (
        Outcome.REJECTED,
        "gamma",
        Reason.INSUFFICIENT_BALANCE,
    )
    assert result.summary() == (
        "login to +86*******8000: REJECTED; INSUFFICIENT_BALANCE: the package or balance is used up; "
        "the package or balance is used up; tried alpha (AUTH_FAILED), beta (NETWORK), gamma (INSUFFICIENT_BALANCE)"
    )


async def test_nothing_left_the_machine() -> None:
    """If no request left, whatever the provider, the outcome is `NOT_SENT`."""
    wire = Wire(alpha=httpx.ConnectTimeout(""), beta=httpx.ConnectError("refused"), gamma=httpx.PoolTimeout(""))
    async with gateway(wire) as under_test:
        result = await under_test.send(login())
    assert (result.outcome, result.reason, result.provider) == (Outcome.NOT_SENT, Reason.NETWORK, "gamma")
    assert result.message_id is None


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadTimeout(""),
        httpx.RemoteProtocolError(""),
        httpx.ReadError(""),
        httpx.WriteError(""),
        httpx.Response(502),
        httpx.Response(200, text="<html>"),
    ],
)
async def test_unknown_stops(answer: Exception | httpx.Response) -> None:
    """A try that may have sent the message ends it: nobody else is asked."""
    wire = Wire(alpha=answer)
    async with gateway(wire) as under_test:
        result = await under_test.send(login())
    assert wire.asked == ["alpha"]
    assert (result.outcome, result.provider, result.possible_duplicate) == (Outcome.UNKNOWN, "alpha", False)


@pytest.mark.parametrize(
    ("policy", "choice", "goes_on"),
    [
        ("stop", None, False),
        ("stop", "stop", False),
        ("stop", "failover", True),
        ("failover", None, True),
        ("failover", "failover", True),
        ("failover", "stop", False),
    ],
)
async def test_unknown_opt_in(policy: str, choice: str | None, goes_on: bool) -> None:
    """Only who opted in, by policy or by message, asks a second provider; the message's word counts more."""
    wire = Wire(alpha=httpx.ReadTimeout(""))
    async with gateway(wire, policy=Policy(on_unknown=policy)) as under_test:  # type: ignore[arg-type]  # parametrised
        result = await under_test.send(login(on_unknown=choice))
    assert wire.asked == (["alpha", "beta"] if goes_on else ["alpha"])
    assert result.possible_duplicate is goes_on
    assert (result.outcome, result.provider) == ((Outcome.ACCEPTED, "beta") if goes_on else (Outcome.UNKNOWN, "alpha"))


@pytest.mark.parametrize("second", [Reason.INVALID_NUMBER, httpx.ConnectError("refused")])
async def test_unknown_is_not_forgotten(second: Reason | Exception) -> None:
    """After a failover from an open outcome, a refusal elsewhere does not close it; its own reference is told."""
    wire = Wire(alpha=httpx.ReadTimeout(""), beta=second)
    async with gateway(wire, alpha(), beta(), policy=Policy(on_unknown="failover")) as under_test:
        result = await under_test.send(login())
    assert (result.outcome, result.provider, result.reason) == (Outcome.UNKNOWN, "alpha", Reason.NO_ANSWER)
    assert result.possible_duplicate is False
    first, last = result.attempts
    assert first.reference != last.reference
    assert result.reference == first.reference == wire.calls[0].tag


async def test_two_unknown() -> None:
    """Two tries that may each have sent it may be two texts."""
    wire = Wire(alpha=httpx.ReadTimeout(""), beta=Reason.UNKNOWN, gamma=Reason.BLOCKLISTED)
    async with gateway(wire, policy=Policy(on_unknown="failover")) as under_test:
        result = await under_test.send(login())
    assert wire.asked == ["alpha", "beta", "gamma"]
    assert (result.outcome, result.provider, result.possible_duplicate) == (Outcome.UNKNOWN, "alpha", True)


async def test_rate_limit_opt_in() -> None:
    """A per-number limit is only got around by who asks for it."""
    wire = Wire(alpha=Reason.RATE_LIMITED)
    async with gateway(wire, policy=Policy(on_rate_limited="failover")) as under_test:
        result = await under_test.send(login())
    assert wire.asked == ["alpha", "beta"]
    assert result.accepted
    assert result.possible_duplicate is False


async def test_retries() -> None:
    """`Policy.retries` is how often a busy provider is asked again."""
    wire = Wire(alpha=Reason.TRY_LATER, beta=Reason.TRY_LATER)
    async with gateway(wire, alpha(), beta(), policy=Policy(retries=2, pause=0)) as under_test:
        result = await under_test.send(login())
    assert wire.asked == ["alpha"] * 3 + ["beta"] * 3
    assert (result.outcome, result.reason) == (Outcome.REJECTED, Reason.TRY_LATER)


def too_early(*, date: str | None) -> httpx.Response:
    headers = {"Date": date} if date else {}
    return httpx.Response(200, json={"+8613800138000": "CLOCK_SKEW"}, headers=headers)


@pytest.mark.parametrize(
    ("date", "offset"),
    [
        ("Thu, 09 Oct 2025 09:04:20 GMT", 660),
        ("Thu, 09 Oct 2025 08:04:20 GMT", -2940),
        (None, 0),
        ("yesterday", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 0),
        ("Mon, 01 Jan 0001 00:00:00 GMT", 0),
    ],
)
async def test_clock_resync(date: str | None, offset: int, caplog: pytest.LogCaptureFixture) -> None:
    """A vendor with another time is asked once more by its own clock, which is kept, unless that is absurd."""
    caplog.set_level(logging.WARNING)
    wire = Wire(alpha=[too_early(date=date), None])
    async with gateway(wire) as under_test:
        result = await under_test.send(login())
        await under_test.send(login())
        await under_test.send(login(), providers=["beta"])
    assert result.accepted
    assert [attempt.started_at for attempt in result.attempts] == [datetime.fromtimestamp(NOW, UTC)] * 2
    assert [call.now - NOW for call in wire.calls] == [0, offset, offset, 0]
    assert ("clock differs" in caplog.text) is (offset != 0)


async def test_reference() -> None:
    """The tag has the caller's key, or a fresh id, and with a secret a proof that is bound to the number."""
    wire = Wire()
    secret = Secret("tag-secret-1")
    async with Gateway([alpha()], templates=[LOGIN], transport=wire, tag_secret=secret) as under_test:
        keyed = await under_test.send(login(key="order 7"))
        fresh = await under_test.send(login())
        other = await under_test.send(login())
    for result, key in ((keyed, "order 7"), (fresh, None)):
        tag = read_tag(result.reference, to=result.message.to, secrets=[secret])
        assert tag is not None
        assert tag.proven
        assert key in (None, tag.key)
    assert fresh.reference != other.reference
    assert len({call.nonce for call in wire.calls}) == 3


async def test_providers_narrow_and_reorder() -> None:
    """`providers` says who is asked for this message, by name or as objects, and in which order."""
    wire = Wire(gamma=Reason.AUTH_FAILED)
    first, second, third = alpha(), beta(), gamma()
    async with gateway(wire, first, second, third) as under_test:
        result = await under_test.send(login(), providers=[third, "alpha"])
        refused = await under_test.send(login(), providers=("gamma", third))
        many = [each async for each in under_test.send_many([login(), login()], providers=[second])]
    assert [attempt.provider for attempt in result.attempts] == ["gamma", "alpha"]
    assert [attempt.provider for attempt in refused.attempts] == ["gamma"]
    assert [each.provider for each in many] == ["beta", "beta"]


@pytest.mark.parametrize(
    ("providers", "text"),
    [
        ([], "needs a list of at least one"),
        ("alpha", "needs a list of at least one"),
        (["alpha", "omega"], "does not have omega"),
        ([7, alpha(), FakeVendor("13800138000")], "does not have 7, *******8000"),
    ],
)
async def test_wrong_providers(providers: list[str], text: str) -> None:
    """Providers that the gateway does not have are refused before anything is sent."""
    wire = Wire()
    async with gateway(wire) as under_test:
        with pytest.raises(ConfigurationError) as caught:
            await under_test.send(login(), providers=providers)
        with pytest.raises(ConfigurationError):
            under_test.send_many([login()], providers=providers)
    assert str(caught.value) == f"providers: this Gateway {text}; it has alpha, beta, gamma"
    assert wire.calls == []


async def test_a_misspelt_provider_has_a_suggestion() -> None:
    """The error names the nearest provider of the gateway."""
    async with gateway(Wire()) as under_test:
        with pytest.raises(ConfigurationError, match=r"does not have betta; it has .* \(did you mean 'beta'\?\)$"):
            await under_test.send(login(), providers=["betta"])


async def test_binding_order_and_overrides() -> None:
    """A binding gives one vendor its own parameter order, signature and sender."""
    binding = Binding("a-2", params=("minutes", "code"), signature="Other", sender="106900")
    template = Template("login", params=("code", "minutes"), ids={"alpha": binding})
    seen: list[object] = []

    def note(job: object) -> None:
        seen.append(job)

    async with Gateway([alpha(takes=note)], templates=[template], transport=Wire()) as under_test:
        await under_test.send(login())
    (job,) = seen
    assert [getattr(job, name) for name in ("template_id", "params", "signature", "sender")] == [
        "a-2",
        ("5", "4821"),
        "Other",
        "106900",
    ]


async def test_default_region() -> None:
    """With a default region a national number is sent to in E.164, and the result says which number that was."""
    wire = Wire()
    async with Gateway([alpha()], templates=[LOGIN], transport=wire, default_region="CN") as under_test:
        result = await under_test.send(login("138 0013 8000"))
    assert wire.calls[0].to == ("+8613800138000",)
    assert str(result.message.to) == "+8613800138000"


async def test_slow_vendor_does_not_hold_up_others() -> None:
    """Sends are independent of each other: one that waits holds up nobody."""
    arrived, release = anyio.Event(), anyio.Event()

    async def slow(call: Call) -> None:
        arrived.set()
        await release.wait()

    results: list[Result] = []
    async with gateway(Wire(alpha=slow)) as under_test, anyio.create_task_group() as tasks:

        async def first() -> None:
            results.append(await under_test.send(login()))

        tasks.start_soon(first)
        await arrived.wait()
        results.append(await under_test.send(login(), providers=["beta"]))
        release.set()
    assert [result.provider for result in results] == ["beta", "alpha"]
