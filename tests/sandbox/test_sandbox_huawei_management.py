"""The simulated management APIs of Huawei: who may call, applications, lists, refusals."""

from typing import Any
from urllib.parse import quote

import attrs
import pytest
from sandbox_callers import NOW, HuaweiCaller
from sandbox_managers import HUAWEI_APP, HUAWEI_SIGNATURE, HUAWEI_TEMPLATE, ManagementCaller


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"key": "nobody"}, 401, "ak not exist"),
        ({"secret": "wrong"}, 401, "verify aksk signature fail"),
        ({"now": NOW - 901}, 401, "signature expired"),
        ({"headers": {}}, 401, "X-Project-Id"),
        ({"headers": {"x-project-id": "1"}}, 401, "X-Project-Id"),
        ({"token": "nonsense"}, 401, "decrypt token fail"),
        ({"project": "0" * 32}, 403, "forbidden"),
    ],
    ids=str,
)
def test_gateway_checks_who_calls(change: dict[str, Any], status: int, words: str) -> None:
    """The gateway's own shape: error_code, error_msg, request_id."""
    found, payload = ManagementCaller(**change).call("GET", "apps")
    assert (found, payload["error_code"]) == (status, "APIGW.0301" if status == 401 else "APIGW.0302")
    assert words in payload["error_msg"]
    assert len(payload["request_id"]) == 32


def test_caller_without_credentials_is_refused() -> None:
    """Neither token nor signature, or none that can be read."""
    caller = ManagementCaller()
    bare = caller.request("GET", "apps")
    for headers in ({}, {"Authorization": "Basic x"}):
        status, payload = caller.payload(attrs.evolve(bare, headers=headers))
        assert (status, payload["error_code"]) == (401, "APIGW.0301")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"templates/{HUAWEI_APP}/variable"),
        ("DELETE", f"apps/{HUAWEI_APP}"),
        ("PATCH", "apps"),
        ("GET", "weather"),
        ("GET", f"apps/{HUAWEI_APP}/a/b"),
        ("GET", ""),
    ],
)
def test_what_is_not_published_is_not_found(method: str, path: str) -> None:
    """The word that the guide's example spells right is HTTP 404, as is whatever Huawei does not have."""
    assert ManagementCaller().call(method, path)[0] == 404
    assert ManagementCaller().code(method, path) == "APIGW.0101"


def test_path_with_a_space_is_signed_encoded() -> None:
    """The query is signed as it is encoded, in any order."""
    caller = ManagementCaller()
    assert caller.call("GET", f"apps?app_name={quote('测试 app~1')}&limit=10&offset=0&region=cn")[1]["total"] == 0


def test_application_that_is_there() -> None:
    """With the field names of Huawei's SDK, and the key that sends."""
    caller = ManagementCaller()
    status, payload = caller.call("GET", f"apps/{HUAWEI_APP}")
    assert status == 200
    assert payload == {
        "id": HUAWEI_APP,
        "create_time": "2024-01-01 00:00:00",
        "update_time": "2024-01-01 00:00:00",
        "customer_id": payload["tenant"]["customer_id"],
        "tenant": payload["tenant"],
        "resource_id": payload["resource_id"],
        "developer_account": "sandbox_sms",
        "app_name": "sandbox",
        "omp_app_name": HUAWEI_APP.replace("-", ""),
        "app_key": "sandbox-huawei-app-key",
        "up_link_addr": None,
        "status": "LAUNCHED",
        "industry": 14,
        "region": "intl",
        "intl_channel_num": "isms100000001",
        "enterprise_project_id": "0",
        "enterprise_project_name": "default",
        "app_access_addr": "http://127.0.0.1:8025",
        "protocol": "HTTP",
        "platform": "NFV",
        "is_support_multiomp": False,
    }
    assert caller.call("GET", "apps")[1] == {"results": [payload], "total": 1}


def test_new_application_sends_with_its_own_key() -> None:
    """Its key, secret and channel work together, and not with another's."""
    caller = ManagementCaller()
    made = caller.call("POST", "apps", {"app_name": "shop", "region": "cn", "show_secret": True})[1]
    assert set(made) == {"id", "app_key", "app_name", "app_secret"}
    channel = caller.call("GET", f"apps/{made['id']}")[1]["intl_channel_num"]
    huawei = HuaweiCaller(caller.sandbox, key=made["app_key"], secret=made["app_secret"])
    assert huawei.form(sender=channel)[0] == 200
    assert huawei.form()[1]["result"][0]["status"] == "E200018"
    huawei.secret = "sandbox-huawei-app-secret"
    assert huawei.form(sender=channel)[1]["code"] == "E000045"


def test_applications_are_counted_and_changed() -> None:
    """The count is by region; a change keeps what it leaves out."""
    caller = ManagementCaller()
    made = caller.call("POST", "apps", {"app_name": "shop", "region": "cn", "up_link_addr": "https://shop.test/up"})[1]
    assert "app_secret" not in made
    assert caller.call("GET", "apps-count", region="cn")[1] == {"total": 100, "used": 1}
    assert caller.call("GET", "apps-count", region="intl")[1] == {"total": 100, "used": 1}
    changed = caller.call("PUT", f"apps/{made['id']}", {"app_name": "store", "enterprise_project_id": "7"})[1]
    assert changed == {"id": made["id"], "app_key": made["app_key"], "app_name": "store"}
    row = caller.call("GET", "apps", app_name="store")[1]["results"][0]
    assert (row["region"], row["up_link_addr"], row["enterprise_project_id"]) == ("cn", "https://shop.test/up", "7")


def test_no_more_than_a_hundred_applications() -> None:
    """The quota that apps-count gives is real."""
    caller = ManagementCaller()
    for _ in range(99):
        caller.call("POST", "apps", {"app_name": "shop", "region": "intl"})
    assert caller.code("POST", "apps", {"app_name": "shop", "region": "intl"}) == "MSGSMS.0002"


def test_lists_are_paged_sorted_and_filtered() -> None:
    """Newest first unless asked otherwise; a field of the row filters; times are a span."""
    caller = ManagementCaller()
    for name in ("b", "c", "d"):
        caller.call("POST", "apps", {"app_name": name, "region": "cn"})
    names = [
        [row["app_name"] for row in caller.call("GET", "apps", limit="2", offset=offset)[1]["results"]]
        for offset in ("0", "2", "4")
    ]
    assert names == [["d", "c"], ["b", "sandbox"], []]
    oldest = caller.call("GET", "apps", sort_dir="asc", region="cn")[1]
    assert ([row["app_name"] for row in oldest["results"]], oldest["total"]) == (["b", "c", "d"], 3)
    assert caller.call("GET", "apps", start_time="2025-01-01 00:00:00")[1]["total"] == 3
    assert caller.call("GET", "apps", end_time="2025-01-01 00:00:00")[1]["total"] == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("GET", "apps?limit=x", None, "MSGSMS.0002"),
        ("GET", "apps?limit=1001", None, "MSGSMS.0002"),
        ("GET", "apps?offset=-1", None, "MSGSMS.0002"),
        ("GET", "apps?sort_dir=up", None, "MSGSMS.0002"),
        ("GET", "apps-count", None, "MSGSMS.0002"),
        ("GET", "apps/none", None, "MSGSMS.0076"),
        ("PUT", "apps/none", {"app_name": "x"}, "MSGSMS.0076"),
        ("POST", "apps", {"region": "intl"}, "MSGSMS.0002"),
        ("POST", "apps", {"app_name": "", "region": "intl"}, "MSGSMS.0002"),
        ("POST", "apps", {"app_name": "x", "region": "mars"}, "MSGSMS.0002"),
        ("POST", "apps", {"app_name": "x", "region": "intl", "up_link_addr": 7}, "MSGSMS.0002"),
        ("POST", "apps", [], "MSGSMS.0002"),
        ("GET", "templates/none", None, "MSGSMS.0009"),
        ("DELETE", "templates/none", None, "MSGSMS.0009"),
        ("GET", "templates/none/varilable", None, "MSGSMS.0009"),
        ("POST", "templates", {**HUAWEI_TEMPLATE, "app_id": "none"}, "MSGSMS.0076"),
        ("POST", "templates", {**HUAWEI_TEMPLATE, "template_content": None}, "MSGSMS.0002"),
        ("POST", "templates", {**HUAWEI_TEMPLATE, "template_type": "LOVE"}, "MSGSMS.0002"),
        ("POST", "templates", {**HUAWEI_TEMPLATE, "universal_template": 2}, "MSGSMS.0002"),
        ("POST", "templates", {**HUAWEI_TEMPLATE, "universal_template": True}, "MSGSMS.0002"),
        ("POST", "templates", {**HUAWEI_TEMPLATE, "region": "cn"}, "MSGSMS.0005"),
        ("POST", "templates", {**HUAWEI_TEMPLATE, "region": "eu"}, "MSGSMS.0002"),
        ("POST", "templates", {**HUAWEI_TEMPLATE, "region": "eu", "send_country": [999]}, "MSGSMS.0002"),
        ("POST", "templates", {**HUAWEI_TEMPLATE, "region": "eu", "send_country": [[]]}, "MSGSMS.0002"),
        ("POST", "templates", {**HUAWEI_TEMPLATE, "send_country": 5}, "MSGSMS.0002"),
        ("POST", "templates", {**HUAWEI_TEMPLATE, "variable_attributes": {}}, "MSGSMS.0002"),
        ("POST", "templates", {**HUAWEI_TEMPLATE, "variable_attributes": [7]}, "MSGSMS.0002"),
        ("POST", "templates", {**HUAWEI_TEMPLATE, "variable_attributes": [{"variable_index": []}]}, "MSGSMS.0002"),
        ("GET", "signatures/none", None, "MSGSMS.0005"),
        ("DELETE", "signatures/none", None, "MSGSMS.0005"),
        ("PUT", "signatures/none/active", None, "MSGSMS.0005"),
        ("POST", "signatures", {**HUAWEI_SIGNATURE, "signature_type": None}, "MSGSMS.0002"),
        ("POST", "signatures", {**HUAWEI_SIGNATURE, "file_id": "none"}, "MSGSMS.0011"),
        ("POST", "signatures", {**HUAWEI_SIGNATURE, "power_attorney_fileid": "none"}, "MSGSMS.0011"),
        ("POST", "signatures", {**HUAWEI_SIGNATURE, "signature_source": 6}, "MSGSMS.0002"),
        ("POST", "signatures", {**HUAWEI_SIGNATURE, "signature_name": "Acme"}, "MSGSMS.0004"),
        ("GET", "upload-files", None, "MSGSMS.0011"),
        ("GET", "upload-files?file_id=none", None, "MSGSMS.0011"),
    ],
    ids=str,
)
def test_wrong_call_is_refused(method: str, path: str, body: Any, code: str) -> None:
    """The service's own shape, with the detail that is wrong."""
    status, payload = ManagementCaller().call(method, path, body)
    assert (status in (400, 404), payload["error_code"]) == (True, code)
    assert set(payload) == {"error_code", "error_msg", "error_detail"}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"app_name":"\\ud800"}', b"[" * 100_000])
def test_body_is_an_object(body: bytes) -> None:
    """Anything else than a JSON object is an invalid parameter."""
    caller = ManagementCaller()
    assert caller.payload(caller.request("POST", "apps", body))[1]["error_code"] == "MSGSMS.0002"
