"""What a stranger writes against the public interface. Checked by mypy and pyright in their strict modes, never run."""

from collections.abc import AsyncIterator, Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import assert_type

import httpx

from smsgate import (
    Attempt,
    Batch,
    Binding,
    Callback,
    CallbackError,
    ClosedError,
    ConfigurationError,
    Delivery,
    DeliveryState,
    Gateway,
    Headers,
    HttpRequest,
    HttpResponse,
    InvalidCallError,
    InvalidNumberError,
    Job,
    Message,
    MessageError,
    NotSentError,
    Outcome,
    OutcomeUnknownError,
    PhoneNumber,
    Policy,
    Reason,
    RejectedError,
    Reply,
    Result,
    Secret,
    Segment,
    SendError,
    SmsgateError,
    SmsProvider,
    Source,
    StatusReport,
    Tag,
    Template,
    Timeouts,
    VendorError,
    Verdict,
    WrongLoopError,
    resolve_number,
)
from smsgate import huawei as huawei_package
from smsgate import tencent as tencent_package
from smsgate.huawei import HuaweiAccessKey, HuaweiAppKey, HuaweiManagement, HuaweiSms
from smsgate.model.reason import Fault
from smsgate.provider import EventSink
from smsgate.sandbox import AcceptedMessage, Sandbox, SandboxTransport, Scenario
from smsgate.tencent import TencentCloud, TencentCredentials, TencentV5
from smsgate.testing import LOGIN_CODE, Outbox, SandboxGateway
from smsgate.webhooks import MAX_BODY, CallbackApp, Counters, Route, receive

# The set-up.

tencent = TencentV5("1400006666", "key", sign="Acme")


async def read_key() -> str:
    """A source that is awaited; the others below are plain."""
    return "key"


rotating = [
    TencentV5("1400006666", read_key),
    TencentV5("1400006666", lambda: Secret("key")),
    TencentCloud(credentials=lambda: TencentCredentials("id", Secret("key"), "token"), sdk_app_id="1400006666"),
    HuaweiSms(credentials=lambda: HuaweiAppKey("key", "secret"), sender="1", base_url="https://h.test"),
]
managed = HuaweiManagement(
    project_id="p", base_url="https://h.test", credentials=lambda: HuaweiAccessKey("key", "secret")
)
huawei = HuaweiSms(
    "key",
    Secret("secret"),
    sender="isms100000001",
    base_url="https://api.example:443",
    signature="Acme",
    auth="wsse",
    status_callback="https://app.example/sms/huawei",
    name="huawei-eu",
)
login = Template(
    "login-code",
    params=("code", "minutes"),
    text="Your code is {code}, valid for {minutes} minutes.",
    ids={"tencent-v5": "19", "huawei-eu": Binding("8ff5", params=["minutes", "code"], signature="Acme", sender="1069")},
)
policy = Policy(on_unknown="failover", on_rate_limited="stop", retries=2, pause=0.1, max_pause=1)
timeouts = Timeouts(connect=2, write=3, read=4, total=5)

assert_type(login.render({"code": "1"}), str | None)
assert_type(login.segments({"code": "1"}, to="+8613800138000"), int | None)
assert_type(login.params, tuple[str, ...])
assert_type(policy.retries, int)


class Ledger:
    """A caller's own book, plain or async."""

    def note(self, result: Result) -> None:
        """Take a final result."""
        self.last = result.provider

    async def write(self, result: Result) -> int:
        """Take a final result, and answer something."""
        return len(result.attempts)


class OwnVendor:
    """A vendor of a third party's."""

    name = "own"
    batch_limit = 1

    def batch_key(self, job: Job) -> Hashable | None:
        """It travels alone."""
        return None

    def refuse(self, job: Job) -> str | None:
        """It takes numbers of its own country only."""
        return None if job.to.calling_code == "43" else "to: only +43"

    def build_request(self, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        """A request, signed by nothing."""
        (job,) = batch.jobs
        body = "&".join([str(job.to), job.template_id, *job.params, batch.reference]).encode()
        return HttpRequest("POST", "https://own.example/send", {"X-Nonce": nonce, "X-Time": str(int(now))}, body)

    def parse_response(self, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
        """Accepted if it says so."""
        if response.status == 200:
            return [Verdict.accepted(response.headers.get("x-id"), segments=1) for _ in batch.jobs]
        return [Verdict(Outcome.REJECTED, Reason.REFUSED, code=str(response.status)) for _ in batch.jobs]


own: SmsProvider = OwnVendor()
providers: list[SmsProvider] = [tencent, huawei, own]


def gateways(client: httpx.AsyncClient, transport: httpx.AsyncBaseTransport) -> Iterator[Gateway]:
    """All the ways to make one."""
    yield Gateway([tencent, huawei], templates=[login])
    yield Gateway([tencent], templates=(login,), client=client, on_result=Ledger().note)
    yield Gateway(iter(providers), templates={login}, transport=transport, on_result=Ledger().write)
    yield Gateway(
        providers,
        policy=policy,
        default_region="CN",
        timeouts=timeouts,
        ssl_context=None,
        max_connections=20,
        keepalive_expiry=30,
        tag_secret="secret",
        clock=lambda: 0.0,
    )


# Sending.


async def send(gateway: Gateway) -> str | None:
    """One message."""
    message = Message(
        "+8613788888888", "login-code", {"code": "4821", "minutes": "5"}, key="order-7", on_unknown="stop"
    )
    assert_type(message.to, PhoneNumber)
    assert_type(message.params, Mapping[str, str])
    result = await gateway.send(message, providers=["huawei-eu", tencent])
    assert_type(result, Result)
    assert_type(result.outcome, Outcome)
    assert_type(result.reason, Reason | None)
    assert_type(result.attempts, tuple[Attempt, ...])
    assert_type(result.raise_for_outcome(), Result)
    for attempt in result.attempts:
        assert_type(attempt.started_at, datetime)
        assert_type(attempt.duration, float)
        assert_type(attempt.reference, str | None)
    match result.outcome:
        case Outcome.ACCEPTED:
            return result.message_id
        case Outcome.REJECTED | Outcome.NOT_SENT:
            return result.description
        case Outcome.UNKNOWN:
            return result.reference


async def send_many(gateway: Gateway, source: AsyncIterator[Message]) -> int:
    """Many messages, from any iterable."""
    accepted = 0
    async for result in gateway.send_many(source, providers=["tencent-v5"], concurrency=5, window=100):
        assert_type(result, Result)
        accepted += result.accepted
    results = gateway.send_many(Message(to, "login-code") for to in ("+8613788888888",))
    assert_type(await anext(results), Result)
    await results.aclose()
    return accepted


async def errors(gateway: Gateway, message: Message) -> Result | None:
    """What can go wrong, from the particular to the general."""
    try:
        async with gateway as entered:
            return (await entered.send(message)).raise_for_outcome()
    except (NotSentError, RejectedError, OutcomeUnknownError) as error:
        return error.result
    except SendError as error:
        return error.result
    except InvalidNumberError as error:
        return error.result
    except MessageError as error:
        return error.result
    except (ClosedError, WrongLoopError, ConfigurationError):
        await gateway.aclose(timeout=1)
        return None
    except VendorError as error:
        assert_type(error.outcome, Outcome | None)
        return None
    except (InvalidCallError, CallbackError, SmsgateError):
        return None


# Receiving.


def parse(request: HttpRequest) -> Callback:
    """A vendor's push, in one's own view."""
    try:
        return tencent_package.parse_callback(request, provider="tencent-v5")
    except CallbackError as error:
        assert_type(error.where, str)
        return Callback(error.reports, error.replies, HttpResponse(400))


class Printed:
    """A sink of one's own needs one method."""

    async def handle(self, event: StatusReport | Reply) -> None:
        """Show it."""


SINK: EventSink = Printed()


def parse_signed(headers: Iterable[tuple[str, str]], body: bytes) -> Callback:
    """A push that Huawei has signed."""
    request = HttpRequest("POST", "https://app.example/sms/huawei", Headers(headers), body)
    return huawei_package.parse_callback(request, keys={"ak": "sk"}, now=0.0)


def read(callback: Callback) -> Iterator[tuple[str, DeliveryState]]:
    """What a push says."""
    assert_type(callback.answer, HttpResponse)
    for report in callback.reports:
        assert_type(report, StatusReport)
        assert_type(report.to, PhoneNumber | None)
        assert_type(report.segment, Segment | None)
        assert_type(report.source, Source | None)
        assert_type(report.reported_at, datetime | None)
        assert_type(report.tag, Tag | None)
        assert_type(report.final, bool)
        assert_type(report.suppress, bool)
        yield report.message_id, report.state
    for reply in callback.replies:
        assert_type(reply, Reply)
        assert_type(reply.sender, PhoneNumber)
        assert_type(reply.text, str)


def merge(result: Result, reports: Iterable[StatusReport]) -> DeliveryState:
    """The state of a message as its reports arrive."""
    delivery = Delivery().sent(result)
    assert_type((result.fault, result.remedy, result.permanent), tuple[Fault | None, str, bool])
    stored = Delivery.of(reports, sent_at=delivery.sent_at, answered=delivery.answered, refused=delivery.refused)
    assert_type(stored.merge(delivery).fault, Fault | None)
    for report in reports:
        delivery = delivery.apply(report)
    assert_type(delivery, Delivery)
    assert_type(delivery.reason, Reason | None)
    return delivery.state


async def handle(event: StatusReport | Reply) -> None:
    """One's own handler."""
    match event:
        case StatusReport(message_id=message_id, state=DeliveryState.DELIVERED):
            assert_type(message_id, str)
        case StatusReport():
            assert_type(event.reason, Reason | None)
        case Reply(text=text):
            assert_type(text, str)


route = Route("tencent-v5", tencent_package.parse_callback, tokens=["unguessable-path-token"])
app = CallbackApp(handle, route, Route("huawei", huawei_package.parse_callback, keys={"ak": "sk"}), tag_secrets=["s"])
assert_type(app.counters, Counters)
assert_type(receive(HttpRequest("POST", "https://h/"), route, token="unguessable-path-token"), Callback)
limit: int = MAX_BODY

# Testing.


async def test_backend(sms_outbox: Outbox, sms_sandbox: SandboxGateway) -> None:
    """A backend's own test."""
    gateway: Gateway = sms_outbox
    await gateway.send(Message("+8613788888888", LOGIN_CODE.name, {"code": "1", "minutes": "2"}))
    assert_type(sms_outbox.last_to("+8613788888888"), Message)
    sms_outbox.fail(Reason.BLOCKLISTED, to="+8613788888888", times=None)
    await sms_sandbox.send(Message(Scenario.OUT_OF_BALANCE.number, "login-code", {"code": "1", "minutes": "2"}))
    assert_type(sms_sandbox.last_to("+8613788888888"), AcceptedMessage)
    assert_type(sms_sandbox.sandbox, Sandbox)


def in_process() -> SandboxTransport:
    """The simulated vendors behind a client of one's own."""
    return SandboxTransport(Sandbox(lenient=True), clock=lambda: 0.0, delay_scale=0)


make_number: Callable[[str], PhoneNumber] = PhoneNumber
assert_type(resolve_number("13788888888", "CN"), PhoneNumber)
assert_type(str(PhoneNumber("+8613788888888")), str)
assert_type(Secret("x").reveal(), str)
