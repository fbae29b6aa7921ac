"""How management calls are run: paging, tokens, refusals, no response."""

import asyncio
import json

import anyio
import httpx
import pytest
from fake_vendor import NOW, listing, read, request, token_source

from smsgate import Outcome, Reason
from smsgate.management import ManagementClient
from smsgate.model.errors import ClosedError, VendorError, WrongLoopError
from smsgate.provider import Call, RequestContext
from smsgate.testing import traced
from smsgate.transport.timeouts import Timeouts
from smsgate.wire import HttpRequest

pytestmark = pytest.mark.anyio


class Vendor:
    """Answers lists and tokens, and notes the paths of its requests."""

    def __init__(self, items: int = 0, *, says_total: bool = True) -> None:
        self.items = list(range(items))
        self.says_total = says_total
        self.requested: list[str] = []
        self.tokens = 0
        self.valid = "none"

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requested.append(request.url.path)
        if request.url.path == "/token":
            await anyio.sleep(0.01)
            self.tokens += 1
            self.valid = f"token-{self.tokens}"
            return httpx.Response(200, json={"token": self.valid})
        if request.headers["X-Token"] not in ("", self.valid):
            return httpx.Response(401, json={"code": "expired"})
        offset, limit = int(request.url.params["offset"]), int(request.url.params["limit"])
        body: dict[str, object] = {"items": self.items[offset : offset + limit]}
        if self.says_total:
            body["total"] = len(self.items)
        return httpx.Response(200, json=body)


def client_for(vendor: Vendor) -> ManagementClient:
    return ManagementClient(transport=httpx.MockTransport(vendor), clock=lambda: NOW)


@pytest.mark.parametrize("says_total", [True, False])
@pytest.mark.parametrize("items", [0, 1, 9, 10, 11, 25])
async def test_each_gives_every_item_once(items: int, says_total: bool) -> None:
    """A paged list comes whole and in order, whether or not the vendor says the total."""
    vendor = Vendor(items, says_total=says_total)
    async with client_for(vendor) as client:
        assert [item async for item in client.each(listing(), limit=10)] == list(range(items))
    assert len(vendor.requested) <= items // 10 + 1


async def test_a_hundred_callers_share_one_token() -> None:
    """However many callers need a token at once, one is requested."""
    vendor = Vendor(1)
    source = token_source()
    async with client_for(vendor) as client, anyio.create_task_group() as group:
        for _ in range(100):
            group.start_soon(client.run, listing(source)(offset=0, limit=1))
    assert vendor.tokens == 1
    assert vendor.requested.count("/list") == 100


async def test_a_token_near_its_end_is_renewed() -> None:
    """A token with less than five minutes to live is not used any more."""
    vendor = Vendor(1)
    source = token_source(lifetime=299)
    async with client_for(vendor) as client:
        for _ in range(2):
            await client.run(listing(source)(offset=0, limit=1))
    assert vendor.tokens == 2


async def test_a_hundred_callers_share_a_token_that_seems_to_have_ended() -> None:
    """Where the clocks disagree about a token's end, those who waited for it share it all the same."""
    vendor = Vendor(1)
    source = token_source(lifetime=-60)
    async with client_for(vendor) as client:
        for _ in range(2):
            async with anyio.create_task_group() as group:
                for _ in range(100):
                    group.start_soon(client.run, listing(source)(offset=0, limit=1))
    assert vendor.tokens == 2


async def test_a_401_in_the_middle_of_paging_costs_one_refresh_and_no_page() -> None:
    """A token that the vendor drops half-way is fetched anew, once, and the page is requested again."""
    vendor = Vendor(30)
    seen: list[int] = []
    async with client_for(vendor) as client:
        async for item in client.each(listing(token_source()), limit=10):
            seen.append(item)
            if item == 9:
                vendor.valid = "dropped"
    assert seen == list(range(30))
    assert vendor.tokens == 2


async def test_a_hundred_callers_refused_at_once_refresh_once() -> None:
    """When many calls meet a 401 with the same token, one of them fetches the new one."""
    vendor = Vendor(1)
    source = token_source()
    async with client_for(vendor) as client:
        await client.run(listing(source)(offset=0, limit=1))
        vendor.valid = "dropped"
        async with anyio.create_task_group() as group:
            for _ in range(100):
                group.start_soon(client.run, listing(source)(offset=0, limit=1))
    assert vendor.tokens == 2


async def test_a_hundred_callers_share_a_refused_token_too() -> None:
    """A wrong password is tried once for all who wait, not once for each: that could lock the user out."""
    requested: list[str] = []
    refused: list[VendorError] = []

    async def refuse(request: httpx.Request) -> httpx.Response:
        requested.append(request.url.path)
        await anyio.sleep(0.01)
        return httpx.Response(401, json={"code": "wrong password"})

    async def call() -> None:
        with pytest.raises(VendorError) as caught:
            await client.run(listing(source)(offset=0, limit=1))
        refused.append(caught.value)

    source = token_source()
    async with ManagementClient(transport=httpx.MockTransport(refuse), clock=lambda: NOW) as client:
        async with anyio.create_task_group() as group:
            for _ in range(100):
                group.start_soon(call)
        assert requested == ["/token"]
        await call()
    assert requested == ["/token"] * 2
    assert {error.code for error in refused} == {"wrong password"}
    assert len({id(error) for error in refused}) == 101


async def test_a_second_401_is_the_vendors_last_word() -> None:
    """A call that is refused with a fresh token as well is not tried a third time."""

    def refuse(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"token": "t"})
        return httpx.Response(401, json={"code": "no"})

    async with ManagementClient(transport=httpx.MockTransport(refuse), clock=lambda: NOW) as client:
        with pytest.raises(VendorError) as caught:
            await client.run(listing(token_source())(offset=0, limit=1))
    assert caught.value.outcome is Outcome.REJECTED
    assert caught.value.code == "no"


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [
        (httpx.ConnectError("refused"), Outcome.NOT_SENT, Reason.NETWORK),
        (httpx.ReadTimeout("no response"), Outcome.UNKNOWN, Reason.NO_ANSWER),
    ],
)
async def test_no_response_says_whether_the_call_may_have_taken_effect(
    error: Exception, outcome: Outcome, reason: Reason
) -> None:
    """A call without an answer raises one error that says if it left."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    async with ManagementClient(transport=traced(httpx.MockTransport(fail))) as client:
        with pytest.raises(VendorError) as caught:
            await client.run(listing()(offset=0, limit=1))
    assert (caught.value.outcome, caught.value.reason) == (outcome, reason)
    assert str(caught.value).startswith("list: ")


async def test_a_hanging_vendor_meets_the_total_deadline() -> None:
    """No call waits longer than the total deadline."""

    async def hang(request: httpx.Request) -> httpx.Response:
        await anyio.sleep(60)
        raise AssertionError

    client = ManagementClient(transport=httpx.MockTransport(hang), timeouts=Timeouts(total=0.05))
    with pytest.raises(VendorError, match=r"no response within 0\.05 seconds"):
        await client.run(listing()(offset=0, limit=1))
    await client.aclose()


async def test_a_closed_client_says_so() -> None:
    """A client that was closed makes no more calls."""
    client = client_for(Vendor())
    await client.aclose()
    with pytest.raises(ClosedError, match="has been closed"):
        await client.run(listing()(offset=0, limit=1))


async def test_every_call_is_signed_anew() -> None:
    """A call object can be run often: each time it is built with the time of that moment and a new nonce."""
    nonces: list[str] = []

    def build(moment: RequestContext) -> HttpRequest:
        nonces.append(moment.nonce)
        return request("/c", moment)

    call: Call[object] = Call("c", build, read)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=json.dumps({})))
    async with ManagementClient(transport=transport) as client:
        await client.run(call)
        await client.run(call)
    assert len(set(nonces)) == 2
    assert all(len(nonce) == 32 for nonce in nonces)


def test_closing_on_another_loop_closes_nothing() -> None:
    """`aclose` on another event loop says so, and the client goes on working on its own."""
    vendor = Vendor(1)
    client = client_for(vendor)
    home, other = asyncio.new_event_loop(), asyncio.new_event_loop()
    try:
        call = listing()(offset=0, limit=1)
        assert home.run_until_complete(client.run(call)).total == 1
        with pytest.raises(WrongLoopError):
            other.run_until_complete(client.aclose())
        assert home.run_until_complete(client.run(call)).total == 1
        home.run_until_complete(client.aclose())
        with pytest.raises(ClosedError):
            home.run_until_complete(client.run(call))
    finally:
        home.close()
        other.close()


async def test_closing_waits_for_what_was_started() -> None:
    """Work that was started in a task of its own ends before the client is closed, and none is started after that."""
    client, ended = client_for(Vendor(1)), False

    async def work() -> None:
        nonlocal ended
        await client.run(listing()(offset=0, limit=1))
        await anyio.sleep(0.01)
        ended = True

    client.start(work)
    await anyio.wait_all_tasks_blocked()
    await client.aclose()
    assert ended
    with pytest.raises(ClosedError):
        client.start(work)
