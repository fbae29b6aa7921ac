"""Pulls empty a queue for good: what they take is kept before it is read, and what may be lost is a gap."""

import asyncio
import errno
import json
import math
import pickle
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import anyio.lowlevel
import attrs
import httpx
import pytest
from fake_vendor import NOW, Queue, token_source

from smsgate.management import FileSpool, Gap, KeepError, ManagementClient, Puller
from smsgate.model.errors import ClosedError, ConfigurationError, LedgerError, VendorError
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Outcome
from smsgate.model.report import Reply, StatusReport
from smsgate.model.states import DeliveryState
from smsgate.provider import Call
from smsgate.provider.records import Pulled
from smsgate.testing import traced
from smsgate.wire import HttpRequest, HttpResponse

pytestmark = pytest.mark.anyio


def puller_for(handler: Callable[[httpx.Request], httpx.Response], **options: object) -> tuple[Puller, list[bytes]]:
    kept: list[bytes] = []
    client = ManagementClient(transport=traced(httpx.MockTransport(handler)))
    arguments: dict[str, object] = {"keep": kept.append, "clock": lambda: NOW} | options
    return Puller(Queue(), client, **arguments), kept  # type: ignore[arg-type]


async def test_the_raw_answer_is_kept_before_it_is_parsed() -> None:
    """An answer that cannot be parsed has been kept, byte for byte, and is no gap."""
    puller, kept = puller_for(lambda _: httpx.Response(200, content=b"not json"))
    with pytest.raises(ValueError, match="Expecting value"):
        await puller.pull()
    assert kept == [b"not json"]
    assert puller.gaps == []


async def test_a_pull_gives_reports_and_keeps_their_bytes() -> None:
    """A pull gives what it took; an async `keep` is awaited first."""
    kept: list[bytes] = []

    async def keep(body: bytes) -> None:
        await anyio.lowlevel.checkpoint()
        kept.append(body)

    puller, _ = puller_for(lambda _: httpx.Response(200, json=["a", "b"]), keep=keep)
    pulled = await puller.pull()
    assert [report.message_id for report in pulled.reports] == ["a", "b"]
    assert [json.loads(body) for body in kept] == [["a", "b"]]


async def test_replies_are_pulled_by_their_own_call() -> None:
    """kind="replies" requests replies."""
    puller, _ = puller_for(lambda request: httpx.Response(200, json=[request.url.path]), kind="replies")
    assert [reply.text for reply in (await puller.pull()).replies] == ["/replies"]


async def test_no_response_after_the_request_left_is_a_gap() -> None:
    """The queue may have been emptied into a connection that broke: the gap says when."""
    noted: list[Gap] = []

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("broken")

    puller, kept = puller_for(fail, on_gap=noted.append)
    with pytest.raises(VendorError):
        await puller.pull()
    assert kept == []
    assert puller.gaps == noted
    assert (noted[0].provider, noted[0].kind) == ("fake", "reports")
    assert noted[0].began_at == datetime.fromtimestamp(NOW, UTC)


async def test_an_answer_that_leaves_it_open_is_a_gap() -> None:
    """A 500 does not say whether the queue was emptied."""
    puller, kept = puller_for(lambda _: httpx.Response(500, json={"code": "x"}))
    with pytest.raises(VendorError):
        await puller.pull()
    assert len(kept) == 1
    assert len(puller.gaps) == 1


async def test_a_pull_that_never_left_is_no_gap() -> None:
    """A refused connection takes nothing out of any queue."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    puller, _ = puller_for(fail)
    with pytest.raises(VendorError):
        await puller.pull()
    assert puller.gaps == []


class Slow:
    """A vendor and a store that take their time: each waits until the test lets it go on."""

    def __init__(self) -> None:
        self.requested, self.answer = anyio.Event(), anyio.Event()
        self.storing, self.stored = anyio.Event(), anyio.Event()
        self.kept: list[bytes] = []
        self.client = ManagementClient(transport=httpx.MockTransport(self._answer))
        self.puller = Puller(Queue(), self.client, keep=self._keep, on_gap=self._on_gap)
        self.noted: list[Gap] = []

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requested.set()
        await self.answer.wait()
        return httpx.Response(200, json=["a"])

    async def _keep(self, body: bytes) -> None:
        self.storing.set()
        await self.stored.wait()
        self.kept.append(body)

    async def _on_gap(self, gap: Gap) -> None:
        await anyio.lowlevel.checkpoint()
        self.noted.append(gap)


async def test_a_pull_that_is_cut_short_is_a_gap() -> None:
    """Closing the client ends a pull whose answer does not come; an async `on_gap` is awaited with its gap."""
    slow = Slow()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(slow.puller.pull)
        await slow.requested.wait()
        tasks.cancel_scope.cancel()
    assert slow.noted == []
    await slow.client.aclose(timeout=0)
    assert [gap.error for gap in slow.noted] == ["cancelled: the client was closed, or the event loop ended"]
    assert slow.puller.gaps == slow.noted


async def test_a_pull_that_is_cut_short_says_so_to_its_caller() -> None:
    """Who still waits for a pull when the client is closed is given an error that leaves it open."""
    slow = Slow()

    async def pull() -> None:
        with pytest.raises(VendorError, match="the client was closed") as caught:
            await slow.puller.pull()
        assert caught.value.outcome is Outcome.UNKNOWN

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pull)
        await slow.requested.wait()
        await slow.client.aclose(timeout=0)
    with pytest.raises(ClosedError):
        await slow.puller.pull()
    assert len(slow.noted) == 1


@pytest.mark.parametrize("moment", ["requested", "storing"])
async def test_a_cancelled_pull_loses_nothing(moment: str) -> None:
    """A caller who is cancelled while the vendor answers or while the answer is stored takes neither down."""
    slow = Slow()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(slow.puller.pull)
        if moment == "storing":
            slow.answer.set()
        await getattr(slow, moment).wait()
        tasks.cancel_scope.cancel()
    assert slow.kept == []
    slow.answer.set()
    slow.stored.set()
    await slow.client.aclose()
    assert slow.kept == [b'["a"]']
    assert slow.puller.gaps == []


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("moment", ["requested", "storing"])
@pytest.mark.parametrize("how", ["cancel", "wait_for"])
async def test_asyncios_own_cancellation_loses_nothing(moment: str, how: str) -> None:
    """`task.cancel()`, which no shielded scope stops, and `wait_for` lose nothing either, in a loop of pulls too."""
    slow = Slow()
    loop = slow.puller.loop()
    if moment == "storing":
        slow.answer.set()
    waiting = asyncio.ensure_future(anext(loop))
    await getattr(slow, moment).wait()
    if how == "cancel":
        waiting.cancel()
    else:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(waiting, 0.001)
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    slow.answer.set()
    slow.stored.set()
    await slow.client.aclose()
    assert slow.kept == [b'["a"]']
    assert slow.puller.gaps == []


@pytest.mark.parametrize("moment", ["requested", "storing"])
def test_a_loop_that_ends_leaves_a_gap_with_the_answer(moment: str) -> None:
    """When asyncio.run() ends with a pull in progress, its gap is noted, with the answer's bytes where it has come."""
    found: list[Slow] = []

    async def main() -> None:
        slow = Slow()
        found.append(slow)
        if moment == "storing":
            slow.answer.set()
        waiting = asyncio.ensure_future(slow.puller.pull())
        await getattr(slow, moment).wait()
        waiting.cancel()

    asyncio.run(main())
    (slow,) = found
    assert [gap.body for gap in slow.noted] == [b'["a"]' if moment == "storing" else None]


async def test_a_pull_that_has_not_left_is_not_waited_for() -> None:
    """A caller who is cancelled before the request has left ends the pull: nothing was taken out of the queue."""
    paths: list[str] = []
    waits = anyio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        waits.set()
        await anyio.sleep_forever()
        raise AssertionError

    client = ManagementClient(transport=httpx.MockTransport(answer))
    puller = Puller(Queue(), client, keep=lambda _: None)
    call = attrs.evolve(puller._call(), token=token_source())
    puller._call = lambda: call  # type: ignore[method-assign]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(puller.pull)
        await waits.wait()
        tasks.cancel_scope.cancel()
    with anyio.fail_after(5):
        await client.aclose(timeout=math.inf)
    assert (paths, puller.gaps) == (["/token"], [])


async def test_an_interrupted_keep_has_its_gap() -> None:
    """KeyboardInterrupt goes through to the caller, and the gap has the bytes."""

    def keep(body: bytes) -> None:
        raise KeyboardInterrupt

    puller, _ = puller_for(lambda _: httpx.Response(200, json=["a"]), keep=keep)
    with pytest.raises(KeyboardInterrupt):
        await puller.pull()
    assert [gap.body for gap in puller.gaps] == [b'["a"]']


def failing(kind: str) -> Callable[[bytes], object]:
    def plain(body: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/a/path")

    async def later(body: bytes) -> None:
        await anyio.lowlevel.checkpoint()
        raise LookupError(f"no place for {body!r}")

    async def cancelled(body: bytes) -> None:
        raise anyio.get_cancelled_exc_class()

    return {"plain": plain, "async": later, "cancelled": cancelled}[kind]


@pytest.mark.parametrize("kind", ["plain", "async"])
async def test_an_answer_that_cannot_be_kept_is_in_the_error(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """A `keep` that fails is an error with the answer's bytes and reports, and a gap with the bytes; none in a text."""
    puller, _ = puller_for(lambda _: httpx.Response(200, json=["id-4821"]), keep=failing(kind))
    with pytest.raises(KeepError, match="the answer could not be kept: ") as caught:
        await puller.pull()
    error = caught.value
    assert error.body == b'["id-4821"]'
    assert error.pulled is not None
    assert [report.message_id for report in error.pulled.reports] == ["id-4821"]
    assert isinstance(error.__cause__, OSError if kind == "plain" else LookupError)
    assert ("No space left on device" in str(error)) == (kind == "plain")
    assert "test_puller.py:" in str(error)
    assert [gap.body for gap in puller.gaps] == [error.body]
    assert [report.message_id for report in puller.replay([error.body]) if isinstance(report, StatusReport)]
    assert pickle.loads(pickle.dumps(error)).body == b""
    assert "4821" not in f"{error} {error!r} {puller.gaps} {caplog.text}"


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_keep_that_is_cancelled_inside_is_a_failure() -> None:
    """A store that waits for something that was cancelled raises CancelledError, though the pull was not cancelled."""
    puller, _ = puller_for(lambda _: httpx.Response(200, json=["a"]), keep=failing("cancelled"))
    with pytest.raises(KeepError) as caught:
        await puller.pull()
    assert caught.value.body == b'["a"]'


async def test_an_answer_that_can_neither_be_kept_nor_read() -> None:
    """Bytes that nobody can read are in the error all the same."""
    puller, _ = puller_for(lambda _: httpx.Response(200, content=b"not json"), keep=failing("plain"))
    with pytest.raises(KeepError) as caught:
        async for _ in puller.loop():
            pass
    assert (caught.value.body, caught.value.pulled) == (b"not json", None)


@pytest.mark.parametrize("kind", ["plain", "async"])
async def test_an_on_gap_that_fails_is_logged(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """What `on_gap` raises hides neither the vendor's error nor the gap."""
    puller, _ = puller_for(lambda _: httpx.Response(500, json={"code": "x"}), on_gap=failing(kind))
    with pytest.raises(VendorError):
        await puller.pull()
    assert len(puller.gaps) == 1
    assert "on_gap failed: " in caplog.text
    assert "test_puller.py:" in caplog.text


async def test_repair_names_the_numbers_that_may_have_more() -> None:
    """A query that returned as many items as were requested may have left some out: its number is named."""
    sizes = {"8613800138000": 1, "8613800138001": 2, "8613800138002": 0}

    def find(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=["x"] * sizes[request.url.params["to"]])

    puller, _ = puller_for(find, limit=2)
    now = datetime.fromtimestamp(NOW, UTC)
    repaired = await puller.repair(Gap("fake", "reports", now, now, ""), [f"+{number}" for number in sizes])
    assert len(repaired.reports) == 3
    assert repaired.incomplete == (PhoneNumber("+8613800138001"),)


async def test_a_gap_is_repaired_number_by_number() -> None:
    """The by-phone query looks back as far as messages may have been sent before the gap."""
    requested: list[httpx.URL] = []

    def find(request: httpx.Request) -> httpx.Response:
        requested.append(request.url)
        return httpx.Response(200, json=[f"for-{request.url.params['to']}"])

    puller, _ = puller_for(find)
    now = datetime.fromtimestamp(NOW, UTC)
    gap = Gap("fake", "reports", now, now + timedelta(seconds=2), "broken")
    pulled = await puller.repair(gap, ["+8613800138000", "+8613800138001"])
    assert [report.message_id for report in pulled.reports] == ["for-8613800138000", "for-8613800138001"]
    assert [url.params["begin"] for url in requested] == [f"{NOW - 72 * 3600:.0f}"] * 2


async def test_the_loop_pulls_on_and_backs_off() -> None:
    """A full answer is followed at once, a failure by a longer wait, and nothing that came is dropped."""
    answers = [httpx.Response(200, json=["a", "b"]), httpx.Response(200, json=["c"])]

    def answer(request: httpx.Request) -> httpx.Response:
        if not answers:
            return httpx.Response(200, json=["d"])
        if len(answers) == 1 and not failed:
            failed.append(True)
            raise httpx.ReadError("broken")
        return answers.pop(0)

    failed: list[bool] = []
    puller, kept = puller_for(answer, limit=2)
    seen: list[str] = []
    async for report in puller.loop(interval=0.01, max_interval=0.05):
        assert isinstance(report, StatusReport)
        seen.append(report.message_id)
        if len(seen) == 4:
            break
    assert seen == ["a", "b", "c", "d"]
    assert len(kept) == 3
    assert len(puller.gaps) == 1


async def test_the_loop_gives_up_on_what_waiting_cannot_mend() -> None:
    """Wrong credentials end the loop with the vendor's refusal."""
    puller, _ = puller_for(lambda _: httpx.Response(401, json={"code": "denied"}))
    with pytest.raises(VendorError, match="refused"):
        async for _ in puller.loop():
            pass


async def test_the_loop_can_be_cancelled_while_it_waits() -> None:
    """Cancelling the loop between pulls leaves no gap."""
    puller, kept = puller_for(lambda _: httpx.Response(200, json=[]))

    async def pull_on() -> None:
        async for _ in puller.loop(interval=60):
            pass

    async with anyio.create_task_group() as group:
        group.start_soon(pull_on)
        while not kept:  # noqa: ASYNC110  # a puller has no event for it
            await anyio.sleep(0.01)
        await anyio.sleep(0.01)
        group.cancel_scope.cancel()
    assert len(kept) == 1
    assert puller.gaps == []


async def test_a_spool_holds_what_a_killed_pull_took(tmp_path: Path) -> None:
    """Killed between the answer and the parse, the spool has the bytes, and reading it yields the reports."""
    spool = FileSpool(tmp_path / "pulled")
    puller, _ = puller_for(lambda _: httpx.Response(200, json=["a", "b"]), keep=spool.keep)
    call = puller._call()
    unread = Call(call.name, call.build, lambda _: Pulled())
    puller._call = lambda: unread  # type: ignore[method-assign]  # as if the process ended before it was parsed
    await puller.pull()
    again, _ = puller_for(lambda _: httpx.Response(500))
    replayed = list(again.replay(FileSpool(tmp_path / "pulled").read()))
    assert [report.message_id for report in replayed if isinstance(report, StatusReport)] == ["a", "b"]
    replies, _ = puller_for(lambda _: httpx.Response(500), kind="replies")
    assert [reply.text for reply in replies.replay([b'["hi"]']) if isinstance(reply, Reply)] == ["hi"]


async def test_replay_goes_on_after_a_kept_refusal(caplog: pytest.LogCaptureFixture) -> None:
    """A refusal that was kept between two answers hides neither."""

    def parse(response: HttpResponse) -> Pulled:
        if response.body == b"no":
            raise VendorError("refused")
        return Pulled((StatusReport("fake", response.body.decode(), None, DeliveryState.DELIVERED),))

    puller, _ = puller_for(lambda _: httpx.Response(500))
    puller._call = lambda: Call("pull", lambda _: HttpRequest("POST", "/"), parse)  # type: ignore[method-assign]
    replayed = list(puller.replay([b"a", b"no", b"b"]))
    assert [report.message_id for report in replayed if isinstance(report, StatusReport)] == ["a", "b"]
    assert "refused" in caplog.text


async def test_the_loop_returns_all_that_an_answer_holds(caplog: pytest.LogCaptureFixture) -> None:
    """An answer with reports and replies loses neither, and items that cannot be read are logged."""
    report = StatusReport("fake", "a", None, DeliveryState.DELIVERED)
    reply = Reply("fake", None, PhoneNumber("+8613800138000"), "hi")
    puller, _ = puller_for(lambda _: httpx.Response(200))
    call = Call("pull", lambda _: HttpRequest("POST", "http://vendor.test/"), lambda _: Pulled((report,), (reply,), 2))
    puller._call = lambda: call  # type: ignore[method-assign]
    seen: list[StatusReport | Reply] = []
    async for item in puller.loop():
        seen.append(item)
        if len(seen) == 2:
            break
    assert seen == [report, reply]
    assert "2 pulled items could not be read" in caplog.text


def test_refuses_options_that_cannot_be(tmp_path: Path) -> None:
    """A wrong kind, interval or directory is said at once."""
    with pytest.raises(ConfigurationError, match="kind"):
        puller_for(lambda _: httpx.Response(200), kind="both")
    puller, _ = puller_for(lambda _: httpx.Response(200))
    with pytest.raises(ConfigurationError, match="interval"):
        puller.loop(interval=0)
    with pytest.raises(ConfigurationError, match="not a directory"):
        FileSpool(tmp_path / "missing" / "file")


class Store:
    """A ledger, until it is full."""

    def __init__(self, room: int = 100) -> None:
        self.room = room
        self.events: list[str | None] = []

    async def handle(self, event: StatusReport | Reply, /) -> None:
        await anyio.lowlevel.checkpoint()
        if len(self.events) >= self.room:
            raise LedgerError("ledger: its disk is full")
        self.events.append(event.message_id if isinstance(event, StatusReport) else event.text)


@pytest.mark.parametrize(("kind", "expected"), [("reports", ["a", "b"]), ("replies", ["a", "b"])])
async def test_a_ledger_has_what_was_pulled(kind: str, expected: list[str]) -> None:
    """Before `pull` returns, and after the raw answer was kept."""
    store = Store()
    puller, kept = puller_for(lambda _: httpx.Response(200, json=["a", "b"]), kind=kind, ledger=store)
    await puller.pull()
    assert store.events == expected
    assert len(kept) == 1


class BatchStore(Store):
    """One that takes many at once."""

    async def handle_all(self, events: Sequence[StatusReport | Reply], /) -> None:
        for event in events:
            await self.handle(event)
        self.events.append(None)


async def test_a_pull_is_one_call_of_a_ledger_that_takes_many() -> None:
    """It has all events of a pull in one call."""
    store = BatchStore()
    puller, _ = puller_for(lambda _: httpx.Response(200, json=["a", "b"]), ledger=store)
    await puller.pull()
    assert store.events == ["a", "b", None]


async def test_a_ledger_that_does_not_take_it() -> None:
    """The error is the caller's, nothing is lost, and there is no gap: the answer has been kept."""
    puller, kept = puller_for(lambda _: httpx.Response(200, json=["a", "b"]), ledger=Store(room=1))
    with pytest.raises(LedgerError, match="full"):
        await puller.pull()
    assert puller.gaps == []
    again = Store()
    for event in puller.replay(kept):
        await again.handle(event)
    assert again.events == ["a", "b"]


async def test_a_puller_checks_its_ledger() -> None:
    """What cannot take events is refused when the puller is made."""
    with pytest.raises(ConfigurationError, match=r"^ledger: must have the method handle"):
        puller_for(lambda _: httpx.Response(200, json=[]), ledger=object())
