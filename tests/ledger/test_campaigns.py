"""Campaigns: what was not sent is sent when the same source is sent again, and the ledger counts what became of it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fake_vendors import LOGIN, Call, Wire, alpha, beta, login, number
from sql_ledgers import Place, request_for

from smsgate import ConfigurationError, Gateway, Message, Outcome, Reason
from smsgate.ledger import CampaignProgress, SqlLedger

pytestmark = pytest.mark.anyio


def gateway(wire: Wire, ledger: SqlLedger | None, **options: Any) -> Gateway:
    return Gateway([alpha(batch_limit=10)], templates=[LOGIN], transport=wire, ledger=ledger, **options)


def people(count: int) -> Iterator[Message]:
    return (login(number(index), key=f"spring-{index}") for index in range(count))


async def test_a_campaign_is_resumed(place: Place) -> None:
    """Left half-way, begun again by another process, and once more: each is sent once, each has its result."""
    wire, outcomes = Wire(), list[Counter[str]]()
    for runs in range(3):
        async with SqlLedger(**place.arguments) as ledger, gateway(wire, ledger) as mine:
            results = mine.send_many(people(300), campaign="spring", concurrency=2, linger=60)
            async with results:
                found = Counter[str]()
                async for result in results:
                    found[result.outcome] += 1
                    if not runs and found.total() == 50:
                        break
            outcomes.append(found)
        if not runs:
            assert len(wire.calls) < 30
    assert sorted(to for call in wire.calls for to in call.to) == [number(index) for index in range(300)]
    assert outcomes[1:] == [{"ACCEPTED": 300}] * 2
    async with SqlLedger(**place.arguments) as ledger:
        assert await ledger.progress("spring") == CampaignProgress(accepted=300)
        assert await ledger.progress("Spring") == CampaignProgress()


async def test_what_may_be_tried_again_is(sqlite: Place) -> None:
    """A second run sends what was not sent or may be taken by now; what may have been sent stays `UNKNOWN`."""

    async def first_run(call: Call) -> Any:
        if number(0) in call.to:
            return httpx.ReadError("reset")
        return {number(10): Reason.INVALID_NUMBER, number(11): Reason.INSUFFICIENT_BALANCE}

    async with SqlLedger(**sqlite.arguments) as ledger:
        async with gateway(Wire(alpha=first_run), ledger) as mine:
            assert len([each async for each in mine.send_many(people(30), campaign="spring", linger=60)]) == 30
        progress = await ledger.progress("spring")
        assert progress == CampaignProgress(accepted=18, rejected=2, unknown=10)
        assert progress.total == 30
        wire = Wire()
        async with gateway(wire, ledger) as mine:
            again = Counter([each.outcome async for each in mine.send_many(people(31), campaign="spring", linger=60)])
        assert again == {Outcome.ACCEPTED: 20, Outcome.REJECTED: 1, Outcome.UNKNOWN: 10}
        assert [call.to for call in wire.calls] == [(number(11), number(30))]
        assert await ledger.progress("spring") == CampaignProgress(accepted=20, rejected=1, unknown=10)


async def test_a_message_counts_once(sqlite: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it was tried, and however many pages its requests are on."""
    monkeypatch.setattr("smsgate.ledger.campaigns._PAGE", 2)
    wire = Wire(alpha=Reason.INSUFFICIENT_BALANCE, beta={number(1): Reason.CONTENT_BLOCKED})
    async with SqlLedger(**sqlite.arguments) as ledger:
        async with Gateway([alpha(), beta()], templates=[LOGIN], transport=wire, ledger=ledger) as mine:
            async with aclosing(mine.send_many(people(3), campaign="spring")) as results:
                assert len([each async for each in results]) == 3
            await mine.send(login(number(7), key="other"))
        assert await ledger.progress("spring") == CampaignProgress(accepted=2, rejected=1)


async def test_what_was_sent_once_more_counts(sqlite: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What may have been sent is counted with the try that was made of it outside of the campaign."""
    monkeypatch.setattr("smsgate.ledger.campaigns._PAGE", 2)
    lost = httpx.ReadError("reset")
    wire = Wire(alpha=[lost, None, Reason.INVALID_NUMBER])
    async with SqlLedger(**sqlite.arguments, params=True) as ledger, gateway(wire, ledger) as mine:
        assert len([each async for each in mine.send_many(people(5), campaign="spring", linger=60)]) == 5
        assert await ledger.progress("spring") == CampaignProgress(unknown=5)
        for key in ("spring-3", "spring-4"):
            async with ledger.reopen(key, quiet_for=timedelta()) as message:
                assert message is not None
                await mine.send(message)
        assert await ledger.progress("spring") == CampaignProgress(accepted=1, unknown=4)
        for index in (0, 1, 3):
            assert await ledger.erase(number(index))
        assert await ledger.progress("spring") == CampaignProgress(unknown=5)


async def test_what_is_in_progress_is_open(sqlite: Place) -> None:
    """A request without an outcome is in progress, or its process has died: the count says so."""
    seen: list[CampaignProgress] = []
    async with SqlLedger(**sqlite.arguments) as ledger:

        async def look(call: Call) -> None:
            seen.append(await ledger.progress("spring"))

        async with gateway(Wire(alpha=look), ledger) as mine:
            assert len([each async for each in mine.send_many(people(10), campaign="spring")]) == 10
    assert seen == [CampaignProgress(open=10)]
    assert request_for("order-1").campaign is None


async def test_each_message_needs_a_key(sqlite: Place) -> None:
    """One without is refused, alone, in words that say so."""
    async with SqlLedger(**sqlite.arguments) as ledger, gateway(Wire(), ledger) as mine:
        source = [login(number(0), key="spring-0"), login(number(1)), Message("+861", "login", key="spring-2")]
        results = {each.message.key: each async for each in mine.send_many(source, campaign="spring")}
    assert results["spring-0"].accepted
    refused = results[None]
    assert (refused.outcome, refused.reason) == (Outcome.REJECTED, Reason.INVALID_REQUEST)
    assert refused.description == "key: each message of a campaign needs one, by which it is sent once"
    assert results["spring-2"].reason is Reason.INVALID_NUMBER


@pytest.mark.parametrize("name", ["", "x" * 201, 7])
async def test_the_name_is_checked(sqlite: Place, name: Any) -> None:
    """It must be a text that is not empty, and not long."""
    async with SqlLedger(**sqlite.arguments) as ledger, gateway(Wire(), ledger) as mine:
        with pytest.raises(ConfigurationError, match="campaign: must be a name"):
            mine.send_many([], campaign=name)


async def test_a_campaign_needs_a_ledger() -> None:
    """The memory of one process could not say what was sent: the error says what can."""
    async with gateway(Wire(), None) as mine:
        with pytest.raises(ConfigurationError, match="campaign: needs a ledger that claims keys"):
            mine.send_many([], campaign="spring")
