"""Programs that end, and callers that leave, while messages are on their way."""

import asyncio
import itertools

import anyio
import pytest

from smsgate import Gateway, Outcome, Timeouts

from . import scripts as s
from .driver import NUMBER, Recorder, code, gateway, tencent, until
from .steps import Steps
from .stub import Line, Stub

pytestmark = pytest.mark.usefixtures("network")

HANGS = Timeouts(connect=5, write=5, read=30, total=60)


def two(first: Stub, second: Stub, record: Recorder, **options: object) -> Gateway:
    return gateway(
        tencent("first", first.url), tencent("second", second.url), on_result=record, timeouts=HANGS, **options
    )


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_loop_ends_while_a_send_is_in_flight(backend: str) -> None:
    """Fault 51: `asyncio.run` or `trio.run` returns with a message on the wire: its outcome is recorded, UNKNOWN."""
    record = Recorder()

    async def main() -> None:
        sms = two(first, second, record)
        async with anyio.create_task_group() as group:
            group.start_soon(sms.send, code())
            await until(lambda: first.charges, "the stub was not reached")
            group.cancel_scope.cancel()

    with Stub(s.processed(Line.hang)) as first, Stub(s.accept) as second:
        anyio.run(main, backend=backend)
        assert [result.outcome for result in record.begun] == [Outcome.UNKNOWN]
        assert (first.charges, second.charges) == ([NUMBER], [])


# anyio's own, of its connection attempts: a task that asyncio cancels before its first step drops what it should run.
@pytest.mark.filterwarnings("ignore:coroutine 'connect_tcp:RuntimeWarning")
def test_asyncio_run_ends_at_every_await() -> None:
    """A program may return at any moment: as many outcomes as sends, none untrue, and no connection left open."""
    leave_no_connection = s.respond(s.http(headers=["Content-Type: application/json", "Connection: close"]))

    async def main(sms: Gateway, mobile: str, number: int) -> bool:
        due = asyncio.Event()
        steps = Steps(number, due.set)
        with steps.counting():
            caller = asyncio.ensure_future(sms.send(code(mobile)))
            caller.add_done_callback(lambda _: due.set())
            await due.wait()
        return steps.reached

    with Stub(leave_no_connection) as first, Stub(s.accept) as second:
        for number in itertools.count(1):
            record, mobile = Recorder(), f"139{number:08d}"
            reached = asyncio.run(main(two(first, second, record), mobile, number))
            (result,) = record.begun
            charges = first.charges.count(mobile) + second.charges.count(mobile)
            assert charges <= (result.outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN)), (number, result)
            if not reached:
                break
        assert number > 5


def test_every_task_is_cancelled_before_it_began() -> None:
    """A shutdown that cancels all tasks in the tick in which a send began: it ends, and its outcome is recorded."""
    record = Recorder()

    async def main() -> None:
        async with two(first, second, record) as sms:
            caller = asyncio.ensure_future(sms.send(code()))
            me = asyncio.current_task()

            def cancel_all() -> None:
                for task in asyncio.all_tasks() - {me}:
                    task.cancel()

            asyncio.get_running_loop().call_soon(cancel_all)
            await asyncio.wait([caller], timeout=5)
            assert caller.done()

    with Stub(s.accept) as first, Stub(s.accept) as second:
        asyncio.run(main())
        assert [result.outcome for result in record.ended] == [Outcome.NOT_SENT]
        assert first.charges + second.charges == []
