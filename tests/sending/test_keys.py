"""A key is an idempotency key in the gateway's own process: what was sent with it is not sent again."""

from functools import partial
from typing import Any

import anyio
import attrs
import httpx
import pytest
from fake_vendors import LOGIN, Call, Wire, alpha, login, number

from smsgate import (
    ClosedError,
    ConfigurationError,
    Gateway,
    KeyConflictError,
    Message,
    MessageError,
    Outcome,
    Reason,
    Result,
)
from smsgate.sending.key_memory import KeyMemory
from smsgate.sending.keys import Claimant, Keys, Wait
from smsgate.sending.resolve import Problem
from smsgate.testing import Outbox
from smsgate.transport.tasks import BackgroundTasks

pytestmark = pytest.mark.anyio


def gateway(wire: Wire, **options: Any) -> Gateway:
    return Gateway([alpha(batch_limit=10)], templates=[LOGIN], transport=wire, **options)


async def bulk(under_test: Gateway, messages: list[Message], **options: Any) -> list[Result]:
    return [result async for result in under_test.send_many(messages, linger=60, **options)]


@attrs.define
class Gate:
    """A vendor that answers when it is let to."""

    arrived: anyio.Event = attrs.field(factory=anyio.Event)
    opened: anyio.Event = attrs.field(factory=anyio.Event)
    answer: Any = None

    async def __call__(self, call: Call) -> Any:
        self.arrived.set()
        await self.opened.wait()
        return self.answer


async def send_all(under_test: Gateway, messages: list[Message]) -> list[Result | Exception]:
    """What each of concurrent sends came to, in the order of its end."""
    found: list[Result | Exception] = []

    async def send(message: Message) -> None:
        try:
            found.append(await under_test.send(message))
        except Exception as error:
            found.append(error)

    async with anyio.create_task_group() as tasks:
        for message in messages:
            tasks.start_soon(send, message)
    return found


@pytest.mark.parametrize("coalesce", [None, 0.01])
async def test_a_key_is_sent_once(coalesce: float | None) -> None:
    """The same key and content: the first result with each one's own message, one request and one record."""
    wire, records = Wire(), list[Result]()
    messages = [login(key="order-1") for _ in range(20)]
    async with gateway(wire, on_result=records.append, coalesce=coalesce) as under_test:
        together = await send_all(under_test, messages)
        later = await under_test.send(login("+86 138-0013-8000", key="order-1"))
        many = await bulk(under_test, [login(key="order-1"), login(number(1), key="order-2")])
    assert [call.to for call in wire.calls] == [("+8613800138000",), (number(1),)]
    assert [result.message.key for result in records] == ["order-1", "order-2"]
    results = [each for each in [*together, later, *many[:1]] if isinstance(each, Result)]
    assert len(results) == 22
    assert {(each.outcome, each.message_id, each.attempts) for each in results} == {
        (Outcome.ACCEPTED, "alpha-8000", records[0].attempts)
    }
    assert {id(each.message) for each in results[:20]} == set(map(id, messages))


async def test_send_many_sends_each_key_once() -> None:
    """Copies in one source, and in one that is sent at the same time, have the result of the first."""
    wire, records = Wire(), list[Result]()
    found: list[list[Result]] = []

    async def send() -> None:
        source = [login(number(index % 30), key=f"order-{index % 30}") for index in range(60)]
        found.append(await bulk(under_test, source))

    async with gateway(wire, on_result=records.append) as under_test, anyio.create_task_group() as tasks:
        tasks.start_soon(send)
        tasks.start_soon(send)
    assert sorted(to for call in wire.calls for to in call.to) == [number(index) for index in range(30)]
    assert len(records) == 30
    assert [len(each) for each in found] == [60, 60]
    assert all(result.accepted for each in found for result in each)


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("to", login(number(7), key="order-1")),
        ("template", Message("+8613800138000", "other", {"code": "4821", "minutes": "5"}, key="order-1")),
        ("params", login(code="9999", key="order-1")),
        ("extend", login(key="order-1", extend="7")),
    ],
)
@pytest.mark.parametrize("on_its_way", [False, True])
async def test_a_key_belongs_to_one_content(field: str, other: Message, on_its_way: bool) -> None:
    """The same key with another content is an error that names what differs; in `send_many` it is a refusal."""
    vendor, records = Gate(), list[Result]()
    wire = Wire(alpha=vendor)
    templates = [LOGIN, attrs.evolve(LOGIN, name="other")]
    under_test = Gateway([alpha()], templates=templates, transport=wire, on_result=records.append)
    async with under_test, anyio.create_task_group() as tasks:
        tasks.start_soon(under_test.send, login(key="order-1"))
        await vendor.arrived.wait()
        if not on_its_way:
            vendor.opened.set()
            await anyio.wait_all_tasks_blocked()
        with pytest.raises(KeyConflictError, match=f"another value of '{field}'") as caught:
            await under_test.send(other)
        [refused] = await bulk(under_test, [other])
        vendor.opened.set()
    assert isinstance(caught.value, MessageError)
    assert caught.value.field == field
    assert str(other.to) not in str(caught.value)
    for result in (caught.value.result, refused):
        assert isinstance(result, Result)
        assert (result.outcome, result.reason, result.message) == (Outcome.REJECTED, Reason.INVALID_REQUEST, other)
    assert len(wire.calls) == len(records) == 1


@pytest.mark.parametrize(
    ("answer", "again"),
    [
        (httpx.ConnectError("refused"), True),
        (Reason.INSUFFICIENT_BALANCE, True),
        (Reason.CONTENT_BLOCKED, False),
        (httpx.ReadError("reset"), False),
    ],
    ids=["not-sent", "refused", "refused-for-ever", "unknown"],
)
async def test_what_may_be_tried_again(answer: Any, again: bool) -> None:
    """`NOT_SENT`, and what a vendor may take another day, is sent again. `UNKNOWN` never is by itself."""
    wire = Wire(alpha=[answer, None])
    async with gateway(wire) as under_test:
        first = await under_test.send(login(key="order-1"))
        second = await under_test.send(login(key="order-1"))
    assert not first.accepted
    assert second.accepted == again
    assert len(wire.calls) == 1 + again
    if not again:
        assert (second.outcome, second.reason, second.attempts) == (first.outcome, first.reason, first.attempts)


async def test_who_waits_has_the_result_that_it_waited_for() -> None:
    """Also one that may be tried again: an outage is not met once for each copy."""
    vendor = Gate(answer=Reason.INSUFFICIENT_BALANCE)
    wire, found = Wire(alpha=vendor), list[Result | Exception]()

    async with gateway(wire) as under_test, anyio.create_task_group() as tasks:

        async def send() -> None:
            found.extend(await send_all(under_test, [login(key="order-1")] * 5))

        tasks.start_soon(send)
        await vendor.arrived.wait()
        await anyio.wait_all_tasks_blocked()
        vendor.opened.set()
    assert len(wire.calls) == 1
    assert [getattr(each, "reason", None) for each in found] == [Reason.INSUFFICIENT_BALANCE] * 5


async def test_what_the_gateway_refuses_keeps_no_key() -> None:
    """A message that is wrong, or too late, leaves its key to the next one; one that was sent is not refused later."""
    wire, now = Wire(), [1_700_000_000.0]
    async with gateway(wire, clock=lambda: now[0]) as under_test:
        with pytest.raises(MessageError):
            await under_test.send(Message("+8613800138000", "login", {"code": "1"}, key="order-1"))
        late = await under_test.send(login(key="order-1"), within=-1)
        first = await under_test.send(login(key="order-1"))
        again = await under_test.send(login(key="order-1"), within=-1)
        [many] = await bulk(under_test, [attrs.evolve(late.message)])
    assert (late.outcome, late.reason) == (Outcome.NOT_SENT, Reason.EXPIRED)
    assert first.message_id == again.message_id == many.message_id == "alpha-8000"
    assert len(wire.calls) == 1


async def test_a_first_caller_that_is_cancelled() -> None:
    """Its request is not sent again: who waits has its result. What had not begun is sent by who waits."""
    vendor, records, found = Gate(), list[Result](), list[Result | Exception]()
    wire = Wire(alpha=vendor)
    under_test = gateway(wire, on_result=records.append, max_connections=1)

    async def wait_for(key: str) -> None:
        found.extend(await send_all(under_test, [login(key=key)]))

    async with under_test, anyio.create_task_group() as tasks:
        first, second = anyio.CancelScope(), anyio.CancelScope()

        async def cancelled(scope: anyio.CancelScope, key: str) -> None:
            with scope:
                await under_test.send(login(key=key))

        tasks.start_soon(cancelled, first, "order-1")
        await vendor.arrived.wait()
        tasks.start_soon(cancelled, second, "order-2")  # waits for the only connection
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(wait_for, "order-1")
        tasks.start_soon(wait_for, "order-2")
        await anyio.wait_all_tasks_blocked()
        first.cancel()
        second.cancel()
        await anyio.wait_all_tasks_blocked()
        vendor.opened.set()
    assert [each.accepted for each in found if isinstance(each, Result)] == [True, True]
    assert len(wire.calls) == 2
    outcomes = [(result.message.key, result.outcome) for result in records]
    assert sorted(outcomes) == [
        ("order-1", Outcome.ACCEPTED),
        ("order-2", Outcome.ACCEPTED),
        ("order-2", Outcome.NOT_SENT),
    ]


async def test_a_gateway_that_closes_ends_the_wait() -> None:
    """Who waits for a request that is cut short has its result, in `send_many` too; and nothing is recorded twice."""
    vendor, found, records = Gate(), list[Result | Exception](), list[Result]()
    under_test = gateway(Wire(alpha=vendor), on_result=records.append)

    async def send() -> None:
        found.extend(await send_all(under_test, [login(key="order-1")] * 3))

    async def send_many() -> None:
        results = under_test.send_many([login(key="order-1")])
        found.append(await anext(results))
        with pytest.raises(ClosedError):
            await anext(results)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(send)
        await vendor.arrived.wait()
        tasks.start_soon(send_many)
        await anyio.wait_all_tasks_blocked()
        await under_test.aclose(timeout=0)
    assert [each.outcome for each in found if isinstance(each, Result)] == [Outcome.UNKNOWN] * 4
    assert len(records) == 1


async def test_a_send_many_that_is_left() -> None:
    """What was not begun is recorded as not sent, a copy that waits has no record of its own, and the keys are free."""
    vendor, records = Gate(), list[Result]()
    wire = Wire(alpha=vendor)
    source = [login(number(index % 20), key=f"order-{index % 20}") for index in range(40)]
    async with gateway(wire, on_result=records.append) as under_test:
        async with (
            under_test.send_many(source, concurrency=1, linger=60) as results,
            anyio.create_task_group() as tasks,
        ):

            async def read() -> None:
                async for _ in results:
                    pass

            tasks.start_soon(read)
            await vendor.arrived.wait()
            tasks.cancel_scope.cancel()
        vendor.opened.set()
        await anyio.wait_all_tasks_blocked()
        assert {str(result.outcome) for result in records} == {"ACCEPTED", "NOT_SENT"}
        assert len(records) == 20
        assert all(result.accepted for result in await bulk(under_test, source))
    assert sorted(to for call in wire.calls for to in call.to) == [number(index) for index in range(20)]


async def test_it_can_be_turned_off() -> None:
    """With `dedupe_keys=0`, or no time, two sends with one key are two messages; without a key they always are."""
    for options in ({"dedupe_keys": 0}, {"dedupe_seconds": 0}, {}):
        wire, records = Wire(), list[Result]()
        key = "order-1" if options else None
        async with gateway(wire, on_result=records.append, **options) as under_test:
            await send_all(under_test, [login(key=key)] * 2)
        assert len(wire.calls) == len(records) == 2
    for wrong in ({"dedupe_keys": -1}, {"dedupe_keys": 0.5}, {"dedupe_seconds": float("inf")}):
        with pytest.raises(ConfigurationError, match=next(iter(wrong))):
            gateway(Wire(), **wrong)


async def test_the_memory_is_bounded() -> None:
    """It keeps so many results, for so long, and forgets the oldest first."""
    now = [0.0]
    memory = KeyMemory(3, 10.0, lambda: now[0])

    async def known(index: int) -> bool:
        [claim] = await memory.claim([login(key=f"order-{index}")])
        return claim.result is not None

    for index in range(5):
        now[0] = float(index)
        await memory.concluded([Result(login(key=f"order-{index}"), Outcome.ACCEPTED)])
    assert len(memory) == 3
    assert [await known(index) for index in range(5)] == [False, False, True, True, True]
    now[0] = 13.0
    assert [await known(index) for index in range(5)] == [False, False, False, False, True]
    assert len(memory) == 1


def test_a_gateway_of_tests_knows_its_keys_on_every_loop() -> None:
    """One that is used on several event loops sends a key once."""
    outbox = Outbox(templates=[LOGIN])
    results = [anyio.run(partial(outbox.send, login(key="order-1"))) for _ in range(2)]
    assert results[0].message_id == results[1].message_id
    assert len(outbox.messages) == 1


async def test_a_child_process_has_none_of_its_parents_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the parent has on its way is not waited for after a fork; what it knows already is known."""
    memory = KeyMemory(10, 10.0, lambda: 0.0)
    await memory.concluded([Result(login(key="order-1"), Outcome.ACCEPTED)])
    keys = Keys(memory, BackgroundTasks())

    def claimant(key: str) -> Claimant:
        message = login(key=key)
        return Claimant(message, Problem(Reason.EXPIRED, ""), message)

    assert await keys.claim([claimant("order-2")]) == [None]
    keys.drop_inherited()
    assert isinstance((await keys.claim([claimant("order-2")]))[0], Wait)
    monkeypatch.setattr("os.getpid", lambda: -1)
    keys.drop_inherited()
    first, second = await keys.claim([claimant("order-1"), claimant("order-2")])
    assert isinstance(first, Result)
    assert second is None
