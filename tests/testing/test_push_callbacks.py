"""`SandboxGateway.push_callbacks`: what the simulated vendors tell, pushed into an app in the same process."""

import time
from typing import Any

import attrs
import pytest
from push_receiver import TOKEN, Receiver
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from smsgate import ConfigurationError, DeliveryState, Gateway, Message, Outcome, Reply, StatusReport, tencent
from smsgate.huawei import HuaweiSms
from smsgate.sandbox import Scenario
from smsgate.testing import LOGIN_CODE, SandboxGateway, VirtualClock
from smsgate.webhooks import CallbackApp, OpenDoorWarning
from smsgate.webhooks import Route as Door

NUMBER = "+8613788888888"
PARAMS = {"code": "4821", "minutes": "5"}
CODE = Message(NUMBER, "login-code", PARAMS)
CALLBACKS = {
    "tencent-v5": f"https://app.example.com/sms/tencent-v5/{TOKEN}",
    "huawei": f"https://app.example.com/sms/huawei/{TOKEN}",
}

pytestmark = pytest.mark.anyio


async def test_reports_of_both_vendors_come_in() -> None:
    """Each accepted message is reported once, with its code, to the app that is mounted where the URLs say."""
    gateway, inbox = SandboxGateway(callbacks=CALLBACKS), Receiver()
    gateway.sandbox.change_account("tencent", echo_ext=True)
    app = Starlette(routes=[Mount("/sms", app=inbox.app())])
    delivered = await gateway.send(CODE)
    off = await gateway.send(Message(Scenario.PHONE_OFF.number, "login-code", PARAMS), providers=["huawei"])
    pushes = await gateway.push_callbacks(app)
    assert [(push.vendor, push.status, push.acknowledged) for push in pushes] == [
        ("tencent", 200, True),
        ("huawei", 200, True),
    ]
    first, second = inbox.reports
    assert (first.provider, first.message_id, first.state) == ("tencent-v5", delivered.message_id, "DELIVERED")
    assert (second.provider, second.message_id, second.state) == ("huawei", off.message_id, "UNDELIVERED")
    assert first.reference == delivered.reference
    assert await gateway.push_callbacks(app) == ()


async def test_report_resolves_an_unknown_send() -> None:
    """The report on a send without an answer comes with the tag of its result, where the vendor echoes tags."""
    gateway, inbox = SandboxGateway(callbacks=CALLBACKS), Receiver()
    gateway.sandbox.change_account("tencent", echo_ext=True)
    result = await gateway.send(Message(Scenario.DROP_AFTER.number, "login-code", PARAMS))
    await gateway.push_callbacks(inbox.app())
    assert result.outcome is Outcome.UNKNOWN
    assert [(report.reference, report.state) for report in inbox.reports] == [
        (result.reference, DeliveryState.DELIVERED)
    ]


async def test_default_urls_fit_an_app_without_tokens() -> None:
    """Without `callbacks`, the app takes pushes at `/<provider>`."""
    events: list[StatusReport | Reply] = []

    async def on_event(event: StatusReport | Reply) -> None:
        events.append(event)

    with pytest.warns(OpenDoorWarning):
        app = CallbackApp(on_event, Door("tencent-v5", tencent.parse_callback))
    gateway = SandboxGateway()
    await gateway.send(CODE)
    await gateway.push_callbacks(app)
    assert len(events) == 1


async def test_replies_and_more_reports_come_in() -> None:
    """What is asked of the sandbox comes with the next push."""
    gateway, inbox = SandboxGateway(callbacks=CALLBACKS), Receiver()
    await gateway.send(CODE)
    gateway.sandbox.reply(NUMBER, "TD", now=time.time())
    gateway.sandbox.report(now=time.time(), to=NUMBER, code="MK:0001")
    await gateway.push_callbacks(inbox.app())
    (reply,) = [event for event in inbox.events if isinstance(event, Reply)]
    assert (str(reply.sender), reply.text) == (NUMBER, "TD")
    assert {report.code for report in inbox.reports} == {"DELIVRD", "MK:0001"}


async def test_vendor_tries_again_without_waiting() -> None:
    """A handler that fails twice gets Tencent's third try, an hour later by the vendor's clock."""
    gateway, inbox = SandboxGateway(callbacks=CALLBACKS), Receiver(failures=2)
    gateway.sandbox.push_settings = attrs.evolve(gateway.sandbox.push_settings, retry_after=3600)
    await gateway.send(CODE)
    pushes = await gateway.push_callbacks(inbox.app())
    assert [(push.attempt, push.status) for push in pushes] == [(1, 500), (2, 500), (3, 200)]
    assert len(inbox.events) == 1


@pytest.mark.parametrize(("provider", "tries"), [("tencent-v5", 3), ("huawei", 1)])
async def test_lost_push_fails_the_test(provider: str, tries: int) -> None:
    """A handler that fails for good is an assertion, though Huawei would not mind."""
    gateway, inbox = SandboxGateway(callbacks=CALLBACKS), Receiver(failures=99)
    await gateway.send(CODE, providers=[provider])
    with pytest.raises(AssertionError, match="the app answered 500"):
        await gateway.push_callbacks(inbox.app())
    assert inbox.failures == 99 - tries


async def test_wrong_address_fails_the_test() -> None:
    """A URL that the app does not have is named, without its token."""
    gateway = SandboxGateway(callbacks={"tencent-v5": f"https://app.example.com/elsewhere/{TOKEN}"})
    await gateway.send(CODE)
    with pytest.raises(AssertionError, match=r"answered 404 to .*app\.example\.com/elsewhere/…") as caught:
        await gateway.push_callbacks(Starlette(routes=[Mount("/sms", app=Receiver().app())]))
    assert TOKEN not in str(caught.value)


async def test_signed_pushes_pass_the_door() -> None:
    """With signing switched on, the app's own check sees Huawei's path, Host and headers."""
    gateway = SandboxGateway(callbacks=CALLBACKS)
    gateway.sandbox.push_settings = attrs.evolve(gateway.sandbox.push_settings, sign=True)
    inbox = Receiver()
    await gateway.send(CODE, providers=["huawei"])
    app = inbox.app(**{"sandbox-huawei-push-ak": "sandbox-huawei-push-sk"})
    await gateway.push_callbacks(Starlette(routes=[Mount("/sms", app=app)]))
    assert len(inbox.reports) == 1


async def test_your_own_gateway_s_callback_is_used() -> None:
    """Messages of another gateway over the same transport are reported to the URL that it names."""
    kit, seen = SandboxGateway(), list[str]()

    async def view(request: Request) -> PlainTextResponse:
        seen.append(str(request.url))
        return PlainTextResponse("ok")

    own = HuaweiSms(
        "sandbox-huawei-app-key",
        "sandbox-huawei-app-secret",
        sender="isms100000001",
        base_url="https://huawei.invalid",
        status_callback="https://shop.example.com/reports?shop=1",
    )
    async with Gateway([own], templates=[LOGIN_CODE], transport=kit.transport) as gateway:
        await gateway.send(CODE)
    await kit.push_callbacks(Starlette(routes=[Route("/reports", view, methods=["POST"])]))
    assert seen == ["https://shop.example.com/reports?shop=1"]


class NoAsgi:
    """An application of another kind."""

    async def __call__(self) -> None:
        """Not with scope, receive and send."""


@pytest.mark.parametrize("app", [NoAsgi(), object(), lambda environ, start_response: []], ids=["async", "no", "wsgi"])
async def test_an_app_of_another_kind(app: Any) -> None:
    """What is no ASGI application is an error that says how it gets its pushes."""
    text = r"is not an ASGI application.*sms_sandbox_server"
    with pytest.raises(ConfigurationError, match=text):
        await SandboxGateway(callbacks=CALLBACKS).push_callbacks(app)
    with pytest.raises(ConfigurationError, match=text):
        SandboxGateway(callbacks=CALLBACKS, clock=VirtualClock()).push_to(app)
