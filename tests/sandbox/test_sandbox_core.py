"""The sandbox as a whole: its state, its faults, and that nothing makes it raise."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sandbox_callers import NOW, HuaweiCaller, TencentCaller, read
from sandbox_managers import CloudCaller

from smsgate.sandbox import Drop, Sandbox, Scenario
from smsgate.sandbox.core import SENDERS
from smsgate.wire import HttpRequest


def test_messages_are_listed_and_forgotten() -> None:
    """The list is a snapshot, by vendor if wanted; ids go on counting after it was cleared."""
    tencent = TencentCaller(Sandbox(new_id=lambda: "id"))
    huawei = HuaweiCaller(tencent.sandbox)
    tencent.sendsms()
    huawei.form()
    snapshot = tencent.sandbox.messages
    assert [message.message_id for message in snapshot] == ["8:id", "id_2"]
    assert tencent.sandbox.messages_of("huawei") == snapshot[1:]
    tencent.sandbox.clear()
    assert not tencent.sandbox.messages
    assert len(snapshot) == 2
    assert huawei.form()[1]["result"][0]["smsMsgId"] == "id_3"


def test_faults_are_used_up_in_order() -> None:
    """Faults of one vendor queue up and leave the other vendor alone."""
    tencent = TencentCaller()
    faults = tencent.sandbox.faults
    faults.drop("tencent", Drop.BEFORE)
    faults.answer("tencent", 502, times=2)
    answers = [tencent.single() for _ in range(4)]
    assert [answer.drop for answer in answers] == [Drop.BEFORE, None, None, None]
    assert [answer.response.status for answer in answers[1:] if answer.response] == [502, 502, 200]
    faults.refuse("huawei", times=1)
    huawei = HuaweiCaller(tencent.sandbox)
    assert tencent.sendsms()["result"] == 0
    assert tencent.sandbox.handle(huawei.form_request(), now=NOW).drop is Drop.CONNECT
    assert huawei.form()[0] == 200


def test_faults_can_be_cleared() -> None:
    """All vendors work again after clear()."""
    tencent = TencentCaller()
    tencent.sandbox.faults.refuse("tencent")
    tencent.sandbox.faults.refuse("huawei")
    tencent.sandbox.faults.clear()
    assert tencent.sendsms()["result"] == 0
    assert HuaweiCaller(tencent.sandbox).form()[0] == 200


def test_fault_of_an_unknown_vendor_is_an_error() -> None:
    """A misspelt vendor is an error at once."""
    with pytest.raises(ValueError, match="tencent, huawei"):
        Sandbox().faults.refuse("tencnet")


def test_early_drop_belongs_to_a_vendor() -> None:
    """A request of no vendor has no fault, and later drops are not early."""
    sandbox = Sandbox()
    sandbox.faults.drop("huawei", Drop.AFTER)
    assert sandbox.early_drop(HttpRequest("GET", "http://vendor/"), now=0.0) is None
    assert sandbox.early_drop(HuaweiCaller().form_request(), now=0.0) is None
    assert sandbox.handle(HuaweiCaller().form_request(), now=NOW).drop is Drop.AFTER


def test_unknown_path_is_not_found() -> None:
    """What no vendor has is a 404."""
    answer = Sandbox().handle(HttpRequest("GET", "http://vendor/nothing"), now=NOW)
    assert answer.response is not None
    assert answer.response.status == 404


@pytest.mark.parametrize("simulator", SENDERS, ids=lambda simulator: simulator.name)
def test_every_vendor_has_codes_for_every_scenario(simulator: Any) -> None:
    """The table of magic numbers has no gap."""
    assert set(simulator.codes) == set(Scenario)
    numbers = [scenario.number for scenario in Scenario]
    assert len(set(numbers)) == len(numbers)
    assert all(re.fullmatch(r"\+86139000000[0-2][0-9]", number) for number in numbers)


@pytest.mark.parametrize("scenario", Scenario)
def test_table_tells_the_codes_that_really_come(scenario: Scenario) -> None:
    """The codes in the table are those of the answers; an empty one means that no vendor code comes."""
    tencent, cloud, huawei = TencentCaller(), CloudCaller(), HuaweiCaller()
    found = []
    for answer in (
        tencent.single(scenario.number.removeprefix("+86")),
        cloud.answer("SendSms", **cloud.sms(scenario.number)),
        huawei.sandbox.handle(huawei.form_request(to=scenario.number), now=NOW),
    ):
        try:
            value = read(answer)
        except (AssertionError, ValueError):
            found.append("")
            continue
        found.append(_code(value))
    assert found == [simulator.codes[scenario].send for simulator in SENDERS]


def _code(value: Any) -> str:
    if "Response" in value:
        payload = value["Response"]
        return str(payload["Error"]["Code"] if "Error" in payload else payload["SendStatusSet"][0]["Code"])
    rows = value.get("result")
    return str(rows[0]["status"] if isinstance(rows, list) else value.get("ErrorCode", rows))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(["tel", "tpl_id", "params", "sign", "msg", "type", "sig", "time", "ext", "mobile"])


@settings(max_examples=150, deadline=None)
@given(
    operation=st.sampled_from(["sendsms", "sendmultisms2", "sendisms"]),
    body=st.dictionaries(FIELDS, JSON_VALUES, max_size=6) | JSON_VALUES,
    query=st.text(max_size=20),
)
def test_no_v5_body_makes_it_raise(operation: str, body: Any, query: str) -> None:
    """Whatever JSON comes, there is an answer, and nothing is accepted unsigned."""
    sandbox = Sandbox()
    url = f"http://vendor/v5/tlssmssvr/{operation}?sdkappid=1400006666&random=1&{query}"
    sandbox.handle(HttpRequest("POST", url, body=json.dumps(body).encode()), now=NOW)
    assert not sandbox.messages


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=200) | JSON_VALUES.map(lambda value: json.dumps(value).encode()), is_form=st.booleans())
def test_no_signed_huawei_body_makes_it_raise(body: bytes, is_form: bool) -> None:
    """Whatever comes signed, there is an answer."""
    huawei = HuaweiCaller()
    path, content_type = (
        ("/sms/batchSendSms/v1", "application/x-www-form-urlencoded")
        if is_form
        else ("/sms/batchSendDiffSms/v1", "application/json")
    )
    assert huawei.handle(huawei.signed(path, body, content_type))[0] == 400


@settings(max_examples=150, deadline=None)
@given(
    headers=st.dictionaries(
        st.sampled_from(["Authorization", "X-WSSE", "X-Sdk-Date", "Host", "X-Sdk-Content-Sha256"]),
        st.text(max_size=60)
        | st.text(max_size=20).map(lambda text: f"SDK-HMAC-SHA256 Access=sandbox-huawei-app-key, SignedHeaders={text}")
        | st.text(max_size=20).map(lambda text: f'WSSE realm="SDP",profile="UsernameToken",type="Appkey"{text}'),
    )
)
def test_no_header_makes_it_raise(headers: dict[str, str]) -> None:
    """Whatever stands in the headers, the answer is a refusal."""
    status, _ = HuaweiCaller().handle(HttpRequest("POST", "http://vendor/sms/batchSendSms/v1", headers))
    assert status in (400, 401)
