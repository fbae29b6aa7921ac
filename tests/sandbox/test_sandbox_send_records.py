"""DescribeSendRecordList of the simulated Tencent: what was sent to a number, accepted or refused, however."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sandbox_callers import NOW, TencentCaller
from sandbox_managers import CloudCaller

from smsgate import Gateway, Message, Outcome, Reason, Template
from smsgate.management import ManagementClient
from smsgate.sandbox import Drop, Sandbox, SandboxTransport, Scenario
from smsgate.sandbox.core import SENDERS
from smsgate.sandbox.state.faults import Scope
from smsgate.sandbox.tencent import TENCENT_APP_KEY, TENCENT_SDK_APP_ID, TENCENT_SECRET_ID, TENCENT_SECRET_KEY
from smsgate.tencent import TencentCloud, TencentV5

NUMBER, ABROAD = "+8613788888888", "+6581234567"
BLOCKED = Scenario.BLOCKLISTED.number
BLOCKED_CODE = "FailedOperation.PhoneNumberInBlacklist"


def records(sandbox: Sandbox, number: str = NUMBER, **change: Any) -> list[dict[str, Any]]:
    """The rows of one number."""
    answer = query(sandbox, number, **change)
    rows: list[dict[str, Any]] = answer["SendRecordSet"]
    assert answer["TotalCount"] >= len(rows)
    return rows


def query(sandbox: Sandbox, number: str = NUMBER, **change: Any) -> dict[str, Any]:
    """The response to DescribeSendRecordList."""
    params = {"SmsSdkAppId": "1400006666", "PhoneNumber": number, "BeginTime": int(NOW) - 60, **change}
    return CloudCaller(sandbox=sandbox).call("DescribeSendRecordList", **params)


def send_global(sandbox: Sandbox, number: str) -> object:
    """One number through SendMultiGlobalSms."""
    info = {"PhoneNumber": number, "TemplateId": "1110", "TemplateParamSet": ["4821", "5"]}
    call = CloudCaller(sandbox=sandbox).call
    return call("SendMultiGlobalSms", SmsSdkAppId="1400006666", MultiSmsInfoSet=[info])


SENDS: dict[str, tuple[str, Callable[[Sandbox, str], object]]] = {
    "sendsms": (NUMBER, lambda sandbox, number: TencentCaller(sandbox).sendsms(number[3:])),
    "sendmultisms2": (NUMBER, lambda sandbox, number: TencentCaller(sandbox).sendmultisms2([("86", number[3:])])),
    "sendisms": (ABROAD, lambda sandbox, number: TencentCaller(sandbox).sendisms(number, tpl_id=1110)),
    "SendSms": (NUMBER, lambda sandbox, number: CloudCaller(sandbox=sandbox).send(number)),
    "SendMultiGlobalSms": (ABROAD, send_global),
}
EACH = pytest.mark.parametrize(("number", "send"), SENDS.values(), ids=SENDS)


@EACH
def test_accepted_and_refused_sends_are_kept(number: str, send: Callable[[Sandbox, str], object]) -> None:
    """Each way of sending leaves a record, with the id of an accepted message and the code of a refused one."""
    sandbox = Sandbox()
    send(sandbox, number)
    sandbox.change_account("tencent", unsupported_countries=["86", "65"])
    send(sandbox, number)
    refused, accepted = records(sandbox, number)
    assert (accepted["SerialNo"], accepted["SendStatus"]) == (sandbox.messages[0].message_id, 2)
    assert (accepted["RequestCode"], accepted["StatusCode"]) == ("Ok", "DELIVRD")
    text = accepted["Content"]
    assert "4****1" in text
    assert "4821" not in text
    assert refused == {
        "PhoneNumber": number,
        "SerialNo": "",
        "SendStatus": 1,
        "RequestCode": "UnsupportedOperation.UnsupportedRegion",
        "StatusCode": "",
        "IsoCode": accepted["IsoCode"],
        "Content": text,
        "SendTime": int(NOW),
        "UserReceiveTime": 0,
    }


@pytest.mark.parametrize(
    ("change", "body", "code"),
    [
        ({"arrears": True}, {}, "UnauthorizedOperation.ServiceSuspendDueToArrears"),
        ({}, {"sign": "Nobody"}, "FailedOperation.SignatureIncorrectOrUnapproved"),
        ({}, {"params": ["1", "http://a.b"]}, "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter"),
        ({}, {"tpl_id": 404}, "FailedOperation.TemplateIncorrectOrUnapproved"),
    ],
)
def test_refusal_of_account_or_content_is_kept_for_each_number(
    change: dict[str, Any], body: dict[str, Any], code: str
) -> None:
    """By the name of API 3.0, whichever interface refused; without a text, as nobody made one."""
    sandbox = Sandbox()
    sandbox.change_account("tencent", **change)
    v5, names = TencentCaller(sandbox), {"sign": "SignName", "params": "TemplateParamSet", "tpl_id": "TemplateId"}
    v5.sendsms(**body)
    v5.sendmultisms2([("86", NUMBER[3:]), ("86", "13788888889")], **body)
    cloud = {names[name]: str(value) if name == "tpl_id" else value for name, value in body.items()}
    CloudCaller(sandbox=sandbox).call("SendSms", **CloudCaller().sms(NUMBER, **cloud))
    assert [(row["SendStatus"], row["RequestCode"], row["Content"]) for row in records(sandbox)] == [(1, code, "")] * 3
    assert len(records(sandbox, "+8613788888889")) == 1


def test_what_is_no_send_leaves_no_record() -> None:
    """A wrong signature, a malformed request, an overload in front of the service, a number that is none."""
    sandbox = Sandbox()
    TencentCaller(sandbox, key="wrong").sendsms()
    CloudCaller(sandbox=sandbox, secret_key="wrong").answer("SendSms", **CloudCaller().sms(NUMBER))
    tencent = TencentCaller(sandbox)
    tencent.sendsms(tpl_id="19")
    tencent.sendmultisms2([("86", NUMBER[3:]), ("65", ABROAD[3:])])
    tencent.sendmultisms2([("86", NUMBER[3:])] * 201)
    tencent.sendsms(Scenario.BUSY.number[3:])
    CloudCaller(sandbox=sandbox).send("12345")
    sandbox.faults.drop("tencent", Drop.BEFORE)
    TencentCaller(sandbox).single()
    assert records(sandbox) == records(sandbox, Scenario.BUSY.number) == []


@pytest.mark.parametrize("simulator", [each for each in SENDERS if each.vendor.name == "tencent"], ids=lambda s: s.name)
def test_every_code_about_a_number_is_kept(simulator: Any) -> None:
    """Also one that a fault provokes: the record has a name of API 3.0 that the response to a send there can have."""
    (cloud,) = (each for each in SENDERS if each.name == "tencent")
    for code in (code for code, scope in simulator.refusals.items() if scope is Scope.NUMBER):
        sandbox = Sandbox()
        sandbox.faults.code(simulator.name, code)
        SENDS["sendsms" if simulator.name == "tencent-v5" else "SendSms"][1](sandbox, NUMBER)
        (row,) = records(sandbox)
        assert row["SendStatus"] == 1
        assert cloud.refusals[row["RequestCode"]] is not None


def test_newest_first_and_a_thousand_at_most() -> None:
    """In pages, whose total is that of the span; what is older than the thousand newest cannot be reached."""
    sandbox = Sandbox()
    tencent = TencentCaller(sandbox)
    for _ in range(6):
        tencent.sendmultisms2([("86", NUMBER[3:])] * 200)
    ids = [message.message_id for message in reversed(sandbox.messages)]
    assert len(ids) == 1200
    assert [row["SerialNo"] for row in records(sandbox)] == ids[:20]
    page = query(sandbox, Limit=50, Offset=980)
    assert [row["SerialNo"] for row in page["SendRecordSet"]] == ids[980:1000]
    assert page["TotalCount"] == 1000
    assert records(sandbox, Offset=1000) == []
    for offset in (-1, 1001):
        assert query(sandbox, Offset=offset)["Error"]["Code"].startswith("Invalid")


def test_records_are_forgotten_with_the_messages() -> None:
    """`clear()` leaves nothing of a refused send."""
    sandbox = Sandbox()
    TencentCaller(sandbox).sendsms(BLOCKED[3:])
    assert [row["RequestCode"] for row in records(sandbox, BLOCKED)] == [BLOCKED_CODE]
    sandbox.clear()
    assert records(sandbox, BLOCKED) == []


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["tencent-v5", "tencent"])
async def test_record_tells_a_lost_acceptance_from_a_lost_refusal(name: str) -> None:
    """Three sends are `UNKNOWN` as their responses were lost: one was accepted, one refused, one never came."""
    transport = SandboxTransport(delay_scale=0)
    cloud = TencentCloud(TENCENT_SECRET_ID, TENCENT_SECRET_KEY, sdk_app_id=TENCENT_SDK_APP_ID, sign="Acme")
    v5 = TencentV5(TENCENT_SDK_APP_ID, TENCENT_APP_KEY, sign="Acme")
    provider = v5 if name == "tencent-v5" else cloud
    login = Template("login", params=("code", "minutes"), ids={name: "19"})
    began, lost = datetime.now(UTC), "+8613788888887"
    async with Gateway([provider], templates=[login], transport=transport) as gateway:
        for to in (NUMBER, BLOCKED, lost):
            transport.sandbox.faults.drop(name, Drop.BEFORE if to == lost else Drop.AFTER)
            result = await gateway.send(Message(to, "login", {"code": "4821", "minutes": "5"}))
            assert (result.outcome, result.message_id) == (Outcome.UNKNOWN, None)
    async with ManagementClient(transport=transport) as client:
        account = cloud.management()
        found = [(await client.run(account.find_sends(to, begin=began))).items for to in (NUMBER, BLOCKED, lost)]
    assert [[(each.outcome, each.reason) for each in sends] for sends in found] == [
        [(Outcome.ACCEPTED, None)],
        [(Outcome.REJECTED, Reason.BLOCKLISTED)],
        [],
    ]
    assert found[0][0].message_id == transport.sandbox.messages[0].message_id
