"""What is done together for many messages is what it would be for each alone."""

import random
from collections.abc import Sequence
from typing import Any

import attrs
import pytest
from fake_vendors import LOGIN, Wire, alpha, login, number
from sql_ledgers import GRANTED, Place, attempts_for, request_for
from sqlalchemy import Connection, Table, event

from smsgate import Attempt, Claim, Gateway, Message, Outcome, Reason, Result, SendRequest
from smsgate.ledger import SqlLedger
from smsgate.ledger.claims import Claiming
from smsgate.ledger.packing import pack
from smsgate.ledger.rows import insert_missing

pytestmark = pytest.mark.anyio


async def in_use(place: Place, prefix: str) -> tuple[SqlLedger, SqlLedger]:
    """A ledger in which some keys were sent, refused or are held; and that of the process that holds them."""
    ledger, other = (SqlLedger(place.url, prefix=f"{place.prefix}{prefix}") for _ in range(2))
    await ledger.create()
    for key, outcome in (("k0", Outcome.ACCEPTED), ("k1", Outcome.NOT_SENT), ("k2", Outcome.UNKNOWN)):
        request = request_for(key)
        message = request.messages[0]
        await other.claim([message])
        await other.leaving(request)
        attempts: Sequence[Attempt] = attempts_for(request, outcome)
        await other.left(request, attempts)
        await other.concluded([Result(message, outcome, attempts=tuple(attempts))])
    await other.claim([login(number(0), key="k3")])
    return ledger, other


def claimed(ledger: SqlLedger, groups: Sequence[Sequence[Sequence[Message]]]) -> list[list[Claim]]:
    """What each claim is told; those of one of *groups* are in one transaction."""
    told: list[list[Claim]] = []
    with ledger._database.connect_writer() as connection:
        for group in groups:
            works = [Claiming(ledger._tables, ledger._privacy, ledger._holding, messages) for messages in group]
            pending = works
            while pending:  # as the ledger goes on with those that are to be called again
                with ledger._database.transaction(connection) as own:
                    Claiming.run_all(own, pending)
                pending = [work for work in pending if work.unfinished]
            told += [work.answers for work in works]
    return told


def summary(claims: Sequence[Claim]) -> list[tuple[object, ...]]:
    return [(each.held, each.differs, each.result and each.result.outcome) for each in claims]


@pytest.mark.parametrize("seed", range(3))
async def test_claims_in_one_transaction(place: Place, seed: int) -> None:
    """Each is told what it would be told after those before it; a key is granted to one of them."""
    chosen = random.Random(seed)
    keys = [f"k{index}" for index in range(4 if seed % 2 else 0, 30)]
    works = [
        [login(number(0), key=key) for key in chosen.sample(keys, chosen.randint(1, 3))] for _ in range(seed and 12)
    ] or [[login(number(0), key=key)] for key in keys]
    found: list[list[list[tuple[object, ...]]]] = []
    for prefix, groups in (("a_", [works]), ("b_", [[work] for work in works])):
        ledger, other = await in_use(place, prefix)
        told = claimed(ledger, groups)
        await ledger.aclose()
        await other.aclose()
        granted = [
            message.key
            for work, claims in zip(works, told, strict=True)
            for message, claim in zip(work, claims, strict=True)
            if claim == GRANTED
        ]
        assert len(granted) == len(set(granted))
        found.append([summary(claims) for claims in told])
    assert found[0] == found[1]


async def test_keys_in_one_order(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many claim together: all processes insert keys in the same order, so that none waits in a circle."""
    orders: list[list[bytes]] = []

    def insert(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> int:
        orders.append([row[0] for row in rows])
        return insert_missing(connection, table, rows)

    monkeypatch.setattr("smsgate.ledger.claims.insert_missing", insert)
    async with SqlLedger(**place.arguments) as ledger:
        [told] = claimed(ledger, [[[login(number(0), key=f"k{index}") for index in range(20)]]])
        assert told == [GRANTED] * 20
        each = [[login(number(0), key=key)] for key in ("b", "a", "d", "c", "b", "e")]
        assert [claim.held for [claim] in claimed(ledger, [each])] == [False] * 4 + [True, False]
    assert orders
    assert all(order == sorted(order) for order in orders)


class Keeping:
    """A ledger that keeps what it is given."""

    def __init__(self) -> None:
        self.left_with: list[Sequence[Attempt]] = []

    async def leaving(self, request: SendRequest) -> None:
        pass

    async def left(self, request: SendRequest, attempts: Sequence[Attempt]) -> None:
        self.left_with.append(attempts)


@pytest.mark.parametrize(
    "step", [None, {number(1): Reason.INVALID_NUMBER}, Reason.INSUFFICIENT_BALANCE], ids=["all", "some", "none"]
)
@pytest.mark.parametrize("count", [1, 2, 5])
async def test_attempts_of_a_request(sqlite: Place, step: object, count: int) -> None:
    """What a ledger is given and writes of them is the same whether they were made one by one or not."""
    keeping, wire = Keeping(), Wire(alpha=step)  # type: ignore[arg-type]
    async with Gateway([alpha(batch_limit=9)], templates=[LOGIN], transport=wire, ledger=keeping) as gateway:
        source = [login(number(index), key=f"order-{index}") for index in range(count)]
        results = {str(each.message.to): each async for each in gateway.send_many(source, linger=60)}
    [attempts] = keeping.left_with
    packed = pack(attempts, SqlLedger(**sqlite.arguments)._privacy)
    listed = [results[number(index)].attempts[-1] for index in range(count)]
    assert list(attempts) == listed
    assert packed == pack(listed, SqlLedger(**sqlite.arguments)._privacy)
    assert [packed.value(index, Attempt) for index in range(count)] == listed


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.REJECTED])
async def test_keys_that_have_results(place: Place, outcome: Outcome) -> None:
    """To read many of them takes as many statements as to read a few, whatever they came to."""
    counts: list[int] = []
    async with SqlLedger(**place.arguments) as ledger:
        for index, count in enumerate((2, 60)):
            request = request_for(*(f"k{index}-{each}" for each in range(count)))
            await ledger.claim(request.messages)
            await ledger.leaving(request)
            reason = Reason.INVALID_NUMBER if outcome is Outcome.REJECTED else Reason.NO_ANSWER
            attempts = [attrs.evolve(each, reason=reason) for each in attempts_for(request, outcome)]
            await ledger.left(request, attempts)
            pairs = zip(request.messages, attempts, strict=True)
            await ledger.concluded([Result(message, outcome, attempts=(each,)) for message, each in pairs])
            await ledger.result("k0-0")  # so that it is indexed
            made: list[str] = []

            def note(*arguments: Any, made: list[str] = made) -> None:
                made.append(arguments[2])

            event.listen(ledger._database.engine, "before_cursor_execute", note)
            told = await ledger.claim(request.messages)
            event.remove(ledger._database.engine, "before_cursor_execute", note)
            assert {each.result and each.result.outcome for each in told} == {outcome}
            counts.append(len(made))
    assert counts[0] == counts[1] > 0
