"""What people and tests make happen in the sandbox: reviews, replies, tokens that expire."""

from typing import Any

import docs_examples
import pytest
from sandbox_callers import NOW, HuaweiCaller, TencentCaller, enabled_sandbox, read
from sandbox_managers import ManagementCaller, control

from smsgate.sandbox import Sandbox
from smsgate.wire import HttpRequest

HUAWEI_TEMPLATE = "8ff55eac1d0b478ab3c06c3c6a492300"


def test_review_over_http() -> None:
    """The answer repeats what was decided; the id may be that of sends."""
    sandbox = Sandbox()
    body = {"vendor": "huawei", "kind": "template", "id": HUAWEI_TEMPLATE, "state": "Rejected", "reason": "vague"}
    status, payload = control(sandbox, "/sandbox/review", body)
    assert status == 200
    assert payload == {**body, "id": payload["id"], "state": "rejected"}
    assert HuaweiCaller(sandbox).form()[1]["result"][0]["status"] == "E200030"
    assert ManagementCaller(sandbox=sandbox).call("GET", f"templates/{payload['id']}")[1]["review_desc"] == "vague"
    again = {"vendor": "huawei", "kind": "template", "id": payload["id"], "state": "approved"}
    assert control(sandbox, "/sandbox/review", again)[1]["reason"] == ""
    assert HuaweiCaller(sandbox).form()[0] == 200


def test_review_of_a_signature() -> None:
    """A rejection without a reason has a usual one."""
    tencent = TencentCaller()
    body = {"vendor": "tencent", "kind": "signature", "id": 1, "state": "rejected"}
    assert control(tencent.sandbox, "/sandbox/review", body)[1]["reason"] == "does not meet the review standards"
    assert tencent.sendsms()["result"] == 1012
    tencent.sandbox.review("tencent", "signature", "1", "pending")
    assert tencent.sendsms()["result"] == 1012
    tencent.sandbox.review("tencent", "signature", "1", "approved")
    assert tencent.sendsms()["result"] == 0


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"vendor": "nobody"}, 400),
        ({"id": 7}, 404),
        ({"id": None}, 400),
        ({"kind": "song"}, 400),
        ({"state": "maybe"}, 400),
        ({"state": 1}, 400),
        ({"reason": 1}, 400),
    ],
    ids=str,
)
def test_wrong_review_is_an_error(change: dict[str, Any], status: int) -> None:
    """400 for what cannot be understood, 404 for what is not there."""
    body = {"vendor": "tencent", "kind": "template", "id": "19", "state": "approved", **change}
    found, payload = control(Sandbox(), "/sandbox/review", body)
    assert (found, set(payload)) == (status, {"error"})


def test_wrong_review_in_python_is_an_error() -> None:
    """The same as exceptions."""
    with pytest.raises(LookupError, match="tencent has no template 7"):
        Sandbox().review("tencent", "template", "7", "approved")
    with pytest.raises(ValueError, match="state"):
        Sandbox().review("tencent", "template", "19", "maybe")


def test_reply_over_http_waits_to_be_pulled() -> None:
    """The signature is the account's first unless it is given."""
    tencent = TencentCaller(enabled_sandbox())
    payload = control(tencent.sandbox, "/sandbox/replies", {"from": "+8613788888888", "text": "T"})[1]
    assert (payload["from"], payload["text"], payload["signature"], payload["time"]) == (
        "+8613788888888",
        "T",
        "Acme",
        int(NOW),
    )
    given = {"from": "+8613788888888", "text": "T", "signature": "腾讯云", "extend": "12"}
    assert control(tencent.sandbox, "/sandbox/replies", given)[0] == 200
    rows = read(tencent.handle("pullstatus", {"type": 1, "max": 10}, ""))["data"]
    assert [(row["sign"], row.get("extend")) for row in rows] == [("Acme", None), ("腾讯云", "12")]


@pytest.mark.parametrize("body", [{}, {"from": "137", "text": "T"}, {"from": "+8613788888888"}, [], None])
def test_wrong_reply_is_an_error(body: Any) -> None:
    """A reply has a number in E.164 and a text."""
    assert control(Sandbox(), "/sandbox/replies", body)[0] == 400


def test_tokens_expire_over_http() -> None:
    """With or without a lifetime for the tokens to come."""
    sandbox = Sandbox()
    assert control(sandbox, "/sandbox/expire-tokens") == (204, None)
    assert sandbox.token_lifetime == 86_400
    assert control(sandbox, "/sandbox/expire-tokens", {"lifetime": 1.5}) == (204, None)
    assert sandbox.token_lifetime == 1.5
    for lifetime in (0, -1, "60", None):
        assert control(sandbox, "/sandbox/expire-tokens", {"lifetime": lifetime})[0] == 400


def test_own_paths_take_post() -> None:
    """Another method is 405, and no vendor's fault strikes here."""
    sandbox = Sandbox()
    sandbox.faults.drop("huawei")
    answer = sandbox.handle(HttpRequest("GET", "http://127.0.0.1:8025/sandbox/review"), now=NOW)
    assert answer.response is not None
    assert answer.response.status == 405


def test_documented_example_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's example works as it is printed."""
    docs_examples.load("sandbox-management.md", "management", "management_example", monkeypatch)
