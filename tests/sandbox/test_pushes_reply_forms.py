"""Replies as JSON, as a form and by GET, and finer codes of failures: from the simulated Tencent to a handler."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import attrs
import pytest
from asgi_driver import TOKEN, answer_of, body_of, call, http_scope
from hypothesis import given
from hypothesis import strategies as st
from push_receiver import TOKEN as RECEIVER_TOKEN
from push_receiver import served, until
from sandbox_callers import NOW, TencentCaller
from sandbox_managers import CloudCaller, control

from smsgate import Reply, StatusReport
from smsgate.management import ManagementClient
from smsgate.model.errors import ConfigurationError
from smsgate.sandbox import Push, PushSettings, Sandbox, SandboxConfig, SandboxTransport
from smsgate.sandbox.server import SandboxServer
from smsgate.tencent import TencentCloudManagement, TencentV5Management, parse_callback
from smsgate.webhooks import CallbackApp, Route

FORMS: tuple[Any, ...] = ("json", "form", "get")
ABROAD = "+6581234567"
SUB_ERROR = {"sub_error": "1001", "sub_error_description": "absent subscriber"}


@attrs.define
class Application:
    """A `CallbackApp` for one provider, and the events that its handler took."""

    provider: str
    events: list[StatusReport | Reply] = attrs.field(factory=list[StatusReport | Reply])

    async def push(self, sandbox: Sandbox) -> None:
        """Make every push that is due, and give the sandbox the answers."""
        for push in sandbox.due_pushes(now=NOW + 9):
            sandbox.settle_push(push, await self._answer(push), now=NOW + 9)

    async def _answer(self, push: Push) -> Any:
        route = Route(self.provider, parse_callback, tokens=[TOKEN], methods=["POST", "GET"])
        parts = urlsplit(push.request.url)
        headers = [(name.lower().encode(), value.encode()) for name, value in push.request.headers.pairs]
        scope = http_scope(parts.path, method=push.request.method, query_string=parts.query.encode(), headers=headers)
        return answer_of(await call(CallbackApp(self._take, route), scope, body_of(push.request.body)))

    async def _take(self, event: StatusReport | Reply) -> None:
        self.events.append(event)


def sandbox_of(provider: str, **settings: Any) -> Sandbox:
    """One that pushes to the application."""
    url = f"http://127.0.0.1:8000/{provider}/{TOKEN}"
    sandbox = Sandbox(pushes=PushSettings(tencent_callback=url, report_delay=60, **settings))
    sandbox.change_account("tencent", pulls=True, extend=True)
    return sandbox


@pytest.mark.anyio
@pytest.mark.parametrize("provider", ["tencent-v5", "tencent"])
@pytest.mark.parametrize("form", FORMS)
async def test_reply_comes_to_the_handler(provider: str, form: Any) -> None:
    """After a send through either interface: text, number, time, signature and extension, and it is acknowledged."""
    sandbox = sandbox_of(provider, tencent_replies=form)
    if provider == "tencent":
        CloudCaller(sandbox=sandbox).send(extend=None, ExtendCode="07")
    else:
        TencentCaller(sandbox).sendsms(extend="07")
    sandbox.reply("+8613788888888", "Ja & nein = 100 %+, 好的😀\n", now=NOW)
    sandbox.reply("+8613788888888", "unasked", now=NOW, to="1069000")
    application = Application(provider)
    await application.push(sandbox)
    reply, unasked = application.events
    assert isinstance(reply, Reply)
    assert isinstance(unasked, Reply)
    assert (reply.provider, reply.text, str(reply.sender)) == (
        provider,
        "Ja & nein = 100 %+, 好的😀\n",
        "+8613788888888",
    )
    assert (reply.signature, reply.extend, reply.to) == ("Acme", "07", None)
    assert reply.received_at is not None
    assert reply.received_at.timestamp() == NOW
    assert (unasked.text, unasked.to, str(unasked.sender)) == ("unasked", "1069000", "+8613788888888")
    methods = [(push.request.method, push.acknowledged, push.as_json()["method"]) for push in sandbox.pushes]
    expected = "GET" if form == "get" else "POST"
    assert methods == [(expected, True, expected)] * 2
    assert sandbox.due_pushes(now=NOW + 9) == []


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
    st.text("0123456789", max_size=5),
    st.sampled_from(["+8613788888888", ABROAD, "+14155552671"]),
)
def test_every_form_says_the_same(text: str, extend: str, sender: str) -> None:
    """Whatever the text, the extension and the country: the three forms are read to the same reply."""
    found: list[Reply] = []
    for form in FORMS:
        sandbox = sandbox_of("tencent", tencent_replies=form)
        sandbox.reply(sender, text, now=NOW, extend=extend)
        (push,) = sandbox.due_pushes(now=NOW)
        found += parse_callback(push.request).replies
    assert [attrs.evolve(reply, raw={}) for reply in found] == [attrs.evolve(found[0], raw={})] * 3
    assert (found[0].text, str(found[0].sender), found[0].extend) == (text, sender, extend or None)


@pytest.mark.parametrize("form", FORMS)
def test_reply_comes_over_a_real_port(form: Any) -> None:
    """From the server of the sandbox to an application behind uvicorn, with a query of its own in the URL."""
    events: list[Any] = []

    async def take(event: StatusReport | Reply) -> None:
        events.append(event)

    route = Route("tencent", parse_callback, tokens=[RECEIVER_TOKEN], methods=["POST", "GET"])
    with served(CallbackApp(take, route)) as url:
        settings = PushSettings(tencent_callback=f"{url}/tencent/{RECEIVER_TOKEN}?from=sandbox", tencent_replies=form)
        with SandboxServer(Sandbox(pushes=settings), clock=lambda: NOW) as server:
            server.sandbox.reply("+8613788888888", "Ja", now=NOW)
            until(lambda: bool(server.sandbox.pushes))
            (push,) = server.sandbox.pushes
    assert (push.status, push.acknowledged, [event.text for event in events]) == (200, True, ["Ja"])


def test_form_of_replies_is_a_setting() -> None:
    """In Python and in a file; another word is refused by both, and names the field."""
    assert SandboxConfig.parse({"pushes": {"tencent_replies": "get"}}).pushes == PushSettings(tencent_replies="get")
    for make in (
        lambda: PushSettings(tencent_replies="xml"),  # type: ignore[arg-type]  # the mistake
        lambda: SandboxConfig.parse({"pushes": {"tencent_replies": "xml"}}),
    ):
        with pytest.raises(ConfigurationError, match="tencent_replies"):
            make()


@pytest.mark.anyio
@pytest.mark.parametrize("provider", ["tencent-v5", "tencent"])
async def test_finer_code_comes_pushed_and_pulled(provider: str) -> None:
    """A failure abroad has it in the push of either interface, in API 3.0's pulls and records, not in v5's pulls."""
    transport = SandboxTransport(sandbox_of(provider), clock=lambda: NOW)
    sandbox = transport.sandbox
    if provider == "tencent":
        CloudCaller(sandbox=sandbox).send(ABROAD, TemplateId="1110")
    else:
        TencentCaller(sandbox).sendisms(ABROAD, tpl_id=1110)
    assert control(sandbox, "/sandbox/reports", {"to": ABROAD, "code": "UNDELIV", **SUB_ERROR})[0] == 200
    application = Application(provider)
    cloud = TencentCloudManagement("AKIDsandbox", "sandbox-tencent-secret-key", sdk_app_id="1400006666")
    v5 = TencentV5Management("1400006666", "sandbox-tencent-app-key")
    # One to push, one to pull.
    sandbox.report(to=ABROAD, code="UNDELIV", now=NOW, sub_error="1001", sub_error_description="absent subscriber")
    async with ManagementClient(transport=transport, clock=lambda: NOW) as client:
        begin, end = _moment(NOW - 60), _moment(NOW)
        pulled = (await client.run(cloud.pull_reports(limit=2))).reports
        found = (await client.run(cloud.find_reports(ABROAD, begin=begin, end=end))).reports
        (record,) = (await client.run(cloud.find_sends(ABROAD, begin=begin))).items
        by_v5 = (await client.run(v5.find_reports(ABROAD, begin=begin, end=end))).reports
    await application.push(sandbox)
    assert record.report is not None
    for report in (pulled[-1], found[-1], record.report, *application.events):
        assert isinstance(report, StatusReport)
        assert (report.sub_error, report.sub_error_description) == ("1001", "absent subscriber")
    assert application.events
    assert [report.sub_error for report in by_v5] == [None] * 3


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("number", "order", "error"),
    [
        (ABROAD, {"sub_error": "1001"}, "sub_error: tencent has none in a report of this code from this country"),
        ("+8613788888888", {"code": "UNDELIV", "sub_error": "1001"}, "sub_error: tencent has none"),
        (ABROAD, {"code": "UNDELIV", "sub_error_description": "x"}, "sub_error_description: goes with a sub_error"),
        (ABROAD, {"code": "UNDELIV", "sub_error": 1001}, "sub_error"),
    ],
)
def test_finer_code_only_where_the_vendor_has_it(number: str, order: dict[str, Any], error: str) -> None:
    """For failures in other countries than mainland China; the refusal names the field."""
    tencent = TencentCaller(sandbox_of("tencent", copies=1))
    tencent.sendsms() if number.startswith("+86") else tencent.sendisms(number, tpl_id=1110)
    status, answer = control(tencent.sandbox, "/sandbox/reports", {"to": number, **order})
    assert (status, answer["error"].startswith(error)) == (400, True)
