"""Work of a SQL ledger that is run again: its transaction was committed, and the answer to that was lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import anyio
import httpx
import pytest
from fake_vendors import LOGIN, Wire, alpha, login
from sql_ledgers import GRANTED, HELD, Place, request_for, stand_still
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from smsgate import DeliveryState, Gateway, Message, Outcome, Reason, Result, StatusReport
from smsgate.ledger import SqlLedger
from smsgate.ledger.claims import Claiming

pytestmark = pytest.mark.anyio

SENT = Message("+8613800138000", "login", {"code": "4821", "minutes": "5"}, key="order-1")
AT_ONCE = timedelta()


def nothing() -> object:
    """Nothing happens before it is run again."""


def answers_are_lost(ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]) -> None:
    """Let the connection be lost when the next transaction has been committed; *meanwhile* happens before the next."""
    transaction, left = ledger._database.transaction, [nothing, meanwhile]

    @contextmanager
    def lossy(connection: Connection) -> Iterator[Connection]:
        with transaction(connection) as own:
            yield own
        if left:
            left.pop()()
            raise OperationalError("COMMIT", {}, Exception("server closed the connection"), connection_invalidated=True)

    monkeypatch.setattr(ledger._database, "transaction", lossy)


def claimed_by(other: SqlLedger, message: Message) -> Callable[[], object]:
    """What another process does: it claims the key of *message*."""

    def claim() -> None:
        work = Claiming(other._tables, other._privacy, other._holding, [message])
        with other._database.connect_writer() as connection, other._database.transaction(connection) as own:
            work(own)
        assert work.answers == [GRANTED]

    return claim


def gateway(ledger: SqlLedger, *steps: Any, **options: Any) -> Gateway:
    return Gateway([alpha()], templates=[LOGIN], transport=Wire(alpha=[*steps]), ledger=ledger, **options)


async def test_a_reopened_key_keeps_its_tries(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The send that has it knows that it may have been sent before, however often its claim is run."""
    lost = httpx.ReadError("lost")
    async with (
        SqlLedger(**place.arguments, params=True) as ledger,
        gateway(ledger, lost, Reason.INVALID_NUMBER) as mine,
    ):
        assert (await mine.send(SENT)).outcome is Outcome.UNKNOWN
        async with ledger.reopen("order-1", quiet_for=AT_ONCE) as message:
            assert message is not None
            answers_are_lost(ledger, monkeypatch, nothing)
            result = await mine.send(message)
    assert [each.outcome for each in result.attempts] == [Outcome.UNKNOWN, Outcome.REJECTED]
    assert result.outcome is Outcome.UNKNOWN


async def test_a_key_that_is_not_reopened_after_all(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is nobody's: what came to be known before it was run again is told to whoever asks."""
    async with SqlLedger(**place.arguments, params=True) as ledger, SqlLedger(**place.arguments) as other:
        async with gateway(ledger, httpx.ReadError("lost")) as mine:
            [attempt] = (await mine.send(SENT)).attempts
        report = StatusReport("alpha", "id-1", SENT.to, DeliveryState.DELIVERED, reference=attempt.reference)
        answers_are_lost(ledger, monkeypatch, lambda: anyio.run(other.apply, report))
        async with ledger.reopen("order-1", quiet_for=AT_ONCE) as message:
            assert message is None
        [told] = await other.claim([SENT])
    assert told.result is not None
    assert told.result.accepted


async def test_a_key_that_another_process_has_meanwhile(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stays that one's: to give it back once more takes it from nobody."""
    async with SqlLedger(**place.arguments) as ledger, SqlLedger(**place.arguments) as other:
        assert await ledger.claim([SENT]) == [GRANTED]
        answers_are_lost(ledger, monkeypatch, claimed_by(other, SENT))
        await ledger.concluded([Result(SENT, Outcome.NOT_SENT, reason=Reason.EXPIRED)])
        assert await ledger.claim([SENT]) == [HELD]


async def test_a_key_of_a_process_that_was_thought_dead(place: Place) -> None:
    """Is the other's that took it over, whatever the first one says of it when it goes on."""
    ledger = SqlLedger(**place.arguments)
    async with SqlLedger(**place.arguments) as other:
        assert await ledger.claim([SENT]) == [GRANTED]
        await stand_still(ledger)
        assert await other.claim([SENT]) == [GRANTED]
        await ledger.concluded([Result(SENT, Outcome.NOT_SENT, reason=Reason.EXPIRED)])
        assert await ledger.claim([SENT]) == [HELD]
    await ledger.aclose()


async def test_a_key_that_is_being_sent_again_is_not_purged(place: Place) -> None:
    """With an old try of it: it is held until its process concludes it."""
    async with SqlLedger(**place.arguments) as ledger, SqlLedger(**place.arguments) as other:
        request = request_for("order-1")
        message = request.messages[0]
        async with gateway(ledger, Reason.INSUFFICIENT_BALANCE) as mine:
            assert (await mine.send(message)).outcome is Outcome.REJECTED
        assert await ledger.claim([message]) == [GRANTED]
        await other.purge(timedelta(seconds=-60))
        assert await other.claim([login(key="order-1")]) == [HELD]
