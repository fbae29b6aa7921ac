"""What is read from Huawei's pushes."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_frames import own_frames

from smsgate.huawei import HuaweiSms, parse_callback
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Reason
from smsgate.model.report import Segment, Source, StatusReport
from smsgate.model.states import DeliveryState
from smsgate.provider import Callback
from smsgate.provider.callback import CallbackError
from smsgate.wire import HttpRequest

SAMPLES = Path(__file__).parent / "samples" / "callbacks"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NUMBER = "+8615512345678"


def push(body: bytes, headers: dict[str, str] | None = None, **options: Any) -> Callback:
    return parse_callback(HttpRequest("POST", "/report", FORM if headers is None else headers, body), **options)


def sample(case: str) -> Callback:
    return push((SAMPLES / case / "body").read_bytes())


def report(**fields: object) -> StatusReport:
    """The report in a form that has these fields and the ones that none can be without."""
    [found] = push(urlencode({"smsMsgId": "id_1", "status": "DELIVRD"} | fields).encode()).reports
    return found


def refused(body: bytes) -> CallbackError:
    with pytest.raises(CallbackError) as caught:
        push(body)
    return caught.value


def test_printed_report() -> None:
    """The guide's example: delivered, not split, from the SMSC, in UTC, without a number."""
    callback = sample("status-form")
    assert callback.replies == ()
    [found] = callback.reports
    assert found == StatusReport(
        "huawei",
        "b9d9b4fe-ad0e-4a2a-a2c7-445505b674ac_6",
        None,
        DeliveryState.DELIVERED,
        code="DELIVRD",
        meaning="delivered to the handset",
        segment=Segment(1, 1),
        source=Source.SMSC,
        reported_at=datetime(2018, 4, 13, 6, 31, 46, tzinfo=UTC),
        carrier_code="000",
    )
    assert found.final


def test_report_with_our_tag() -> None:
    """`extend` comes back as the reference, and the number with it."""
    [found] = sample("status-with-extend").reports
    assert (found.reference, found.to, found.code) == ("ord1", PhoneNumber(NUMBER), "E200027")
    assert (found.state, found.reason) == (DeliveryState.REJECTED, Reason.SENDER_REJECTED)


def test_report_with_words() -> None:
    """`statusDesc` is the vendor's own text; our meaning and remedy stand beside it."""
    [found] = sample("status-with-description").reports
    assert (found.code, found.description, found.reason) == ("MK:0001", "空号", Reason.UNREACHABLE)
    assert found.meaning
    assert found.remedy


def test_batch_of_reports() -> None:
    """A JSON document with `statusReportList` has many reports, each as in a form."""
    callback = sample("status-batch")
    first, second = callback.reports
    assert (first.state, first.to, first.reference, first.source) == (
        DeliveryState.DELIVERED,
        PhoneNumber(NUMBER),
        "ord1",
        Source.SMSC,
    )
    assert (second.reason, second.segment, second.description) == (Reason.IN_REVIEW, Segment(2, 2), "人工审核拦截")
    assert (second.source, second.reported_at) == (Source.VENDOR, None)


def test_reply() -> None:
    """A form with `body` is a reply: who wrote what to which of our numbers, and when (UTC)."""
    callback = sample("reply")
    assert callback.reports == ()
    [reply] = callback.replies
    assert (reply.provider, str(reply.sender), reply.to, reply.text) == (
        "huawei",
        "+8615123456789",
        "1069031221282019",
        "TD",
    )
    assert reply.received_at == datetime(2018, 2, 12, 15, 30, 20, tzinfo=UTC)
    assert reply.message_id == "9692b5be-c427-4525-8e73-cf4a6ac5b3f7"


def test_reply_with_little() -> None:
    """A reply needs a sender and a text, which may be empty; the rest may be missing."""
    [reply] = push(b"from=15123456789&body=").replies
    assert (str(reply.sender), reply.text) == ("+8615123456789", "")
    assert (reply.to, reply.message_id, reply.received_at) == (None, None, None)


def test_reply_keeps_its_text() -> None:
    """A reply's text comes through as it was written, whatever characters it has."""
    text = "a+b&c=d%e \u4f60\u597d\n🙂"
    [reply] = push(f"from=%2B8615123456789&body={quote_plus(text)}".encode()).replies
    assert reply.text == text


def test_answer() -> None:
    """Every push is answered with the guide's acknowledgement."""
    for case in ("status-form", "status-batch", "reply"):
        answer = sample(case).answer
        assert (answer.status, json.loads(answer.body)) == (200, {"returnCode": 0, "returnCodeDesc": "Success"})
        assert answer.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
def test_shape_is_told_by_content(content_type: str) -> None:
    """The header does not decide what a push is: its content does."""
    for case in ("status-form", "status-batch", "reply"):
        body = (SAMPLES / case / "body").read_bytes()
        assert push(body, {"Content-Type": content_type}) == sample(case)
    assert push(b"\xef\xbb\xbf \r\n" + (SAMPLES / "status-batch" / "body").read_bytes()) == sample("status-batch")


def test_provider_is_named() -> None:
    """Reports carry the name of the provider that they came through, by default that of a `HuaweiSms`."""
    default = HuaweiSms("key", "secret", sender="isms1", base_url="https://h").name
    assert push(b"smsMsgId=i&status=DELIVRD").reports[0].provider == default
    assert push(b"smsMsgId=i&status=DELIVRD", provider="huawei-eu").reports[0].provider == "huawei-eu"
    assert push(b"from=%2B8615123456789&body=x", provider="huawei-eu").replies[0].provider == "huawei-eu"


@pytest.mark.parametrize(
    ("sequence", "total", "segment"),
    [
        ("1", "1", Segment(1, 1)),
        ("2", "3", Segment(2, 3)),
        ("0", "3", Segment(0, 3)),
        ("5", "3", Segment(5, 3)),
        ("99999", "1", Segment(99999, 1)),
        ("999999", "1", None),
        ("-1", "1", None),
        ("", "", None),
        ("１", "1", None),
        ("1e3", "2", None),
    ],
)
def test_segment(sequence: str, total: str, segment: Segment | None) -> None:
    """A part's numbers are taken as they are, sensible or not, if they are numbers of at most five digits."""
    found = report(sequence=sequence, total=total)
    assert found.segment == segment
    assert (found.raw["sequence"], found.raw["total"]) == (sequence, total)


def test_segment_needs_both_numbers() -> None:
    """One number alone does not tell parts apart."""
    assert report(sequence="1").segment is None
    assert report(total="2").segment is None


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2018-10-31T08:43:41Z", datetime(2018, 10, 31, 8, 43, 41, tzinfo=UTC)),
        ("2018-10-31T08:43:41", datetime(2018, 10, 31, 8, 43, 41, tzinfo=UTC)),
        ("2018-10-31T16:43:41+08:00", datetime(2018, 10, 31, 8, 43, 41, tzinfo=UTC)),
        ("", None),
        ("yesterday", None),
        ("2018-13-31T08:43:41Z", None),
        ("1540975421", datetime(2018, 10, 31, 8, 43, 41, tzinfo=UTC)),
        ("2018-10-31", None),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-08:00", None),
    ],
)
def test_time(written: str, moment: datetime | None) -> None:
    """Times are UTC and aware; one that cannot be read is left out, and kept in the raw item."""
    found = report(updateTime=written)
    assert found.reported_at == moment
    assert found.raw["updateTime"] == written


@pytest.mark.parametrize(
    ("written", "number"),
    [
        (NUMBER, NUMBER),
        ("8615512345678", NUMBER),
        ("15512345678", NUMBER),
        (" 15512345678", NUMBER),
        ("2412000000", "+2412000000"),
        ("", None),
        ("abc", None),
        ("+86+8615512345678", None),
        ("+" + "1" * 40, None),
        ("１５５１２３４５６７８", None),
    ],
)
def test_number(written: str, number: str | None) -> None:
    """The recipient is given in E.164, and left out if it cannot be one."""
    found = report(to=written)
    assert found.to == number
    assert found.raw["to"] == written


@pytest.mark.parametrize(
    ("written", "source"), [("1", Source.PLATFORM), ("2", Source.SMSC), ("3", Source.VENDOR), ("4", None), ("", None)]
)
def test_source(written: str, source: Source | None) -> None:
    """1 is the platform, 2 the SMSC, 3 Huawei's own; another number tells nothing."""
    assert report(source=written).source is source


def test_unlisted_status_and_field() -> None:
    """A status that no list has and a field that no guide has raise nothing and are kept."""
    found = report(status="ZZ:9999", brandNew="x")
    assert (found.code, found.reason, found.state) == ("ZZ:9999", Reason.UNKNOWN, DeliveryState.UNDELIVERED)
    assert found.raw["brandNew"] == "x"


def test_empty_parts_of_a_form_are_skipped() -> None:
    """A stray "&" is no field."""
    assert push(b"&smsMsgId=i&&status=DELIVRD&").reports[0].raw == {"smsMsgId": "i", "status": "DELIVRD"}


@pytest.mark.parametrize("name", ["sta%74us", "status"])
def test_escapes_in_names_and_values(name: str) -> None:
    """Escapes are decoded in names and values, in either case, once."""
    [found] = push(f"smsMsgId=a%2525b&{name}=MK%3a0001&extend=a+b%2Bc%26%3d".encode()).reports
    assert (found.message_id, found.code, found.reference) == ("a%25b", "MK:0001", "a b+c&=")


def test_numbers_in_a_batch_may_be_numbers() -> None:
    """In JSON, parts and source may come as numbers; fields of another type are passed over and kept."""
    item = {"smsMsgId": "i", "status": "DELIVRD", "sequence": 1, "total": 2, "source": 2}
    odd: dict[str, object] = {
        "smsMsgId": "j",
        "status": "DELIVRD",
        "sequence": True,
        "total": [],
        "source": {},
        "to": 5,
        "updateTime": 7,
    }
    first, second = push(
        json.dumps({"statusReportList": [item, odd | {"statusDesc": 1, "extend": None}]}).encode()
    ).reports
    assert (first.segment, first.source) == (Segment(1, 2), Source.SMSC)
    assert (second.segment, second.source, second.to, second.reported_at) == (None, None, None, None)
    assert (second.description, second.reference) == ("1", None)
    assert second.raw["to"] == 5


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "body"),
        (b"hello", "body"),
        (b"a=1", "body"),
        (b"smsMsgId=i", "body"),
        (b"status=DELIVRD", "smsMsgId"),
        (b"smsMsgId=&status=DELIVRD", "smsMsgId"),
        (b"smsMsgId=" + b"x" * 129 + b"&status=DELIVRD", "smsMsgId"),
        (b"smsMsgId=i&status=", "status"),
        (b"smsMsgId=i&status=DELIVRD&status=UNDELIV", "body"),
        (b"smsMsgId=i&sta%74us=DELIVRD&status=UNDELIV", "body"),
        (b"smsMsgId=i&status=DELIVRD&to=%00", "body"),
        (b"smsMsgId=i&status=DELIVRD&to=\0", "body"),
        (b"smsMsgId=i&status=%zz", "body"),
        (b"smsMsgId=i&status=DELIVRD%", "body"),
        (b"smsMsgId=i&status=DELIVRD&to=\xff", "body"),
        (b"&".join(b"k%d=1" % n for n in range(100_000)), "body"),
        (b"body=x", "from"),
        (b"from=nobody&body=x", "from"),
        (b'--x\r\nContent-Disposition: form-data; name="status"\r\n\r\nDELIVRD\r\n--x--', "body"),
        (b'{"smsMsgId":"i","status":"DELIVRD"}', "statusReportList"),
        (b'{"statusReportList":{}}', "statusReportList"),
        (b"[]", "body"),
        (b"{", "body"),
        (b"[" * 100_000, "body"),
        (b'{"statusReportList":[' + b"1" * 100_000 + b"]}", "body"),
        (b'{"statusReportList":[NaN]}', "statusReportList[0]"),
        (b'{"statusReportList":[],"statusReportList":[{}]}', "body"),
        (b'{"statusReportList":[{"smsMsgId":"i","status":"DELIVRD","status":"UNDELIV"}]}', "statusReportList[0]"),
    ],
)
def test_malformed_push(body: bytes, where: str) -> None:
    """What cannot be read is one CallbackError that names the part at fault, to be answered 400."""
    error = refused(body)
    assert (error.where, error.status, error.reports, error.replies) == (where, 400, (), ())
    assert str(error).startswith(f"Huawei callback: {where}: ")


def test_valid_items_beside_a_fault_are_kept() -> None:
    """One bad item loses nothing: the others are in the error, which names the first fault and counts the rest."""
    good = {"smsMsgId": "i", "status": "DELIVRD"}
    error = refused(
        json.dumps({"statusReportList": [good, 7, {"status": "DELIVRD"}, {"smsMsgId": "j"}, good]}).encode()
    )
    assert (error.where, len(error.reports)) == ("statusReportList[1]", 2)
    skipped = push(json.dumps({"statusReportList": [good, {}, good]}).encode())
    assert len(skipped.reports) == 2, "an empty object says nothing"
    assert str(error) == "Huawei callback: statusReportList[1]: is not an object (and 2 more faults)"
    error = refused(json.dumps({"statusReportList": [good, {"status": "DELIVRD"}]}).encode())
    assert (error.where, len(error.reports)) == ("statusReportList[1].smsMsgId", 1)


def test_batch_has_a_limit() -> None:
    """A batch of 100 reports is read; of 101 the first 100 are handed out with an error that is to be answered 413."""
    good = {"smsMsgId": "i", "status": "DELIVRD"}
    assert len(push(json.dumps({"statusReportList": [good] * 100}).encode()).reports) == 100
    error = refused(json.dumps({"statusReportList": [good] * 101}).encode())
    assert (error.where, error.status, len(error.reports)) == ("statusReportList", 413, 100)


def test_error_shows_nothing_of_the_push() -> None:
    """Neither the error's text nor our frames' locals show a number or a text of the push."""
    for body in (
        b"from=canary8615512345678&body=canary",
        b"status=canary&smsMsgId=&to=8615512345678",
        json.dumps({"statusReportList": [{"canary": NUMBER, "status": "canary", "to": NUMBER}]}).encode(),
    ):
        error = refused(body)
        ours = own_frames(error)
        assert ours
        assert error.__context__ is None
        shown = str(error) + "".join(ours)
        assert "canary" not in shown
        assert "8615512345678" not in shown


_VALUES = st.text(max_size=12) | st.sampled_from(["DELIVRD", "MK:0001", NUMBER, "2018-10-31T08:43:41Z", "1", "99999"])
_KEYS = st.sampled_from(
    ["smsMsgId", "status", "to", "from", "body", "sequence", "total", "source", "updateTime", "extend", "statusDesc"]
)
_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS | st.text(max_size=3), inner, max_size=6),
    max_leaves=15,
)


@given(
    st.binary(max_size=80)
    | st.dictionaries(_KEYS, st.text(st.characters(codec="utf-8"), max_size=12)).map(
        lambda form: urlencode(form).encode()
    )
    | st.lists(_JSON, max_size=4).map(lambda items: json.dumps({"statusReportList": items}).encode())
    | st.text('smsMsgId=&status%+{}[]":,0aF\0', max_size=40).map(str.encode)
)
def test_no_push_raises_anything_else(body: bytes) -> None:
    """Whatever is pushed is read or is one CallbackError; what was read can be shown and hashed."""
    try:
        callback = push(body)
    except CallbackError as error:
        events = [*error.reports, *error.replies]
    else:
        events = [*callback.reports, *callback.replies]
    for event in events:
        assert repr(event)
        assert event in {event}
