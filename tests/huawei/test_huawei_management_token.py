"""Tokens of the identity service: asked for once, shared, renewed, and refused in one clear error."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import httpx
import pytest
from huawei_account import MOMENT, by_user, sample

from smsgate import Outcome, Reason, VendorError
from smsgate.huawei import HuaweiManagement
from smsgate.management import ManagementClient
from smsgate.provider import Token, TokenSource
from smsgate.wire import HttpResponse

pytestmark = pytest.mark.anyio

NOW = datetime(2019, 2, 12, 6, 52, 13, tzinfo=UTC)


def source(**options: Any) -> TokenSource:
    found = by_user(**options).get_app("a").token
    assert found is not None
    return found


def given(token: str | None = "t", body: object = None, status: int = 201, header: str = "X-Subject-Token") -> Token:
    document = {"token": {"expires_at": "2019-02-13T06:52:13.855000Z"}} if body is None else body
    headers = {} if token is None else {header: token}
    return source().call.parse(HttpResponse(status, headers, json.dumps(document).encode()))


def test_request_for_a_token() -> None:
    """A token is asked for as the guide prints it: password, user, account, and the project as scope."""
    call = source().call
    request = call.build(MOMENT)
    assert call.name == "POST /v3/auth/tokens"
    assert (request.method, request.url) == ("POST", "https://iam.example/v3/auth/tokens")
    assert dict(request.headers) == {"host": "iam.example", "content-type": "application/json"}
    user = {"name": "user", "password": "canary-password", "domain": {"name": "domain"}}
    assert json.loads(request.body) == {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": "eu-west-101"}},
        }
    }
    assert "canary" not in repr(call) + repr(request) + repr(source())


@pytest.mark.parametrize("header", ["X-Subject-Token", "x-subject-token", "X-SUBJECT-TOKEN"])
def test_printed_response(header: str) -> None:
    """The token is in a header, whatever its case, and its end in the printed body."""
    token = source().call.parse(sample("token", **{header: "canary-MIIXYQVJ+kZ=="}))
    assert token.value.reveal() == "canary-MIIXYQVJ+kZ=="
    assert token.expires_at == datetime(2019, 2, 13, 6, 52, 13, 855000, tzinfo=UTC)
    assert "canary" not in repr(token)


@pytest.mark.parametrize(
    ("expires_at", "end"),
    [
        ("2019-02-13T06:52:13Z", datetime(2019, 2, 13, 6, 52, 13, tzinfo=UTC)),
        ("2019-02-13T06:52:13.855000", datetime(2019, 2, 13, 6, 52, 13, 855000, tzinfo=UTC)),
        ("2019-02-13T14:52:13+08:00", datetime(2019, 2, 13, 6, 52, 13, tzinfo=UTC)),
    ],
)
def test_end_of_a_token(expires_at: str, end: datetime) -> None:
    """The end is an aware time; without a zone it is UTC."""
    assert given(body={"token": {"expires_at": expires_at}}).expires_at == end


@pytest.mark.parametrize(
    "response",
    [
        {"token": None},
        {"token": ""},
        {"token": "t\u00e9"},
        {"body": {}},
        {"body": []},
        {"body": {"token": None}},
        {"body": {"token": {}}},
        {"body": {"token": {"expires_at": 155004073300}}},
        {"body": {"token": {"expires_at": "tomorrow"}}},
    ],
)
def test_response_without_a_usable_token(response: Mapping[str, Any]) -> None:
    """A success without a token, or without its end, is a response that cannot be read; it shows no token."""
    with pytest.raises(VendorError) as caught:
        given(**{"token": "canary-token", **response})
    assert caught.value.outcome is Outcome.UNKNOWN
    assert "canary" not in str(caught.value)


def test_who_shares_a_token() -> None:
    """The same user, project and password share a token; another of them does not."""
    assert source().key == source().key == source(app_id="other", region="intl").key
    others: list[dict[str, str]] = [{"user": "u"}, {"domain": "d"}, {"project": "p"}, {"password": "x"}]
    keys = {source(**other).key for other in [{}, *others, {"iam_url": "https://iam.other"}]}
    assert len(keys) == 6


class Cloud:
    """An identity service and a list of applications, and what they were asked."""

    def __init__(self, apps: int = 1, lifetime: float = 86400.0) -> None:
        self.apps = [{"id": f"{index:02d}"} for index in range(apps)]
        self.lifetime = timedelta(seconds=lifetime)
        self.asked: list[str] = []
        self.valid = ""

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path.rpartition("/")[2])
        if request.url.host == "iam.example":
            return await self.give_out(json.loads(request.content))
        if request.headers["X-Auth-Token"] != self.valid:
            return httpx.Response(401, content=sample("gateway-token-expired").body)
        offset, limit = int(request.url.params["offset"]), int(request.url.params["limit"])
        return httpx.Response(200, json={"results": self.apps[offset : offset + limit], "total": len(self.apps)})

    async def give_out(self, asked: Any) -> httpx.Response:
        await anyio.sleep(0.01)
        if asked["auth"]["identity"]["password"]["user"]["password"] != "canary-password":
            return httpx.Response(401, content=sample("iam-wrong-password").body)
        self.valid = f"token-{len(self.asked)}"
        body = {"token": {"expires_at": (NOW + self.lifetime).isoformat()}}
        return httpx.Response(201, json=body, headers={"X-Subject-Token": self.valid})


def client_for(cloud: Cloud) -> ManagementClient:
    return ManagementClient(transport=httpx.MockTransport(cloud), clock=NOW.timestamp)


async def test_a_hundred_callers_share_one_token() -> None:
    """However many callers need a token at once, and with however many account objects, one is asked for."""
    cloud = Cloud()
    async with client_for(cloud) as client, anyio.create_task_group() as group:
        for _ in range(100):
            group.start_soon(client.run, by_user().list_apps())
    assert cloud.asked.count("tokens") == 1
    assert cloud.asked.count("apps") == 100


async def test_an_ending_token_is_renewed() -> None:
    """A token that ends within five minutes is not used again."""
    cloud = Cloud(lifetime=299)
    async with client_for(cloud) as client:
        await client.run(by_user().list_apps())
        await client.run(by_user().list_apps())
    assert cloud.asked == ["tokens", "apps", "tokens", "apps"]


async def test_a_401_in_the_middle_of_paging() -> None:
    """A token that is dropped half-way costs one more token and no page."""
    cloud, account = Cloud(apps=30), by_user()
    seen: list[str | None] = []
    async with client_for(cloud) as client:
        async for app in client.each(account.list_apps, limit=10):
            seen.append(app.id)
            if app.id == "09":
                cloud.valid = "dropped"
    assert seen == [app["id"] for app in cloud.apps]
    assert cloud.asked == ["tokens", "apps", "apps", "tokens", "apps", "apps"]


async def test_a_wrong_password() -> None:
    """A user that the identity service does not take is one error, of the call for the token; nothing more is sent."""
    cloud = Cloud()
    async with client_for(cloud) as client:
        with pytest.raises(VendorError) as caught:
            await client.run(by_user(password="canary-wrong").list_apps())
    error = caught.value
    assert (error.outcome, error.reason, error.code) == (Outcome.REJECTED, Reason.AUTH_FAILED, "401")
    assert str(error).startswith("POST /v3/auth/tokens: ")
    assert "canary" not in str(error)
    assert cloud.asked == ["tokens"]


async def test_two_accounts_in_one_client() -> None:
    """Accounts of different projects keep their tokens apart."""
    seen: list[tuple[str, str]] = []

    def response(request: httpx.Request) -> httpx.Response:
        if request.url.host == "iam.example":
            project = json.loads(request.content)["auth"]["scope"]["project"]["name"]
            body = {"token": {"expires_at": (NOW + timedelta(days=1)).isoformat()}}
            return httpx.Response(201, json=body, headers={"X-Subject-Token": f"token-of-{project}"})
        seen.append((request.url.path, request.headers["X-Auth-Token"]))
        return httpx.Response(200, json={"results": [], "total": 0})

    def account(project: str) -> HuaweiManagement:
        user: Any = {"user": "u", "password": "p", "domain": "d", "iam_url": "https://iam.example"}
        return HuaweiManagement(project_id=f"id-{project}", base_url="https://m.example", project=project, **user)

    async with ManagementClient(transport=httpx.MockTransport(response), clock=NOW.timestamp) as client:
        for project in ("a", "b", "a"):
            await client.run(account(project).list_apps())
    assert seen == [(f"/v2/id-{project}/msgsms/apps", f"token-of-{project}") for project in "aba"]
