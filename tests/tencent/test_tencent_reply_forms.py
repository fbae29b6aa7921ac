"""Replies by form and by GET, which Tencent SMS Development Guide 2.0, SMS Reply, allows beside JSON."""

import json
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate.model.report import Reply
from smsgate.provider.callback import CallbackError
from smsgate.tencent import parse_callback
from smsgate.webhooks import Route, receive
from smsgate.wire import HttpRequest

URL = "https://example.org/sms/tencent/0123456789abcdef"
FORM = "application/x-www-form-urlencoded"
FIELDS = {
    "nationcode": "86",
    "mobile": "13788888888",
    "text": "User's reply",
    "sign": "Acme",
    "time": "1457336869",
    "extend": "07",
}


def by_json(fields: dict[str, str]) -> HttpRequest:
    return HttpRequest("POST", URL, {"Content-Type": "application/json"}, json.dumps(fields).encode())


def by_form(fields: dict[str, str], content_type: str = FORM, quote_via: Any = quote_plus) -> HttpRequest:
    return HttpRequest("POST", URL, {"content-type": content_type}, urlencode(fields, quote_via=quote_via).encode())


def by_get(fields: dict[str, str], quote_via: Any = quote_plus) -> HttpRequest:
    return HttpRequest("GET", f"{URL}?{urlencode(fields, quote_via=quote_via)}", {"Content-Type": "application/json"})


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
    st.sampled_from([quote, quote_plus]),
)
def test_reply_is_the_same_however_it_comes(text: str, quote_via: Any) -> None:
    """A reply reads the same from JSON, a form and a query, with any text and in either spelling of a blank."""
    fields = FIELDS | {"text": text}
    (expected,) = parse_callback(by_json(fields)).replies
    assert isinstance(expected, Reply)
    assert (expected.text, str(expected.sender), expected.extend) == (text, "+8613788888888", "07")
    for request in (by_form(fields, quote_via=quote_via), by_get(fields, quote_via=quote_via)):
        assert parse_callback(request).replies == (expected,)


def test_json_under_a_form_s_content_type_is_json() -> None:
    """What the body is decides, where the header says form: JSON has no field before its first brace."""
    request = HttpRequest("POST", URL, {"Content-Type": FORM}, json.dumps(FIELDS).encode())
    assert parse_callback(request).replies[0].text == "User's reply"
    assert parse_callback(by_form(FIELDS, f"{FORM}; charset=UTF-8")).replies[0].text == "User's reply"


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({}, "{}"),
        ({"text": ""}, "{}.mobile"),
        ({"text": "x", "mobile": "y"}, "{}.mobile"),
        ({"report_status": "FAIL"}, "{}"),
    ],
)
def test_what_is_no_reply_is_refused(fields: dict[str, str], where: str) -> None:
    """The error says where, for a form without a prefix as for JSON; delivery reports come as JSON alone."""
    for request, place in ((by_form(fields), "body"), (by_get(fields), "query")):
        with pytest.raises(CallbackError) as caught:
            parse_callback(request)
        assert caught.value.where == where.format(place).removeprefix("body.")


def test_field_that_comes_twice_is_refused() -> None:
    """Which of two values to believe nobody knows."""
    with pytest.raises(CallbackError, match="query: has a field twice"):
        parse_callback(HttpRequest("GET", f"{URL}?text=a&text=b&mobile=13788888888"))


def test_route_takes_get_where_it_is_allowed() -> None:
    """A route takes the methods that it names: POST alone unless told otherwise."""
    token = "0123456789abcdef"
    closed = Route("tencent", parse_callback, tokens=[token])
    opened = Route("tencent", parse_callback, tokens=[token], methods=["POST", "GET"])
    assert receive(by_get(FIELDS), closed, token=token).answer.status == 405
    taken = receive(by_get(FIELDS), opened, token=token)
    assert (taken.answer.status, taken.answer.body) == (200, b'{"result":0,"errmsg":"OK"}')
    assert [reply.text for reply in taken.replies] == ["User's reply"]
