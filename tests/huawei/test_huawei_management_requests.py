"""What each management call asks for: method, path, query, body, and who signs it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from huawei_account import APP_ID, MOMENT, PROJECT_ID, built, by_key, by_user, taken_apart

from smsgate.huawei import HuaweiManagement, VariableAttribute
from smsgate.huawei.signing import canonical_request
from smsgate.provider import Call
from smsgate.provider.records import TemplateKind
from smsgate.wire import HttpRequest

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "huawei.json").read_text("utf-8"))
BEIJING = timezone(timedelta(hours=8))
SINCE, UNTIL = datetime(2022, 8, 12, 14, 51, 17, tzinfo=BEIJING), datetime(2022, 8, 13, tzinfo=UTC)
SPAN = {"start_time": "2022-08-12 06:51:17", "end_time": "2022-08-13 00:00:00"}
ID = "460a2427-37eb-4229-bee9-0eba4d8a897f"
PAGE = {"limit": "50", "offset": "0"}
TEMPLATE: dict[str, Any] = {
    "app_id": APP_ID,
    "region": "cn",
    "template_content": "Your code is ${1}.",
    "template_name": "login",
    "template_type": "NOTIFY_TYPE",
    "universal_template": 1,
}
SIGNATURE: dict[str, Any] = {
    "app_id": APP_ID,
    "is_involved_third": "No",
    "signature_name": "Acme",
    "signature_source": 0,
    "signature_type": "NOTIFY_TYPE",
}

Make = Callable[[HuaweiManagement], Call[Any]]

CALLS: dict[str, tuple[Make, tuple[str, str, dict[str, str], Any]]] = {
    "list_apps": (lambda it: it.list_apps(), ("GET", "apps", PAGE, None)),
    "list_apps, all of Table 3-5": (
        lambda it: it.list_apps(
            offset=20,
            limit=10,
            app_name="auto_test789",
            start_time=SINCE,
            end_time=UNTIL,
            region="intl",
            sort_dir="desc",
            sort_key="create_time",
            status="LAUNCHED",
        ),
        (
            "GET",
            "apps",
            {
                "limit": "10",
                "offset": "20",
                "app_name": "auto_test789",
                "region": "intl",
                "sort_dir": "desc",
                "sort_key": "create_time",
                "status": "LAUNCHED",
                **SPAN,
            },
            None,
        ),
    ),
    "get_app": (lambda it: it.get_app(APP_ID), ("GET", f"apps/{APP_ID}", {}, None)),
    "add_app": (lambda it: it.add_app(app_name="a"), ("POST", "apps", {}, {"app_name": "a", "region": "cn"})),
    "add_app, whole": (
        lambda it: it.add_app(
            app_name="a",
            region="intl",
            up_link_addr="https://example.com/up",
            create_sign_and_template=False,
            enterprise_project_id="0",
            enterprise_project_name="default",
            show_secret=True,
        ),
        (
            "POST",
            "apps",
            {},
            {
                "app_name": "a",
                "region": "intl",
                "up_link_addr": "https://example.com/up",
                "create_sign_and_template": False,
                "enterprise_project_id": "0",
                "enterprise_project_name": "default",
                "show_secret": True,
            },
        ),
    ),
    "modify_app": (
        lambda it: it.modify_app(APP_ID, app_name="b", region="eu"),
        ("PUT", f"apps/{APP_ID}", {}, {"app_name": "b", "region": "eu"}),
    ),
    "count_apps": (lambda it: it.count_apps(), ("GET", "apps-count", {"region": "cn"}, None)),
    "count_apps elsewhere": (lambda it: it.count_apps(region="intl"), ("GET", "apps-count", {"region": "intl"}, None)),
    "list_countries": (lambda it: it.list_countries(), ("GET", "country", {}, None)),
    "list_countries by name": (
        lambda it: it.list_countries(country_name_en="Côte d'Ivoire", country_name_zh="科特迪瓦"),
        ("GET", "country", {"country_name_en": "Côte d'Ivoire", "country_name_zh": "科特迪瓦"}, None),
    ),
    "list_templates": (lambda it: it.list_templates(), ("GET", "templates", PAGE, None)),
    "list_templates, all of Table 3-29": (
        lambda it: it.list_templates(
            app_key="k",
            app_name="a",
            start_time="2022-08-12",
            flow_status="Adopted",
            has_variable="Yes",
            region="cn",
            sign_name="Acme",
            sort_dir="asc",
            sort_key="create_time",
            template_id="t",
            template_name="n",
            template_type="NOTIFY_TYPE",
        ),
        (
            "GET",
            "templates",
            {
                **PAGE,
                "app_key": "k",
                "app_name": "a",
                "start_time": "2022-08-12",
                "flow_status": "Adopted",
                "has_variable": "Yes",
                "region": "cn",
                "sign_name": "Acme",
                "sort_dir": "asc",
                "sort_key": "create_time",
                "template_id": "t",
                "template_name": "n",
                "template_type": "NOTIFY_TYPE",
            },
            None,
        ),
    ),
    "get_template": (lambda it: it.get_template(ID), ("GET", f"templates/{ID}", {}, None)),
    "add_template": (
        lambda it: it.add_template(name="login", text="Your code is ${1}."),
        ("POST", "templates", {}, TEMPLATE),
    ),
    "add_template, whole": (
        lambda it: it.add_template(
            name="login",
            text="Your code\nis ${1}.",
            kind=TemplateKind.VERIFICATION,
            remark="for logins",
            app_id="other",
            sign_id="s",
            universal_template=True,
            brackets="CN",
            variable_attributes=[
                VariableAttribute(variable_index=1, variable_type="CHARDIGIT"),
                VariableAttribute(variable_index=2, variable_type="TEXT", variable_desc="a name"),
            ],
            flow_status="Pending",
        ),
        (
            "POST",
            "templates",
            {},
            {
                **TEMPLATE,
                "app_id": "other",
                "template_content": "Your code\nis ${1}.",
                "template_type": "VERIFY_CODE_TYPE",
                "template_desc": "for logins",
                "sign_id": "s",
                "brackets": "CN",
                "variable_attributes": [
                    {"variable_index": 1, "variable_type": "CHARDIGIT"},
                    {"variable_index": 2, "variable_type": "TEXT", "variable_desc": "a name"},
                ],
                "flow_status": "Pending",
            },
        ),
    ),
    "add_template of one signature": (
        lambda it: it.add_template(name="login", text="Your code is ${1}.", sign_id="s"),
        ("POST", "templates", {}, {**TEMPLATE, "sign_id": "s", "universal_template": 0}),
    ),
    "add_template for other countries": (
        lambda it: it.add_template(name="login", text="Your code is ${1}.", international=True, send_country=[1, 2]),
        ("POST", "templates", {}, {**TEMPLATE, "region": "intl", "universal_template": 0, "send_country": [1, 2]}),
    ),
    "modify_template": (
        lambda it: it.modify_template(ID, name="login", text="Your code is ${1}.", kind=TemplateKind.MARKETING),
        ("PUT", f"templates/{ID}", {}, {**TEMPLATE, "template_type": "PROMOTION_TYPE"}),
    ),
    "delete_template": (lambda it: it.delete_template(ID), ("DELETE", f"templates/{ID}", {}, None)),
    "delete_templates": (
        lambda it: it.delete_templates([ID, "b"]),
        ("POST", "templates/batch-delete", {}, {"ids": [ID, "b"]}),
    ),
    "list_template_variables": (
        lambda it: it.list_template_variables(ID),
        ("GET", f"templates/{ID}/varilable", {}, None),
    ),
    "list_signatures": (lambda it: it.list_signatures(), ("GET", "signatures", PAGE, None)),
    "list_signatures, whole": (
        lambda it: it.list_signatures(
            app_name="a",
            start_time=SINCE,
            end_time=UNTIL,
            signature_id="i",
            signature_name="Acme",
            signature_type="NOTIFY_TYPE",
            site="cn",
            sort_dir="asc",
            sort_key="create_time",
            status="REVIEW_PASSED",
        ),
        (
            "GET",
            "signatures",
            {
                **PAGE,
                **SPAN,
                "app_name": "a",
                "signature_id": "i",
                "signature_name": "Acme",
                "signature_type": "NOTIFY_TYPE",
                "site": "cn",
                "sort_dir": "asc",
                "sort_key": "create_time",
                "status": "REVIEW_PASSED",
            },
            None,
        ),
    ),
    "get_signature": (lambda it: it.get_signature(ID), ("GET", f"signatures/{ID}", {}, None)),
    "add_signature": (lambda it: it.add_signature(text="Acme"), ("POST", "signatures", {}, SIGNATURE)),
    "add_signature, whole": (
        lambda it: it.add_signature(
            text="Acme",
            remark="ours",
            kind=TemplateKind.VERIFICATION,
            app_id="other",
            signature_source=5,
            is_involved_third=True,
            file_id="f",
            power_attorney_fileid="p",
            source_title_content="console.example.com",
            qualification_id="q",
        ),
        (
            "POST",
            "signatures",
            {},
            {
                "app_id": "other",
                "apply_desc": "ours",
                "file_id": "f",
                "is_involved_third": "Yes",
                "power_attorney_fileid": "p",
                "signature_name": "Acme",
                "signature_source": 5,
                "signature_type": "VERIFY_CODE_TYPE",
                "source_title_content": "console.example.com",
                "qualification_id": "q",
            },
        ),
    ),
    "modify_signature": (
        lambda it: it.modify_signature(ID, text="Acme"),
        ("PUT", f"signatures/{ID}", {}, SIGNATURE),
    ),
    "delete_signature": (lambda it: it.delete_signature(ID), ("DELETE", f"signatures/{ID}", {}, None)),
    "activate_signature": (lambda it: it.activate_signature(ID), ("PUT", f"signatures/{ID}/active", {}, None)),
    "get_file": (lambda it: it.get_file("f"), ("GET", "upload-files", {"file_id": "f"}, None)),
    "metric_statistics": (lambda it: it.metric_statistics({"a": "b"}), ("GET", "metric/stat", {"a": "b"}, None)),
    "message_details": (lambda it: it.message_details({}), ("GET", "detail", {}, None)),
}


@pytest.mark.parametrize(("make", "expected"), CALLS.values(), ids=CALLS)
def test_request_of(make: Make, expected: tuple[str, str, dict[str, str], Any]) -> None:
    """A call asks for the path of the guide with the fields that were given, and no others."""
    call = make(by_key())
    method, path, _, _ = expected
    assert taken_apart(call) == expected
    assert call.name == f"{method} /v2/{{project_id}}/msgsms/{path.replace(ID, '{id}').replace(APP_ID, '{id}')}"


@pytest.mark.parametrize(("make", "expected"), CALLS.values(), ids=CALLS)
def test_who_calls(make: Make, expected: object) -> None:
    """With an access key every call is signed, by an IAM user it carries the token; never both."""
    signed, by_token = built(make(by_key())), built(make(by_user()))
    assert signed.headers["Authorization"].startswith("SDK-HMAC-SHA256 Access=canary-access-key, SignedHeaders=")
    assert signed.headers["X-Project-Id"] == PROJECT_ID
    assert "X-Auth-Token" not in signed.headers
    assert by_token.headers["X-Auth-Token"] == "canary-token"
    assert "Authorization" not in by_token.headers
    assert (by_token.url, by_token.body) == (signed.url, signed.body)
    for request in (signed, by_token):
        assert (request.headers["Host"], request.headers["Content-Type"]) == ("msgsms.example:8443", "application/json")
    assert make(by_key()).token is None
    assert make(by_user()).token is not None


def test_signature_vector_through_a_call() -> None:
    """A list of applications with a Chinese name is signed as Huawei's own SDKs sign it, byte for byte."""
    (vector,) = (each for each in VECTORS["aksk"] if each["id"] == "hw-mgmt-get-apps")
    account = HuaweiManagement(
        project_id=PROJECT_ID,
        base_url=f"https://{vector['host']}",
        access_key=vector["access_key"],
        secret_key=vector["secret_key"],
    )
    request = account.list_apps(app_name="测试 app~1", limit=10, offset=0, region="cn").build(MOMENT)
    assert canonical_request(request, vector["signed_headers"].split(";")) == vector["canonical_request"]
    assert request.headers["Authorization"] == vector["authorization"]
    assert {name: request.headers[name] for name in vector["headers"]} == vector["headers"]


def test_region_of_an_account() -> None:
    """An account elsewhere makes its applications and templates there, whether or not a template is international."""
    account = by_key(region="eu")
    add = account.add_template
    assert taken_apart(account.add_app(app_name="a"))[3]["region"] == "eu"
    assert taken_apart(account.count_apps())[2] == {"region": "eu"}
    for international in (True, False):
        *_, body = taken_apart(add(name="n", text="t", international=international, send_country=(1,)))
        assert (body["region"], body["universal_template"]) == ("eu", 0)


def test_ids_cannot_leave_their_place() -> None:
    """Whatever is in an id is encoded, so that it stays one step of the path."""
    request = built(by_key().get_template("*****27-37eb?a=b#c%2F"))
    assert request.path.endswith("/templates/%2A%2A%2A%2A%2A27-37eb%3Fa%3Db%23c%252F")


def parts_of(request: HttpRequest) -> tuple[bytes, bytes]:
    """Head and content of the one part of a form."""
    boundary = request.headers["Content-Type"].removeprefix("multipart/form-data; boundary=").encode()
    start, part, end = request.body.split(b"--" + boundary)
    assert (start, end) == (b"", b"--\r\n")
    head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    return head, content.removesuffix(b"\r\n")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", b"image/png"),
        (b"\xff\xd8\xff\xe0", b"image/jpeg"),
        (b"%PDF-1.7\r\n--x--\r\n", b"application/pdf"),
        (b"\0", b"application/octet-stream"),
    ],
)
def test_upload_of_bytes(content: bytes, kind: bytes) -> None:
    """A file travels as a form with one part, named `file`, with its type, its bytes unchanged."""
    request = built(by_key().upload_file(content, name="许可证.png", file_desc="our licence"))
    head, sent = parts_of(request)
    assert sent == content
    assert head.decode() == (
        f'Content-Disposition: form-data; name="file"; filename="许可证.png"\r\nContent-Type: {kind.decode()}'
    )
    assert request.url.endswith("/upload-files?file_desc=our%20licence")


def test_upload_by_user() -> None:
    """The name is the one that was given, whichever way the call is signed."""
    for account in (by_key(), by_user()):
        assert parts_of(built(account.upload_file(b"%PDF", name="other.pdf")))[0].count(b'filename="other.pdf"') == 1
