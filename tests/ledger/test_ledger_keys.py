"""Keys in a SQL ledger: sent once by all processes, and what is told of those that were sent."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import attrs
import pytest
from fake_vendors import LOGIN, Call, Wire, alpha, beta, login, number
from sql_ledgers import GRANTED, HELD, Place, attempts_for, claim, gateway_of, request_for, stand_still
from sqlalchemy import create_engine, text

from smsgate import (
    Attempt,
    Claim,
    ClaimsKeys,
    DeliveryState,
    Gateway,
    KeyConflictError,
    Message,
    Outcome,
    Reason,
    Result,
    StatusReport,
)
from smsgate.ledger import SqlLedger
from smsgate.ledger.rows import insert_missing

pytestmark = pytest.mark.anyio

CLAIMS: type[ClaimsKeys] = SqlLedger


@asynccontextmanager
async def two_gateways(wire: Wire, place: Place) -> AsyncIterator[tuple[Gateway, Gateway]]:
    """As two processes have them: with a ledger each."""
    one, other = SqlLedger(**place.arguments), SqlLedger(**place.arguments)
    async with one, other, gateway_of(wire, one) as first, gateway_of(wire, other) as second:
        yield first, second


async def test_a_key_that_is_given_back_between_two_statements(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that another process had when it was to be taken, and then gave back, is claimed."""
    calls = list[int]()

    def taken_by_another(*arguments: Any) -> int:
        calls.append(len(calls))
        return insert_missing(*arguments) if len(calls) > 1 else 0

    monkeypatch.setattr("smsgate.ledger.claims.insert_missing", taken_by_another)
    async with SqlLedger(**place.arguments) as ledger, SqlLedger(**place.arguments) as other:
        assert await claim(ledger, login(key="order-1"), login(key="order-2")) == [GRANTED, GRANTED]
        assert await claim(other, login(key="order-1"), login(key="order-2")) == [HELD, HELD]


async def test_a_key_is_sent_once_by_all_processes(place: Place) -> None:
    """The second ledger, as another process has one, gives the first result, for one message and for many."""
    wire = Wire(alpha={number(1): Reason.INVALID_NUMBER})
    messages = [login(number(index), key=f"order-{index}") for index in range(3)]
    async with two_gateways(wire, place) as (first, second):
        sent = {each.message.key: each async for each in first.send_many(messages, linger=60)}
        again = {each.message.key: each async for each in second.send_many(messages, linger=60)}
        single = await second.send(login(number(2), key="order-2"))
    assert len(wire.calls) == 1
    for key, result in sent.items():
        assert again[key].attempts == result.attempts
        assert (again[key].outcome, again[key].reason, again[key].message_id) == (
            result.outcome,
            result.reason,
            result.message_id,
        )
    assert single.message_id == sent["order-2"].message_id
    assert again["order-0"].message is messages[0]


async def test_while_it_is_on_its_way(place: Place) -> None:
    """Another process is told that the key is held, until there is a result; so is another gateway of this one."""
    async with SqlLedger(**place.arguments) as one, SqlLedger(**place.arguments) as other:
        found: list[list[Claim]] = []

        async def look(call: Call) -> None:
            found.append(await claim(other, login(key="order-1"), login(key="order-2")))
            found.append(await claim(one, login(key="order-1")))

        async with gateway_of(Wire(alpha=look), one) as first:
            await first.send(login(key="order-1"))
        [after] = await claim(other, login(key="order-1"))
    assert found == [[HELD, GRANTED], [HELD]]
    assert after.result is not None
    assert after.result.accepted


async def test_what_may_be_tried_again(place: Place) -> None:
    """By any process, once it is concluded: not sent, with or without a request, or refused for what may pass."""
    async with SqlLedger(**place.arguments) as one, SqlLedger(**place.arguments) as other:
        wire = Wire(alpha=[Reason.INSUFFICIENT_BALANCE, None])
        async with gateway_of(wire, one) as first, gateway_of(wire, other) as second:
            refused = await first.send(login(key="order-1"))
            sent = await second.send(login(code="9999", key="order-1"))
            again = await first.send(login(code="9999", key="order-1"))
            late = await first.send(login(key="order-2"), within=-1)
            assert await claim(other, login(key="order-2", code="1")) == [GRANTED]
    assert [each.outcome for each in (refused, sent, late)] == [Outcome.REJECTED, Outcome.ACCEPTED, Outcome.NOT_SENT]
    assert again.message_id == sent.message_id
    assert [each.outcome for each in again.attempts] == [Outcome.REJECTED, Outcome.ACCEPTED]


async def test_an_unknown_one_that_a_report_shows_to_be_sent(place: Place) -> None:
    """Is told so to whoever asks for its key."""
    async with SqlLedger(**place.arguments) as ledger:
        request = request_for("order-1")
        message = request.messages[0]
        assert await claim(ledger, message) == [GRANTED]
        await ledger.leaving(request)
        attempts: Sequence[Attempt] = attempts_for(request, Outcome.UNKNOWN)
        await ledger.left(request, attempts)
        await ledger.concluded([Result(message, Outcome.UNKNOWN, attempts=tuple(attempts))])
        [unknown] = await claim(ledger, message)
        report = StatusReport("alpha", "id-1", message.to, DeliveryState.DELIVERED, reference=request.reference)
        await ledger.apply(report)
        [told] = await claim(ledger, message)
    assert unknown.result is not None
    assert told.result is not None
    assert [unknown.result.outcome, told.result.outcome] == [Outcome.UNKNOWN, Outcome.ACCEPTED]


async def test_what_failed_over_is_accepted(place: Place) -> None:
    """Its result is that of the try that was accepted, though its key is held by a living process."""
    wire = Wire(alpha=Reason.INSUFFICIENT_BALANCE)
    ledger = SqlLedger(**place.arguments)
    async with ledger, Gateway([alpha(), beta()], templates=[LOGIN], transport=wire, ledger=ledger) as mine:
        first = await mine.send(login(key="order-1"))
        second = await mine.send(login(key="order-1"))
    assert (second.provider, second.attempts) == ("beta", first.attempts)
    assert len(wire.calls) == 2


OTHERS = {
    "to": login("+8613900008000", key="order-1"),  # masked, they are alike
    "template": Message("+8613800138000", "other", {"code": "4821", "minutes": "5"}, key="order-1"),
    "params": Message("+8613800138000", "login", {"code": "4821", "hours": "5"}, key="order-1"),
    "extend": login(key="order-1", extend="7"),
}


@pytest.mark.parametrize("numbers", ["full", "masked", "hashed"])
async def test_a_key_belongs_to_one_content(sqlite: Place, numbers: str) -> None:
    """The field that differs is named; values of parameters, and masked numbers, are told apart with a secret alone."""
    values = login(code="9999", key="order-1")
    for secret in (None, "s" * 32, "t" * 32) if numbers != "hashed" else ("s" * 32, "t" * 32):
        arguments: dict[str, Any] = {**sqlite.arguments, "prefix": f"{numbers}_", "numbers": numbers, "secret": secret}
        async with SqlLedger(**arguments) as ledger:
            async with gateway_of(Wire(), ledger) as mine:
                assert (await mine.send(login(key=f"order-{secret}"))).accepted
            for field, other in OTHERS.items():
                [told] = await claim(ledger, attrs.evolve(other, key=f"order-{secret}"))
                masked_alike = field == "to" and numbers == "masked" and secret is None
                assert (told.differs, told.result is None) == ((None, False) if masked_alike else (field, True))
            [told] = await claim(ledger, attrs.evolve(values, key=f"order-{secret}"))
            assert told.differs == (None if secret is None else "params")
            [old] = await claim(
                ledger, attrs.evolve(login(), key="order-None" if numbers != "hashed" else f"order-{'s' * 32}")
            )
            assert old.result is not None


async def test_an_error_names_the_field(sqlite: Place) -> None:
    """Through a gateway, by another process than the one that sent it."""
    async with SqlLedger(**sqlite.arguments, secret="s" * 32) as one:
        async with gateway_of(Wire(), one) as first:
            await first.send(login(key="order-1"))
        async with SqlLedger(**sqlite.arguments, secret="s" * 32) as other, gateway_of(Wire(), other) as second:
            with pytest.raises(KeyConflictError, match="'params'"):
                await second.send(login(code="9999", key="order-1"))


async def test_what_was_removed_is_sent_anew(place: Place) -> None:
    """`purge` and `erase` forget keys with their messages; a key that was never used goes with its process."""
    async with SqlLedger(**place.arguments) as ledger:
        wire = Wire()
        async with gateway_of(wire, ledger) as mine:
            many = [login(number(index), key=f"order-{index}") for index in range(2)]
            assert len([each async for each in mine.send_many(many, linger=60)]) == 2
            await ledger.erase(number(0))
            assert await claim(ledger, many[1]) != [GRANTED]
            assert (await mine.send(many[0])).accepted
            await ledger.purge(timedelta(seconds=-60))
            assert (await mine.send(many[1])).accepted
    assert len(wire.calls) == 3
    other = SqlLedger(**place.arguments)
    assert await claim(other, login(key="never-used")) == [GRANTED]
    await stand_still(other)
    async with SqlLedger(**place.arguments) as ledger:
        await ledger.purge(timedelta(seconds=-60))
        engine = create_engine(place.url)
        with engine.connect() as connection:
            for name in ("keys", "holders"):
                assert not connection.execute(text(f"SELECT * FROM {place.prefix}{name}")).all()
        engine.dispose()
    await other.aclose()
