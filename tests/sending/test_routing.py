"""Routes, the other way for a second message, marks, the retry budget and the gate, as a gateway has them."""

import logging
import statistics
import time
from collections import Counter
from typing import Any

import anyio
import httpx
import pytest
from fake_vendors import LOGIN, Call, FakeVendor, Wire, alpha, beta, gamma, login, number

from smsgate import (
    ConfigurationError,
    Gateway,
    Health,
    HealthState,
    Message,
    Outcome,
    Policy,
    Reason,
    Result,
    Route,
    Template,
    Timeouts,
)

pytestmark = pytest.mark.anyio

NEWS = Template("news", ids={"alpha": "a-2", "beta": "b-2", "gamma": "g-2"}, kind="marketing")
SG = "+6581234567"


def three(wire: Wire, **options: Any) -> Gateway:
    return Gateway([alpha(), beta(), gamma()], templates=[LOGIN, NEWS], transport=wire, **options)


async def test_routes_by_kind_and_country() -> None:
    """The first route that fits is taken; its providers alone are asked; what none fits goes all through all."""
    wire = Wire(gamma=Reason.INSUFFICIENT_BALANCE)
    routes = [
        Route(["gamma"], kinds={"marketing"}),
        Route(["beta", "alpha"], regions={"SG", "HK"}, kinds={"code"}),
    ]
    async with three(wire, routes=routes) as gateway:
        assert (await gateway.send(Message(number(1), "news"))).provider == "gamma"
        assert wire.asked == ["gamma"]
        assert (await gateway.send(login(SG, kind="code"))).provider == "beta"
        assert (await gateway.send(login(SG))).provider == "alpha"
        assert (await gateway.send(login(kind="marketing"))).outcome is Outcome.REJECTED
        told = gateway.preview(login(SG, kind="code"))
        assert told.order == ("beta", "alpha")
        assert [each.why for each in told.providers] == ["route 2", "route 2"]
        named = await gateway.send(Message(number(1), "news"), providers=["alpha"])
        assert named.provider == "alpha"
        async for result in gateway.send_many([login(SG, kind="code")]):
            assert result.provider == "beta"


async def test_weights_share_out() -> None:
    """Three of four go to the first and one to the second, one by one and in bulk; a preview takes no turn."""
    wire = Wire()
    async with three(wire, routes=[Route(["alpha", "beta"], weights=(3, 1))]) as gateway:
        for index in range(8):
            told = gateway.preview(login(number(index)))
            assert told.order[0] == (await gateway.send(login(number(index)))).provider
            assert told.providers[0].why == "route 1; its turn by the weights of the route"
        assert Counter(wire.asked) == {"alpha": 6, "beta": 2}
        results = [each async for each in gateway.send_many([login(number(index)) for index in range(400)])]
        assert Counter(each.provider for each in results) == {"alpha": 300, "beta": 100}


async def test_routes_that_name_nobody() -> None:
    """A route to a provider that the gateway does not have is found when the gateway is made."""
    with pytest.raises(
        ConfigurationError, match=r"route 2 names 'betta'; .* alpha, beta, gamma \(did you mean 'beta'\?"
    ):
        three(Wire(), routes=[Route(["alpha"]), Route(["betta"])])
    for wrong in (3, ["alpha"]):
        with pytest.raises(ConfigurationError, match=r"^routes: "):
            three(Wire(), routes=wrong)


async def test_a_second_code_takes_the_other_way() -> None:
    """After UNKNOWN the next message of that template to that number starts elsewhere, and no other message does."""
    wire = Wire(alpha=[httpx.ReadError("gone"), None])
    async with three(wire) as gateway:
        assert (await gateway.send(login())).outcome is Outcome.UNKNOWN
        told = gateway.preview(login())
        assert told.order == ("beta", "gamma", "alpha")
        assert told.providers[2].why == "after the others: it had the last message of this template to this number"
        assert (await gateway.send(login(code="2"))).provider == "beta"
        assert (await gateway.send(login(number(1)))).provider == "alpha"
        assert (await gateway.send(Message("+8613800138000", "news"))).provider == "alpha"
        assert (await gateway.send(login(), providers=["alpha", "beta"])).provider == "alpha"


async def test_alternate_always_and_never() -> None:
    """With a time, whatever became of the last one; with 0 never; `after` says it for one message."""
    async with three(Wire(), policy=Policy(alternate_within=120)) as gateway:
        assert [(await gateway.send(login())).provider for _ in range(4)] == ["alpha", "beta", "alpha", "beta"]
    async with three(Wire(alpha=httpx.ReadError("gone")), policy=Policy(alternate_within=0)) as gateway:
        first = await gateway.send(login())
        assert (await gateway.send(login())).provider == "alpha"
        assert gateway.preview(login(), after=first).order == ("beta", "gamma", "alpha")
        assert (await gateway.send(login(), after=first)).provider == "beta"
        assert (await gateway.send(login(), providers=["alpha", "gamma"], after=first)).provider == "gamma"
        with pytest.raises(ConfigurationError, match="after: must be the Result of an earlier message, not str"):
            await gateway.send(login(), after="alpha")  # type: ignore[arg-type]  # the mistake


async def test_marks(caplog: pytest.LogCaptureFixture) -> None:
    """One that is marked down is asked last until it is marked up, and says why; each change is one warning."""
    wire = Wire(beta=Reason.INSUFFICIENT_BALANCE, gamma=Reason.INSUFFICIENT_BALANCE)
    async with three(wire, policy=Policy(health=Health(down_for=0.01))) as gateway:
        gateway.mark("alpha", "down", why="maintenance until six")
        await anyio.sleep(0.02)
        assert (await gateway.send(login())).provider == "alpha"
        assert wire.asked == ["beta", "gamma", "alpha"]
        told = gateway.health()["alpha"]
        assert (told.state, told.why) == (HealthState.DOWN, "maintenance until six")
        assert told.since is not None
        last = gateway.preview(login()).providers[2]
        assert last.why == f"asked last: it is down since {told.since:%Y-%m-%d %H:%M:%S} UTC: maintenance until six"
        gateway.mark("alpha", "up")
        assert (await gateway.send(login())).provider == "alpha"
        assert len(wire.asked) == 4
        with pytest.raises(ConfigurationError, match=r"does not have alfa; .*did you mean 'alpha'"):
            gateway.mark("alfa", "up")
        with pytest.raises(ConfigurationError, match='is marked "up" or "down"'):
            gateway.mark("alpha", "probing")  # type: ignore[arg-type]  # the mistake
    assert [each.getMessage() for each in caplog.records if each.getMessage().startswith("alpha is")] == [
        "alpha is down: maintenance until six",
        "alpha is up: marked by hand",
    ]


async def test_a_mark_moves_those_who_wait() -> None:
    """Messages that wait for a place at a provider that is marked down go to the next one at once."""
    release = anyio.Event()

    async def slow(_: Call) -> None:
        await release.wait()

    results: list[Result] = []
    wire = Wire(alpha=slow)
    async with three(wire, max_connections=2) as gateway, anyio.create_task_group() as group:

        async def one(index: int) -> None:
            results.append(await gateway.send(login(number(index))))

        for index in range(10):
            group.start_soon(one, index)
        await anyio.wait_all_tasks_blocked()
        assert wire.asked == ["alpha"] * 2
        gateway.mark("alpha", "down")
        await anyio.wait_all_tasks_blocked()
        assert len(results) == 8
        assert {each.provider for each in results} == {"beta"}
        assert all(len(each.attempts) == 1 for each in results)
        release.set()
    assert Counter(each.provider for each in results) == {"beta": 8, "alpha": 2}


async def test_who_waits_can_be_cancelled() -> None:
    """A send that is cancelled while it waits for a place has its result, takes none, and those behind it go on."""
    release, recorded = anyio.Event(), list[Result]()

    async def slow(_: Call) -> None:
        await release.wait()

    wire = Wire(alpha=slow)
    gateway = Gateway(
        [alpha()],
        templates=[LOGIN],
        transport=wire,
        max_connections=1,
        on_result=recorded.append,
        timeouts=Timeouts(pool=30),
    )
    async with gateway, anyio.create_task_group() as group:
        group.start_soon(gateway.send, login(number(0)))
        await anyio.wait_all_tasks_blocked()
        with anyio.move_on_after(0.05):
            await gateway.send(login(number(1)))
        group.start_soon(gateway.send, login(number(2)))
        await anyio.wait_all_tasks_blocked()
        assert [(each.outcome, each.attempts) for each in recorded] == [(Outcome.NOT_SENT, ())]
        release.set()
    assert [call.to for call in wire.calls] == [(number(0),), (number(2),)]
    assert Counter(each.outcome for each in recorded) == {Outcome.NOT_SENT: 1, Outcome.ACCEPTED: 2}


async def test_no_place_in_time() -> None:
    """A message that finds no place within `Timeouts.pool` was not sent, and no other provider is asked."""
    release = anyio.Event()

    async def slow(_: Call) -> None:
        await release.wait()

    wire = Wire(alpha=slow)
    async with (
        three(wire, max_connections=1, timeouts=Timeouts(pool=0.05)) as gateway,
        anyio.create_task_group() as group,
    ):
        group.start_soon(gateway.send, login(number(0)))
        await anyio.wait_all_tasks_blocked()
        result = await gateway.send(login(number(1)))
        release.set()
    assert (result.outcome, result.reason, result.provider) == (Outcome.NOT_SENT, Reason.OVERLOADED, "alpha")
    assert wire.asked == ["alpha"]


async def test_closing_ends_the_wait() -> None:
    """Who waits for a place when the gateway is closed is not sent, and the close does not wait for it."""
    release, results = anyio.Event(), list[Result]()

    async def slow(_: Call) -> None:
        await release.wait()

    gateway = three(Wire(alpha=slow), max_connections=1)

    async def one(index: int) -> None:
        results.append(await gateway.send(login(number(index))))

    async with anyio.create_task_group() as group:
        group.start_soon(one, 0)
        await anyio.wait_all_tasks_blocked()
        for index in (1, 2):
            group.start_soon(one, index)
        await anyio.wait_all_tasks_blocked()
        group.start_soon(gateway.aclose)
        await anyio.wait_all_tasks_blocked()
        assert [each.outcome for each in results] == [Outcome.NOT_SENT] * 2
        release.set()
    assert results[-1].accepted


async def refused(_: Call) -> httpx.ConnectError:
    """A vendor that refuses connections, after as long as a network takes."""
    await anyio.sleep(0.005)
    return httpx.ConnectError("refused")


async def accepted(_: Call) -> None:
    """One that accepts, after as long as a network takes."""
    await anyio.sleep(0.005)


async def test_ten_thousand_senders_and_the_first_is_down(anyio_backend: str) -> None:
    """At most 1.1 requests for a message, every one accepted, and the slowest few not far behind the others."""
    senders = {"asyncio": 10_000, "trio": 3_000}[anyio_backend]
    wire, results, seconds = Wire(alpha=refused, beta=accepted), list[Result](), list[float]()
    async with three(wire, timeouts=Timeouts(pool=300)) as gateway, anyio.create_task_group() as group:

        async def one(index: int) -> None:
            began = time.perf_counter()
            results.append(await gateway.send(login(number(index))))
            seconds.append(time.perf_counter() - began)

        for index in range(senders):
            group.start_soon(one, index)
    assert {each.outcome for each in results} == {Outcome.ACCEPTED}
    assert sum(len(each.attempts) for each in results) <= 1.1 * senders
    cuts = statistics.quantiles(seconds, n=100)
    assert cuts[98] <= 3 * cuts[49], (cuts[49], cuts[98])  # evenly one after another, it is twice the median


@pytest.mark.parametrize("how", ["send", "send_many"])
async def test_the_retry_budget(how: str) -> None:
    """Without health the budget alone keeps to 1.1 requests for a message, and a result says what it denied."""
    wire, policy = Wire(alpha=refused, beta=accepted), Policy(health=None, retry_budget=0.05)
    results, began = list[Result](), time.monotonic()
    messages = [login(number(index), code=str(1000 + index)) for index in range(1_000)]
    async with three(wire, policy=policy, timeouts=Timeouts(pool=300)) as gateway:
        if how == "send":
            async with anyio.create_task_group() as group:

                async def one(message: Message) -> None:
                    results.append(await gateway.send(message))

                for message in messages:
                    group.start_soon(one, message)
        else:
            results = [each async for each in gateway.send_many(messages, linger=60)]
    denied = [each for each in results if not each.accepted]
    assert denied
    assert sum(len(each.attempts) for each in results) <= 1_151 + 10 * (time.monotonic() - began)
    assert all((each.outcome, each.reason) == (Outcome.NOT_SENT, Reason.NETWORK) for each in denied)
    assert all((each.description or "").endswith("the retry budget of the gateway is used up)") for each in denied)
    assert sum(each.accepted for each in results) >= 100


async def test_a_refusal_of_the_account_takes_nothing_of_the_budget() -> None:
    """An account in arrears costs no other message its failover: that says nothing of a vendor in trouble."""
    wire = Wire(alpha=Reason.INSUFFICIENT_BALANCE)
    async with three(wire, policy=Policy(retry_budget=0)) as gateway:
        results = [each async for each in gateway.send_many([login(number(index)) for index in range(500)], linger=60)]
    assert {each.provider for each in results} == {"beta"}


async def test_a_batch_is_one_repeat() -> None:
    """A request for 200 messages that is made again takes one token, not 200."""
    vendors = [FakeVendor("alpha", 200), FakeVendor("beta", 200)]
    wire = Wire(alpha=httpx.ConnectError("refused"))
    policy = Policy(health=None, retry_budget=0)
    async with Gateway(vendors, templates=[LOGIN], transport=wire, policy=policy) as gateway:
        results = [
            each async for each in gateway.send_many([login(number(index)) for index in range(10_000)], linger=60)
        ]
    assert {each.outcome for each in results} == {Outcome.ACCEPTED}


async def test_bulk_leaves_one_that_is_down(caplog: pytest.LogCaptureFixture) -> None:
    """Batches that are closed and wait are given to the next provider without a try, and form batches there."""
    caplog.set_level(logging.WARNING)
    vendors = [FakeVendor("alpha", 100), FakeVendor("beta", 200)]
    wire = Wire(alpha=httpx.ConnectError("refused"))
    async with Gateway(vendors, templates=[LOGIN], transport=wire) as gateway:
        messages = [login(number(index)) for index in range(4000)]
        results = [each async for each in gateway.send_many(messages, linger=60, concurrency=4)]
    assert {each.provider for each in results} == {"beta"}
    assert wire.asked.count("beta") <= 22
    assert 3 <= wire.asked.count("alpha") <= 6
    assert Counter(len(each.attempts) for each in results)[1] >= 3400


@pytest.mark.parametrize("wrong", [{"health": 3}, {"alternate_within": -1}, {"retry_budget": "1"}])
async def test_bad_policies(wrong: dict[str, Any]) -> None:
    """What is no health and no number is named."""
    with pytest.raises(ConfigurationError, match=f"^Policy: {next(iter(wrong))} must be"):
        Policy(**wrong)
