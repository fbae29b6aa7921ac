"""The app: what is taken, what is refused, and what the handler sees."""

import logging
from collections.abc import Iterator
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from asgi_driver import NUMBER, TOKEN, answer_of, body_of, call, http_scope, parse_lines, post

from smsgate.model.errors import ConfigurationError
from smsgate.model.phone import PhoneNumber
from smsgate.model.report import Reply, StatusReport, Tag
from smsgate.model.secret import Secret
from smsgate.provider import Callback
from smsgate.provider.callback import CallbackError
from smsgate.tags import make_tag
from smsgate.webhooks import MAX_BODY, MAX_ITEMS, CallbackApp, OpenDoorWarning, Route
from smsgate.wire import HttpRequest, HttpResponse

pytestmark = pytest.mark.anyio
Event = StatusReport | Reply


class Inbox(list[Event]):
    """A handler that keeps what it is given, and fails on the ids in `fails_on`."""

    def __init__(self, *fails_on: str) -> None:
        self.fails_on = fails_on

    async def __call__(self, event: Event) -> None:
        await anyio.lowlevel.checkpoint()
        if isinstance(event, StatusReport) and event.message_id in self.fails_on:
            raise OSError(f"the database does not like {event.to!s}")
        self.append(event)

    @property
    def ids(self) -> list[str | None]:
        return [event.message_id for event in self]


def app_for(inbox: Inbox, **options: Any) -> CallbackApp:
    return CallbackApp(inbox, Route("lines", parse_lines, tokens=[TOKEN]), **options)


async def test_events_reach_the_handler_and_are_answered() -> None:
    """Every report and reply reaches the handler, and the vendor gets its own acknowledgement."""
    inbox = Inbox()
    app = app_for(inbox)
    answer = await post(app, [b"1 DELIVERED\n", b"2 PENDING\nreply hello"])
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"got it", "text/plain")
    assert "connection" not in answer.headers
    assert inbox.ids == ["1", "2", None]
    assert [event.provider for event in inbox] == ["lines"] * 3
    counters = app.counters
    assert (counters.requests, counters.reports, counters.replies, counters.failed) == (1, 2, 1, 0)


async def test_a_handler_may_be_a_plain_function() -> None:
    """As `on_result` of a gateway may; what it raises counts as any failure."""
    events: list[Event] = []
    route = Route("lines", parse_lines, tokens=[TOKEN])
    assert (await post(CallbackApp(events.append, route), b"1 DELIVERED\nreply hello")).status == 200
    assert [event.message_id for event in events] == ["1", None]

    def failing(event: Event) -> None:
        raise OSError(str(event))

    assert (await post(CallbackApp(failing, route), b"1 DELIVERED")).status == 500


@pytest.mark.parametrize("path", ["/lines/{}", "/sms/lines/{}", "/a/b/lines/{}/", "lines/{}"])
async def test_it_can_be_mounted_anywhere(path: str) -> None:
    """The last two parts of the path decide, whatever a framework leaves in front of them."""
    assert (await post(app_for(Inbox()), b"1 DELIVERED", path.format(TOKEN))).status == 200


@pytest.mark.parametrize(
    "path",
    ["/", "", "/lines", f"/lines/{TOKEN}x", f"/lines/{TOKEN[:-1]}", f"/other/{TOKEN}", f"/{TOKEN}/lines", "/lines/é"],
)
async def test_a_wrong_address_is_not_found(path: str, caplog: pytest.LogCaptureFixture) -> None:
    """A wrong token and an unknown provider get one and the same answer; no body is read, and no path is logged."""
    inbox = Inbox()
    app = app_for(inbox)
    sent = await call(app, http_scope(path), body_of())
    expected = await call(app, http_scope("/nobody/nothing"), body_of())
    assert sent == expected
    assert answer_of(sent).status == 404
    assert not inbox
    assert app.counters.refused == {404: 2}
    assert [record.getMessage() for record in caplog.records] == ["callback refused: 404 Not Found"] * 2


async def test_tokens_rotate() -> None:
    """While one token replaces another, both are taken."""
    route = Route("lines", parse_lines, tokens=[TOKEN, Secret("another-unguessable-token")])
    app = CallbackApp(Inbox(), route)
    for token in (TOKEN, "another-unguessable-token"):
        assert (await post(app, b"1 DELIVERED", f"/lines/{token}")).status == 200


async def test_every_provider_has_its_own_token() -> None:
    """One vendor's token does not open another vendor's route."""
    inbox = Inbox()
    other = Route("other", parse_lines, tokens=["the-token-of-the-other"])
    app = CallbackApp(inbox, Route("lines", parse_lines, tokens=[TOKEN]), other)
    assert (await post(app, b"1 DELIVERED", f"/other/{TOKEN}")).status == 404
    assert (await post(app, b"1 DELIVERED", "/other/the-token-of-the-other")).status == 200
    assert inbox[0].provider == "other"


async def test_an_open_route_is_loud(caplog: pytest.LogCaptureFixture) -> None:
    """A route without token and key warns, in the log too, and then is open at its name."""
    with pytest.warns(OpenDoorWarning, match="'lines' has no token"):
        route = Route("lines", parse_lines)
    assert "anyone can make up reports" in caplog.text
    app = CallbackApp(Inbox(), route)
    assert (await post(app, b"1 DELIVERED", "/sms/lines")).status == 200
    assert (await post(app, b"1 DELIVERED", "/sms/lines/more")).status == 404


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS"])
async def test_other_methods_are_refused(method: str) -> None:
    """At the right address only the vendor's methods are taken; which ones can be set."""
    answer = await post(app_for(Inbox()), b"1 DELIVERED", method=method)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    both = CallbackApp(Inbox(), Route("lines", parse_lines, tokens=[TOKEN], methods=["POST", method]))
    assert (await post(both, b"1 DELIVERED", method=method)).status == 200


async def test_a_body_up_to_the_cap_is_read() -> None:
    """256 KiB are taken, one byte more is not, whether the length is announced or not."""
    full = b"reply " + b"x" * (MAX_BODY - 6)
    for headers in ([], [(b"content-length", str(len(full)).encode())]):
        assert (await post(app_for(Inbox()), full, headers=headers)).status == 200
        answer = await post(app_for(Inbox()), full + b"x", headers=headers)
        assert (answer.status, answer.headers["connection"]) == (413, "close")


@pytest.mark.parametrize("length", [b"262145", b"1073741824", b"9" * 5000])
async def test_an_announced_size_is_refused_unread(length: bytes) -> None:
    """A body that is announced as too large is refused without being taken, however little of it comes."""
    sent = await call(
        app_for(Inbox(), read_deadline=0.01),
        http_scope(headers=[(b"content-length", length)]),
        body_of(),
        then="nothing",
    )
    assert answer_of(sent).status == 413


@pytest.mark.parametrize("length", [b"0", b"10", b"-1", b"ten", b""])
async def test_a_lying_length_does_not_help(length: bytes) -> None:
    """A gigabyte behind a small or unreadable length is refused at the cap, and after 1 MiB no more of it is read."""
    pulled = 0

    def gigabyte() -> Iterator[dict[str, Any]]:
        nonlocal pulled
        while True:
            pulled += 1
            yield {"type": "http.request", "body": bytes(64 * 1024), "more_body": True}

    sent = await call(app_for(Inbox()), http_scope(headers=[(b"content-length", length)]), gigabyte())
    assert (answer_of(sent).status, pulled) == (413, 16)


async def test_a_slow_body_meets_a_deadline() -> None:
    """A body that does not end in time is refused, and its place is free again."""
    app = app_for(Inbox(), read_deadline=0.01, max_concurrent=1)
    for _ in range(3):
        sent = await call(app, http_scope(), body_of(b"1 DELI", ended=False), then="nothing")
        assert (answer_of(sent).status, answer_of(sent).headers["connection"]) == (408, "close")
    assert (await post(app, b"1 DELIVERED")).status == 200


async def test_no_connection_header_on_http2() -> None:
    """HTTP/2 has no Connection header, so none is sent there."""
    assert "connection" not in (await post(app_for(Inbox()), b"bad", http_version="2")).headers


async def test_a_caller_who_leaves_is_not_answered() -> None:
    """A connection that ends before the body leaves nothing behind but a count."""
    inbox = Inbox()
    app = app_for(inbox)
    assert await call(app, http_scope(), body_of(b"1 DELIVERED", ended=False)) == []
    assert not inbox
    assert app.counters.disconnected == 1


async def test_too_many_items_are_refused() -> None:
    """A hundred items are taken; one more is no push of a known vendor, and the handler sees nothing of it."""
    inbox = Inbox()
    lines = b"1 DELIVERED\n" * (MAX_ITEMS - 1) + b"reply x\n"
    assert (await post(app_for(inbox), lines)).status == 200
    assert len(inbox) == MAX_ITEMS
    assert (await post(app_for(inbox), lines + b"reply y")).status == 413
    assert (await post(app_for(inbox), lines + b"reply y\nbad")).status == 413
    assert len(inbox) == MAX_ITEMS


async def test_overload_is_refused() -> None:
    """Above the bound a request is answered 503 at once, and the bound is free again afterwards."""
    gate, entered = anyio.Event(), anyio.Event()

    async def slow(_: Event) -> None:
        entered.set()
        await gate.wait()

    app = CallbackApp(slow, Route("lines", parse_lines, tokens=[TOKEN]), max_concurrent=1)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(post, app, b"1 DELIVERED")
        await entered.wait()
        answer = await post(app, b"2 DELIVERED")
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        assert (await post(app, b"2 DELIVERED", "/lines/wrong")).status == 404
        gate.set()
    assert (await post(app, b"2 DELIVERED")).status == 200
    assert app.counters.refused == {503: 1, 404: 1}


async def test_each_route_has_its_share() -> None:
    """Slow bodies on one vendor's route fill that route's share and no other's."""
    routes = [Route(name, parse_lines, tokens=[TOKEN]) for name in ("slow", "lines", "third")]
    app = CallbackApp(inbox := Inbox(), *routes, max_concurrent=9)
    async with anyio.create_task_group() as tasks:

        async def hold() -> None:
            await call(app, http_scope(f"/slow/{TOKEN}"), body_of(b"1 DELI", ended=False), then="nothing")

        for _ in range(3):
            tasks.start_soon(hold)
        await anyio.wait_all_tasks_blocked()
        assert (await post(app, b"2 DELIVERED", f"/slow/{TOKEN}")).status == 503
        assert (await post(app, b"2 DELIVERED", f"/lines/{TOKEN}")).status == 200
        assert (await post(app, b"3 DELIVERED", f"/third/{TOKEN}")).status == 200
        tasks.cancel_scope.cancel()
    assert inbox.ids == ["2", "3"]
    assert (await post(app, b"4 DELIVERED", f"/slow/{TOKEN}")).status == 200


async def test_every_route_has_at_least_one_place() -> None:
    """A bound below the number of routes still lets each take one request."""
    routes = [Route(name, parse_lines, tokens=[TOKEN]) for name in ("a", "b", "c")]
    app = CallbackApp(Inbox(), *routes, max_concurrent=1)
    for name in ("a", "b", "c"):
        assert (await post(app, b"1 DELIVERED", f"/{name}/{TOKEN}")).status == 200


REFUSED = [(f"/lines/{TOKEN}x", "POST", 404), (f"/lines/{TOKEN}", "GET", 405), (f"/lines/{TOKEN}", "POST", 413)]


@pytest.mark.parametrize(("path", "method", "status"), REFUSED)
@pytest.mark.parametrize("size", [1, 300_000, 1 << 20])
async def test_a_refusal_reads_the_body_first(path: str, method: str, status: int, size: int) -> None:
    """What a client still sends is read before the answer, so that the server need not reset the connection."""
    size = max(size, MAX_BODY + 1) if status == 413 else size
    chunks = [bytes(min(65536, size - start)) for start in range(0, size, 65536)]
    for headers in ([], [(b"content-length", str(size).encode())]):
        left = body_of(*chunks)
        sent = await call(app_for(Inbox()), http_scope(path, method=method, headers=headers), left)
        assert answer_of(sent).status == status
        assert next(left, None) is None, "some of the body was left unread"


@pytest.mark.parametrize("fields", [[(b"content-length", b"1048577")], [(b"expect", b"100-Continue")]])
async def test_a_refusal_does_not_wait_for_what_it_would_not_read(fields: list[tuple[bytes, bytes]]) -> None:
    """A body that is announced as longer than the bound, or that waits for a go-ahead, is not read at all."""
    left = body_of(b"some of it", ended=False)
    sent = await call(app_for(Inbox()), http_scope("/no/where", headers=fields), left, then="nothing")
    assert answer_of(sent).status == 404
    assert next(left) is not None


async def test_a_refusal_waits_for_a_slow_body_for_a_while_only() -> None:
    """A body that does not end delays the refusal by the deadline and no more."""
    app = app_for(Inbox(), read_deadline=0.01)
    sent = await call(app, http_scope("/no/where"), body_of(b"some of it", ended=False), then="nothing")
    assert answer_of(sent).status == 404


async def test_a_failing_handler_makes_the_vendor_retry(caplog: pytest.LogCaptureFixture) -> None:
    """A handler that fails on one event is awaited for the others; the answer is 500, and the log shows no number."""
    inbox = Inbox("2")
    app = app_for(inbox)
    assert (await post(app, b"1 DELIVERED\n2 DELIVERED\n3 DELIVERED\nreply x")).status == 500
    assert inbox.ids == ["1", "3", None]
    assert (app.counters.failed, app.counters.reports, app.counters.replies) == (1, 2, 1)
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "the handler failed on 1 of 4 events: OSError at app.py:" in record.getMessage()
    assert "test_callback_app.py:" in record.getMessage()
    assert NUMBER not in caplog.text


async def test_valid_events_beside_a_fault_reach_the_handler(caplog: pytest.LogCaptureFixture) -> None:
    """A malformed push is answered 400, with one line in the log, and loses nothing that was valid."""
    inbox = Inbox()
    assert (await post(app_for(inbox), b"1 DELIVERED\nbad\n2 DELIVERED\nreply x")).status == 400
    assert inbox.ids == ["1", "2", None]
    (record,) = caplog.records
    assert record.getMessage().startswith("callback from lines refused: 400 Bad Request: 1 bad lines from +86")
    assert (await post(app_for(Inbox("1")), b"1 DELIVERED\nbad")).status == 500


async def test_a_parser_with_a_bug_answers_500(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever a parser raises, the app answers, and the log names the place without the text."""
    assert (await post(app_for(Inbox()), f"crash {NUMBER}".encode())).status == 500
    assert "its parser failed: RuntimeError at " in caplog.text
    assert NUMBER not in caplog.text


async def test_a_bad_signature_is_unauthorized() -> None:
    """An error that says 401 is answered 401."""

    def refuse(request: HttpRequest, *, provider: str) -> Callback:
        raise CallbackError("the signature does not match", where="Authorization", status=401)

    app = CallbackApp(Inbox(), Route("lines", refuse, tokens=[TOKEN]))
    assert (await post(app, b"1 DELIVERED")).status == 401


async def test_signed_pushes_get_keys_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A route with keys hands them and the time to its parser, and needs no token."""
    seen: dict[str, Any] = {}

    def parse(request: HttpRequest, **options: Any) -> Callback:
        seen.update(options)
        return Callback((), (), HttpResponse(200))

    monkeypatch.setattr("time.time", lambda: 1700000000.5)
    app = CallbackApp(Inbox(), Route("signed", parse, keys={"ak": "push secret"}))
    assert (await post(app, b"", "/signed")).status == 200
    assert seen == {"provider": "signed", "keys": {"ak": Secret("push secret")}, "now": 1700000000.5}


async def test_the_parser_sees_the_request_as_it_came() -> None:
    """Method, whole path, query, header fields and body arrive unchanged, but for what a proxy is known to change."""
    seen: list[HttpRequest] = []

    def parse(request: HttpRequest, *, provider: str) -> Callback:
        seen.append(request)
        return Callback((), (), HttpResponse(200))

    app = CallbackApp(
        Inbox(), Route("lines", parse, tokens=[TOKEN], headers={"Host": "sms.example", "Connection": "close"})
    )
    headers = [(b"host", b"10.0.0.1"), (b"x-a", b"1"), (b"x-a", b"\xe9")]
    raw = f"/s%20s/lines/{TOKEN}"
    await post(app, b"\x00\xff", headers=headers, raw_path=raw.encode(), query_string=b"a=%31", scheme="https")
    await post(app, b"", headers=[])
    first, second = seen
    assert (first.method, first.url, first.body) == ("POST", f"https://10.0.0.1{raw}?a=%31", b"\x00\xff")
    assert dict(first.headers) == {"x-a": "1, \xe9", "host": "sms.example", "connection": "close"}
    assert second.url == f"http://localhost/sms/lines/{TOKEN}"


async def test_tags_are_read_and_proven() -> None:
    """A report carries the caller's key if a tag secret proves it; a forged tag is ignored and counted."""
    secret, old = Secret("tag secret"), Secret("old tag secret")
    to = PhoneNumber(NUMBER)
    references = [
        make_tag("ours", to=to, secret=secret),
        make_tag("older", to=to, secret=old),
        make_tag("forged", to=to, secret=Secret("guess")),
        make_tag("elsewhere", to=PhoneNumber("+8613800138001"), secret=secret),
        "text-of-your-own",
        "",
    ]
    inbox = Inbox()
    app = app_for(inbox, tag_secrets=["tag secret", old])
    await post(app, "\n".join(f"1 DELIVERED {reference}" for reference in references).encode())
    tags = [event.tag for event in inbox if isinstance(event, StatusReport)]
    assert tags == [Tag("ours", proven=True), Tag("older", proven=True), None, None, None, None]
    assert app.counters.unproven == 2
    assert [event.reference for event in inbox if isinstance(event, StatusReport)] == [*references[:-1], None]


async def test_lifespan() -> None:
    """Served as the root app, it starts and stops when the server says so."""

    def messages() -> Iterator[dict[str, Any]]:
        yield {"type": "lifespan.startup"}
        yield {"type": "lifespan.shutdown"}

    sent = await call(app_for(Inbox()), {"type": "lifespan"}, messages())
    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_websockets_are_closed() -> None:
    """A websocket is turned away; a scope of another kind is a mistake in the server."""
    assert await call(app_for(Inbox()), {"type": "websocket"}, body_of()) == [{"type": "websocket.close", "code": 1000}]
    with pytest.raises(ConfigurationError, match="not gopher"):
        await call(app_for(Inbox()), {"type": "gopher"}, body_of())


@pytest.mark.parametrize(
    "options",
    [
        {"read_deadline": 0},
        {"read_deadline": float("inf")},
        {"read_deadline": "10"},
        {"max_concurrent": 0},
        {"max_concurrent": 2.5},
        {"tag_secrets": "one-text"},
        {"tag_secrets": None},
        {"tag_secrets": [None]},
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any]) -> None:
    """An option out of range is refused when the app is made."""
    with pytest.raises(ConfigurationError, match="must be"):
        app_for(Inbox(), **options)


def test_routes_must_differ() -> None:
    """An app has at least one route, and one for each provider."""
    route = Route("lines", parse_lines, tokens=[TOKEN])
    with pytest.raises(ConfigurationError, match=r"^routes: give at least one Route"):
        CallbackApp(Inbox())
    with pytest.raises(ConfigurationError, match=r"^routes: lines has more than one$"):
        CallbackApp(Inbox(), route, route)


def test_secrets_are_checked_and_masked() -> None:
    """A secret with a line break is refused by name and not shown, and no repr shows a token."""
    with pytest.raises(ConfigurationError, match="tag_secrets: ") as caught:
        app_for(Inbox(), tag_secrets=["canary\n"])
    assert "canary" not in str(caught.value)
    with pytest.raises(ConfigurationError, match=r"keys\['ak'\]") as caught:
        Route("lines", parse_lines, keys={"ak": "canary\n"})
    assert "canary" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="tokens") as caught:
        Route("lines", parse_lines, tokens=["canary"])
    assert "canary" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="name"):
        Route("a/b", parse_lines, tokens=[TOKEN])
    for wrong in ([None], None, TOKEN, TOKEN.encode(), [TOKEN, 5], [TOKEN.encode()]):
        with pytest.raises(ConfigurationError, match="'lines': tokens: must be a list of texts") as caught:
            Route("lines", parse_lines, tokens=wrong)  # type: ignore[arg-type]  # the mistake
        assert TOKEN not in str(caught.value)
    assert repr(Route("lines", parse_lines, tokens=[TOKEN])) == "Route('lines')"


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("name", {"provider": None}),
        ("parse", {"parse": None}),
        ("keys", {"keys": ["ak"]}),
        ("keys", {"keys": {"ak": None}}),
        ("keys", {"keys": {None: "secret"}}),
        ("methods", {"methods": "POST"}),
        ("methods", {"methods": None}),
        ("headers", {"headers": "Host: x"}),
        ("prefix", {"prefix": "sms"}),
        ("prefix", {"prefix": "/sms/"}),
        ("prefix", {"prefix": "/"}),
        ("prefix", {"prefix": "/a b"}),
        ("prefix", {"prefix": "/a?b"}),
        ("prefix", {"prefix": None}),
    ],
)
def test_arguments_of_a_route_are_checked(field: str, options: dict[str, Any]) -> None:
    """What cannot be right is said at once, with the name of the argument."""
    with pytest.raises(ConfigurationError, match=rf"^Route .*: (the )?{field}"):
        Route(**{"provider": "lines", "parse": parse_lines, "tokens": [TOKEN], **options})


def test_a_handler_and_routes_are_checked() -> None:
    """What is no handler or no route is said when the app is made."""
    with pytest.raises(ConfigurationError, match=r"^handler: "):
        CallbackApp(None, Route("lines", parse_lines, tokens=[TOKEN]))
    with pytest.raises(ConfigurationError, match=r"^routes: "):
        CallbackApp(Inbox(), "lines")  # type: ignore[arg-type]  # the mistake
