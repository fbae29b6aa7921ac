"""`Settler`: what is open is asked for at its vendor, and what cannot be told apart stays open."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, TypeVar

import anyio
import attrs
import httpx
import pytest
from fake_vendor import Queue
from fake_vendors import number
from settling import CLOUD, V5, Scene, scene_of
from sql_ledgers import Place, request_for
from virtual_time import NOW, Clock

from smsgate import (
    ConfigurationError,
    DeliveryState,
    LedgerError,
    MessageStatus,
    Outcome,
    PhoneNumber,
    Reason,
    StatusReport,
)
from smsgate.huawei import HuaweiManagement
from smsgate.ledger import Settled, Settler, SqlLedger
from smsgate.management import ManagementClient
from smsgate.provider import Call
from smsgate.provider.records import Page, Pulled, SendRecord
from smsgate.sandbox import Drop, Scenario

T = TypeVar("T")
pytestmark = pytest.mark.anyio

QUICK = {"unknown_after": timedelta(), "overdue_after": timedelta()}


@attrs.define(slots=False)
class Account:
    """An account whose reports have no tag, or are late: not there yet."""

    real: Any
    tagged: bool = True
    late: bool = False

    def __attrs_post_init__(self) -> None:
        for name in ("name", "pull_reports", "pull_replies", "find_replies"):
            setattr(self, name, getattr(self.real, name))

    def find_reports(self, *arguments: Any, **options: Any) -> Call[Pulled]:
        return edited(self.real.find_reports(*arguments, **options), self._pulled)

    def _pulled(self, pulled: Pulled) -> Pulled:
        reports = () if self.late else pulled.reports
        kept = reports if self.tagged else [attrs.evolve(each, reference=None) for each in reports]
        return attrs.evolve(pulled, reports=tuple(kept))


class CloudAccount(Account):
    """One that lists sends as well."""

    def find_sends(self, *arguments: Any, **options: Any) -> Call[Page[SendRecord]]:
        return edited(self.real.find_sends(*arguments, **options), self._page)

    def _page(self, page: Page[SendRecord]) -> Page[SendRecord]:
        return attrs.evolve(page, items=tuple(attrs.evolve(each, report=None) for each in page.items))


def edited(call: Call[T], edit: Callable[[T], T]) -> Call[T]:
    """*call*, with what it gives edited."""
    parse = call.parse
    return attrs.evolve(call, parse=lambda response: edit(parse(response)))


@attrs.frozen
class Asked(Scene):
    """A scene, and what the ledger says of it."""

    def settler(self, *sources: Any, **options: Any) -> Settler:
        """One that asks at once, unless *options* say when."""
        more = {**QUICK, "clock": self.clock, "sleep": self.clock.sleep, **options}
        return Settler(self.ledger, self.client, *sources, **more)

    async def status(self, key: str) -> MessageStatus:
        """What the ledger says."""
        delivery = await self.ledger.delivery(key)
        assert delivery is not None
        return delivery.status

    async def outcome(self, key: str) -> tuple[Outcome, Reason | None]:
        """What the ledger says of the send."""
        result = await self.ledger.result(key)
        assert result is not None
        return result.outcome, result.reason


def scene(place: Place) -> AbstractAsyncContextManager[Asked]:
    return scene_of(Asked, place, V5, CLOUD)


@pytest.mark.parametrize("tagged", [True, False], ids=["tagged", "untagged"])
@pytest.mark.parametrize("provider", [V5, CLOUD], ids=["v5", "cloud"])
async def test_a_lost_acceptance_is_found(sqlite: Place, provider: Any, tagged: bool) -> None:
    """A message whose response was lost is delivered: by its report's tag, or as all that it can be of."""
    async with scene(sqlite) as on:
        await on.lose("a", provider=provider.name)
        settler = on.settler(Account(provider.management(), tagged=tagged))
        assert await settler.settle_once() == Settled(asked=1, final=1)
        assert (await on.status("a"), (await on.outcome("a"))[0]) == (MessageStatus.DELIVERED, Outcome.ACCEPTED)
        result = await on.ledger.result("a")
        assert result is not None
        assert result.message_id == on.transport.sandbox.messages[0].message_id
        assert [entry async for entry in on.ledger.unsettled()] == []


async def test_no_evidence_changes_nothing(sqlite: Place) -> None:
    """A vendor that never had the message has nothing about it, and it stays `UNKNOWN`."""
    async with scene(sqlite) as on:
        await on.lose("a", drop=Drop.BEFORE)
        await on.clock.sleep(60)
        assert await on.settler(CLOUD.management()).settle_once() == Settled(asked=1, open=1)
        assert await on.outcome("a") == (Outcome.UNKNOWN, Reason.NO_ANSWER)


async def test_a_lost_refusal_is_found_by_its_record(sqlite: Place) -> None:
    """The vendor's record says that it refused the send: the message was not sent, for the vendor's reason."""
    async with scene(sqlite) as on:
        await on.lose("a", Scenario.BLOCKLISTED.number)
        await on.clock.sleep(60)
        assert await on.settler(CLOUD.management()).settle_once() == Settled(asked=1, final=1)
        assert await on.outcome("a") == (Outcome.REJECTED, Reason.BLOCKLISTED)
        assert await on.status("a") is MessageStatus.NOT_SENT
        assert [entry async for entry in on.ledger.unsettled()] == []


async def test_a_sent_message_without_a_report_is_sent(sqlite: Place) -> None:
    """Of a message that is on its way, the record tells that it was sent; a later round learns how it ended."""
    async with scene(sqlite) as on:
        await on.lose("a")
        account = CloudAccount(CLOUD.management(), tagged=False, late=True)
        settler = on.settler(account)
        assert await settler.settle_once() == Settled(asked=1, sent=1)
        assert (await on.status("a"), (await on.outcome("a"))[0]) == (MessageStatus.SENT, Outcome.ACCEPTED)
        assert await settler.settle_once() == Settled(asked=1, open=1)
        account.late = False
        assert await settler.settle_once() == Settled(asked=1, final=1)
        assert await on.status("a") is MessageStatus.DELIVERED


@pytest.mark.parametrize("provider", [V5, CLOUD], ids=["v5", "cloud"])
@pytest.mark.parametrize("drop", [Drop.BEFORE, Drop.AFTER], ids=["one-taken", "both-taken"])
async def test_two_open_sends_to_one_number_stay_open(sqlite: Place, provider: Any, drop: Drop) -> None:
    """A report without a tag, or a record, may be about either of two: neither is told to be sent, or not to be."""
    async with scene(sqlite) as on:
        await on.lose("a", drop=drop, provider=provider.name)
        await on.lose("b", provider=provider.name)
        settled = await on.settler(Account(provider.management(), tagged=False)).settle_once()
        assert settled == Settled(asked=1, open=2, ambiguous=2)
        assert [await on.status(key) for key in "ab"] == [MessageStatus.UNKNOWN] * 2


class Tagging(Queue):
    """An account that has one report, of the tag that two sends have."""

    name = "alpha"

    def find_reports(self, *arguments: Any, **options: Any) -> Call[Pulled]:
        report = StatusReport("alpha", "id-1", PhoneNumber(number(0)), DeliveryState.DELIVERED, reference="sgu.a")
        return edited(super().find_reports(*arguments, **options), lambda _: Pulled((report,)))


async def test_two_sends_with_one_tag_stay_open(sqlite: Place) -> None:
    """A key that was sent twice, by programs that knew nothing of each other, has two sends and one tag."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=[]))
    async with SqlLedger(**sqlite.arguments) as ledger, ManagementClient(transport=transport) as client:
        for _ in range(2):
            await ledger.leaving(request_for("a", at=time.time() - 60))
        settler = Settler(ledger, client, Tagging(), unknown_after=timedelta())
        assert await settler.settle_once() == Settled(asked=1, open=2, ambiguous=2)


async def test_time_tells_two_sends_apart(sqlite: Place) -> None:
    """Two sends that are an hour apart have records of their own."""
    async with scene(sqlite) as on:
        await on.lose("a", drop=Drop.BEFORE)
        await on.clock.sleep(3600)
        await on.lose("b")
        await on.clock.sleep(60)
        assert await on.settler(CLOUD.management()).settle_once() == Settled(asked=1, final=1, open=1)
        assert [await on.status(key) for key in "ab"] == [MessageStatus.UNKNOWN, MessageStatus.DELIVERED]


async def test_what_is_young_or_old_is_not_asked_for(sqlite: Place) -> None:
    """Each status has an age from which it is asked for, and after *until* nothing is."""
    async with scene(sqlite) as on:
        await on.lose("a", drop=Drop.BEFORE)
        await on.send("b", provider="tencent-v5")
        settler = Settler(
            on.ledger, on.client, CLOUD.management(), V5.management(), clock=on.clock, sleep=on.clock.sleep
        )
        for seconds, expected in (
            (110, Settled()),
            (20, Settled(asked=1, open=1)),
            (3500, Settled(asked=2, open=1, final=1)),
            (72 * 3600, Settled(too_old=1)),
        ):
            await on.clock.sleep(seconds)
            assert await settler.settle_once() == expected


async def test_a_provider_without_a_source_is_told(sqlite: Place) -> None:
    """Messages of accounts that the settler does not have are counted, by account."""
    async with scene(sqlite) as on:
        for key in "ab":
            await on.lose(key, drop=Drop.BEFORE, provider="tencent-v5")
        assert await on.settler(CLOUD.management()).settle_once() == Settled(unasked={"tencent-v5": 2})


async def test_an_account_that_fails_is_left_alone(sqlite: Place) -> None:
    """After three failures in a row an account is not asked again in that round; the next round tries it."""
    async with scene(sqlite) as on:
        for index in range(5):
            await on.lose(f"key-{index}", f"+861378888888{index}", Drop.BEFORE)
        settler, before = on.settler(CLOUD.management()), len(on.transport.requests)
        on.transport.sandbox.faults.drop("tencent", Drop.BEFORE, times=3)
        settled = await settler.settle_once()
        assert (settled.asked, len(on.transport.requests) - before) == (0, 3)
        assert settled.failures["tencent"].outcome is Outcome.UNKNOWN
        assert await settler.settle_once() == Settled(asked=5, open=5)


async def test_queries_are_paced(sqlite: Place) -> None:
    """No more queries a second than *rate*."""
    async with scene(sqlite) as on:
        for index in range(4):
            await on.lose(f"key-{index}", f"+861378888888{index}", Drop.BEFORE, "tencent-v5")
        began = on.clock.now
        await on.settler(V5.management(), rate=0.5).settle_once()
        assert on.clock.now - began == pytest.approx(6)


async def test_a_clock_that_is_set_back(sqlite: Place) -> None:
    """Costs no pause: the next query waits no longer than the rate asks for."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async with scene(sqlite) as on:
        settler = on.settler(V5.management(), rate=5, sleep=sleep)
        for passed in (0, -3600, 0.2, -0.1, 10):
            on.clock.now += passed
            await settler._pause()
    assert waits == pytest.approx([0.2, 0.2, 0.4])


async def test_runs_until_it_is_cancelled(sqlite: Place, caplog: pytest.LogCaptureFixture) -> None:
    """`run` settles again and again, and logs what each round has come to, and failures."""
    caplog.set_level(logging.INFO, "smsgate")
    async with scene(sqlite) as on:
        await on.lose("a")
        on.transport.sandbox.faults.drop("tencent", Drop.BEFORE)
        with anyio.CancelScope() as scope:

            async def sleep(seconds: float) -> None:
                await on.clock.sleep(seconds)
                if on.clock.now > NOW + 3 * 600:
                    scope.cancel()

            await on.settler(CLOUD.management(), sleep=sleep).run()
        assert await on.status("a") is MessageStatus.DELIVERED
    told = [record.getMessage() for record in caplog.records if record.getMessage().startswith("settling")]
    assert told[0].startswith("settling: tencent: PullSmsSendStatusByPhoneNumber: ")
    assert told[-1] == "settling: asked for 0 numbers: 0 messages ended, 0 were sent, 0 are open"


async def test_a_ledger_that_fails_is_logged(sqlite: Place, caplog: pytest.LogCaptureFixture) -> None:
    """A round whose database fails is another try's, and `settle_once` raises."""
    clock = Clock()
    async with ManagementClient() as client:
        ledger = SqlLedger(**sqlite.arguments)  # without its tables
        with pytest.raises(LedgerError):
            await Settler(ledger, client, V5.management()).settle_once()
        with anyio.CancelScope() as scope:

            async def sleep(seconds: float) -> None:
                scope.cancel()
                await clock.sleep(seconds)

            await Settler(ledger, client, V5.management(), sleep=sleep).run(interval=1)
        await ledger.aclose()
    assert [record.getMessage().startswith("settling: ledger: ") for record in caplog.records] == [True]


async def test_refuses_what_it_cannot_do(sqlite: Place) -> None:
    """Accounts that cannot be asked, ledgers without numbers and senseless times are errors that say so."""
    huawei = HuaweiManagement.__new__(HuaweiManagement)
    async with ManagementClient() as client, SqlLedger(**sqlite.arguments) as ledger:
        masked = SqlLedger(**sqlite.arguments, numbers="masked")
        wrong: list[tuple[str, SqlLedger, tuple[Any, ...], dict[str, Any]]] = [
            ("sources: give", ledger, (), {}),
            ("sources[1]: HuaweiManagement cannot be asked about a number", ledger, (Queue(), huawei), {}),
            ("sources: more than one is named 'fake'", ledger, (Queue(), Queue()), {}),
            ('Settler: needs a ledger with numbers="full"', masked, (Queue(),), {}),
            ("rate: ", ledger, (Queue(),), {"rate": 0}),
            ("unknown_after, overdue_after: ", ledger, (Queue(),), {"unknown_after": timedelta(days=4)}),
        ]
        for text, record, sources, options in wrong:
            with pytest.raises(ConfigurationError) as raised:
                Settler(record, client, *sources, **options)
            assert str(raised.value).startswith(text)
        with pytest.raises(ConfigurationError, match="interval: "):
            await Settler(ledger, client, Queue()).run(interval=0)
        await masked.aclose()
