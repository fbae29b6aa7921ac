"""The sandbox pushes over real HTTP: into a `CallbackApp` behind uvicorn, on loopback."""

import json
import logging
import socket
import threading
from collections.abc import Generator
from typing import Any

import anyio
import anyio.to_thread
import attrs
import httpx
import pytest
from push_receiver import TOKEN, Receiver, receiver, served, until
from sandbox_callers import NOW, HuaweiCaller, TencentCaller

from smsgate import Gateway, Message, Template
from smsgate.huawei import HuaweiSms
from smsgate.model.delivery import Delivery
from smsgate.model.errors import ConfigurationError
from smsgate.model.states import DeliveryState
from smsgate.sandbox import PushSettings, Sandbox, Scenario
from smsgate.sandbox.server import SandboxServer, listen
from smsgate.tencent import TencentV5

LOGIN = Template(
    "login",
    params=("code", "minutes"),
    ids={"tencent-v5": "19", "huawei": "8ff55eac1d0b478ab3c06c3c6a492300"},
)
NOW_SETTINGS = PushSettings(report_delay=0, retry_after=0)


@pytest.fixture
def inbox() -> Generator[Receiver]:
    """The application's callbacks."""
    with receiver() as running:
        yield running


def settings_for(inbox: Receiver, **changes: Any) -> PushSettings:
    """Pushes at once, to both callbacks of *inbox*."""
    return attrs.evolve(NOW_SETTINGS, tencent_callback=inbox.tencent, huawei_callback=inbox.huawei, **changes)


def gateway_to(server: SandboxServer, callback: str) -> Gateway:
    """A gateway to both vendors of *server*."""
    tencent = TencentV5("1400006666", "sandbox-tencent-app-key", sign="Acme", base_url=server.url)
    huawei = HuaweiSms(
        "sandbox-huawei-app-key",
        "sandbox-huawei-app-secret",
        sender="isms100000001",
        base_url=server.url,
        status_callback=callback,
    )
    return Gateway([tencent, huawei], templates=[LOGIN])


def messages(count: int) -> list[Message]:
    """Each with its own number and code."""
    params = [{"code": f"{number:06}", "minutes": "5"} for number in range(count)]
    return [Message(f"+86137{number:08}", "login", each) for number, each in enumerate(params)]


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])  # the sandbox pushes from a thread of its own, whoever sends
@pytest.mark.parametrize("vendor", ["tencent-v5", "huawei"])
async def test_a_thousand_messages_none_missing(vendor: str, inbox: Receiver) -> None:
    """1,000 messages, each report twice and in any order: each message ends delivered, no report is a stray."""
    sandbox = Sandbox(pushes=settings_for(inbox, copies=2, shuffle=True))
    sandbox.change_account("tencent", echo_ext=True)
    async with SandboxServer(sandbox) as server, gateway_to(server, inbox.huawei) as gateway:
        results = [result async for result in gateway.send_many(messages(1000), providers=[vendor])]
        await anyio.to_thread.run_sync(until, lambda: len(inbox.events) == 2000)
    assert all(result.accepted for result in results)
    by_id: dict[str, Delivery] = {}
    for report in inbox.reports:
        by_id[report.message_id] = by_id.get(report.message_id, Delivery()).apply(report)
    assert set(by_id) == {result.message_id for result in results}
    assert {delivery.state for delivery in by_id.values()} == {DeliveryState.DELIVERED}
    assert not any(delivery.conflict or delivery.partial for delivery in by_id.values())
    assert [report.reference for report in inbox.reports if not report.reference] == []


@pytest.mark.anyio
async def test_report_resolves_a_send_without_an_answer(inbox: Receiver) -> None:
    """A send whose connection closed is UNKNOWN; its report comes with the tag and the number."""
    sandbox = Sandbox(pushes=settings_for(inbox))
    sandbox.change_account("tencent", echo_ext=True)
    async with SandboxServer(sandbox) as server, gateway_to(server, inbox.huawei) as gateway:
        params = {"code": "4821", "minutes": "5"}
        result = await gateway.send(Message(Scenario.DROP_AFTER.number, "login", params, key="ord1"))
        await anyio.to_thread.run_sync(until, lambda: bool(inbox.events))
    (report,) = inbox.reports
    assert report.reference == result.reference
    assert report.tag is not None
    assert report.tag.key == "ord1"
    assert (str(report.to), report.state) == (Scenario.DROP_AFTER.number, DeliveryState.DELIVERED)


def test_parts_copies_and_late_reports_come_over_http(inbox: Receiver) -> None:
    """What is asked for over HTTP is pushed over HTTP, and read as it was meant."""
    sandbox = Sandbox(lenient=True, pushes=settings_for(inbox, report_delay=3600))
    HuaweiCaller(sandbox).form(statusCallback=inbox.huawei, templateParas='["' + "x" * 70 + '"]', extend="ord1")
    server = SandboxServer(sandbox, clock=lambda: NOW)
    with server, httpx.Client(base_url=server.start().url, trust_env=False, verify=False) as client:
        message_id = client.get("/sandbox/messages").json()[0]["message_id"]
        order = {"message_id": message_id, "times": 2, "reported_at": "2030-01-01T00:00:00Z"}
        assert client.post("/sandbox/reports", json=order).status_code == 200
        until(lambda: len(inbox.events) == 4)
        reply = {"vendor": "huawei", "from": "+8613788888888", "text": "T"}
        assert client.post("/sandbox/replies", json=reply).status_code == 200
        until(lambda: len(sandbox.pushes) == 5)
        listed = client.get("/sandbox/pushes").json()
    delivery = Delivery.of(inbox.reports)
    assert (delivery.state, delivery.total, len(delivery.reports)) == (DeliveryState.DELIVERED, 2, 2)
    assert {report.reported_at.year for report in inbox.reports if report.reported_at} == {2030}
    assert [(push["vendor"], push["kind"], push["status"], push["attempt"]) for push in listed] == [
        *[("huawei", "HUAWEI_REPORT", 200, 1)] * 4,
        ("huawei", "HUAWEI_REPLY", 200, 1),
    ]
    assert all(push["acknowledged"] and push["url"] == inbox.huawei and not push["error"] for push in listed)
    assert "status=DELIVRD" in listed[0]["body"]


def test_tencent_retries_until_the_handler_works(inbox: Receiver) -> None:
    """A handler that fails twice gets the report on the third try; one that fails for good gets no fourth."""
    tencent = TencentCaller(Sandbox(pushes=settings_for(inbox)))
    with SandboxServer(tencent.sandbox):
        inbox.failures = 2
        tencent.sendsms()
        until(lambda: bool(inbox.events))
        until(lambda: len(tencent.sandbox.pushes) == 3)
        assert [(push.attempt, push.status) for push in tencent.sandbox.pushes] == [(1, 500), (2, 500), (3, 200)]
        inbox.failures = 99
        tencent.sendsms()
        until(lambda: len(tencent.sandbox.pushes) == 6)
        HuaweiCaller(tencent.sandbox).form(statusCallback=inbox.huawei)
        until(lambda: len(tencent.sandbox.pushes) == 7)
    assert [push.status for push in tencent.sandbox.pushes[3:]] == [500] * 4
    assert inbox.failures == 95
    assert len(inbox.events) == 1


def test_signed_pushes_are_let_in() -> None:
    """A route that wants Huawei's signature takes what the sandbox signs over the wire, and nothing else."""
    with receiver(**{"sandbox-huawei-push-ak": "sandbox-huawei-push-sk"}) as inbox:
        huawei = HuaweiCaller(Sandbox(pushes=settings_for(inbox, sign=True)))
        with SandboxServer(huawei.sandbox):
            huawei.form(statusCallback=inbox.huawei)
            huawei.form()
            until(lambda: len(huawei.sandbox.pushes) == 2)
            huawei.sandbox.push_settings = settings_for(inbox)
            huawei.form(statusCallback=inbox.huawei)
            until(lambda: len(huawei.sandbox.pushes) == 3)
        assert [push.status for push in huawei.sandbox.pushes] == [200, 200, 401]
        assert len(inbox.reports) == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://sms.example/report",
        "http://127.0.0.1@sms.example/",
        "http://192.0.2.1:8000/",
        "http://2130706433/",
        "http://localhost.sms.example/",
        "http://[2001:db8::1]/",
        "http://[/",
        "http://127.0.0.1:port/",
    ],
)
def test_other_machines_are_not_called(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """A send that names another machine gets no push: one line in the log, and the refusal in the list."""
    huawei = HuaweiCaller(Sandbox(pushes=NOW_SETTINGS))
    with caplog.at_level(logging.WARNING, "smsgate"), SandboxServer(huawei.sandbox):
        for _ in range(2):
            huawei.form(statusCallback=url)
        until(lambda: len(huawei.sandbox.pushes) == 2)
    assert {(push.status, push.acknowledged) for push in huawei.sandbox.pushes} == {(None, False)}
    assert all("not an address of this machine" in push.error for push in huawei.sandbox.pushes)
    (record,) = caplog.records
    assert "the sandbox pushes nothing to" in record.message


@pytest.mark.parametrize("name", ["tencent_callback", "huawei_callback"])
def test_configured_callback_elsewhere_is_an_error(name: str) -> None:
    """A server does not start with it, unless the settings allow it."""
    settings = PushSettings(**{name: "http://sms.example/"})  # type: ignore[arg-type]  # a name that is a variable
    with pytest.raises(ConfigurationError, match=f"{name}: is not an address of this machine"):
        SandboxServer(Sandbox(pushes=settings)).start()
    with SandboxServer(Sandbox(pushes=attrs.evolve(settings, allow_remote=True))) as server:
        assert server.sandbox.push_settings.allow_remote


def test_silent_callback_is_noted() -> None:
    """A port where nobody listens is an error in the list, and the others are pushed to."""
    with listen("127.0.0.1") as closed:
        port = closed.getsockname()[1]
    with receiver() as inbox:
        huawei = HuaweiCaller(Sandbox(pushes=NOW_SETTINGS))
        with SandboxServer(huawei.sandbox):
            huawei.form(statusCallback=f"http://127.0.0.1:{port}/")
            huawei.form(statusCallback=inbox.huawei)
            until(lambda: len(huawei.sandbox.pushes) == 2)
    assert {(push.status, push.error) for push in huawei.sandbox.pushes} == {(None, "ConnectError"), (200, "")}


def test_redirects_are_not_followed(inbox: Receiver) -> None:
    """An answer that points elsewhere is an answer."""

    async def redirect(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"location", b"http://sms.example/"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 307, "headers": headers})
        await send({"type": "http.response.body"})

    huawei = HuaweiCaller(Sandbox(pushes=NOW_SETTINGS))
    with served(redirect) as url, SandboxServer(huawei.sandbox):
        huawei.form(statusCallback=url)
        until(lambda: bool(huawei.sandbox.pushes))
    assert huawei.sandbox.pushes[0].status == 307


def test_push_that_a_stop_cuts_off_is_made_after_the_start() -> None:
    """Stopping does not wait for a callback that hangs; what it did not get is pushed again."""
    called, answered = threading.Semaphore(0), threading.Event()

    async def hanging(scope: Any, receive: Any, send: Any) -> None:
        called.release()
        if not answered.is_set():
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    huawei = HuaweiCaller(Sandbox(pushes=NOW_SETTINGS))
    with served(hanging) as url:
        with SandboxServer(huawei.sandbox) as server:
            huawei.form(statusCallback=url)
            assert called.acquire(timeout=60)
        assert not huawei.sandbox.pushes
        answered.set()
        with server:
            until(lambda: bool(huawei.sandbox.pushes))
    assert [(push.attempt, push.status) for push in huawei.sandbox.pushes] == [(1, 200)]


def test_two_servers_push_once(inbox: Receiver) -> None:
    """Servers that share a sandbox share its pushes."""
    tencent = TencentCaller(Sandbox(pushes=settings_for(inbox)))
    with SandboxServer(tencent.sandbox), SandboxServer(tencent.sandbox):
        for _ in range(20):
            tencent.sendsms()
        # Settled, not only received: a push that a server has open when it stops is due again, at the other one.
        until(lambda: sum(len(json.loads(push.request.body)) for push in tencent.sandbox.pushes) >= 20)
    assert len({report.message_id for report in inbox.reports}) == len(inbox.events) == 20


def test_answers_are_not_delayed() -> None:
    """The listening socket names its protocol: asyncio switches Nagle's delay off only then."""
    with listen("127.0.0.1") as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_the_receiver_is_the_library_itself(inbox: Receiver) -> None:
    """The receiver of these tests lets nobody in without its token."""
    assert httpx.post(f"{inbox.url}/huawei/{TOKEN}x", trust_env=False, verify=False).status_code == 404
