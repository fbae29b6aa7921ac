"""Management calls and pulls with credentials from a source: asked once for each request, and nothing shown."""

import json
import logging
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from huawei_account import MOMENT, by_user
from own_frames import own_frames
from rotating import MANAGED, NAMES, Rotation, manager, sender, signer

from smsgate import ConfigurationError, Outcome, Reason, Timeouts, VendorError
from smsgate.huawei import HuaweiAccessKey, HuaweiManagement
from smsgate.management import FileSpool, ManagementClient, Puller
from smsgate.wire import HttpRequest

pytestmark = pytest.mark.anyio


class Vendor:
    """Notes who signed, and answers *body* to all of it."""

    def __init__(self, body: object) -> None:
        self.body = body
        self.signers: list[int] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        plain = HttpRequest(request.method, str(request.url), list(request.headers.items()), request.content)
        self.signers.append(signer(plain))
        return httpx.Response(200, json=self.body)


BODIES: dict[str, object] = {
    "v5": {"result": 0, "errmsg": "", "total": 0, "count": 0, "data": []},
    "cloud": {"Response": {"DescribeTemplateStatusSet": [], "PullSmsSendStatusSet": [], "RequestId": "r"}},
    "key": {"total": 0, "results": []},
}
REFUSALS: dict[str, object] = {
    "v5": {"result": 1001, "errmsg": "wrong: canary-secret-0"},
    "cloud": {"Response": {"Error": {"Code": "AuthFailure.TokenFailure", "Message": "wrong: canary-secret-0"}}},
    "key": {"error_code": "APIG.0301", "error_msg": "wrong: canary-secret-0"},
}


def client_for(handler: Any, **options: Any) -> ManagementClient:
    return ManagementClient(transport=httpx.MockTransport(handler), **options)


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("kind", MANAGED)
async def test_once_a_call(kind: str, asynchronous: bool) -> None:
    """The same call, made again, is signed with what the source returns then; making it asks nothing."""
    source, vendor = Rotation(kind), Vendor(BODIES[kind])
    account = manager(kind, source.asynchronous if asynchronous else source)
    call = account.list_templates(offset=0, limit=10)
    assert source.asked == 0
    async with client_for(vendor) as client:
        await client.run(call)
        source.generation = 1
        await client.run(call)
    assert vendor.signers == [0, 1]
    assert source.asked == 2


@pytest.mark.parametrize("kind", ["v5", "cloud"])
async def test_pulls_too(kind: str, tmp_path: Path) -> None:
    """A pull asks once, through the sending account's own management too; what was kept can be read without asking."""
    body: Any = {"v5": {"result": 0, "errmsg": "", "count": 0, "data": []}}.get(kind, BODIES[kind])
    source, vendor = Rotation(kind), Vendor(body)
    spool = FileSpool(tmp_path / "spool")
    async with client_for(vendor) as client:
        puller = Puller(sender(kind, source).management(), client, keep=spool.keep)
        await puller.pull()
        source.generation = 1
        await puller.pull()
    assert vendor.signers == [0, 1]
    assert source.asked == 2
    assert list(puller.replay([json.dumps(body).encode()])) == []
    assert source.asked == 2


@pytest.mark.parametrize("kind", MANAGED)
async def test_a_refusal_shows_no_secret(kind: str) -> None:
    """The vendor's text is shown without the credentials of this very request, and the next request asks anew."""
    source, vendor = Rotation(kind), Vendor(REFUSALS[kind])
    async with client_for(vendor) as client:
        for _ in range(2):
            with pytest.raises(VendorError, match=r"wrong: \*\*\*\*") as caught:
                await client.run(manager(kind, source).list_templates(offset=0, limit=10))
            assert caught.value.reason is Reason.AUTH_FAILED
            assert "canary" not in str(caught.value) + "".join(own_frames(caught.value))
    assert source.asked == 2


async def test_a_source_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing was sent; the error names the call, shows nothing of the source's own and has no chain that would."""
    caplog.set_level(logging.DEBUG)

    def refuse() -> str:
        raise PermissionError("canary")

    async def hang() -> str:
        await anyio.sleep_forever()
        return ""

    account: Any = None
    for source, words in [(refuse, "PermissionError at"), (hang, "within 0.05 seconds"), (lambda: "", "app_key: is")]:
        account = manager("v5", source)
        async with client_for(Vendor({}), timeouts=Timeouts(total=0.05)) as client:
            with pytest.raises(VendorError) as caught:
                await client.run(account.list_templates(offset=0, limit=10))
            puller = Puller(account, client, keep=lambda body: None)
            with pytest.raises(VendorError, match="pullstatus: "):
                await puller.pull()
        assert (caught.value.outcome, caught.value.reason) == (Outcome.NOT_SENT, Reason.NO_CREDENTIALS)
        assert words in str(caught.value)
        assert (caught.value.__cause__, caught.value.__context__) == (None, None)
        assert "canary" not in str(caught.value) + "".join(own_frames(caught.value)) + caplog.text
        assert puller.gaps == []


async def test_the_password_of_an_iam_user() -> None:
    """It is asked for with a token, not with each call; a token that is no longer taken leads to the new password."""
    passwords, asked = ["canary-1"], list[str]()
    seen: list[str] = []

    async def password() -> str:
        asked.append(passwords[-1])
        return passwords[-1]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v3/auth/tokens":
            given = json.loads(request.content)["auth"]["identity"]["password"]["user"]["password"]
            seen.append(given)
            end = {"token": {"expires_at": "2099-01-01T00:00:00Z"}}
            return httpx.Response(201, headers={"X-Subject-Token": f"token-of-{given}"}, json=end)
        valid = request.headers["X-Auth-Token"] == f"token-of-{passwords[-1]}"
        return httpx.Response(200 if valid else 401, json={"total": 0, "results": []} if valid else {})

    account = by_user(password=password)
    async with client_for(answer) as client:
        for _ in range(3):
            await client.run(account.list_templates())
        passwords.append("canary-2")
        await client.run(account.list_templates())
    assert seen == asked == ["canary-1", "canary-2"]
    assert "canary" not in repr(account.get_app("a").token)


def test_one_way_to_call_huawei() -> None:
    """An access key is given or comes from a source; both, or a source beside a user, is an error."""
    options: Any = {"project_id": "p", "base_url": "https://h.test", "credentials": lambda: HuaweiAccessKey("a", "b")}
    assert HuaweiManagement(**options)
    for wrong in ({"access_key": "canary"}, {"user": "u"}, {"credentials": "canary"}):
        with pytest.raises(ConfigurationError) as caught:
            HuaweiManagement(**{**options, **wrong})
        assert "credentials" in str(caught.value)
        assert "canary" not in str(caught.value) + "".join(own_frames(caught.value))


@pytest.mark.parametrize("kind", NAMES[:2])
def test_a_call_is_not_signed_without_them(kind: str) -> None:
    """A call of an account with a source cannot be built as it is, and says what is missing."""
    call = manager(kind, Rotation(kind)).list_templates(offset=0, limit=10)
    with pytest.raises(ConfigurationError, match="come from a source"):
        call.build(MOMENT)
