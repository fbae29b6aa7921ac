"""Answers are read with suspicion: nothing raises, and what cannot be believed is not."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import HttpResponse, Job, Message, Outcome, PhoneNumber, Reason, Secret
from smsgate.provider import http_date, read_json, read_object, retry_after, vendor_text, verdict_without_envelope


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"result": 0}', {"result": 0}),
        (b'  {"result": "0"}\r\n', {"result": "0"}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('{"a": "签名"}'.encode("gbk"), {"a": "签名"}),
        ('{"a": "签名"}'.encode(), {"a": "签名"}),
        (b'{"a": "\\ud83d"}', {"a": "\ud83d"}),
        (b'{"a": 1, "a": 1}', {"a": 1}),
        (b'{"a": 1, "a": 2}', None),
        (b'{"b": {"a": 1, "a": 2}}', None),
        (b"[]", None),
        (b"null", None),
        (b"0", None),
        (b'"text"', None),
        (b"", None),
        (b"<html>", None),
        (b'{"a": 1', None),
        (b'{"a": NaN}', None),
        (b'{"a": -Infinity}', None),
        (b"\xff\xfe", None),
        (b"[" * 100_000, None),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, None),
        (b'{"a": ' + b"9" * 100_000 + b"}", None),
    ],
)
def test_read_object(body: bytes, expected: object) -> None:
    """A JSON object in any of the codings that vendors use, or None."""
    assert read_object(body) == expected


@given(st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_read_object_never_raises(body: bytes) -> None:
    """Any bytes are an object or None."""
    assert isinstance(read_object(body), dict | None)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values, st.sampled_from(["utf-8", "utf-8-sig"]), st.booleans())
def test_reads_what_json_writes(value: object, coding: str, escape: bool) -> None:
    """What a JSON writer writes is read, escaped or not, with a byte order mark or not."""
    body = json.dumps(value, ensure_ascii=escape).encode(coding, "surrogatepass")
    if not escape and any("\ud800" <= char <= "\udfff" for char in json.dumps(value, ensure_ascii=False)):
        assert read_json(body) is None or read_json(body) == value
    else:
        assert read_json(body) == value
        assert read_object(body) == (value if isinstance(value, dict) else None)


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (400, Outcome.REJECTED, Reason.INVALID_REQUEST),
        (401, Outcome.REJECTED, Reason.AUTH_FAILED),
        (403, Outcome.REJECTED, Reason.PERMISSION_DENIED),
        (404, Outcome.REJECTED, Reason.UNSUPPORTED),
        (405, Outcome.REJECTED, Reason.INVALID_REQUEST),
        (411, Outcome.REJECTED, Reason.INVALID_REQUEST),
        (413, Outcome.REJECTED, Reason.INVALID_REQUEST),
        (415, Outcome.REJECTED, Reason.INVALID_REQUEST),
        (421, Outcome.REJECTED, Reason.INVALID_REQUEST),
        (429, Outcome.REJECTED, Reason.TRY_LATER),
        (431, Outcome.REJECTED, Reason.INVALID_REQUEST),
        *[
            (status, Outcome.UNKNOWN, Reason.NO_ANSWER)
            for status in (100, 200, 204, 301, 302, 307, 308, 408, 409, 418, 500, 501, 502, 503, 504, 599, 0, 999)
        ],
    ],
)
def test_status_alone(status: int, outcome: Outcome, reason: Reason) -> None:
    """Without a vendor's envelope a few statuses say that the vendor never saw it; all others leave it open."""
    verdict = verdict_without_envelope(HttpResponse(status, {"Retry-After": "5"}, b"<html>"))
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    assert str(status) in str(verdict.description)
    assert verdict.retry_after == (5 if outcome is Outcome.REJECTED else None)


# An acceptance in each form that vendors write, and what of it has to come before a mark can be seen.
ACCEPTANCES = {
    "json": (b'{"code":0,"rows":[{"to":"8613800138000"}]}', b'{"code'),
    "spaced json": (b' { "code" : 0, "rows" : [] }', b' { "code'),
    "xml": (b"<resp><code>0</code><msgid>17</msgid></resp>", b"<resp><code"),
    "xml with a declaration": (b'<?xml version="1.0"?>\n<a:code>0</a:code>', b'<?xml version="1.0"?>\n<a:code'),
    "attribute": (b"<resp code='0' id='1'/>", b"<resp code"),
    "form": (b"code=0&msgid=17", b"code"),
    "later field": (b"msgid=17&code=0", b"msgid=17&code"),
}


@pytest.mark.parametrize("status", [400, 403, 429])
@pytest.mark.parametrize("form", ACCEPTANCES)
def test_no_part_of_the_vendor_s_own_response_is_a_refusal(form: str, status: int) -> None:
    """A mark of the envelope counts in JSON, XML and forms, wherever the body is cut behind it."""
    whole, seen = ACCEPTANCES[form]
    for end in range(len(seen), len(whole) + 1):
        cut = HttpResponse(status, {}, whole[:end])
        assert verdict_without_envelope(cut, ["code"]).outcome is Outcome.UNKNOWN, cut.body
        assert verdict_without_envelope(cut).outcome is Outcome.REJECTED


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><title>403 Forbidden</title><p>error code: 1020</p></html>",
        b"the code of this error is 17",
        b"barcode=1",
        b"a=1&barcode=2",
        b"<barcode>1</barcode>",
        b'<a barcode="1">',
        b'{"barcode": 1}',
        b"Error code=1020",
    ],
)
def test_other_words_are_no_marks(body: bytes) -> None:
    """A proxy's page that has the name as a word, or as a part of another name, is still a proxy's."""
    assert verdict_without_envelope(HttpResponse(403, {}, body), ["code"]).outcome is Outcome.REJECTED


SENT = "Thu, 01 Jan 2026 00:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("5", None, 5),
        (" 7 ", None, 7),
        ("0", None, 0),
        ("-1", None, None),
        ("1.5", None, None),
        ("1000000000", None, 10**9),
        ("1" * 12, None, None),
        ("٥", None, None),
        ("soon", None, None),
        ("", None, None),
        ("Thu, 01 Jan 2026 00:00:30 GMT", SENT, 30),
        ("Wed, 31 Dec 2025 23:59:00 GMT", SENT, None),
        ("Thu, 01 Jan 2026 00:00:30 GMT", None, None),
        ("Thu, 01 Jan 2026 00:00:30 GMT", "yesterday", None),
        ("Thu, 01 Jan 2026 00:00:30", SENT, 30),
        ("Thu, 01 Jan 2026 00:00:30 -0000", SENT, 30),
    ],
)
def test_retry_after(value: str, date: str | None, seconds: float | None) -> None:
    """`Retry-After` in seconds, or as a date that is read against the response's own; anything else is none."""
    headers = {"Retry-After": value} | ({"Date": date} if date else {})
    assert retry_after(HttpResponse(429, headers)) == seconds


def test_no_retry_after() -> None:
    """A response without the field asks for no pause."""
    assert retry_after(HttpResponse(429)) is None


dates = st.text(alphabet="0123456789 ,:+-JanFebThuGMTUTC()\t", max_size=60) | st.text(max_size=60)


@given(dates, dates)
def test_dates_never_raise(value: str, date: str) -> None:
    """Whatever stands in the headers: a number of seconds that is not negative, or None."""
    seconds = retry_after(HttpResponse(429, {"Retry-After": value, "Date": date}))
    assert seconds is None or seconds >= 0
    found = http_date(value)
    assert found is None or found.tzinfo is not None


@pytest.mark.parametrize(
    "value",
    [
        "1 Jan , 1:1 x",
        "1 Jan 26 1:1:1 +9999999999",
        "0 0 0 0 0",
        ", , , ,",
        "Mon, 01 Jan 0001 00:00:00 +2359",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "1 Jan 99999999999999999999 0:0:0",
        "1 Jan 2026 0:0:0 " + "9" * 5000,
    ],
)
def test_broken_dates(value: str) -> None:
    """Dates that break the standard library's parser are dates or none, and can be compared."""
    found = http_date(value)
    seconds = retry_after(HttpResponse(429, {"Retry-After": value, "Date": SENT}))
    if found is None:
        assert seconds is None
    else:
        assert (seconds or 0) == max((found - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds(), 0)


def job(*params: str) -> Job:
    return Job(Message("+8613800138000", "login"), PhoneNumber("+8613800138000"), "19", params)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("param 4821 is too long", "param **** is too long"),
        ("params [4821, 5, x]: 5 of 4821 in 15 minutes", "params [****, ****, x]: **** of **** in 15 minutes"),
        ("key app-key-1 is wrong", "key **** is wrong"),
        ("nothing to hide", "nothing to hide"),
        ("", None),
        (None, None),
        (5, None),
    ],
)
def test_vendor_text(words: object, expected: str | None) -> None:
    """What a vendor echoes of the parameters and keys is struck out of its words."""
    assert vendor_text(words, [job("4821", "5", "")], Secret("app-key-1")) == expected


def test_long_vendor_text() -> None:
    """No more of a vendor's own text is kept than can be read."""
    assert len(vendor_text("x" * 100_000, [job()]) or "") == 2000
