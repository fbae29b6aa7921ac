"""Who may use the sandbox's own pages and calls: no page of another site, whatever name it gives this machine."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sandbox_callers import NOW, TencentCaller

from smsgate.sandbox.inbox.access import find_objection
from smsgate.sandbox.server import SandboxServer

JSON = "application/json"


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """A running server that may be called `sms.test` as well."""
    with SandboxServer(clock=lambda: NOW, allow_hosts=["sms.test"]) as running:
        yield running


def call(server: SandboxServer, method: str, path: str, headers: dict[str, str], **options: Any) -> httpx.Response:
    with httpx.Client(trust_env=False, verify=False) as client:
        return client.request(method, server.url + path, headers=headers, **options)


@pytest.mark.parametrize(
    "path", ["/", "/m/1", "/sandbox/messages", "/sandbox/inbox", "/sandbox/interfaces", "/%73andbox/messages"]
)
@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("127.0.0.1:1", True),
        ("localhost", True),
        ("LocalHost:80", True),
        ("[::1]:8025", True),
        ("127.7.7.7", True),
        ("sms.test:8025", True),
        ("SMS.TEST", True),
        ("rebound.example:8025", False),
        ("localhost.example", False),
        ("sms.test.example", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_host_has_to_be_known(server: SandboxServer, path: str, host: str, known: bool) -> None:
    """A page or call is answered for loopback names and allowed ones; a name that was pointed here gets 403."""
    answer = call(server, "GET", path, {"Host": host})
    assert (answer.status_code == 403) is not known
    if not known:
        assert "--allow-host" in answer.json()["error"]


CHANGES = [
    ("POST", "/sandbox/faults"),
    ("POST", "/sandbox/reset"),
    ("POST", "/sandbox/replies"),
    ("POST", "/sandbox/reports"),
    ("POST", "/sandbox/pushes"),
    ("POST", "/sandbox/account"),
    ("POST", "/sandbox/review"),
    ("POST", "/sandbox/expire-tokens"),
    ("DELETE", "/sandbox/messages"),
    ("DELETE", "/sandbox/faults"),
    ("GET", "/sandbox/messages/wait?to=%2B8613788888888&timeout=0"),
    ("GET", "/sandbox/events"),
]


@pytest.mark.parametrize(("method", "path"), CHANGES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=lambda headers: "-".join(headers.values()),
)
def test_other_origins_are_refused(server: SandboxServer, method: str, path: str, headers: dict[str, str]) -> None:
    """Another site's page, another port's too, gets 403 for every call, with JSON as well, and nothing happens."""
    TencentCaller(server.sandbox).sendsms()
    count = len(server.sandbox.messages)
    answer = call(server, method, path, {**headers, "Content-Type": JSON}, content=b"{}")
    assert (answer.status_code, answer.json()["error"][:7]) == (403, "Origin:")
    assert "access-control-allow-origin" not in answer.headers
    assert len(server.sandbox.messages) == count
    assert server.sandbox.take_message("+8613788888888") is not None


@pytest.mark.parametrize(("method", "path"), [each for each in CHANGES if each[0] == "POST"])
@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data"])
def test_what_changes_something_is_json(server: SandboxServer, method: str, path: str, content_type: str) -> None:
    """What a form of any site can send is refused with 415, a body or none."""
    for body in (b'{"vendor": "huawei", "drop": "after"}', b""):
        headers = {"Content-Type": content_type} if content_type else {}
        answer = call(server, method, path, headers, content=body)
        assert (answer.status_code, answer.json()["error"][:13]) == (415, "Content-Type:")
    assert not list(server.sandbox.faults)


def test_own_page_and_programs_may(server: SandboxServer) -> None:
    """The page's own origin, and a program that sends none, are let through; a DELETE has no body and needs no type."""
    own = {"Origin": server.url, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json; charset=utf-8"}
    for headers in (own, {"Content-Type": JSON}):
        body = b'{"vendor": "huawei", "drop": "after"}'
        assert call(server, "POST", "/sandbox/faults", headers, content=body).status_code == 200
        assert call(server, "DELETE", "/sandbox/faults", {}).status_code == 204
    assert call(server, "DELETE", "/sandbox/faults", {}, content=b"{}").status_code == 415


def test_vendors_paths_are_exempt(server: SandboxServer) -> None:
    """A vendor's call is taken by any name and from any origin, at its own path and at /."""
    plain = TencentCaller().request("sendsms", {"tel": {"mobile": "13788888888", "nationcode": "86"}}, "")
    headers = {"Host": "yun.tim.qq.com", "Origin": "https://evil.example", "Content-Type": "text/plain"}
    answer = call(server, "POST", plain.url.partition("8025")[2], headers, content=plain.body)
    assert answer.json()["result"] == 1001
    cloud = call(server, "POST", "/", {**headers, "X-TC-Action": "SendSms"}, content=b"{}")
    assert "Response" in cloud.json()


def test_the_address_that_it_listens_on_is_a_name_of_its_own() -> None:
    """`host` needs no `allow_hosts`, but for the addresses that mean all of them."""
    assert "192.0.2.7" in SandboxServer(host="192.0.2.7")._allow_hosts
    for host in ("0.0.0.0", "::"):
        assert SandboxServer(host=host)._allow_hosts == ()


def test_other_paths_are_no_page() -> None:
    """Only its own paths are guarded: a wrong base_url still gets its 404 by any name."""
    with SandboxServer() as running:
        assert call(running, "GET", "/v9/none", {"Host": "elsewhere.example"}).status_code == 404
        assert call(running, "GET", "/favicon.ico", {}).status_code == 204
        assert not running.sandbox.refused[1:]


def test_decision_alone() -> None:
    """The rule itself: a page may be opened from anywhere, a call may not."""
    from_link = {"host": "localhost", "sec-fetch-site": "cross-site"}
    assert find_objection("GET", "/", from_link, (), has_body=False) is None
    assert find_objection("GET", "/m/1", from_link, (), has_body=False) is None
    assert find_objection("GET", "/sandbox/messages", from_link, (), has_body=False) is not None
