"""What a vendor's support has to enable is off at first, as at a new account, and says so when it is used."""

import pytest
from sandbox_callers import NOW, TencentCaller, enabled_sandbox, read
from sandbox_managers import NEW, OLD, CloudCaller, v5

from smsgate.sandbox import Sandbox
from smsgate.sandbox.core import VENDORS
from smsgate.sandbox.tencent.vendor import TENCENT

NUMBER, ABROAD = "+8613788888888", "+6581234567"


def test_v5_pull() -> None:
    """The queue is kept from who may not pull it: 1006, and nothing is taken; a query by number needs no switch."""
    tencent = TencentCaller()
    tencent.sendsms()
    pull = {"type": 0, "max": 10}
    assert v5(tencent, "pullstatus", **pull)["result"] == 1006
    query = {"begin_time": int(NOW) - 9, "end_time": int(NOW) + 9, "nationcode": "86", "mobile": NUMBER[3:]}
    assert v5(tencent, "pullstatus4mobile", **pull, **query)["count"] == 1
    tencent.sandbox.change_account("tencent", pulls=True)
    assert v5(tencent, "pullstatus", **pull)["count"] == 1


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize("what", ["Send", "Reply"])
def test_cloud_pull(version: str, what: str) -> None:
    """API 3.0 says that the request has no permission."""
    cloud = CloudCaller(version=version)
    cloud.sandbox.reply(NUMBER, "hi", now=NOW)
    cloud.send(NUMBER)
    params = {"SmsSdkAppId" if version == NEW else "SmsSdkAppid": "1400006666", "Limit": 10}
    assert cloud.code(f"PullSms{what}Status", **params) == "UnauthorizedOperation.RequestPermissionDeny"
    cloud.sandbox.change_account("tencent", pulls=True)
    assert len(cloud.call(f"PullSms{what}Status", **params)[f"PullSms{what}StatusSet"]) == 1


def test_extend() -> None:
    """An extension that is not enabled is passed over: the send is accepted, and a reply does not carry it."""
    for sandbox, expected in ((Sandbox(), ""), (enabled_sandbox(), "12")):
        tencent = TencentCaller(sandbox)
        assert tencent.sendsms(extend="12")["result"] == 0
        assert CloudCaller(sandbox=sandbox).send(NUMBER, ExtendCode="12")[0]["Code"] == "Ok"
        assert [message.extend for message in sandbox.messages] == [expected] * 2
        sandbox.change_account("tencent", pulls=True)
        sandbox.reply(NUMBER, "hi", now=NOW)
        (reply,) = read(tencent.handle("pullstatus", {"type": 1, "max": 10}, ""))["data"]
        assert reply.get("extend", "") == expected


def test_sender_id() -> None:
    """A SenderId counts abroad alone, and only where it is enabled."""
    for sandbox, expected in ((Sandbox(), None), (enabled_sandbox(), "ACME")):
        cloud = CloudCaller(sandbox=sandbox)
        cloud.send(ABROAD, TemplateId="1110", SenderId="ACME")
        info = {"PhoneNumber": ABROAD, "TemplateId": "1110", "TemplateParamSet": ["1", "2"], "SenderId": "ACME"}
        cloud.call("SendMultiGlobalSms", SmsSdkAppId="1400006666", MultiSmsInfoSet=[info])
        cloud.send(NUMBER, SenderId="ACME")
        assert [message.sender for message in sandbox.messages] == [expected, expected, None]


def test_token_of_a_temporary_key() -> None:
    """A call brings the token of the account's key; where the key is a lasting one nobody looks at it."""
    cloud = CloudCaller(unsigned={"X-TC-Token": "the-token"})
    assert cloud.send(NUMBER)[0]["Code"] == "Ok"
    cloud.sandbox.change_account("tencent", session_token="the-token")
    assert cloud.send(NUMBER)[0]["Code"] == "Ok"
    cloud.unsigned["X-TC-Token"] = "another"
    assert cloud.code("SendSms", **cloud.sms(NUMBER)) == "AuthFailure.TokenFailure"
    assert "the-token" not in repr(cloud.sandbox._state.accounts)


def test_policy_of_the_key() -> None:
    """An action that the policy denies is refused, the others are not."""
    cloud = CloudCaller()
    cloud.sandbox.change_account("tencent", denied_actions=["SendSms"])
    assert cloud.code("SendSms", **cloud.sms(NUMBER)) == "AuthFailure.UnauthorizedOperation"
    assert "Error" not in cloud.call("DescribeSmsTemplateList", International=0)


def test_switches_are_off_at_first() -> None:
    """Each is a field of the account that is false, and Python reads what HTTP shows."""
    accounts = Sandbox().accounts
    for vendor in VENDORS:
        assert [accounts[vendor.name][name] for name in vendor.account.switches] == [False] * len(
            vendor.account.switches
        )
    assert TENCENT.account.switches
