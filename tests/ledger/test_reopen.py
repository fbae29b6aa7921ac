"""`SqlLedger.reopen`: a key of which nothing tells is claimed for one more send, by one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import attrs
import httpx
import pytest
from fake_vendors import LOGIN, Call, Step, Wire, alpha, beta, login
from sql_ledgers import Place, let_leases_pass, stand_still

from smsgate import DeliveryState, Gateway, KeyConflictError, Message, Outcome, Reason, Result, StatusReport
from smsgate.ledger import SqlLedger

pytestmark = pytest.mark.anyio

LOST = httpx.ReadError("lost")
AT_ONCE = timedelta()
SENT = Message("+8613800138000", "login", {"code": "4821", "minutes": "5"}, key="order-1")


def ledger_of(place: Place, **options: Any) -> SqlLedger:
    return SqlLedger(**place.arguments, **{"params": True, **options})


def gateway(wire: Wire, ledger: SqlLedger, **options: Any) -> Gateway:
    return Gateway([alpha(), beta()], templates=[LOGIN], transport=wire, ledger=ledger, **options)


@asynccontextmanager
async def lost(place: Place, *steps: Step, message: Message = SENT) -> AsyncIterator[tuple[Gateway, SqlLedger, Wire]]:
    """A gateway whose first response was lost; *steps* are what its vendor does after that."""
    wire = Wire(alpha=[LOST, *steps])
    async with ledger_of(place) as ledger, gateway(wire, ledger) as mine:
        assert (await mine.send(message)).outcome is Outcome.UNKNOWN
        yield mine, ledger, wire


async def reopened(ledger: SqlLedger, quiet_for: timedelta = AT_ONCE, key: str = "order-1") -> Message | None:
    async with ledger.reopen(key, quiet_for=quiet_for) as message:
        return message


async def resend(mine: Gateway, ledger: SqlLedger) -> Result | None:
    async with ledger.reopen("order-1", quiet_for=AT_ONCE) as message:
        return None if message is None else await mine.send(message)


async def test_it_is_sent_once_more_as_it_was(place: Place) -> None:
    """With the same content, deadline and key; its result has both tries; and never a third time."""
    message = attrs.evolve(SENT, expires_at=datetime.now(UTC) + timedelta(hours=1), extend="7")
    results: list[Result] = []
    async with lost(place, None, message=message) as (mine, ledger, wire):
        async with ledger.reopen("order-1", quiet_for=AT_ONCE) as found:
            assert found == message
            assert (await mine.send(message)).possible_duplicate
        results += [await mine.send(message), *filter(None, [await ledger.result("order-1")])]
        assert await reopened(ledger) is None
    assert [(each.outcome, each.possible_duplicate, len(each.attempts)) for each in results] == [
        (Outcome.ACCEPTED, True, 2)
    ] * 2
    assert len(wire.calls) == 2


async def test_two_processes_at_once(place: Place) -> None:
    """One of them has it, and makes one request; whoever else asks for the key has that one's result."""
    async with lost(place, None) as (mine, ledger, wire), ledger_of(place) as other, gateway(wire, other) as second:
        found: list[Result | None] = []

        async def work(own: Gateway, its: SqlLedger) -> None:
            found.append(await resend(own, its))

        async with anyio.create_task_group() as tasks:
            for pair in ((mine, ledger), (second, other)) * 3:
                tasks.start_soon(work, *pair)
        assert (await second.send(SENT)).accepted
    assert len(wire.calls) == 2
    assert [each.outcome for each in found if each is not None] == [Outcome.ACCEPTED]


async def test_a_process_that_dies_before_it_sends(place: Place) -> None:
    """Its key is `UNKNOWN` as before, and may be reopened by another one; what it then tries to send does not leave."""
    wire = Wire(alpha=[LOST, None])
    async with ledger_of(place) as other:
        ledger = ledger_of(place)
        async with gateway(wire, ledger) as mine:
            await mine.send(SENT)
            async with ledger.reopen("order-1", quiet_for=AT_ONCE) as message:
                assert message is not None
                assert await reopened(other) is None
                await stand_still(ledger)
                async with gateway(wire, other) as alive:
                    assert (await alive.send(SENT)).outcome is Outcome.UNKNOWN
                    again = await resend(alive, other)
                    assert again is not None
                    assert again.accepted
                assert (await mine.send(SENT)).accepted
        await ledger.aclose()
    assert len(wire.calls) == 2


async def test_a_process_that_stood_still_before_it_sends(place: Place) -> None:
    """Sends, if no other has taken the key meanwhile: it does not take itself for dead."""
    async with lost(place, None) as (mine, ledger, _), ledger.reopen("order-1", quiet_for=AT_ONCE) as message:
        assert message is not None
        await let_leases_pass(ledger)
        assert (await mine.send(message)).accepted


async def test_what_is_not_sent_in_the_block_is_closed(place: Place) -> None:
    """Cancelled or not, the key has its result again, and others need not wait for it."""
    async with lost(place, None) as (mine, ledger, wire):
        for cancelled in (False, True):
            with anyio.CancelScope() as scope:
                async with ledger.reopen("order-1", quiet_for=AT_ONCE) as message:
                    assert message is not None
                    if cancelled:
                        scope.cancel()
                        await anyio.sleep_forever()
            assert (await mine.send(SENT)).outcome is Outcome.UNKNOWN
        assert len(wire.calls) == 1
        assert await resend(mine, ledger) is not None


async def test_other_content_in_the_block(sqlite: Place) -> None:
    """Is refused as it is outside of it."""
    async with lost(sqlite, None) as (mine, ledger, wire):
        async with ledger.reopen("order-1", quiet_for=AT_ONCE) as message:
            assert message is not None
            with pytest.raises(KeyConflictError, match="'extend'"):
                await mine.send(attrs.evolve(SENT, extend="7"))
        assert await reopened(ledger) is not None
    assert len(wire.calls) == 1


@pytest.mark.parametrize("step", [httpx.ConnectError("down"), Reason.INVALID_NUMBER, LOST], ids=["down", "no", "lost"])
async def test_a_second_try_that_is_not_accepted(sqlite: Place, step: Any) -> None:
    """Leaves the message `UNKNOWN`, for its first try; only one that did not leave may be made again."""
    told: list[Result] = []
    wire = Wire(alpha=[LOST, step], beta=step)
    async with ledger_of(sqlite) as ledger, gateway(wire, ledger, on_result=told.append) as mine:
        await mine.send(SENT)
        again = await resend(mine, ledger)
        assert (await reopened(ledger) is not None) == isinstance(step, httpx.ConnectError)
    assert again is not None
    assert [each.outcome for each in (again, *told)] == [Outcome.UNKNOWN] * 3
    assert again.possible_duplicate is (step is LOST)
    assert again.attempts[0] == told[0].attempts[0]


@pytest.mark.parametrize("many", [False, True])
async def test_a_second_try_that_the_gateway_refuses(sqlite: Place, many: bool) -> None:
    """No request is made: whoever is told a result of it is told that it may have been sent, and why no more was."""
    told: list[Result] = []
    async with lost(sqlite) as (_, ledger, wire):
        options: dict[str, Any] = {"allowed_regions": ["DE"], "on_result": told.append}
        async with gateway(wire, ledger, **options) as strict, ledger.reopen("order-1", quiet_for=AT_ONCE) as message:
            assert message is not None
            [again] = [each async for each in strict.send_many([message])] if many else [await strict.send(message)]
        assert await reopened(ledger) is not None
    assert told == [again]
    assert (again.outcome, len(again.attempts), again.possible_duplicate) == (Outcome.UNKNOWN, 1, False)
    assert "not sent again" in (again.description or "")
    assert "allowed_regions" in (again.description or "")
    assert len(wire.calls) == 1


async def test_while_it_is_sent_by_somebody(place: Place) -> None:
    """A key that a living process has is not reopened, nor is one that was never sent."""
    async with ledger_of(place) as ledger, ledger_of(place) as other:
        found: list[Message | None] = []

        async def look(call: Call) -> None:
            found.extend([await reopened(ledger), await reopened(other)])

        async with gateway(Wire(alpha=look), ledger) as mine:
            assert (await mine.send(SENT)).accepted
        found += [await reopened(other), await reopened(other, key="order-2")]
    assert found == [None] * 4


async def test_what_a_report_is_about(sqlite: Place) -> None:
    """Is not sent again, whatever the report says, and not if it comes within the block before the send either."""
    async with lost(sqlite) as (mine, ledger, wire):
        [attempt] = (await mine.send(SENT)).attempts
        report = StatusReport("alpha", "id-1", SENT.to, DeliveryState.UNDELIVERED, reference=attempt.reference)
        async with ledger.reopen("order-1", quiet_for=AT_ONCE) as message:
            assert message is not None
            await ledger.apply(report)
            assert (await mine.send(SENT)).attempts[0].started_at == attempt.started_at
        assert await reopened(ledger) is None
    assert len(wire.calls) == 1


async def test_quiet_by_both_clocks(place: Place) -> None:
    """A try counts as old once it is so by the clock of the database and by the ledger's, whichever is behind."""
    hour = timedelta(hours=1)
    ahead, behind = ledger_of(place, clock=lambda: 4e9), ledger_of(place, clock=lambda: 1e9)
    async with lost(place) as (_, ledger, _), ahead, behind:
        quiet = [(each, wait) for each in (ledger, ahead, behind) for wait in (AT_ONCE, hour)]
        found = [await reopened(each, wait) is not None for each, wait in quiet]
    assert found == [True, False, True, False, False, False]


async def test_what_has_expired(sqlite: Place) -> None:
    """Is not sent again, by the deadline that was stored with it."""
    async with ledger_of(sqlite) as ledger, gateway(Wire(alpha=LOST), ledger) as mine:
        await mine.send(SENT, within=600)
        async with ledger_of(sqlite, clock=lambda: datetime.now(UTC).timestamp() + 601) as later:
            assert await reopened(later) is None
        found = await reopened(ledger)
    assert found is not None
    assert found.expires_at is not None


@pytest.mark.parametrize(
    "options", [{"params": False}, {"numbers": "masked"}, {"numbers": "hashed", "secret": "s" * 32}]
)
async def test_what_is_not_stored_whole(sqlite: Place, options: dict[str, Any]) -> None:
    """Without its parameters or its number a message is not sent again, whatever this ledger would write."""
    async with ledger_of(sqlite, **options) as ledger, gateway(Wire(alpha=LOST), ledger) as mine:
        await mine.send(login(key="order-1"))
        async with ledger_of(sqlite) as whole:
            assert [await reopened(each) for each in (ledger, whole)] == [None, None]
