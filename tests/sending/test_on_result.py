"""`on_result` is handed every final result exactly once, whoever is still there."""

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable

import anyio
import httpx
import pytest
from fake_vendors import LOGIN, Call, Wire, alpha, beta, login, number

from smsgate import Gateway, Message, MessageError, Outcome, Reason, Result

pytestmark = pytest.mark.anyio

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="none")


def gateway(wire: Wire, on_result: Callable[[Result], Awaitable[object] | object]) -> Gateway:
    return Gateway([alpha(batch_limit=5), beta()], templates=[LOGIN], transport=wire, on_result=on_result)


class AsyncCallable:
    def __init__(self) -> None:
        self.seen: list[Result] = []

    async def __call__(self, result: Result) -> str:
        await anyio.lowlevel.checkpoint()
        self.seen.append(result)
        return "ignored"


@pytest.mark.parametrize("kind", ["plain", "async", "callable"])
async def test_kinds(kind: str) -> None:
    """A plain function, an async one, or any callable that returns an awaitable: each final result, once."""
    seen: list[Result] = []

    async def asynchronous(result: Result) -> None:
        await anyio.lowlevel.checkpoint()
        seen.append(result)

    instance = AsyncCallable()
    handlers: dict[str, Callable[[Result], Awaitable[object] | object]] = {
        "plain": seen.append,
        "async": asynchronous,
        "callable": instance,
    }
    wire = Wire(alpha=[Reason.INSUFFICIENT_BALANCE, Reason.INVALID_NUMBER, httpx.ReadTimeout(""), None])
    async with gateway(wire, handlers[kind]) as under_test:
        results = [await under_test.send(login()) for _ in range(3)]
        with pytest.raises(MessageError):
            await under_test.send(login("+86123"))
        results += [result async for result in under_test.send_many([login(number(1)), login("?")])]
    recorded = seen or instance.seen
    assert [result.outcome for result in recorded[:4]] == [
        Outcome.ACCEPTED,
        Outcome.REJECTED,
        Outcome.UNKNOWN,
        Outcome.REJECTED,
    ]
    assert recorded[:3] == results[:3]
    assert {id(result) for result in recorded[4:]} == {id(result) for result in results[3:]}


@pytest.mark.parametrize("is_async", [False, True])
async def test_raises(is_async: bool, caplog: pytest.LogCaptureFixture) -> None:
    """What `on_result` raises is logged by its type, with the result's own line: the send goes on, nothing leaks."""

    def plain(result: Result) -> None:
        raise LookupError(f"no row for {result.message.to} {result.message.params}")

    async def asynchronous(result: Result) -> None:
        plain(result)

    async with gateway(Wire(), asynchronous if is_async else plain) as under_test:
        assert (await under_test.send(login())).accepted
        with pytest.raises(MessageError):
            await under_test.send(Message("+8613800138000", None))  # type: ignore[arg-type]  # the mistake
        assert (
            len([result async for result in under_test.send_many([login(number(1)), login(number(2))], linger=60)]) == 2
        )
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 4
    begin, end = (
        "on_result failed with LookupError at ",
        " for: login to +86*******8000: ACCEPTED; tried alpha (ACCEPTED)",
    )
    assert caplog.messages[0].startswith(begin)
    assert caplog.messages[0].endswith(end)
    assert "test_on_result.py:" in caplog.messages[0]
    assert under_test.failed_records == 4
    assert "4821" not in caplog.text
    assert "13800138000" not in caplog.text


async def test_runs_in_a_copy_of_the_callers_context() -> None:
    """`on_result` sees the context variables of the caller, for its logs; what it sets stays with it."""
    seen: list[tuple[str, str]] = []

    def handler(result: Result) -> None:
        seen.append((str(result.message.to), request_id.get()))
        request_id.set("changed")

    async with gateway(Wire(), handler) as under_test:
        request_id.set("request-1")
        await under_test.send(login(number(1)))
        with pytest.raises(MessageError):
            await under_test.send(login("?"))
        request_id.set("request-2")
        async for _ in under_test.send_many([login(number(2)), login("!")]):
            pass
    assert seen[:2] == [(number(1), "request-1"), ("?", "request-1")]
    assert {context for _, context in seen[2:]} <= {"request-2", "changed"}
    assert request_id.get() == "request-2"


async def test_caller_is_cancelled_on_the_wire() -> None:
    """A caller who is cancelled while the request is on the wire loses nothing: the answer is heard and recorded."""
    seen: list[Result] = []
    arrived, release = anyio.Event(), anyio.Event()

    async def slow(call: Call) -> None:
        arrived.set()
        await release.wait()

    wire = Wire(alpha=slow)
    async with gateway(wire, seen.append) as under_test:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(under_test.send, login())
            await arrived.wait()
            tasks.cancel_scope.cancel()
        assert seen == []
        release.set()
    assert [result.outcome for result in seen] == [Outcome.ACCEPTED]


async def test_nothing_is_begun_for_a_caller_who_has_gone() -> None:
    """Once the caller has gone, a refusal is final: no retry, no other provider."""
    seen: list[Result] = []
    arrived, release = anyio.Event(), anyio.Event()

    async def broke(call: Call) -> Reason:
        arrived.set()
        await release.wait()
        return Reason.TRY_LATER

    wire = Wire(alpha=broke)
    async with gateway(wire, seen.append) as under_test:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(under_test.send, login())
            await arrived.wait()
            tasks.cancel_scope.cancel()
        release.set()
    assert wire.asked == ["alpha"]
    assert [(result.outcome, result.reason) for result in seen] == [(Outcome.REJECTED, Reason.TRY_LATER)]


async def test_slow_handler_of_a_caller_who_has_gone() -> None:
    """An async `on_result` is let finish, also for a refused message whose caller is cancelled meanwhile."""
    done: list[Reason | None] = []
    entered, release = anyio.Event(), anyio.Event()

    async def handler(result: Result) -> None:
        entered.set()
        await release.wait()
        done.append(result.reason)

    async with gateway(Wire(), handler) as under_test:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(under_test.send, login("?"))
            await entered.wait()
            tasks.cancel_scope.cancel()
        release.set()
    assert done == [Reason.INVALID_NUMBER]


@pytest.mark.parametrize("steps", range(12))
async def test_cancelled_at_every_step(steps: int) -> None:
    """Wherever a send is cancelled, exactly one outcome is recorded: not sent, or what the wire said."""
    seen: list[Result] = []

    async def slow(call: Call) -> None:
        for _ in range(4):
            await anyio.lowlevel.checkpoint()

    async with gateway(Wire(alpha=slow), seen.append) as under_test, anyio.create_task_group() as tasks:
        tasks.start_soon(under_test.send, login())
        for _ in range(steps):
            await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()
    assert len(seen) <= 1
    assert seen or steps < 2, "a send that had begun left no outcome"
    assert {result.outcome for result in seen} <= {Outcome.ACCEPTED, Outcome.NOT_SENT}


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("steps", range(1, 12))
async def test_natively_cancelled_at_every_step(steps: int, anyio_backend: str) -> None:
    """The same holds for `task.cancel()` of asyncio, which no scope can stop."""
    seen: list[Result] = []

    async def slow(call: Call) -> None:
        for _ in range(4):
            await asyncio.sleep(0)

    async with gateway(Wire(alpha=slow), seen.append) as under_test:
        task = asyncio.ensure_future(under_test.send(login()))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        outcome = (await asyncio.gather(task, return_exceptions=True))[0]
    assert len(seen) == 1
    assert isinstance(outcome, asyncio.CancelledError) or outcome is seen[0]


async def test_closes_the_gateway() -> None:
    """The gateway may be closed from its own `on_result`."""
    closed: list[Result] = []

    async def close(result: Result) -> None:
        await under_test.aclose()
        closed.append(result)

    under_test = gateway(Wire(), close)
    with anyio.fail_after(10):
        result = await under_test.send(login())
    assert closed == [result]


async def test_sends_again() -> None:
    """`on_result` may send through the same gateway."""
    outcomes: list[Outcome] = []

    async def again(result: Result) -> None:
        outcomes.append(result.outcome)
        if result.message.key is None:
            await under_test.send(login(key="second"), providers=["beta"])

    under_test = gateway(Wire(alpha=Reason.BLOCKLISTED), again)
    async with under_test:
        await under_test.send(login())
    assert outcomes == [Outcome.REJECTED, Outcome.ACCEPTED]
