"""What the simulated vendors charge: for every text, number and interface what the library counts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_callers import HuaweiCaller, TencentCaller
from sandbox_managers import CloudCaller

from smsgate import Binding, Message, Template
from smsgate.model.segments import count_segments
from smsgate.sandbox import Sandbox, Seed
from smsgate.testing import SandboxGateway

NUMBERS = {"86": "+8613788888888", "1": "+14155552671", "60": "+60123456789", "852": "+85251234567"}
texts = st.text(st.sampled_from("ab {€é验😀"), min_size=1, max_size=400)


def charges(number: str, text: str) -> dict[str, int]:
    """What each interface charges for a message with the parameter *text*, by the interface's name."""
    sandbox = Sandbox(lenient=True)
    params = [text, "5"]
    v5, cloud, huawei = TencentCaller(sandbox), CloudCaller(sandbox=sandbox), HuaweiCaller(sandbox)
    code, mobile = (number[1:3], number[3:]) if number.startswith("+86") else ("1", number[2:])
    found: dict[str, Any] = {
        "SendSms": cloud.send(number, TemplateParamSet=params, SignName=None if code == "1" else "Acme")[0]["Fee"],
        "batchSendDiffSms": huawei.diff({"to": [number], "templateId": "t", "templateParas": params})[1]["result"][0][
            "total"
        ],
    }
    if code == "86":
        found["sendsms"] = v5.sendsms(mobile, params=params)["fee"]
        found["sendmultisms2"] = v5.sendmultisms2([("86", mobile)], params=params)["detail"][0]["fee"]
    else:
        info = {"PhoneNumber": number, "TemplateId": "1110", "TemplateParamSet": params}
        both = cloud.call("SendMultiGlobalSms", SmsSdkAppId="1400006666", MultiSmsInfoSet=[info])
        found["SendMultiGlobalSms"] = both["SendMultiStatusSet"][0]["Fee"]
        found["sendisms"] = v5.sendisms(number, params=params, sign="")["fee"]
    shown = {message.api: message.text for message in sandbox.messages}
    expected = {api: count_segments(body, calling_code=_calling_code(number)) for api, body in shown.items()}
    assert found == expected
    return found


def _calling_code(number: str) -> str:
    return next(code for code, known in NUMBERS.items() if known == number)


@given(st.sampled_from(sorted(NUMBERS.values())), texts)
def test_every_interface_charges_what_the_library_counts(number: str, text: str) -> None:
    """The text as the phone shows it, counted by the rules of the country that it goes to."""
    assert charges(number, text)


@pytest.mark.parametrize(("code", "expected"), [("86", 3), ("1", 1), ("60", 2)])
def test_the_country_decides(code: str, expected: int) -> None:
    """154 Latin letters without a signature: by 67 in the mainland, by 160 abroad; Malaysia puts 7 in front."""
    sandbox = Sandbox(lenient=True)
    seed = Seed("a test", {"messages": [{"vendor": "tencent-v5", "to": NUMBERS[code], "text": "a" * 154}]})
    sandbox.plant(seed, now=1e9)
    assert [message.segments for message in sandbox.messages] == [expected]


def test_balance_is_used_up_by_the_same_count() -> None:
    """A message that costs one abroad is accepted with a balance of one, and takes it."""
    tencent = TencentCaller(Sandbox(lenient=True))
    tencent.sandbox.change_account("tencent", balance=1)
    long = {"params": ["a" * 100, "5"], "sign": ""}
    assert [tencent.sendisms(NUMBERS["1"], **long)["result"] for _ in range(2)] == [0, 1031]


@pytest.mark.anyio
async def test_preview_says_what_is_charged() -> None:
    """The number of segments in a preview is the one in the result, at home and abroad."""
    text = "Your code is {code}, valid for {minutes} minutes."
    ids = {"tencent-v5": Binding("19", abroad="1110")}
    gateway = SandboxGateway(templates=[Template("login", params=("code", "minutes"), text=text, ids=ids)])
    for number in NUMBERS.values():
        for code in ("1" * 6, "x" * 120, "验" * 40):
            message = Message(number, "login", {"code": code, "minutes": "5"})
            assert (await gateway.send(message)).segments == gateway.preview(message).segments
