"""Reports and replies in a ledger: which message they are about, in what order they come, and who else writes."""

import json
import sys
from datetime import UTC, datetime, timedelta
from itertools import permutations

import anyio
import pytest
from fake_vendors import LOGIN, Wire, alpha, login, number
from sql_ledgers import Place, attempts_for, request_for
from sqlalchemy import create_engine, text

from smsgate import (
    DataError,
    DeliveryState,
    Gateway,
    MessageStatus,
    Outcome,
    PhoneNumber,
    Reply,
    Segment,
    StatusReport,
)
from smsgate.data import to_data
from smsgate.ledger import SqlLedger
from smsgate.ledger.events import Unapplied
from smsgate.ledger.privacy import Privacy
from smsgate.ledger.schema import Tables
from smsgate.ledger.settling import open_positions

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def report(message_id: str = "id-a", to: int | None = 0, **fields: object) -> StatusReport:
    """A report through alpha that the message was delivered."""
    number_of = None if to is None else PhoneNumber(number(to))
    return StatusReport("alpha", message_id, number_of, fields.pop("state", DeliveryState.DELIVERED), **fields)  # type: ignore[arg-type]


@pytest.mark.anyio
async def test_a_report_finds_its_message(place: Place) -> None:
    """By the vendor's id, by its own tag, or by the request's tag and its number; and by nothing less."""
    async with SqlLedger(**place.arguments) as ledger:
        single, several = request_for("a"), request_for("b", "c", "d")
        for request in (single, several):
            await ledger.leaving(request)
        await ledger.left(single, attempts_for(single))
        for event, key in (
            (report("id-a"), "a"),
            (report("id-a", None), "a"),
            (report("other", 0, reference=single.reference), "a"),
            (report("other", None, reference=single.reference), "a"),
            (report("other", 1, reference=several.reference), "c"),
            (report("id-b", 2, reference=several.reference), "d"),
            (report("id-a", 1), None),
            (report("other", 5, reference=several.reference), None),
            (report("other", None, reference=several.reference), None),
            (report("other", 0, reference="sgu.another"), None),
        ):
            entry = await ledger.apply(event)
            assert (entry and entry.message.key) == key, event
        keys = [entry.message.key async for entry in ledger.unsettled()]
        assert keys == ["b"]


@pytest.mark.anyio
async def test_another_providers_report_is_about_nothing(place: Place) -> None:
    """Ids and tags are those of one provider."""
    async with SqlLedger(**place.arguments) as ledger:
        request = request_for("a")
        await ledger.leaving(request)
        await ledger.left(request, attempts_for(request))
        event = StatusReport("beta", "id-a", None, DeliveryState.DELIVERED, reference=request.reference)
        assert await ledger.apply(event) is None


@pytest.mark.anyio
async def test_two_open_sends_stay_open(place: Place) -> None:
    """A report that may be about either of two messages settles neither; of two tries of one message it counts once."""
    async with SqlLedger(**place.arguments) as ledger:
        tries = [request_for("a", at=1_700_000_000 + second) for second in (0, 1)]
        for request in tries:
            await ledger.leaving(request)
            await ledger.left(request, attempts_for(request, Outcome.UNKNOWN))
        assert await ledger.apply(report("id-1", reference=tries[0].reference)) is None
        assert len([entry async for entry in ledger.unsettled()]) == 2
        delivery = await ledger.delivery("a")
        assert delivery is not None
        assert delivery.status is MessageStatus.DELIVERED
        result = await ledger.result("a")
        assert result is not None
        assert result.outcome is Outcome.ACCEPTED


@pytest.mark.anyio
async def test_any_order_gives_the_same(place: Place) -> None:
    """A report before the record, before the outcome or after it: the delivery is the same, and all is settled."""
    found = []
    for index, order in enumerate(permutations(("leaving", "left", "report"))):
        if order.index("leaving") > order.index("left"):
            continue
        arguments = {**place.arguments, "prefix": f"{place.prefix}{index}_"}
        async with SqlLedger(**arguments) as ledger:
            request = request_for("a")
            event = report(reported_at=request.started_at + timedelta(seconds=3))
            for step in order:
                if step == "leaving":
                    await ledger.leaving(request)
                elif step == "left":
                    await ledger.left(request, attempts_for(request))
                else:
                    await ledger.apply(event)
            found.append(await ledger.delivery("a"))
            assert [entry async for entry in ledger.unsettled()] == []
    assert len(found) == 3
    assert found[0] is not None
    assert found[0].status is MessageStatus.DELIVERED
    assert found == [found[0]] * 3


@pytest.mark.anyio
async def test_copies_change_nothing(place: Place) -> None:
    """An event that comes again is not stored again, dated or not."""
    async with SqlLedger(**place.arguments) as ledger:
        for _ in range(3):
            await ledger.apply(report(reported_at=NOW))
            await ledger.apply(report("undated"))
            await ledger.apply(Reply("alpha", "106", PhoneNumber(number(3)), "TD", NOW))
        assert len((await ledger.export(number(0)))["reports"]) == 2
        assert len([reply async for reply in ledger.replies()]) == 1


@pytest.mark.anyio
async def test_many_events_at_once(place: Place) -> None:
    """`handle_all` takes all events or none, copies among them once, and replies in their order."""
    async with SqlLedger(**place.arguments) as ledger:
        replies = [Reply("alpha", "106", PhoneNumber(number(0)), f"text {index}") for index in range(9)]
        reports = [report(f"id-{index}", reported_at=NOW) for index in range(600)]
        await ledger.handle_all([*reports, *replies, reports[0], replies[0]])
        await ledger.handle_all([])
        with pytest.raises(DataError):
            await ledger.handle_all([report("another"), "unfit"])  # type: ignore[list-item]
        assert [reply async for reply in ledger.replies()] == replies
        assert len((await ledger.export(number(0)))["reports"]) == 600


def test_what_is_still_to_be_applied_does_not_grow_without_end() -> None:
    """Reports are applied while nothing else is to be done; of too many, all that are too much before anything else."""
    tables, privacy = Tables("smsgate_"), Privacy.checked("full", False, None)
    unapplied = Unapplied(tables, privacy)
    assert unapplied.pulse(False) is None
    unapplied.add(index.to_bytes(16, "big") for index in range(999))
    assert unapplied.pulse(True) is None
    work = unapplied.pulse(False)
    assert work is not None
    assert len(work.digests) == 50
    unapplied.add(index.to_bytes(16, "big") for index in range(3000))
    work = unapplied.pulse(True)
    assert work is not None
    assert len(work.digests) == 2000
    assert unapplied.applied(work.digests)
    assert unapplied.pulse(False) is not None


@pytest.mark.anyio
async def test_reports_settle_by_themselves(place: Place) -> None:
    """What reports settle is written down also if nobody asks, before the ledger is closed at the latest."""
    request = request_for(*map(str, range(130)))
    async with SqlLedger(**place.arguments) as ledger:
        await ledger.leaving(request)
        await ledger.left(request, attempts_for(request))
        events = [report(f"id-{index}", index) for index in range(130)]
        await ledger.handle_all(events[:129])
    engine = create_engine(place.url)
    with engine.connect() as connection:
        [bits] = connection.scalars(text(f"SELECT open FROM {place.prefix}unsettled")).all()
        assert list(open_positions(bytes(bits))) == [129]
    async with SqlLedger(**place.arguments) as ledger:
        await ledger.handle(events[129])
    with engine.connect() as connection:
        assert connection.scalars(text(f"SELECT open FROM {place.prefix}unsettled")).all() == []
    engine.dispose()


@pytest.mark.anyio
async def test_replies_in_pages(place: Place) -> None:
    """All replies come in the order in which they came in, those of one number alone if asked."""
    async with SqlLedger(**place.arguments) as ledger:
        replies = [Reply("alpha", "106", PhoneNumber(number(index % 2)), f"text {index}") for index in range(450)]
        for reply in replies:
            await ledger.handle(reply)
        assert [reply async for reply in ledger.replies()] == replies
        assert [reply async for reply in ledger.replies(number(1))] == replies[1::2]


@pytest.mark.anyio
async def test_a_long_message_by_its_parts(place: Place) -> None:
    """It is settled when all of its parts are."""
    async with SqlLedger(**place.arguments) as ledger:
        request = request_for("a")
        await ledger.leaving(request)
        await ledger.left(request, attempts_for(request))
        for part in (1, 2, 3):
            entry = await ledger.apply(report(segment=Segment(part, 3)))
            assert entry is not None
            assert entry.delivery.final == (part == 3)
            assert len([each async for each in ledger.unsettled()]) == (part < 3)


WRITER = """
import json, sys, anyio
from smsgate.data import from_data
from smsgate.ledger import SqlLedger

async def main():
    ledger = SqlLedger(**json.loads(sys.argv[1]), timeout=60)
    events = [from_data(each) for each in json.loads(sys.argv[2])]
    async with anyio.create_task_group() as tasks:
        for event in events:
            tasks.start_soon(ledger.apply, event)
    await ledger.aclose()

anyio.run(main)
"""


def test_processes_that_write_at_once_lose_nothing(place: Place) -> None:
    """Eight processes with the reports of one message's 24 parts: all facts are kept, and the message is settled."""
    anyio.run(_write_at_once, place)


async def _write_at_once(place: Place) -> None:
    parts = [report(segment=Segment(part, 24), reported_at=NOW + timedelta(seconds=part)) for part in range(1, 25)]
    async with SqlLedger(**place.arguments) as ledger:
        request = request_for("a")
        await ledger.leaving(request)
        await ledger.left(request, attempts_for(request))
        processes = []
        for each in range(8):
            # Every part is written by two of them.
            own = parts[each::8] + parts[(each + 1) % 8 :: 8]
            arguments = [json.dumps(place.arguments), json.dumps([to_data(event) for event in own])]
            processes.append(await anyio.open_process([sys.executable, "-c", WRITER, *arguments], stderr=None))
        assert [await process.wait() for process in processes] == [0] * 8
        delivery = await ledger.delivery("a")
        assert delivery is not None
        assert set(delivery.reports) == set(parts)
        assert delivery.status is MessageStatus.DELIVERED
        assert [entry async for entry in ledger.unsettled()] == []


@pytest.mark.anyio
async def test_reports_of_a_bulk_send(place: Place) -> None:
    """Reports settle the messages of a bulk send by the request's tag, before and after its outcome."""
    async with SqlLedger(**place.arguments) as ledger:
        async with Gateway([alpha(batch_limit=50)], templates=[LOGIN], transport=Wire(), ledger=ledger) as gateway:
            messages = [login(number(index), key=f"k{index}") for index in range(120)]
            results = [result async for result in gateway.send_many(messages, linger=60)]
        for result in results[::2]:
            event = StatusReport("alpha", "", result.message.to, DeliveryState.DELIVERED, reference=result.reference)
            entry = await ledger.apply(event)
            assert entry is not None
            assert entry.message.key == result.message.key
        open_keys = {entry.message.key async for entry in ledger.unsettled()}
        assert open_keys == {result.message.key for result in results[1::2]}
