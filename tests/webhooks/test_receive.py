"""`receive`: a push read without an app, for a view of your own."""

import json
from http import HTTPStatus

import attrs
import pytest
from asgi_driver import NUMBER, TOKEN, parse_lines

from smsgate.model.phone import PhoneNumber
from smsgate.model.report import Tag
from smsgate.model.secret import Secret
from smsgate.tags import make_tag
from smsgate.webhooks import MAX_BODY, Route, receive
from smsgate.wire import HttpRequest

ROUTE = Route("lines", parse_lines, tokens=[TOKEN])


def request(body: bytes = b"1 DELIVERED", method: str = "POST") -> HttpRequest:
    return HttpRequest(method, "https://sms.example/anything", {}, body)


def test_it_reads_a_push() -> None:
    """A push at the right address gives its events and the vendor's acknowledgement."""
    callback = receive(request(b"1 DELIVERED\nreply x"), ROUTE, token=TOKEN)
    assert [event.provider for event in callback.events] == ["lines", "lines"]
    assert (callback.answer.status, callback.answer.body) == (200, b"got it")


@pytest.mark.parametrize(
    ("made", "token", "status"),
    [
        (request(), "wrong", 404),
        (request(), "", 404),
        (request(method="GET"), TOKEN, 405),
        (request(b"x" * (MAX_BODY + 1)), TOKEN, 413),
        (request(b"1 DELIVERED\n" * 101), TOKEN, 413),
        (request(b"crash now"), TOKEN, 500),
    ],
)
def test_it_refuses_as_the_app_does(made: HttpRequest, token: str, status: int) -> None:
    """A wrong token or method, too large a push and a broken parser are answers, not exceptions."""
    callback = receive(made, ROUTE, token=token)
    assert (callback.answer.status, callback.events) == (status, ())
    body = json.loads(callback.answer.body)
    assert body == {"result": status, "errmsg": HTTPStatus(status).phrase}, "the form in which Tencent reads an answer"
    assert callback.answer.headers["content-type"] == "application/json"


def test_it_keeps_what_is_valid() -> None:
    """Beside a fault the valid events are there, and the answer is the error."""
    callback = receive(request(b"1 DELIVERED\nbad"), ROUTE, token=TOKEN)
    assert callback.answer.status == 400
    assert [report.message_id for report in callback.reports] == ["1"]


def test_it_reads_tags() -> None:
    """Without secrets a tag is read and not proven; with them it is there only if one proves it, as in the app."""
    tag = make_tag("order-1", to=PhoneNumber(NUMBER), secret=Secret("tag secret"))
    proven = Tag("order-1", proven=True)
    cases: list[tuple[list[str | Secret], Tag | None]] = [
        ([], attrs.evolve(proven, proven=False)),
        (["tag secret"], proven),
        ([Secret("tag secret")], proven),
        (["another"], None),
    ]
    for secrets, expected in cases:
        callback = receive(request(f"1 DELIVERED {tag}".encode()), ROUTE, token=TOKEN, tag_secrets=secrets)
        assert callback.reports[0].tag == expected
