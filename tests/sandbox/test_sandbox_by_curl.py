"""The sandbox's own calls as a script in another language makes them: raw bodies over a port, and clear answers."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sandbox_callers import NOW, HuaweiCaller, TencentCaller
from sandbox_managers import CloudCaller, control

from smsgate.sandbox import Drop, Sandbox
from smsgate.sandbox.core import SENDERS
from smsgate.sandbox.server import SandboxServer
from smsgate.sandbox.state.faults import Scope
from smsgate.wire import HttpRequest

FIRST, SECOND, THIRD = "+8613788888881", "+8613788888882", "+8613788888883"
POSTS = ("faults", "account", "reset", "review", "replies", "reports", "expire-tokens")


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """A running server."""
    with SandboxServer(clock=lambda: NOW) as running:
        yield running


def ask(server: SandboxServer, method: str, path: str, body: str = "") -> httpx.Response:
    """What comes back, as `curl -X METHOD --json BODY` would see it."""
    with httpx.Client(trust_env=False, verify=False) as client:
        headers = {"Content-Type": "application/json"}
        return client.request(method, server.url + path, content=body.encode(), headers=headers)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("body", ["vendor=huawei", "[]", "null", '"x"', '{"vendor":', "{'vendor': 'huawei'}"])
def test_body_that_is_no_object(server: SandboxServer, path: str, body: str) -> None:
    """Every call says what a body looks like."""
    answer = ask(server, "POST", f"/sandbox/{path}", body)
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": 'the body is not a JSON object, as in {"vendor": "…"}'},
    )


@pytest.mark.parametrize("path", POSTS)
def test_field_that_is_not_known(server: SandboxServer, path: str) -> None:
    """A slip of the pen is not passed over, at any call, and neither is a field that is there twice."""
    answer = ask(server, "POST", f"/sandbox/{path}", '{"vendor": "tencent", "vendro": 1}')
    assert answer.status_code == 400
    assert "there is no such field" in answer.text or "the body has no fields here" in answer.text
    assert ask(server, "POST", f"/sandbox/{path}", '{"x": 1, "x": 2}').json() == {"error": "x: is there twice"}


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/sandbox/fault", 404, "there is no /sandbox/fault (did you mean '/sandbox/faults'?); known are"),
        ("GET", "/sandbox/message", 404, "there is no /sandbox/message (did you mean '/sandbox/messages'?)"),
        ("PUT", "/sandbox/faults", 405, "/sandbox/faults takes GET, POST, DELETE"),
        ("GET", "/sandbox/reset", 405, "/sandbox/reset takes POST"),
        ("POST", "/sandbox/messages", 405, "/sandbox/messages takes GET, DELETE"),
        ("DELETE", "/sandbox/messages/wait", 405, "/sandbox/messages/wait takes GET"),
        ("GET", "/sandbox/messages/wait?number=1", 400, "number: there is no such parameter; known are to, timeout"),
    ],
)
def test_path_or_method_that_is_none(server: SandboxServer, method: str, path: str, status: int, error: str) -> None:
    """The answer names those that there are."""
    answer = ask(server, method, path)
    assert (answer.status_code, answer.json()["error"][: len(error)]) == (status, error)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *[("GET", path) for path in ("messages", "pushes", "inbox/x", "interfaces", "faults", "account", "refused")],
        *[("DELETE", path) for path in ("messages", "faults")],
        *[("POST", path) for path in POSTS],
    ],
)
def test_parameter_that_is_not_known(server: SandboxServer, method: str, path: str) -> None:
    """A call that takes no parameters in its URL refuses any, and does nothing."""
    TencentCaller(server.sandbox).sendsms()
    messages = server.sandbox.messages
    assert messages
    for query in ("to=%2B8613788888888", "to", "to=&x=1", "to=%ff"):
        answer = ask(server, method, f"/sandbox/{path}?{query}")
        assert (answer.status_code, answer.json()) == (400, {"error": "to: there are no parameters here"})
    assert server.sandbox.messages == messages


@pytest.mark.parametrize(("path", "known"), [("inbox", "before, limit"), ("events", "last")])
def test_parameter_that_is_another(server: SandboxServer, path: str, known: str) -> None:
    """A call that takes some names them."""
    answer = ask(server, "GET", f"/sandbox/{path}?to=1")
    assert answer.status_code == 400
    assert answer.json() == {"error": f"to: there is no such parameter; known are {known}"}


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("faults", '{"vendor": ["huawei"], "drop": "after"}', 'vendor: one of "tencent-v5", "tencent", "huawei"'),
        ("faults", '{"drop": "after"}', "vendor: is missing, one of"),
        ("faults", '{"vendor": "huawei", "drop": null}', 'drop: "before" (not processed) or "after"'),
        ("faults", '{"vendor": "huawei", "stall": 1, "when": null}', 'when: "before"'),
        ("faults", '{"vendor": "huawei", "stall": NaN}', "stall: seconds, above 0 and at most 86400"),
        ("faults", '{"vendor": "huawei", "stall": 0}', "stall: seconds, above 0 and at most 86400"),
        ("faults", '{"vendor": "huawei", "stall": 1e999}', "stall: seconds, above 0 and at most 86400"),
        ("faults", '{"vendor": "huawei", "answer": true}', "answer: a text"),
        ("faults", '{"vendor": "huawei", "answer": "E00062"}', "answer: huawei answers no send with 'E00062' (did you"),
        ("faults", '{"vendor": "huawei", "answer": "E000629", "to": 8613788888888}', "to: a number in E.164"),
        ("faults", '{"vendor": "huawei", "answer": "E000629", "times": 1.5}', "times: a whole number"),
        ("replies", '{"from": "13788888888", "text": "x"}', "from: a number in E.164"),
        ("replies", '{"from": "+8613788888888"}', "text: a text is missing"),
        ("replies", '{"from": "+8613788888888", "text": "x", "vendor": "hawei"}', 'vendor: one of "tencent", "huawei"'),
        ("reports", '{"to": "137"}', "to: a number in E.164"),
        ("reports", '{"to": "+8613788888888", "segment": [1, 2]}', 'segment: as in {"sequence": 1, "total": 2}'),
        ("review", '{"vendor": "tencent", "kind": "template", "state": "approved"}', "id: a text is missing"),
        ("expire-tokens", '{"lifetime": true}', "lifetime: seconds, above 0 and at most 1000000000"),
        ("account", '{"vendor": "tencent", "balance": 1e3}', "balance: a whole number, or null"),
    ],
)
def test_wrong_body_says_what_to_write(server: SandboxServer, path: str, body: str, error: str) -> None:
    """The error begins with the field, and then has what it takes."""
    answer = ask(server, "POST", f"/sandbox/{path}", body)
    assert (answer.status_code, answer.json()["error"][: len(error)]) == (400, error)


FAULT_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 700), st.floats(), st.text(max_size=5), st.just(FIRST), st.just([])
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(["to", "times", "answer", "status", "retry_after", "drop", "stall", "when", "refuse", "x"]),
        st.one_of(FAULT_VALUES, st.sampled_from(["before", "after", "1031", "1015"])),
        max_size=4,
    )
)
def test_any_fault_is_set_or_refused(fields: dict[str, Any]) -> None:
    """Whatever is sent: the fault that GET then shows, or a 400 that names a field, and nothing is set."""
    sandbox = Sandbox()
    status, payload = control(sandbox, "/sandbox/faults", {"vendor": "tencent-v5", **fields})
    if status == 200:
        assert [fault.as_json() for fault in sandbox.faults] == [payload]
    else:
        assert status == 400
        assert payload["error"].startswith(("give one of", *(f"{name}: " for name in fields)))
        assert list(sandbox.faults) == []


def send(sandbox: Sandbox, interface: str, *numbers: str) -> list[str]:
    """The code that each number gets, or the one of the request."""
    records: list[Any] = []
    sandbox.on_request = records.append
    if interface == "tencent-v5":
        TencentCaller(sandbox).sendmultisms2([("86", number[3:]) for number in numbers])
    elif interface == "tencent":
        cloud = CloudCaller(sandbox=sandbox)
        cloud.answer("SendSms", **cloud.sms(*numbers))
    else:
        HuaweiCaller(sandbox).form(to=",".join(numbers))
    return [result.code for result in records[0].results]


USUAL = {"tencent-v5": "0", "tencent": "Ok", "huawei": "000000"}


@pytest.mark.parametrize("interface", USUAL)
def test_two_codes_strike_two_numbers_of_one_request(interface: str) -> None:
    """Each its own number, the third is accepted; a code for all strikes those that no other does."""
    simulator = next(each for each in SENDERS if each.name == interface)
    one, two = [code for code, scope in simulator.refusals.items() if scope is Scope.NUMBER][:2]
    sandbox, usual = Sandbox(), USUAL[interface]

    def fault(**fields: Any) -> None:
        assert control(sandbox, "/sandbox/faults", {"vendor": interface, **fields})[0] == 200

    fault(answer=one, to=FIRST)
    fault(answer=two, to=SECOND)
    assert send(sandbox, interface, FIRST, SECOND, THIRD) == [one, two, usual]
    assert send(sandbox, interface, FIRST, SECOND, THIRD) == [usual] * 3
    fault(answer=one, to=FIRST, times=2)
    fault(answer=two)
    assert send(sandbox, interface, FIRST) == [one]
    assert send(sandbox, interface, FIRST, SECOND) == [one, two]
    assert send(sandbox, interface, FIRST, SECOND) == [usual] * 2


def test_faults_of_the_wire_come_one_after_the_other() -> None:
    """Two that strike the same request are no one fault: the second waits, whatever comes behind it."""
    tencent = TencentCaller()
    for fields in ({"answer": "1015", "to": FIRST}, {"drop": "after"}, {"answer": "1016", "to": SECOND}):
        assert control(tencent.sandbox, "/sandbox/faults", {"vendor": "tencent-v5", **fields})[0] == 200
    assert send(tencent.sandbox, "tencent-v5", FIRST, SECOND) == ["1015", "0"]
    assert tencent.single().drop is Drop.AFTER
    assert send(tencent.sandbox, "tencent-v5", FIRST, SECOND) == ["0", "1016"]
    assert list(tencent.sandbox.faults) == []


def test_faults_are_used_up_by_number() -> None:
    """`times` counts requests to the number; others pass, and DELETE ends what is left."""
    sandbox = Sandbox()
    control(sandbox, "/sandbox/faults", {"vendor": "tencent-v5", "answer": "1015", "to": FIRST, "times": 2})
    control(sandbox, "/sandbox/faults", {"vendor": "tencent-v5", "answer": "1016", "to": SECOND, "times": None})
    found = [send(sandbox, "tencent-v5", FIRST, SECOND) for _ in range(3)]
    assert found == [["1015", "1016"], ["1015", "1016"], ["0", "1016"]]
    cleared = sandbox.handle(HttpRequest("DELETE", "http://127.0.0.1/sandbox/faults"), now=NOW).response
    assert cleared is not None
    assert cleared.status == 204
    assert send(sandbox, "tencent-v5", FIRST, SECOND) == ["0", "0"]


def test_closed_port_is_listed() -> None:
    """`GET` shows the ports that refuse connections beside the faults."""
    with SandboxServer(clock=lambda: NOW, port_for={"huawei": 0}) as server:
        ask(server, "POST", "/sandbox/faults", json.dumps({"vendor": "huawei", "refuse": True}))
        assert ask(server, "GET", "/sandbox/faults").json() == [{"vendors": ["huawei"], "refuse": True}]
        ask(server, "DELETE", "/sandbox/faults")
        assert ask(server, "GET", "/sandbox/faults").json() == []
