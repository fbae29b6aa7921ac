"""What the inbox shows: every message with its state, what was refused and why, replies, timelines and copies."""

import json
import re
import shlex
import subprocess
import sys
from typing import Any

import attrs
import httpx
import pytest
from sandbox_callers import NOW, HuaweiCaller, TencentCaller, enabled_sandbox
from sandbox_managers import CloudCaller, ManagementCaller, control, v5

from smsgate.sandbox import Drop, PushSettings, Sandbox, Scenario
from smsgate.sandbox.core import SENDERS, SIMULATORS
from smsgate.sandbox.inbox.masking import hide_secrets, raw_request
from smsgate.sandbox.server import SandboxServer
from smsgate.wire import HttpRequest, HttpResponse

NUMBER = "+8613788888888"
BASE = "http://127.0.0.1:8025"
CALLBACK = "http://127.0.0.1:8000/sms/tencent-v5/TOKEN"
PUSHED = PushSettings(tencent_callback=CALLBACK, report_delay=2.0, retry_after=3.0)


def entries(sandbox: Sandbox) -> list[dict[str, Any]]:
    """All of them, oldest first."""
    found: list[dict[str, Any]] = sandbox.inbox.page()["entries"]
    return found[::-1]


def detail(sandbox: Sandbox, position: int = -1) -> dict[str, Any]:
    found = sandbox.inbox.entry(entries(sandbox)[position]["id"], BASE)
    assert found is not None
    return found


def titles(sandbox: Sandbox, position: int = -1) -> list[str]:
    return [step["title"] for step in detail(sandbox, position)["timeline"]]


def test_message_as_the_phone_shows_it() -> None:
    """Signature, text, number, segments and code; without a callback its report waits to be pulled."""
    caller = TencentCaller()
    caller.sendsms()
    (entry,) = entries(caller.sandbox)
    shown = {name: entry[name] for name in ("number", "text", "code", "segments", "interface", "vendor", "state")}
    assert shown == {
        "number": NUMBER,
        "text": "【Acme】Your code is 4821, valid for 5 minutes.",
        "code": "4821",
        "segments": 1,
        "interface": "tencent-v5",
        "vendor": "tencent",
        "state": "delivered",
    }
    assert titles(caller.sandbox) == ["Request received", "Accepted", "Response sent", "Report DELIVRD"]
    assert "waits to be pulled" in detail(caller.sandbox)["timeline"][-1]["text"]


def test_state_changes_as_the_report_comes_and_is_pushed_again() -> None:
    """Accepted until the report is due; each try of its push is there with its answer, and one more by hand."""
    caller = TencentCaller(Sandbox(pushes=PUSHED))
    sandbox = caller.sandbox
    caller.sendsms()
    assert entries(sandbox)[0]["state"] == "accepted"
    assert titles(sandbox)[-1] == "Report DELIVRD is due"
    (push,) = sandbox.due_pushes(now=NOW + 2)
    assert entries(sandbox)[0]["state"] == "delivered"
    sandbox.settle_push(push, HttpResponse(503), now=NOW + 2.5)
    assert entries(sandbox)[0]["unanswered"] == 1
    (retry,) = sandbox.due_pushes(now=NOW + 6)
    sandbox.settle_push(retry, None, now=NOW + 6, error="ConnectError")
    steps = detail(sandbox)["timeline"][-2:]
    assert [step["title"] for step in steps] == ["Your endpoint, try 1", "Your endpoint, try 2"]
    assert [step["text"] for step in steps] == ["HTTP 503, not acknowledged", "ConnectError, not acknowledged"]
    for each in sandbox.due_pushes(now=NOW + 60):
        sandbox.settle_push(each, HttpResponse(500), now=NOW + 60)
    assert not sandbox.due_pushes(now=NOW + 600)
    assert control(sandbox, "/sandbox/pushes", {"number": steps[0]["push"]["number"]}) == (204, None)
    (again,) = sandbox.due_pushes(now=NOW + 700)
    assert again.request == push.request
    sandbox.settle_push(again, HttpResponse(200, body=b'{"result":0,"errmsg":"OK"}'), now=NOW + 700)
    assert detail(sandbox)["timeline"][-1]["text"] == "HTTP 200, acknowledged"
    assert entries(sandbox)[0]["unanswered"] == 0
    assert [each.number for each in sandbox.pushes] == list(range(1, len(sandbox.pushes) + 1))


@pytest.mark.parametrize(("body", "status"), [({"number": 9}, 404), ({"number": "1"}, 400), ({}, 400), ({"x": 1}, 400)])
def test_push_that_is_not_known_is_not_made_again(body: dict[str, Any], status: int) -> None:
    """POST /sandbox/pushes says what is wrong with its number."""
    found, answer = control(Sandbox(), "/sandbox/pushes", body)
    assert found == status
    assert re.match("number: |x: there is no such field", answer["error"])


def test_pulls_are_in_the_timeline() -> None:
    """What a program pulls, a report or a reply, by either interface, is no longer what waits."""
    sandbox = enabled_sandbox()
    caller = TencentCaller(sandbox)
    caller.sendsms()
    sandbox.reply(NUMBER, "Yes", now=NOW)
    assert v5(caller, "pullstatus", type=0, max=10)["count"] == 1
    assert CloudCaller(sandbox=sandbox).call("PullSmsReplyStatus", SmsSdkAppId="1400006666", Limit=10)
    assert [titles(sandbox, at)[-1] for at in (0, 1)] == ["Pulled", "Pulled"]


def test_failed_report_by_hand() -> None:
    """A report that a person lets come is in the timeline, and the state follows the last one."""
    caller = TencentCaller()
    caller.sendsms()
    caller.sandbox.report(now=NOW + 5, to=NUMBER, code="UNDELIV")
    assert entries(caller.sandbox)[0]["state"] == "failed"
    caller.sandbox.report(now=NOW + 6, to=NUMBER, code="ACCEPTD")
    assert entries(caller.sandbox)[0]["state"] == "failed", "an interim report ends nothing"
    caller.sandbox.report(now=NOW + 7, to=NUMBER)
    assert entries(caller.sandbox)[0]["state"] == "delivered"


def test_report_with_nowhere_to_go() -> None:
    """A vendor that only pushes loses the report, and the timeline says so."""
    caller = HuaweiCaller()
    caller.form()
    step = detail(caller.sandbox)["timeline"][-1]
    assert (step["title"], step["text"]) == ("Report DELIVRD", "It has nowhere to go.")


def test_refusals_have_a_number_a_code_and_a_reason() -> None:
    """Each number that was refused is an entry of its conversation; the others of the request are messages."""
    caller = TencentCaller()
    blocked = Scenario.BLOCKLISTED.number.removeprefix("+86")
    caller.sendmultisms2([("86", "13788888888"), ("86", blocked)])
    caller.sendsms(tpl_id=4711)
    caller.sandbox.handle(attrs.evolve(TencentCaller(key="x").request("sendsms", {"tel": []}, "")), now=NOW)
    sent, refused, unknown, unread = entries(caller.sandbox)
    assert (sent["state"], sent["number"]) == ("delivered", NUMBER)
    assert (refused["state"], refused["number"]) == ("refused", Scenario.BLOCKLISTED.number)
    assert refused["refusal"].startswith("1015 ")
    assert (unknown["number"], unknown["refusal"][:4], unknown["why"][:27]) == (
        NUMBER,
        "1014",
        "there is no template 4711; ",
    )
    assert (unread["number"], unread["state"]) == ("", "refused")
    assert detail(caller.sandbox, 0)["request"] == detail(caller.sandbox, 1)["request"]
    assert titles(caller.sandbox, 2) == ["Request received", "Refused", "Why", "Response sent"]


def test_refused_management_call_is_shown_and_an_accepted_one_is_not() -> None:
    """Calls that send nothing belong to no number."""
    caller = ManagementCaller()
    caller.call("GET", "apps")
    assert entries(caller.sandbox) == []
    ManagementCaller(sandbox=caller.sandbox, secret="x").call("GET", "apps")
    assert [(each["number"], each["interface"]) for each in entries(caller.sandbox)] == [("", "huawei-management")]


@pytest.mark.parametrize(
    ("at", "state", "last"),
    [(Drop.BEFORE, "lost", "No response"), (Drop.AFTER, "delivered", "No response")],
)
def test_dropped_connections(at: Drop, state: str, last: str) -> None:
    """What was not processed is lost; what was is a message whose response never came. A fault is named."""
    caller = TencentCaller()
    caller.sandbox.faults.drop("tencent", at)
    caller.single()
    assert [each["state"] for each in entries(caller.sandbox)] == [state]
    steps = titles(caller.sandbox)
    assert "Struck by a fault" in steps
    assert last in steps
    assert detail(caller.sandbox)["response"] is None


def test_bare_status_is_not_processed() -> None:
    """HTTP 503 by a fault refuses nothing by a code."""
    caller = TencentCaller()
    caller.sandbox.faults.answer("tencent", 503)
    caller.single()
    assert [(each["state"], each["refusal"]) for each in entries(caller.sandbox)] == [("lost", "HTTP 503")]


def test_replies_are_part_of_the_conversation() -> None:
    """A reply that a magic number makes comes when it is due, one by hand at once, and its push is in its timeline."""
    caller = TencentCaller(Sandbox(pushes=PUSHED))
    number = Scenario.REPLIES.number
    caller.sendsms(number.removeprefix("+86"))
    assert [each["reply"] for each in entries(caller.sandbox)] == [False]
    pushes = caller.sandbox.due_pushes(now=NOW + 2)
    assert [(each["reply"], each["number"], each["text"]) for each in entries(caller.sandbox)][1:] == [
        (True, number, "Yes")
    ]
    for push in pushes:
        caller.sandbox.settle_push(push, HttpResponse(200, body=b'{"result":0,"errmsg":"OK"}'), now=NOW + 2)
    assert titles(caller.sandbox) == ["The person replied", "Your endpoint, try 1"]
    caller.sandbox.reply(NUMBER, "TD", now=NOW + 3)
    assert entries(caller.sandbox)[-1]["text"] == "TD"


def test_clearing_and_resetting_empty_it() -> None:
    """Neither leaves an entry, a request or a reply that was to come."""
    for empty in (Sandbox.clear, lambda sandbox: sandbox.reset(now=NOW)):
        caller = TencentCaller(Sandbox(pushes=PUSHED))
        caller.sendsms(Scenario.REPLIES.number.removeprefix("+86"))
        empty(caller.sandbox)
        caller.sandbox.due_pushes(now=NOW + 60)
        assert entries(caller.sandbox) == []


def test_pages_go_back_in_time() -> None:
    """`before` and `limit` page through all entries, the newest first, none twice."""
    caller = TencentCaller()
    for number in range(7):
        caller.sendsms(f"1378888888{number}")
    seen: list[int] = []
    before = None
    while found := caller.sandbox.inbox.page(before, 3)["entries"]:
        seen += [each["serial"] for each in found]
        before = seen[-1]
    assert seen == [7, 6, 5, 4, 3, 2, 1]


def test_secrets_are_hidden_in_raw_requests() -> None:
    """Passwords, tokens and keys are hidden in headers, JSON, forms and queries; digests and ids are not."""
    body = {"password": 'a"b', "nested": {"X-Token": "t"}, "SecretKey": "k", "SecretId": "AKID", "params": ["4821"]}
    headers = {"X-Auth-Token": "secret-token", "X-WSSE": 'UsernameToken PasswordDigest="abc="', "Cookie": "session"}
    request = HttpRequest("POST", "http://127.0.0.1/?token=hush&sdkappid=1", headers, json.dumps(body).encode())
    raw = raw_request(request)
    assert not [each for each in ('a\\"b', '"t"', '"k"', "secret-token", "hush", "session") if each in raw]
    assert all(each in raw for each in ("AKID", "4821", 'PasswordDigest="abc="', "sdkappid=1"))
    assert hide_secrets("a=1&Token=x&b=2") == "a=1&Token=•••&b=2"


def test_long_body_is_cut_and_counted() -> None:
    """A body of megabytes does not go into the page."""
    raw = raw_request(HttpRequest("POST", "http://127.0.0.1/", body=b"x" * 1_000_000))
    assert len(raw) < 70_000
    assert raw.endswith("934,464 bytes more")


@pytest.mark.parametrize("make", [TencentCaller.sendsms, lambda caller: HuaweiCaller(caller.sandbox).form()])
def test_curl_makes_the_request_again(make: Any) -> None:
    """The command has the request as it came: made again, it is accepted again."""
    caller = TencentCaller()
    make(caller)
    words = shlex.split(detail(caller.sandbox)["curl"].replace("\\\n", ""))
    headers = [words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H"]
    body = words[words.index("--data-binary") + 1]
    request = HttpRequest(words[2], words[3], [(name, value) for name, value in headers], body.encode())
    caller.sandbox.handle(request, now=NOW)
    assert [each["state"] == "refused" for each in entries(caller.sandbox)] == [False, False]


def test_pytest_line_holds_in_a_test(sms_sandbox: Any) -> None:
    """The line is true of the `sms_sandbox` that accepted the message."""
    transport_sandbox = sms_sandbox.sandbox
    TencentCaller(transport_sandbox).sendsms()
    line = detail(transport_sandbox)["pytest"]
    assert line.startswith("assert sms_sandbox.last_to(")
    exec(line, {"sms_sandbox": sms_sandbox})


def test_every_interface_is_described() -> None:
    """Accounts, codes and programs of all, in the order of the registry."""
    found = Sandbox().inbox.interfaces(BASE)
    assert [each["name"] for each in found] == [each.name for each in SIMULATORS]
    assert [each["name"] for each in found if each["sends"]] == [each.name for each in SENDERS]
    assert all(each["reports"][0] == "DELIVRD" and each["refusals"] for each in found if each["sends"])


@pytest.mark.parametrize("name", [each.name for each in SENDERS])
def test_program_works_when_pasted(name: str) -> None:
    """The program of each interface that sends, pasted into a file and run, sends a message that the inbox shows."""
    with SandboxServer() as server:
        listed = httpx.get(f"{server.url}/sandbox/interfaces", trust_env=False, verify=False).json()
        program = next(each["program"] for each in listed if each["name"] == name)
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert [each["interface"] for each in entries(server.sandbox)] == [name]


def test_entries_over_http() -> None:
    """GET /sandbox/inbox and /sandbox/inbox/ID give the same, and say what is wrong."""
    with (
        SandboxServer(clock=lambda: NOW) as server,
        httpx.Client(base_url=server.url, trust_env=False, verify=False) as client,
    ):
        TencentCaller(server.sandbox).sendsms()
        (entry,) = client.get("/sandbox/inbox").json()["entries"]
        shown = client.get(f"/sandbox/inbox/{entry['id']}").json()
        assert shown == server.sandbox.inbox.entry(entry["id"], server.url)
        assert client.get("/sandbox/inbox/none").status_code == 404
        for query in ("before=x", "limit=-1", "before=9999999999999999"):
            assert client.get(f"/sandbox/inbox?{query}").status_code == 400
        assert client.post("/sandbox/inbox", json={}).status_code == 405
