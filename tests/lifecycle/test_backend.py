"""A gateway lives in a backend: made anywhere, used from many tasks, closed from any."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from types import CoroutineType
from typing import Any

import anyio
import httpx
import pytest
from fake_vendors import LOGIN, Wire, alpha, login, number
from loopback import Loopback
from networks import over_network
from own_frames import is_own
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from smsgate import ClosedError, Gateway, Outcome, Result

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("network")]


@pytest.fixture
def vendor() -> Iterator[Loopback]:
    """A vendor behind a real socket."""
    with Loopback.running() as server:
        yield server


def make(vendor: Loopback, **options: Any) -> Gateway:
    return Gateway([alpha(url=vendor.url, batch_limit=10)], templates=[LOGIN], **over_network(options))


async def in_a_task_of_its_own(work: Callable[[], Coroutine[object, object, object]]) -> None:
    """Run *work* in a task that ends with it."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work)


async def no_tasks_left() -> None:
    """On asyncio nothing runs but the caller, after the transports have had a moment to close."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return
    await asyncio.sleep(0)
    coros = [task.get_coro() for task in asyncio.all_tasks(loop)]
    assert [coro for coro in coros if isinstance(coro, CoroutineType) and is_own(coro.cr_code)] == []


GATEWAY_AT_IMPORT = Gateway([alpha()], templates=[LOGIN], transport=Wire())


def test_made_at_import() -> None:
    """A gateway is made where no event loop runs, and waits for the first one to use it."""
    assert repr(GATEWAY_AT_IMPORT) == "Gateway(alpha)"


async def test_used_without_entering(vendor: Loopback) -> None:
    """Made, used, closed: entering it is not needed."""
    gateway = make(vendor)
    assert (await gateway.send(login())).accepted
    assert len([result async for result in gateway.send_many([login(number(1)), login(number(2))], linger=60)]) == 2
    await gateway.aclose()
    assert [to for _, to in vendor.requests] == [["+8613800138000"], [number(1), number(2)]]
    assert len(vendor.ports) == 1
    await no_tasks_left()


async def test_used_entered(vendor: Loopback) -> None:
    """`async with` closes it at the end, and gives the gateway itself."""
    gateway = make(vendor)
    async with gateway as entered:
        assert entered is gateway
        assert (await gateway.send(login())).accepted
    with pytest.raises(ClosedError):
        await gateway.send(login())
    await no_tasks_left()


async def test_entered_used_and_left_in_three_tasks(vendor: Loopback) -> None:
    """It need not be left, or closed, by the task that entered it."""
    gateway = make(vendor)
    await in_a_task_of_its_own(gateway.__aenter__)
    await in_a_task_of_its_own(lambda: gateway.send(login()))

    async def leave() -> None:
        await gateway.__aexit__(None, None, None)

    await in_a_task_of_its_own(leave)
    assert len(vendor.requests) == 1
    await no_tasks_left()


async def test_used_from_many_tasks(vendor: Loopback) -> None:
    """Many tasks send through one gateway; each gets its own result."""
    gateway = make(vendor)
    seen: dict[str, str] = {}

    async def send(to: str) -> None:
        seen[to] = str((await gateway.send(login(to))).message.to)

    async with anyio.create_task_group() as tasks:
        for index in range(30):
            tasks.start_soon(send, number(index))
    await in_a_task_of_its_own(gateway.aclose)
    assert seen == {number(index): number(index) for index in range(30)}


async def test_closed_once_is_closed(vendor: Loopback) -> None:
    """After the close nothing is sent, and the error says what to do; closing again is nothing."""
    gateway = make(vendor)
    await gateway.aclose()
    await gateway.aclose(timeout=0)
    with pytest.raises(ClosedError, match=r"^this Gateway has been closed: make a new one$"):
        await gateway.send(login())
    with pytest.raises(ClosedError, match="make a new one"):
        gateway.send_many([login()])
    with pytest.raises(ClosedError):
        async with gateway:
            pytest.fail("a closed gateway was entered")
    assert vendor.requests == []


async def test_closed_by_two_at_once() -> None:
    """Two tasks may close it at once; what is on the wire is waited for by both."""
    release = anyio.Event()

    async def slow(call: object) -> None:
        await release.wait()

    recorded: list[Result] = []
    gateway = Gateway([alpha()], templates=[LOGIN], transport=Wire(alpha=slow), on_result=recorded.append)

    async def close() -> None:
        await gateway.aclose()
        assert [result.outcome for result in recorded] == [Outcome.ACCEPTED]

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(gateway.send, login())
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(close)
        tasks.start_soon(close)
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(ClosedError):
            await gateway.send(login())
        release.set()


async def test_leaves_open_what_it_did_not_open(vendor: Loopback) -> None:
    """A client or transport of the caller's is used and not closed."""
    async with httpx.AsyncClient() as client, httpx.AsyncHTTPTransport() as transport:
        for options in ({"client": client}, {"transport": transport}):
            async with make(vendor, **options) as gateway:
                assert (await gateway.send(login())).accepted
        assert not client.is_closed
        assert (await client.post(vendor.url, json={"to": []})).status_code == 200
        again = await transport.handle_async_request(httpx.Request("POST", vendor.url, json={"to": []}))
        assert again.status_code == 200
        await again.aread()
        await again.aclose()


async def send_code(request: Request) -> JSONResponse:
    result = await request.app.state.gateway.send(login(str(request.path_params["to"])))
    return JSONResponse({"outcome": str(result.outcome), "id": result.message_id})


ROUTES = [Route("/codes/{to}", send_code, methods=["POST"])]


async def ask(app: Starlette) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as browser:
        return await browser.post("/codes/+8613800138000")


async def test_starlette_lifespan(vendor: Loopback) -> None:
    """The gateway opens and closes with the application's lifespan, and serves its requests in between."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with make(vendor) as app.state.gateway:
            yield

    app = Starlette(routes=ROUTES, lifespan=lifespan)
    async with app.router.lifespan_context(app):
        response = await ask(app)
    assert response.json() == {"outcome": "ACCEPTED", "id": "alpha-8000"}
    with pytest.raises(ClosedError):
        await app.state.gateway.send(login())
    assert [to for _, to in vendor.requests] == [["+8613800138000"]]


async def test_lifespan_in_a_task_of_its_own(vendor: Loopback) -> None:
    """As under a server: lifespan in one task, each request in another, and the shutdown while the server waits."""
    started, stop = anyio.Event(), anyio.Event()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.gateway = make(vendor)
        yield
        await app.state.gateway.aclose()

    app = Starlette(routes=ROUTES, lifespan=lifespan)

    async def serve() -> None:
        async with app.router.lifespan_context(app):
            started.set()
            await stop.wait()

    answers: list[int] = []

    async def request() -> None:
        answers.append((await ask(app)).status_code)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(serve)
        await started.wait()
        async with anyio.create_task_group() as requests:
            for _ in range(5):
                requests.start_soon(request)
        stop.set()
    assert answers == [200] * 5


class Hooks:
    """An application with start-up and shutdown hooks, each run in a task of its own, as several frameworks do."""

    def __init__(self, vendor: Loopback) -> None:
        self._vendor = vendor
        self.gateway: Gateway | None = None

    async def on_startup(self) -> None:
        self.gateway = make(self._vendor)
        await self.gateway.__aenter__()

    async def on_request(self) -> None:
        assert self.gateway is not None
        assert (await self.gateway.send(login())).accepted

    async def on_shutdown(self) -> None:
        assert self.gateway is not None
        await self.gateway.aclose()


async def test_hooks(vendor: Loopback) -> None:
    """Start-up and shutdown hooks run in different tasks, and a request in a third that is cancelled meanwhile."""
    app = Hooks(vendor)
    await in_a_task_of_its_own(app.on_startup)
    await in_a_task_of_its_own(app.on_request)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(app.on_request)
        await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()
    await in_a_task_of_its_own(app.on_shutdown)
    await no_tasks_left()
