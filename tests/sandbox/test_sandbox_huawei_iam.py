"""The simulated IAM: a token by user and password, its scope, its end."""

import json
from typing import Any

import pytest
from sandbox_callers import NOW
from sandbox_managers import PROJECT, ManagementCaller

from smsgate.sandbox import Sandbox
from smsgate.wire import HttpRequest


def token(sandbox: Sandbox, scope: Any = None, **change: Any) -> tuple[int, Any, str | None]:
    """Status, JSON and X-Subject-Token of a request for a token; *change* replaces parts of the user."""
    domain = {"name": change.pop("domain", "sandbox")}
    user = {"name": "sandbox", "password": "sandbox-password", "domain": domain, **change}
    identity = {"methods": ["password"], "password": {"user": user}}
    return ask(sandbox, {"auth": {"identity": identity, "scope": scope or {"project": {"name": "eu-west-101"}}}})


def ask(sandbox: Sandbox, body: object) -> tuple[int, Any, str | None]:
    """The same for any body."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = HttpRequest("POST", "http://127.0.0.1:8025/v3/auth/tokens", {"Content-Type": "application/json"}, data)
    answer = sandbox.handle(request, now=NOW).response
    assert answer is not None
    return answer.status, json.loads(answer.body), answer.headers.get("x-subject-token")


def test_token_opens_the_door() -> None:
    """HTTP 201, the token in the header, its end in the body; management takes it until then."""
    sandbox = Sandbox()
    status, payload, value = token(sandbox)
    assert status == 201
    assert (payload["token"]["issued_at"], payload["token"]["expires_at"]) == (
        "2025-11-24T16:00:00.000000Z",
        "2025-11-25T16:00:00.000000Z",
    )
    assert payload["token"]["methods"] == ["password"]
    assert payload["token"]["project"] == {
        "name": "eu-west-101",
        "id": PROJECT,
        "domain": payload["token"]["user"]["domain"],
    }
    caller = ManagementCaller(sandbox=sandbox, token=value, headers={})
    assert caller.call("GET", "apps")[0] == 200
    for later, expected in ((86_399.0, 200), (86_400.0, 401)):
        answer = sandbox.handle(caller.request("GET", "apps"), now=NOW + later)
        assert answer.response is not None
        assert answer.response.status == expected


def test_tokens_can_be_made_to_expire() -> None:
    """All at once, or by a short life; new ones are good."""
    sandbox = Sandbox()
    assert sandbox.token_lifetime == 86_400
    caller = ManagementCaller(sandbox=sandbox, token=token(sandbox)[2])
    sandbox.expire_tokens()
    assert caller.call("GET", "apps")[1]["error_msg"].endswith("decrypt token fail")
    sandbox.token_lifetime = 2
    caller.token = token(sandbox)[2]
    assert caller.call("GET", "apps")[0] == 200
    answer = sandbox.handle(caller.request("GET", "apps"), now=NOW + 2)
    assert answer.response is not None
    assert b"token expires" in answer.response.body
    with pytest.raises(ValueError, match="lifetime"):
        sandbox.token_lifetime = 0


@pytest.mark.parametrize("change", [{"password": "wrong"}, {"name": "nobody"}, {"domain": "acme"}, {"password": None}])
def test_wrong_password_is_refused(change: dict[str, Any]) -> None:
    """HTTP 401 in IAM's own shape, and no token."""
    status, payload, value = token(Sandbox(), **change)
    assert (status, value) == (401, None)
    error = {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}
    assert payload == {"error": error}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"x"',
        b"[" * 100_000,
        {},
        {"auth": []},
        {"auth": {"identity": {"methods": ["token"]}}},
        {"auth": {"identity": {"methods": ["password"]}}},
        {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "sandbox"}}}}},
    ],
)
def test_malformed_request_for_a_token_is_refused(body: object) -> None:
    """HTTP 400 in IAM's own shape."""
    status, payload, value = ask(Sandbox(), body)
    assert (status, payload["error"]["code"], value) == (400, 400, None)


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        ({"project": {"id": PROJECT}}, 200),
        ({"project": {"name": "eu-west-101"}}, 200),
        ({"domain": {"name": "sandbox"}}, 401),
    ],
)
def test_token_is_for_a_project(scope: Any, status: int) -> None:
    """The token of the whole account is issued, and management calls refuse it."""
    sandbox = Sandbox()
    created, payload, value = token(sandbox, scope)
    assert (created, "project" in payload["token"]) == (201, status == 200)
    assert ManagementCaller(sandbox=sandbox, token=value).call("GET", "apps")[0] == status


def test_unknown_project_is_refused() -> None:
    """No token for a project that the user has not."""
    assert token(Sandbox(), {"project": {"name": "cn-north-4"}})[0] == 401


def test_iam_has_nothing_else() -> None:
    """Other paths and methods are HTTP 404 in IAM's own shape."""
    for method, path in (("GET", "/v3/auth/tokens"), ("POST", "/v3/users")):
        answer = Sandbox().handle(HttpRequest(method, f"http://vendor{path}"), now=NOW).response
        assert answer is not None
        assert (answer.status, json.loads(answer.body)["error"]["code"]) == (404, 404)
