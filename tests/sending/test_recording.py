"""`on_result` is foreign code: whatever it does, every other message has its record, and the log says what failed."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable

import anyio
import httpx
import pytest
from fake_vendors import LOGIN, Call, Wire, alpha, beta, login, number
from ledger import messages

from smsgate import Gateway, Outcome, Policy, Reason, Result, WrongLoopError

pytestmark = pytest.mark.anyio


async def cancelled_elsewhere() -> None:
    """Await something that was cancelled: a future of a pool that has been closed, say."""
    future = asyncio.get_running_loop().create_future()
    future.cancel()
    await future


async def exits() -> None:
    raise SystemExit(3)


async def interrupted() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("failure", [cancelled_elsewhere, exits, interrupted])
async def test_one_failing_record_costs_no_other(
    failure: Callable[[], object], caplog: pytest.LogCaptureFixture, anyio_backend_name: str
) -> None:
    """A record that is cancelled or exits is counted and logged: the others are made, and failover goes on."""
    if failure is cancelled_elsewhere and anyio_backend_name != "asyncio":
        return  # trio raises Cancelled for its own scopes only
    recorded: list[Result] = []

    async def on_result(result: Result) -> None:
        await anyio.lowlevel.checkpoint()
        if str(result.message.to) == number(0):
            await failure()  # type: ignore[misc]  # each is async
        recorded.append(result)

    wire = Wire(alpha={number(0): Reason.BLOCKLISTED, **{number(i): Reason.INSUFFICIENT_BALANCE for i in range(1, 4)}})
    async with Gateway(
        [alpha(batch_limit=4), beta()], templates=[LOGIN], transport=wire, on_result=on_result
    ) as gateway:
        results = [result async for result in gateway.send_many(messages(4), linger=60)]
        assert gateway.failed_records == 1
    assert Counter(result.outcome for result in results) == {Outcome.REJECTED: 1, Outcome.ACCEPTED: 3}
    assert sorted(str(result.message.to) for result in recorded) == [number(1), number(2), number(3)]
    [line] = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert "on_result failed with" in line
    assert "test_recording.py:" in line


async def test_every_message_is_recorded_at_the_deadline() -> None:
    """What a closing gateway cuts short has a record each, also if one of the records fails."""
    asked: list[str] = []

    def on_result(result: Result) -> None:
        asked.append(str(result.message.to))
        raise SystemExit

    async def stuck(call: Call) -> None:
        await anyio.sleep_forever()

    gateway = Gateway([alpha(batch_limit=5)], templates=[LOGIN], transport=Wire(alpha=stuck), on_result=on_result)
    results = gateway.send_many(messages(5), linger=60)
    await anyio.wait_all_tasks_blocked()
    await gateway.aclose(timeout=0)
    assert sorted(asked) == [number(index) for index in range(5)]
    assert [result.outcome async for result in results] == [Outcome.UNKNOWN] * 5


def test_the_loop_ends_while_a_record_is_made(caplog: pytest.LogCaptureFixture) -> None:
    """`asyncio.run` that cancels everything cuts a record short: the log says of which result, the rest is recorded."""
    recorded: list[str] = []
    entered: list[str] = []

    async def main() -> None:
        started = asyncio.Event()

        async def on_result(result: Result) -> None:
            entered.append(str(result.message.to))
            started.set()
            if len(entered) == 1:
                await asyncio.sleep(3600)
            recorded.append(str(result.message.to))

        gateway = Gateway([alpha(batch_limit=3)], templates=[LOGIN], transport=Wire(), on_result=on_result)
        results = gateway.send_many(messages(3), linger=60)
        waiting = asyncio.ensure_future(anext(results))
        await started.wait()
        assert not waiting.done()

    asyncio.run(main())
    assert sorted(entered) == [number(index) for index in range(3)]
    assert sorted(recorded) == sorted(entered)[1:] or len(recorded) == 2
    assert "on_result failed with CancelledError" in caplog.text
    assert "ACCEPTED" in caplog.text


async def test_closing_from_a_task_of_on_result_waits_for_everything() -> None:
    """A shutdown that `on_result` starts in a task of its own is not taken for the send: it waits for every record."""
    recorded: list[Result] = []
    async with anyio.create_task_group() as tasks:
        closed_after: list[int] = []

        async def shut_down() -> None:
            await gateway.aclose()
            closed_after.append(len(recorded))

        async def on_result(result: Result) -> None:
            if not closed_after and len(recorded) == 0:
                tasks.start_soon(shut_down)
            await anyio.sleep(0.01)
            recorded.append(result)

        gateway = Gateway([alpha(batch_limit=3)], templates=[LOGIN], transport=Wire(), on_result=on_result)
        assert len([result async for result in gateway.send_many(messages(3), linger=60)]) == 3
    assert closed_after == [3]


@pytest.mark.parametrize(("reason", "level"), [(Reason.TRY_LATER, "INFO"), (Reason.AUTH_FAILED, "WARNING")])
async def test_an_account_at_fault_is_a_warning(caplog: pytest.LogCaptureFixture, reason: Reason, level: str) -> None:
    """What the next message will meet as well, until somebody acts, is shown without any logging set up."""
    caplog.set_level(logging.INFO, "smsgate")
    wire, policy = Wire(alpha={number(1): reason}), Policy(retries=0)
    async with Gateway([alpha()], templates=[LOGIN], transport=wire, policy=policy) as gateway:
        assert (await gateway.send(login(number(1)))).reason is reason
    assert [record.levelname for record in caplog.records] == [level]


async def test_a_failed_request_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """One line for a request that failed, with how many messages, and one warning for those that fail over."""
    caplog.set_level(logging.INFO, "smsgate")
    wire = Wire(alpha={number(1): Reason.INSUFFICIENT_BALANCE, number(2): Reason.INSUFFICIENT_BALANCE})
    providers = [alpha(batch_limit=10), beta(batch_limit=10)]
    async with Gateway(providers, templates=[LOGIN], transport=wire) as gateway:
        assert len([result async for result in gateway.send_many(messages(5), linger=60)]) == 5
    lines = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert [line for line in lines if "alpha" in line[1]] == [
        (
            "WARNING",
            (
                "alpha: 2 of 5 messages not accepted: REJECTED INSUFFICIENT_BALANCE INSUFFICIENT_BALANCE (2); "
                "the first: the package or balance is used up"
            ),
        ),
        ("WARNING", "fail over from alpha to beta: INSUFFICIENT_BALANCE (2 messages)"),
    ]


async def test_what_may_have_been_sent_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """A result that is UNKNOWN needs somebody's eyes: a warning, without a number or a parameter."""
    caplog.set_level(logging.INFO, "smsgate")
    async with Gateway([alpha()], templates=[LOGIN], transport=Wire(alpha=httpx.ReadTimeout("late"))) as gateway:
        assert (await gateway.send(login())).outcome is Outcome.UNKNOWN
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "alpha: 1 of 1 messages not accepted: UNKNOWN NO_ANSWER (1)" in record.getMessage()
    assert "4821" not in caplog.text
    assert "13800138000" not in caplog.text


async def test_an_accepted_message_is_no_line(caplog: pytest.LogCaptureFixture) -> None:
    """Success is silent."""
    caplog.set_level(logging.INFO, "smsgate")
    async with Gateway([alpha()], templates=[LOGIN], transport=Wire()) as gateway:
        await gateway.send(login())
    assert caplog.records == []


def test_a_refused_aclose_closes_nothing() -> None:
    """`aclose()` on another loop says so, and the gateway goes on to work on its own."""
    gateway = Gateway([alpha()], templates=[LOGIN], transport=Wire())

    async def main() -> None:
        await gateway.send(login())

        def elsewhere() -> None:
            with pytest.raises(WrongLoopError):
                asyncio.run(gateway.aclose())

        await anyio.to_thread.run_sync(elsewhere)
        assert (await gateway.send(login(number(2)))).accepted
        await gateway.aclose()

    asyncio.run(main())
