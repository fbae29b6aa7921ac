"""`Resend`: what a vendor has nothing of is sent once more, if the caller has asked for that."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

import attrs
import pytest
from settling import LOGIN, NUMBER, V5, Scene, scene_of
from sql_ledgers import Place

from smsgate import ConfigurationError, Gateway, MessageStatus, Outcome, Result, Template
from smsgate.ledger import Resend, Settled, Settler, SqlLedger
from smsgate.provider import Call
from smsgate.provider.records import Pulled
from smsgate.sandbox import Drop

pytestmark = pytest.mark.anyio

QUIET = timedelta(minutes=30)


@attrs.define(slots=False)
class Edited:
    """An account whose answers are edited."""

    edit: Callable[[Pulled], Pulled]
    real: Any = attrs.field(factory=V5.management)

    def __attrs_post_init__(self) -> None:
        for name in ("name", "pull_reports", "pull_replies", "find_replies"):
            setattr(self, name, getattr(self.real, name))

    def find_reports(self, *arguments: Any, **options: Any) -> Call[Pulled]:
        call = self.real.find_reports(*arguments, **options)
        return attrs.evolve(call, parse=lambda response: self.edit(call.parse(response)))


def nothing(pulled: Pulled) -> Pulled:
    """Its reports are late: not there yet."""
    return attrs.evolve(pulled, reports=())


def untagged(pulled: Pulled) -> Pulled:
    """The vendor does not echo tags."""
    return attrs.evolve(pulled, reports=tuple(attrs.evolve(each, reference=None) for each in pulled.reports))


def unread(pulled: Pulled) -> Pulled:
    """A part of its answer could not be read."""
    return attrs.evolve(nothing(pulled), unreadable=1)


@attrs.frozen
class Resent(Scene):
    """A scene, and what sends again in it."""

    async def lose_request(self, key: str = "a", drop: Drop = Drop.BEFORE, **options: Any) -> None:
        """Send a message whose request is lost, or its response."""
        await self.lose(key, drop=drop, provider="tencent-v5", **options)

    async def settle(self, edit: Callable[[Pulled], Pulled] | None = None, minutes: float = 31) -> Settled:
        """Wait, then ask, and send again."""
        await self.clock.sleep(60 * minutes)
        source: Any = V5.management() if edit is None else Edited(edit)
        options: dict[str, Any] = {"clock": self.clock, "sleep": self.clock.sleep}
        settler = Settler(self.ledger, self.client, source, resend=Resend(self.gateway, after=QUIET), **options)
        return await settler.settle_once()

    @property
    def taken(self) -> int:
        """How many messages the vendor took."""
        return len(self.transport.sandbox.messages)


def scene(place: Place, **options: Any) -> AbstractAsyncContextManager[Resent]:
    return scene_of(Resent, place, V5, params=True, **options)


async def test_a_lost_request_is_sent_once_more(sqlite: Place) -> None:
    """After the quiet window, not before it; then it is accepted, and its first try stays open."""
    async with scene(sqlite) as on:
        await on.lose_request()
        assert await on.settle(minutes=20) == Settled(asked=1, open=1)
        assert on.taken == 0
        assert await on.settle(minutes=10) == Settled(asked=1, open=1, resent=1)
        result = await on.ledger.result("a")
        assert result is not None
        assert (result.outcome, result.possible_duplicate, on.taken) == (Outcome.ACCEPTED, True, 1)
        assert on.transport.sandbox.messages[0].params == ("4821", "5")
        await on.settle(minutes=120)
        delivery = await on.ledger.delivery("a")
        assert delivery is not None
        assert (delivery.status, on.taken) == (MessageStatus.DELIVERED, 1)


async def test_evidence_is_heard_first(sqlite: Place) -> None:
    """What the vendor took is not sent again."""
    async with scene(sqlite) as on:
        await on.lose_request(drop=Drop.AFTER)
        assert await on.settle() == Settled(asked=1, final=1)
        assert on.taken == 1


async def test_a_late_report_of_the_first_try(sqlite: Place) -> None:
    """Two tries of one key have one tag: each of their reports counts for its own, and both for the message."""
    async with scene(sqlite) as on:
        await on.lose_request(drop=Drop.AFTER)
        assert (await on.settle(nothing)).resent == 1
        assert on.taken == 2
        await on.settle(minutes=120)
        entries = [entry async for entry in on.ledger.history(NUMBER)]
        ids = [[report.message_id for report in entry.delivery.reports] for entry in entries]
        assert ids == [[message.message_id] for message in on.transport.sandbox.messages]
        assert {entry.status for entry in entries} == {MessageStatus.DELIVERED}
        assert [entry async for entry in on.ledger.unsettled()] == []
        result = await on.ledger.result("a")
        assert result is not None
        assert [each.message_id for each in result.attempts] == [
            each.message_id for each in on.transport.sandbox.messages
        ]


async def test_what_is_not_told_apart_is_left_alone(sqlite: Place) -> None:
    """Of two open sends to one number one was taken, and its report does not say which."""
    async with scene(sqlite) as on:
        await on.lose_request("a")
        await on.lose_request("b", Drop.AFTER)
        assert await on.settle(untagged) == Settled(asked=1, open=2, ambiguous=2)
        assert on.taken == 1


async def test_two_that_are_lost_are_both_sent(sqlite: Place) -> None:
    """If there is nothing that may be about them."""
    async with scene(sqlite) as on:
        await on.lose_request("a")
        await on.lose_request("b")
        assert await on.settle() == Settled(asked=1, open=2, resent=2)
        assert on.taken == 2


async def test_an_answer_that_is_not_whole_proves_nothing(sqlite: Place) -> None:
    """What could not be read may be about the message; nor is a vendor that fails to answer one that has nothing."""
    async with scene(sqlite) as on:
        await on.lose_request()
        assert await on.settle(unread) == Settled(asked=1, open=1)
        on.transport.sandbox.faults.drop("tencent", Drop.BEFORE)
        assert (await on.settle()).failures.keys() == {"tencent-v5"}
        assert on.taken == 0
        assert (await on.settle()).resent == 1


async def test_not_past_its_deadline(sqlite: Place) -> None:
    """A message that has expired meanwhile stays `UNKNOWN`."""
    async with scene(sqlite) as on:
        await on.lose_request("a", within=40 * 60)
        await on.lose_request("b", within=20 * 60)
        assert await on.settle() == Settled(asked=1, open=2, resent=1)
        outcomes = [result and result.outcome for result in [await on.ledger.result(key) for key in "ab"]]
        assert outcomes == [Outcome.ACCEPTED, Outcome.UNKNOWN]


async def test_lost_twice(sqlite: Place) -> None:
    """It is not sent a third time."""
    async with scene(sqlite) as on:
        await on.lose_request()
        on.transport.sandbox.faults.drop("tencent", Drop.BEFORE)
        on.clock.now += 1860
        async with on.ledger.reopen("a", quiet_for=QUIET) as message:
            assert message is not None
            assert (await on.gateway.send(message)).possible_duplicate
        for _ in range(2):
            assert (await on.settle()).resent == 0
        assert on.taken == 0


async def test_what_the_gateway_does_not_take(sqlite: Place, caplog: pytest.LogCaptureFixture) -> None:
    """Is logged, and leaves the message as it was: nobody is told that it was refused."""
    told: list[Result] = []
    async with scene(sqlite, on_result=told.append) as on:
        await on.lose_request()
        on.gateway.replace_templates([Template("other", ids={"tencent-v5": "20"})])
        assert await on.settle() == Settled(asked=1, open=1)
        assert "settling: a message was not sent again: " in caplog.text
        assert NUMBER not in caplog.text
        assert len(told) == 1
        on.gateway.replace_templates([LOGIN])
        assert (await on.settle()).resent == 1


async def test_refuses_what_it_cannot_do(sqlite: Place) -> None:
    """A quiet window that is none, a gateway with another ledger, and a ledger without parameters are errors."""
    async with scene(sqlite) as on:
        with pytest.raises(ConfigurationError, match="after: must be above 0"):
            Resend(on.gateway, after=timedelta())
        bare = SqlLedger(**sqlite.arguments)
        async with Gateway([V5], templates=[LOGIN], ledger=bare) as without:
            for ledger, gateway, text in (
                (on.ledger, without, "resend: its gateway must have the settler's ledger"),
                (bare, without, "resend: needs a ledger with params=True"),
                (on.ledger, on.gateway, "resend: after must be below until"),
            ):
                resend = Resend(gateway, after=timedelta(days=9))
                with pytest.raises(ConfigurationError, match=text):
                    Settler(ledger, on.client, V5.management(), resend=resend)
