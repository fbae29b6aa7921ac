"""Reports and replies fetched through the v5 interface: what a queue gave out is never lost to one bad item."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from smsgate.management import FileSpool, ManagementClient, Puller
from smsgate.model.errors import VendorError
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Outcome, Reason
from smsgate.model.report import StatusReport
from smsgate.model.states import DeliveryState
from smsgate.provider import Call, RequestContext
from smsgate.provider.records import Pulled
from smsgate.tencent import TencentV5Management, parse_callback
from smsgate.wire import HttpRequest, HttpResponse

SAMPLES: Final = Path(__file__).parent / "samples" / "v5-management"
ACCOUNT: Final = TencentV5Management("1400006666", "k")
NUMBER: Final = PhoneNumber("+8613788888888")
BEGIN, END = datetime(2016, 5, 30, 16, 0, tzinfo=UTC), datetime(2016, 5, 31, 15, 0, tzinfo=UTC)


def fields(call: Call[Any]) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(call.build(RequestContext(1457336869, "7226249334")).body)
    del body["sig"], body["time"]
    return body


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.json").read_bytes()


def pulled(name: str) -> Pulled:
    return ACCOUNT.pull_reports().parse(HttpResponse(200, {}, sample(name)))


def test_what_is_asked() -> None:
    """Type 0 asks for reports and 1 for replies; the query names the number in two parts and the span in seconds."""
    assert fields(ACCOUNT.pull_reports(limit=10)) == {"type": 0, "max": 10}
    assert fields(ACCOUNT.pull_replies()) == {"type": 1, "max": 100}
    span = {"max": 10, "begin_time": 1464624000, "end_time": 1464706800}
    found = ACCOUNT.find_reports(NUMBER, begin=BEGIN, end=END, limit=10)
    assert fields(found) == span | {"type": 0, "nationcode": "86", "mobile": "13788888888"}
    replies = ACCOUNT.find_replies("+14155552671", begin=BEGIN, end=END, limit=10)
    assert fields(replies) == span | {"type": 1, "nationcode": "1", "mobile": "4155552671"}


def test_spans_include_parts_of_a_second() -> None:
    """A span that ends within a second ends after that second."""
    china = timezone(timedelta(hours=8))
    end = datetime(2016, 5, 31, 23, 0, 0, 1, tzinfo=china)
    call = ACCOUNT.find_reports(NUMBER, begin=BEGIN + timedelta(microseconds=1), end=end)
    asked = fields(call)
    assert (asked["begin_time"], asked["end_time"]) == (1464624000, 1464706801)


def test_pulled_reports_are_those_of_callbacks() -> None:
    """An item means the same whether it is pulled or pushed."""
    pushed = parse_callback(
        HttpRequest("POST", "/", body=json.dumps(json.loads(sample("pullstatus/reports"))["data"]).encode()),
        provider="tencent-v5",
    )
    assert pulled("pullstatus/reports") == Pulled(pushed.reports)
    (report,) = pulled("pullstatus/reports").reports
    assert (report.message_id, report.state, report.code) == ("8:1", DeliveryState.DELIVERED, "DELIVRD")
    assert report.reported_at == datetime(2015, 10, 17, 0, 3, 4, tzinfo=UTC)
    response = HttpResponse(200, {}, sample("pullstatus4mobile/reports"))
    assert ACCOUNT.find_reports(NUMBER, begin=BEGIN, end=END).parse(response).reports == (report,)


def test_pulled_replies() -> None:
    """A reply has its sender, text, signature and extension."""
    (reply,) = ACCOUNT.pull_replies().parse(HttpResponse(200, {}, sample("pullstatus/replies"))).replies
    assert (str(reply.sender), reply.text) == ("+8613788888888", "用户回复的内容")
    assert (reply.signature, reply.extend, reply.to) == ("短信签名", "扩展码", None)
    assert reply.received_at == datetime.fromtimestamp(1457336869, UTC)


@pytest.mark.parametrize("case", ["printed", "empty-without-data"])
def test_nothing_to_pull(case: str) -> None:
    """An empty queue is no error, also in the guide's own example, whose count is wrong."""
    assert pulled(f"pullstatus/{case}") == Pulled()


def test_one_bad_item_spoils_no_other() -> None:
    """Items that cannot be read are counted, and those beside them come out."""
    found = pulled("pullstatus/one-bad")
    assert [report.message_id for report in found.reports] == ["8:1"]
    assert [reply.text for reply in found.replies] == ["用户回复的内容"]
    assert found.unreadable == 3


def test_a_text_that_was_cut_inside_a_character_spoils_no_other() -> None:
    """Bytes that are not UTF-8 in one item do not hide the rest of the response."""
    body = sample("pullstatus/one-bad").replace("回复的内容".encode(), "回复".encode()[:-1] + b"\xff")
    found = ACCOUNT.pull_reports().parse(HttpResponse(200, {}, body))
    assert [report.message_id for report in found.reports] == ["8:1"]
    assert len(found.replies) == 1


@pytest.mark.parametrize("case", ["lost-list", "all-bad"])
def test_a_wholly_unreadable_response_is_open(case: str) -> None:
    """Where nothing can be read of what was taken out of the queue, the outcome is open."""
    with pytest.raises(VendorError) as caught:
        pulled(f"pullstatus/{case}")
    assert (caught.value.outcome, caught.value.reason) == (Outcome.UNKNOWN, Reason.NO_ANSWER)


def test_a_refused_pull_shows_no_number() -> None:
    """Pulls that support has not enabled are refused; the vendor's own text come with numbers masked."""
    with pytest.raises(VendorError, match="pullstatus: 1006: ") as caught:
        pulled("pullstatus/not-enabled")
    assert (caught.value.outcome, caught.value.reason) == (Outcome.REJECTED, Reason.PERMISSION_DENIED)
    assert "13788888888" not in str(caught.value)
    with pytest.raises(VendorError) as caught:
        pulled("pullstatus/access-layer")
    assert caught.value.outcome is Outcome.UNKNOWN


def test_no_raising_frame_holds_an_item() -> None:
    """A traceback with locals of a response that cannot be read shows no number."""
    body = sample("pullstatus/all-bad").replace(b'"FAIL"', b'"FAIL","mobile":"13788888888"')
    with pytest.raises(VendorError) as caught:
        ACCOUNT.pull_reports().parse(HttpResponse(200, {}, body))
    frame, shown = caught.tb.tb_next, ""
    while frame is not None:
        shown += repr(frame.tb_frame.f_locals)
        frame = frame.tb_next
    assert shown
    assert "13788888888" not in shown


@pytest.mark.anyio
async def test_a_pull_killed_before_the_parse_is_read_from_the_spool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was answered is in the spool before anything reads it, and reading the spool yields the reports."""
    spool = FileSpool(tmp_path / "pulled")
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=sample("pullstatus/one-bad")))
    async with ManagementClient(transport=transport) as client:
        puller = Puller(ACCOUNT, client, keep=spool.keep)
        with monkeypatch.context() as patch:
            patch.setattr("smsgate.tencent.v5.calls.read_envelope", _die)
            with pytest.raises(KeyboardInterrupt):
                await puller.pull()
        again = list(puller.replay(spool.read()))
    assert [item.message_id for item in again if isinstance(item, StatusReport)] == ["8:1"]
    assert len(again) == 2


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
