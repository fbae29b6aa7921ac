"""Test gateways and event loops: any number of them, or one as a real gateway; one application start after another."""

import asyncio
import threading
import warnings
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import anyio
import anyio.lowlevel
import pytest
from asgiref.sync import async_to_sync
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from smsgate import Attempt, ClosedError, Gateway, Message, Outcome, Result, SendRequest, WrongLoopError
from smsgate.huawei import HuaweiSms
from smsgate.testing import LOGIN_CODE, Outbox, SandboxGateway

with warnings.catch_warnings(action="ignore"):  # of the HTTP client that Starlette would rather have
    from starlette.testclient import TestClient

NUMBER = "+8613788888888"
CODE = Message(NUMBER, "login-code", {"code": "4821", "minutes": "5"})

Kind = Callable[..., Outbox | SandboxGateway]
Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


@pytest.fixture(params=[Outbox, SandboxGateway])
def kind(request: pytest.FixtureRequest) -> Kind:
    made: Kind = request.param
    return made


def entering(gateway: Gateway) -> Lifespan:
    """An application that enters its gateway when it starts."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        async with gateway:
            yield

    return lifespan


def closing(gateway: Gateway) -> Lifespan:
    """An application that closes its gateway when it stops."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        yield
        await gateway.aclose()

    return lifespan


def test_sends_of_each_loop_share_requests(kind: Kind) -> None:
    """With `coalesce`, sends share requests on each of several loops, one after another and at once."""
    gateway = kind(coalesce=0.02)

    async def send_two(number: int) -> None:
        async with anyio.create_task_group() as tasks:
            for index in range(2):
                tasks.start_soon(gateway.send, Message(f"+86137888888{number}{index}", "login-code", CODE.params))

    anyio.run(send_two, 0)
    anyio.run(send_two, 1, backend="trio")
    threads = [threading.Thread(target=anyio.run, args=(send_two, number)) for number in (2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(gateway.messages) == 8


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("style", [entering, closing])
def test_an_application_may_start_again(kind: Kind, style: Callable[[Gateway], Lifespan], backend: str) -> None:
    """One gateway serves every start of an application within a test, however the application closes it."""
    gateway = kind()

    async def view(request: Request) -> PlainTextResponse:
        return PlainTextResponse((await gateway.send(CODE)).outcome)

    app = Starlette(routes=[Route("/", view)], lifespan=style(gateway))
    for _ in range(3):
        with TestClient(app, backend=backend) as client:  # type: ignore[arg-type]
            assert client.get("/").text == "ACCEPTED"
            assert client.get("/").text == "ACCEPTED"
    assert len(gateway.messages) == 6


@pytest.mark.anyio
async def test_an_application_may_start_again_on_the_same_loop(kind: Kind) -> None:
    """Entered again, a gateway is open again; what sends between two starts is told that it is closed."""
    gateway = kind()
    for _ in range(2):
        async with gateway:
            assert (await gateway.send(CODE)).accepted
        with pytest.raises(ClosedError):
            await gateway.send(CODE)
        with pytest.raises(ClosedError):
            gateway.send_many([CODE])
    assert len(gateway.messages) == 2


@pytest.mark.anyio
async def test_closing_on_one_loop_leaves_others_alone(kind: Kind) -> None:
    """An application that stops in a thread of its own does not close the gateway under the test."""
    gateway = kind()

    async def application() -> None:
        async with gateway:
            await gateway.send(CODE)

    await gateway.send(CODE)
    await anyio.to_thread.run_sync(anyio.run, application)
    assert (await gateway.send(CODE)).accepted


class SlowLedger:
    """Records the beginning of a request once it may."""

    def __init__(self) -> None:
        self.asked = anyio.Event()
        self.may_go_on = anyio.Event()

    async def leaving(self, request: SendRequest) -> None:
        self.asked.set()
        await self.may_go_on.wait()

    async def left(self, request: SendRequest, attempts: Sequence[Attempt]) -> None:
        pass


@pytest.mark.anyio
async def test_closing_on_one_loop_leaves_sends_in_flight_on_others_alone(kind: Kind) -> None:
    """What is in flight here while another loop closes the gateway is sent to its end."""
    ledger = SlowLedger()
    gateway, results = kind(ledger=ledger), list[Result]()

    async def application() -> None:
        async with gateway:
            pass

    async def send() -> None:
        results.append(await gateway.send(CODE))

    async with anyio.create_task_group() as group:
        group.start_soon(send)
        await ledger.asked.wait()
        await anyio.to_thread.run_sync(anyio.run, application)
        ledger.may_go_on.set()
    assert [result.outcome for result in results] == [Outcome.ACCEPTED]


@pytest.mark.anyio
async def test_closing_waits_for_what_is_in_progress(kind: Kind) -> None:
    """Each time it is closed, what was begun on this loop is sent and recorded first."""
    recorded: list[str] = []

    async def on_result(result: object) -> None:
        await anyio.lowlevel.checkpoint()
        recorded.append("result")

    gateway = kind(on_result=on_result)
    for count in (1, 2):
        async with gateway, anyio.create_task_group() as group:
            group.start_soon(gateway.send, CODE)
            await anyio.lowlevel.checkpoint()
        assert len(recorded) == count


def wsgi_view(gateway: Gateway) -> bool:
    """A sync view, as Django's: a new event loop for each call."""
    return bool(async_to_sync(gateway.send)(CODE).accepted)


def test_held_to_one_loop_a_wsgi_view_fails_as_in_production(kind: Kind) -> None:
    """With `one_event_loop` the second request of a sync view raises what a real gateway raises; without, it passes."""
    lenient, strict = kind(), kind(one_event_loop=True)
    real = Gateway(
        [HuaweiSms("k", "s", sender="isms1", base_url="https://huawei.invalid")],
        templates=[LOGIN_CODE],
        transport=SandboxGateway().transport,
    )
    assert wsgi_view(lenient)
    assert wsgi_view(lenient)
    assert wsgi_view(strict)
    async_to_sync(real.send)(CODE)
    errors: list[str] = []
    for gateway in (strict, real):
        with pytest.raises(WrongLoopError) as caught:
            wsgi_view(gateway)
        errors.append(str(caught.value))
    assert errors[0] == errors[1]


@pytest.mark.anyio
async def test_held_to_one_loop_closed_is_closed(kind: Kind) -> None:
    """With `one_event_loop` a view that enters and leaves the gateway fails at the second request, as in production."""
    gateway = kind(one_event_loop=True)
    async with gateway:
        await gateway.send(CODE)
    with pytest.raises(ClosedError):
        async with gateway:
            await gateway.send(CODE)


@pytest.mark.anyio
async def test_held_to_one_loop_it_still_opens_nothing(kind: Kind) -> None:
    """`one_event_loop` changes nothing else: left unclosed, it leaves nothing behind."""
    gateway = kind(one_event_loop=True)
    results = [result async for result in gateway.send_many(messages())]
    assert [result.accepted for result in results] == [True] * 20


async def messages() -> AsyncIterator[Message]:
    for index in range(20):
        yield Message(f"+86137{index:08}", "login-code", {"code": f"{index:04}", "minutes": "5"})


def test_without_a_loop_the_error_says_so(kind: Kind) -> None:
    """Outside of any event loop a test gateway raises what a real one raises."""
    gateway = kind()
    with pytest.raises(ValueError, match="no event loop is running"):
        gateway.send_many([CODE])
    assert asyncio.run(gateway.send(CODE)).accepted
