"""Scripted vendors: `Rule` and `Report`."""

import pytest
from push_receiver import TOKEN, Receiver

from smsgate import ConfigurationError, DeliveryState, Message, Outcome, Policy, Reason, Template
from smsgate.testing import LOGIN_CODE, Report, Response, Rule, SandboxGateway, VirtualClock

ANN, BOB = "+8613788888881", "+8613788888882"
PROVIDERS = ("tencent-v5", "huawei")
CALLBACKS = {name: f"https://app.example.com/sms/{name}/{TOKEN}" for name in PROVIDERS}

pytestmark = pytest.mark.anyio


def code(to: str = ANN) -> Message:
    return Message(to, "login-code", {"code": "4821", "minutes": "5"})


def gateway(*rules: Rule, clock: VirtualClock | None = None, **options: object) -> SandboxGateway:
    options.setdefault("policy", Policy(health=None, retries=0, alternate_within=0))
    if clock is not None:
        options["clock"] = clock
    return SandboxGateway(script=rules, callbacks=CALLBACKS, **options)  # type: ignore[arg-type]


OUTCOMES = {
    Response.LOST: (Outcome.UNKNOWN, True),
    Response.UNREADABLE: (Outcome.UNKNOWN, True),
    Response.TIMEOUT: (Outcome.UNKNOWN, True),
    Response.RESET: (Outcome.UNKNOWN, False),
    Response.SERVER_ERROR: (Outcome.UNKNOWN, False),
    Response.NO_CONNECTION: (Outcome.NOT_SENT, False),
}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("response", list(Response))
async def test_each_response_is_what_it_says(response: Response, provider: str) -> None:
    """A response that is lost, late or unreadable leaves an accepted message; the others leave none."""
    sms = gateway(Rule(response=response))
    result = await sms.send(code(), providers=[provider])
    assert (result.outcome, bool(sms.messages)) == OUTCOMES[response]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("reason", list(Reason))
async def test_a_reason_is_refused_with_the_vendor_s_own_code(reason: Reason, provider: str) -> None:
    """The vendor's response is read as the reason that the rule names; one that has no such code says so."""
    rule = Rule(to=ANN, provider=provider, refuse=reason)
    try:
        sms = gateway(rule)
    except ConfigurationError:
        assert reason not in (Reason.BLOCKLISTED, Reason.AUTH_FAILED, Reason.TEMPLATE_REJECTED, Reason.QUOTA_EXCEEDED)
        return
    results = [await sms.send(code(to), providers=[provider]) for to in (ANN, BOB)]
    assert [result.reason for result in results] == [reason, None]
    assert results[0].code


async def test_a_rule_is_for_a_number_of_a_batch() -> None:
    """Of messages that share a request, a refusal of one number is for that number alone."""
    sms = gateway(Rule(to=BOB, refuse=Reason.BLOCKLISTED))
    numbers = [f"+86137888888{index}" for index in range(80, 90)]
    results = [result async for result in sms.send_many(map(code, numbers), linger=60)]
    assert {str(result.message.to) for result in results if not result.accepted} == {BOB}
    assert len(sms.transport.requests) == 1


async def test_a_rule_is_for_a_template() -> None:
    """By your name of it, at each vendor that has an id for it."""
    other = Template("reset", params=("name",), ids={"tencent-v5": "77", "huawei": "h77"})
    sms = gateway(Rule(template="reset", refuse=Reason.BLOCKLISTED), templates=[LOGIN_CODE, other])
    for provider in PROVIDERS:
        assert (await sms.send(code(), providers=[provider])).accepted
        refused = await sms.send(Message(ANN, "reset", {"name": "Ann"}), providers=[provider])
        assert refused.reason is Reason.BLOCKLISTED


async def test_a_rule_is_for_a_time_and_a_number_of_requests() -> None:
    """From `since` to before `until` by the vendors' clock; `times` is counted over all vendors together."""
    clock = VirtualClock()
    sms = gateway(Rule(refuse=Reason.BLOCKLISTED, since=10, until=20), clock=clock)
    seen = []
    for _ in range(4):
        seen.append((await sms.send(code())).outcome)
        await clock.advance(7)
    assert seen == [Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.REJECTED, Outcome.ACCEPTED]
    sms = gateway(Rule(response=Response.LOST, times=2))
    providers = ["tencent-v5", "huawei", "tencent-v5"]
    outcomes = [(await sms.send(code(), providers=[provider])).outcome for provider in providers]
    assert outcomes == [Outcome.UNKNOWN, Outcome.UNKNOWN, Outcome.ACCEPTED]


async def test_the_first_rule_that_fits_decides() -> None:
    """Rules that come later in a test are before those that were there."""
    sms = gateway(Rule(to=ANN, refuse=Reason.BLOCKLISTED), Rule(refuse=Reason.AUTH_FAILED))
    assert [(await sms.send(code(to))).reason for to in (ANN, BOB)] == [Reason.BLOCKLISTED, Reason.AUTH_FAILED]
    sms.script(Rule(to=BOB, provider="tencent-v5", refuse=Reason.INVALID_NUMBER))
    assert [(await sms.send(code(to))).reason for to in (ANN, BOB)] == [Reason.BLOCKLISTED, Reason.INVALID_NUMBER]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "says",
    [DeliveryState.DELIVERED, DeliveryState.UNDELIVERED, DeliveryState.EXPIRED, Reason.UNREACHABLE, Reason.BLOCKLISTED],
)
async def test_a_report_says_what_the_rule_says(says: DeliveryState | Reason, provider: str) -> None:
    """A state or a reason becomes a code of the vendor's that is read as just that."""
    sms, inbox = gateway(Rule(reports=Report(says))), Receiver()
    await sms.send(code(), providers=[provider])
    await sms.push_callbacks(inbox.app())
    (report,) = inbox.reports
    assert says in (report.state, report.reason)


async def test_a_code_is_reported_as_it_is() -> None:
    """A text is the vendor's own code, listed or not."""
    sms, inbox = gateway(Rule(reports=Report("ZZ:9999"))), Receiver()
    await sms.send(code())
    await sms.push_callbacks(inbox.app())
    assert [report.code for report in inbox.reports] == ["ZZ:9999"]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_reports_are_late_doubled_out_of_order_and_lost(provider: str) -> None:
    """Without a virtual clock they come at once, in the order in which they are due."""
    rules = (
        Rule(to=ANN, reports=[Report(DeliveryState.DELIVERED, after=60), Report("MK:0001", after=5, times=2)]),
        Rule(to=BOB, reports=[]),
    )
    sms, inbox = gateway(*rules), Receiver()
    for to in (ANN, BOB):
        assert (await sms.send(code(to), providers=[provider])).accepted
    pushes = await sms.push_callbacks(inbox.app())
    assert [report.code for report in inbox.reports] == ["MK:0001", "MK:0001", "DELIVRD"]
    assert {str(report.to) for report in inbox.reports} == {ANN}
    assert pushes[-1].time - pushes[0].time == pytest.approx(55)


async def test_reports_follow_the_clock() -> None:
    """With one, each comes at its moment, a vendor that tries again does so later, and a lost push fails the test."""
    clock, inbox = VirtualClock(), Receiver(failures=1)
    sms = gateway(Rule(reports=Report(after=60)), clock=clock)
    sms.push_to(inbox.app(), sign=True)
    await sms.send(code())
    await clock.advance(60)
    assert (len(sms.sandbox.pushes), inbox.reports) == (1, [])
    with pytest.raises(AssertionError, match=r"no report on it was taken \(one is still to come"):
        sms.assert_all_accounted_for(reported=True)
    await clock.advance(1)
    assert len(inbox.reports) == 1
    sms.assert_all_accounted_for(reported=True)
    await sms.send(code())
    inbox.failures = 99
    with pytest.raises(AssertionError, match="the app answered 500"):
        await clock.advance(70)


async def test_a_signed_push_is_verified() -> None:
    """`sign=True` lets a vendor that can sign its pushes do so: the application's own check passes."""
    sms, inbox = gateway(), Receiver()
    await sms.send(code(), providers=["huawei"])
    app = inbox.app(**{"sandbox-huawei-push-ak": "sandbox-huawei-push-sk"})
    await sms.push_callbacks(app, sign=True)
    assert len(inbox.reports) == 1


BAD = {
    "says nothing": lambda: Rule(to=ANN),
    "refuse goes with neither": lambda: Rule(refuse=Reason.BLOCKLISTED, response=Response.LOST),
    "response must be one of Response.LOST,": lambda: Rule(response="lost"),  # type: ignore[arg-type]
    "comes before a request says to whom": lambda: Rule(to=ANN, response=Response.NO_CONNECTION),
    "since and until must be seconds": lambda: Rule(refuse="1", since=5, until=5),
    "times must be a number of requests": lambda: Rule(refuse="1", times=0),
    "after must be seconds": lambda: Report(after=-1),
    "Report: times must be": lambda: Report(times=0),
    "reports must be Reports, not str": lambda: Rule(reports=["DELIVRD"]),  # type: ignore[list-item]
    "no simulated provider is named 'tencent-v6'; there are tencent-v5, tencent, huawei": lambda: gateway(
        Rule(provider="tencent-v6", refuse="1")
    ),
    "no template is named 'login'; there are login-code": lambda: gateway(
        Rule(template="login", refuse=Reason.BLOCKLISTED)
    ),
    "refuses no message with the code 'E1'": lambda: gateway(Rule(refuse="E1")),
    "huawei refuses no message with Reason.HANDSET_FAULT": lambda: gateway(
        Rule(provider="huawei", refuse=Reason.HANDSET_FAULT)
    ),
    "huawei refuses no message with Reason.CONTENT_BLOCKED (but tencent-v5 does: give": lambda: gateway(
        Rule(refuse=Reason.CONTENT_BLOCKED)
    ),
    "has no delivery report that says Reason.CLOCK_SKEW": lambda: gateway(Rule(reports=Report(Reason.CLOCK_SKEW))),
    "script: list is not a Rule: give Rules, one by one": lambda: gateway([Rule(refuse=Reason.BLOCKLISTED)]),  # type: ignore[arg-type]
    "refuses no message with the code 'BLOCKLISTED' (write Reason.BLOCKLISTED for that)": lambda: gateway(
        Rule(refuse="BLOCKLISTED")
    ),
    "no delivery report that says the code 'UNREACHABLE' (write Reason.UNREACHABLE for that)": lambda: gateway(
        Rule(reports=Report("UNREACHABLE"))
    ),
    "script: must be a list of Rules": lambda: SandboxGateway(script=Rule(refuse=Reason.BLOCKLISTED)),  # type: ignore[arg-type]
    "script: str is not a Rule": lambda: SandboxGateway(script=["x"]),  # type: ignore[list-item]
    "push_to: needs a VirtualClock": lambda: gateway().push_to(Receiver().app()),
}


@pytest.mark.parametrize("text", BAD)
def test_what_cannot_be_is_an_error(text: str) -> None:
    """A rule that makes no sense, or that no simulated vendor can follow, says what there is."""
    with pytest.raises(ConfigurationError) as caught:
        BAD[text]()  # type: ignore[no-untyped-call]
    assert text in str(caught.value)


@pytest.mark.parametrize("code", ["EXPIRED", "UNKNOWN", "ZZ:9999"])
def test_codes_that_are_taken_as_they_are(code: str) -> None:
    """A code that is called as a `Reason` is, and one that no list has, can be reported."""
    gateway(Rule(reports=Report(code)))


async def test_a_reset_forgets_the_script() -> None:
    """`Sandbox.reset` begins anew."""
    sms = gateway(Rule(refuse=Reason.BLOCKLISTED), Rule(reports=[]))
    sms.sandbox.reset(now=0.0)
    assert (await sms.send(code())).accepted
    assert sms.sandbox.next_push_at is not None
