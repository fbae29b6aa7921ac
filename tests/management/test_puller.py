"""Pulls empty a queue for good: what they take is kept before it is read, and what may be lost is a gap."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import anyio.lowlevel
import httpx
import pytest
from fake_vendor import NOW, Queue

from smsgate.management import FileSpool, Gap, ManagementClient, Puller
from smsgate.model.errors import ConfigurationError, VendorError
from smsgate.model.phone import PhoneNumber
from smsgate.model.report import DeliveryState, Reply, StatusReport
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
    """kind="replies" asks for replies."""
    puller, _ = puller_for(lambda request: httpx.Response(200, json=[request.url.path]), kind="replies")
    assert [reply.text for reply in (await puller.pull()).replies] == ["/replies"]


async def test_silence_after_the_request_left_is_a_gap() -> None:
    """The queue may have been emptied into a connection that broke: the time of it is told."""
    told: list[Gap] = []

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("broken")

    puller, kept = puller_for(fail, on_gap=told.append)
    with pytest.raises(VendorError):
        await puller.pull()
    assert kept == []
    assert puller.gaps == told
    assert (told[0].provider, told[0].kind) == ("fake", "reports")
    assert told[0].began_at == datetime.fromtimestamp(NOW, UTC)


async def test_an_answer_that_leaves_it_open_is_a_gap() -> None:
    """A 500 does not tell whether the queue was emptied."""
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


async def test_a_cancelled_pull_is_a_gap() -> None:
    """Cancelling a pull whose request has left loses what the vendor had answered."""

    async def hang(request: httpx.Request) -> httpx.Response:
        await anyio.sleep(60)
        raise AssertionError

    puller = Puller(Queue(), ManagementClient(transport=httpx.MockTransport(hang)), keep=lambda _: None)
    with anyio.move_on_after(0.05):
        await puller.pull()
    assert [gap.error for gap in puller.gaps] == ["cancelled"]


async def test_cancelling_while_keeping_does_not_lose_the_answer() -> None:
    """Once the answer is here, it is kept before the cancellation is obeyed."""
    kept: list[bytes] = []

    async def keep(body: bytes) -> None:
        scope.cancel()
        await anyio.sleep(0.01)
        kept.append(body)

    puller, _ = puller_for(lambda _: httpx.Response(200, json=["a"]), keep=keep)
    with anyio.CancelScope() as scope:
        await puller.pull()
        await anyio.sleep(1)
    assert len(kept) == 1
    assert puller.gaps == []


async def test_an_answer_that_cannot_be_kept_is_a_gap_and_an_error() -> None:
    """A full disk is not passed over in silence."""

    def keep(body: bytes) -> None:
        raise OSError("no space left")

    puller, _ = puller_for(lambda _: httpx.Response(200, json=["a"]), keep=keep)
    with pytest.raises(OSError, match="no space left"):
        await puller.pull()
    assert [gap.error for gap in puller.gaps] == ["the answer could not be kept"]


async def test_a_gap_is_repaired_number_by_number() -> None:
    """The by-phone query looks back as far as messages may have been sent before the gap."""
    asked: list[httpx.URL] = []

    def find(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, json=[f"for-{request.url.params['to']}"])

    puller, _ = puller_for(find)
    now = datetime.fromtimestamp(NOW, UTC)
    gap = Gap("fake", "reports", now, now + timedelta(seconds=2), "broken")
    pulled = await puller.repair(gap, ["+8613800138000", "+8613800138001"])
    assert [report.message_id for report in pulled.reports] == ["for-8613800138000", "for-8613800138001"]
    assert [url.params["begin"] for url in asked] == [f"{NOW - 72 * 3600:.0f}"] * 2


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
    with anyio.move_on_after(0.05):
        async for _ in puller.loop(interval=10):
            pass
    assert len(kept) == 1
    assert puller.gaps == []


async def test_a_spool_holds_what_a_killed_pull_took(tmp_path: Path) -> None:
    """Killed between the answer and the parse, the spool has the bytes, and reading it yields the reports."""
    spool = FileSpool(tmp_path / "pulled")
    puller, _ = puller_for(lambda _: httpx.Response(200, json=["a", "b"]), keep=spool.keep)
    await puller._answer(puller._call(), NOW)  # the process ends here: nothing was parsed
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


async def test_the_loop_gives_out_all_that_an_answer_holds(caplog: pytest.LogCaptureFixture) -> None:
    """An answer with reports and replies loses neither, and items that cannot be read are told of."""
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
