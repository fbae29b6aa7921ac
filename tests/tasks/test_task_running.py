"""Running jobs: each message is sent once, however often a job is run, and each has a result in the ledger at last."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from fake_vendors import LOGIN, Call, Wire, alpha, login, number
from sql_ledgers import Place

from smsgate import ConfigurationError, DataError, Gateway, LedgerError, Message, Outcome, Reason, Result, Timeouts
from smsgate.ledger import SqlLedger
from smsgate.tasks import UNENCRYPTED, JobNotDoneError
from smsgate.tasks.gateways import Gateways, ledger_of
from smsgate.tasks.job import write_job
from smsgate.tasks.running import give_up_job, run_job
from smsgate.tasks.sealing import Sealing

pytestmark = pytest.mark.anyio

OPEN = Sealing(UNENCRYPTED)
PAST, FUTURE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2096, 1, 1, tzinfo=UTC)


@asynccontextmanager
async def worker(place: Place, wire: Wire, **options: Any) -> AsyncIterator[tuple[Gateway, SqlLedger]]:
    """A gateway with a ledger, as a worker has one."""
    ledger = SqlLedger(**place.arguments)
    async with (
        ledger,
        Gateway([alpha(batch_limit=100)], templates=[LOGIN], transport=wire, ledger=ledger, **options) as sms,
    ):
        yield sms, ledger


def job_of(*messages: Message, campaign: str | None = None) -> dict[str, Any]:
    return write_job(messages, OPEN, campaign)


async def told(ledger: SqlLedger, key: str) -> tuple[Outcome, Reason | None] | None:
    result = await ledger.result(key)
    return None if result is None else (result.outcome, result.reason)


@pytest.mark.parametrize("campaign", [None, "spring"])
async def test_a_job_that_is_run_twice_is_sent_once(sqlite: Place, campaign: str | None) -> None:
    """The second run of a job, as after a worker was lost, sends nothing and comes to the same."""
    wire = Wire(alpha={number(1): Reason.INVALID_NUMBER})
    chunk = job_of(*(login(number(each), key=f"m-{each}") for each in range(3)), campaign=campaign)
    single = job_of(login(key="single"), campaign=campaign)
    async with worker(sqlite, wire) as (sms, ledger):
        for _ in range(2):
            assert await run_job(sms, chunk, OPEN, last=False) == {"ACCEPTED": 2, "REJECTED": 1}
            assert await run_job(sms, single, OPEN, last=False) == {"ACCEPTED": 1}
        assert await told(ledger, "m-1") == (Outcome.REJECTED, Reason.INVALID_NUMBER)
        if campaign:
            assert (await ledger.progress(campaign)).total == 4
    assert len(wire.calls) == 2


async def test_what_never_left_is_run_again(sqlite: Place) -> None:
    """A job of which something never left is to be run again, and sends that alone then."""
    wire = Wire(alpha=[httpx.ConnectError("refused"), None])
    chunk = job_of(*(login(number(each), key=f"m-{each}") for each in range(2)))
    async with worker(sqlite, wire) as (sms, _):
        with pytest.raises(JobNotDoneError, match=r"2 of 2 messages .* NETWORK 2\. It is to be run again") as raised:
            await run_job(sms, chunk, OPEN, last=False)
        assert not raised.value.given_up
        assert await run_job(sms, chunk, OPEN, last=True) == {"ACCEPTED": 2}


@pytest.mark.parametrize("campaign", [None, "spring"])
async def test_the_last_run_gives_up(sqlite: Place, campaign: str | None) -> None:
    """What the last run does not send has the result `GIVEN_UP`, with its tries; what was sent keeps its own."""
    wire = Wire(alpha=[None, httpx.ConnectError("refused")])
    async with worker(sqlite, wire) as (sms, ledger):
        assert await run_job(sms, job_of(login(key="sent")), OPEN, last=True) == {"ACCEPTED": 1}
        job = job_of(login(key="sent"), login(number(1), key="lost"), campaign=campaign)
        with pytest.raises(JobNotDoneError, match=r"1 of 2 .* They are given up") as raised:
            await run_job(sms, job, OPEN, last=True)
        assert raised.value.given_up
        assert await told(ledger, "sent") == (Outcome.ACCEPTED, None)
        result = await ledger.result("lost")
    assert result is not None
    assert (result.outcome, result.reason, result.provider) == (Outcome.NOT_SENT, Reason.GIVEN_UP, None)
    assert [attempt.reason for attempt in result.attempts] == [Reason.NETWORK]
    assert "no worker could send it" in (result.description or "")


async def test_what_is_over_without_a_request_is_in_the_ledger(sqlite: Place) -> None:
    """Too late, or refused by the gateway itself: nothing is sent, and the ledger has the result."""
    wire = Wire()
    messages = [
        login(key="late", expires_at=PAST),
        login("12", key="no-number"),
        Message(number(1), "offre", key="no-template"),
        login(number(2), key="good", expires_at=FUTURE),
    ]
    async with worker(sqlite, wire) as (sms, ledger):
        for job in (job_of(*messages), *map(job_of, messages)):
            await run_job(sms, job, OPEN, last=True)
        found = [await told(ledger, message.key or "") for message in messages]
    assert found == [
        (Outcome.NOT_SENT, Reason.EXPIRED),
        (Outcome.REJECTED, Reason.INVALID_NUMBER),
        (Outcome.REJECTED, Reason.TEMPLATE_REJECTED),
        (Outcome.ACCEPTED, None),
    ]
    assert len(wire.calls) == 1


async def test_a_cancelled_message_is_not_sent(sqlite: Place) -> None:
    """What was cancelled before its job ran is not sent, and the others of the job are."""
    wire = Wire()
    async with worker(sqlite, wire) as (sms, ledger):
        assert await ledger.cancel("m-1")
        job = job_of(*(login(number(each), key=f"m-{each}") for each in range(3)), campaign="spring")
        assert await run_job(sms, job, OPEN, last=True) == {"ACCEPTED": 2, "NOT_SENT": 1}
        assert await told(ledger, "m-1") == (Outcome.NOT_SENT, Reason.CANCELLED)
    [call] = wire.calls
    assert call.to == (number(0), number(2))


async def test_what_another_worker_has_is_run_again(sqlite: Place) -> None:
    """A message that another worker has in hand is neither sent nor given up: that worker may die before it sends."""
    ended: list[str] = []
    job, chunk = job_of(login(key="a")), job_of(login(key="a"), login(number(1), key="b"))
    async with worker(sqlite, Wire(), timeouts=Timeouts(pool=0.05, total=0.1, connect=0.1)) as (other, ledger):

        async def run_elsewhere(call: Call) -> None:
            for each in (job, chunk):
                with pytest.raises(JobNotDoneError, match="in progress 1"):
                    await run_job(other, each, OPEN, last=True)
                ended.append(str(await told(ledger, "a")))

        async with worker(sqlite, Wire(alpha=run_elsewhere)) as (sms, _):
            assert await run_job(sms, job, OPEN, last=True) == {"ACCEPTED": 1}
        assert await told(ledger, "a") == (Outcome.ACCEPTED, None)
        assert await told(ledger, "b") == (Outcome.ACCEPTED, None)
    assert not any("GIVEN_UP" in each for each in ended)


async def test_a_job_that_cannot_be_opened(sqlite: Place) -> None:
    """A job whose key is gone is run again, and at last its messages are given up by their keys."""
    job = write_job([login(key="a"), login(number(1), key="b")], Sealing("A" * 43 + "="), "spring")
    async with worker(sqlite, Wire()) as (sms, ledger):
        with pytest.raises(DataError, match="has no key"):
            await run_job(sms, job, OPEN, last=False)
        assert await told(ledger, "a") is None
        with pytest.raises(DataError, match="has no key"):
            await run_job(sms, job, OPEN, last=True)
        result = await ledger.result("a")
        assert (await ledger.progress("spring")).not_sent == 2
    assert result is not None
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, Reason.GIVEN_UP)
    assert "encrypt= has no key" in (result.description or "")


async def test_a_key_of_another_message(sqlite: Place) -> None:
    """A message whose key belongs to another one is refused, and the result of that one stays."""
    wire = Wire()
    other = job_of(login(key="a", code="7777"))
    async with worker(sqlite, wire) as (sms, ledger):
        await run_job(sms, job_of(login(key="a")), OPEN, last=False)
        wrong = Message(number(1), "login", {"code": "4821", "minutes": "5"}, key="a")
        for job in (job_of(wrong), job_of(wrong, login(number(2), key="b"))):
            counts = await run_job(sms, job, OPEN, last=True)
            assert counts["REJECTED"] == 1
        assert await run_job(sms, other, OPEN, last=True) == {"ACCEPTED": 1}, "no secret: values are not compared"
        assert await told(ledger, "a") == (Outcome.ACCEPTED, None)
    assert len(wire.calls) == 2


async def test_a_gateway_that_is_closed(sqlite: Place) -> None:
    """A worker that is ending gives its job back."""
    async with worker(sqlite, Wire()) as (sms, _):
        await sms.aclose()
        for job in (job_of(login(key="a")), job_of(login(key="a"), login(number(1), key="b"))):
            with pytest.raises((JobNotDoneError, ConfigurationError)):
                await run_job(sms, job, OPEN, last=False)


async def test_a_failing_ledger_asks_for_another_run(sqlite: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be recorded is not over: the job is to be run again."""
    async with worker(sqlite, Wire()) as (sms, ledger):

        async def fail(results: Sequence[Result], **_: object) -> int:
            raise LedgerError("ledger: no space left")

        monkeypatch.setattr(ledger, "record_unsent", fail)
        with pytest.raises(LedgerError):
            await run_job(sms, job_of(login(key="late", expires_at=PAST)), OPEN, last=False)


async def test_giving_up_a_job_that_nobody_ran(sqlite: Place) -> None:
    """A job can be given up without being opened: what was sent of it stays so."""
    async with worker(sqlite, Wire()) as (sms, ledger):
        await run_job(sms, job_of(login(key="a")), OPEN, last=False)
        assert await give_up_job(ledger, job_of(login(key="a"), login(key="b")), "its workers died") == 1
        assert await told(ledger, "a") == (Outcome.ACCEPTED, None)
        found = await ledger.result("b")
    assert found is not None
    assert (found.reason, found.description) == (Reason.GIVEN_UP, "its workers died")


async def test_one_gateway_for_each_loop(sqlite: Place) -> None:
    """A worker makes its gateway at its first job and keeps it; another event loop has one of its own."""
    ledger = SqlLedger(**sqlite.arguments)
    made: list[Gateway] = []

    def make() -> Gateway:
        made.append(Gateway([alpha()], templates=[LOGIN], ledger=ledger))
        return made[-1]

    gateways = Gateways(make)
    assert gateways.get() is gateways.get() is made[0]

    def elsewhere() -> None:
        async def get() -> None:
            assert gateways.get() is made[1]
            await gateways.aclose()

        anyio.run(get)

    await anyio.to_thread.run_sync(elsewhere)
    await gateways.aclose()
    assert gateways.get() is made[2]
    await gateways.aclose()
    await ledger.aclose()


async def test_whoever_makes_a_gateway_warms_it(sqlite: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first job of a worker warms its gateway, once."""
    warmed: list[Gateway] = []

    async def warm(self: Gateway) -> dict[str, str]:
        warmed.append(self)
        return {}

    monkeypatch.setattr(Gateway, "warm", warm)
    async with SqlLedger(**sqlite.arguments) as ledger:
        gateways = Gateways(lambda: Gateway([alpha()], templates=[LOGIN], ledger=ledger))
        assert await gateways.warmed() is await gateways.warmed() is gateways.get()
        assert warmed == [gateways.get()]
        await gateways.aclose()


async def test_a_gateway_for_workers_has_a_ledger(tmp_path: Path) -> None:
    """A gateway without a ledger that keeps keys is refused, and what is no function that makes one."""
    bare = Gateway([alpha()], templates=[LOGIN])
    with pytest.raises(ConfigurationError, match="needs a ledger"):
        Gateways(lambda: bare).get()
    with pytest.raises(ConfigurationError, match="needs a ledger"):
        ledger_of(bare)
    with pytest.raises(ConfigurationError, match="must make"):
        Gateways(lambda: None).get()  # type: ignore[arg-type,return-value]
    with pytest.raises(ConfigurationError, match="must be a function"):
        Gateways(bare)  # type: ignore[arg-type]
