"""`/sandbox/faults`: a vendor fails for the next requests because somebody said so over HTTP."""

from typing import Any

import pytest
from sandbox_callers import NOW, HuaweiCaller, TencentCaller, enabled_sandbox, read
from sandbox_managers import CloudCaller, control

from smsgate.sandbox import Drop, Sandbox
from smsgate.sandbox.core import SENDERS
from smsgate.sandbox.state.faults import Scope
from smsgate.wire import HttpRequest

NUMBER, OTHER = "+8613788888888", "+8613788888889"


def set_fault(sandbox: Sandbox, vendor: str = "tencent-v5", **fields: Any) -> dict[str, Any]:
    """The fault that is set."""
    status, payload = control(sandbox, "/sandbox/faults", {"vendor": vendor, **fields})
    assert status == 200, payload
    return dict(payload)


def call(sandbox: Sandbox, method: str, path: str, body: bytes = b"") -> Any:
    """The JSON of a call of the sandbox's own, None without a body."""
    answer = sandbox.handle(HttpRequest(method, f"http://127.0.0.1{path}", body=body), now=NOW)
    assert answer.response is not None
    return read(answer) if answer.response.body else None


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "give one of"),
        ({"drop": "after", "status": 500}, "give one of"),
        ({"drop": "sideways"}, "drop:"),
        ({"drop": True}, "drop:"),
        ({"stall": -1}, "stall:"),
        ({"stall": True}, "stall:"),
        ({"stall": "5"}, "stall:"),
        ({"stall": 1, "when": "later"}, "when:"),
        ({"drop": "after", "when": "after"}, 'when: goes with "stall" only'),
        ({"drop": "after", "retry_after": 5}, 'retry_after: goes with "status" only'),
        ({"status": 99}, "status:"),
        ({"status": "500"}, "status:"),
        ({"status": 503, "retry_after": "soon"}, "retry_after:"),
        ({"answer": "9999"}, "answer: tencent-v5 answers no send with '9999'; documented are 1001,"),
        ({"answer": "0"}, "answer:"),
        ({"answer": None}, "answer:"),
        ({"drop": "after", "to": "137"}, "to: a number in E.164"),
        ({"drop": "after", "to": 137}, "to:"),
        ({"drop": "after", "times": 0}, "times:"),
        ({"drop": "after", "times": "2"}, "times:"),
        (
            {"drop": "after", "time": 2},
            "time: there is no such field (did you mean 'times'?); known are vendor, to, times",
        ),
        ({"drop": "after", "vendor": "tencnet"}, 'vendor: one of "tencent-v5", "tencent", "huawei"'),
        ({"drop": "after", "vendor": None}, "vendor:"),
        ({"vendor": "huawei-iam", "answer": "E000101"}, "answer: huawei-iam answers no send with"),
        ({"vendor": "huawei-iam", "drop": "after", "to": NUMBER}, "to: huawei-iam sends to nobody"),
        ({"refuse": False}, "refuse: true"),
        ({"refuse": True, "times": 2}, "refuse: takes no"),
        ({"refuse": True, "to": NUMBER}, "refuse: takes no"),
        ({"refuse": True}, "refuse: tencent-v5 has no port of its own to close; start the server with --port-for"),
    ],
    ids=str,
)
def test_bad_input_is_a_clear_error(fields: dict[str, Any], why: str) -> None:
    """A 400 names the field and what it takes, and nothing is set."""
    sandbox = Sandbox()
    status, payload = control(sandbox, "/sandbox/faults", {"vendor": "tencent-v5", **fields})
    assert status == 400
    assert payload["error"].startswith(why)
    assert list(sandbox.faults) == []


def test_drop_and_stall() -> None:
    """Before: not processed; after: processed and charged. A stall that is not processed drops in the end."""
    tencent = TencentCaller()
    for fields, drop, delay, kept in (
        ({"drop": "before"}, Drop.BEFORE, 0, 0),
        ({"drop": "after"}, Drop.AFTER, 0, 1),
        ({"stall": 1.5}, None, 1.5, 2),
        ({"stall": 1.5, "when": "before"}, Drop.BEFORE, 1.5, 2),
    ):
        set_fault(tencent.sandbox, **fields)
        answer = tencent.single()
        assert (answer.drop, answer.delay, len(tencent.sandbox.messages)) == (drop, delay, kept)
    assert tencent.sendsms()["result"] == 0


def test_status_with_retry_after() -> None:
    """It is not processed; half a second is rounded up."""
    huawei = HuaweiCaller()
    set_fault(huawei.sandbox, "huawei", status=503, retry_after=4.5)
    response = huawei.sandbox.handle(huawei.form_request(), now=NOW).response
    assert response is not None
    assert (response.status, response.headers["retry-after"], response.body) == (503, "5", b"")
    assert not huawei.sandbox.messages


def test_fault_is_for_one_interface() -> None:
    """ "tencent" is API 3.0 and "tencent-v5" is v5, as providers are called; what one has, the other has not."""
    tencent = TencentCaller()
    cloud = CloudCaller(sandbox=tencent.sandbox)
    set_fault(tencent.sandbox, "tencent", drop="before", times=None)
    assert tencent.sendsms()["result"] == 0
    assert cloud.answer("SendSms", **cloud.sms(NUMBER)).drop is Drop.BEFORE
    set_fault(tencent.sandbox, "tencent-v5", status=500)
    assert tencent.single().response is not None
    assert HuaweiCaller(tencent.sandbox).form()[0] == 200


def test_times_and_number() -> None:
    """Only requests to the number count, and so many of them."""
    tencent = TencentCaller()
    set_fault(tencent.sandbox, drop="before", to=NUMBER, times=2)
    drops = [tencent.single(mobile).drop for mobile in ("13788888889", "13788888888") for _ in range(3)]
    assert drops == [None, None, None, Drop.BEFORE, Drop.BEFORE, None]


def test_faults_are_listed_and_cleared() -> None:
    """GET lists what is left, DELETE clears one interface or all."""
    sandbox = Sandbox()
    set_fault(sandbox, answer="1031", to=NUMBER, times=3)
    set_fault(sandbox, "huawei", status=503, retry_after=5, times=None)
    sandbox.faults.stall("tencent", 2.0, times=1)
    assert call(sandbox, "GET", "/sandbox/faults") == [
        {"vendors": ["tencent-v5"], "to": NUMBER, "times": 3, "answer": "1031"},
        {"vendors": ["huawei"], "to": None, "times": None, "status": 503, "retry_after": "5"},
        {"vendors": ["tencent", "tencent-v5"], "to": None, "times": 1, "stall": 2.0, "when": "after"},
    ]
    assert call(sandbox, "DELETE", "/sandbox/faults", b'{"vendor": "tencent-v5"}') is None
    assert [fault["vendors"] for fault in call(sandbox, "GET", "/sandbox/faults")] == [["huawei"], ["tencent"]]
    assert call(sandbox, "DELETE", "/sandbox/faults") is None
    assert call(sandbox, "GET", "/sandbox/faults") == []
    assert "error" in call(sandbox, "DELETE", "/sandbox/faults", b'{"vendor": "nobody"}')


@pytest.mark.parametrize(
    ("interface", "code"),
    [(simulator.name, code) for simulator in SENDERS for code in simulator.refusals],
)
def test_every_documented_code_comes_back(interface: str, code: str) -> None:
    """A code about a number strikes that number alone, any other the whole request; then all is well again."""
    sandbox = Sandbox()
    scope = next(simulator.refusals[code] for simulator in SENDERS if simulator.name == interface)
    set_fault(sandbox, interface, answer=code, to=OTHER)
    both = _codes(sandbox, interface)
    usual = {"tencent-v5": "0", "tencent": "Ok", "huawei": "000000"}[interface]
    assert both == ([usual, code] if scope is Scope.NUMBER else [code])
    assert len(sandbox.messages) == (1 if scope is Scope.NUMBER else 0)
    assert _codes(sandbox, interface) == [usual, usual]
    assert [record.struck for record in sandbox.refused] == [True]


def _codes(sandbox: Sandbox, interface: str) -> list[str]:
    """The codes that a send to both numbers gets, through the record that the sandbox keeps of it."""
    records: list[Any] = []
    sandbox.on_request = records.append
    if interface == "tencent-v5":
        TencentCaller(sandbox).sendmultisms2([("86", NUMBER[3:]), ("86", OTHER[3:])])
    elif interface == "tencent":
        cloud = CloudCaller(sandbox=sandbox)
        cloud.answer("SendSms", **cloud.sms(NUMBER, OTHER))
    else:
        HuaweiCaller(sandbox).form(to=f"{NUMBER},{OTHER}")
    return [result.code for result in records[0].results]


def test_code_in_python() -> None:
    """The same from Python; a code that the interface lacks is an error that names it."""
    tencent = TencentCaller()
    tencent.sandbox.faults.code("tencent-v5", "1015", to=NUMBER)
    assert tencent.sendsms()["result"] == 1015
    with pytest.raises(ValueError, match="tencent-v5 answers no send with the code 'E000101'"):
        tencent.sandbox.faults.code("tencent-v5", "E000101")


def test_code_of_a_number_passes_by_what_is_no_send() -> None:
    """A pull has no numbers: the fault waits for a send."""
    tencent = TencentCaller(enabled_sandbox())
    set_fault(tencent.sandbox, answer="1015")
    assert read(tencent.handle("pullstatus", {"type": 0, "max": 10}, ""))["result"] == 0
    assert tencent.sendsms()["result"] == 1015
