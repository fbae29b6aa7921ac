"""What `parse_callback` makes of Tencent's callbacks."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_frames import own_frames

from smsgate.model.reason import Reason
from smsgate.model.report import Reply, StatusReport
from smsgate.model.states import DeliveryState
from smsgate.provider import Callback
from smsgate.provider.callback import CallbackError
from smsgate.tencent import TencentCloud, parse_callback
from smsgate.wire import HttpRequest

SAMPLES = Path(__file__).parent / "samples" / "callback"
NUMBER = "13788888888"


def request(body: object) -> HttpRequest:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpRequest("POST", "https://example.org/sms", {"Content-Type": "application/json"}, raw)


def parse(body: object) -> Callback:
    return parse_callback(request(body))


def sample(name: str) -> Callback:
    return parse((SAMPLES / f"{name}.json").read_bytes())


def item(**changes: Any) -> dict[str, Any]:
    """A report as Tencent sends it, with *changes*; a change to `...` leaves the key out."""
    fields = {
        "user_receive_time": "2015-10-17 08:03:04",
        "nationcode": "86",
        "mobile": NUMBER,
        "report_status": "FAIL",
        "errmsg": "MK:0001",
        "description": "no such number",
        "sid": "2019:1",
    } | changes
    return {key: value for key, value in fields.items() if value is not ...}


def report(**changes: Any) -> StatusReport:
    [found] = parse([item(**changes)]).reports
    return found


def fails(body: object) -> CallbackError:
    with pytest.raises(CallbackError) as caught:
        parse(body)
    return caught.value


def test_printed_report_is_delivered() -> None:
    """The guide's example: delivered, with its number, id, text and its time in China time."""
    [found] = sample("status-printed").reports
    assert found == StatusReport(
        provider="tencent",
        message_id="xxxxxxxx",
        to=found.to,
        state=DeliveryState.DELIVERED,
        code="DELIVRD",
        meaning="delivered to the handset",
        description="The SMS message is successfully sent ",
        reported_at=datetime(2015, 10, 17, 0, 3, 4, tzinfo=UTC),
    )
    assert found.to is None  # its digits are masked in print
    assert found.reported_at is not None
    assert found.reported_at.utcoffset() == timedelta(hours=8)


def test_report_with_the_keys_of_2026() -> None:
    """`ext` is the reference; `sub_error` and its text have fields of their own, as in pulls."""
    [found] = sample("status-2026").reports
    assert (str(found.to), found.state, found.reason) == (
        "+14155552671",
        DeliveryState.UNDELIVERED,
        Reason.UNREACHABLE,
    )
    assert (found.reference, found.code, found.description) == ("session-1", "UNDELIV", "用户短信送达失败")
    assert (found.sub_error, found.sub_error_description) == ("1001", "absent subscriber")


def test_printed_reply() -> None:
    """The guide's example of a reply: sender, text, signature, extension and time."""
    [found] = sample("reply-printed").replies
    assert found == Reply(
        provider="tencent",
        to=None,
        sender=found.sender,
        text="User reply",
        received_at=datetime(2016, 3, 7, 7, 47, 49, tzinfo=UTC),
        signature="SMS signature",
        extend="Extended code",
    )
    assert str(found.sender) == f"+86{NUMBER}"


def test_spontaneous_reply() -> None:
    """A reply without country code comes from the mainland; its `port` is the channel number that it was sent to."""
    body = (SAMPLES / "reply-port.json").read_bytes().replace(b"13xxxxxxxxx", NUMBER.encode())
    [found] = parse(body).replies
    assert (str(found.sender), found.to, found.text) == (f"+86{NUMBER}", "106901333914", "用户回复的内容")
    assert (found.signature, found.extend) == (None, "扩展码")


def test_answer_is_what_tencent_expects() -> None:
    """The answer is 200 with `result` 0, also to an empty array."""
    answer = parse([]).answer
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.body) == {"result": 0, "errmsg": "OK"}


def test_provider_name_and_raw_item() -> None:
    """Reports carry the name that the caller gave, and the whole item as it came."""
    fields = item(new_key={"a": 1})
    [found] = parse_callback(request([fields]), provider="tencent-v5").reports
    assert found.provider == "tencent-v5"
    assert found.raw == fields


def test_provider_name_unless_given() -> None:
    """A report is matched by its provider's name: the default is what a `TencentCloud` is called."""
    [found] = parse([item()]).reports
    assert found.provider == TencentCloud("AKID", "key", sdk_app_id="1400006666").name


@pytest.mark.parametrize("code", ["DELIVRD", "MK:0001", "", "nonsense"])
def test_success_is_delivered_whatever_the_code(code: str) -> None:
    """Tencent's delivered is `report_status` SUCCESS, not the code."""
    found = report(report_status="SUCCESS", errmsg=code)
    assert (found.state, found.reason, found.code) == (DeliveryState.DELIVERED, None, code)


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        ("MK:0001", DeliveryState.UNDELIVERED, Reason.INVALID_NUMBER),
        ("SC:0001", DeliveryState.REJECTED, Reason.CONTENT_BLOCKED),
        ("EXPIRED", DeliveryState.EXPIRED, Reason.EXPIRED),
        ("DELETED", DeliveryState.DELETED, Reason.DELETED),
        ("ACCEPTD", DeliveryState.UNDELIVERED, Reason.UNKNOWN),
        ("UNKNOWN ", DeliveryState.UNDELIVERED, Reason.UNKNOWN),
        ("ENROUTE", DeliveryState.UNDELIVERED, Reason.UNKNOWN),
        ("SCHEDULED_001", DeliveryState.UNDELIVERED, Reason.UNKNOWN),
        ("UNDELIVRD", DeliveryState.UNDELIVERED, Reason.UNREACHABLE),
        ("DELIVRD", DeliveryState.UNDELIVERED, Reason.UNKNOWN),
        ("ZUBFAIL", DeliveryState.UNDELIVERED, Reason.UNKNOWN),
        ("", DeliveryState.UNDELIVERED, Reason.UNKNOWN),
    ],
)
def test_failure_is_read_from_the_code(code: str, state: DeliveryState, reason: Reason | None) -> None:
    """FAIL is final; a code that says delivered, on its way, or nothing known, is a failure all the same."""
    found = report(errmsg=code)
    assert (found.state, found.reason, found.code) == (state, reason, code)


def test_meaning_carrier_and_suppression() -> None:
    """A report brings our meaning and remedy, the carrier of the code's row, and whether to suppress the number."""
    found = report(errmsg="CA:8027")
    assert found.carrier == "China Mobile"
    assert found.meaning
    assert found.remedy
    assert found.final
    assert found.suppress
    assert not report(errmsg="BLACK0").suppress


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"report_status": "success"}, DeliveryState.DELIVERED),
        ({"report_status": " Fail "}, DeliveryState.UNDELIVERED),
        ({"report_status": "PENDING"}, DeliveryState.PENDING),
        ({"report_status": ""}, DeliveryState.PENDING),
    ],
)
def test_other_report_statuses(changes: dict[str, Any], expected: DeliveryState) -> None:
    """Case does not matter; a status that is neither SUCCESS nor FAIL is not final and not an error."""
    found = report(**changes)
    assert found.state is expected
    if expected is DeliveryState.PENDING:
        assert found.reason is Reason.UNKNOWN


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"mobile": int(NUMBER), "nationcode": 86}, f"+86{NUMBER}"),
        ({"nationcode": "+86"}, f"+86{NUMBER}"),
        ({"nationcode": ""}, f"+86{NUMBER}"),
        ({"nationcode": ...}, f"+86{NUMBER}"),
        ({"mobile": f"+86{NUMBER}"}, f"+86{NUMBER}"),
        ({"nationcode": "1", "mobile": "4155552671"}, "+14155552671"),
        ({"mobile": ""}, "None"),
        ({"mobile": None}, "None"),
        ({"mobile": ...}, "None"),
        ({"mobile": ["1"]}, "None"),
        ({"nationcode": {}}, "None"),
        ({"mobile": "1; DROP\r\nTABLE"}, "None"),
        ({"mobile": "１３７８８８８８８８８"}, "None"),
        ({"mobile": "137888888889999"}, "None"),
        ({"nationcode": "086"}, "None"),
    ],
)
def test_numbers_in_other_spellings(changes: dict[str, Any], number: str) -> None:
    """JSON numbers, a plus or a missing country code are read; a report without a number is still a report."""
    assert str(report(**changes).to) == number


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2015-10-17 08:03:04", "2015-10-17T08:03:04+08:00"),
        ("2015-10-17T08:03:04Z", "2015-10-17T08:03:04+00:00"),
        (" 2015-10-17 08:03:04 ", "2015-10-17T08:03:04+08:00"),
        (1445040184, "2015-10-17T00:03:04+00:00"),
        ("1445040184", "2015-10-17T00:03:04+00:00"),
        ("", None),
        ("soon", None),
        ("2015-10-17", None),
        ("20151017", None),
        ("2015-10-17+08:00", "2015-10-17T08:00:00+08:00"),
        ("2015-13-45 99:00:00", None),
        ("0001-01-01 00:00:00", None),
        ("9999-12-31 23:59:59", None),
        (10**18, None),
        (-1, None),
        (True, None),
        (None, None),
        (["2015"], None),
        (..., None),
    ],
)
def test_times(time: object, expected: str | None) -> None:
    """A time without a zone is China time; one that cannot be read, or is absurd, is None and not an error."""
    found = report(user_receive_time=time).reported_at
    assert found is None or found.utcoffset() is not None
    assert (found.isoformat() if found else None) == expected


@pytest.mark.parametrize(
    ("changes", "attribute", "expected"),
    [
        ({"description": ...}, "description", None),
        ({"description": None}, "description", None),
        ({"description": {"a": 1}}, "description", None),
        ({"errmsg": ...}, "code", ""),
        ({"errmsg": 12}, "code", "12"),
        ({"errmsg": None}, "code", ""),
        ({"ext": ""}, "reference", None),
        ({"ext": None}, "reference", None),
        ({"ext": 5}, "reference", "5"),
        ({"sid": 20191}, "message_id", "20191"),
    ],
)
def test_values_of_other_types(changes: dict[str, Any], attribute: str, expected: object) -> None:
    """A missing optional key, or one of another JSON type, does not spoil the report."""
    assert getattr(report(**changes), attribute) == expected


def test_a_report_outside_an_array_and_a_reply_inside_one() -> None:
    """One report as an object, and replies among reports, are read as what they are."""
    assert parse(item()).reports == parse([item()]).reports
    found = parse([item(), {"mobile": NUMBER, "text": "T"}])
    assert (len(found.reports), len(found.replies)) == (1, 1)


@pytest.mark.parametrize(("text", "expected"), [("", ""), ("退订", "退订"), (1, "1")])
def test_texts_of_replies(text: object, expected: str) -> None:
    """A reply's text is kept, an empty one too; without a time it is not dated."""
    [found] = parse({"mobile": NUMBER, "text": text}).replies
    assert (found.text, found.received_at) == (expected, None)


@pytest.mark.parametrize(
    ("body", "where", "problem"),
    [
        (b"", "body", "is not a JSON array or object"),
        (b"sid=1&x=2", "body", "is not a JSON array or object"),
        (b"[" * 100_000, "body", "is not a JSON array or object"),
        (b"9" * 100_000, "body", "is not a JSON array or object"),
        (b"\xff\xfe\xff", "body", "is not a JSON array or object"),
        (b"[NaN]", "[0]", "is not an object"),
        ("text", "body", "is not a JSON array or object"),
        ({}, "body", "is neither a report nor a reply: it has no report_status and no text"),
        ([{"x": 1}], "[0]", "is neither a report nor a reply: it has no report_status and no text"),
        ([item(), 5], "[1]", "is not an object"),
        ([item(), item(sid=...)], "[1].sid", "is missing, or is not text"),
        ([item(sid="")], "[0].sid", "is missing, or is not text"),
        ([item(report_status=1)], "[0].report_status", "is not text"),
        (b'[{"sid": "1", "sid": "2", "report_status": "FAIL"}]', "[0]", "has a name with two values"),
        (b'{"text": "x", "text": "y", "mobile": "13788888888"}', "body", "has a name with two values"),
        (item(sid=[]), "sid", "is missing, or is not text"),
        ({"text": "x"}, "mobile", "is missing, or is not a phone number"),
        ({"text": None, "mobile": NUMBER}, "text", "is not text"),
    ],
)
def test_malformed_callbacks_say_what_and_where(body: object, where: str, problem: str) -> None:
    """What cannot be read is one error that names the place and the trouble."""
    error = fails(body)
    assert error.where == where
    assert str(error) == f"Tencent callback: {where}: {problem}"


def test_valid_items_beside_a_fault_are_returned() -> None:
    """The error holds every report and reply that could be read, names the first fault and counts the others."""
    error = fails([item(sid="1"), item(sid=None), {"mobile": NUMBER, "text": "T"}, None, item(sid="2")])
    assert [found.message_id for found in error.reports] == ["1", "2"]
    assert [found.text for found in error.replies] == ["T"]
    assert error.where == "[1].sid"
    assert str(error).endswith("(and 1 more faults)")


def test_more_than_100_items_are_an_error_that_names_the_cap() -> None:
    """100 reports are read; of more, the first 100 are handed out with the error."""
    assert len(parse([item()] * 100).reports) == 100
    error = fails([item()] * 101)
    assert str(error) == "Tencent callback: body: has 101 items; at most 100 are read"
    assert (error.status, len(error.reports)) == (413, 100)


def test_errors_show_no_value() -> None:
    """No number, id or text of the callback stands in the error or in the frames that raised it."""
    body = [item(), item(sid=None, description="canary"), {"text": "canary", "mobile": NUMBER}, {"text": "canary"}]
    with pytest.raises(CallbackError) as caught:
        parse_callback(request(body))
    own = own_frames(caught.value)
    assert own
    shown = str(caught.value) + "".join(own)
    assert NUMBER not in shown
    assert "canary" not in shown


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["SUCCESS", "FAIL", "86", NUMBER, "2015-10-17 08:03:04", "DELIVRD", "CMPP20ERR:"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*item(), "ext", "sub_error", "text", "time", "sign", "extend", "port"]), inner, max_size=9
        )
    ),
    max_leaves=30,
)


def read(body: bytes) -> tuple[tuple[StatusReport, ...], tuple[Reply, ...], str | None]:
    """What is read from *body*, with or without a fault, and where the fault is."""
    try:
        found = parse_callback(request(body))
    except CallbackError as error:
        return error.reports, error.replies, error.where
    return found.reports, found.replies, None


def survives(body: bytes) -> None:
    reports, replies, where = read(body)
    assert where != ""
    for each in reports:
        assert each.state in DeliveryState
        assert each.message_id
        assert each.reported_at is None or each.reported_at.astimezone(UTC).year >= 1999
        assert repr(each)
    for reply in replies:
        assert isinstance(reply.text, str)
        assert repr(reply)


@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_anything_else_than_our_error_never_escapes(body: bytes) -> None:
    """Whatever is posted, the outcome is a callback or a `CallbackError`."""
    survives(body)


@given(
    st.sampled_from([sample.read_bytes() for sample in sorted(SAMPLES.iterdir())]),
    st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=3), st.integers(0, 4)), max_size=4),
)
def test_mutated_samples_never_escape(body: bytes, edits: list[tuple[int, bytes, int]]) -> None:
    """Bytes changed, put in or cut out of real callbacks give a callback or a `CallbackError`."""
    for position, new, cut in edits:
        at = position % (len(body) + 1)
        body = body[:at] + new + body[at + cut :]
    survives(body)


@given(st.dictionaries(st.sampled_from([*item(), "ext"]), json_values, min_size=1, max_size=4))
def test_reports_with_odd_values_never_escape(changes: dict[str, Any]) -> None:
    """A report with any JSON value under any key is read, or is one named fault; its neighbour is read."""
    body = json.dumps([item() | changes, item(sid="neighbour")]).replace("NaN", "null").replace("Infinity", "1")
    survives(body.encode())
    reports, _, where = read(body.encode())
    assert where is None or where.startswith("[0]")
    assert reports[-1].message_id == "neighbour"


def test_an_empty_object_in_a_push_is_skipped() -> None:
    """The guide's sample ends its list with one; a refusal would have Tencent push the whole list again."""
    callback = parse([item(), {}, item(sid="2019:2"), {}])
    assert [found.message_id for found in callback.reports] == ["2019:1", "2019:2"]
    assert callback.answer.status == 200
    assert fails([{}, item(), 7]).where == "[2]", "items keep their number"


def test_a_report_says_how_sure_its_meaning_is() -> None:
    """A listed code, a family, what is known unofficially, and what nobody explains."""
    codes = {"MK:0001": "LISTED", "DB:9999": "INFERRED", "SIGFAIL": "UNOFFICIAL", "ZZ:0001": "UNLISTED"}
    for code, certainty in codes.items():
        found = report(errmsg=code)
        assert found.certainty == certainty
        assert found.suppress is (code == "MK:0001")
    odd = report(errmsg="61", user_receive_time=...)
    assert (odd.reason, odd.suppress) == (Reason.INVALID_NUMBER, False)
