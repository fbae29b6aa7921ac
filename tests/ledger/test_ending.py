"""Messages that end without a request: cancelled by their keys, given up, too late, or refused by the gateway."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fake_vendors import LOGIN, Call, Wire, alpha, login, number
from sql_ledgers import Place, let_leases_pass

from smsgate import Gateway, LedgerError, Message, Outcome, Reason, Result
from smsgate.ledger import SqlLedger

pytestmark = pytest.mark.anyio


def gateway(wire: Wire, ledger: SqlLedger, **options: Any) -> Gateway:
    return Gateway([alpha(batch_limit=100)], templates=[LOGIN], transport=wire, ledger=ledger, **options)


def ended(message: Message, reason: Reason = Reason.GIVEN_UP) -> Result:
    return Result(message, Outcome.NOT_SENT, reason=reason, description="no worker came to it")


def told(result: Result | None) -> tuple[Outcome, Reason | None] | None:
    return None if result is None else (result.outcome, result.reason)


CANCELLED = (Outcome.NOT_SENT, Reason.CANCELLED)
GIVEN_UP = (Outcome.NOT_SENT, Reason.GIVEN_UP)


async def test_a_cancelled_key_is_not_sent(place: Place) -> None:
    """Whoever sends with a cancelled key has `CANCELLED`, whatever the message says, and sends nothing."""
    wire = Wire()
    async with SqlLedger(**place.arguments) as ledger, SqlLedger(**place.arguments) as other:
        assert await ledger.cancel("a")
        assert await other.cancel("a"), "it is cancelled"
        async with gateway(wire, other) as sms:
            single = await sms.send(login(key="a"))
            many = [each async for each in sms.send_many([login(number(2), "77", key="a")], linger=60)]
        assert not await ledger.record_unsent([ended(login(key="a"))])
        found = await ledger.result("a")
    assert {told(each) for each in (single, *many, found)} == {CANCELLED}
    assert single.message.to == login().to
    assert (single.provider, single.attempts, wire.calls) == (None, (), [])


async def test_what_was_sent_is_not_cancelled(place: Place) -> None:
    """A key whose message was sent, may have been, or is refused for good keeps its result."""
    refused = {number(1): Reason.UNKNOWN, number(2): Reason.INVALID_NUMBER}
    async with SqlLedger(**place.arguments) as ledger, gateway(Wire(alpha=refused), ledger) as sms:
        keys = ["sent", "unknown", "refused"]
        results = [await sms.send(login(number(index), key=key)) for index, key in enumerate(keys)]
        assert [await ledger.cancel(key) for key in keys] == [False, False, False]
        assert [told(await ledger.result(key)) for key in keys] == list(map(told, results))


async def test_what_is_on_its_way_is_not_cancelled(place: Place) -> None:
    """A key that a send has is not cancelled, nor is its message given up, whichever process asks."""
    asked: list[object] = []
    async with SqlLedger(**place.arguments) as ledger, SqlLedger(**place.arguments) as other:

        async def look(call: Call) -> None:
            asked.extend([await ledger.cancel("a"), await other.cancel("a")])
            asked.append(await other.record_unsent([ended(login(key="a"))]))

        async with gateway(Wire(alpha=look), ledger) as sms:
            assert (await sms.send(login(key="a"))).accepted
    assert asked == [False, False, 0]


async def test_what_was_not_sent_is_cancelled(place: Place) -> None:
    """A message that may be tried again can be cancelled; its tries stay in its result."""
    wire = Wire(alpha=[Reason.INSUFFICIENT_BALANCE, None])
    async with SqlLedger(**place.arguments) as ledger, gateway(wire, ledger) as sms:
        await sms.send(login(key="a"))
        assert await ledger.cancel("a")
        again = await sms.send(login(key="a"))
    assert told(again) == CANCELLED
    assert [attempt.reason for attempt in again.attempts] == [Reason.INSUFFICIENT_BALANCE]
    assert len(wire.calls) == 1


async def test_what_is_given_up_may_be_sent_later(place: Place) -> None:
    """A message that was given up has a result, counts in its campaign, and is sent if somebody sends it after all."""
    wire = Wire()
    async with SqlLedger(**place.arguments) as ledger, gateway(wire, ledger) as sms:
        messages = [login(number(index), key=f"m-{index}") for index in range(3)]
        assert await ledger.record_unsent(list(map(ended, messages)), campaign="spring") == 3
        found = await ledger.result("m-1")
        assert told(found) == GIVEN_UP
        assert found is not None
        assert (str(found.message.to), found.provider, found.attempts) == (number(1), None, ())
        assert found.description == "no worker came to it"
        progress = await ledger.progress("spring")
        assert (progress.not_sent, progress.total) == (3, 3)
        assert [entry.provider async for entry in ledger.history(number(1))] == [""]
        assert [each async for each in ledger.unsettled()] == []
        assert (await sms.send(messages[1])).accepted
        assert told(await ledger.result("m-1")) == (Outcome.ACCEPTED, None)
    assert len(wire.calls) == 1


async def test_one_result_for_each_key(place: Place) -> None:
    """Results without a key are left out, and of two with one key the last is recorded."""
    async with SqlLedger(**place.arguments) as ledger:
        results = [ended(login(key="a")), ended(login()), ended(login(key="a"), Reason.EXPIRED)]
        assert await ledger.record_unsent(results) == 1
        assert await ledger.record_unsent([]) == 0
        assert told(await ledger.result("a")) == (Outcome.NOT_SENT, Reason.EXPIRED)


@pytest.mark.parametrize("numbers", ["full", "masked", "hashed"])
async def test_however_numbers_are_written(place: Place, numbers: Any) -> None:
    """A cancelled key and one given up are found with every form of numbers, exported, erased and purged."""
    now = datetime(2026, 1, 5, tzinfo=UTC)
    options = {"numbers": numbers, "secret": "s3cret", "clock": now.timestamp}
    async with SqlLedger(**place.arguments, **options) as ledger:
        assert await ledger.cancel("a")
        assert await ledger.record_unsent([ended(login(key="b"))]) == 1
        assert [told(await ledger.result(key)) for key in "ab"] == [CANCELLED, GIVEN_UP]
        if numbers != "masked":
            exported = await ledger.export(login().to)
            assert len(exported["messages"]) == 1
            assert await ledger.erase(login().to) == 1
            assert await ledger.result("b") is None
        later = SqlLedger(**place.arguments, **{**options, "clock": (now + timedelta(days=2)).timestamp})
        async with later:
            assert await later.purge(timedelta(days=1)) == (2 if numbers == "masked" else 1)
            assert await later.result("a") is None
            assert await later.cancel("a")


async def test_a_dead_process_is_no_obstacle(place: Place) -> None:
    """A key that a process had when it died is cancelled once that counts as dead, if its request had not left."""
    lost = SqlLedger(**place.arguments)
    await lost.create()
    await lost.claim([login(key="a")])
    await lost.aclose()
    async with SqlLedger(**place.arguments) as ledger:
        assert not await ledger.cancel("a")
        await let_leases_pass(ledger)
        assert await ledger.cancel("a")
        assert told(await ledger.result("a")) == CANCELLED


async def test_a_failure_gives_the_keys_back(place: Place) -> None:
    """If the database fails to record it, an error says so, and the key can be sent with."""
    broken = pytest.MonkeyPatch()
    async with SqlLedger(**place.arguments, lease=2) as ledger, gateway(Wire(), ledger) as sms:

        def fail(*_: object) -> None:
            raise RuntimeError("no space left")

        broken.setattr("smsgate.ledger.ending.insert_rows", fail)
        with pytest.raises(LedgerError):
            await ledger.cancel("a")
        broken.undo()
        assert (await sms.send(login(key="a"))).accepted
